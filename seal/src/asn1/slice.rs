//! BER elements in memory, as received: nothing is copied and nothing re-encoded.

use std::borrow::Cow;

use der::asn1::ObjectIdentifier;

use super::oids::Oid;
use super::{MAX_DEPTH, tag};

/// Bytes that are not the BER structure they should be; names the part that was being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed {0}")]
pub struct Malformed(pub &'static str);

/// One element.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tlv<'a> {
    pub tag: u8,
    /// Content octets; without the end-of-contents octets where the length is indefinite.
    pub content: &'a [u8],
    /// The whole element as received.
    pub raw: &'a [u8],
    header: usize,
}

impl<'a> Tlv<'a> {
    /// Where the content begins in the whole.
    pub fn content_offset(self) -> usize {
        self.header
    }

    /// Reads the elements inside.
    pub fn inside(self) -> Reader<'a> {
        Reader::new(self.content)
    }

    /// The octets of an OCTET STRING, joined where BER cut it into pieces (X.690 clause 8.7.3).
    pub fn octets(self, what: &'static str) -> Result<Cow<'a, [u8]>, Malformed> {
        match self.tag {
            tag::OCTET_STRING => return Ok(Cow::Borrowed(self.content)),
            tag::CONSTRUCTED_OCTET_STRING => {}
            _ => return Err(Malformed(what)),
        }
        let mut joined = Vec::new();
        let mut open = vec![self.inside()];
        while let Some(reader) = open.last_mut() {
            let Some(piece) = reader.next(what)? else {
                open.pop();
                continue;
            };
            match piece.tag {
                tag::OCTET_STRING => joined.extend_from_slice(piece.content),
                tag::CONSTRUCTED_OCTET_STRING if open.len() < MAX_DEPTH => open.push(piece.inside()),
                _ => return Err(Malformed(what)),
            }
        }
        Ok(Cow::Owned(joined))
    }
}

/// Walks over consecutive elements.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

struct Head {
    tag: u8,
    header: usize,
    length: Option<usize>,
}

fn head(data: &[u8], what: &'static str) -> Result<Head, Malformed> {
    let wrong = Malformed(what);
    let (&tag, after) = data.split_first().ok_or(wrong)?;
    let (&first, after) = after.split_first().ok_or(wrong)?;
    // Tag numbers above 30 do not occur in CMS.
    if tag & 0x1f == 0x1f || tag == 0 {
        return Err(wrong);
    }
    match first {
        0..=0x7f => Ok(Head {
            tag,
            header: 2,
            length: Some(first.into()),
        }),
        0x80 if tag & 0x20 != 0 => Ok(Head {
            tag,
            header: 2,
            length: None,
        }),
        0x81..=0x88 => {
            let count = usize::from(first & 0x7f);
            let octets = after.get(..count).ok_or(wrong)?;
            let length = octets.iter().fold(0_u64, |sum, &octet| sum << 8 | u64::from(octet));
            let length = usize::try_from(length).map_err(|_| wrong)?;
            Ok(Head {
                tag,
                header: 2 + count,
                length: Some(length),
            })
        }
        _ => Err(wrong),
    }
}

/// Octets before the end-of-contents that closes an element of indefinite length.
fn indefinite_content(data: &[u8], what: &'static str) -> Result<usize, Malformed> {
    let mut at = 0;
    let mut depth = 1;
    loop {
        let rest = data.get(at..).ok_or(Malformed(what))?;
        if rest.starts_with(&[0, 0]) {
            depth -= 1;
            if depth == 0 {
                return Ok(at);
            }
            at += 2;
            continue;
        }
        let Head { header, length, .. } = head(rest, what)?;
        match length {
            Some(length) => {
                let end = at.checked_add(header).and_then(|start| start.checked_add(length));
                at = end.ok_or(Malformed(what))?;
            }
            None if depth < MAX_DEPTH => {
                depth += 1;
                at += header;
            }
            None => return Err(Malformed(what)),
        }
    }
}

