//! Object identifiers, with the standard that names each.

use std::fmt;

use der::asn1::ObjectIdentifier;

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

// Content types: RFC 5652 sections 4 and 5.1, RFC 3161 section 2.4.2.
pub const DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.1");
pub const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
pub const TST_INFO: ObjectIdentifier = oid("1.2.840.113549.1.9.16.1.4");

// Signed attributes: RFC 5652 section 11, RFC 5035, RFC 2634, RFC 6211.
pub const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
pub const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
pub const SIGNING_TIME: ObjectIdentifier = oid("1.2.840.113549.1.9.5");
pub const SIGNING_CERTIFICATE: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.12");
pub const SIGNING_CERTIFICATE_V2: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.47");
pub const ALGORITHM_PROTECTION: ObjectIdentifier = oid("1.2.840.113549.1.9.52");

// Unsigned attributes: RFC 3161 appendix A; ETSI EN 319 122-1 clauses 5.5.2, 5.5.3 and A.2, ETSI TS 101 733 V2.2.1 clause 6.4.
pub const SIGNATURE_TIME_STAMP: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.14");
pub const ARCHIVE_TIME_STAMP_V3: ObjectIdentifier = oid("0.4.0.1733.2.4");
pub const ATS_HASH_INDEX: ObjectIdentifier = oid("0.4.0.1733.2.5");
pub const ATS_HASH_INDEX_V3: ObjectIdentifier = oid("0.4.0.19122.1.5");
// Older forms of evidence for archives, which restrict how a signature may be raised further.
pub const ARCHIVE_TIME_STAMP: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.27");
pub const ARCHIVE_TIME_STAMP_V2: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.48");
pub const LONG_TERM_VALIDATION: ObjectIdentifier = oid("0.4.0.1733.2.2");

// Digests: RFC 3370, RFC 5754.
pub const SHA_1: ObjectIdentifier = oid("1.3.14.3.2.26");
pub const SHA_256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
pub const SHA_384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
pub const SHA_512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");

// Signatures: RFC 8017 appendix C, RFC 5754 section 3.
pub const RSA_ENCRYPTION: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
pub const SHA_1_WITH_RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.5");
pub const MGF1: ObjectIdentifier = oid("1.2.840.113549.1.1.8");
pub const RSASSA_PSS: ObjectIdentifier = oid("1.2.840.113549.1.1.10");
pub const SHA_256_WITH_RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.11");
pub const SHA_384_WITH_RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.12");
pub const SHA_512_WITH_RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.13");
pub const ECDSA_WITH_SHA_1: ObjectIdentifier = oid("1.2.840.10045.4.1");
pub const ECDSA_WITH_SHA_256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
pub const ECDSA_WITH_SHA_384: ObjectIdentifier = oid("1.2.840.10045.4.3.3");
pub const ECDSA_WITH_SHA_512: ObjectIdentifier = oid("1.2.840.10045.4.3.4");

// Certificate extensions: RFC 5280 section 4.2.
pub const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = oid("2.5.29.14");
pub const KEY_USAGE: ObjectIdentifier = oid("2.5.29.15");
pub const EXTENDED_KEY_USAGE: ObjectIdentifier = oid("2.5.29.37");
pub const TIME_STAMPING: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.8");

/// An object identifier as received: any length, compared by its content octets.
///
/// Foreign files may name attributes whose identifiers exceed what [`ObjectIdentifier`] holds; they must stay readable.
#[derive(Clone, PartialEq, Eq)]
pub struct Oid(Vec<u8>);

impl Oid {
    pub(crate) fn from_content(content: &[u8]) -> Self {
        Self(content.to_vec())
    }
}

impl PartialEq<ObjectIdentifier> for Oid {
    fn eq(&self, other: &ObjectIdentifier) -> bool {
        self.0 == other.as_bytes()
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match ObjectIdentifier::from_bytes(&self.0) {
            Ok(oid) => write!(f, "{oid}"),
            Err(_) => write!(f, "unreadable object identifier of {} octets", self.0.len()),
        }
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}
