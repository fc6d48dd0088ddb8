//! Small secrets sealed under keys made from the master key: AES-256-GCM, the purpose as associated data.

use std::fmt;

use isds_core::ports::{SecretError, Secrets};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rand::rand_bytes;
use openssl::sign::Signer;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use zeroize::Zeroizing;

use crate::objects::MasterKey;

/// Begins every sealed secret: the way in which it was sealed.
const VERSION: u8 = 1;
const NONCE: usize = 12;
const TAG: usize = 16;
/// Set apart from each other, and from every other use of the master key.
const SEALING_LABEL: &[u8] = b"isds sealing of small secrets";
const DIGEST_LABEL: &[u8] = b"isds digests of small secrets";

/// Seals under the master key of the objects.
pub struct MasterSecrets {
    sealing: Zeroizing<[u8; 32]>,
    digesting: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for MasterSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterSecrets")
    }
}

impl MasterSecrets {
    /// Secrets under a master key.
    ///
    /// # Errors
    /// Where cryptography fails.
    pub fn new(key: &MasterKey) -> Result<Self, SecretError> {
        let derived = |label| hmac(key.bytes(), &[label]).map(Zeroizing::new).map_err(failed);
        Ok(Self {
            sealing: derived(SEALING_LABEL)?,
            digesting: derived(DIGEST_LABEL)?,
        })
    }
}

impl Secrets for MasterSecrets {
    fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, SecretError> {
        let mut nonce = [0; NONCE];
        rand_bytes(&mut nonce).map_err(failed)?;
        let mut tag = [0; TAG];
        let cipher = Cipher::aes_256_gcm();
        let text = encrypt_aead(
            cipher,
            self.sealing.as_slice(),
            Some(&nonce),
            purpose.as_bytes(),
            plain,
            &mut tag,
        );
        let mut sealed = vec![VERSION];
        sealed.extend_from_slice(&nonce);
        sealed.extend(text.map_err(failed)?);
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }

    fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, SecretError> {
        let short = || SecretError("what was sealed is too short, or sealed in another way", None);
        let rest = sealed.strip_prefix(&[VERSION]).ok_or_else(short)?;
        let (nonce, rest) = rest.split_at_checked(NONCE).ok_or_else(short)?;
        let (text, tag) = rest
            .len()
            .checked_sub(TAG)
            .map(|end| rest.split_at(end))
            .ok_or_else(short)?;
        let cipher = Cipher::aes_256_gcm();
        let opened = decrypt_aead(
            cipher,
            self.sealing.as_slice(),
            Some(nonce),
            purpose.as_bytes(),
            text,
            tag,
        );
        opened.map_err(|_| SecretError("what was sealed is damaged, or of another key or purpose", None))
    }

    fn digest(&self, purpose: &str, plain: &[u8]) -> Result<[u8; 32], SecretError> {
        let length = (purpose.len() as u64).to_be_bytes();
        hmac(self.digesting.as_slice(), &[&length, purpose.as_bytes(), plain]).map_err(failed)
    }
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Result<[u8; 32], ErrorStack> {
    let key = PKey::hmac(key)?;
    let mut signer = Signer::new(MessageDigest::sha256(), &key)?;
    for part in parts {
        signer.update(part)?;
    }
    let mut digest = [0; 32];
    signer.sign(&mut digest)?;
    Ok(digest)
}

fn failed(error: ErrorStack) -> SecretError {
    SecretError("a secret could not be sealed", Some(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_for_its_key_and_purpose_alone() {
        let key = MasterKey::generate().unwrap();
        let secrets = MasterSecrets::new(&key).unwrap();
        let sealed = secrets.seal("codes", b"secret").unwrap();
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
        assert_ne!(sealed, secrets.seal("codes", b"secret").unwrap(), "a nonce of its own");
        assert_eq!(secrets.open("codes", &sealed).unwrap(), b"secret");
        assert_eq!(
            MasterSecrets::new(&key).unwrap().open("codes", &sealed).unwrap(),
            b"secret"
        );
        assert!(secrets.open("other", &sealed).is_err());
        let other = MasterSecrets::new(&MasterKey::generate().unwrap()).unwrap();
        assert!(other.open("codes", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(secrets.open("codes", &damaged).is_err(), "byte {at}");
            assert!(secrets.open("codes", &sealed[..at]).is_err(), "cut at {at}");
        }
        assert_eq!(format!("{secrets:?}"), "MasterSecrets");
    }

    #[test]
    fn digests_differ_by_key_purpose_and_text() {
        let secrets = MasterSecrets::new(&MasterKey::generate().unwrap()).unwrap();
        let digest = secrets.digest("a", b"bc").unwrap();
        assert_eq!(digest, secrets.digest("a", b"bc").unwrap());
        assert_ne!(digest, secrets.digest("ab", b"c").unwrap());
        assert_ne!(digest, secrets.digest("a", b"bd").unwrap());
        let other = MasterSecrets::new(&MasterKey::generate().unwrap()).unwrap();
        assert_ne!(digest, other.digest("a", b"bc").unwrap());
    }
}
