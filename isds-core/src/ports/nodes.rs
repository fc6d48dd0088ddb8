//! Which nodes live, and what only one of them does at a time.

use async_trait::async_trait;

use super::StoreResult;
use crate::time::Timestamp;

/// A node as it last told of itself. Times are real.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeState {
    /// Chosen at random when the process starts.
    pub id: String,
    /// Version of the program.
    pub version: String,
    /// When it started.
    pub started: Timestamp,
    /// When it was heard of last.
    pub last_seen: Timestamp,
    /// Bytes free where it keeps data of its own; none where it keeps none.
    pub disk_free: Option<i64>,
    /// Bytes there in all.
    pub disk_total: Option<i64>,
    /// By how many seconds its legal time runs ahead; told where there is a test clock.
    pub clock_offset: Option<i64>,
}

/// Nodes and leases. Times are real.
#[async_trait]
pub trait Nodes: Send + Sync {
    /// Writes that a node lives, and forgets those that were not heard of since `forgotten`.
    async fn beat(&self, node: &NodeState, forgotten: Timestamp) -> StoreResult<()>;

    /// Forgets a node that ends.
    async fn leave(&self, id: &str) -> StoreResult<()>;

    /// Nodes in the order in which they started, `limit` at most.
    async fn list_nodes(&self, limit: u64) -> StoreResult<Vec<NodeState>>;

    /// Takes a lease until `until`, where nobody holds it at `now`. One that is held by the caller is moved with
    /// [`move_lease`](Self::move_lease).
    async fn take_lease(&self, name: &str, now: Timestamp, until: Timestamp) -> StoreResult<bool>;

    /// Moves the end of a lease.
    async fn move_lease(&self, name: &str, until: Timestamp) -> StoreResult<()>;
}
