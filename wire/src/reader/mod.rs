//! Reading requests: a pull reader over a stream of bytes that holds one token at a time.
//!
//! Bounded in depth, in the size of a token, in the number of elements and attributes and as a whole; the content of an attachment
//! alone has no token limit, since it is decoded in slices as it comes and never held. Entities other than the five of
//! XML and document type declarations are refused. White space around elements, comments, CDATA and processing
//! instructions are tolerated.
//!
//! Where a request is a package (see [`mtom`](crate::mtom)), an `xop:Include` gives the content that base64 would.
//!
//! `xsi:nil`, an empty element and a missing one are alike: no value. Elements of the contract are recognised in its
//! namespace and in none.

mod base64;
mod bounded;
mod error;
mod fields;
mod record;
mod request;
mod token;

use std::sync::Arc;

use isds_core::Refusal;
use isds_core::status::Status;
use quick_xml::NsReader;
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

pub use error::ReadError;
pub use fields::{Fields, integer, message_id};
pub use record::MAX_RECORDED;
pub(crate) use request::read_on;
pub use request::{Request, SoapVersion, read_all_for_check};
pub use token::{Attribute, Element};

use crate::mtom::{MtomError, Package, Transfer};

use base64::Decoder;
use bounded::{Bounded, Limit};
use record::Recorder;
use token::Token;

/// Most levels of elements; the deepest request of the contract has seven.
pub const MAX_DEPTH: usize = 64;
/// Longest tag, text or comment outside the content of an attachment, in bytes.
pub const MAX_TOKEN: usize = 64 * 1024;
/// Most attributes of an element, namespace declarations included.
pub const MAX_ATTRIBUTES: usize = 64;
/// Most elements of a request; 100 attachments make 300.
pub const MAX_ELEMENTS: usize = 10_000;
/// How much base64 is decoded at once, in bytes.
const CONTENT_STEP: usize = 64 * 1024;

/// A pull reader. Within an element, [`next_child`](Self::next_child) goes from child to child; for each child exactly
/// one of [`next_child`](Self::next_child) (to its end), [`text`](Self::text), [`content`](Self::content) (to its end)
/// or [`skip`](Self::skip) takes what is inside.
pub struct XmlReader<R> {
    xml: NsReader<Bounded<Package<R>>>,
    buffer: Vec<u8>,
    decoder: Decoder,
    depth: usize,
    elements: usize,
    /// The element handed out last was written as an empty tag: its end comes without anything to read.
    empty: bool,
    begun: bool,
    recorder: Option<Recorder>,
    /// The part that is read in the place of the open element's text.
    part: Option<Transfer>,
    /// The open element has an `Include`.
    included: bool,
}

impl<R: AsyncBufRead + Unpin> XmlReader<R> {
    /// Reads from `source` at most `total` bytes.
    pub fn new(source: R, total: u64) -> Self {
        Self::of_package(Package::document(source), total)
    }

    /// Reads the envelope of a package, and where it says so, its parts; together at most `total` bytes.
    pub fn of_package(package: Package<R>, total: u64) -> Self {
        let xml = NsReader::from_reader(Bounded::new(package, total));
        Self {
            xml,
            buffer: Vec::with_capacity(512),
            decoder: Decoder::default(),
            depth: 0,
            elements: 0,
            empty: false,
            begun: false,
            recorder: None,
            part: None,
            included: false,
        }
    }

    /// The root element.
    ///
    /// # Errors
    /// [`ReadError`]: what stands there is no element.
    pub async fn root(&mut self) -> Result<Element, ReadError> {
        loop {
            match self.token().await? {
                Token::Open(element) => return Ok(element),
                Token::Skip => {}
                Token::Text(text) if is_space(text.trim_start_matches('\u{FEFF}')) => {}
                Token::Text(_) | Token::Close => return Err(ReadError::Malformed("text before the document")),
                Token::End => return Err(ReadError::Truncated),
            }
        }
    }

