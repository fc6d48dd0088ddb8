//! What has to be done.

use async_trait::async_trait;

use super::{AnnouncementId, ErasedListId, ImportId, StoreResult, SystemMessageId};
use crate::administration::BoxClosingId;
use crate::bulk::BulkJobId;
use crate::ids::MessageId;
use crate::time::Timestamp;

/// Key of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct JobId(pub i64);

/// A leased job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Key.
    pub id: JobId,
    /// What to do.
    pub kind: JobKind,
    /// How often it was begun before.
    pub attempts: i64,
}

/// What jobs do. Each is idempotent: it looks at what it works on before it does anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Stamp an accepted message and, where there is no scanner, deliver it.
    ProcessMessage(MessageId),
    /// Scan a stamped message and deliver it. Claimed by itself ([`Jobs::claim_scans`]): neither a slow scanner nor one
    /// that is out of order holds up anything else.
    ScanMessage(MessageId),
    /// Make the messages undeliverable that lie in a box that was disabled.
    CloseBox(BoxClosingId),
    /// Send a system message that was promised.
    SendSystemMessage(SystemMessageId),
    /// Make a list of erased messages that was ordered.
    MakeErasedList(ErasedListId),
    /// Promise an announcement to some boxes of its types.
    Announce(AnnouncementId),
    /// Found some boxes of a table.
    ImportBoxes(ImportId),
    /// Look up addresses, try or send some rows of a bulk job.
    WorkOnBulkJob(BulkJobId),
}

impl JobKind {
    /// The number that the database has for the kind.
    #[must_use]
    pub fn number(self) -> i16 {
        match self {
            Self::ProcessMessage(_) => 1,
            Self::SendSystemMessage(_) => 2,
            Self::CloseBox(_) => 6,
            Self::MakeErasedList(_) => 8,
            Self::WorkOnBulkJob(_) => 15,
            Self::ImportBoxes(_) => 17,
            Self::Announce(_) => 21,
            Self::ScanMessage(_) => 22,
        }
    }
}

/// Jobs: rows with a lease, done at least once. Times are real.
#[async_trait]
pub trait Jobs: Send + Sync {
    /// Leases up to `limit` jobs that are due, until `lease_until`, scans excepted. A job whose lease ran out is due again.
    async fn claim_jobs(&self, now: Timestamp, lease_until: Timestamp, limit: u64) -> StoreResult<Vec<Job>>;

    /// As [`claim_jobs`](Self::claim_jobs), the scans alone.
    async fn claim_scans(&self, now: Timestamp, lease_until: Timestamp, limit: u64) -> StoreResult<Vec<Job>>;

    /// Makes scans of jobs that stamped their messages, due at `due` and begun by nobody.
    async fn hand_to_scanner(&self, jobs: &[JobId], due: Timestamp) -> StoreResult<()>;

    /// Gives a job back, to be tried again at `due`.
    async fn retry_job(&self, id: JobId, due: Timestamp) -> StoreResult<()>;

    /// Removes a job that has nothing left to do.
    async fn finish_job(&self, id: JobId) -> StoreResult<()>;

    /// Whether somebody works on a job at `now`, or died over it and its lease has not ended yet.
    async fn is_any_job_leased(&self, now: Timestamp) -> StoreResult<bool>;

    /// How many jobs wait or run.
    async fn count_jobs(&self) -> StoreResult<u64>;
}
