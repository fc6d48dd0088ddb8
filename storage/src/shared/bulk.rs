//! Bulk jobs with their rows.
//!
//! Whoever changes a job or sends one of its rows locks the job first; its rows and files come after it.

use async_trait::async_trait;
use isds_core::bulk::{
    BulkJob, BulkJobId, BulkReason, BulkRow, BulkRowId, BulkRowState, BulkState, BulkTally, BulkVerdict,
};
use isds_core::ids::BoxId;
use isds_core::message::Phase;
use isds_core::ports::{
    BulkChange, BulkJobs, BulkRowMove, BulkRowQuery, NewBulkJob, NewMessage, StoreError, StoreResult,
};
use isds_core::time::Timestamp;
use serde::Serialize;
use sqlx::{QueryBuilder, Transaction};

use super::{Db, SqlStore, all, signed};
use crate::error::{inconsistent, store_error};
use crate::rows::{
    BulkJobRow, BulkRowRow, BulkTallyRow, JOB_WORK_ON_BULK_JOB, bulk_job_columns, bulk_row_columns, flag, kind_code,
};

/// How many rows are inserted by one statement.
const INSERTED_AT_ONCE: usize = 500;

/// Waits for whoever makes a job in the same box: two do not pass the limit together.
const LOCK_BOX: &str = "UPDATE boxes SET state = state WHERE box_id = $1";

const COUNT_JOBS: &str = "SELECT COUNT(*) FROM bulk_jobs WHERE box_id = $1";

const INSERT_JOB: &str = "INSERT INTO bulk_jobs (box_id, name, state, version, column_names, row_count, settings, \
     actor, actor_name, created) VALUES ($1, $2, 0, 0, $3, $4, $5, $6, $7, $8) RETURNING id";

pub(in super::super) const LOOKUP_BULK_JOB: &str =
    concat!("SELECT ", bulk_job_columns!(), " FROM bulk_jobs WHERE id = $1");

pub(in super::super) const LIST_BULK_JOBS: &str = concat!(
    "SELECT ",
    bulk_job_columns!(),
    " FROM bulk_jobs WHERE box_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
);

const CHANGE_JOB: &str = "UPDATE bulk_jobs SET version = version + 1, name = $3, state = $4, settings = $5, actor = $6, \
     actor_name = $7, halted_code = $8, halted_text = $9, started = $10, ended = $11, worker = $12 \
     WHERE id = $1 AND version = $2 RETURNING version";

const INSERT_WORK: &str = "INSERT INTO jobs (kind, subject, due, attempts) VALUES ($1, $2, $3, 0) RETURNING id";

const SET_WORKER: &str = "UPDATE bulk_jobs SET worker = $2 WHERE id = $1";

const MOVE_ROWS: &str = "UPDATE bulk_rows SET state = $3, reason_code = NULL, reason_text = NULL, attempts = 0 \
     WHERE job_id = $1 AND ((CAST(1 AS BIGINT) << state) & $2) <> 0";

/// What was found about them goes, too.
const FORGET_ROWS: &str = "UPDATE bulk_rows SET state = 0, recipient_box = NULL, recipient_name = NULL, \
     recipient_address = NULL, kind = NULL, price = 0, looked_up = 0, duplicate = 0, gap = 0, bytes = 0, \
     reason_code = NULL, reason_text = NULL, attempts = 0 \
     WHERE job_id = $1 AND ((CAST(1 AS BIGINT) << state) & $2) <> 0";

/// Locks it: a column set to itself is written all the same.
const LOCK_IN_STATE: &str = "UPDATE bulk_jobs SET version = version WHERE id = $1 AND state = $2";

const LOCK_JOB: &str = "UPDATE bulk_jobs SET version = version WHERE id = $1";

const LOCK_VERSION: &str = "UPDATE bulk_jobs SET version = version WHERE id = $1 AND version = $2";

