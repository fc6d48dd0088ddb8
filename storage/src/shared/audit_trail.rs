//! Calls, and signed heads of the chain of records.

use async_trait::async_trait;
use isds_core::audit::{AuditHead, CallBatch, CallBatchId, NewCallBatch};
use isds_core::ports::{AuditTrail, StoreError, StoreResult};
use isds_core::time::Timestamp;

use super::audit::digest;
use super::{Db, SqlStore, all, signed};
use crate::error::store_error;

const ADD_CALLS: &str = "INSERT INTO audit_calls (written, calls, digest) VALUES ($1, $2, $3)";

const LIST_UNSEALED_CALLS: &str = "SELECT id, digest FROM audit_calls WHERE seal IS NULL ORDER BY id LIMIT $1";

pub(super) const LIST_SEALED_CALLS: &str = "SELECT id, written, calls, digest, seal FROM audit_calls \
     WHERE seal IS NOT NULL AND (seal, id) > ($1, $2) AND seal <= $3 ORDER BY seal, id LIMIT $4";

const ADD_HEAD: &str = "INSERT INTO audit_heads (number, sealed, hash, signed, signature) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (number) DO NOTHING";

macro_rules! heads {
    ($rest:literal) => {
        concat!(
            "SELECT number, sealed, hash, signed, signature FROM audit_heads ",
            $rest
        )
    };
}

const LAST_HEAD: &str = heads!("ORDER BY number DESC LIMIT 1");
pub(super) const FIND_HEAD_BEFORE: &str = heads!("WHERE sealed < $1 ORDER BY sealed DESC, number DESC LIMIT 1");
const FIND_HEAD_FROM: &str = heads!("WHERE sealed >= $1 ORDER BY sealed, number LIMIT 1");
const LIST_HEADS: &str = heads!("WHERE number > $1 AND number <= $2 ORDER BY number");

#[derive(sqlx::FromRow)]
struct BatchRow {
    id: i64,
    written: i64,
    calls: String,
    digest: Vec<u8>,
    seal: Option<i64>,
}

impl TryFrom<BatchRow> for CallBatch {
    type Error = StoreError;

    fn try_from(row: BatchRow) -> StoreResult<Self> {
        Ok(Self {
            id: CallBatchId(row.id),
            batch: NewCallBatch {
                written: Timestamp(row.written),
                calls: row.calls,
            },
            digest: digest(row.digest, "audit_calls.digest", row.id)?,
            seal: row.seal,
        })
    }
}

#[derive(sqlx::FromRow)]
struct HeadRow {
    number: i64,
    sealed: i64,
    hash: Vec<u8>,
    signed: i64,
    signature: Vec<u8>,
}

impl TryFrom<HeadRow> for AuditHead {
    type Error = StoreError;

    fn try_from(row: HeadRow) -> StoreResult<Self> {
        Ok(Self {
            number: row.number,
            sealed: Timestamp(row.sealed),
            hash: digest(row.hash, "audit_heads.hash", row.number)?,
            signed: Timestamp(row.signed),
            signature: row.signature,
        })
    }
}

impl SqlStore {
    async fn head(&self, statement: &'static str, time: Option<Timestamp>) -> StoreResult<Option<AuditHead>> {
        let query = sqlx::query_as::<Db, HeadRow>(statement);
        let query = match time {
            Some(time) => query.bind(time.0),
            None => query,
        };
        let row = query.fetch_optional(self.reader()).await.map_err(store_error)?;
        row.map(AuditHead::try_from).transpose()
    }
}

#[async_trait]
impl AuditTrail for SqlStore {
    async fn add_audit_calls(&self, batch: &NewCallBatch) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        sqlx::query::<Db>(ADD_CALLS)
            .bind(batch.written.0)
            .bind(&batch.calls)
            .bind(batch.digest().to_vec())
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    async fn list_unsealed_calls(&self, limit: u64) -> StoreResult<Vec<(CallBatchId, [u8; 32])>> {
        let rows = sqlx::query_as::<Db, (i64, Vec<u8>)>(LIST_UNSEALED_CALLS)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter()
            .map(|(id, bytes)| Ok((CallBatchId(id), digest(bytes, "audit_calls.digest", id)?)))
            .collect()
    }

    async fn list_sealed_calls(
        &self,
        after: (i64, CallBatchId),
        through: i64,
        limit: u64,
    ) -> StoreResult<Vec<CallBatch>> {
        let rows = sqlx::query_as::<Db, BatchRow>(LIST_SEALED_CALLS)
            .bind(after.0)
            .bind(after.1.0)
            .bind(through)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn add_audit_head(&self, head: &AuditHead) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        sqlx::query::<Db>(ADD_HEAD)
            .bind(head.number)
            .bind(head.sealed.0)
            .bind(head.hash.as_slice())
            .bind(head.signed.0)
            .bind(head.signature.as_slice())
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    async fn last_audit_head(&self) -> StoreResult<Option<AuditHead>> {
        self.head(LAST_HEAD, None).await
    }

    async fn find_audit_head_before(&self, time: Timestamp) -> StoreResult<Option<AuditHead>> {
        self.head(FIND_HEAD_BEFORE, Some(time)).await
    }

    async fn find_audit_head_from(&self, time: Timestamp) -> StoreResult<Option<AuditHead>> {
        self.head(FIND_HEAD_FROM, Some(time)).await
    }

    async fn list_audit_heads(&self, after: i64, through: i64) -> StoreResult<Vec<AuditHead>> {
        let rows = sqlx::query_as::<Db, HeadRow>(LIST_HEADS)
            .bind(after)
            .bind(through)
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }
}
