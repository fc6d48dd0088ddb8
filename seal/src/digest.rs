//! Digest algorithms that seals and timestamps were made with since 2009.

use std::fmt;

use der::asn1::ObjectIdentifier;
use openssl::error::ErrorStack;
use openssl::hash::{Hasher, MessageDigest, hash};

use crate::asn1::oids;
use crate::asn1::slice::AlgorithmIdentifier;

/// A digest algorithm (RFC 3370 section 2.1, RFC 5754 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestAlgorithm {
    /// Used until 2010; still met in archives.
    Sha1,
    /// Used since.
    Sha256,
    /// Accepted in foreign timestamps.
    Sha384,
    /// Accepted in foreign timestamps.
    Sha512,
}

impl DigestAlgorithm {
    const ALL: [(Self, ObjectIdentifier); 4] = [
        (Self::Sha1, oids::SHA_1),
        (Self::Sha256, oids::SHA_256),
        (Self::Sha384, oids::SHA_384),
        (Self::Sha512, oids::SHA_512),
    ];

    pub(crate) fn from_identifier(identifier: &AlgorithmIdentifier) -> Option<Self> {
        // None of them has parameters; something else there means something else was meant.
        if identifier.parameters.is_some() {
            return None;
        }
        Self::ALL
            .into_iter()
            .find(|(_, oid)| identifier.is(oid))
            .map(|(algorithm, _)| algorithm)
    }

    pub(crate) fn message_digest(self) -> MessageDigest {
        match self {
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha512 => MessageDigest::sha512(),
        }
    }

    /// The name as `dmHash/@algorithm` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// The algorithm of that name (`SHA-1`, `SHA-256`, …).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .map(|(algorithm, _)| algorithm)
            .find(|algorithm| algorithm.name() == name)
    }

    pub(crate) fn digest(self, data: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        Ok(hash(self.message_digest(), data)?.to_vec())
    }

    pub(crate) fn hasher(self) -> Result<Hasher, ErrorStack> {
        Hasher::new(self.message_digest())
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
