//! What the administrator of the system looks at: queues, requests, facts about a message.

use async_trait::async_trait;

use super::{Fingerprint, JobId, StoreResult};
use crate::administration::RequestNumber;
use crate::ids::{BoxId, MessageId};
use crate::time::Timestamp;

/// Jobs of one kind that wait or run, counted among the first [`JOBS_LOOKED_AT`] by their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// Kind, as the database numbers it.
    pub kind: i16,
    /// How many.
    pub jobs: u64,
    /// How many are due.
    pub due: u64,
    /// When the first is, or was, due, in real time.
    pub oldest: Timestamp,
    /// Most attempts at one of them.
    pub attempts: i64,
}

/// How many jobs are looked at: a queue that is longer is only told to be so.
pub const JOBS_LOOKED_AT: u64 = 10_000;

/// What waits beside the jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitingKind {
    /// E-mails to be sent.
    Mails,
    /// What happened and is to become e-mails.
    Notices,
    /// Lists of messages to be indexed.
    Indexing,
    /// Those of them whose attachments are read for it.
    TextExtraction,
}

/// What waits of a kind, counted among the first [`JOBS_LOOKED_AT`] by their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingWork {
    /// Which.
    pub kind: WaitingKind,
    /// How much.
    pub count: u64,
    /// How much of it is due.
    pub due: u64,
    /// When the first of it is, or was, due: in real time, of notices in legal time. None where nothing waits.
    pub oldest: Option<Timestamp>,
    /// Most attempts at one; of mails only.
    pub attempts: i64,
}

/// A job that did not succeed at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TroubledJob {
    /// Key.
    pub id: JobId,
    /// Kind, as the database numbers it.
    pub kind: i16,
    /// What it works on.
    pub subject: i64,
    /// When it is tried again, in real time; while it runs, when its lease ends.
    pub due: Timestamp,
    /// How often it was begun.
    pub attempts: i64,
    /// A node works on it now, or did until it died.
    pub runs: bool,
}

/// A request for administration of a box, as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRequest {
    /// Its number.
    pub number: RequestNumber,
    /// Operation, or what the system did by itself.
    pub operation: String,
    /// `isdsID` of who asked.
    pub caller: Option<String>,
    /// Reference of the caller's own file.
    pub reference: Option<String>,
    /// Legal time.
    pub at: Timestamp,
}

/// A system certificate of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoxCertificate {
    /// Which.
    pub fingerprint: Fingerprint,
    /// Real time after which it is no longer taken.
    pub expires: Timestamp,
}

/// What the newest messages tell of the timestamp authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamping {
    /// Newest message with a timestamp, and when it was submitted (legal time).
    pub last: Option<(MessageId, Timestamp)>,
    /// How many of the newest messages wait for one, up to a thousand.
    pub waiting: u64,
    /// Since when the first of these waits (legal time).
    pub waiting_since: Option<Timestamp>,
}

/// What the administrator looks at.
#[async_trait]
pub trait Overview: Send + Sync {
    /// The queues, by kind.
    async fn list_queues(&self, now: Timestamp) -> StoreResult<Vec<Queue>>;

    /// What waits beside the jobs, in the order of the kinds.
    async fn list_waiting_work(&self, real: Timestamp, legal: Timestamp) -> StoreResult<Vec<WaitingWork>>;

    /// Jobs that were begun more than once, most often begun first.
    async fn list_troubled_jobs(&self, limit: u64) -> StoreResult<Vec<TroubledJob>>;

    /// Makes all jobs of a kind due that were begun before and wait; answers how many, `limit` at most. What a node
    /// works on is left to it.
    async fn make_jobs_due(&self, kind: i16, now: Timestamp, limit: u64) -> StoreResult<u64>;

    /// Makes a job due that waits; false where it is due, is worked on, or is gone.
    async fn make_job_due(&self, id: JobId, now: Timestamp) -> StoreResult<bool>;

    /// Requests for administration of a box, newest first, those before `before`.
    async fn list_requests(
        &self,
        box_id: BoxId,
        before: Option<RequestNumber>,
        limit: u64,
    ) -> StoreResult<Vec<KeptRequest>>;

    /// Certificates with which applications of a box call.
    async fn list_certificates_of_box(&self, box_id: BoxId) -> StoreResult<Vec<BoxCertificate>>;

    /// What the newest messages tell of the timestamp authority.
    async fn stamping(&self) -> StoreResult<Stamping>;
}
