//! What PostgreSQL says in its own words.

use isds_core::event::Event;
use isds_core::ids::BoxId;
use isds_core::ports::{Stay, StoreResult};
use isds_core::time::Timestamp;
use sqlx::Transaction;

use super::accept::Columns;
use super::{Db, SqlStore};
use crate::error::{inconsistent, store_error};
use crate::rows::{JobRow, LAST_JOB_KIND, NewMessageRow};

/// MATERIALIZED: a plan that ran the inner query anew for every row would lease more jobs than asked for. $4 keeps kinds
/// out that this version does not know; nodes that do claim them.
macro_rules! lease_jobs {
    ($kinds:literal) => {
        concat!(
            "WITH claimed AS MATERIALIZED (SELECT id FROM jobs WHERE due <= $1 AND kind <= $4 AND ",
            $kinds,
            " ORDER BY due, id LIMIT $3 FOR UPDATE SKIP LOCKED) \
             UPDATE jobs SET due = $2, leased = 1, attempts = jobs.attempts + 1 FROM claimed WHERE jobs.id = claimed.id \
             RETURNING jobs.id, jobs.kind, jobs.subject, jobs.attempts - 1 AS attempts"
        )
    };
}
pub(super) const LEASE_JOBS: &str = lease_jobs!("kind <> 22");
pub(super) const LEASE_SCANS: &str = lease_jobs!("kind = 22");

/// `+` and `xmin`, which no index holds: else the planner reads an index whole that has both columns behind others, as long
/// as there are few boxes, and keeps to it. As text: of a type that sqlx does not know each connection would ask the
/// catalogue first.
pub(super) const ACCESSIBLE: &str =
    "SELECT box_id, CAST(xmin AS TEXT) FROM boxes WHERE box_id = ANY($1) AND +state = 1";

/// Stays in boxes without any user: neither one of today who was not added since, nor one who was removed after the
/// beginning and not added after the end. Who was never noted as added has been there for ever. `LIMIT`: each part
/// is a search in an index for one stay, and never becomes a join of whole tables.
pub(super) const UNATTENDED: &str = "SELECT s.dm_id FROM \
     unnest($1::BIGINT[], $2::TEXT[], $3::BIGINT[], $4::BIGINT[]) AS s (dm_id, box_id, since, until) WHERE \
     (SELECT 1 FROM memberships AS m WHERE m.box_id = s.box_id AND NOT EXISTS (\
         SELECT 1 FROM user_changes AS a WHERE a.box_id = s.box_id AND a.kind = 1 AND a.time >= s.until \
         AND a.isds_id = m.isds_id) LIMIT 1) IS NULL \
     AND (SELECT 1 FROM user_changes AS r WHERE r.box_id = s.box_id AND r.kind = 3 AND r.time > s.since AND NOT EXISTS (\
         SELECT 1 FROM user_changes AS a WHERE a.box_id = s.box_id AND a.kind = 1 AND a.time >= s.until \
         AND a.isds_id = r.isds_id) LIMIT 1) IS NULL";

const VAULTS: &str = "SELECT box_id, used FROM vault_usage WHERE box_id = ANY($1::TEXT[])";

/// SKIP LOCKED: a failure that is being counted right now holds its rows in an order of its own.
pub(super) const FORGET_FAILURES: &str = "DELETE FROM login_failures WHERE key = ANY(ARRAY(SELECT key FROM login_failures \
     WHERE first <= $1 AND (locked_until IS NULL OR locked_until <= $2) ORDER BY first LIMIT $3 \
     FOR UPDATE SKIP LOCKED))";

impl SqlStore {
    pub(super) async fn insert_message_in(
        tx: &mut Transaction<'_, Db>,
        row: &NewMessageRow<'_>,
        event: Event,
        job_due: Timestamp,
    ) -> sqlx::Result<()> {
        let mut columns = Columns::default();
        columns.push(row, event, job_due);
        columns.insert(&mut **tx).await
    }

