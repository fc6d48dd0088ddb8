//! DER encoding (X.690 clause 10) of the few shapes that are written here.

use der::asn1::ObjectIdentifier;

use super::tag;

/// Identifier and length octets, the length in the shortest form.
pub(crate) fn header(tag: u8, length: u64) -> Vec<u8> {
    let mut out = vec![tag];
    if length < 0x80 {
        out.push(length.to_le_bytes()[0]);
        return out;
    }
    let octets = length.to_be_bytes();
    let significant = &octets[(length.leading_zeros() / 8) as usize..];
    out.push(0x80 | significant.len().to_le_bytes()[0]);
    out.extend_from_slice(significant);
    out
}

/// One element whose content is the concatenation of `parts`.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = header(tag, length as u64);
    out.reserve_exact(length);
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

pub(crate) fn oid(value: &ObjectIdentifier) -> Vec<u8> {
    tlv(tag::OBJECT_IDENTIFIER, &[value.as_bytes()])
}

/// INTEGER from the big-endian octets of a number that is not negative.
pub(crate) fn unsigned_integer(octets: &[u8]) -> Vec<u8> {
    let start = octets.iter().position(|&octet| octet != 0).unwrap_or(octets.len());
    let significant = &octets[start..];
    match significant.first() {
        None => tlv(tag::INTEGER, &[&[0]]),
        // A set top bit would read as a negative number.
        Some(first) if first & 0x80 != 0 => tlv(tag::INTEGER, &[&[0], significant]),
        Some(_) => tlv(tag::INTEGER, &[significant]),
    }
}

/// SET OF under any tag: DER wants the members in ascending order of their encodings (X.690 clause 11.6).
pub(crate) fn set_of(tag: u8, mut members: Vec<Vec<u8>>) -> Vec<u8> {
    members.sort_unstable();
    let parts: Vec<&[u8]> = members.iter().map(Vec::as_slice).collect();
    tlv(tag, &parts)
}

/// AlgorithmIdentifier; `parameters` is a complete element, or `None` where the algorithm's clause leaves them out.
pub(crate) fn algorithm(algorithm: &ObjectIdentifier, parameters: Option<&[u8]>) -> Vec<u8> {
    tlv(tag::SEQUENCE, &[&oid(algorithm), parameters.unwrap_or_default()])
}

pub(crate) fn null() -> Vec<u8> {
    tlv(tag::NULL, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_shortest_form_up_to_eight_octets() {
        assert_eq!(header(4, 0), [4, 0]);
        assert_eq!(header(4, 127), [4, 127]);
        assert_eq!(header(4, 128), [4, 0x81, 128]);
        assert_eq!(header(4, 256), [4, 0x82, 1, 0]);
        assert_eq!(header(4, 5 << 32), [4, 0x85, 5, 0, 0, 0, 0]);
        assert_eq!(header(4, u64::MAX).len(), 10);
    }

    #[test]
    fn integers_are_minimal_and_positive() {
        assert_eq!(unsigned_integer(&[0, 0, 0x7f]), [2, 1, 0x7f]);
        assert_eq!(unsigned_integer(&[0, 0x80]), [2, 2, 0, 0x80]);
        assert_eq!(unsigned_integer(&[0, 0]), [2, 1, 0]);
    }

    #[test]
    fn members_of_a_set_are_sorted() {
        assert_eq!(
            set_of(0x31, vec![vec![2, 1, 9], vec![2, 1, 3]]),
            [0x31, 6, 2, 1, 3, 2, 1, 9]
        );
    }
}
