//! Boxes that are founded from a table.

use async_trait::async_trait;
use isds_core::administration::NewBox;
use isds_core::ids::{IsdsId, ObjectId};
use isds_core::ports::{
    Import, ImportCounts, ImportId, ImportRow, ImportState, Imports, JobId, RowState, StoreError, StoreResult,
};
use isds_core::time::Timestamp;
use sqlx::{FromRow, Transaction};

use super::{Db, SqlStore, all, signed};
use crate::error::{inconsistent, store_error};
use crate::rows::JOB_IMPORT_BOXES;

const ADD_IMPORT: &str = "INSERT INTO imports (file_name, brought_by, at, state) VALUES ($1, $2, $3, $4) RETURNING id";

const ADD_ROW: &str = "INSERT INTO import_rows (import_id, line, cells, state, refusal, box_id, access_object) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)";

const LOOKUP: &str = "SELECT id, file_name, brought_by, at, state FROM imports WHERE id = $1";

const LIST: &str = "SELECT id, file_name, brought_by, at, state FROM imports ORDER BY id DESC LIMIT $1";

const COUNT_ROWS: &str =
    "SELECT state, COUNT(*), COUNT(access_object) FROM import_rows WHERE import_id = $1 GROUP BY state";

const LIST_ROWS: &str = "SELECT line, cells, state, refusal, box_id, access_object FROM import_rows \
     WHERE import_id = $1 AND line > $2 ORDER BY line LIMIT $3";

const LIST_READY: &str = "SELECT line, cells, state, refusal, box_id, access_object FROM import_rows \
     WHERE import_id = $1 AND state = 2 ORDER BY line LIMIT $2";

const BEGIN: &str = "UPDATE imports SET state = 2 WHERE id = $1 AND state = 1";

const INSERT_JOB: &str = "INSERT INTO jobs (kind, subject, due, attempts) VALUES ($1, $2, $3, 0)";

/// Over what was read: of two that work on a row, one goes on.
const WRITE_ROW: &str = "UPDATE import_rows SET state = $3, refusal = $4, box_id = $5, access_object = $6 \
     WHERE import_id = $1 AND line = $2 AND state = 2 AND COALESCE(box_id, '') = $7 AND COALESCE(access_object, '') = $8";

const FINISH: &str = "UPDATE imports SET state = 3 WHERE id = $1";

const FINISH_JOB: &str = "DELETE FROM jobs WHERE id = $1";

/// Locks the import: of two that fetch at once, the second finds nothing.
const LOCK: &str = "UPDATE imports SET state = state WHERE id = $1";

const LIST_ACCESS: &str = "SELECT line, cells, state, refusal, box_id, access_object FROM import_rows \
     WHERE import_id = $1 AND access_object IS NOT NULL ORDER BY line";

const CLEAR_ACCESS: &str = "UPDATE import_rows SET access_object = NULL WHERE import_id = $1";

const FREE: &str = "INSERT INTO freed_objects (object_id, freed) VALUES ($1, $2) ON CONFLICT (object_id) DO NOTHING";

const LIST_OLD: &str = "SELECT id FROM imports WHERE at < $1 AND state <> 2 ORDER BY at, id LIMIT $2";

const REMOVE_ROWS: &str = "DELETE FROM import_rows WHERE import_id = $1";

const REMOVE: &str = "DELETE FROM imports WHERE id = $1";

#[derive(FromRow)]
struct HeadRow {
    id: i64,
    file_name: String,
    brought_by: Option<String>,
    at: i64,
    state: i16,
}

impl TryFrom<HeadRow> for Import {
    type Error = StoreError;

    fn try_from(row: HeadRow) -> StoreResult<Self> {
        Ok(Self {
            id: ImportId(row.id),
            file_name: row.file_name,
            by: row.brought_by.map(IsdsId),
            at: Timestamp(row.at),
            state: ImportState::from_code(row.state).ok_or_else(|| inconsistent("imports.state", row.id))?,
        })
    }
}

