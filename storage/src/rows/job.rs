//! Jobs.

use isds_core::ids::MessageId;
use isds_core::ports::{Job, JobId, JobKind, StoreError, StoreResult};

use crate::error::inconsistent;

/// Kind of the job that carries an accepted message on; its subject is the message's number.
pub(crate) const JOB_PROCESS_MESSAGE: i16 = 1;

/// A job that was claimed; `attempts` counts the earlier ones.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct JobRow {
    pub(crate) id: i64,
    kind: i16,
    subject: i64,
    attempts: i64,
}

impl TryFrom<JobRow> for Job {
    type Error = StoreError;

    fn try_from(row: JobRow) -> StoreResult<Self> {
        let kind = match row.kind {
            JOB_PROCESS_MESSAGE => JobKind::ProcessMessage(MessageId(row.subject)),
            _ => return Err(inconsistent("jobs.kind", row.id)),
        };
        Ok(Self {
            id: JobId(row.id),
            kind,
            attempts: row.attempts,
        })
    }
}
