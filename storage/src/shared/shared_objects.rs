//! Objects that several messages need, and objects that none needs any more.

use std::collections::BTreeSet;

use async_trait::async_trait;
use isds_core::ids::{MessageId, ObjectId};
use isds_core::message::Segment;
use isds_core::ports::{NewMessage, SharedObjects, StoreError, StoreResult};
use isds_core::time::Timestamp;
use sqlx::{QueryBuilder, Transaction};

use super::messages::TRIES;
use super::{Db, SqlStore, signed};
use crate::error::{inconsistent, store_error};
use crate::rows::NewMessageRow;

const COUNT_OBJECT: &str = "INSERT INTO shared_objects (object_id, refs) VALUES ($1, $2)";

const UNREFER: &str = "UPDATE shared_objects SET refs = refs - 1 WHERE object_id = $1 RETURNING refs";

const UNCOUNT: &str = "DELETE FROM shared_objects WHERE object_id = $1";

const DELETE_UPLOAD: &str = "DELETE FROM uploads WHERE object_id = $1";

const FREE: &str = "INSERT INTO freed_objects (object_id, freed) VALUES ($1, $2) ON CONFLICT (object_id) DO NOTHING";

pub(super) const LIST_FREED_OBJECTS: &str =
    "SELECT object_id FROM freed_objects WHERE freed <= $1 ORDER BY freed, object_id LIMIT $2";

/// Objects that are forgotten in one statement.
const FORGOTTEN: usize = 500;

const PUT_OFF: &str = "UPDATE freed_objects SET freed = $2 WHERE object_id = $1";

impl SqlStore {
    /// Nothing needs the object any more; it is removed later.
    pub(super) async fn free_object(tx: &mut Transaction<'_, Db>, object: &str, freed: Timestamp) -> StoreResult<()> {
        sqlx::query::<Db>(FREE)
            .bind(object)
            .bind(freed.0)
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    /// One message or draft less needs the object.
    pub(in super::super) async fn let_go(
        tx: &mut Transaction<'_, Db>,
        object: &str,
        freed: Timestamp,
    ) -> StoreResult<()> {
        let left = sqlx::query_scalar::<Db, i64>(UNREFER)
            .bind(object)
            .fetch_optional(&mut **tx)
            .await
            .map_err(store_error)?;
        match left {
            Some(others) if others > 0 => return Ok(()),
            Some(_) => {
                // An upload that was used stays only as long as a message needs it.
                for statement in [UNCOUNT, DELETE_UPLOAD] {
                    sqlx::query::<Db>(statement)
                        .bind(object)
                        .execute(&mut **tx)
                        .await
                        .map_err(store_error)?;
                }
            }
            None => {}
        }
        Self::free_object(tx, object, freed).await
    }
}

/// Objects of a message, each once, in the order in which everybody locks them.
pub(in super::super) fn objects(segments: &str, id: MessageId) -> StoreResult<BTreeSet<String>> {
    let segments: Vec<Segment> = serde_json::from_str(segments).map_err(|_| inconsistent("messages.segments", id.0))?;
    Ok(segments.iter().map(|segment| segment.object().0.clone()).collect())
}

#[async_trait]
impl SharedObjects for SqlStore {
    async fn accept_messages(&self, messages: &[NewMessage], shared: &[ObjectId]) -> StoreResult<()> {
        let mut tries = TRIES;
        loop {
            tries -= 1;
            match self.accept_all_once(messages, shared).await {
                Err(StoreError::Conflict) if tries > 0 => {}
                other => return other,
            }
        }
    }

    async fn list_freed_objects(&self, before: Timestamp, limit: u64) -> StoreResult<Vec<ObjectId>> {
        let freed = sqlx::query_scalar::<Db, String>(LIST_FREED_OBJECTS)
            .bind(before.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(freed.into_iter().map(ObjectId).collect())
    }

    async fn forget_freed_objects(&self, ids: &[ObjectId]) -> StoreResult<()> {
        for ids in ids.chunks(FORGOTTEN) {
            let mut sql = QueryBuilder::<Db>::new("DELETE FROM freed_objects WHERE object_id IN (");
            let mut list = sql.separated(", ");
            for id in ids {
                list.push_bind(id.0.as_str());
            }
            sql.push(")");
            sql.build().execute(self.writer()).await.map_err(store_error)?;
        }
        Ok(())
    }

    async fn put_off_freed_object(&self, id: &ObjectId, until: Timestamp) -> StoreResult<()> {
        sqlx::query::<Db>(PUT_OFF)
            .bind(&id.0)
            .bind(until.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }
}

impl SqlStore {
    async fn accept_all_once(&self, messages: &[NewMessage], shared: &[ObjectId]) -> StoreResult<()> {
        let rows = messages
            .iter()
            .map(NewMessageRow::new)
            .collect::<StoreResult<Vec<_>>>()?;
        let mut tx = self.begin().await.map_err(store_error)?;
        // Messages of one call belong to the same sending.
        if let Some(first) = messages.first()
            && !Self::hold_sending(&mut tx, first).await?
        {
            tx.rollback().await.map_err(store_error)?;
            return Err(StoreError::RowWithdrawn);
        }
        for object in shared {
            sqlx::query::<Db>(COUNT_OBJECT)
                .bind(&object.0)
                .bind(signed(messages.len() as u64))
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        for (new, row) in messages.iter().zip(&rows) {
            Self::insert_message_in(&mut tx, row, new.event, new.job_due)
                .await
                .map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)
    }
}