const DELETE_ROWS: &str = "DELETE FROM bulk_rows WHERE job_id = $1";
const DELETE_JOB: &str = "DELETE FROM bulk_jobs WHERE id = $1";

pub(in super::super) const LIST_BULK_ROWS: &str = concat!(
    "SELECT ",
    bulk_row_columns!(),
    " FROM bulk_rows r LEFT JOIN messages m ON m.dm_id = r.dm_id WHERE r.job_id = $1 AND r.number > $2 \
     AND ((CAST(1 AS BIGINT) << r.state) & $3) <> 0 ORDER BY r.number LIMIT $4"
);

pub(in super::super) const NEXT_BULK_ROWS: &str = concat!(
    "SELECT ",
    bulk_row_columns!(),
    " FROM bulk_rows r LEFT JOIN messages m ON m.dm_id = r.dm_id WHERE r.job_id = $1 AND r.state = $2 \
     ORDER BY r.number LIMIT $3"
);

const JUDGE_ROW: &str = "UPDATE bulk_rows SET state = $4, recipient_box = $5, recipient_name = $6, \
     recipient_address = $7, kind = $8, price = $9, looked_up = $10, gap = $11, bytes = $12, reason_code = $13, \
     reason_text = $14 WHERE job_id = $1 AND number = $2 AND state = $3";

const SEND_ROW: &str = "UPDATE bulk_rows SET state = 6, dm_id = $3, reason_code = NULL, reason_text = NULL \
     WHERE job_id = $1 AND number = $2 AND state = 3";

const REFUSE_ROW: &str = "UPDATE bulk_rows SET state = 7, reason_code = $3, reason_text = $4 \
     WHERE job_id = $1 AND number = $2 AND state = 3";

const COUNT_ATTEMPT: &str = "UPDATE bulk_rows SET attempts = attempts + 1 WHERE job_id = $1 AND number = $2 \
     AND state = 3 RETURNING attempts";

/// Those that are left out stay what they are.
const UNMARK_DUPLICATES: &str = "UPDATE bulk_rows SET duplicate = 0 WHERE job_id = $1 AND duplicate = 1 AND state <> 5";

const MARK_DUPLICATES: &str = "UPDATE bulk_rows SET duplicate = 1 WHERE job_id = $1 AND state = $2 \
     AND EXISTS (SELECT 1 FROM bulk_rows earlier WHERE earlier.job_id = bulk_rows.job_id \
     AND earlier.recipient_box = bulk_rows.recipient_box \
     AND (earlier.state = 6 OR (earlier.state = $2 AND earlier.number < bulk_rows.number)))";

const LEAVE_OUT_DUPLICATES: &str = "UPDATE bulk_rows SET state = 5 WHERE job_id = $1 AND state = 3 AND duplicate = 1";

/// The next to the same recipient, where none is sent there.
const TAKE_IN: &str = "UPDATE bulk_rows SET state = 3, duplicate = 0 WHERE job_id = $1 AND number = (\
     SELECT MIN(other.number) FROM bulk_rows other JOIN bulk_rows refused ON refused.job_id = other.job_id \
     AND refused.recipient_box = other.recipient_box AND refused.number = $2 \
     WHERE other.job_id = $1 AND other.state = 5 AND NOT EXISTS (SELECT 1 FROM bulk_rows sent \
     WHERE sent.job_id = $1 AND sent.recipient_box = other.recipient_box AND sent.state IN (3, 6)))";

const TALLY_ROWS: &str = "SELECT state, COUNT(*) AS row_count, CAST(COALESCE(SUM(price), 0) AS BIGINT) AS price, \
     CAST(COALESCE(SUM(duplicate), 0) AS BIGINT) AS duplicates, \
     CAST(COALESCE(SUM(duplicate * price), 0) AS BIGINT) AS duplicates_price, \
     CAST(COALESCE(SUM(looked_up), 0) AS BIGINT) AS looked_up, CAST(COALESCE(SUM(gap), 0) AS BIGINT) AS gaps, \
     CAST(COALESCE(SUM(bytes), 0) AS BIGINT) AS bytes FROM bulk_rows WHERE job_id = $1 GROUP BY state ORDER BY state";

