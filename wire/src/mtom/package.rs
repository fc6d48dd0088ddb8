//! A request as its envelope, with the parts beside it at hand.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, ReadBuf};

use super::framing::{Framing, poll_read};
use super::head::Head;
use super::{MAX_OUTSIDE, MAX_PARTS, MAX_REST, MtomError, Related};

/// How the bytes of a part are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transfer {
    /// As they are: 7bit, 8bit, binary.
    AsItIs,
    /// In base64.
    Base64,
}

/// A request, of which reading gives out the envelope alone: a document as it lies in the source, or the root part of a
/// package.
pub struct Package<R>(Form<R>);

enum Form<R> {
    Document(R),
    Parts(Box<Parts<R>>),
}

struct Parts<R> {
    framing: Framing<R>,
    /// The rest of the root part, read ahead because the content of its first `Include` lies behind it.
    rest: Option<Vec<u8>>,
    rest_read: usize,
    /// Names of the parts so far.
    names: Vec<String>,
}

impl<R: AsyncBufRead + Unpin> Package<R> {
    /// A document that is no package.
    pub fn document(source: R) -> Self {
        Self(Form::Document(source))
    }

    /// A package, up to the beginning of its root part. The root part has to come first (RFC 2387 lets it stand
    /// anywhere, and its content would have to be kept until then).
    ///
    /// # Errors
    /// [`MtomError`], as an error of reading; those of the source.
    pub async fn open(source: R, related: &Related) -> io::Result<Self> {
        let mut framing = Framing::new(source, &related.boundary);
        let mut before = 0;
        loop {
            let length = match framing.fill_buf().await {
                Ok(bytes) => bytes.len(),
                Err(error) if MtomError::inside(&error) == Some(MtomError::Truncated) => {
                    return Err(MtomError::NoRoot.into());
                }
                Err(error) => return Err(error),
            };
            if length == 0 {
                break;
            }
            before += length;
            if before > MAX_OUTSIDE {
                return Err(MtomError::Outside.into());
            }
            framing.consume(length);
        }
        let head = framing.next_part().await?.ok_or(MtomError::NoRoot)?;
        let head = Head::parse(&head)?;
        if related.start.is_some() && related.start.as_deref() != head.id() {
            return Err(MtomError::Start.into());
        }
        head.is_root()?;
        Ok(Self(Form::Parts(Box::new(Parts {
            framing,
            rest: None,
            rest_read: 0,
            names: head.id().map(str::to_owned).into_iter().collect(),
        }))))
    }

    /// Whether there are parts.
    pub fn has_parts(&self) -> bool {
        matches!(self.0, Form::Parts(_))
    }

    /// Goes to the part with this name, which has to be the next one. What is left of the envelope is read ahead.
    ///
    /// # Errors
    /// [`MtomError`], as an error of reading; those of the source.
    pub async fn attach(&mut self, href: &str) -> io::Result<Transfer> {
        match &mut self.0 {
            Form::Document(_) => Err(MtomError::NoPackage.into()),
            Form::Parts(parts) => parts.attach(href).await,
        }
    }

    /// The bytes of the part that was gone to, nothing at its end.
    ///
    /// # Errors
    /// [`MtomError::Truncated`], as an error of reading; those of the source.
    pub async fn part(&mut self) -> io::Result<&[u8]> {
        match &mut self.0 {
            Form::Document(_) => Err(MtomError::NoPackage.into()),
            Form::Parts(parts) => parts.framing.fill_buf().await,
        }
    }

    /// So many of them were read.
    pub fn consume_part(&mut self, amount: usize) {
        if let Form::Parts(parts) = &mut self.0 {
            parts.framing.consume(amount);
        }
    }

