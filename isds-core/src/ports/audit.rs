//! Records of who did what.

use std::ops::RangeInclusive;

use async_trait::async_trait;

use super::StoreResult;
use crate::audit::{AuditAction, AuditEntry, AuditId, AuditPosition, AuditRecord, AuditSeal, CallBatchId};
use crate::ids::{BoxId, IsdsId, MessageId};
use crate::time::Timestamp;

/// What leads to records. One condition, since one index answers it; others are looked at record by record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditLead {
    /// All there are.
    Everything,
    /// What happened in a box.
    Box(BoxId),
    /// What somebody did.
    Actor(IsdsId),
    /// What was done to a message.
    Message(MessageId),
    /// What was done about a user.
    Subject(IsdsId),
    /// What was about a box beside the one in which it happened.
    OtherBox(BoxId),
    /// One kind of action.
    Action(AuditAction),
}

/// A stretch of records, newest first.
#[derive(Debug, Clone)]
pub struct AuditScan {
    /// What leads to them.
    pub lead: AuditLead,
    /// From this legal time on.
    pub from: Timestamp,
    /// Only what comes after this place.
    pub after: AuditPosition,
    /// At most so many.
    pub limit: u64,
}

/// Records of who did what. They are only ever added.
#[async_trait]
pub trait Audit: Send + Sync {
    /// Adds records, all or none.
    async fn add_audit_records(&self, entries: &[AuditEntry]) -> StoreResult<()>;

    /// Records, newest first.
    async fn scan_audit(&self, scan: &AuditScan) -> StoreResult<Vec<AuditRecord>>;

    /// The first records behind `after` that have no seal, with their digests, by their numbers.
    async fn list_unsealed_audit(&self, after: AuditId, limit: u64) -> StoreResult<Vec<(AuditId, [u8; 32])>>;

    /// The last seal.
    async fn last_audit_seal(&self) -> StoreResult<Option<AuditSeal>>;

    /// Adds a seal over every record in `records`, and every batch of calls in `calls`, that has none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`](super::StoreError::Conflict) where there is a seal of that number, or where these are
    /// not as many as the seal covers: nothing is written, and whoever seals looks anew.
    async fn add_audit_seal(
        &self,
        seal: &AuditSeal,
        records: Option<RangeInclusive<AuditId>>,
        calls: Option<RangeInclusive<CallBatchId>>,
    ) -> StoreResult<()>;

    /// Seals behind `after`, by their numbers.
    async fn list_audit_seals(&self, after: i64, limit: u64) -> StoreResult<Vec<AuditSeal>>;

    /// Records that name the seals behind `after` up to `through`, by seal and number; `limit` of them at most.
    async fn list_sealed_audit(&self, after: i64, through: i64, limit: u64) -> StoreResult<Vec<AuditRecord>>;

    /// A seal by its number.
    async fn lookup_audit_seal(&self, number: i64) -> StoreResult<Option<AuditSeal>>;

    /// The least number of a seal that a record or a batch of calls names and that cannot be: below the first or behind the last.
    async fn find_orphaned_audit(&self) -> StoreResult<Option<i64>>;

    /// How many records have no seal.
    async fn count_unsealed_audit(&self) -> StoreResult<u64>;
}
