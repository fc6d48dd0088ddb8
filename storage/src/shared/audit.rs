//! Records of who did what.

use std::ops::RangeInclusive;

use async_trait::async_trait;
use isds_core::audit::{
    AuditAction, AuditActor, AuditActorKind, AuditEntry, AuditId, AuditOrigin, AuditOutcome, AuditRecord, AuditSeal,
    AuditSubject, CallBatchId,
};
use isds_core::ids::{BoxId, IsdsId, MessageId};
use isds_core::ports::{Audit, AuditLead, AuditScan, StoreError, StoreResult};
use isds_core::time::Timestamp;
use sqlx::QueryBuilder;
use std::net::IpAddr;

use super::{Db, SqlStore, all, signed};
use crate::error::{inconsistent, store_error};

/// Rows of one statement: sixteen parameters each, and SQLite takes 32,766.
const ROWS: usize = 500;

macro_rules! audit_columns {
    () => {
        "id, real, legal, actor_kind, actor_isds_id, actor_name, origin, action, outcome, box_id, dm_id, \
         subject_isds_id, other_box, detail, digest, seal, address"
    };
}

const ADD: &str = "INSERT INTO audit_records (real, legal, actor_kind, actor_isds_id, actor_name, origin, action, \
     outcome, box_id, dm_id, subject_isds_id, other_box, detail, digest, address) ";

macro_rules! scan {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            audit_columns!(),
            " FROM audit_records WHERE ",
            $condition,
            "legal >= $1 AND (legal, id) < ($2, $3) ORDER BY legal DESC, id DESC LIMIT $4"
        )
    };
}

pub(super) const SCAN_AUDIT: &str = scan!("");
pub(super) const SCAN_AUDIT_OF_BOX: &str = scan!("box_id = $5 AND ");
pub(super) const SCAN_AUDIT_OF_ACTOR: &str = scan!("actor_isds_id = $5 AND ");
pub(super) const SCAN_AUDIT_OF_MESSAGE: &str = scan!("dm_id = $5 AND ");
pub(super) const SCAN_AUDIT_OF_ACTION: &str = scan!("action = $5 AND ");

pub(super) const SCAN_AUDIT_OF_SUBJECT: &str = scan!("subject_isds_id = $5 AND ");
pub(super) const SCAN_AUDIT_OF_OTHER_BOX: &str = scan!("other_box = $5 AND ");

pub(super) const LIST_UNSEALED: &str =
    "SELECT id, digest FROM audit_records WHERE seal IS NULL AND id > $1 ORDER BY id LIMIT $2";

const COUNT_UNSEALED: &str = "SELECT COUNT(*) FROM audit_records WHERE seal IS NULL";

const LAST_SEAL: &str = "SELECT number, sealed, count, hash FROM audit_seals ORDER BY number DESC LIMIT 1";

const LIST_SEALS: &str =
    "SELECT number, sealed, count, hash FROM audit_seals WHERE number > $1 ORDER BY number LIMIT $2";

const ADD_SEAL: &str = "INSERT INTO audit_seals (number, sealed, count, hash) VALUES ($1, $2, $3, $4)";

const SEAL_CALLS: &str = "UPDATE audit_calls SET seal = $1 WHERE seal IS NULL AND id BETWEEN $2 AND $3";

const SEAL_RECORDS: &str = "UPDATE audit_records SET seal = $1 WHERE seal IS NULL AND id BETWEEN $2 AND $3";

pub(super) const LIST_SEALED: &str = concat!(
    "SELECT ",
    audit_columns!(),
    " FROM audit_records WHERE seal > $1 AND seal <= $2 ORDER BY seal, id LIMIT $3"
);

const LOOKUP_SEAL: &str = "SELECT number, sealed, count, hash FROM audit_seals WHERE number = $1";

/// In one statement: a seal that is added meanwhile is seen with its records, or neither is.
const FIND_ORPHANED: &str = "SELECT MIN(seal) FROM (\
     SELECT MIN(seal) AS seal FROM audit_records WHERE seal < 1 \
     UNION ALL SELECT MIN(seal) FROM audit_calls WHERE seal < 1 \
     UNION ALL SELECT MIN(seal) FROM audit_records \
     WHERE seal > COALESCE((SELECT MAX(number) FROM audit_seals), 0) \
     UNION ALL SELECT MIN(seal) FROM audit_calls \
     WHERE seal > COALESCE((SELECT MAX(number) FROM audit_seals), 0)) AS orphaned";

