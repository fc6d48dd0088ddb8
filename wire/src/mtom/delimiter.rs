//! Looking for the delimiter between two parts in a stream that comes in pieces (RFC 2046, section 5.1.1).

use std::ops::Range;

use memchr::memmem::Finder;

/// Line break, two hyphens and the boundary, and how much of it has gone by.
///
/// Whatever pieces the source comes in, nothing is copied and nothing is held: the beginning of what may be a delimiter
/// at the end of a piece is known without its bytes, since they are those of the delimiter.
pub(super) struct Delimiter {
    line: Vec<u8>,
    finder: Finder<'static>,
    /// So many bytes of it are behind us, already taken from the source.
    matched: usize,
    /// So many of them were never there: the line break before a boundary that comes first in the body or in a part.
    pretended: usize,
    /// This range of it went by and was data after all.
    held: Range<usize>,
}

/// What the next bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// So many are data.
    Data(usize),
    /// What went by is data: [`Delimiter::held`].
    Held,
    /// So many, up to the end of the piece, may be the beginning of a delimiter.
    Perhaps(usize),
    /// So many are the rest of a delimiter.
    Found(usize),
}

impl Delimiter {
    /// For a boundary, which has no line break in it.
    pub fn new(boundary: &str) -> Self {
        let line = format!("\r\n--{boundary}").into_bytes();
        let mut delimiter = Self {
            finder: Finder::new(&line).into_owned(),
            line,
            matched: 0,
            pretended: 0,
            held: 0..0,
        };
        delimiter.begin_part();
        delimiter
    }

    /// The body or a part begins. The line break before a boundary belongs to it, and may be that of the line before:
    /// at the beginning of the body, and after an empty line that ends a head, there is no other.
    pub fn begin_part(&mut self) {
        (self.matched, self.pretended) = (2, 2);
    }

    /// Bytes that went by and are data.
    pub fn held(&self) -> &[u8] {
        &self.line[self.held.clone()]
    }

    /// So many of them were read.
    pub fn consume_held(&mut self, amount: usize) {
        self.held.start += amount;
    }

    /// Looks at the next bytes, which are not none, once nothing is held. Those of [`Step::Perhaps`] and
    /// [`Step::Found`] are to be taken from the source.
    pub fn step(&mut self, piece: &[u8]) -> Step {
        if self.matched > 0 {
            return self.go_on(piece);
        }
        match self.finder.find(piece) {
            Some(0) => Step::Found(self.line.len()),
            Some(at) => Step::Data(at),
            None => match self.beginning_at_end(piece) {
                perhaps if perhaps == piece.len() => {
                    self.matched = perhaps;
                    Step::Perhaps(perhaps)
                }
                perhaps => Step::Data(piece.len() - perhaps),
            },
        }
    }

    fn go_on(&mut self, piece: &[u8]) -> Step {
        let rest = &self.line[self.matched..];
        let same = piece.iter().zip(rest).take_while(|(one, other)| one == other).count();
        if same == rest.len() {
            (self.matched, self.pretended) = (0, 0);
            return Step::Found(same);
        }
        if same == piece.len() {
            self.matched += same;
            return Step::Perhaps(same);
        }
        // No other delimiter can begin within what went by: its first byte comes nowhere else in it.
        self.held = self.pretended..self.matched;
        (self.matched, self.pretended) = (0, 0);
        Step::Held
    }

    /// How many bytes at the end of a piece may be the beginning of a delimiter.
    fn beginning_at_end(&self, piece: &[u8]) -> usize {
        let tail = &piece[piece.len().saturating_sub(self.line.len() - 1)..];
        match memchr::memrchr(b'\r', tail) {
            Some(at) if self.line.starts_with(&tail[at..]) => tail.len() - at,
            _ => 0,
        }
    }
}
