//! A source of bytes that ends a token before it fills the memory.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};

/// Which limit was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// Of one token.
    Token,
    /// Of the whole request.
    Total,
}

/// Passes bytes on until one token or the whole grows over its limit. The parser above collects a token into memory
/// before it hands it out, so this is where its size is bounded.
pub(super) struct Bounded<R> {
    inner: R,
    token_left: usize,
    total_left: u64,
    met: Option<Limit>,
}

impl<R> Bounded<R> {
    pub fn new(inner: R, total: u64) -> Self {
        Self {
            inner,
            token_left: 0,
            total_left: total,
            met: None,
        }
    }

    /// The next token may have so many bytes.
    pub fn begin_token(&mut self, bytes: usize) {
        self.token_left = bytes;
    }

    /// The source below.
    pub fn source(&mut self) -> &mut R {
        &mut self.inner
    }

    /// So many bytes were read from the source itself; false where that makes too many.
    pub fn count(&mut self, bytes: usize) -> bool {
        let left = self.total_left.checked_sub(bytes as u64);
        self.total_left = left.unwrap_or(0);
        left.is_some()
    }

    /// The limit that was met, if reading failed for one.
    pub fn met(&self) -> Option<Limit> {
        self.met
    }
}

impl<R: AsyncBufRead + Unpin> AsyncBufRead for Bounded<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let Self {
            inner,
            token_left,
            total_left,
            met,
        } = self.get_mut();
        let bytes = ready!(Pin::new(inner).poll_fill_buf(cx))?;
        if bytes.is_empty() {
            return Poll::Ready(Ok(bytes));
        }
        let total = usize::try_from(*total_left).unwrap_or(usize::MAX);
        let limit = if total == 0 {
            Some(Limit::Total)
        } else if *token_left == 0 {
            Some(Limit::Token)
        } else {
            None
        };
        if limit.is_some() {
            *met = limit;
            return Poll::Ready(Err(io::Error::other("a limit of the reader was met")));
        }
        let length = bytes.len().min(*token_left).min(total);
        Poll::Ready(Ok(&bytes[..length]))
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        let this = self.get_mut();
        this.token_left = this.token_left.saturating_sub(amount);
        this.total_left = this.total_left.saturating_sub(amount as u64);
        Pin::new(&mut this.inner).consume(amount);
    }
}

impl<R: AsyncBufRead + Unpin> AsyncRead for Bounded<R> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let bytes = ready!(self.as_mut().poll_fill_buf(cx))?;
        let length = bytes.len().min(buf.remaining());
        buf.put_slice(&bytes[..length]);
        self.consume(length);
        Poll::Ready(Ok(()))
    }
}