    pub(super) async fn lease_jobs(
        &self,
        statement: &'static str,
        now: i64,
        lease_until: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<JobRow>> {
        sqlx::query_as::<Db, JobRow>(statement)
            .bind(now)
            .bind(lease_until)
            .bind(limit)
            .bind(LAST_JOB_KIND)
            .fetch_all(self.writer())
            .await
    }

    /// Which of the boxes are accessible, in one round trip.
    pub(super) async fn accessible_among(&self, boxes: &[BoxId]) -> sqlx::Result<Vec<String>> {
        let ids: Vec<&str> = boxes.iter().map(BoxId::as_str).collect();
        sqlx::query_scalar::<Db, String>(ACCESSIBLE)
            .bind(&ids)
            .fetch_all(self.reader())
            .await
    }

    /// The numbers of the messages of the stays without users, in one round trip.
    pub(super) async fn unattended_among(&self, stays: &[Stay]) -> sqlx::Result<Vec<i64>> {
        let messages: Vec<i64> = stays.iter().map(|stay| stay.message.0).collect();
        let boxes: Vec<&str> = stays.iter().map(|stay| stay.box_id.as_str()).collect();
        let since: Vec<i64> = stays.iter().map(|stay| stay.from.0).collect();
        let until: Vec<i64> = stays.iter().map(|stay| stay.until.0).collect();
        sqlx::query_scalar::<Db, i64>(UNATTENDED)
            .bind(&messages)
            .bind(&boxes)
            .bind(&since)
            .bind(&until)
            .fetch_all(self.reader())
            .await
    }

    /// Which of the boxes have or had a vault, with what lies in it, in one round trip.
    pub(super) async fn vaults_among(&self, boxes: &[BoxId]) -> StoreResult<Vec<(BoxId, i64)>> {
        let ids: Vec<&str> = boxes.iter().map(BoxId::as_str).collect();
        let rows = sqlx::query_as::<Db, (String, i64)>(VAULTS)
            .bind(&ids)
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter()
            .map(|(id, used)| Ok((id.parse().map_err(|_| inconsistent("vault_usage.box_id", &id))?, used)))
            .collect()
    }

    pub(super) async fn forget_failures(&self, first: i64, locked_until: i64, limit: i64) -> sqlx::Result<()> {
        sqlx::query::<Db>(FORGET_FAILURES)
            .bind(first)
            .bind(locked_until)
            .bind(limit)
            .execute(self.writer())
            .await?;
        Ok(())
    }

    /// Empties every table but the mark; keys and numbers start anew.
    pub(super) async fn empty_tables(&self) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        for statement in [
            "TRUNCATE box_calls, box_restraints, locked_persons, vaults, vault_usage, changed_limits, announcements, mailbox_tagged, mailbox_tags, mailbox_tasks, mailbox_documents, mailbox_terms, mailbox_lists, bulk_files, bulk_rows, bulk_jobs, import_rows, imports, box_figures, message_figures, leases, nodes, node_lives, mails, notices_due, notice_subscriptions, mail_confirmations, known_browsers, audit_records, audit_seals, audit_calls, audit_heads, draft_sendings, draft_attachments, draft_usage, drafts, \
             sessions, ceremonies, passkeys, recovery_codes, one_time_codes, \
             uploads, \
             upload_usage, \
             shared_objects, \
             freed_objects, \
             box_words, \
             box_terms, \
             box_states, \
             data_files, \
             administration_requests, \
             box_closings, \
             box_deadlines, \
             postal_charges, \
             initiating_messages, \
             subsidies, \
             credit_ledger, \
             credit_accounts, \
             system_certificates, \
             suspicion_reports, \
             notified_boxes, \
             erased_lists, \
             system_messages_due, \
             jobs, \
             message_state_changes, \
             message_events, \
             messages, \
             login_failures, \
             former_passwords, \
             user_changes, \
             credentials, \
             memberships, \
             persons, \
             boxes \
             RESTART IDENTITY",
            "DELETE FROM installation WHERE key NOT IN ('mark', 'schema_compatible_from')",
            "ALTER SEQUENCE message_numbers RESTART",
        ] {
            sqlx::query::<Db>(statement).execute(&mut *tx).await?;
        }
        tx.commit().await
    }
}