const TALLY_MESSAGES: &str = "SELECT m.phase, COUNT(*) FROM bulk_rows r JOIN messages m ON m.dm_id = r.dm_id \
     WHERE r.job_id = $1 AND r.state = 6 GROUP BY m.phase ORDER BY m.phase";

fn json(value: &impl Serialize, column: &str) -> StoreResult<String> {
    serde_json::to_string(value).map_err(|_| inconsistent(column, "what is to be written"))
}

impl SqlStore {
    /// Marks the row that a message is sent for, in the message's transaction. False where it is not to be sent any
    /// more; true where it stands for none.
    pub(super) async fn take_bulk_row(tx: &mut Transaction<'_, Db>, new: &NewMessage) -> StoreResult<bool> {
        let Some(row) = new.bulk_row else { return Ok(true) };
        if !lock_in_state(tx, row.job, BulkState::Running).await? {
            return Ok(false);
        }
        let taken = sqlx::query::<Db>(SEND_ROW)
            .bind(row.job.0)
            .bind(row.row)
            .bind(new.message.id.0)
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
        Ok(taken.rows_affected() == 1)
    }
}

async fn lock_in_state(tx: &mut Transaction<'_, Db>, id: BulkJobId, state: BulkState) -> StoreResult<bool> {
    let locked = sqlx::query::<Db>(LOCK_IN_STATE)
        .bind(id.0)
        .bind(state.code())
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    Ok(locked.rows_affected() == 1)
}

async fn move_rows(tx: &mut Transaction<'_, Db>, id: BulkJobId, moved: &BulkRowMove) -> StoreResult<()> {
    let statement = if moved.to == BulkRowState::New {
        FORGET_ROWS
    } else {
        MOVE_ROWS
    };
    let query = sqlx::query::<Db>(statement).bind(id.0).bind(moved.from);
    let query = if moved.to == BulkRowState::New {
        query
    } else {
        query.bind(moved.to.code())
    };
    query.execute(&mut **tx).await.map_err(store_error)?;
    Ok(())
}

/// Marks the rows in a state that repeat a recipient.
async fn mark_duplicates(tx: &mut Transaction<'_, Db>, id: BulkJobId, state: BulkRowState) -> StoreResult<()> {
    sqlx::query::<Db>(UNMARK_DUPLICATES)
        .bind(id.0)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    sqlx::query::<Db>(MARK_DUPLICATES)
        .bind(id.0)
        .bind(state.code())
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    Ok(())
}

async fn lock_version(tx: &mut Transaction<'_, Db>, id: BulkJobId, version: i64) -> StoreResult<bool> {
    let locked = sqlx::query::<Db>(LOCK_VERSION)
        .bind(id.0)
        .bind(version)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    Ok(locked.rows_affected() == 1)
}

