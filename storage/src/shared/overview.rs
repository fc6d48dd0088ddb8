//! What the administrator of the system looks at.

use async_trait::async_trait;
use isds_core::administration::RequestNumber;
use isds_core::ids::{BoxId, MessageId};
use isds_core::ports::{
    BoxCertificate, JOBS_LOOKED_AT, JobId, KeptRequest, Overview, Queue, Stamping, StoreResult, TroubledJob,
    WaitingKind, WaitingWork,
};
use isds_core::time::Timestamp;
use sqlx::FromRow;

use super::{Db, SqlStore, signed};
use crate::error::{inconsistent, store_error};

const LIST_QUEUES: &str = "SELECT kind, COUNT(*) AS jobs, CAST(SUM(CASE WHEN due <= $1 THEN 1 ELSE 0 END) AS BIGINT) AS due, \
     MIN(due) AS oldest, MAX(attempts) AS attempts \
     FROM (SELECT kind, due, attempts FROM jobs ORDER BY due, id LIMIT $2) AS first GROUP BY kind ORDER BY kind";

macro_rules! waiting {
    ($attempts:literal, $table:literal, $condition:literal) => {
        concat!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN due <= $1 THEN 1 ELSE 0 END), 0) AS BIGINT), MIN(due), ",
            "COALESCE(MAX(attempts), 0) FROM (SELECT due, ",
            $attempts,
            " AS attempts FROM ",
            $table,
            $condition,
            " ORDER BY due, id LIMIT $2) AS first"
        )
    };
}

const COUNT_MAILS: &str = waiting!("attempts", "mails", "");
const COUNT_NOTICES: &str = waiting!("CAST(0 AS BIGINT)", "notices_due", "");
const COUNT_INDEXING: &str = waiting!("CAST(0 AS BIGINT)", "mailbox_lists", " WHERE due IS NOT NULL");
const COUNT_EXTRACTING: &str = waiting!(
    "CAST(0 AS BIGINT)",
    "(SELECT id, due, content FROM mailbox_lists WHERE due IS NOT NULL ORDER BY due, id LIMIT $2) AS waiting",
    " WHERE content = 1"
);

const LIST_TROUBLED: &str = "SELECT id, kind, subject, due, attempts, leased \
     FROM (SELECT id, kind, subject, due, attempts, leased FROM jobs ORDER BY due, id LIMIT $1) AS first \
     WHERE attempts > 1 ORDER BY attempts DESC, id LIMIT $2";

/// Asked of the row as it is now: one that was leased a moment ago belongs to whoever works on it.
const MAKE_DUE: &str = "UPDATE jobs SET due = $2 WHERE leased = 0 AND due > $2 AND id IN (SELECT id FROM \
     (SELECT id, kind, attempts FROM jobs ORDER BY due, id LIMIT $3) AS first WHERE kind = $1 AND attempts > 0)";

const MAKE_ONE_DUE: &str = "UPDATE jobs SET due = $2 WHERE id = $1 AND leased = 0 AND due > $2";

pub(super) const LIST_REQUESTS: &str = "SELECT id, operation, caller, reference, at FROM administration_requests \
     WHERE box_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";

const LIST_CERTIFICATES: &str =
    "SELECT fingerprint, expires FROM system_certificates WHERE box_id = $1 ORDER BY expires";

/// By the key, from its end.
const NEWEST: &str = "SELECT dm_id, phase, submitted FROM messages ORDER BY dm_id DESC LIMIT $1";
const LOOKED_AT: i64 = 1_000;
const SUBMITTED: i16 = 1;

#[derive(FromRow)]
struct QueueRow {
    kind: i16,
    jobs: i64,
    due: i64,
    oldest: i64,
    attempts: i64,
}

#[derive(FromRow)]
struct TroubledRow {
    id: i64,
    kind: i16,
    subject: i64,
    due: i64,
    attempts: i64,
    leased: i16,
}

#[derive(FromRow)]
struct RequestRow {
    id: i64,
    operation: String,
    caller: Option<String>,
    reference: Option<String>,
    at: i64,
}

