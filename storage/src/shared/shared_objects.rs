//! Objects that several messages need, and objects that none needs any more.

use std::collections::BTreeSet;

use async_trait::async_trait;
use isds_core::ids::{MessageId, ObjectId};
use isds_core::message::Segment;
use isds_core::ports::{NewMessage, SharedObjects, StoreResult};
use isds_core::time::Timestamp;
use sqlx::Transaction;

use super::{Db, SqlStore, signed};
use crate::error::{inconsistent, store_error};
use crate::rows::NewMessageRow;

const COUNT_OBJECT: &str = "INSERT INTO shared_objects (object_id, refs) VALUES ($1, $2)";

const CONTENT: &str = "SELECT segments FROM messages WHERE dm_id = $1 AND sender_erased = 1 AND recipient_erased = 1";

/// The segments never change but here, so what was read of them stands for the row as it was read: of two at once, the
/// second finds nothing.
const EMPTY: &str = "UPDATE messages SET segments = '[]', \
     attachments = CASE WHEN attachments IS NULL THEN NULL ELSE '[]' END \
     WHERE dm_id = $1 AND segments = $2 AND sender_erased = 1 AND recipient_erased = 1";

const UNREFER: &str = "UPDATE shared_objects SET refs = refs - 1 WHERE object_id = $1 RETURNING refs";

const UNCOUNT: &str = "DELETE FROM shared_objects WHERE object_id = $1";

const DELETE_UPLOAD: &str = "DELETE FROM uploads WHERE object_id = $1";

const FREE: &str = "INSERT INTO freed_objects (object_id, freed) VALUES ($1, $2) ON CONFLICT (object_id) DO NOTHING";

pub(super) const LIST_FREED_OBJECTS: &str =
    "SELECT object_id FROM freed_objects WHERE freed <= $1 ORDER BY freed, object_id LIMIT $2";

const FORGET: &str = "DELETE FROM freed_objects WHERE object_id = $1";

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
    pub(super) async fn let_go(tx: &mut Transaction<'_, Db>, object: &str, freed: Timestamp) -> StoreResult<()> {
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
fn objects(segments: &str, id: MessageId) -> StoreResult<BTreeSet<String>> {
    let segments: Vec<Segment> = serde_json::from_str(segments).map_err(|_| inconsistent("messages.segments", id.0))?;
    Ok(segments.iter().map(|segment| segment.object().0.clone()).collect())
}

#[async_trait]
impl SharedObjects for SqlStore {
    async fn accept_messages(&self, messages: &[NewMessage], shared: &[ObjectId]) -> StoreResult<()> {
        let rows = messages
            .iter()
            .map(NewMessageRow::new)
            .collect::<StoreResult<Vec<_>>>()?;
        let mut tx = self.begin().await.map_err(store_error)?;
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

    async fn release_content(&self, id: MessageId, freed: Timestamp) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let segments = sqlx::query_scalar::<Db, String>(CONTENT)
            .bind(id.0)
            .fetch_optional(&mut *tx)
            .await
            .map_err(store_error)?;
        let Some(segments) = segments.filter(|segments| segments != "[]") else {
            return tx.rollback().await.map(|()| false).map_err(store_error);
        };
        let emptied = sqlx::query::<Db>(EMPTY)
            .bind(id.0)
            .bind(&segments)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if emptied.rows_affected() != 1 {
            return tx.rollback().await.map(|()| false).map_err(store_error);
        }
        for object in objects(&segments, id)? {
            Self::let_go(&mut tx, &object, freed).await?;
        }
        tx.commit().await.map_err(store_error)?;
        Ok(true)
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

    async fn forget_freed_object(&self, id: &ObjectId) -> StoreResult<()> {
        sqlx::query::<Db>(FORGET)
            .bind(&id.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
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
