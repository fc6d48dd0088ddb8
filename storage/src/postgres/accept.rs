//! Writing accepted messages: as many as come at once in one statement, each column an array.

use isds_core::event::Event;
use isds_core::ports::{NewMessage, StoreResult};
use isds_core::time::Timestamp;
use sqlx::{PgExecutor, Pool};

use super::Db;
use crate::error::store_error;
use crate::rows::{JOB_PROCESS_MESSAGE, NewMessageRow};

/// Messages, their first events and their jobs: a transaction by itself, and one round trip.
pub(super) const ACCEPT_MESSAGES: &str = "\
    WITH new AS MATERIALIZED ( \
        SELECT * FROM unnest($1::BIGINT[], $2::BIGINT[], $3::SMALLINT[], $4::SMALLINT[], $5::TEXT[], $6::TEXT[], \
            $7::SMALLINT[], $8::TEXT[], $9::TEXT[], $10::TEXT[], $11::BYTEA[], $12::BYTEA[], $13::BIGINT[], \
            $14::BIGINT[], $15::BYTEA[], $16::SMALLINT[], $17::BIGINT[], $18::BIGINT[], $19::BIGINT[], $20::BIGINT[], \
            $21::SMALLINT[], $22::SMALLINT[], $23::BIGINT[], $24::SMALLINT[], $25::SMALLINT[], $26::BIGINT[], \
            $27::SMALLINT[], $28::SMALLINT[], $29::SMALLINT[], $30::SMALLINT[], $31::TEXT[], $32::SMALLINT[], \
            $33::BIGINT[], $34::BIGINT[]) \
        AS n (dm_id, version, phase, kind, sender_box, recipient_box, personal_delivery, envelope, author, segments, \
            sha256, sha3_256, attachment_count, attachment_size_kb, timestamp_token, scan, submitted, delivered_in, \
            accepted, sort_time, sender_in_vault, sender_erased, sender_due, recipient_in_vault, recipient_erased, \
            recipient_due, recipient_read, sender_status, recipient_status, large, attachments, event_kind, \
            event_time, job_due) \
    ), message AS ( \
        INSERT INTO messages (dm_id, version, phase, kind, sender_box, recipient_box, personal_delivery, envelope, \
            author, segments, sha256, sha3_256, attachment_count, attachment_size_kb, timestamp_token, scan, submitted, \
            delivered_in, accepted, sort_time, sender_in_vault, sender_erased, sender_due, recipient_in_vault, \
            recipient_erased, recipient_due, recipient_read, sender_status, recipient_status, large, attachments) \
        SELECT dm_id, version, phase, kind, sender_box, recipient_box, personal_delivery, envelope, \
            author, segments, sha256, sha3_256, attachment_count, attachment_size_kb, timestamp_token, scan, submitted, \
            delivered_in, accepted, sort_time, sender_in_vault, sender_erased, sender_due, recipient_in_vault, \
            recipient_erased, recipient_due, recipient_read, sender_status, recipient_status, large, attachments FROM new \
    ), event AS ( \
        INSERT INTO message_events (dm_id, version, seq, kind, time) \
        SELECT dm_id, version, 0, event_kind, event_time FROM new \
    ) INSERT INTO jobs (kind, subject, due, attempts) SELECT $35, dm_id, job_due, 0 FROM new";

/// The columns of [`ACCEPT_MESSAGES`], one array each.
#[derive(Default)]
pub(super) struct Columns {
    id: Vec<i64>,
    version: Vec<i64>,
    phase: Vec<i16>,
    kind: Vec<i16>,
    sender: Vec<String>,
    recipient: Vec<String>,
    personal_delivery: Vec<i16>,
    envelope: Vec<String>,
    author: Vec<String>,
    segments: Vec<String>,
    sha256: Vec<Vec<u8>>,
    sha3_256: Vec<Vec<u8>>,
    attachment_count: Vec<i64>,
    attachment_size_kb: Vec<i64>,
    timestamp_token: Vec<Option<Vec<u8>>>,
    scan: Vec<Option<i16>>,
    submitted: Vec<i64>,
    delivered_in: Vec<Option<i64>>,
    accepted: Vec<Option<i64>>,
    sort_time: Vec<i64>,
    sender_in_vault: Vec<i16>,
    sender_erased: Vec<i16>,
    sender_due: Vec<Option<i64>>,
    recipient_in_vault: Vec<i16>,
    recipient_erased: Vec<i16>,
    recipient_due: Vec<Option<i64>>,
    recipient_read: Vec<i16>,
    sender_status: Vec<i16>,
    recipient_status: Vec<i16>,
    large: Vec<i16>,
    attachments: Vec<Option<String>>,
    event_kind: Vec<i16>,
    event_time: Vec<i64>,
    job_due: Vec<i64>,
}

