//! Limits that were changed while the system runs.

use async_trait::async_trait;

use super::StoreResult;
use crate::ids::IsdsId;
use crate::time::Timestamp;

/// A limit that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedLimit {
    /// Its name.
    pub name: String,
    /// What it is now; none where the configuration's holds again.
    pub value: Option<i64>,
    /// How often it was changed.
    pub version: i64,
    /// Who changed it last.
    pub by: Option<IsdsId>,
    /// When, in legal time.
    pub at: Timestamp,
}

/// Limits that were changed.
#[async_trait]
pub trait ChangedLimits: Send + Sync {
    /// All of them.
    async fn list_changed_limits(&self) -> StoreResult<Vec<ChangedLimit>>;

    /// Changes a limit whose version was seen to be the one before `limit.version`; false, and nothing is written, where
    /// somebody else changed it meanwhile.
    async fn change_limit(&self, limit: &ChangedLimit) -> StoreResult<bool>;
}
