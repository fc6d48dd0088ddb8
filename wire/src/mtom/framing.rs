//! Parts one after another, as they lie in a body (RFC 2046, section 5.1).

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, ReadBuf};

use super::delimiter::{Delimiter, Step};
use super::{MAX_HEAD, MAX_OUTSIDE, MtomError};

/// Most blanks that are passed over between a boundary and the end of its line.
const MAX_PADDING: usize = 64;

/// Reading gives out the bytes of the part at hand, and none at its end; [`next_part`](Self::next_part) then goes on to
/// the next one. What stands before the first part is read as if it were one.
pub(super) struct Framing<R> {
    source: R,
    delimiter: Delimiter,
    /// So many of the next bytes of the source are known to be data.
    clear: usize,
    at_delimiter: bool,
}

impl<R: AsyncBufRead + Unpin> Framing<R> {
    /// Begins at the beginning of the body.
    pub fn new(source: R, boundary: &str) -> Self {
        Self {
            source,
            delimiter: Delimiter::new(boundary),
            clear: 0,
            at_delimiter: false,
        }
    }

    /// The part at hand was read to its end.
    pub fn is_at_delimiter(&self) -> bool {
        self.at_delimiter
    }

    /// Passes over the rest of the delimiter's line and reads the head of the part that follows; nothing where the
    /// delimiter was the last one.
    ///
    /// # Errors
    /// [`MtomError::Delimiter`], [`MtomError::Head`], [`MtomError::Truncated`], and those of the source.
    pub async fn next_part(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = [self.byte().await?, self.byte().await?];
        if &line == b"--" {
            return Ok(None);
        }
        for _ in 0..MAX_PADDING {
            match line {
                [b'\r', b'\n'] => {
                    let head = self.head().await?;
                    self.delimiter.begin_part();
                    self.at_delimiter = false;
                    return Ok(Some(head));
                }
                [b' ' | b'\t', second] => line = [second, self.byte().await?],
                _ => break,
            }
        }
        Err(MtomError::Delimiter.into())
    }

    /// Reads away what stands after the last boundary.
    ///
    /// # Errors
    /// [`MtomError::Outside`] where it is more than a note.
    pub async fn epilogue(&mut self) -> io::Result<()> {
        let mut left = MAX_OUTSIDE;
        loop {
            let length = self.source.fill_buf().await?.len();
            if length == 0 {
                return Ok(());
            }
            left = left.checked_sub(length).ok_or(MtomError::Outside)?;
            self.source.consume(length);
        }
    }

    async fn byte(&mut self) -> io::Result<u8> {
        let first = self.source.fill_buf().await?.first().copied();
        let byte = first.ok_or(MtomError::Truncated)?;
        self.source.consume(1);
        Ok(byte)
    }

    /// Lines up to the empty one, which is left out.
    async fn head(&mut self) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        loop {
            let begin = head.len();
            while !head[begin..].ends_with(b"\n") {
                let bytes = self.source.fill_buf().await?;
                if bytes.is_empty() {
                    return Err(MtomError::Truncated.into());
                }
                let length = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1);
                if head.len() + length > MAX_HEAD {
                    return Err(MtomError::Head.into());
                }
                head.extend_from_slice(&bytes[..length]);
                self.source.consume(length);
            }
            match &head[begin..] {
                b"\r\n" => {
                    head.truncate(begin);
                    return Ok(head);
                }
                line if line.ends_with(b"\r\n") => {}
                _ => return Err(MtomError::Head.into()),
            }
        }
    }

    /// Goes on until there are bytes of the part to give out, or it has ended.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.clear == 0 && self.delimiter.held().is_empty() && !self.at_delimiter {
            let piece = ready!(Pin::new(&mut self.source).poll_fill_buf(cx))?;
            if piece.is_empty() {
                return Poll::Ready(Err(MtomError::Truncated.into()));
            }
            let step = self.delimiter.step(piece);
            match step {
                Step::Data(length) => self.clear = length,
                Step::Held => {}
                Step::Perhaps(length) => Pin::new(&mut self.source).consume(length),
                Step::Found(length) => {
                    Pin::new(&mut self.source).consume(length);
                    self.at_delimiter = true;
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<R: AsyncBufRead + Unpin> AsyncBufRead for Framing<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        ready!(this.poll_step(cx))?;
        if this.clear == 0 {
            return Poll::Ready(Ok(this.delimiter.held()));
        }
        let piece = ready!(Pin::new(&mut this.source).poll_fill_buf(cx))?;
        Poll::Ready(Ok(&piece[..piece.len().min(this.clear)]))
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        let this = self.get_mut();
        if this.clear == 0 {
            this.delimiter.consume_held(amount);
        } else {
            this.clear -= amount;
            Pin::new(&mut this.source).consume(amount);
        }
    }
}

impl<R: AsyncBufRead + Unpin> AsyncRead for Framing<R> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        poll_read(self, cx, buf)
    }
}

/// Reading by way of the buffer that is there anyway.
pub(super) fn poll_read<R: AsyncBufRead>(
    mut source: Pin<&mut R>,
    cx: &mut Context<'_>,
    buf: &mut ReadBuf<'_>,
) -> Poll<io::Result<()>> {
    let bytes = ready!(source.as_mut().poll_fill_buf(cx))?;
    let length = bytes.len().min(buf.remaining());
    buf.put_slice(&bytes[..length]);
    source.consume(length);
    Poll::Ready(Ok(()))
}
