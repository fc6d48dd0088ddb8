//! The scanner: ClamAV's daemon, asked over its socket. Every file is one stream; what it says of one is its verdict, and
//! everything else is none.

mod address;
mod conversation;
mod examination;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use isds_core::ports::{FileVerdict, ScanError, Scanner, StoreResult};
use tokio::time::{Instant, timeout, timeout_at};

pub use address::ClamdAddress;
use conversation::Trouble;
pub use examination::examine;

/// After so long without a verdict it is asked whether it gives any at all (bulletin 2224: the base of 25 s).
const BASE: Duration = Duration::from_secs(25);
/// How long a file may take (bulletin 2224).
const WHOLE: Duration = Duration::from_secs(240);
/// What it is asked about then: a file in which nothing can be found.
const HARMLESS: &[u8] = b"isds";

/// ClamAV's daemon.
pub struct Clamd {
    address: ClamdAddress,
    base: Duration,
    whole: Duration,
}

/// How long content was waited for, which is no fault of the scanner.
#[derive(Default)]
struct Waiting(Mutex<(Duration, Option<Instant>)>);

impl Waiting {
    fn begin(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1 = Some(Instant::now());
    }

    fn end(&self) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(since) = waiting.1.take() {
            waiting.0 += since.elapsed();
        }
    }

    fn total(&self) -> Duration {
        let (ended, since) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ended + since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

impl Clamd {
    /// The daemon at an address, which need not answer yet.
    pub fn new(address: ClamdAddress) -> Self {
        Self {
            address,
            base: BASE,
            whole: WHOLE,
        }
    }

    /// What it says that it is: its version and that of its signatures.
    pub async fn version(&self) -> Result<String, ScanError> {
        match timeout(self.base, conversation::version(&self.address)).await {
            Ok(Ok(version)) => Ok(version),
            Ok(Err(trouble)) => Err(ScanError::OutOfOrder(Box::new(trouble))),
            Err(_) => Err(ScanError::OutOfOrder(Box::new(Trouble::Silent))),
        }
    }

    /// A harmless file has to be found clean within the base time, whatever else the daemon works on.
    async fn control(&self) -> Result<(), ScanError> {
        let harmless = stream::once(async { Ok(Bytes::from_static(HARMLESS)) }).boxed();
        let trouble = match timeout(self.base, conversation::scan(&self.address, harmless)).await {
            Ok(Ok(FileVerdict::Clean)) => return Ok(()),
            Ok(Ok(FileVerdict::Found(finding))) => Trouble::Nonsense(format!("a harmless file: {finding}")),
            Ok(Err(trouble)) => trouble,
            Err(_) => Trouble::Silent,
        };
        Err(ScanError::OutOfOrder(Box::new(trouble)))
    }

    /// What a failed conversation means: for all files, or for this one.
    async fn judge(&self, trouble: Trouble) -> ScanError {
        match trouble {
            Trouble::Content(error) => ScanError::Content(error),
            Trouble::TooLarge => ScanError::TooLarge,
            Trouble::Unreachable(_) => ScanError::OutOfOrder(Box::new(trouble)),
            trouble => match self.control().await {
                Ok(()) => ScanError::Failed(trouble.to_string()),
                Err(_) => ScanError::OutOfOrder(Box::new(trouble)),
            },
        }
    }
}

#[async_trait]
impl Scanner for Clamd {
    async fn scan(&self, content: BoxStream<'static, StoreResult<Bytes>>) -> Result<FileVerdict, ScanError> {
        let waiting = Waiting::default();
        let end = Instant::now() + self.whole.saturating_sub(self.base);
        let content = stream::unfold(content, |mut content| {
            waiting.begin();
            async {
                let piece = content.next().await;
                waiting.end();
                piece.map(|piece| (piece, content))
            }
        });
        let mut scanning = std::pin::pin!(conversation::scan(&self.address, content.boxed()));
        let scanned = match timeout(self.base, &mut scanning).await {
            Ok(scanned) => Ok(scanned),
            // A long file or a dead scanner? A short one beside it tells.
            Err(_) => tokio::select! {
                scanned = &mut scanning => Ok(scanned),
                control = self.control() => {
                    control?;
                    timeout_at(end, &mut scanning).await
                }
            },
        };
        match scanned {
            Ok(Ok(verdict)) => Ok(verdict),
            Ok(Err(trouble)) => Err(self.judge(trouble).await),
            Err(_) => {
                self.control().await?;
                if waiting.total() > self.base {
                    return Err(ScanError::Failed("the content of the file came too slowly".to_owned()));
                }
                Err(ScanError::TooLong(self.whole))
            }
        }
    }

    async fn probe(&self) -> Result<(), ScanError> {
        self.control().await
    }
}

#[cfg(test)]
mod tests;
