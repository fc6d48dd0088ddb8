//! How the database is, as far as its client can tell.

use async_trait::async_trait;

use super::StoreResult;
use crate::time::Timestamp;

/// Connections of this node to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PoolState {
    /// How many there may be.
    pub most: u64,
    /// How many are open.
    pub open: u64,
    /// How many of them nobody uses just now.
    pub idle: u64,
}

/// Failures of the database since the process started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoreFailures {
    /// It could not be asked, or did not answer.
    pub unavailable: u64,
    /// Somebody else was first; the caller tried anew.
    pub conflict: u64,
    /// It holds what it should not hold.
    pub inconsistent: u64,
}

/// The oldest due date of what time does to messages; none where nothing is awaited. Times are legal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NextDue {
    /// Fiction.
    pub fiction: Option<Timestamp>,
    /// The end of a retention, or of the stay in a vault.
    pub retention: Option<Timestamp>,
    /// Notice of the end of a vault.
    pub vault: Option<Timestamp>,
}

/// How the database is.
#[async_trait]
pub trait StoreState: Send + Sync {
    /// Connections of this node.
    fn pool_state(&self) -> PoolState;

    /// Failures so far.
    fn store_failures(&self) -> StoreFailures;

    /// What time does to messages next, each found by one step into an index.
    async fn next_due(&self) -> StoreResult<NextDue>;
}
