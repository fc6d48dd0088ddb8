//! Uploaded attachments.

use std::collections::BTreeMap;

use async_trait::async_trait;
use isds_core::ids::BoxId;
use isds_core::ports::{NewMessage, StoreError, StoreResult, Upload, UploadId, Uploads};
use isds_core::time::Timestamp;
use sqlx::Transaction;

use super::{Db, SqlStore, signed};
use crate::error::{inconsistent, store_error};
use crate::rows::{NewMessageRow, UploadRow};

const BEGIN_USAGE: &str =
    "INSERT INTO upload_usage (box_id, unused_bytes) VALUES ($1, 0) ON CONFLICT (box_id) DO NOTHING";

/// Waits for whoever adds to the same box: two that fit one by one do not both pass where together they do not fit.
const USE_ROOM: &str = "UPDATE upload_usage SET unused_bytes = unused_bytes + $2 \
     WHERE box_id = $1 AND unused_bytes + $2 <= $3";

const GIVE_ROOM_BACK: &str = "UPDATE upload_usage SET unused_bytes = unused_bytes - $2 WHERE box_id = $1";

const INSERT: &str = "INSERT INTO uploads (box_id, mime_type, file_name, object_id, length, sha256, sha3_256, expires) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";

const COUNT_OBJECT: &str = "INSERT INTO shared_objects (object_id, refs) VALUES ($1, 0)";

pub(super) const LOOKUP_UPLOAD: &str = "SELECT id, box_id, mime_type, file_name, object_id, length, sha256, sha3_256, \
     expires FROM uploads WHERE id = $1";

const OBJECT_OF: &str = "SELECT object_id FROM uploads WHERE id = $1";

const USAGE: &str = "SELECT unused_bytes FROM upload_usage WHERE box_id = $1";

/// Waits for a purge of the same upload, and then finds nothing.
const REFER: &str = "UPDATE shared_objects SET refs = refs + 1 WHERE object_id = $1";

const MARK_USED: &str = "UPDATE uploads SET used = 1 WHERE object_id = $1 AND used = 0 RETURNING box_id, length";

pub(super) const LIST_EXPIRED_UPLOADS: &str =
    "SELECT object_id FROM uploads WHERE used = 0 AND expires <= $1 ORDER BY expires, id LIMIT $2";

/// Waits for a message that takes the same upload, and then finds nothing.
const UNCOUNT_UNUSED: &str = "DELETE FROM shared_objects WHERE object_id = $1 AND refs = 0";

const DELETE: &str = "DELETE FROM uploads WHERE object_id = $1 RETURNING box_id, length";

impl SqlStore {
    /// Counts the message among those that need its uploads, in its transaction. False where one is gone.
    ///
    /// Everybody locks the counts first, in the order of the objects, then the uploads, and the box's sum last: a sum
    /// held while a count is awaited, which another message or a purge holds and wants the sum for, would be a deadlock.
    pub(super) async fn take_uploads(tx: &mut Transaction<'_, Db>, uploads: &[UploadId]) -> StoreResult<bool> {
        let mut objects = Vec::with_capacity(uploads.len());
        for upload in uploads {
            let object = sqlx::query_scalar::<Db, String>(OBJECT_OF)
                .bind(upload.0)
                .fetch_optional(&mut **tx)
                .await
                .map_err(store_error)?;
            match object {
                Some(object) => objects.push(object),
                None => return Ok(false),
            }
        }
        objects.sort_unstable();
        for object in &objects {
            let counted = sqlx::query::<Db>(REFER)
                .bind(object)
                .execute(&mut **tx)
                .await
                .map_err(store_error)?;
            if counted.rows_affected() != 1 {
                return Ok(false);
            }
        }
        // One box in practice; the order of several is the same for everybody.
        let mut room = BTreeMap::<String, i64>::new();
        for object in &objects {
            let first_use = sqlx::query_as::<Db, (String, i64)>(MARK_USED)
                .bind(object)
                .fetch_optional(&mut **tx)
                .await
                .map_err(store_error)?;
            if let Some((box_id, length)) = first_use {
                *room.entry(box_id).or_default() += length;
            }
        }
        for (box_id, length) in room {
            give_room_back(tx, &box_id, length).await?;
        }
        Ok(true)
    }