#[derive(sqlx::FromRow)]
struct RecordRow {
    id: i64,
    real: i64,
    legal: i64,
    actor_kind: i16,
    actor_isds_id: Option<String>,
    actor_name: String,
    origin: i16,
    action: i16,
    outcome: i16,
    box_id: Option<String>,
    dm_id: Option<i64>,
    subject_isds_id: Option<String>,
    other_box: Option<String>,
    detail: Option<String>,
    digest: Vec<u8>,
    seal: Option<i64>,
    address: Option<String>,
}

impl TryFrom<RecordRow> for AuditRecord {
    type Error = StoreError;

    fn try_from(row: RecordRow) -> StoreResult<Self> {
        let id = row.id;
        let box_of = |text: Option<String>, column| -> StoreResult<Option<BoxId>> {
            text.map(|text| text.parse().map_err(|_| inconsistent(column, id)))
                .transpose()
        };
        Ok(Self {
            id: AuditId(id),
            entry: AuditEntry {
                real: Timestamp(row.real),
                legal: Timestamp(row.legal),
                actor: AuditActor {
                    kind: AuditActorKind::from_code(row.actor_kind)
                        .ok_or_else(|| inconsistent("audit_records.actor_kind", id))?,
                    isds_id: row.actor_isds_id.map(IsdsId),
                    name: row.actor_name,
                },
                origin: AuditOrigin::from_code(row.origin).ok_or_else(|| inconsistent("audit_records.origin", id))?,
                action: AuditAction::from_code(row.action).ok_or_else(|| inconsistent("audit_records.action", id))?,
                subject: AuditSubject {
                    box_id: box_of(row.box_id, "audit_records.box_id")?,
                    message: row.dm_id.map(MessageId),
                    isds_id: row.subject_isds_id.map(IsdsId),
                    other_box: box_of(row.other_box, "audit_records.other_box")?,
                    detail: row.detail,
                },
                outcome: AuditOutcome::from_code(row.outcome),
                address: row
                    .address
                    .map(|text| text.parse::<IpAddr>())
                    .transpose()
                    .map_err(|_| inconsistent("audit_records.address", id))?,
            },
            digest: digest(row.digest, "audit_records.digest", id)?,
            seal: row.seal,
        })
    }
}

#[derive(sqlx::FromRow)]
struct SealRow {
    number: i64,
    sealed: i64,
    count: i64,
    hash: Vec<u8>,
}

impl TryFrom<SealRow> for AuditSeal {
    type Error = StoreError;

    fn try_from(row: SealRow) -> StoreResult<Self> {
        Ok(Self {
            number: row.number,
            sealed: Timestamp(row.sealed),
            count: row.count,
            hash: digest(row.hash, "audit_seals.hash", row.number)?,
        })
    }
}

pub(super) fn digest(bytes: Vec<u8>, column: &str, key: i64) -> StoreResult<[u8; 32]> {
    bytes.try_into().map_err(|_| inconsistent(column, key))
}

