//! BER elements from a stream: nothing larger than asked for is held, and no nesting recurses.

use std::io::{BufRead, BufReader, Read};

use crate::parse::ParseError;

use super::{MAX_DEPTH, tag};

/// Octets asked of the source at once, hence the largest slice that a sink receives.
const BUFFER: usize = 64 * 1024;

/// Identifier and length of an element whose content comes next.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    pub tag: u8,
    length: Option<u64>,
    /// Position of the first content octet.
    start: u64,
    octets: [u8; 10],
    octet_count: usize,
}

impl Header {
    /// Position of the first content octet in the source.
    pub fn start(&self) -> u64 {
        self.start
    }

    fn octets(&self) -> &[u8] {
        &self.octets[..self.octet_count]
    }
}

#[derive(Debug, Clone, Copy)]
enum End {
    At(u64),
    EndOfContents,
}

/// A reader that knows which constructed elements are open.
pub(crate) struct BerStream<R> {
    source: BufReader<R>,
    position: u64,
    open: Vec<End>,
    /// Octets that may still be captured into memory.
    budget: usize,
}

impl<R: Read> BerStream<R> {
    /// `budget`: octets that [`Self::capture`] may hold in all.
    pub fn new(source: R, budget: usize) -> Self {
        Self {
            source: BufReader::with_capacity(BUFFER, source),
            position: 0,
            open: Vec::new(),
            budget,
        }
    }

    /// The next element of the innermost open one, or `None` when that one ends (it is closed then).
    pub fn next(&mut self) -> Result<Option<Header>, ParseError> {
        if let Some(End::At(end)) = self.open.last()
            && self.position == *end
        {
            self.open.pop();
            return Ok(None);
        }
        let start = self.position;
        let tag = self.octet()?;
        if tag == 0 {
            return self.end_of_contents();
        }
        if tag & 0x1f == 0x1f {
            return Err(ParseError::Malformed("tag: numbers above 30 do not occur in CMS"));
        }
        let mut octets = [0; 10];
        octets[0] = tag;
        let first = self.octet()?;
        octets[1] = first;
        let mut octet_count = 2;
        let length = match first {
            0..=0x7f => Some(first.into()),
            0x80 if tag & 0x20 != 0 => None,
            0x81..=0x88 => {
                let mut length = 0_u64;
                for _ in 0..first & 0x7f {
                    let octet = self.octet()?;
                    octets[octet_count] = octet;
                    octet_count += 1;
                    length = length << 8 | u64::from(octet);
                }
                Some(length)
            }
            _ => return Err(ParseError::Malformed("length")),
        };
        let header = Header {
            tag,
            length,
            start: start + octet_count as u64,
            octets,
            octet_count,
        };
        self.check_fits(&header)?;
        Ok(Some(header))
    }

    /// The next element, which has to be there with this tag.
    pub fn expect(&mut self, tag: u8, what: &'static str) -> Result<Header, ParseError> {
        match self.next()? {
            Some(header) if header.tag == tag => Ok(header),
            _ => Err(ParseError::Malformed(what)),
        }
    }

