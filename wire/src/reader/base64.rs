//! Base64 that comes in pieces, with white space anywhere (RFC 4648, section 4; XSD `base64Binary`).

use base64_simd::STANDARD;

/// Text that is not base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotBase64;

/// Decodes piece by piece. Strict about the alphabet, padding and unused bits; XML white space does not count, since
/// clients send lines of 72 or 76 characters.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// Characters without white space that do not make a group of four yet, and scratch for those that do.
    pending: Vec<u8>,
    raw: Vec<u8>,
    /// Padding was seen: nothing may follow.
    ended: bool,
    /// Anything but white space was seen.
    begun: bool,
}

impl Decoder {
    /// Forgets everything, for the next value.
    pub fn reset(&mut self) {
        self.pending.clear();
        self.raw.clear();
        self.ended = false;
        self.begun = false;
    }

    /// Whether there was anything but white space yet.
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    /// Gives out bytes that are in no base64 as they are.
    pub fn pass(&mut self, piece: &[u8]) {
        self.raw.clear();
        self.raw.extend_from_slice(piece);
    }

    /// Takes the next piece and gives out what it decodes to, which may be nothing.
    pub fn feed(&mut self, piece: &[u8]) -> Result<&[u8], NotBase64> {
        self.raw.clear();
        // The common case, one long line: whole groups are decoded where they lie.
        let whole = piece.len() - piece.len() % 4;
        if self.pending.is_empty()
            && !self.ended
            && whole > 0
            && STANDARD.decode_append(&piece[..whole], &mut self.raw).is_ok()
        {
            self.ended = piece[whole - 1] == b'=';
            return self.rest(&piece[whole..]);
        }
        self.raw.clear();
        self.rest(piece)
    }

    fn rest(&mut self, piece: &[u8]) -> Result<&[u8], NotBase64> {
        for line in piece.split(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            self.pending.extend_from_slice(line);
        }
        self.begun |= !self.pending.is_empty() || !self.raw.is_empty();
        let whole = self.pending.len() - self.pending.len() % 4;
        if self.ended && !self.pending.is_empty() {
            return Err(NotBase64);
        }
        if whole > 0 {
            STANDARD
                .decode_append(&self.pending[..whole], &mut self.raw)
                .map_err(|_| NotBase64)?;
            self.ended = self.pending[whole - 1] == b'=';
            self.pending.drain(..whole);
            if self.ended && !self.pending.is_empty() {
                return Err(NotBase64);
            }
        }
        Ok(&self.raw)
    }

    /// What the last [`feed`](Self::feed) gave out.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The value has ended.
    pub fn finish(&mut self) -> Result<(), NotBase64> {
        let whole = self.pending.is_empty();
        self.reset();
        if whole { Ok(()) } else { Err(NotBase64) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str, step: usize) -> Result<Vec<u8>, NotBase64> {
        let mut decoder = Decoder::default();
        let mut out = Vec::new();
        for piece in text.as_bytes().chunks(step) {
            out.extend_from_slice(decoder.feed(piece)?);
        }
        decoder.finish()?;
        Ok(out)
    }

    #[test]
    fn any_split_and_any_white_space_give_the_same() {
        let raw: Vec<u8> = (0..1000_u32).map(|n| (n * 7 % 251) as u8).collect();
        for length in [0, 1, 2, 3, 4, 53, 54, 55, 999, 1000] {
            let line = STANDARD.encode_to_string(&raw[..length]);
            let mut wrapped = String::new();
            for (n, c) in line.chars().enumerate() {
                if n % 72 == 0 {
                    wrapped.push_str("\r\n \t");
                }
                wrapped.push(c);
            }
            wrapped.push('\n');
            for step in [1, 2, 3, 4, 5, 7, 64, 4096] {
                assert_eq!(
                    decode(&line, step).as_deref(),
                    Ok(&raw[..length]),
                    "{length} bytes in steps of {step}"
                );
                assert_eq!(
                    decode(&wrapped, step).as_deref(),
                    Ok(&raw[..length]),
                    "{length} bytes wrapped, {step}"
                );
            }
        }
    }

    #[test]
    fn strict_about_everything_else() {
        for wrong in [
            "A", "AA", "AAA", "A===", "AA=A", "AAAA=", "AA==AAAA", "AA==\n=", "AB==", "AAA_", "AA A!", "ž", "====",
            "AA=\n", "AAAA\0",
        ] {
            for step in [1, 3, 100] {
                assert_eq!(decode(wrong, step), Err(NotBase64), "{wrong:?} in steps of {step}");
            }
        }
    }
}
