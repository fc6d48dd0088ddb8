//! Parts outside the process, timed: timestamp authority, seal, scanner, mail server, object storage.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use isds_core::ids::ObjectId;
use isds_core::notice::{MailAddress, NewMail};
use isds_core::ports::{
    FileVerdict, MailError, Mailer, ObjectWriter, Objects, ScanError, Scanner, SealError, SealFrame, Sealer,
    StoreResult, TimestampAuthority, TimestampError,
};
use isds_core::time::Timestamp;
use tokio::time::Instant;
use tracing::{Instrument, Span};

use crate::telemetry::TARGET;

use super::Metrics;

const AUTHORITY: &str = "authority";
const SEAL: &str = "seal";
const SCANNER: &str = "scanner";
const MAIL: &str = "mail";
const OBJECTS: &str = "objects";
/// The database is asked now and then, see `gather`.
pub(super) const DATABASE: &str = "database";
pub(super) const PING: &str = "ping";

/// Parts and what they do.
pub(super) const ALL: [(&str, &str); 11] = [
    (AUTHORITY, "stamp"),
    (SEAL, "seal"),
    (SCANNER, "scan"),
    (SCANNER, PING),
    (MAIL, "send"),
    (OBJECTS, "put"),
    (OBJECTS, "write"),
    (OBJECTS, "finish"),
    (OBJECTS, "read"),
    (OBJECTS, "delete"),
    (DATABASE, PING),
];

/// The span of what a part does. An object of 100 MB is written in very many pieces, which are no spans.
fn span(part: &'static str, action: &'static str) -> Span {
    if action == "write" {
        return Span::none();
    }
    tracing::trace_span!(
        target: TARGET,
        "part",
        otel.name = format_args!("{part} {action}"),
        otel.kind = "client",
        otel.status_code = tracing::field::Empty,
        isds.part = part,
        isds.action = action,
    )
}

impl Metrics {
    /// Times what a part does.
    pub(super) async fn timed<T, E>(
        &self,
        part: &'static str,
        action: &'static str,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let begun = Instant::now();
        let span = span(part, action);
        let result = work.instrument(span.clone()).await;
        if result.is_err() {
            span.record("otel.status_code", "ERROR");
        }
        self.part(part, action, begun.elapsed(), result.is_err());
        result
    }
}

macro_rules! timed {
    ($(#[$doc:meta])* $name:ident, $port:ident) => {
        $(#[$doc])*
        pub struct $name {
            inner: Arc<dyn $port>,
            metrics: Arc<Metrics>,
        }

        impl $name {
            /// Times it.
            pub fn around(inner: Arc<dyn $port>, metrics: &Arc<Metrics>) -> Arc<dyn $port> {
                Arc::new(Self {
                    inner,
                    metrics: Arc::clone(metrics),
                })
            }
        }
    };
}

timed!(
    /// A timestamp authority that is timed.
    TimedAuthority, TimestampAuthority
);
timed!(
    /// A seal that is timed.
    TimedSealer, Sealer
);
timed!(
    /// A scanner that is timed.
    TimedScanner, Scanner
);
timed!(
    /// A mail server that is timed.
    TimedMailer, Mailer
);
timed!(
    /// An object storage that is timed.
    TimedObjects, Objects
);

#[async_trait]
impl TimestampAuthority for TimedAuthority {
    async fn stamp(&self, sha256: [u8; 32], now: Timestamp) -> Result<Vec<u8>, TimestampError> {
        let work = self.inner.stamp(sha256, now);
        self.metrics.timed(AUTHORITY, "stamp", work).await
    }
}

#[async_trait]
impl Sealer for TimedSealer {
    async fn seal(&self, sha256: [u8; 32], length: u64, now: Timestamp, stamp: bool) -> Result<SealFrame, SealError> {
        let work = self.inner.seal(sha256, length, now, stamp);
        self.metrics.timed(SEAL, "seal", work).await
    }
}

#[async_trait]
impl Scanner for TimedScanner {
    fn is_installed(&self) -> bool {
        self.inner.is_installed()
    }

    async fn scan(&self, content: BoxStream<'static, StoreResult<Bytes>>) -> Result<FileVerdict, ScanError> {
        let work = self.inner.scan(content);
        self.metrics.timed(SCANNER, "scan", work).await
    }

    async fn probe(&self) -> Result<(), ScanError> {
        self.metrics.timed(SCANNER, PING, self.inner.probe()).await
    }
}

#[async_trait]
impl Mailer for TimedMailer {
    async fn send(
        &self,
        to: &MailAddress,
        mail: &NewMail,
        reference: &str,
        written: Timestamp,
    ) -> Result<(), MailError> {
        let work = self.inner.send(to, mail, reference, written);
        self.metrics.timed(MAIL, "send", work).await
    }
}

/// Reading is timed until the first byte could be given, not until the last was taken: that is the client's pace.
#[async_trait]
impl Objects for TimedObjects {
    async fn put(&self, bytes: Bytes) -> StoreResult<ObjectId> {
        self.metrics.timed(OBJECTS, "put", self.inner.put(bytes)).await
    }

    async fn create(&self) -> StoreResult<Box<dyn ObjectWriter>> {
        Ok(Box::new(TimedWriter {
            inner: self.inner.create().await?,
            metrics: Arc::clone(&self.metrics),
        }))
    }

    async fn read(
        &self,
        id: &ObjectId,
        offset: u64,
        length: u64,
    ) -> StoreResult<BoxStream<'static, StoreResult<Bytes>>> {
        let work = self.inner.read(id, offset, length);
        self.metrics.timed(OBJECTS, "read", work).await
    }

    async fn delete(&self, id: &ObjectId) -> StoreResult<()> {
        self.metrics.timed(OBJECTS, "delete", self.inner.delete(id)).await
    }

    async fn clear(&self) -> StoreResult<()> {
        self.inner.clear().await
    }
}

struct TimedWriter {
    inner: Box<dyn ObjectWriter>,
    metrics: Arc<Metrics>,
}

#[async_trait]
impl ObjectWriter for TimedWriter {
    async fn write(&mut self, bytes: &[u8]) -> StoreResult<()> {
        let work = self.inner.write(bytes);
        self.metrics.timed(OBJECTS, "write", work).await
    }

    async fn finish(self: Box<Self>) -> StoreResult<(ObjectId, u64)> {
        self.metrics.timed(OBJECTS, "finish", self.inner.finish()).await
    }

    async fn abort(self: Box<Self>) -> StoreResult<()> {
        self.inner.abort().await
    }
}
