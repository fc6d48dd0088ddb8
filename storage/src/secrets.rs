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

use crate::objects::{MasterKey, MasterKeys};

/// Begins every sealed secret: the way in which it was sealed.
const VERSION: u8 = 1;
const NONCE: usize = 12;
const TAG: usize = 16;
/// Set apart from each other, and from every other use of the master key.
const SEALING_LABEL: &[u8] = b"isds sealing of small secrets";
const DIGEST_LABEL: &[u8] = b"isds digests of small secrets";

/// What the key of digests is sealed for.
const DIGEST_KEY_PURPOSE: &str = "key of digests";

/// Seals under the current one of the master keys of the objects, opens under each of them.
pub struct MasterSecrets {
    /// The current one first.
    sealing: Vec<Zeroizing<[u8; 32]>>,
    digesting: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for MasterSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterSecrets")
    }
}

impl MasterSecrets {
    /// Secrets under one master key.
    ///
    /// # Errors
    /// Where cryptography fails.
    pub fn new(key: &MasterKey) -> Result<Self, SecretError> {
        Self::of_keys(&key.clone().into(), key)
    }

    /// Secrets under these master keys; digests are made with a key of `eldest`.
    ///
    /// # Errors
    /// Where cryptography fails.
    pub fn of_keys(keys: &MasterKeys, eldest: &MasterKey) -> Result<Self, SecretError> {
        let derived = |key: &MasterKey, label| hmac(key.bytes(), &[label]).map(Zeroizing::new).map_err(failed);
        Ok(Self {
            sealing: keys
                .all()
                .map(|key| derived(key, SEALING_LABEL))
                .collect::<Result<_, _>>()?,
            digesting: derived(eldest, DIGEST_LABEL)?,
        })
    }

    /// The key of digests, sealed.
    ///
    /// # Errors
    /// Where cryptography fails.
    pub fn sealed_digest_key(&self) -> Result<String, SecretError> {
        self.seal(DIGEST_KEY_PURPOSE, self.digesting.as_slice())
            .map(hex::encode)
    }

    /// With the key of digests that was sealed before, under whichever master key.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn with_digest_key(mut self, sealed: &str) -> Result<Self, SecretError> {
        let wrong = || SecretError("the key of digests is none", None);
        let opened = Zeroizing::new(self.open(DIGEST_KEY_PURPOSE, &hex::decode(sealed).map_err(|_| wrong())?)?);
        if opened.len() != self.digesting.len() {
            return Err(wrong());
        }
        self.digesting.copy_from_slice(&opened);
        Ok(self)
    }

    /// The key of digests sealed anew; none where it is under the current master key.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn reseal_digest_key(&self, sealed: &str) -> Result<Option<String>, SecretError> {
        let sealed = hex::decode(sealed).map_err(|_| SecretError("the key of digests is none", None))?;
        Ok(self.reseal(DIGEST_KEY_PURPOSE, &sealed)?.map(hex::encode))
    }

    /// What was sealed, and by the how manieth key.
    fn opened(&self, purpose: &str, sealed: &[u8]) -> Result<(usize, Vec<u8>), SecretError> {
        let short = || SecretError("what was sealed is too short, or sealed in another way", None);
        let rest = sealed.strip_prefix(&[VERSION]).ok_or_else(short)?;
        let (nonce, rest) = rest.split_at_checked(NONCE).ok_or_else(short)?;
        let (text, tag) = rest
            .len()
            .checked_sub(TAG)
            .map(|end| rest.split_at(end))
            .ok_or_else(short)?;
        let cipher = Cipher::aes_256_gcm();
        let open = |key: &Zeroizing<[u8; 32]>| {
            decrypt_aead(cipher, key.as_slice(), Some(nonce), purpose.as_bytes(), text, tag).ok()
        };
        let mut opened = self.sealing.iter().map(open).enumerate();
        opened
            .find_map(|(place, plain)| plain.map(|plain| (place, plain)))
            .ok_or(SecretError(
                "what was sealed is damaged, or of another key or purpose",
                None,
            ))
    }
}

impl Secrets for MasterSecrets {
    fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, SecretError> {
        let current = self.sealing.first().ok_or(SecretError("there is no key", None))?;
        let mut nonce = [0; NONCE];
        rand_bytes(&mut nonce).map_err(failed)?;
        let mut tag = [0; TAG];
        let cipher = Cipher::aes_256_gcm();
        let text = encrypt_aead(
            cipher,
            current.as_slice(),
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
        self.opened(purpose, sealed).map(|(_, plain)| plain)
    }

    fn reseal(&self, purpose: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, SecretError> {
        match self.opened(purpose, sealed)? {
            (0, _) => Ok(None),
            (_, plain) => self.seal(purpose, &Zeroizing::new(plain)).map(Some),
        }
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
    fn outlive_their_master_key() {
        let (former, current) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
        let before = MasterSecrets::new(&former).unwrap();
        let (sealed, digest) = (
            before.seal("codes", b"secret").unwrap(),
            before.digest("codes", b"x").unwrap(),
        );
        let kept = before.sealed_digest_key().unwrap();
        let both = MasterKeys::new(current.clone(), vec![former.clone()]);
        let meanwhile = MasterSecrets::of_keys(&both, &former)
            .unwrap()
            .with_digest_key(&kept)
            .unwrap();
        assert_eq!(meanwhile.open("codes", &sealed).unwrap(), b"secret");
        let sealed = meanwhile.reseal("codes", &sealed).unwrap().unwrap();
        let kept = meanwhile.reseal_digest_key(&kept).unwrap().unwrap();
        assert_eq!(meanwhile.reseal("codes", &sealed).unwrap(), None);
        assert_eq!(meanwhile.reseal_digest_key(&kept).unwrap(), None);
        let after = MasterSecrets::new(&current).unwrap().with_digest_key(&kept).unwrap();
        assert_eq!(after.open("codes", &sealed).unwrap(), b"secret");
        assert_eq!(after.digest("codes", b"x").unwrap(), digest);
        assert!(before.reseal("codes", &sealed).is_err());
    }

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
