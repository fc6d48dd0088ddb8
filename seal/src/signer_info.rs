//! SignerInfo, signed (RFC 5652 section 5.3): the part that a seal and a timestamp token have in common.

use der::asn1::ObjectIdentifier;
use openssl::error::ErrorStack;

use crate::asn1::time::{TimeOutOfRange, encode_signing_time};
use crate::asn1::{oids, tag, write};
use crate::keys::SigningKey;

/// Why a signature could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The private-key operation failed.
    #[error("the signature cannot be computed")]
    OpenSsl(#[from] ErrorStack),
    /// The signing time has no ASN.1 form.
    #[error("the signing time cannot be written")]
    Time(#[from] TimeOutOfRange),
    /// The lengths do not fit 64 bits.
    #[error("the content is too long")]
    TooLong,
}

/// What is signed.
pub(crate) struct ToSign<'a> {
    pub content_type: &'a ObjectIdentifier,
    /// SHA-256 of the content octets.
    pub digest: &'a [u8; 32],
    /// Microseconds of UTC; written in whole seconds.
    pub signing_time: i64,
    /// Adds CMSAlgorithmProtection (RFC 6211), without which the algorithm fields of a SignerInfo are not protected.
    pub algorithm_protection: bool,
}

/// A SignerInfo that is signed but may still get unsigned attributes.
#[derive(Debug)]
pub(crate) struct SignedInfo {
    /// version up to signatureAlgorithm.
    head: Vec<u8>,
    signature: Vec<u8>,
}

impl SignedInfo {
    /// Signs the attributes: one private-key operation.
    pub fn sign(key: &SigningKey, to_sign: &ToSign<'_>) -> Result<Self, SignError> {
        let encoded = key.encoded();
        let mut attributes = vec![
            attribute(&oids::CONTENT_TYPE, &write::oid(to_sign.content_type)),
            attribute(&oids::SIGNING_TIME, &encode_signing_time(to_sign.signing_time)?),
            attribute(&oids::MESSAGE_DIGEST, &write::tlv(tag::OCTET_STRING, &[to_sign.digest])),
            encoded.signing_certificate.clone(),
        ];
        if to_sign.algorithm_protection {
            attributes.push(attribute(&oids::ALGORITHM_PROTECTION, &algorithm_protection(key)?));
        }
        let mut attributes = write::set_of(tag::SET, attributes);
        let signature = key.sign(&attributes)?;
        // Signed as SET OF, written as [0] IMPLICIT (RFC 5652 section 5.4).
        attributes[0] = tag::CONTEXT_0;
        let version = write::unsigned_integer(&[1]);
        let head = [
            version.as_slice(),
            &encoded.signer_identifier,
            &encoded.digest_algorithm,
            &attributes,
            &encoded.signature_algorithm,
        ]
        .concat();
        Ok(Self { head, signature })
    }

    /// What a signature timestamp is made over (RFC 3161 appendix A): the octets of the signature value.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The finished SignerInfo, with a signature timestamp where there is one.
    pub fn encode(&self, time_stamp_token: Option<&[u8]>) -> Vec<u8> {
        let signature = write::tlv(tag::OCTET_STRING, &[&self.signature]);
        let unsigned = time_stamp_token
            .map(|token| write::tlv(tag::CONTEXT_1, &[&attribute(&oids::SIGNATURE_TIME_STAMP, token)]))
            .unwrap_or_default();
        write::tlv(tag::SEQUENCE, &[&self.head, &signature, &unsigned])
    }
}

/// An attribute with one value.
pub(crate) fn attribute(oid: &ObjectIdentifier, value: &[u8]) -> Vec<u8> {
    write::tlv(tag::SEQUENCE, &[&write::oid(oid), &write::tlv(tag::SET, &[value])])
}

/// `CMSAlgorithmProtection ::= SEQUENCE { digestAlgorithm, signatureAlgorithm [1] IMPLICIT }` (RFC 6211 section 2)
fn algorithm_protection(key: &SigningKey) -> Result<Vec<u8>, SignError> {
    let encoded = key.encoded();
    let mut signature_algorithm = encoded.signature_algorithm.clone();
    *signature_algorithm.first_mut().ok_or(SignError::TooLong)? = tag::CONTEXT_1;
    Ok(write::tlv(
        tag::SEQUENCE,
        &[&encoded.digest_algorithm, &signature_algorithm],
    ))
}

/// What stands before the content octets of an enveloping SignedData; `suffix` is what will stand after them.
///
/// Every length before the content is definite, so the length of all that follows has to be known first. `u64` lengths: large
/// messages pass 4 GiB once their attachments are base64. `digest_algorithm`: the members of digestAlgorithms, one as a rule.
pub(crate) fn frame_prefix(
    version: u8,
    content_type: &ObjectIdentifier,
    content_length: u64,
    digest_algorithm: &[u8],
    suffix: &[u8],
) -> Result<Vec<u8>, SignError> {
    let plus = |length: u64, more: usize| length.checked_add(more as u64).ok_or(SignError::TooLong);
    let version = write::unsigned_integer(&[version]);
    let digest_algorithms = write::tlv(tag::SET, &[digest_algorithm]);
    let content_type = write::oid(content_type);
    let signed_data_type = write::oid(&oids::SIGNED_DATA);

    let octets = write::header(tag::OCTET_STRING, content_length);
    let explicit_length = plus(content_length, octets.len())?;
    let explicit = write::header(tag::CONTEXT_0, explicit_length);
    let encapsulated_length = plus(explicit_length, explicit.len() + content_type.len())?;
    let encapsulated = write::header(tag::SEQUENCE, encapsulated_length);
    let signed_data_length = plus(
        encapsulated_length,
        encapsulated.len() + version.len() + digest_algorithms.len() + suffix.len(),
    )?;
    let signed_data = write::header(tag::SEQUENCE, signed_data_length);
    let content_length = plus(signed_data_length, signed_data.len())?;
    let content = write::header(tag::CONTEXT_0, content_length);
    let content_info = write::header(
        tag::SEQUENCE,
        plus(content_length, content.len() + signed_data_type.len())?,
    );

    Ok([
        content_info,
        signed_data_type,
        content,
        signed_data,
        version,
        digest_algorithms,
        encapsulated,
        content_type,
        explicit,
        octets,
    ]
    .concat())
}
