//! One tag, comment, CDATA section or processing instruction, collected byte by byte until it ends.

use super::SealedContentError;

/// Octets of one tag with its attributes, comment, or processing instruction.
pub(super) const MAX_MARKUP: usize = 64 * 1024;

/// Markup from its `<` on; empty between two.
#[derive(Default)]
pub(crate) struct Markup {
    bytes: Vec<u8>,
    quote: Option<u8>,
}

impl Markup {
    /// No markup is open.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Takes the next byte; answers whether the markup ends with it.
    ///
    /// # Errors
    /// Too long, malformed, or a document type declaration.
    pub fn push(&mut self, byte: u8) -> Result<bool, SealedContentError> {
        if self.bytes.len() == MAX_MARKUP {
            return Err(SealedContentError::TooLarge("a tag"));
        }
        self.bytes.push(byte);
        self.ends(byte)
    }

    /// The markup that ended.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Gives the buffer back for the next one.
    pub fn reuse(&mut self, mut bytes: Vec<u8>) {
        bytes.clear();
        self.bytes = bytes;
    }

    /// Whether `byte`, the last of the collected markup, ends it.
    fn ends(&mut self, byte: u8) -> Result<bool, SealedContentError> {
        const COMMENT: &[u8] = b"<!--";
        const CDATA: &[u8] = b"<![CDATA[";
        let markup = self.bytes.as_slice();
        match markup.get(1) {
            Some(b'?') => Ok(markup.len() >= 4 && markup.ends_with(b"?>")),
            Some(b'!') if markup.starts_with(COMMENT) => Ok(markup.len() >= 7 && markup.ends_with(b"-->")),
            Some(b'!') if markup.starts_with(CDATA) => Ok(markup.len() >= CDATA.len() + 3 && markup.ends_with(b"]]>")),
            Some(b'!') if COMMENT.starts_with(markup) || CDATA.starts_with(markup) => Ok(false),
            Some(b'!') => Err(SealedContentError::DocumentType),
            _ => match self.quote {
                Some(quote) => {
                    if byte == quote {
                        self.quote = None;
                    }
                    Ok(false)
                }
                None if byte == b'"' || byte == b'\'' => {
                    self.quote = Some(byte);
                    Ok(false)
                }
                None if byte == b'<' && markup.len() > 1 => Err(SealedContentError::Malformed("'<' inside a tag")),
                None => Ok(byte == b'>'),
            },
        }
    }
}
