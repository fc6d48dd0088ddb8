//! What SQLite says in its own words.

use isds_core::data_box::DataBox;
use isds_core::event::Event;
use isds_core::ids::{BoxId, MessageId};
use isds_core::message::Message;
use isds_core::ports::{NewMessage, Stay, StoreResult};
use isds_core::time::Timestamp;
use sqlx::Transaction;

use super::shared::accounts::KIND_PASSWORD;
use super::{Db, SqlStore};
use crate::error::store_error;
use crate::rows::{
    BoxRow, JOB_PROCESS_MESSAGE, JobRow, LAST_JOB_KIND, MessageRow, NewMessageRow, bind_message, box_columns,
    message_columns,
};

/// How many numbers are taken at once: a commit costs a sync, a number should not.
const BLOCK: i64 = 32;

const TAKE_NUMBERS: &str = "UPDATE message_numbers SET last = last + $1 RETURNING last";

pub(super) const LOOKUP_BOX: &str = concat!("SELECT ", box_columns!(), " FROM boxes WHERE box_id = $1");

pub(super) const LOOKUP_MESSAGE: &str = concat!("SELECT ", message_columns!(), " FROM messages WHERE dm_id = $1");

pub(super) const LOOKUP_CREDENTIAL_VERSION: &str = "SELECT version FROM credentials WHERE login = $1 AND kind = $2";

/// The parameters are those of `bind_message`, in its order.
const INSERT_MESSAGE: &str = "INSERT INTO messages (dm_id, version, phase, kind, sender_box, recipient_box, personal_delivery, \
     envelope, author, segments, sha256, sha3_256, attachment_count, attachment_size_kb, timestamp_token, scan, submitted, \
     delivered_in, accepted, sort_time, sender_in_vault, sender_erased, sender_due, recipient_in_vault, \
     recipient_erased, recipient_due, recipient_read, sender_status, recipient_status, large, attachments) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
     $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)";

const INSERT_EVENT: &str = "INSERT INTO message_events (dm_id, version, seq, kind, time) VALUES ($1, $2, 0, $3, $4)";

const INSERT_JOB: &str = "INSERT INTO jobs (kind, subject, due, attempts) VALUES ($1, $2, $3, 0)";

/// One writer, so nobody else can take the same jobs meanwhile. $4 keeps kinds out that this version does not know; nodes
/// that do claim them.
macro_rules! lease_jobs {
    ($kinds:literal) => {
        concat!(
            "UPDATE jobs SET due = $2, leased = 1, attempts = attempts + 1 \
             WHERE id IN (SELECT id FROM jobs WHERE due <= $1 AND kind <= $4 AND ",
            $kinds,
            " ORDER BY due, id LIMIT $3) RETURNING id, kind, subject, attempts - 1 AS attempts"
        )
    };
}
pub(super) const LEASE_JOBS: &str = lease_jobs!("kind <> 22");
pub(super) const LEASE_SCANS: &str = lease_jobs!("kind = 22");

const ACCESSIBLE: &str = "SELECT box_id FROM boxes WHERE box_id = $1 AND state = 1";

/// Stays in boxes without any user: neither one of today who was not added since, nor one who was removed after the
/// beginning and not added after the end. Who was never noted as added has been there for ever.
const UNATTENDED: &str = "SELECT \
     (SELECT 1 FROM memberships AS m WHERE m.box_id = $1 AND NOT EXISTS (\
         SELECT 1 FROM user_changes AS a WHERE a.box_id = $1 AND a.kind = 1 AND a.time >= $3 \
         AND a.isds_id = m.isds_id) LIMIT 1) IS NULL \
     AND (SELECT 1 FROM user_changes AS r WHERE r.box_id = $1 AND r.kind = 3 AND r.time > $2 AND NOT EXISTS (\
         SELECT 1 FROM user_changes AS a WHERE a.box_id = $1 AND a.kind = 1 AND a.time >= $3 \
         AND a.isds_id = r.isds_id) LIMIT 1) IS NULL";