#[async_trait]
impl Audit for SqlStore {
    async fn add_audit_records(&self, entries: &[AuditEntry]) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        for entries in entries.chunks(ROWS) {
            let mut insert = QueryBuilder::<Db>::new(ADD);
            insert.push_values(entries, |mut row, entry| {
                let subject = &entry.subject;
                row.push_bind(entry.real.0)
                    .push_bind(entry.legal.0)
                    .push_bind(entry.actor.kind.code())
                    .push_bind(entry.actor.isds_id.as_ref().map(|id| id.0.clone()))
                    .push_bind(entry.actor.name.clone())
                    .push_bind(entry.origin.code())
                    .push_bind(entry.action.code())
                    .push_bind(entry.outcome.code())
                    .push_bind(subject.box_id.map(|id| id.to_string()))
                    .push_bind(subject.message.map(|id| id.0))
                    .push_bind(subject.isds_id.as_ref().map(|id| id.0.clone()))
                    .push_bind(subject.other_box.map(|id| id.to_string()))
                    .push_bind(subject.detail.clone())
                    .push_bind(entry.digest().to_vec())
                    .push_bind(entry.address.map(|address| address.to_string()));
            });
            insert.build().execute(&mut *tx).await.map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)
    }

    async fn scan_audit(&self, scan: &AuditScan) -> StoreResult<Vec<AuditRecord>> {
        let statement = match &scan.lead {
            AuditLead::Everything => SCAN_AUDIT,
            AuditLead::Box(_) => SCAN_AUDIT_OF_BOX,
            AuditLead::Actor(_) => SCAN_AUDIT_OF_ACTOR,
            AuditLead::Message(_) => SCAN_AUDIT_OF_MESSAGE,
            AuditLead::Action(_) => SCAN_AUDIT_OF_ACTION,
            AuditLead::Subject(_) => SCAN_AUDIT_OF_SUBJECT,
            AuditLead::OtherBox(_) => SCAN_AUDIT_OF_OTHER_BOX,
        };
        let query = sqlx::query_as::<Db, RecordRow>(statement)
            .bind(scan.from.0)
            .bind(scan.after.legal.0)
            .bind(scan.after.id.0)
            .bind(signed(scan.limit));
        let query = match &scan.lead {
            AuditLead::Everything => query,
            AuditLead::Box(id) | AuditLead::OtherBox(id) => query.bind(id.to_string()),
            // No identifier has one, and PostgreSQL takes no text with one.
            AuditLead::Actor(id) | AuditLead::Subject(id) if id.0.contains('\0') => return Ok(Vec::new()),
            AuditLead::Actor(id) | AuditLead::Subject(id) => query.bind(id.0.clone()),
            AuditLead::Message(id) => query.bind(id.0),
            AuditLead::Action(action) => query.bind(action.code()),
        };
        all(query.fetch_all(self.reader()).await.map_err(store_error)?)
    }

    async fn list_unsealed_audit(&self, after: AuditId, limit: u64) -> StoreResult<Vec<(AuditId, [u8; 32])>> {
        let rows = sqlx::query_as::<Db, (i64, Vec<u8>)>(LIST_UNSEALED)
            .bind(after.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter()
            .map(|(id, bytes)| Ok((AuditId(id), digest(bytes, "audit_records.digest", id)?)))
            .collect()
    }

    async fn last_audit_seal(&self) -> StoreResult<Option<AuditSeal>> {
        let row = sqlx::query_as::<Db, SealRow>(LAST_SEAL)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(AuditSeal::try_from).transpose()
    }

    async fn add_audit_seal(
        &self,
        seal: &AuditSeal,
        records: Option<RangeInclusive<AuditId>>,
        calls: Option<RangeInclusive<CallBatchId>>,
    ) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        // The number first: whoever comes second waits for it here and finds it taken.
        sqlx::query::<Db>(ADD_SEAL)
            .bind(seal.number)
            .bind(seal.sealed.0)
            .bind(seal.count)
            .bind(seal.hash.as_slice())
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        let mut sealed = 0;
        for (statement, sealing) in [
            (SEAL_RECORDS, records.map(|ids| (ids.start().0, ids.end().0))),
            (SEAL_CALLS, calls.map(|ids| (ids.start().0, ids.end().0))),
        ] {
            let Some((first, last)) = sealing else { continue };
            let rows = sqlx::query::<Db>(statement)
                .bind(seal.number)
                .bind(first)
                .bind(last)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
            sealed += rows.rows_affected();
        }
        if i64::try_from(sealed) != Ok(seal.count) {
            tx.rollback().await.map_err(store_error)?;
            return Err(StoreError::Conflict);
        }
        tx.commit().await.map_err(store_error)
    }

    async fn list_audit_seals(&self, after: i64, limit: u64) -> StoreResult<Vec<AuditSeal>> {
        let rows = sqlx::query_as::<Db, SealRow>(LIST_SEALS)
            .bind(after)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn list_sealed_audit(&self, after: i64, through: i64, limit: u64) -> StoreResult<Vec<AuditRecord>> {
        let rows = sqlx::query_as::<Db, RecordRow>(LIST_SEALED)
            .bind(after)
            .bind(through)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn lookup_audit_seal(&self, number: i64) -> StoreResult<Option<AuditSeal>> {
        let row = sqlx::query_as::<Db, SealRow>(LOOKUP_SEAL)
            .bind(number)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(AuditSeal::try_from).transpose()
    }

    async fn find_orphaned_audit(&self) -> StoreResult<Option<i64>> {
        sqlx::query_scalar::<Db, Option<i64>>(FIND_ORPHANED)
            .fetch_one(self.reader())
            .await
            .map_err(store_error)
    }

    async fn count_unsealed_audit(&self) -> StoreResult<u64> {
        let count = sqlx::query_scalar::<Db, i64>(COUNT_UNSEALED)
            .fetch_one(self.reader())
            .await
            .map_err(store_error)?;
        u64::try_from(count).map_err(|_| inconsistent("audit_records", "count"))
    }
}
