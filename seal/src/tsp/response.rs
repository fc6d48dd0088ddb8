//! TimeStampResp (RFC 3161 section 2.4.2): PKIStatusInfo and, where it says granted, the token.

use crate::asn1::slice::{Reader, small};
use crate::asn1::{tag, write};

use super::TspError;

const WHAT: &str = "timestamp response";

/// Bit numbers of PKIFailureInfo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    BadAlg = 0,
    BadDataFormat = 5,
    UnacceptedPolicy = 15,
    UnacceptedExtension = 16,
}

/// A response that grants.
pub(crate) fn granted(token: &[u8]) -> Vec<u8> {
    let status = write::tlv(tag::SEQUENCE, &[&write::unsigned_integer(&[0])]);
    write::tlv(tag::SEQUENCE, &[&status, token])
}

/// A response that rejects (status 2) and says why.
pub(crate) fn rejected(failure: Failure) -> Vec<u8> {
    let bit = failure as usize;
    let mut octets = vec![0_u8; bit / 8 + 1];
    octets[bit / 8] = 0x80 >> (bit % 8);
    // DER: a named bit list ends with its last set bit (X.690 clause 11.2.2); the first octet counts the unused ones.
    let unused = [octets[bit / 8].trailing_zeros().to_le_bytes()[0]];
    let failure = write::tlv(tag::BIT_STRING, &[&unused, &octets]);
    let status = write::tlv(tag::SEQUENCE, &[&write::unsigned_integer(&[2]), &failure]);
    write::tlv(tag::SEQUENCE, &[&status])
}

/// The token of a response that grants.
pub(crate) fn token(der: &[u8]) -> Result<&[u8], TspError> {
    let mut outer = Reader::new(der);
    let mut fields = outer.expect(tag::SEQUENCE, WHAT)?.inside();
    outer.end(WHAT)?;
    let mut status_info = fields.expect(tag::SEQUENCE, WHAT)?.inside();
    let status = small(status_info.expect(tag::INTEGER, WHAT)?, WHAT)?;
    // 0 granted, 1 granted with modifications; what was modified is seen when the token is checked against the request.
    if status > 1 {
        status_info.optional(tag::SEQUENCE, WHAT)?;
        let failure = status_info
            .optional(tag::BIT_STRING, WHAT)?
            .and_then(|bits| first_bit(bits.content));
        return Err(TspError::Refused { status, failure });
    }
    let token = fields.expect(tag::SEQUENCE, WHAT)?.raw;
    fields.end(WHAT)?;
    Ok(token)
}

fn first_bit(bit_string: &[u8]) -> Option<u32> {
    let octets = bit_string.get(1..)?.iter().take(4);
    octets
        .zip(0_u32..)
        .find(|(octet, _)| **octet != 0)
        .map(|(octet, index)| index * 8 + octet.leading_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_named_bits() {
        assert_eq!(rejected(Failure::BadAlg), [0x30, 9, 0x30, 7, 2, 1, 2, 3, 2, 7, 0x80]);
        assert_eq!(
            rejected(Failure::UnacceptedExtension),
            [0x30, 11, 0x30, 9, 2, 1, 2, 3, 4, 7, 0, 0, 0x80]
        );
        for failure in [
            Failure::BadAlg,
            Failure::BadDataFormat,
            Failure::UnacceptedPolicy,
            Failure::UnacceptedExtension,
        ] {
            let refused = token(&rejected(failure)).map(<[u8]>::to_vec);
            assert!(
                matches!(refused, Err(TspError::Refused { status: 2, failure: Some(bit) }) if bit == failure as u32),
                "{failure:?}"
            );
        }
        assert!(matches!(token(&granted(&[0x30, 0])), Ok([0x30, 0])));
        assert!(matches!(token(&granted(&[])), Err(TspError::Malformed(_))));
    }
}
