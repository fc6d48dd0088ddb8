//! What `object_store` signs its requests with, over the OpenSSL that everything else here uses.

use object_store::client::{CryptoProvider, DigestAlgorithm, DigestContext, HmacContext, Signer, SigningAlgorithm};
use object_store::{Error, Result};
use openssl::hash::MessageDigest;
use openssl::md::Md;
use openssl::md_ctx::MdCtx;
use openssl::pkey::PKey;

/// SHA-256 and HMAC; S3 needs no other signatures.
#[derive(Debug)]
pub(super) struct OpensslProvider;

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Generic {
        store: "S3",
        source: Box::new(error),
    }
}

fn unsupported(what: &str) -> Error {
    Error::NotSupported { source: what.into() }
}

fn only_sha256(algorithm: &DigestAlgorithm) -> Result<()> {
    match algorithm {
        DigestAlgorithm::Sha256 => Ok(()),
        _ => Err(unsupported("a digest other than SHA-256")),
    }
}

impl CryptoProvider for OpensslProvider {
    fn digest(&self, algorithm: DigestAlgorithm) -> Result<Box<dyn DigestContext>> {
        only_sha256(&algorithm)?;
        let mut context = MdCtx::new().map_err(failed)?;
        context.digest_init(Md::sha256()).map_err(failed)?;
        Ok(Box::new(Sha256 {
            context,
            failure: None,
            value: [0; 32],
        }))
    }

    fn hmac(&self, algorithm: DigestAlgorithm, secret: &[u8]) -> Result<Box<dyn HmacContext>> {
        only_sha256(&algorithm)?;
        Ok(Box::new(HmacSha256 {
            secret: secret.to_vec(),
            data: Vec::new(),
            value: Vec::new(),
        }))
    }

    fn sign(&self, _algorithm: SigningAlgorithm, _pem: &[u8]) -> Result<Box<dyn Signer>> {
        Err(unsupported("a signature with a private key"))
    }
}

struct Sha256 {
    context: MdCtx,
    failure: Option<openssl::error::ErrorStack>,
    value: [u8; 32],
}

impl DigestContext for Sha256 {
    fn update(&mut self, data: &[u8]) {
        // The trait cannot say that it failed; `finish` does.
        if let Err(error) = self.context.digest_update(data) {
            self.failure = Some(error);
        }
    }

    fn finish(&mut self) -> Result<&[u8]> {
        if let Some(error) = self.failure.take() {
            return Err(failed(error));
        }
        self.context.digest_final(&mut self.value).map_err(failed)?;
        Ok(&self.value)
    }
}

/// What is signed is a few hundred bytes, so they are gathered.
struct HmacSha256 {
    secret: Vec<u8>,
    data: Vec<u8>,
    value: Vec<u8>,
}

impl HmacContext for HmacSha256 {
    fn update(&mut self, data: &[u8]) {
        self.data.extend_from_slice(data);
    }

    fn finish(&mut self) -> Result<&[u8]> {
        let key = PKey::hmac(&self.secret).map_err(failed)?;
        let mut signer = openssl::sign::Signer::new(MessageDigest::sha256(), &key).map_err(failed)?;
        self.value = signer.sign_oneshot_to_vec(&self.data).map_err(failed)?;
        Ok(&self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4 and RFC 4231, test case 2.
    #[test]
    fn known_answers() {
        let mut digest = OpensslProvider.digest(DigestAlgorithm::Sha256).unwrap();
        digest.update(b"a");
        digest.update(b"bc");
        assert_eq!(
            hex::encode(digest.finish().unwrap()),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        let mut hmac = OpensslProvider.hmac(DigestAlgorithm::Sha256, b"Jefe").unwrap();
        hmac.update(b"what do ya want ");
        hmac.update(b"for nothing?");
        assert_eq!(
            hex::encode(hmac.finish().unwrap()),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