impl<'a> Reader<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self { rest: data }
    }

    /// The next element, or `None` at the end. `what` names it in the error.
    pub fn next(&mut self, what: &'static str) -> Result<Option<Tlv<'a>>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let Head { tag, header, length } = head(self.rest, what)?;
        let body = self.rest.get(header..).ok_or(Malformed(what))?;
        let (content, trailer) = match length {
            Some(length) => (length, 0),
            None => (indefinite_content(body, what)?, 2),
        };
        let content_octets = body.get(..content).ok_or(Malformed(what))?;
        let (raw, rest) = self.rest.split_at(header + content + trailer);
        self.rest = rest;
        Ok(Some(Tlv {
            tag,
            content: content_octets,
            raw,
            header,
        }))
    }

    /// The next element, which has to be there.
    pub fn required(&mut self, what: &'static str) -> Result<Tlv<'a>, Malformed> {
        self.next(what)?.ok_or(Malformed(what))
    }

    /// The next element, which has to be there and have this tag.
    pub fn expect(&mut self, tag: u8, what: &'static str) -> Result<Tlv<'a>, Malformed> {
        let element = self.required(what)?;
        if element.tag == tag {
            Ok(element)
        } else {
            Err(Malformed(what))
        }
    }

    /// The next element if it has this tag; otherwise nothing is consumed.
    pub fn optional(&mut self, tag: u8, what: &'static str) -> Result<Option<Tlv<'a>>, Malformed> {
        if self.rest.first() == Some(&tag) {
            self.next(what)
        } else {
            Ok(None)
        }
    }

    pub fn oid(&mut self, what: &'static str) -> Result<Oid, Malformed> {
        Ok(Oid::from_content(self.expect(tag::OBJECT_IDENTIFIER, what)?.content))
    }

    /// A small non-negative INTEGER, such as a version.
    pub fn small(&mut self, what: &'static str) -> Result<u32, Malformed> {
        small(self.expect(tag::INTEGER, what)?, what)
    }

    /// Octets not read yet.
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    /// Nothing may follow.
    pub fn end(self, what: &'static str) -> Result<(), Malformed> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Malformed(what))
        }
    }
}

/// Value of a small non-negative INTEGER.
pub(crate) fn small(element: Tlv<'_>, what: &'static str) -> Result<u32, Malformed> {
    match element.content {
        [first, ..] if first & 0x80 == 0 && element.content.len() <= 4 => Ok(element
            .content
            .iter()
            .fold(0, |sum, &octet| sum << 8 | u32::from(octet))),
        _ => Err(Malformed(what)),
    }
}

/// AlgorithmIdentifier ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY OPTIONAL }
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlgorithmIdentifier {
    pub(crate) oid: Oid,
    /// The parameters' element as received; NULL counts as absent, as RFC 5754 section 2 asks of a reader.
    pub(crate) parameters: Option<Vec<u8>>,
}

impl AlgorithmIdentifier {
    /// Reads the content of the SEQUENCE, also where it is tagged IMPLICIT.
    pub(crate) fn parse(element: Tlv<'_>, what: &'static str) -> Result<Self, Malformed> {
        let mut inside = element.inside();
        let oid = inside.oid(what)?;
        let parameters = inside.next(what)?;
        inside.end(what)?;
        let parameters = match parameters {
            None => None,
            Some(null) if null.tag == tag::NULL => {
                if !null.content.is_empty() {
                    return Err(Malformed(what));
                }
                None
            }
            Some(parameters) => Some(parameters.raw.to_vec()),
        };
        Ok(Self { oid, parameters })
    }

    pub(crate) fn is(&self, oid: &ObjectIdentifier) -> bool {
        self.oid == *oid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indefinite_elements_end_at_their_own_end() {
        let data = [
            0x30, 0x80, 0x30, 0x80, 0x02, 0x01, 0x05, 0, 0, 0x02, 0x01, 0x06, 0, 0, 0x05, 0,
        ];
        let mut reader = Reader::new(&data);
        let outer = reader.expect(tag::SEQUENCE, "outer").unwrap();
        assert_eq!(outer.raw.len(), 14);
        let mut inside = outer.inside();
        assert_eq!(inside.expect(tag::SEQUENCE, "inner").unwrap().content, [2, 1, 5]);
        assert_eq!(inside.small("number").unwrap(), 6);
        inside.end("outer").unwrap();
        assert_eq!(reader.required("null").unwrap().tag, tag::NULL);
    }

    #[test]
    fn cut_octet_strings_are_joined() {
        let data = [
            0x24, 0x80, 0x04, 1, b'a', 0x24, 3, 0x04, 1, b'b', 0x04, 0, 0x04, 1, b'c', 0, 0,
        ];
        let element = Reader::new(&data).required("octets").unwrap();
        assert_eq!(element.octets("octets").unwrap().as_ref(), b"abc");
    }

    #[test]
    fn nonsense_is_refused() {
        for data in [
            &[0x30][..],
            &[0x30, 0x80][..],
            &[0x30, 5, 1][..],
            &[0x04, 0x80, 0, 0][..],
            &[0x1f, 1, 0][..],
            &[0x30, 0x89, 1, 1, 1, 1, 1, 1, 1, 1, 1][..],
            &[0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..],
            &[0, 0][..],
        ] {
            assert!(Reader::new(data).next("data").is_err(), "{data:?}");
        }
        let deep: Vec<u8> = [0x30, 0x80].repeat(10_000);
        assert!(Reader::new(&deep).next("deep").is_err());
    }
}