#[async_trait]
impl BulkJobs for SqlStore {
    async fn add_bulk_job(&self, new: &NewBulkJob<'_>, most: u64) -> StoreResult<Option<BulkJobId>> {
        let cells = new
            .table
            .rows
            .iter()
            .map(|row| json(row, "bulk_rows.cells"))
            .collect::<StoreResult<Vec<_>>>()?;
        let mut tx = self.begin().await.map_err(store_error)?;
        sqlx::query::<Db>(LOCK_BOX)
            .bind(new.box_id.as_str())
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        let count = sqlx::query_scalar::<Db, i64>(COUNT_JOBS)
            .bind(new.box_id.as_str())
            .fetch_one(&mut *tx)
            .await
            .map_err(store_error)?;
        if count >= signed(most) {
            return tx.rollback().await.map(|()| None).map_err(store_error);
        }
        let id = sqlx::query_scalar::<Db, i64>(INSERT_JOB)
            .bind(new.box_id.as_str())
            .bind(new.name)
            .bind(json(&new.table.columns, "bulk_jobs.column_names")?)
            .bind(signed(cells.len() as u64))
            .bind(json(new.settings, "bulk_jobs.settings")?)
            .bind(new.actor.0.as_str())
            .bind(new.actor_name)
            .bind(new.created.0)
            .fetch_one(&mut *tx)
            .await
            .map_err(store_error)?;
        let mut number = 0_i64;
        for chunk in cells.chunks(INSERTED_AT_ONCE) {
            let mut sql = QueryBuilder::<Db>::new("INSERT INTO bulk_rows (job_id, number, cells, state) ");
            sql.push_values(chunk, |mut row, cells| {
                number += 1;
                row.push_bind(id).push_bind(number).push_bind(cells.as_str()).push("0");
            });
            sql.build().execute(&mut *tx).await.map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)?;
        Ok(Some(BulkJobId(id)))
    }

    async fn lookup_bulk_job(&self, id: BulkJobId) -> StoreResult<Option<BulkJob>> {
        let row = sqlx::query_as::<Db, BulkJobRow>(LOOKUP_BULK_JOB)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(BulkJob::try_from).transpose()
    }

