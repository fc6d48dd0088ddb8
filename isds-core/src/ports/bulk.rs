//! Bulk jobs with their rows.

use async_trait::async_trait;

use super::StoreResult;
use crate::bulk::{
    BulkJob, BulkJobId, BulkReason, BulkRow, BulkRowId, BulkRowState, BulkSettings, BulkTally, BulkVerdict, Table,
};
use crate::ids::{BoxId, IsdsId};
use crate::message::Phase;
use crate::time::Timestamp;

/// A bulk job to be made, in state [`BulkState::Draft`](crate::bulk::BulkState::Draft).
#[derive(Debug, Clone)]
pub struct NewBulkJob<'a> {
    /// The box that sends.
    pub box_id: BoxId,
    /// What people call it.
    pub name: &'a str,
    /// Its table.
    pub table: &'a Table,
    /// Which column is what, and what is sent.
    pub settings: &'a BulkSettings,
    /// Who makes it.
    pub actor: &'a IsdsId,
    /// Their name.
    pub actor_name: &'a str,
    /// Legal time.
    pub created: Timestamp,
}

/// Rows of a job that go from one state to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkRowMove {
    /// From these states, as a sum of [`BulkRowState::bit`].
    pub from: i64,
    /// To this.
    pub to: BulkRowState,
}

/// A change of a job, to be written over the version that it was computed from.
#[derive(Debug, Clone)]
pub struct BulkChange {
    /// The job as it is to be. Its version is the one that the change was computed from.
    pub job: BulkJob,
    /// Rows that go along, in this order.
    pub moves: Vec<BulkRowMove>,
    /// After that, ready rows whose recipient an earlier ready row has, or one that was sent, are left out.
    pub leave_out_duplicates: bool,
    /// Real time from which a new job of [`Jobs`](super::Jobs) works on it. What worked on it before does so no longer.
    pub work_due: Option<Timestamp>,
}

/// A page of a job's rows, by their numbers.
#[derive(Debug, Clone, Copy)]
pub struct BulkRowQuery {
    /// The job.
    pub job: BulkJobId,
    /// Only rows in these states, as a sum of [`BulkRowState::bit`].
    pub states: i64,
    /// Only rows after this.
    pub after: i64,
    /// How many at most.
    pub limit: u64,
}

/// Bulk jobs.
///
/// That a row is sent is written by [`Messages::accept_message`](super::Messages::accept_message), in the transaction
/// that writes the message: where [`NewMessage::bulk_row`](super::NewMessage::bulk_row) is not ready to be sent any more,
/// or its job does not run, nothing is written.
#[async_trait]
pub trait BulkJobs: Send + Sync {
    /// Makes a job with its rows in one transaction, unless the box has `most` already: then there is no key.
    async fn add_bulk_job(&self, new: &NewBulkJob<'_>, most: u64) -> StoreResult<Option<BulkJobId>>;

    /// The job.
    async fn lookup_bulk_job(&self, id: BulkJobId) -> StoreResult<Option<BulkJob>>;

    /// Jobs of a box, the latest first: `limit` of those before `before`.
    async fn list_bulk_jobs(&self, box_id: BoxId, before: Option<BulkJobId>, limit: u64) -> StoreResult<Vec<BulkJob>>;

    /// Writes a change; returns the new version.
    ///
    /// # Errors
    /// [`StoreError::Conflict`](super::StoreError::Conflict) where the job is gone or has another version.
    async fn change_bulk_job(&self, change: &BulkChange) -> StoreResult<i64>;

    /// Removes a job with its rows over its version, and gives its files up: those that no message needs are freed at
    /// `freed` (real time). False where there is no such job of this version.
    async fn remove_bulk_job(&self, id: BulkJobId, version: i64, freed: Timestamp) -> StoreResult<bool>;

    /// One page of a job's rows, with their messages as they are now.
    async fn list_bulk_rows(&self, query: &BulkRowQuery) -> StoreResult<Vec<BulkRow>>;

    /// The next rows of a job in a state, by their numbers.
    async fn next_bulk_rows(&self, id: BulkJobId, state: BulkRowState, limit: u64) -> StoreResult<Vec<BulkRow>>;

    /// Writes what was found about rows in the state `from`, where the job still has the version that was looked at. False
    /// where it has not: nothing is written then. Rows in other states are passed over.
    async fn judge_bulk_rows(
        &self,
        id: BulkJobId,
        version: i64,
        from: BulkRowState,
        verdicts: &[BulkVerdict],
    ) -> StoreResult<bool>;

    /// Notes that a ready row was refused, for good or until somebody tries again. False where it is not ready any more.
    /// The first of the rows that were left out for its sake is ready instead, unless another goes to the same recipient:
    /// a row is left out only for one that is sent.
    async fn refuse_bulk_row(&self, row: BulkRowId, reason: &BulkReason) -> StoreResult<bool>;

    /// Counts an attempt at a ready row that failed for reasons of our own; returns how many there were.
    async fn count_bulk_attempt(&self, row: BulkRowId) -> StoreResult<i64>;

    /// Marks the rows in a state whose recipient an earlier row in that state has, or one that was sent, and no others
    /// but those that are left out. False, and nothing written, where the job has another version.
    async fn mark_bulk_duplicates(&self, id: BulkJobId, version: i64, state: BulkRowState) -> StoreResult<bool>;

    /// How many rows of a job are in each state; states without any are left out.
    async fn tally_bulk_rows(&self, id: BulkJobId) -> StoreResult<Vec<BulkTally>>;

    /// How many messages of a job are in each phase.
    async fn tally_bulk_messages(&self, id: BulkJobId) -> StoreResult<Vec<(Phase, i64)>>;
}