    /// A message that uses uploads, stands for the row of a bulk job or belongs to a sending, and costs nothing.
    pub(super) async fn accept_with_uploads(&self, new: &NewMessage) -> StoreResult<()> {
        let row = NewMessageRow::new(new)?;
        let mut tx = self.begin().await.map_err(store_error)?;
        if !Self::hold_sending(&mut tx, new).await? || !Self::take_bulk_row(&mut tx, new).await? {
            tx.rollback().await.map_err(store_error)?;
            return Err(StoreError::RowWithdrawn);
        }
        if !Self::take_uploads(&mut tx, &new.uploads).await? {
            tx.rollback().await.map_err(store_error)?;
            return Err(StoreError::UploadGone);
        }
        Self::insert_message_in(&mut tx, &row, new.event, new.job_due)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    /// Removes an unused upload; false where a message took it.
    async fn purge_upload(&self, object: &str, freed: Timestamp) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let uncounted = sqlx::query::<Db>(UNCOUNT_UNUSED)
            .bind(object)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if uncounted.rows_affected() != 1 {
            return tx.rollback().await.map(|()| false).map_err(store_error);
        }
        let upload = sqlx::query_as::<Db, (String, i64)>(DELETE)
            .bind(object)
            .fetch_optional(&mut *tx)
            .await
            .map_err(store_error)?;
        if let Some((box_id, length)) = upload {
            give_room_back(&mut tx, &box_id, length).await?;
        }
        Self::free_object(&mut tx, object, freed).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }
}

async fn give_room_back(tx: &mut Transaction<'_, Db>, box_id: &str, length: i64) -> StoreResult<()> {
    sqlx::query::<Db>(GIVE_ROOM_BACK)
        .bind(box_id)
        .bind(length)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    Ok(())
}

#[async_trait]
impl Uploads for SqlStore {
    async fn add_upload(&self, upload: &Upload, quota: u64) -> StoreResult<Option<UploadId>> {
        let mut tx = self.begin().await.map_err(store_error)?;
        sqlx::query::<Db>(BEGIN_USAGE)
            .bind(upload.box_id.as_str())
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        let fits = sqlx::query::<Db>(USE_ROOM)
            .bind(upload.box_id.as_str())
            .bind(signed(upload.length))
            .bind(signed(quota))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if fits.rows_affected() != 1 {
            return tx.rollback().await.map(|()| None).map_err(store_error);
        }
        let id = sqlx::query_scalar::<Db, i64>(INSERT)
            .bind(upload.box_id.as_str())
            .bind(&upload.mime_type)
            .bind(&upload.file_name)
            .bind(&upload.object.0)
            .bind(signed(upload.length))
            .bind(upload.sha256.as_slice())
            .bind(upload.sha3_256.as_slice())
            .bind(upload.expires.0)
            .fetch_one(&mut *tx)
            .await
            .map_err(store_error)?;
        sqlx::query::<Db>(COUNT_OBJECT)
            .bind(&upload.object.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(Some(UploadId(id)))
    }

    async fn lookup_upload(&self, id: UploadId) -> StoreResult<Option<Upload>> {
        let row = sqlx::query_as::<Db, UploadRow>(LOOKUP_UPLOAD)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(Upload::try_from).transpose()
    }

    async fn remove_upload(&self, id: UploadId, freed: Timestamp) -> StoreResult<bool> {
        let object = sqlx::query_scalar::<Db, String>(OBJECT_OF)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        match object {
            Some(object) => self.purge_upload(&object, freed).await,
            None => Ok(false),
        }
    }

    async fn unused_upload_bytes(&self, box_id: BoxId) -> StoreResult<u64> {
        let bytes = sqlx::query_scalar::<Db, i64>(USAGE)
            .bind(box_id.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        u64::try_from(bytes.unwrap_or(0)).map_err(|_| inconsistent("upload_usage.unused_bytes", box_id))
    }

    async fn purge_uploads(&self, now: Timestamp, freed: Timestamp, limit: u64) -> StoreResult<u64> {
        // Read first: there is hardly ever anything to do, and a transaction that writes waits for others.
        let expired = sqlx::query_scalar::<Db, String>(LIST_EXPIRED_UPLOADS)
            .bind(now.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let mut purged = 0;
        for object in expired {
            purged += u64::from(self.purge_upload(&object, freed).await?);
        }
        Ok(purged)
    }
}
