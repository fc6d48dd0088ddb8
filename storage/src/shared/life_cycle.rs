//! What falls due in the life of messages.

use async_trait::async_trait;
use isds_core::ids::MessageId;
use isds_core::message::{Message, SideOf};
use isds_core::ports::{DuePlace, DuePlaces, LifeCycle, Stay, StoreResult, WarnedOf};
use isds_core::time::Timestamp;

use super::{Db, SqlStore, all, signed};
use crate::error::store_error;
use crate::rows::{MessageRow, message_columns};

/// Each part looks at one row of its index at most.
const IS_DUE: &str = "SELECT \
     EXISTS (SELECT 1 FROM messages WHERE fiction_due IS NOT NULL AND fiction_due <= $1 \
         AND (fiction_due, dm_id) > ($2, $3)) OR \
     EXISTS (SELECT 1 FROM messages WHERE sender_due IS NOT NULL AND sender_due <= $1 \
         AND (sender_due, dm_id) > ($4, $5)) OR \
     EXISTS (SELECT 1 FROM messages WHERE recipient_due IS NOT NULL AND recipient_due <= $1 \
         AND (recipient_due, dm_id) > ($6, $7)) OR \
     EXISTS (SELECT 1 FROM messages WHERE phase = 4 AND fiction_due IS NULL) OR \
     EXISTS (SELECT 1 FROM system_certificates WHERE warned = 0 AND expires <= $8) OR \
     EXISTS (SELECT 1 FROM credentials WHERE initial = 0 AND told_expires <> expires AND expires <= $9) OR \
     EXISTS (SELECT 1 FROM vaults WHERE warn_due IS NOT NULL AND warn_due <= $1)";

pub(super) const LIST_DUE_FICTIONS: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM messages WHERE fiction_due IS NOT NULL AND fiction_due <= $1 AND (fiction_due, dm_id) > ($2, $3) \
     ORDER BY fiction_due, dm_id LIMIT $4"
);

/// The index holds nothing else, and is mostly empty.
const LIST_UNCOUNTED_FICTIONS: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM messages WHERE phase = 4 AND fiction_due IS NULL ORDER BY dm_id LIMIT $1"
);

pub(super) const LIST_DUE_SENT: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM messages WHERE sender_due IS NOT NULL AND sender_due <= $1 AND (sender_due, dm_id) > ($2, $3) \
     ORDER BY sender_due, dm_id LIMIT $4"
);

pub(super) const LIST_DUE_RECEIVED: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM messages WHERE recipient_due IS NOT NULL AND recipient_due <= $1 AND (recipient_due, dm_id) > ($2, $3) \
     ORDER BY recipient_due, dm_id LIMIT $4"
);

#[async_trait]
impl LifeCycle for SqlStore {
    async fn is_life_cycle_due(&self, now: Timestamp, after: &DuePlaces, of: WarnedOf) -> StoreResult<bool> {
        sqlx::query_scalar::<Db, bool>(IS_DUE)
            .bind(now.0)
            .bind(after.fiction.due.0)
            .bind(after.fiction.id.0)
            .bind(after.sent.due.0)
            .bind(after.sent.id.0)
            .bind(after.received.due.0)
            .bind(after.received.id.0)
            .bind(of.certificates.0)
            .bind(of.passwords.0)
            .fetch_one(self.reader())
            .await
            .map_err(store_error)
    }

    async fn list_due_fictions(&self, now: Timestamp, after: DuePlace, limit: u64) -> StoreResult<Vec<Message>> {
        self.list_due(LIST_DUE_FICTIONS, now, after, limit).await
    }

    async fn list_uncounted_fictions(&self, limit: u64) -> StoreResult<Vec<Message>> {
        let rows = sqlx::query_as::<Db, MessageRow>(LIST_UNCOUNTED_FICTIONS)
            .bind(signed(limit))
            .fetch_all(self.writer())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn list_due_retentions(
        &self,
        side: SideOf,
        now: Timestamp,
        after: DuePlace,
        limit: u64,
    ) -> StoreResult<Vec<Message>> {
        let statement = match side {
            SideOf::Sender => LIST_DUE_SENT,
            SideOf::Recipient => LIST_DUE_RECEIVED,
        };
        self.list_due(statement, now, after, limit).await
    }

    async fn list_unattended(&self, stays: &[Stay]) -> StoreResult<Vec<MessageId>> {
        let numbers = self.unattended_among(stays).await.map_err(store_error)?;
        Ok(numbers.into_iter().map(MessageId).collect())
    }
}

impl SqlStore {
    async fn list_due(
        &self,
        statement: &'static str,
        now: Timestamp,
        after: DuePlace,
        limit: u64,
    ) -> StoreResult<Vec<Message>> {
        // From the writer: what a batch changed must not be found again by the next.
        let rows = sqlx::query_as::<Db, MessageRow>(statement)
            .bind(now.0)
            .bind(after.due.0)
            .bind(after.id.0)
            .bind(signed(limit))
            .fetch_all(self.writer())
            .await
            .map_err(store_error)?;
        all(rows)
    }
}
