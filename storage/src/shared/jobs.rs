//! Jobs.

use async_trait::async_trait;
use isds_core::ports::{Job, JobId, Jobs, StoreResult};
use isds_core::time::Timestamp;
use sqlx::QueryBuilder;

use super::super::statements::{LEASE_JOBS, LEASE_SCANS};
use super::{Db, SqlStore, all, signed};
use crate::error::{inconsistent, store_error};
use crate::rows::JOB_SCAN_MESSAGE;

const RETRY_JOB: &str = "UPDATE jobs SET due = $2, leased = 0 WHERE id = $1";
const FINISH_JOB: &str = "DELETE FROM jobs WHERE id = $1";
const IS_LEASED: &str = "SELECT EXISTS (SELECT 1 FROM jobs WHERE leased = 1 AND due > $1)";
const COUNT_JOBS: &str = "SELECT COUNT(*) FROM jobs";

impl SqlStore {
    async fn claim(
        &self,
        statement: &'static str,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u64,
    ) -> StoreResult<Vec<Job>> {
        let mut rows = self
            .lease_jobs(statement, now.0, lease_until.0, signed(limit))
            .await
            .map_err(store_error)?;
        // RETURNING keeps no order.
        rows.sort_unstable_by_key(|row| row.id);
        all(rows)
    }
}

#[async_trait]
impl Jobs for SqlStore {
    async fn claim_jobs(&self, now: Timestamp, lease_until: Timestamp, limit: u64) -> StoreResult<Vec<Job>> {
        self.claim(LEASE_JOBS, now, lease_until, limit).await
    }

    async fn claim_scans(&self, now: Timestamp, lease_until: Timestamp, limit: u64) -> StoreResult<Vec<Job>> {
        self.claim(LEASE_SCANS, now, lease_until, limit).await
    }

    async fn hand_to_scanner(&self, jobs: &[JobId], due: Timestamp) -> StoreResult<()> {
        if jobs.is_empty() {
            return Ok(());
        }
        let mut sql = QueryBuilder::<Db>::new("UPDATE jobs SET kind = ");
        sql.push_bind(JOB_SCAN_MESSAGE).push(", due = ").push_bind(due.0);
        let mut list = sql.push(", leased = 0, attempts = 0 WHERE id IN (").separated(", ");
        for job in jobs {
            list.push_bind(job.0);
        }
        sql.push(")");
        sql.build().execute(self.writer()).await.map_err(store_error)?;
        Ok(())
    }

    async fn retry_job(&self, id: JobId, due: Timestamp) -> StoreResult<()> {
        sqlx::query::<Db>(RETRY_JOB)
            .bind(id.0)
            .bind(due.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn finish_job(&self, id: JobId) -> StoreResult<()> {
        sqlx::query::<Db>(FINISH_JOB)
            .bind(id.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn is_any_job_leased(&self, now: Timestamp) -> StoreResult<bool> {
        sqlx::query_scalar::<Db, bool>(IS_LEASED)
            .bind(now.0)
            .fetch_one(self.writer())
            .await
            .map_err(store_error)
    }

    async fn count_jobs(&self) -> StoreResult<u64> {
        let count = sqlx::query_scalar::<Db, i64>(COUNT_JOBS)
            .fetch_one(self.reader())
            .await
            .map_err(store_error)?;
        u64::try_from(count).map_err(|_| inconsistent("count", "jobs"))
    }
}