    /// Opens a constructed element: [`Self::next`] then gives what is inside.
    pub fn enter(&mut self, header: &Header) -> Result<(), ParseError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(ParseError::TooDeep);
        }
        self.open.push(match header.length {
            Some(length) => End::At(header.start + length),
            None => End::EndOfContents,
        });
        Ok(())
    }

    /// The innermost open element has to end here.
    pub fn leave(&mut self, what: &'static str) -> Result<(), ParseError> {
        match self.next()? {
            None => Ok(()),
            Some(_) => Err(ParseError::Malformed(what)),
        }
    }

    /// The whole element as received, header and end-of-contents octets with it.
    pub fn capture(&mut self, header: &Header, what: &'static str) -> Result<Vec<u8>, ParseError> {
        let mut out = Vec::new();
        self.take_into(&mut out, header, what)?;
        if header.length.is_some() {
            return Ok(out);
        }
        let outside = self.open.len();
        self.enter(header)?;
        // Only elements of indefinite length are entered below, so every end is an end-of-contents.
        while self.open.len() > outside {
            match self.next()? {
                None => {
                    self.spend(2, what)?;
                    out.extend_from_slice(&[0, 0]);
                }
                Some(inner) => {
                    self.take_into(&mut out, &inner, what)?;
                    if inner.length.is_none() {
                        self.enter(&inner)?;
                    }
                }
            }
        }
        Ok(out)
    }

    /// Hands the octets of an OCTET STRING, primitive or constructed, to the sink as they pass; returns how many there were.
    pub fn octet_string(
        &mut self,
        header: &Header,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), ParseError>,
    ) -> Result<u64, ParseError> {
        const WHAT: &str = "content octet string";
        let outside = self.open.len();
        let mut total = 0;
        let mut current = Some(*header);
        loop {
            match current {
                Some(piece) if piece.tag == tag::OCTET_STRING => {
                    let length = piece.length.ok_or(ParseError::Malformed(WHAT))?;
                    self.pass(length, sink)?;
                    total += length;
                }
                Some(piece) if piece.tag == tag::CONSTRUCTED_OCTET_STRING => self.enter(&piece)?,
                Some(_) => return Err(ParseError::Malformed(WHAT)),
                None => {}
            }
            if self.open.len() == outside {
                return Ok(total);
            }
            current = self.next()?;
        }
    }

    /// Nothing may follow the outermost element: appended bytes would be covered by no signature.
    pub fn finish(mut self) -> Result<(), ParseError> {
        if self.source.fill_buf().map_err(ParseError::Io)?.is_empty() {
            Ok(())
        } else {
            Err(ParseError::TrailingData)
        }
    }

    fn end_of_contents(&mut self) -> Result<Option<Header>, ParseError> {
        let expected = matches!(self.open.last(), Some(End::EndOfContents));
        if !expected || self.octet()? != 0 {
            return Err(ParseError::Malformed("end-of-contents octets"));
        }
        self.open.pop();
        Ok(None)
    }

    /// An element must end within every open element of known length; the innermost such is the tightest.
    fn check_fits(&self, header: &Header) -> Result<(), ParseError> {
        let end = header
            .start
            .checked_add(header.length.unwrap_or(0))
            .ok_or(ParseError::Malformed("length"))?;
        let limit = self.open.iter().rev().find_map(|open| match open {
            End::At(limit) => Some(*limit),
            End::EndOfContents => None,
        });
        if limit.is_some_and(|limit| end > limit) {
            return Err(ParseError::Malformed("length: reaches beyond the enclosing element"));
        }
        Ok(())
    }

    fn octet(&mut self) -> Result<u8, ParseError> {
        let mut octet = [0];
        self.source.read_exact(&mut octet).map_err(ParseError::from_read)?;
        self.position += 1;
        Ok(octet[0])
    }

    fn spend(&mut self, octets: u64, what: &'static str) -> Result<(), ParseError> {
        let octets = usize::try_from(octets).ok().filter(|octets| *octets <= self.budget);
        self.budget -= octets.ok_or(ParseError::TooLarge(what))?;
        Ok(())
    }

    /// Header octets and, where the length is known, the content. The budget is spent before anything is reserved.
    fn take_into(&mut self, out: &mut Vec<u8>, header: &Header, what: &'static str) -> Result<(), ParseError> {
        let length = header.length.unwrap_or(0);
        self.spend(length.saturating_add(header.octet_count as u64), what)?;
        out.extend_from_slice(header.octets());
        self.pass(length, &mut |slice| {
            out.extend_from_slice(slice);
            Ok(())
        })
    }

    fn pass(&mut self, length: u64, sink: &mut dyn FnMut(&[u8]) -> Result<(), ParseError>) -> Result<(), ParseError> {
        let mut left = length;
        while left > 0 {
            let available = loop {
                match self.source.fill_buf() {
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    other => break other.map_err(ParseError::Io)?,
                }
            };
            if available.is_empty() {
                return Err(ParseError::Truncated);
            }
            let count = usize::try_from(left).unwrap_or(usize::MAX).min(available.len());
            sink(&available[..count])?;
            self.source.consume(count);
            self.position += count as u64;
            left -= count as u64;
        }
        Ok(())
    }
}
