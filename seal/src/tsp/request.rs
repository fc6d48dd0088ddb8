//! TimeStampReq (RFC 3161 section 2.4.1).

use der::asn1::ObjectIdentifier;

use crate::asn1::oids::{self, Oid};
use crate::asn1::slice::{AlgorithmIdentifier, Malformed, Reader};
use crate::asn1::{tag, write};

use super::tst_info::parse_imprint;

const WHAT: &str = "timestamp request";

/// A received request.
#[derive(Debug)]
pub(crate) struct Request {
    pub imprint_algorithm: AlgorithmIdentifier,
    pub imprint: Vec<u8>,
    /// The MessageImprint element, to be repeated as it came.
    pub imprint_element: Vec<u8>,
    pub policy: Option<Oid>,
    /// The INTEGER element, to be repeated as it came.
    pub nonce: Option<Vec<u8>>,
    pub certificate_wanted: bool,
    pub has_extensions: bool,
}

impl Request {
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        let mut outer = Reader::new(der);
        let mut fields = outer.expect(tag::SEQUENCE, WHAT)?.inside();
        outer.end(WHAT)?;
        if fields.small(WHAT)? != 1 {
            return Err(Malformed("timestamp request version"));
        }
        let imprint_element = fields.required(WHAT)?.raw;
        let (imprint_algorithm, imprint) = parse_imprint(&mut Reader::new(imprint_element))?;
        let policy = fields
            .optional(tag::OBJECT_IDENTIFIER, WHAT)?
            .map(|policy| Oid::from_content(policy.content));
        let nonce = fields.optional(tag::INTEGER, WHAT)?.map(|nonce| nonce.raw.to_vec());
        // An unbounded nonce would let whoever asks have any amount of data signed.
        if nonce.as_ref().is_some_and(|nonce| nonce.len() > 66) {
            return Err(Malformed("nonce"));
        }
        let certificate_wanted = fields
            .optional(tag::BOOLEAN, WHAT)?
            .is_some_and(|flag| flag.content != [0]);
        let has_extensions = fields.optional(tag::CONTEXT_0, WHAT)?.is_some();
        fields.end(WHAT)?;
        Ok(Self {
            imprint_algorithm,
            imprint,
            imprint_element: imprint_element.to_vec(),
            policy,
            nonce,
            certificate_wanted,
            has_extensions,
        })
    }
}

/// A request for a token over a SHA-256 imprint, with the signer's certificate inside. `nonce`: an INTEGER element.
pub(crate) fn encode(imprint: &[u8; 32], policy: Option<&ObjectIdentifier>, nonce: &[u8]) -> Vec<u8> {
    let policy = policy.map(write::oid).unwrap_or_default();
    let certificate_wanted = write::tlv(tag::BOOLEAN, &[&[0xff]]);
    write::tlv(
        tag::SEQUENCE,
        &[
            &write::unsigned_integer(&[1]),
            &sha256_imprint(imprint),
            &policy,
            nonce,
            &certificate_wanted,
        ],
    )
}

/// MessageImprint of a SHA-256 digest.
pub(crate) fn sha256_imprint(digest: &[u8; 32]) -> Vec<u8> {
    // Here NULL is written: the built-in authority and real ones repeat it, and old verifiers compare it.
    let algorithm = write::algorithm(&oids::SHA_256, Some(&write::null()));
    write::tlv(tag::SEQUENCE, &[&algorithm, &write::tlv(tag::OCTET_STRING, &[digest])])
}