#[derive(FromRow)]
struct LineRow {
    line: i64,
    cells: String,
    state: i16,
    refusal: Option<String>,
    box_id: Option<String>,
    access_object: Option<String>,
}

impl TryFrom<LineRow> for ImportRow {
    type Error = StoreError;

    fn try_from(row: LineRow) -> StoreResult<Self> {
        let nonsense = |column| inconsistent(column, row.line);
        Ok(Self {
            line: row.line,
            cells: serde_json::from_str(&row.cells).map_err(|_| nonsense("import_rows.cells"))?,
            state: RowState::from_code(row.state).ok_or_else(|| nonsense("import_rows.state"))?,
            box_id: row
                .box_id
                .as_deref()
                .map(|id| id.parse().map_err(|_| nonsense("import_rows.box_id")))
                .transpose()?,
            access: row.access_object.map(ObjectId),
            refusal: row.refusal,
        })
    }
}

impl SqlStore {
    async fn add_row_in(tx: &mut Transaction<'static, Db>, id: i64, row: &ImportRow) -> StoreResult<()> {
        let cells = serde_json::to_string(&row.cells).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
        sqlx::query::<Db>(ADD_ROW)
            .bind(id)
            .bind(row.line)
            .bind(cells)
            .bind(row.state.code())
            .bind(row.refusal.as_deref())
            .bind(row.box_id.map(|id| id.to_string()))
            .bind(row.access.as_ref().map(|object| object.0.as_str()))
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    /// False where the row no longer waits, or not with this box and these access data.
    async fn write_row_in(
        tx: &mut Transaction<'static, Db>,
        id: ImportId,
        before: &ImportRow,
        after: &ImportRow,
    ) -> sqlx::Result<bool> {
        let written = sqlx::query::<Db>(WRITE_ROW)
            .bind(id.0)
            .bind(before.line)
            .bind(after.state.code())
            .bind(after.refusal.as_deref())
            .bind(after.box_id.map(|id| id.to_string()))
            .bind(after.access.as_ref().map(|object| object.0.as_str()))
            .bind(before.box_id.map(|id| id.to_string()).unwrap_or_default())
            .bind(before.access.as_ref().map_or("", |object| object.0.as_str()))
            .execute(&mut **tx)
            .await?;
        Ok(written.rows_affected() == 1)
    }

    /// Takes the objects with access data away from the rows, and hands them to those who remove objects.
    async fn take_access_in(
        tx: &mut Transaction<'static, Db>,
        id: ImportId,
        freed: Timestamp,
    ) -> StoreResult<Vec<ImportRow>> {
        sqlx::query::<Db>(LOCK)
            .bind(id.0)
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
        let rows = sqlx::query_as::<Db, LineRow>(LIST_ACCESS)
            .bind(id.0)
            .fetch_all(&mut **tx)
            .await
            .map_err(store_error)?;
        let rows: Vec<ImportRow> = all(rows)?;
        for object in rows.iter().filter_map(|row| row.access.as_ref()) {
            free(tx, object, freed).await?;
        }
        sqlx::query::<Db>(CLEAR_ACCESS)
            .bind(id.0)
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
        Ok(rows)
    }
}

/// Hands an object to those who remove objects.
async fn free(tx: &mut Transaction<'static, Db>, object: &ObjectId, freed: Timestamp) -> StoreResult<()> {
    sqlx::query::<Db>(FREE)
        .bind(object.0.as_str())
        .bind(freed.0)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    Ok(())
}

#[async_trait]
impl Imports for SqlStore {
    async fn add_import(&self, import: &Import, rows: &[ImportRow]) -> StoreResult<ImportId> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let id = sqlx::query_scalar::<Db, i64>(ADD_IMPORT)
            .bind(import.file_name.as_str())
            .bind(import.by.as_ref().map(|by| by.0.as_str()))
            .bind(import.at.0)
            .bind(import.state.code())
            .fetch_one(&mut *tx)
            .await
            .map_err(store_error)?;
        for row in rows {
            Self::add_row_in(&mut tx, id, row).await?;
        }
        tx.commit().await.map_err(store_error)?;
        Ok(ImportId(id))
    }

