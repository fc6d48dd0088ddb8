//! What an installation remembers about itself.

use async_trait::async_trait;

use super::StoreResult;
use crate::time::Timestamp;

/// What an installation remembers about itself.
#[async_trait]
pub trait Installation: Send + Sync {
    /// By how many seconds legal time runs ahead of real time (test instances only).
    async fn clock_offset_seconds(&self) -> StoreResult<i64>;

    /// Moves legal time forward; returns the offset afterwards.
    async fn advance_clock(&self, seconds: i64) -> StoreResult<i64>;

    /// Whose the installation is, where it was marked.
    async fn mark(&self) -> StoreResult<Option<String>>;

    /// Marks an unmarked installation; returns the mark that stands afterwards, which may be another's.
    async fn claim_mark(&self, mark: &str) -> StoreResult<String>;

    /// Marks the installation; a mark that it had is replaced.
    async fn set_mark(&self, mark: &str) -> StoreResult<()>;

    /// Whether it holds no box and no message.
    async fn is_empty(&self) -> StoreResult<bool>;

    /// Removes everything: boxes, people, messages, jobs, clock offset. Message numbers start anew; the
    /// mark stays.
    async fn clear(&self) -> StoreResult<()>;

    /// Answers whether the database can be reached.
    async fn ping(&self) -> StoreResult<()>;

    /// Real time by the clock of the database, where that is another than this machine's. Asks the database in any case.
    async fn database_clock(&self) -> StoreResult<Option<Timestamp>>;

    /// Lets go of the database: what is under way ends, everything else fails from now on.
    async fn close(&self);
}
