//! The seal: CAdES-BES, with a signature timestamp CAdES-T (ETSI TS 103 173 levels B and T), as a DER frame around streamed content.
//!
//! Only the content's digest and length are needed to make the frame, so content is never held, and one seal costs one
//! private-key operation (and one more of the timestamp authority).

use openssl::sha::sha256;

use crate::asn1::{oids, tag, write};
use crate::keys::SigningKey;
pub use crate::signer_info::SignError;
use crate::signer_info::{SignedInfo, ToSign, frame_prefix};

/// What is known of the content that is to be sealed.
#[derive(Debug, Clone, Copy)]
pub struct Content {
    /// Digest of its octets.
    pub sha256: [u8; 32],
    /// Number of its octets.
    pub length: u64,
}

/// What to write before and after the content; the three together are one DER `ContentInfo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Up to the content's first octet.
    pub prefix: Vec<u8>,
    /// From after the content's last octet.
    pub suffix: Vec<u8>,
    /// Whether a signature timestamp is inside; without it the answer says 0005.
    pub stamped: bool,
}

/// A seal that is signed but not yet stamped.
#[derive(Debug)]
pub struct Signature {
    info: SignedInfo,
    content_length: u64,
    digest_algorithm: Vec<u8>,
    certificates: Vec<u8>,
}

/// Signs the content's digest. `signing_time`: legal time, microseconds of UTC, written in whole seconds.
///
/// # Errors
/// When the key refuses or the time has no ASN.1 form.
pub fn sign(key: &SigningKey, content: Content, signing_time: i64) -> Result<Signature, SignError> {
    let info = SignedInfo::sign(
        key,
        &ToSign {
            content_type: &oids::DATA,
            digest: &content.sha256,
            signing_time,
            algorithm_protection: true,
        },
    )?;
    Ok(Signature {
        info,
        content_length: content.length,
        digest_algorithm: key.encoded().digest_algorithm.clone(),
        certificates: key.encoded().certificates.clone(),
    })
}

/// [`sign`], then asks `stamp` for a token over the signature, then [`Signature::into_frame`].
///
/// # Errors
/// As [`sign`]. That `stamp` has no token is none: the seal is then made without.
pub fn seal(
    key: &SigningKey,
    content: Content,
    signing_time: i64,
    stamp: impl FnOnce(&[u8; 32]) -> Option<Vec<u8>>,
) -> Result<Frame, SignError> {
    let signature = sign(key, content, signing_time)?;
    let token = stamp(&signature.imprint());
    signature.into_frame(token.as_deref())
}

impl Signature {
    /// The message imprint of the signature timestamp: SHA-256 of the signature value.
    pub fn imprint(&self) -> [u8; 32] {
        sha256(self.info.signature())
    }

    /// Finishes the frame; `time_stamp_token` is a DER TimeStampToken over [`Self::imprint`].
    ///
    /// # Errors
    /// When the lengths do not fit 64 bits.
    pub fn into_frame(self, time_stamp_token: Option<&[u8]>) -> Result<Frame, SignError> {
        let signer_infos = write::tlv(tag::SET, &[&self.info.encode(time_stamp_token)]);
        let suffix = [self.certificates, signer_infos].concat();
        // Version 1: the content is id-data, every certificate X.509, the signer named by issuer and serial (RFC 5652 section 5.1).
        let prefix = frame_prefix(1, &oids::DATA, self.content_length, &self.digest_algorithm, &suffix)?;
        Ok(Frame {
            prefix,
            suffix,
            stamped: time_stamp_token.is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_beyond_four_gibibytes_add_up() {
        let suffix = [0_u8; 3000];
        let content = 5 << 32;
        let prefix = frame_prefix(1, &oids::DATA, content, &[0x30, 0], &suffix).unwrap();
        // 30 85 LLLLLLLLLL: five octets of length, and it counts everything after itself.
        assert_eq!(prefix[..2], [0x30, 0x85]);
        let announced = prefix[2..7]
            .iter()
            .fold(0_u64, |sum, &octet| sum << 8 | u64::from(octet));
        assert_eq!(announced, prefix.len() as u64 - 7 + content + suffix.len() as u64);
        assert_eq!(prefix[prefix.len() - 7..], [0x04, 0x85, 5, 0, 0, 0, 0]);
        assert!(matches!(
            frame_prefix(1, &oids::DATA, u64::MAX - 20, &[0x30, 0], &suffix),
            Err(SignError::TooLong)
        ));
    }
}
