//! Files of bulk jobs.
//!
//! Whoever gives or takes one locks the job first, as those do who change it.

use async_trait::async_trait;
use isds_core::bulk::{BulkFile, BulkJobId};
use isds_core::ports::{BulkFiles, StoreError, StoreResult, UploadId};
use isds_core::time::Timestamp;
use sqlx::Transaction;

use super::{Db, SqlStore, all, signed};
use crate::error::{inconsistent, store_error};
use crate::rows::{BulkFileRow, flag};

/// A draft, or addresses that were looked up: when files come and go.
const LOCK_EDITABLE: &str = "UPDATE bulk_jobs SET version = version WHERE id = $1 AND state IN (0, 2)";

const DELETE_FILES: &str = "DELETE FROM bulk_files WHERE job_id = $1 RETURNING upload_id";

const COUNT_FILES: &str = "SELECT COUNT(*) FROM bulk_files WHERE job_id = $1 AND common = $2";

const INSERT_FILE: &str = "INSERT INTO bulk_files (job_id, upload_id, common, name, length) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (job_id, common, name) DO NOTHING";

const DELETE_FILE: &str = "DELETE FROM bulk_files WHERE job_id = $1 AND upload_id = $2";

const LIST_COMMON_FILES: &str = "SELECT upload_id, common, name, length FROM bulk_files \
     WHERE job_id = $1 AND common = 1 ORDER BY upload_id";

pub(in super::super) const LIST_ROW_FILES: &str = "SELECT upload_id, common, name, length FROM bulk_files \
     WHERE job_id = $1 AND common = 0 AND name > $2 ORDER BY name LIMIT $3";

const LOOKUP_ROW_FILE: &str = "SELECT upload_id, common, name, length FROM bulk_files \
     WHERE job_id = $1 AND common = 0 AND name = $2";

const OBJECT_OF: &str = "SELECT object_id FROM uploads WHERE id = $1";

async fn lock_editable(tx: &mut Transaction<'_, Db>, id: BulkJobId) -> StoreResult<bool> {
    let locked = sqlx::query::<Db>(LOCK_EDITABLE).bind(id.0);
    let locked = locked.execute(&mut **tx).await.map_err(store_error)?;
    Ok(locked.rows_affected() == 1)
}

/// One that needs the upload less.
async fn give_up(tx: &mut Transaction<'_, Db>, upload: i64, freed: Timestamp) -> StoreResult<()> {
    let object = sqlx::query_scalar::<Db, String>(OBJECT_OF)
        .bind(upload)
        .fetch_optional(&mut **tx)
        .await
        .map_err(store_error)?;
    match object {
        Some(object) => SqlStore::let_go(tx, &object, freed).await,
        None => Ok(()),
    }
}

impl SqlStore {
    /// Gives all files of a job up, in the transaction that removes it.
    pub(super) async fn give_up_files(
        tx: &mut Transaction<'_, Db>,
        id: BulkJobId,
        freed: Timestamp,
    ) -> StoreResult<()> {
        let uploads = sqlx::query_scalar::<Db, i64>(DELETE_FILES)
            .bind(id.0)
            .fetch_all(&mut **tx)
            .await
            .map_err(store_error)?;
        let mut objects = Vec::with_capacity(uploads.len());
        for upload in uploads {
            let object = sqlx::query_scalar::<Db, String>(OBJECT_OF)
                .bind(upload)
                .fetch_optional(&mut **tx)
                .await
                .map_err(store_error)?;
            objects.extend(object);
        }
        // The order in which everybody locks them.
        objects.sort_unstable();
        for object in objects {
            Self::let_go(tx, &object, freed).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl BulkFiles for SqlStore {
    async fn add_bulk_file(&self, id: BulkJobId, file: &BulkFile, most: u64) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        if !lock_editable(&mut tx, id).await? {
            return tx.rollback().await.map(|()| false).map_err(store_error);
        }
        let count = sqlx::query_scalar::<Db, i64>(COUNT_FILES)
            .bind(id.0)
            .bind(flag(file.common))
            .fetch_one(&mut *tx)
            .await
            .map_err(store_error)?;
        if count >= signed(most) {
            return tx.rollback().await.map(|()| false).map_err(store_error);
        }
        if !Self::take_uploads(&mut tx, &[file.upload]).await? {
            tx.rollback().await.map_err(store_error)?;
            return Err(StoreError::UploadGone);
        }
        let added = sqlx::query::<Db>(INSERT_FILE)
            .bind(id.0)
            .bind(file.upload.0)
            .bind(flag(file.common))
            .bind(file.name.as_str())
            .bind(signed(file.length))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if added.rows_affected() != 1 {
            return tx.rollback().await.map(|()| false).map_err(store_error);
        }
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn remove_bulk_file(&self, id: BulkJobId, upload: UploadId, freed: Timestamp) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        if !lock_editable(&mut tx, id).await? {
            return tx.rollback().await.map(|()| false).map_err(store_error);
        }
        let removed = sqlx::query::<Db>(DELETE_FILE)
            .bind(id.0)
            .bind(upload.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if removed.rows_affected() != 1 {
            return tx.rollback().await.map(|()| false).map_err(store_error);
        }
        give_up(&mut tx, upload.0, freed).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn list_common_bulk_files(&self, id: BulkJobId) -> StoreResult<Vec<BulkFile>> {
        let rows = sqlx::query_as::<Db, BulkFileRow>(LIST_COMMON_FILES)
            .bind(id.0)
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn list_row_bulk_files(&self, id: BulkJobId, after: &str, limit: u64) -> StoreResult<Vec<BulkFile>> {
        let rows = sqlx::query_as::<Db, BulkFileRow>(LIST_ROW_FILES)
            .bind(id.0)
            .bind(after)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn count_row_bulk_files(&self, id: BulkJobId) -> StoreResult<u64> {
        let count = sqlx::query_scalar::<Db, i64>(COUNT_FILES)
            .bind(id.0)
            .bind(flag(false))
            .fetch_one(self.reader())
            .await
            .map_err(store_error)?;
        u64::try_from(count).map_err(|_| inconsistent("bulk_files", id.0))
    }

    async fn lookup_row_bulk_file(&self, id: BulkJobId, name: &str) -> StoreResult<Option<BulkFile>> {
        let row = sqlx::query_as::<Db, BulkFileRow>(LOOKUP_ROW_FILE)
            .bind(id.0)
            .bind(name)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(BulkFile::try_from).transpose()
    }
}