impl Columns {
    pub(super) fn push(&mut self, row: &NewMessageRow<'_>, event: Event, job_due: Timestamp) {
        let (message, state) = (row.message, &row.state);
        self.id.push(message.id.0);
        self.version.push(message.version);
        self.phase.push(state.phase);
        self.kind.push(row.kind);
        self.sender.push(message.envelope.sender.as_str().to_owned());
        self.recipient.push(message.envelope.recipient.as_str().to_owned());
        self.personal_delivery.push(row.personal_delivery);
        self.envelope.push(row.envelope.clone());
        self.author.push(row.author.clone());
        self.segments.push(row.segments.clone());
        self.sha256.push(message.content.sha256.to_vec());
        self.sha3_256.push(message.content.sha3_256.to_vec());
        self.attachment_count.push(message.content.attachment_count);
        self.attachment_size_kb.push(message.content.attachment_size_kb);
        self.timestamp_token.push(message.timestamp_token.clone());
        self.scan.push(row.scan);
        self.submitted.push(message.state.submitted.0);
        self.delivered_in.push(state.delivered_in);
        self.accepted.push(state.accepted);
        self.sort_time.push(state.sort_time);
        self.sender_in_vault.push(state.sender_in_vault);
        self.sender_erased.push(state.sender_erased);
        self.sender_due.push(state.sender_due);
        self.recipient_in_vault.push(state.recipient_in_vault);
        self.recipient_erased.push(state.recipient_erased);
        self.recipient_due.push(state.recipient_due);
        self.recipient_read.push(state.recipient_read);
        self.sender_status.push(state.sender_status);
        self.recipient_status.push(state.recipient_status);
        self.large.push(row.large);
        self.attachments.push(row.attachments.clone());
        self.event_kind.push(event.kind.number());
        self.event_time.push(event.time.0);
        self.job_due.push(job_due.0);
    }

    pub(super) async fn insert(&self, executor: impl PgExecutor<'_>) -> sqlx::Result<()> {
        sqlx::query::<Db>(ACCEPT_MESSAGES)
            .bind(&self.id)
            .bind(&self.version)
            .bind(&self.phase)
            .bind(&self.kind)
            .bind(&self.sender)
            .bind(&self.recipient)
            .bind(&self.personal_delivery)
            .bind(&self.envelope)
            .bind(&self.author)
            .bind(&self.segments)
            .bind(&self.sha256)
            .bind(&self.sha3_256)
            .bind(&self.attachment_count)
            .bind(&self.attachment_size_kb)
            .bind(&self.timestamp_token)
            .bind(&self.scan)
            .bind(&self.submitted)
            .bind(&self.delivered_in)
            .bind(&self.accepted)
            .bind(&self.sort_time)
            .bind(&self.sender_in_vault)
            .bind(&self.sender_erased)
            .bind(&self.sender_due)
            .bind(&self.recipient_in_vault)
            .bind(&self.recipient_erased)
            .bind(&self.recipient_due)
            .bind(&self.recipient_read)
            .bind(&self.sender_status)
            .bind(&self.recipient_status)
            .bind(&self.large)
            .bind(&self.attachments)
            .bind(&self.event_kind)
            .bind(&self.event_time)
            .bind(&self.job_due)
            .bind(JOB_PROCESS_MESSAGE)
            .execute(executor)
            .await?;
        Ok(())
    }
}

/// One message by itself.
pub(super) async fn one(pool: &Pool<Db>, new: &NewMessage) -> StoreResult<()> {
    let mut columns = Columns::default();
    columns.push(&NewMessageRow::new(new)?, new.event, new.job_due);
    columns.insert(pool).await.map_err(store_error)
}