const VAULT: &str = "SELECT used FROM vault_usage WHERE box_id = $1";

const FORGET_FAILURES: &str = "DELETE FROM login_failures WHERE key IN (SELECT key FROM login_failures \
     WHERE first <= $1 AND (locked_until IS NULL OR locked_until <= $2) ORDER BY first LIMIT $3)";

/// Numbers `next`, … up to `last` are taken.
#[derive(Debug)]
pub(super) struct Numbers {
    next: i64,
    last: i64,
}

impl Default for Numbers {
    fn default() -> Self {
        Self { next: 1, last: 0 }
    }
}

impl SqlStore {
    pub(super) async fn next_number(&self) -> StoreResult<i64> {
        let mut numbers = self.numbers.lock().await;
        if numbers.next > numbers.last {
            let last = sqlx::query_scalar::<Db, i64>(TAKE_NUMBERS)
                .bind(BLOCK)
                .fetch_one(self.writer())
                .await
                .map_err(store_error)?;
            *numbers = Numbers {
                next: last - BLOCK + 1,
                last,
            };
        }
        let number = numbers.next;
        numbers.next += 1;
        Ok(number)
    }

    pub(super) async fn box_by_id(&self, id: BoxId) -> StoreResult<Option<DataBox>> {
        let row = sqlx::query_as::<Db, BoxRow>(LOOKUP_BOX)
            .bind(id.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(DataBox::try_from).transpose()
    }

    pub(super) async fn message_by_id(&self, id: MessageId) -> StoreResult<Option<Message>> {
        let row = sqlx::query_as::<Db, MessageRow>(LOOKUP_MESSAGE)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(Message::try_from).transpose()
    }

    pub(super) async fn credential_version(&self, login: &str) -> StoreResult<Option<i64>> {
        sqlx::query_scalar::<Db, i64>(LOOKUP_CREDENTIAL_VERSION)
            .bind(login)
            .bind(KIND_PASSWORD)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)
    }

