//! Randomness of a running node.

use isds_core::ports::Random;

/// The random generator of OpenSSL, seeded by the operating system.
#[derive(Debug, Clone, Copy)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(
        clippy::panic,
        reason = "without randomness no key, salt or object name is safe: the process must not go on"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        if openssl::rand::rand_bytes(bytes).is_err() {
            panic!("the random generator of the system failed");
        }
    }
}
