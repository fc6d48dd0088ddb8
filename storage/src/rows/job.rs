//! Jobs.

use isds_core::administration::BoxClosingId;
use isds_core::bulk::BulkJobId;
use isds_core::ids::MessageId;
use isds_core::ports::{
    AnnouncementId, ErasedListId, ImportId, Job, JobId, JobKind, StoreError, StoreResult, SystemMessageId,
};

use crate::error::inconsistent;

/// Kind of the job that carries an accepted message on; its subject is the message's number.
pub(crate) const JOB_PROCESS_MESSAGE: i16 = 1;
/// Kind of the job that sends a system message; its subject is the key of the promise.
pub(crate) const JOB_SEND_SYSTEM_MESSAGE: i16 = 2;
/// Kind of the job that makes messages undeliverable; its subject is the key of the closing.
pub(crate) const JOB_CLOSE_BOX: i16 = 6;
/// Kind of the job that makes a list of erased messages; its subject is the key of the order.
pub(crate) const JOB_MAKE_ERASED_LIST: i16 = 8;
/// Kind of the job that founds boxes from a table; its subject is the key of the import.
pub(crate) const JOB_IMPORT_BOXES: i16 = 17;
/// Kind of the job that works on a bulk job; its subject is the key of the bulk job.
pub(crate) const JOB_WORK_ON_BULK_JOB: i16 = 15;
/// Kind of the job that promises an announcement to boxes of some types; its subject is the announcement's key.
pub(crate) const JOB_ANNOUNCE: i16 = 21;
/// Kind of the job that has a message scanned; its subject is the message's number. The statements that claim jobs have
/// it as a literal, since their indexes do.
pub(crate) const JOB_SCAN_MESSAGE: i16 = 22;
/// Greatest kind that this version knows; greater ones are left to nodes that know them.
pub(crate) const LAST_JOB_KIND: i16 = JOB_SCAN_MESSAGE;

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
            JOB_SCAN_MESSAGE => JobKind::ScanMessage(MessageId(row.subject)),
            JOB_SEND_SYSTEM_MESSAGE => JobKind::SendSystemMessage(SystemMessageId(row.subject)),
            JOB_CLOSE_BOX => JobKind::CloseBox(BoxClosingId(row.subject)),
            JOB_MAKE_ERASED_LIST => JobKind::MakeErasedList(ErasedListId(row.subject)),
            JOB_IMPORT_BOXES => JobKind::ImportBoxes(ImportId(row.subject)),
            JOB_WORK_ON_BULK_JOB => JobKind::WorkOnBulkJob(BulkJobId(row.subject)),
            JOB_ANNOUNCE => JobKind::Announce(AnnouncementId(row.subject)),
            _ => return Err(inconsistent("jobs.kind", row.id)),
        };
        Ok(Self {
            id: JobId(row.id),
            kind,
            attempts: row.attempts,
        })
    }
}
