//! The body of a request as a bounded source of bytes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use bytes::{Buf, Bytes};
use futures::{Stream, StreamExt};
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::SoapConfig;

/// A request's body: bounded in size (`io::ErrorKind::FileTooLarge`) and in time (`io::ErrorKind::TimedOut`). Pieces
/// are handed on as they came, without a copy.
pub(crate) struct RequestBody {
    frames: BodyDataStream,
    piece: Bytes,
    received: u64,
    limit: u64,
    idle: Duration,
    deadline: Instant,
    /// Runs while the next piece is awaited.
    alarm: Pin<Box<Sleep>>,
    waiting: bool,
    ended: bool,
    untouched: bool,
    /// The client is gone or too slow: what is left of the body will not come.
    broken: bool,
}

impl RequestBody {
    /// A body of `limit` bytes at most.
    pub fn new(body: Body, limit: u64, config: &SoapConfig) -> Self {
        let now = Instant::now();
        Self {
            frames: body.into_data_stream(),
            piece: Bytes::new(),
            received: 0,
            limit,
            idle: config.idle,
            deadline: now + config.total,
            alarm: Box::pin(tokio::time::sleep_until(now)),
            waiting: false,
            ended: false,
            untouched: true,
            broken: false,
        }
    }

    /// Nothing was asked of the body yet, so that a client which waits for `100 Continue` has sent nothing.
    pub fn is_untouched(&self) -> bool {
        self.untouched
    }

    /// Reads away what is left, up to as many further bytes as a body may have and for `time` at most. True where the
    /// end was reached.
    pub async fn drain(&mut self, time: Duration) -> bool {
        self.untouched = false;
        self.piece.clear();
        if self.broken {
            return false;
        }
        let mut left = self.limit;
        let read_away = async {
            while !self.ended {
                match self.frames.next().await {
                    None => self.ended = true,
                    Some(Err(_)) => return false,
                    Some(Ok(piece)) => match left.checked_sub(piece.len() as u64) {
                        Some(rest) => left = rest,
                        None => return false,
                    },
                }
            }
            true
        };
        tokio::time::timeout(time, read_away).await.unwrap_or(false)
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.untouched = false;
        while self.piece.is_empty() && !self.ended {
            match Pin::new(&mut self.frames).poll_next(cx) {
                Poll::Ready(Some(Ok(piece))) => {
                    self.waiting = false;
                    self.received += piece.len() as u64;
                    if self.received > self.limit {
                        return Poll::Ready(Err(io::ErrorKind::FileTooLarge.into()));
                    }
                    self.piece = piece;
                }
                Poll::Ready(Some(Err(error))) => {
                    self.broken = true;
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::UnexpectedEof, error)));
                }
                Poll::Ready(None) => self.ended = true,
                Poll::Pending => {
                    if !self.waiting {
                        self.waiting = true;
                        let until = (Instant::now() + self.idle).min(self.deadline);
                        self.alarm.as_mut().reset(until);
                    }
                    ready!(self.alarm.as_mut().poll(cx));
                    self.broken = true;
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncBufRead for RequestBody {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        ready!(this.poll_piece(cx))?;
        Poll::Ready(Ok(&this.piece))
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        self.get_mut().piece.advance(amount);
    }
}

impl AsyncRead for RequestBody {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let bytes = ready!(self.as_mut().poll_fill_buf(cx))?;
        let length = bytes.len().min(buf.remaining());
        buf.put_slice(&bytes[..length]);
        self.consume(length);
        Poll::Ready(Ok(()))
    }
}
