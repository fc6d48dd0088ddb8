//! Access data as they are issued: a login name and the activation code with which its owner chooses a password.

use std::fmt;

use crate::ids::IsdsId;
use crate::ports::Random;
use crate::time::Timestamp;

/// Letters and digits that people do not mistake for one another, the same as in box IDs.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Characters of a login name (XSD `tUserID`: 6 to 12).
const LOGIN_LENGTH: usize = 8;
/// Characters of an `isdsID` behind `DS_` (XSD `tIsdsID`: 12 in all).
const ISDS_ID_LENGTH: usize = 9;
/// Groups of four characters of a code's secret: 100 bits.
const SECRET_GROUPS: usize = 5;

/// Access data just issued. What `Debug` shows of them is harmless.
#[derive(Clone)]
pub struct AccessData {
    /// Login name.
    pub login: String,
    /// Activation code, which the owner gives as the password when choosing one (`dbAccessDataId`). It is known to
    /// whoever issued it and to nobody else: only its hash is kept.
    pub code: String,
    /// Hash of the code.
    pub password_hash: String,
    /// Legal time until which the code is good.
    pub expires: Timestamp,
}

impl fmt::Debug for AccessData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessData")
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// A new login name and the code that goes with it. The code begins with the name: an answer of AddDataBoxUser2 has no
/// other place for it.
pub(crate) fn new_login_and_code(random: &dyn Random) -> (String, String) {
    let login = random_text(random, LOGIN_LENGTH);
    let mut code = login.clone();
    for _ in 0..SECRET_GROUPS {
        code.push('-');
        code.push_str(&random_text(random, 4));
    }
    (login, code)
}

/// A new `isdsID`.
#[must_use]
pub fn new_isds_id(random: &dyn Random) -> IsdsId {
    IsdsId(format!("DS_{}", random_text(random, ISDS_ID_LENGTH)))
}

/// A code that somebody types over: 50 bits, for what is good for a short time and a few tries.
pub(crate) fn random_code(random: &dyn Random) -> String {
    format!("{}-{}", random_text(random, 5), random_text(random, 5))
}

fn random_text(random: &dyn Random, length: usize) -> String {
    let mut bytes = vec![0; length];
    random.fill(&mut bytes);
    // 256 is a multiple of 32, so each character is as likely as the other.
    bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    struct Counting(AtomicU8);

    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0.fetch_add(1, Ordering::SeqCst);
            }
        }
    }

    #[test]
    fn have_the_form_of_the_contract() {
        let random = Counting(AtomicU8::new(0));
        let (login, code) = new_login_and_code(&random);
        assert_eq!(
            (login.as_str(), code.as_str()),
            ("abcdefgh", "abcdefgh-ijkm-npqr-stuv-wxyz-2345")
        );
        assert_eq!(new_isds_id(&random).0, "DS_6789abcde");
        let shown = format!(
            "{:?}",
            AccessData {
                login,
                code,
                password_hash: "abc$".into(),
                expires: Timestamp(0)
            }
        );
        assert!(!shown.contains("abc"), "{shown}");
    }
}
