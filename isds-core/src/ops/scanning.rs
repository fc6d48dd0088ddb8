//! What a node knows of its scanner: whether it is in order, and how scanning is woken and halted.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout};

use crate::error::Chain;
use crate::ports::ScanError;
use crate::time::Timestamp;

use super::Isds;

/// After so long without a verdict the scanner is asked whether it still gives any.
const QUIET: Duration = Duration::from_secs(30);
/// How long it is given to answer that.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often the log repeats that the scanner is out of order.
const REMINDER: Duration = Duration::from_secs(300);

/// What is known of the scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScannerState {
    /// There is none: content goes on unscanned.
    None,
    /// Nothing was asked of it yet.
    Unknown,
    /// It gives verdicts.
    InOrder,
    /// It gives none since this real time: messages wait.
    OutOfOrder {
        /// Since when.
        since: Timestamp,
    },
}

#[derive(Debug, Clone, Copy)]
enum Seen {
    Nothing,
    Verdict(Instant),
    Failure { since: Timestamp, told: Instant },
}

/// The scanner as this node sees it. No state that matters: another node, or this one after a start, finds it out anew.
#[derive(Debug)]
pub struct Scanning {
    seen: Mutex<Seen>,
    added: Notify,
    halts: watch::Sender<u32>,
}

impl Default for Scanning {
    fn default() -> Self {
        Self {
            seen: Mutex::new(Seen::Nothing),
            added: Notify::new(),
            halts: watch::Sender::new(0),
        }
    }
}

/// Keeps a node from scanning as long as it lives; scans that run are given back.
pub struct Halt<'a>(&'a Scanning);

impl Drop for Halt<'_> {
    fn drop(&mut self) {
        self.0.halts.send_modify(|halts| *halts = halts.saturating_sub(1));
    }
}

impl Scanning {
    /// Keeps this node from scanning until the answer is dropped.
    #[must_use]
    pub fn halt(&self) -> Halt<'_> {
        self.halts.send_modify(|halts| *halts += 1);
        Halt(self)
    }

    /// Waits until this node hands a message to the scanner.
    pub async fn added(&self) {
        self.added.notified().await;
    }

    pub(super) fn wake(&self) {
        self.added.notify_one();
    }

    /// Waits until somebody halts it.
    pub(super) async fn halted(&self) {
        // It cannot fail: the sender lives as long as this.
        let _ = self.halts.subscribe().wait_for(|halts| *halts > 0).await;
    }

    /// Whether files may be given to the scanner.
    pub(super) fn goes_on(&self) -> bool {
        *self.halts.borrow() == 0 && !self.is_out_of_order()
    }

    pub(super) fn is_out_of_order(&self) -> bool {
        matches!(self.seen(), Seen::Failure { .. })
    }

    fn seen(&self) -> Seen {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn see(&self, seen: Seen) -> Seen {
        let mut before = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *before, seen)
    }
}

/// It did not answer in time.
#[derive(Debug, thiserror::Error)]
#[error("it says nothing for {} s", PATIENCE.as_secs())]
struct Silent;

impl Isds {
    /// What this node knows of the scanner.
    #[must_use]
    pub fn scanner_state(&self) -> ScannerState {
        match self.scanning.seen() {
            _ if !self.scanner.is_installed() => ScannerState::None,
            Seen::Nothing => ScannerState::Unknown,
            Seen::Verdict(_) => ScannerState::InOrder,
            Seen::Failure { since, .. } => ScannerState::OutOfOrder { since },
        }
    }

    /// Asks a scanner that was out of order, or long not heard of, whether it gives verdicts. Where it does again, what
    /// waited for it goes on at once.
    pub async fn look_after_scanner(&self) {
        let heard_lately = matches!(self.scanning.seen(), Seen::Verdict(at) if at.elapsed() < QUIET);
        if heard_lately || !self.scanner.is_installed() {
            return;
        }
        match timeout(PATIENCE, self.scanner.probe()).await {
            Ok(Ok(())) => self.scanner_answered(),
            Ok(Err(error)) => self.scanner_failed(&error),
            Err(_) => self.scanner_failed(&ScanError::OutOfOrder(Box::new(Silent))),
        }
    }

    /// The scanner gave a verdict.
    pub(super) fn scanner_answered(&self) {
        let before = self.scanning.see(Seen::Verdict(Instant::now()));
        if let Seen::Failure { since, .. } = before {
            tracing::info!(%since, "the scanner is in order again");
            self.scanning.wake();
        }
    }

    /// The scanner is out of order: nothing is given to it until it answers again.
    pub(super) fn scanner_failed(&self, error: &ScanError) {
        let now = Instant::now();
        let (since, told) = match self.scanning.seen() {
            Seen::Failure { since, told } if told.elapsed() < REMINDER => (since, told),
            seen => {
                let since = match seen {
                    Seen::Failure { since, .. } => since,
                    _ => self.clock.real(),
                };
                tracing::warn!(%since, error = %Chain(error), "the scanner is out of order: messages wait");
                (since, now)
            }
        };
        self.scanning.see(Seen::Failure { since, told });
    }
}