    async fn list_bulk_jobs(&self, box_id: BoxId, before: Option<BulkJobId>, limit: u64) -> StoreResult<Vec<BulkJob>> {
        let rows = sqlx::query_as::<Db, BulkJobRow>(LIST_BULK_JOBS)
            .bind(box_id.as_str())
            .bind(before.map_or(i64::MAX, |id| id.0))
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn change_bulk_job(&self, change: &BulkChange) -> StoreResult<i64> {
        let job = &change.job;
        let halted = job.halted.as_ref();
        let mut tx = self.begin().await.map_err(store_error)?;
        let version = sqlx::query_scalar::<Db, i64>(CHANGE_JOB)
            .bind(job.id.0)
            .bind(job.version)
            .bind(job.name.as_str())
            .bind(job.state.code())
            .bind(json(&job.settings, "bulk_jobs.settings")?)
            .bind(job.actor.0.as_str())
            .bind(job.actor_name.as_str())
            .bind(halted.map(|reason| reason.code.as_str()))
            .bind(halted.map(|reason| reason.text.as_str()))
            .bind(job.started.map(|time| time.0))
            .bind(job.ended.map(|time| time.0))
            .bind(job.worker.map(|worker| worker.0))
            .fetch_optional(&mut *tx)
            .await
            .map_err(store_error)?;
        let Some(version) = version else {
            tx.rollback().await.map_err(store_error)?;
            return Err(StoreError::Conflict);
        };
        for moved in &change.moves {
            move_rows(&mut tx, job.id, moved).await?;
        }
        if change.leave_out_duplicates {
            mark_duplicates(&mut tx, job.id, BulkRowState::Ready).await?;
            sqlx::query::<Db>(LEAVE_OUT_DUPLICATES)
                .bind(job.id.0)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        if let Some(due) = change.work_due {
            let work = sqlx::query_scalar::<Db, i64>(INSERT_WORK)
                .bind(JOB_WORK_ON_BULK_JOB)
                .bind(job.id.0)
                .bind(due.0)
                .fetch_one(&mut *tx)
                .await
                .map_err(store_error)?;
            sqlx::query::<Db>(SET_WORKER)
                .bind(job.id.0)
                .bind(work)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)?;
        Ok(version)
    }

    async fn remove_bulk_job(&self, id: BulkJobId, version: i64, freed: Timestamp) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        if !lock_version(&mut tx, id, version).await? {
            return tx.rollback().await.map(|()| false).map_err(store_error);
        }
        Self::give_up_files(&mut tx, id, freed).await?;
        for statement in [DELETE_ROWS, DELETE_JOB] {
            sqlx::query::<Db>(statement)
                .bind(id.0)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn list_bulk_rows(&self, query: &BulkRowQuery) -> StoreResult<Vec<BulkRow>> {
        let rows = sqlx::query_as::<Db, BulkRowRow>(LIST_BULK_ROWS)
            .bind(query.job.0)
            .bind(query.after)
            .bind(query.states)
            .bind(signed(query.limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn next_bulk_rows(&self, id: BulkJobId, state: BulkRowState, limit: u64) -> StoreResult<Vec<BulkRow>> {
        let rows = sqlx::query_as::<Db, BulkRowRow>(NEXT_BULK_ROWS)
            .bind(id.0)
            .bind(state.code())
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn judge_bulk_rows(
        &self,
        id: BulkJobId,
        version: i64,
        from: BulkRowState,
        verdicts: &[BulkVerdict],
    ) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        if !lock_version(&mut tx, id, version).await? {
            return tx.rollback().await.map(|()| false).map_err(store_error);
        }
        for verdict in verdicts {
            let (recipient, reason) = (verdict.recipient.as_ref(), verdict.reason.as_ref());
            sqlx::query::<Db>(JUDGE_ROW)
                .bind(id.0)
                .bind(verdict.number)
                .bind(from.code())
                .bind(verdict.state.code())
                .bind(recipient.map(|r| r.id.to_string()))
                .bind(recipient.map(|r| r.name.as_str()))
                .bind(recipient.map(|r| r.address.as_str()))
                .bind(recipient.map(|r| kind_code(r.kind)))
                .bind(recipient.map_or(0, |r| r.price))
                .bind(flag(verdict.looked_up))
                .bind(flag(verdict.gap))
                .bind(verdict.bytes)
                .bind(reason.map(|r| r.code.as_str()))
                .bind(reason.map(|r| r.text.as_str()))
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn refuse_bulk_row(&self, row: BulkRowId, reason: &BulkReason) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        // The rows after it come and go with the job locked.
        sqlx::query::<Db>(LOCK_JOB)
            .bind(row.job.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        let refused = sqlx::query::<Db>(REFUSE_ROW)
            .bind(row.job.0)
            .bind(row.row)
            .bind(reason.code.as_str())
            .bind(reason.text.as_str())
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if refused.rows_affected() != 1 {
            return tx.rollback().await.map(|()| false).map_err(store_error);
        }
        sqlx::query::<Db>(TAKE_IN)
            .bind(row.job.0)
            .bind(row.row)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn count_bulk_attempt(&self, row: BulkRowId) -> StoreResult<i64> {
        let attempts = sqlx::query_scalar::<Db, i64>(COUNT_ATTEMPT)
            .bind(row.job.0)
            .bind(row.row)
            .fetch_optional(self.writer())
            .await
            .map_err(store_error)?;
        Ok(attempts.unwrap_or(0))
    }

    async fn mark_bulk_duplicates(&self, id: BulkJobId, version: i64, state: BulkRowState) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        if !lock_version(&mut tx, id, version).await? {
            return tx.rollback().await.map(|()| false).map_err(store_error);
        }
        mark_duplicates(&mut tx, id, state).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn tally_bulk_rows(&self, id: BulkJobId) -> StoreResult<Vec<BulkTally>> {
        let rows = sqlx::query_as::<Db, BulkTallyRow>(TALLY_ROWS)
            .bind(id.0)
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn tally_bulk_messages(&self, id: BulkJobId) -> StoreResult<Vec<(Phase, i64)>> {
        let rows = sqlx::query_as::<Db, (i16, i64)>(TALLY_MESSAGES)
            .bind(id.0)
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter()
            .map(|(phase, count)| {
                let phase = Phase::from_code(phase).ok_or_else(|| inconsistent("messages.phase", phase))?;
                Ok((phase, count))
            })
            .collect()
    }
}
