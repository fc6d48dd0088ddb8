//! Bytes and requests as the listeners see them.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Metrics;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Web services.
    Services,
    /// Pages.
    Pages,
    /// What pages are made of.
    Assets,
    /// Health, metrics, test clock.
    Operation,
}

impl Area {
    /// The area of a path.
    pub fn of(path: &str) -> Self {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        match first {
            "DS" | "cert" | "certds" | "hspis" | "apps" | "hssu" | "as" | "asws" | "wsdl" | "sds" => Self::Services,
            "assets" => Self::Assets,
            "health" | "metrics" | "test" => Self::Operation,
            _ => Self::Pages,
        }
    }

    /// What it is called in metrics and traces.
    pub fn name(self) -> &'static str {
        match self {
            Self::Services => "services",
            Self::Pages => "pages",
            Self::Assets => "assets",
            Self::Operation => "operation",
        }
    }
}

/// A stream whose bytes are counted.
pub struct CountedStream<S> {
    stream: S,
    metrics: Arc<Metrics>,
}

impl<S> CountedStream<S> {
    /// Counts the bytes of a stream.
    pub fn new(stream: S, metrics: Arc<Metrics>) -> Self {
        Self { stream, metrics }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for CountedStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        let read = buf.filled().len().saturating_sub(before);
        self.metrics.received_bytes.inc_by(read as u64);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for CountedStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, buf))?;
        self.metrics.sent_bytes.inc_by(written as u64);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, bufs))?;
        self.metrics.sent_bytes.inc_by(written as u64);
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn bytes_are_counted_both_ways() {
        let metrics = Arc::new(Metrics::default());
        let (near, mut far) = tokio::io::duplex(64);
        let mut near = CountedStream::new(near, Arc::clone(&metrics));
        near.write_all(b"seven b").await.unwrap();
        far.write_all(b"abc").await.unwrap();
        let mut read = [0; 3];
        near.read_exact(&mut read).await.unwrap();
        assert_eq!((metrics.sent_bytes.get(), metrics.received_bytes.get()), (7, 3));
    }

    #[test]
    fn areas_of_paths() {
        for (path, area) in [
            ("/DS/dz", Area::Services),
            ("/cert/DS/dx", Area::Services),
            ("/wsdl/v20/x", Area::Services),
            ("/assets/a.css", Area::Assets),
            ("/metrics", Area::Operation),
            ("/health/ready", Area::Operation),
            ("/", Area::Pages),
            ("/b/nvak22s/received", Area::Pages),
        ] {
            assert_eq!(Area::of(path), area, "{path}");
        }
    }
}
