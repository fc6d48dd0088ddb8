//! The end of a node: what is told to stop, and what is waited for.

use tokio::sync::watch;

use crate::under_way::{Begun, UnderWay};

/// Whether the node ends, and what is under way that its end has to wait for.
#[derive(Debug, Default)]
pub struct Ending {
    told: watch::Sender<bool>,
    under_way: UnderWay,
}

impl Ending {
    /// Tells that the node takes up no more work of its own, and gives back what it has not done.
    pub fn tell(&self) {
        self.told.send_replace(true);
    }

    /// Whether that was told.
    #[must_use]
    pub fn is_told(&self) -> bool {
        *self.told.borrow()
    }

    /// Returns when it is told.
    pub async fn told(&self) {
        // The sender lives as long as this does.
        let _ = self.told.subscribe().wait_for(|told| *told).await;
    }

    /// Counts something that goes on without anybody waiting for it.
    #[must_use]
    pub fn begin(&self) -> Begun {
        self.under_way.begin()
    }

    /// Returns when nothing is under way.
    pub async fn idle(&self) {
        self.under_way.idle().await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn the_end_waits_for_what_is_under_way() {
        let ending = Ending::default();
        ending.idle().await;
        let (first, second) = (ending.begin(), ending.begin());
        drop(first);
        let early = tokio::time::timeout(Duration::from_millis(10), ending.idle()).await;
        assert!(early.is_err());
        drop(second);
        ending.idle().await;
        assert!(!ending.is_told());
        ending.tell();
        ending.told().await;
        assert!(ending.is_told());
    }
}
