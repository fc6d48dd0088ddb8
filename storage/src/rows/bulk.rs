//! Bulk jobs.

use isds_core::bulk::{
    BulkFile, BulkJob, BulkJobId, BulkMessage, BulkReason, BulkRecipient, BulkRow, BulkRowState, BulkState, BulkTally,
};
use isds_core::ids::{IsdsId, MessageId};
use isds_core::message::Phase;
use isds_core::ports::{JobId, StoreError, StoreResult, UploadId};
use isds_core::time::Timestamp;

use super::kind;
use crate::error::inconsistent;

/// Name of the columns that [`BulkJobRow`] reads.
macro_rules! bulk_job_columns {
    () => {
        "id, box_id, name, state, version, column_names, row_count, settings, actor, actor_name, halted_code, \
         halted_text, created, started, ended, worker"
    };
}

/// Name of the columns that [`BulkRowRow`] reads, of `bulk_rows` as `r` and `messages` as `m`.
macro_rules! bulk_row_columns {
    () => {
        "r.job_id, r.number, r.cells, r.state, r.recipient_box, r.recipient_name, r.recipient_address, r.kind, r.price, \
         r.looked_up, r.duplicate, r.gap, r.bytes, r.reason_code, r.reason_text, r.dm_id, r.attempts, m.phase, \
         m.delivered_in, m.accepted"
    };
}

pub(crate) use {bulk_job_columns, bulk_row_columns};

/// A bulk job.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct BulkJobRow {
    id: i64,
    box_id: String,
    name: String,
    state: i16,
    version: i64,
    column_names: String,
    row_count: i64,
    settings: String,
    actor: String,
    actor_name: String,
    halted_code: Option<String>,
    halted_text: Option<String>,
    created: i64,
    started: Option<i64>,
    ended: Option<i64>,
    worker: Option<i64>,
}

impl TryFrom<BulkJobRow> for BulkJob {
    type Error = StoreError;

    fn try_from(row: BulkJobRow) -> StoreResult<Self> {
        let id = row.id;
        Ok(Self {
            id: BulkJobId(id),
            box_id: row.box_id.parse().map_err(|_| inconsistent("bulk_jobs.box_id", id))?,
            name: row.name,
            state: BulkState::from_code(row.state).ok_or_else(|| inconsistent("bulk_jobs.state", id))?,
            version: row.version,
            columns: serde_json::from_str(&row.column_names).map_err(|_| inconsistent("bulk_jobs.column_names", id))?,
            rows: row.row_count,
            settings: serde_json::from_str(&row.settings).map_err(|_| inconsistent("bulk_jobs.settings", id))?,
            actor: IsdsId(row.actor),
            actor_name: row.actor_name,
            halted: reason(row.halted_code, row.halted_text),
            created: Timestamp(row.created),
            started: row.started.map(Timestamp),
            ended: row.ended.map(Timestamp),
            worker: row.worker.map(JobId),
        })
    }
}

fn reason(code: Option<String>, text: Option<String>) -> Option<BulkReason> {
    Some(BulkReason {
        code: code?,
        text: text.unwrap_or_default(),
    })
}

/// A row of a bulk job with what is known of its message.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct BulkRowRow {
    job_id: i64,
    number: i64,
    cells: String,
    state: i16,
    recipient_box: Option<String>,
    recipient_name: Option<String>,
    recipient_address: Option<String>,
    kind: Option<i16>,
    price: i64,
    looked_up: i16,
    duplicate: i16,
    gap: i16,
    bytes: i64,
    reason_code: Option<String>,
    reason_text: Option<String>,
    dm_id: Option<i64>,
    attempts: i64,
    phase: Option<i16>,
    delivered_in: Option<i64>,
    accepted: Option<i64>,
}

impl TryFrom<BulkRowRow> for BulkRow {
    type Error = StoreError;

    fn try_from(row: BulkRowRow) -> StoreResult<Self> {
        let key = format!("{}/{}", row.job_id, row.number);
        let recipient = match (row.recipient_box, row.kind) {
            (Some(id), Some(code)) => Some(BulkRecipient {
                id: id.parse().map_err(|_| inconsistent("bulk_rows.recipient_box", &key))?,
                name: row.recipient_name.unwrap_or_default(),
                address: row.recipient_address.unwrap_or_default(),
                kind: kind(code, row.number)?,
                price: row.price,
            }),
            _ => None,
        };
        let message = match row.dm_id {
            Some(id) => Some(BulkMessage {
                id: MessageId(id),
                phase: row
                    .phase
                    .and_then(Phase::from_code)
                    .ok_or_else(|| inconsistent("bulk_rows.dm_id", &key))?,
                delivered_in: row.delivered_in.map(Timestamp),
                accepted: row.accepted.map(Timestamp),
            }),
            None => None,
        };
        Ok(Self {
            number: row.number,
            cells: serde_json::from_str(&row.cells).map_err(|_| inconsistent("bulk_rows.cells", &key))?,
            state: BulkRowState::from_code(row.state).ok_or_else(|| inconsistent("bulk_rows.state", &key))?,
            recipient,
            looked_up: row.looked_up == 1,
            duplicate: row.duplicate == 1,
            gap: row.gap == 1,
            bytes: row.bytes,
            reason: reason(row.reason_code, row.reason_text),
            message,
            attempts: row.attempts,
        })
    }
}

/// Rows of a state, counted.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct BulkTallyRow {
    state: i16,
    row_count: i64,
    price: i64,
    duplicates: i64,
    duplicates_price: i64,
    looked_up: i64,
    gaps: i64,
    bytes: i64,
}

impl TryFrom<BulkTallyRow> for BulkTally {
    type Error = StoreError;

    fn try_from(row: BulkTallyRow) -> StoreResult<Self> {
        Ok(Self {
            state: BulkRowState::from_code(row.state).ok_or_else(|| inconsistent("bulk_rows.state", row.state))?,
            rows: row.row_count,
            price: row.price,
            duplicates: row.duplicates,
            duplicates_price: row.duplicates_price,
            looked_up: row.looked_up,
            gaps: row.gaps,
            bytes: row.bytes,
        })
    }
}

/// A file of a bulk job.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct BulkFileRow {
    upload_id: i64,
    common: i16,
    name: String,
    length: i64,
}

impl TryFrom<BulkFileRow> for BulkFile {
    type Error = StoreError;

    fn try_from(row: BulkFileRow) -> StoreResult<Self> {
        Ok(Self {
            upload: UploadId(row.upload_id),
            common: row.common == 1,
            name: row.name,
            length: u64::try_from(row.length).map_err(|_| inconsistent("bulk_files.length", row.upload_id))?,
        })
    }
}