#[async_trait]
impl Overview for SqlStore {
    async fn list_queues(&self, now: Timestamp) -> StoreResult<Vec<Queue>> {
        let rows = sqlx::query_as::<Db, QueueRow>(LIST_QUEUES)
            .bind(now.0)
            .bind(signed(JOBS_LOOKED_AT))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let queue = |row: QueueRow| Queue {
            kind: row.kind,
            jobs: u64::try_from(row.jobs).unwrap_or(0),
            due: u64::try_from(row.due).unwrap_or(0),
            oldest: Timestamp(row.oldest),
            attempts: row.attempts,
        };
        Ok(rows.into_iter().map(queue).collect())
    }

    async fn list_waiting_work(&self, real: Timestamp, legal: Timestamp) -> StoreResult<Vec<WaitingWork>> {
        let mut work = Vec::new();
        for (kind, statement, now) in [
            (WaitingKind::Mails, COUNT_MAILS, real),
            (WaitingKind::Notices, COUNT_NOTICES, legal),
            (WaitingKind::Indexing, COUNT_INDEXING, real),
            (WaitingKind::TextExtraction, COUNT_EXTRACTING, real),
        ] {
            let (count, due, oldest, attempts) = sqlx::query_as::<Db, (i64, i64, Option<i64>, i64)>(statement)
                .bind(now.0)
                .bind(signed(JOBS_LOOKED_AT))
                .fetch_one(self.reader())
                .await
                .map_err(store_error)?;
            work.push(WaitingWork {
                kind,
                count: u64::try_from(count).unwrap_or(0),
                due: u64::try_from(due).unwrap_or(0),
                oldest: oldest.map(Timestamp),
                attempts,
            });
        }
        Ok(work)
    }

    async fn list_troubled_jobs(&self, limit: u64) -> StoreResult<Vec<TroubledJob>> {
        let rows = sqlx::query_as::<Db, TroubledRow>(LIST_TROUBLED)
            .bind(signed(JOBS_LOOKED_AT))
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let job = |row: TroubledRow| TroubledJob {
            id: JobId(row.id),
            kind: row.kind,
            subject: row.subject,
            due: Timestamp(row.due),
            attempts: row.attempts,
            runs: row.leased == 1,
        };
        Ok(rows.into_iter().map(job).collect())
    }

    async fn make_jobs_due(&self, kind: i16, now: Timestamp, limit: u64) -> StoreResult<u64> {
        let made = sqlx::query::<Db>(MAKE_DUE)
            .bind(kind)
            .bind(now.0)
            .bind(signed(limit))
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(made.rows_affected())
    }

    async fn make_job_due(&self, id: JobId, now: Timestamp) -> StoreResult<bool> {
        let made = sqlx::query::<Db>(MAKE_ONE_DUE)
            .bind(id.0)
            .bind(now.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(made.rows_affected() == 1)
    }

    async fn list_requests(
        &self,
        box_id: BoxId,
        before: Option<RequestNumber>,
        limit: u64,
    ) -> StoreResult<Vec<KeptRequest>> {
        let rows = sqlx::query_as::<Db, RequestRow>(LIST_REQUESTS)
            .bind(box_id.as_str())
            .bind(before.map_or(i64::MAX, |before| before.0))
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let request = |row: RequestRow| KeptRequest {
            number: RequestNumber(row.id),
            operation: row.operation,
            caller: row.caller,
            reference: row.reference,
            at: Timestamp(row.at),
        };
        Ok(rows.into_iter().map(request).collect())
    }

    async fn list_certificates_of_box(&self, box_id: BoxId) -> StoreResult<Vec<BoxCertificate>> {
        let rows = sqlx::query_as::<Db, (Vec<u8>, i64)>(LIST_CERTIFICATES)
            .bind(box_id.as_str())
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter()
            .map(|(fingerprint, expires)| {
                let fingerprint = fingerprint.try_into();
                Ok(BoxCertificate {
                    fingerprint: fingerprint.map_err(|_| inconsistent("system_certificates.fingerprint", box_id))?,
                    expires: Timestamp(expires),
                })
            })
            .collect()
    }

    async fn stamping(&self) -> StoreResult<Stamping> {
        let rows = sqlx::query_as::<Db, (i64, i16, i64)>(NEWEST)
            .bind(LOOKED_AT)
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let mut stamping = Stamping::default();
        for (id, phase, submitted) in rows {
            if phase != SUBMITTED {
                stamping.last.get_or_insert((MessageId(id), Timestamp(submitted)));
            } else {
                stamping.waiting += 1;
                stamping.waiting_since = Some(Timestamp(submitted));
            }
        }
        Ok(stamping)
    }
}
