//! What is under way in this process, counted so that others can wait for its end.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// How many of a kind are under way.
#[derive(Debug, Default)]
pub struct UnderWay(watch::Sender<usize>);

/// One that is under way, until it is dropped.
#[derive(Debug)]
pub struct Begun(watch::Sender<usize>);

impl Drop for Begun {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl UnderWay {
    /// Counts one more.
    #[must_use]
    pub fn begin(&self) -> Begun {
        self.0.send_modify(|count| *count += 1);
        Begun(self.0.clone())
    }

    /// Returns when none is under way.
    pub async fn idle(&self) {
        // The sender lives as long as this does.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Returns when none is under way, or after `longest`; whether none was.
    pub async fn gap(&self, longest: Duration) -> bool {
        timeout(longest, self.idle()).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn a_gap_is_waited_for_and_not_for_ever() {
        let calls = UnderWay::default();
        assert!(calls.gap(LONG).await);
        let (one, other) = (calls.begin(), calls.begin());
        drop(one);
        assert!(!calls.gap(Duration::from_millis(5)).await);
        let mut gap = std::pin::pin!(calls.gap(LONG));
        assert!(timeout(Duration::ZERO, &mut gap).await.is_err(), "one is under way");
        drop(other);
        assert!(gap.await);
    }
}
