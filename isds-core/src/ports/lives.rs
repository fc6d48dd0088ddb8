//! When nodes ran, as far as the database knows.

use async_trait::async_trait;

use super::StoreResult;
use crate::time::Timestamp;

/// The lives of nodes, kept for ever, and what hides when objects were written. Times are real.
#[async_trait]
pub trait Lives: Send + Sync {
    /// Notes that a node lives at `now`. Its life goes on where the database still has what was `noted` last, or something
    /// later; where it has not, it was put back to an earlier state, and another life begins.
    async fn note_life(&self, node: &str, noted: Option<Timestamp>, now: Timestamp) -> StoreResult<()>;

    /// Whether one node lived all the time from `from` to `until`.
    async fn lived(&self, from: Timestamp, until: Timestamp) -> StoreResult<bool>;

    /// Notes that old objects were written anew up to this time, and look as if they were of that time.
    async fn note_rewriting(&self, until: Timestamp) -> StoreResult<()>;

    /// Until when that was done last.
    async fn rewritten_until(&self) -> StoreResult<Option<Timestamp>>;
}