    /// The next child of the open element, or nothing at its end. Text between children is passed over.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn next_child(&mut self) -> Result<Option<Element>, ReadError> {
        loop {
            match self.token().await? {
                Token::Open(element) => return Ok(Some(element)),
                Token::Close => return Ok(None),
                Token::Text(_) | Token::Skip => {}
                Token::End => return Err(ReadError::Truncated),
            }
        }
    }

    /// The text of the open element up to its end; nothing where it is empty.
    ///
    /// # Errors
    /// 2007 where it has children; other [`ReadError`]s.
    pub async fn text(&mut self, name: &str) -> Result<Option<String>, ReadError> {
        let mut text = String::new();
        loop {
            match self.token().await? {
                Token::Text(piece) if text.is_empty() => text = piece,
                Token::Text(piece) if text.len() + piece.len() <= MAX_TOKEN => text.push_str(&piece),
                Token::Text(_) => return Err(ReadError::TokenTooLong),
                Token::Skip => {}
                Token::Close => return Ok(Some(text).filter(|text| !text.is_empty())),
                Token::Open(_) => {
                    return Err(
                        Refusal::about(Status::INVALID_STRUCTURE, format!("{name} má obsahovat jen text.")).into(),
                    );
                }
                Token::End => return Err(ReadError::Truncated),
            }
        }
    }

    /// Passes over the rest of the open element.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn skip(&mut self) -> Result<(), ReadError> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            if matches!(self.token().await?, Token::End) {
                return Err(ReadError::Truncated);
            }
        }
        Ok(())
    }

    /// The one child of the open element as it was written, with the namespace declarations in scope, up to the end of
    /// the open element.
    ///
    /// # Errors
    /// 2010 where there is no child or more than one; other [`ReadError`]s.
    pub async fn child_as_written(&mut self) -> Result<Vec<u8>, ReadError> {
        self.recorder = Some(Recorder::default());
        let one = self.next_child().await?.is_some();
        if one {
            self.skip().await?;
        }
        let recorded = self.recorder.take().map(Recorder::into_bytes).unwrap_or_default();
        if !one || self.next_child().await?.is_some() {
            return Err(Refusal::about(Status::INVALID_DOCUMENT, "dmXMLContent má obsahovat jeden element.").into());
        }
        Ok(recorded)
    }

    /// The next bytes that the open element's base64 decodes to, or that the part holds to which its `Include` refers;
    /// nothing at its end. Call it until then.
    ///
    /// # Errors
    /// 2010 for what is not base64; other [`ReadError`]s.
    pub async fn content(&mut self) -> Result<Option<&[u8]>, ReadError> {
        loop {
            if let Some(transfer) = self.part {
                if self.feed_part(transfer).await? {
                    return Ok(Some(self.decoder.raw()));
                }
                continue;
            }
            // What an attachment holds never goes through the parser, which would collect it whole.
            let fed = if !self.empty && self.feed_plain_content().await? {
                true
            } else {
                match self.any_token().await? {
                    Token::Text(piece) => {
                        self.decoder.feed(piece.as_bytes()).map_err(|_| not_base64())?;
                        true
                    }
                    Token::Skip => false,
                    Token::Close => {
                        self.included = false;
                        self.decoder.finish().map_err(|_| not_base64())?;
                        return Ok(None);
                    }
                    Token::Open(element) if element.is_include() => {
                        self.include(&element).await?;
                        false
                    }
                    Token::Open(_) => return Err(not_base64()),
                    Token::End => return Err(ReadError::Truncated),
                }
            };
            if fed && self.included && self.decoder.has_begun() {
                return Err(MtomError::NotAlone.into());
            }
            if fed && !self.decoder.raw().is_empty() {
                return Ok(Some(self.decoder.raw()));
            }
        }
    }

    /// Takes an `Include` up to its end, and goes to the part that it refers to.
    async fn include(&mut self, element: &Element) -> Result<(), ReadError> {
        if !self.has_parts() {
            return Err(MtomError::NoPackage.into());
        }
        if self.included || self.decoder.has_begun() {
            return Err(MtomError::NotAlone.into());
        }
        let href = element.attribute("href").ok_or(MtomError::Href)?;
        self.skip().await?;
        let attached = self.xml.get_mut().source().attach(href).await;
        self.part = Some(attached.map_err(|error| self.io_error(error))?);
        self.included = true;
        Ok(())
    }

    /// Takes a slice of the part; false at its end.
    async fn feed_part(&mut self, transfer: Transfer) -> Result<bool, ReadError> {
        loop {
            let Self { xml, decoder, .. } = self;
            let source = xml.get_mut().source();
            let bytes = match source.part().await {
                Ok(bytes) => bytes,
                Err(error) => return Err(self.io_error(error)),
            };
            let length = bytes.len().min(CONTENT_STEP);
            let fed = match transfer {
                _ if length == 0 => decoder.finish(),
                Transfer::AsItIs => {
                    decoder.pass(&bytes[..length]);
                    Ok(())
                }
                Transfer::Base64 => decoder.feed(&bytes[..length]).map(|_| ()),
            };
            fed.map_err(|_| not_base64())?;
            if length == 0 {
                self.part = None;
                return Ok(false);
            }
            source.consume_part(length);
            if !xml.get_mut().count(length) {
                return Err(ReadError::TooLarge);
            }
            if !self.decoder.raw().is_empty() {
                return Ok(true);
            }
        }
    }

    fn has_parts(&mut self) -> bool {
        self.xml.get_mut().source().has_parts()
    }

    /// Takes a slice of text as it lies in the source; false where markup or a reference comes next.
    async fn feed_plain_content(&mut self) -> Result<bool, ReadError> {
        let Self { xml, decoder, .. } = self;
        let source = xml.get_mut();
        source.begin_token(CONTENT_STEP);
        let bytes = match source.fill_buf().await {
            Ok(bytes) => bytes,
            Err(error) => return Err(self.io_error(error)),
        };
        if bytes.is_empty() {
            return Err(ReadError::Truncated);
        }
        let length = memchr::memchr2(b'<', b'&', bytes).unwrap_or(bytes.len());
        if length == 0 {
            return Ok(false);
        }
        let fed = decoder.feed(&bytes[..length]).map(|_| ()).map_err(|_| not_base64());
        source.consume(length);
        fed.map(|()| true)
    }

    /// The document ends here, and the package with it.
    ///
    /// # Errors
    /// [`ReadError`] where anything but white space, comments and processing instructions follows, or another part.
    pub async fn end(&mut self) -> Result<(), ReadError> {
        loop {
            match self.token().await? {
                Token::End => {
                    let finished = self.xml.get_mut().source().finish().await;
                    return finished.map_err(|error| self.io_error(error));
                }
                Token::Skip => {}
                Token::Text(text) if is_space(&text) => {}
                Token::Text(_) | Token::Open(_) | Token::Close => {
                    return Err(ReadError::Malformed("something after the document"));
                }
            }
        }
    }

    /// The next token where no content is taken, so that an `Include` has no place.
    async fn token(&mut self) -> Result<Token, ReadError> {
        match self.any_token().await? {
            Token::Open(element) if element.is_include() && self.has_parts() => Err(MtomError::Misplaced.into()),
            token => Ok(token),
        }
    }

    async fn any_token(&mut self) -> Result<Token, ReadError> {
        if std::mem::take(&mut self.empty) {
            self.depth -= 1;
            return Ok(Token::Close);
        }
        self.buffer.clear();
        self.xml.get_mut().begin_token(MAX_TOKEN);
        let read = match self.xml.read_event_into_async(&mut self.buffer).await {
            Ok(event) => {
                let recorded = match &mut self.recorder {
                    Some(recorder) => recorder.see(&event, self.xml.resolver()),
                    None => Ok(()),
                };
                recorded.and_then(|()| token::from_event(&event, self.xml.resolver(), self.begun))
            }
            Err(quick_xml::Error::Io(error)) => {
                return Err(self.limit().unwrap_or_else(|| ReadError::from_io(error)));
            }
            Err(error) => Err(ReadError::from_xml(error)),
        };
        let (token, empty) = read?;
        // A byte order mark that came in pieces is not recognised by the parser and is still no beginning.
        self.begun |= !matches!(&token, Token::Text(text) if text == "\u{FEFF}");
        match &token {
            Token::Open(_) if self.depth == MAX_DEPTH => return Err(ReadError::TooDeep),
            Token::Open(_) if self.elements == MAX_ELEMENTS => return Err(ReadError::TooManyElements),
            Token::Open(_) => {
                self.depth += 1;
                self.elements += 1;
                self.empty = empty;
            }
            Token::Close => self.depth -= 1,
            Token::Text(_) | Token::Skip | Token::End => {}
        }
        Ok(token)
    }

    fn io_error(&mut self, error: std::io::Error) -> ReadError {
        self.limit().unwrap_or_else(|| ReadError::from_io(Arc::new(error)))
    }

    fn limit(&mut self) -> Option<ReadError> {
        self.xml.get_mut().met().map(|limit| match limit {
            Limit::Token => ReadError::TokenTooLong,
            Limit::Total => ReadError::TooLarge,
        })
    }
}

fn is_space(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

fn not_base64() -> ReadError {
    Refusal::about(Status::INVALID_DOCUMENT, "obsah není v platném kódování base64.").into()
}

#[cfg(test)]
mod tests;