    /// The envelope has ended, and so must the package.
    ///
    /// # Errors
    /// [`MtomError::Unreferenced`] where another part follows, [`MtomError::Outside`], [`MtomError::Delimiter`],
    /// [`MtomError::Truncated`], as errors of reading; those of the source.
    pub async fn finish(&mut self) -> io::Result<()> {
        let Form::Parts(parts) = &mut self.0 else { return Ok(()) };
        if parts.framing.next_part().await?.is_some() {
            return Err(MtomError::Unreferenced.into());
        }
        parts.framing.epilogue().await
    }
}

impl<R: AsyncBufRead + Unpin> Parts<R> {
    async fn attach(&mut self, href: &str) -> io::Result<Transfer> {
        let written = content_id(href).ok_or(MtomError::Href)?;
        let wanted = unescape(written).ok_or(MtomError::Href)?;
        // Some clients copy the name into the URL without escaping it.
        let is_it = |name: &str| name == wanted || name == written;
        if self.names.iter().any(|name| is_it(name)) {
            return Err(MtomError::Twice.into());
        }
        // The root counts as well.
        if self.names.len() > MAX_PARTS {
            return Err(MtomError::TooManyParts.into());
        }
        if self.rest.is_none() {
            self.rest = Some(self.read_ahead().await?);
        }
        if !self.framing.is_at_delimiter() {
            // Whoever reads a part reads it to its end.
            return Err(MtomError::WrongPart.into());
        }
        let head = self.framing.next_part().await?.ok_or(MtomError::WrongPart)?;
        let head = Head::parse(&head)?;
        let transfer = head.is_content()?;
        let name = head.id().ok_or(MtomError::WrongPart)?;
        if !is_it(name) {
            let again = self.names.iter().any(|other| other == name);
            return Err(if again { MtomError::Twice } else { MtomError::WrongPart }.into());
        }
        self.names.push(name.to_owned());
        Ok(transfer)
    }

    async fn read_ahead(&mut self) -> io::Result<Vec<u8>> {
        let mut rest = Vec::new();
        loop {
            let bytes = self.framing.fill_buf().await?;
            let length = bytes.len();
            if length == 0 {
                return Ok(rest);
            }
            if rest.len() + length > MAX_REST {
                return Err(MtomError::LongRest.into());
            }
            rest.extend_from_slice(bytes);
            self.framing.consume(length);
        }
    }
}

/// The `Content-ID` that a `cid:` URL names (RFC 2392, section 2), without angle brackets and as it stands there.
fn content_id(href: &str) -> Option<&str> {
    let (scheme, id) = href.trim().split_once(':')?;
    (scheme.eq_ignore_ascii_case("cid") && !id.is_empty()).then_some(id)
}

/// Percent-encoding (RFC 3986, section 2.1); what is none is left as it is.
fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = after
            .first_chunk::<2>()
            .filter(|_| *first == b'%')
            .and_then(hexadecimal);
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).ok()
}

fn hexadecimal(digits: &[u8; 2]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    Some(digit(digits[0])? * 16 + digit(digits[1])?)
}

impl<R: AsyncBufRead + Unpin> AsyncBufRead for Package<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        match &mut self.get_mut().0 {
            Form::Document(source) => Pin::new(source).poll_fill_buf(cx),
            Form::Parts(parts) => {
                let parts = &mut **parts;
                match &parts.rest {
                    Some(rest) => Poll::Ready(Ok(&rest[parts.rest_read..])),
                    None => {
                        let bytes = ready!(Pin::new(&mut parts.framing).poll_fill_buf(cx))?;
                        Poll::Ready(Ok(bytes))
                    }
                }
            }
        }
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        match &mut self.get_mut().0 {
            Form::Document(source) => Pin::new(source).consume(amount),
            Form::Parts(parts) if parts.rest.is_some() => parts.rest_read += amount,
            Form::Parts(parts) => Pin::new(&mut parts.framing).consume(amount),
        }
    }
}

impl<R: AsyncBufRead + Unpin> AsyncRead for Package<R> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        poll_read(self, cx, buf)
    }
}