    /// The one writer takes them in a row; there is nobody to go together with.
    pub(super) async fn accept_gathered(&self, new: &NewMessage) -> StoreResult<()> {
        let row = NewMessageRow::new(new)?;
        let mut tx = self.begin().await.map_err(store_error)?;
        Self::insert_message_in(&mut tx, &row, new.event, new.job_due)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    pub(super) async fn insert_message_in(
        tx: &mut Transaction<'_, Db>,
        row: &NewMessageRow<'_>,
        event: Event,
        job_due: Timestamp,
    ) -> sqlx::Result<()> {
        bind_message!(sqlx::query::<Db>(INSERT_MESSAGE), row)
            .execute(&mut **tx)
            .await?;
        sqlx::query::<Db>(INSERT_EVENT)
            .bind(row.message.id.0)
            .bind(row.message.version)
            .bind(event.kind.number())
            .bind(event.time.0)
            .execute(&mut **tx)
            .await?;
        sqlx::query::<Db>(INSERT_JOB)
            .bind(JOB_PROCESS_MESSAGE)
            .bind(row.message.id.0)
            .bind(job_due.0)
            .execute(&mut **tx)
            .await?;
        Ok(())
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

    /// Which of the boxes are accessible.
    pub(super) async fn accessible_among(&self, boxes: &[BoxId]) -> sqlx::Result<Vec<String>> {
        let mut list = Vec::with_capacity(boxes.len());
        for id in boxes {
            // Nothing travels over a network, so one by one costs little.
            let found = sqlx::query_scalar::<Db, String>(ACCESSIBLE)
                .bind(id.as_str())
                .fetch_optional(self.reader())
                .await?;
            list.extend(found);
        }
        Ok(list)
    }

    /// The numbers of the messages of the stays without users.
    pub(super) async fn unattended_among(&self, stays: &[Stay]) -> sqlx::Result<Vec<i64>> {
        let mut list = Vec::new();
        for stay in stays {
            let unattended = sqlx::query_scalar::<Db, bool>(UNATTENDED)
                .bind(stay.box_id.as_str())
                .bind(stay.from.0)
                .bind(stay.until.0)
                .fetch_one(self.reader())
                .await?;
            if unattended {
                list.push(stay.message.0);
            }
        }
        Ok(list)
    }

    /// Which of the boxes have or had a vault, with what lies in it.
    pub(super) async fn vaults_among(&self, boxes: &[BoxId]) -> StoreResult<Vec<(BoxId, i64)>> {
        let mut list = Vec::new();
        for id in boxes {
            let used = sqlx::query_scalar::<Db, i64>(VAULT)
                .bind(id.as_str())
                .fetch_optional(self.reader())
                .await
                .map_err(store_error)?;
            list.extend(used.map(|used| (*id, used)));
        }
        Ok(list)
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
        let mut numbers = self.numbers.lock().await;
        let mut tx = self.begin().await?;
        for statement in [
            "DELETE FROM vaults",
            "DELETE FROM vault_usage",
            "DELETE FROM mails",
            "DELETE FROM notices_due",
            "DELETE FROM notice_subscriptions",
            "DELETE FROM mail_confirmations",
            "DELETE FROM known_browsers",
            "DELETE FROM audit_records",
            "DELETE FROM audit_seals",
            "DELETE FROM box_calls",
            "DELETE FROM box_restraints",
            "DELETE FROM audit_calls",
            "DELETE FROM audit_heads",
            "DELETE FROM changed_limits",
            "DELETE FROM locked_persons",
            "DELETE FROM announcements",
            "DELETE FROM import_rows",
            "DELETE FROM imports",
            "DELETE FROM box_figures",
            "DELETE FROM message_figures",
            "DELETE FROM leases",
            "DELETE FROM nodes",
            "DELETE FROM node_lives",
            "DELETE FROM system_certificates",
            "DELETE FROM sessions",
            "DELETE FROM ceremonies",
            "DELETE FROM passkeys",
            "DELETE FROM recovery_codes",
            "DELETE FROM one_time_codes",
            "DELETE FROM draft_sendings",
            "DELETE FROM draft_attachments",
            "DELETE FROM draft_usage",
            "DELETE FROM drafts",
            "DELETE FROM bulk_files",
            "DELETE FROM bulk_rows",
            "DELETE FROM bulk_jobs",
            "DELETE FROM mailbox_tagged",
            "DELETE FROM mailbox_tags",
            "DELETE FROM mailbox_tasks",
            "DELETE FROM mailbox_documents",
            "DELETE FROM mailbox_terms",
            "DELETE FROM mailbox_lists",
            "DELETE FROM uploads",
            "DELETE FROM upload_usage",
            "DELETE FROM shared_objects",
            "DELETE FROM freed_objects",
            "DELETE FROM suspicion_reports",
            "DELETE FROM notified_boxes",
            "DELETE FROM erased_lists",
            "DELETE FROM system_messages_due",
            "DELETE FROM jobs",
            "DELETE FROM message_state_changes",
            "DELETE FROM message_events",
            "DELETE FROM postal_charges",
            "DELETE FROM initiating_messages",
            "DELETE FROM subsidies",
            "DELETE FROM credit_ledger",
            "DELETE FROM credit_accounts",
            "DELETE FROM messages",
            "DELETE FROM login_failures",
            "DELETE FROM former_passwords",
            "DELETE FROM user_changes",
            "DELETE FROM credentials",
            "DELETE FROM memberships",
            "DELETE FROM persons",
            "DELETE FROM administration_requests",
            "DELETE FROM box_closings",
            "DELETE FROM box_deadlines",
            "DELETE FROM box_words",
            "DELETE FROM box_terms",
            "DELETE FROM box_states",
            "DELETE FROM data_files",
            "DELETE FROM boxes",
            "DELETE FROM installation WHERE key NOT IN ('mark', 'schema_compatible_from')",
            "DELETE FROM sqlite_sequence",
            "UPDATE message_numbers SET last = 1000000",
        ] {
            sqlx::query::<Db>(statement).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        *numbers = Numbers::default();
        Ok(())
    }
}
