//! What makes the records of who did what a trail that can be shown: calls, and signed heads of the chain.

use async_trait::async_trait;

use super::StoreResult;
use crate::audit::{AuditHead, CallBatch, CallBatchId, NewCallBatch};
use crate::time::Timestamp;

/// Calls and signed heads. They are only ever added.
#[async_trait]
pub trait AuditTrail: Send + Sync {
    /// Adds a batch of calls.
    async fn add_audit_calls(&self, batch: &NewCallBatch) -> StoreResult<()>;

    /// The first batches of calls without a seal, with their digests, by their numbers.
    async fn list_unsealed_calls(&self, limit: u64) -> StoreResult<Vec<(CallBatchId, [u8; 32])>>;

    /// Batches that name the seals from that of `after` up to `through`, by seal and number, behind `after`.
    async fn list_sealed_calls(
        &self,
        after: (i64, CallBatchId),
        through: i64,
        limit: u64,
    ) -> StoreResult<Vec<CallBatch>>;

    /// Adds a signed head; nothing where there is one of that seal already.
    async fn add_audit_head(&self, head: &AuditHead) -> StoreResult<()>;

    /// The newest signed head.
    async fn last_audit_head(&self) -> StoreResult<Option<AuditHead>>;

    /// The newest signed head whose seal was made before `time` (real).
    async fn find_audit_head_before(&self, time: Timestamp) -> StoreResult<Option<AuditHead>>;

    /// The oldest signed head whose seal was made at `time` (real) or later.
    async fn find_audit_head_from(&self, time: Timestamp) -> StoreResult<Option<AuditHead>>;

    /// Signed heads of the seals behind `after` up to `through`, by their numbers.
    async fn list_audit_heads(&self, after: i64, through: i64) -> StoreResult<Vec<AuditHead>>;
}
