//! The clocks of a running node.

use std::sync::atomic::{AtomicI64, Ordering};

use isds_core::time::{Clock, Timestamp};

/// Real time from the operating system; legal time runs ahead of it by an offset that lives in the database.
#[derive(Debug, Default)]
pub struct SystemClock {
    offset_seconds: AtomicI64,
}

impl SystemClock {
    /// By how many seconds legal time runs ahead.
    pub fn offset(&self) -> i64 {
        self.offset_seconds.load(Ordering::SeqCst)
    }

    /// Takes over the offset that the database holds.
    pub fn set_offset(&self, seconds: i64) {
        self.offset_seconds.store(seconds, Ordering::SeqCst);
    }
}

impl Clock for SystemClock {
    fn legal(&self) -> Timestamp {
        self.real().plus_seconds(self.offset_seconds.load(Ordering::SeqCst))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where time is read from the system"
    )]
    fn real(&self) -> Timestamp {
        let since_epoch = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
    }
}
