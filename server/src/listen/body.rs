//! The body of a request, which may not stand still.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

/// So many bytes count as going on: who sends one now and then stands still as well.
const GOES_ON: usize = 1024;

/// A body of which something comes while it is waited for: where [`GOES_ON`] bytes, or its end, do not come within the
/// limit, reading it fails. Time in which nobody waits for it does not count.
pub struct MovingBody<B> {
    body: B,
    limit: Duration,
    /// How much of the limit is left.
    left: Duration,
    /// Bytes since the limit was whole.
    seen: usize,
    waiting: Option<Waiting>,
    failed: bool,
}

struct Waiting {
    since: Instant,
    sleep: Pin<Box<Sleep>>,
}

impl<B> MovingBody<B> {
    /// Gives a body a limit.
    pub fn new(body: B, limit: Duration) -> Self {
        Self {
            body,
            limit,
            left: limit,
            seen: 0,
            waiting: None,
            failed: false,
        }
    }

    fn note(&mut self, bytes: usize) {
        let waited = self
            .waiting
            .take()
            .map_or(Duration::ZERO, |waiting| waiting.since.elapsed());
        self.left = self.left.saturating_sub(waited);
        self.seen += bytes;
        if self.seen >= GOES_ON {
            self.left = self.limit;
            self.seen = 0;
        }
    }
}

impl<B> Body for MovingBody<B>
where
    B: Body<Data = Bytes, Error = hyper::Error> + Unpin,
{
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        if this.failed {
            return Poll::Ready(None);
        }
        match Pin::new(&mut this.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                this.note(frame.data_ref().map_or(0, Bytes::len));
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                this.failed = true;
                Poll::Ready(Some(Err(io::Error::other(error))))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let left = this.left;
                let waiting = this.waiting.get_or_insert_with(|| Waiting {
                    since: Instant::now(),
                    sleep: Box::pin(sleep(left)),
                });
                std::task::ready!(waiting.sleep.as_mut().poll(cx));
                this.failed = true;
                Poll::Ready(Some(Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "the request's body stands still",
                ))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
