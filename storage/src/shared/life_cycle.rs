//! What falls due in the life of messages.

use async_trait::async_trait;
use isds_core::ids::BoxId;
use isds_core::message::{Message, SideOf};
use isds_core::ports::{LifeCycle, StoreResult};
use isds_core::time::Timestamp;

use super::{Db, SqlStore, all, signed};
use crate::error::store_error;
use crate::rows::{MessageRow, message_columns};

/// Each part looks at one row of its index at most.
const IS_DUE: &str = "SELECT \
     EXISTS (SELECT 1 FROM messages WHERE fiction_due IS NOT NULL AND fiction_due <= $1) OR \
     EXISTS (SELECT 1 FROM messages WHERE sender_due IS NOT NULL AND sender_due <= $1) OR \
     EXISTS (SELECT 1 FROM messages WHERE recipient_due IS NOT NULL AND recipient_due <= $1) OR \
     EXISTS (SELECT 1 FROM vaults WHERE warn_due IS NOT NULL AND warn_due <= $1)";

pub(super) const LIST_DUE_FICTIONS: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM messages WHERE fiction_due IS NOT NULL AND fiction_due <= $1 ORDER BY fiction_due, dm_id LIMIT $2"
);

pub(super) const LIST_DUE_SENT: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM messages WHERE sender_due IS NOT NULL AND sender_due <= $1 ORDER BY sender_due, dm_id LIMIT $2"
);

pub(super) const LIST_DUE_RECEIVED: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM messages WHERE recipient_due IS NOT NULL AND recipient_due <= $1 ORDER BY recipient_due, dm_id LIMIT $2"
);

#[async_trait]
impl LifeCycle for SqlStore {
    async fn is_life_cycle_due(&self, now: Timestamp) -> StoreResult<bool> {
        sqlx::query_scalar::<Db, bool>(IS_DUE)
            .bind(now.0)
            .fetch_one(self.reader())
            .await
            .map_err(store_error)
    }

    async fn list_due_fictions(&self, now: Timestamp, limit: u64) -> StoreResult<Vec<Message>> {
        self.list_due(LIST_DUE_FICTIONS, now, limit).await
    }

    async fn list_due_retentions(&self, side: SideOf, now: Timestamp, limit: u64) -> StoreResult<Vec<Message>> {
        let statement = match side {
            SideOf::Sender => LIST_DUE_SENT,
            SideOf::Recipient => LIST_DUE_RECEIVED,
        };
        self.list_due(statement, now, limit).await
    }

    async fn list_boxes_without_users(&self, boxes: &[BoxId]) -> StoreResult<Vec<BoxId>> {
        let inhabited = self.inhabited_among(boxes).await.map_err(store_error)?;
        Ok(boxes
            .iter()
            .copied()
            .filter(|id| !inhabited.iter().any(|other| other == id.as_str()))
            .collect())
    }
}

impl SqlStore {
    async fn list_due(&self, statement: &'static str, now: Timestamp, limit: u64) -> StoreResult<Vec<Message>> {
        // From the writer: what a batch changed must not be found again by the next.
        let rows = sqlx::query_as::<Db, MessageRow>(statement)
            .bind(now.0)
            .bind(signed(limit))
            .fetch_all(self.writer())
            .await
            .map_err(store_error)?;
        all(rows)
    }
}