    async fn lookup_import(&self, id: ImportId) -> StoreResult<Option<Import>> {
        let row = sqlx::query_as::<Db, HeadRow>(LOOKUP)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(Import::try_from).transpose()
    }

    async fn list_imports(&self, limit: u64) -> StoreResult<Vec<Import>> {
        let rows = sqlx::query_as::<Db, HeadRow>(LIST)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn count_import_rows(&self, id: ImportId) -> StoreResult<ImportCounts> {
        let rows = sqlx::query_as::<Db, (i16, i64, i64)>(COUNT_ROWS)
            .bind(id.0)
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let mut counts = ImportCounts::default();
        for (state, rows, access) in rows {
            let rows = u64::try_from(rows).unwrap_or(0);
            match RowState::from_code(state).ok_or_else(|| inconsistent("import_rows.state", id.0))? {
                RowState::Wrong => counts.wrong = rows,
                RowState::Ready => counts.ready = rows,
                RowState::Founded => counts.founded = rows,
                RowState::Refused => counts.refused = rows,
            }
            counts.access += u64::try_from(access).unwrap_or(0);
        }
        Ok(counts)
    }

    async fn list_import_rows(&self, id: ImportId, after: i64, limit: u64) -> StoreResult<Vec<ImportRow>> {
        let rows = sqlx::query_as::<Db, LineRow>(LIST_ROWS)
            .bind(id.0)
            .bind(after)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn list_ready_rows(&self, id: ImportId, limit: u64) -> StoreResult<Vec<ImportRow>> {
        let rows = sqlx::query_as::<Db, LineRow>(LIST_READY)
            .bind(id.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn begin_import(&self, id: ImportId, due: Timestamp) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let begun = sqlx::query::<Db>(BEGIN)
            .bind(id.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if begun.rows_affected() != 1 {
            return Ok(false);
        }
        sqlx::query::<Db>(INSERT_JOB)
            .bind(JOB_IMPORT_BOXES)
            .bind(id.0)
            .bind(due.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn write_import_row(
        &self,
        id: ImportId,
        before: &ImportRow,
        after: &ImportRow,
        freed: Timestamp,
    ) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        if !Self::write_row_in(&mut tx, id, before, after)
            .await
            .map_err(store_error)?
        {
            return Ok(false);
        }
        if let Some(object) = before
            .access
            .as_ref()
            .filter(|object| after.access.as_ref() != Some(object))
        {
            free(&mut tx, object, freed).await?;
        }
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn found_import_row(&self, id: ImportId, row: &ImportRow, new: &NewBox) -> StoreResult<bool> {
        let founded = ImportRow {
            state: RowState::Founded,
            ..row.clone()
        };
        let mut tx = self.begin().await.map_err(store_error)?;
        if !Self::write_row_in(&mut tx, id, row, &founded)
            .await
            .map_err(store_error)?
        {
            return Ok(false);
        }
        Self::create_box_in(&mut tx, new).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn finish_import(&self, id: ImportId, job: JobId) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        for (statement, key) in [(FINISH, id.0), (FINISH_JOB, job.0)] {
            sqlx::query::<Db>(statement)
                .bind(key)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)
    }

    async fn take_import_access(&self, id: ImportId, freed: Timestamp) -> StoreResult<Vec<ImportRow>> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let rows = Self::take_access_in(&mut tx, id, freed).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(rows)
    }

    async fn list_old_imports(&self, before: Timestamp, limit: u64) -> StoreResult<Vec<ImportId>> {
        let ids = sqlx::query_scalar::<Db, i64>(LIST_OLD)
            .bind(before.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(ids.into_iter().map(ImportId).collect())
    }

    async fn remove_import(&self, id: ImportId) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        Self::take_access_in(&mut tx, id, Timestamp(0)).await?;
        for statement in [REMOVE_ROWS, REMOVE] {
            sqlx::query::<Db>(statement)
                .bind(id.0)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)
    }
}
