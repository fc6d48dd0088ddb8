//! Messages and their events.

use async_trait::async_trait;
use isds_core::event::Event;
use isds_core::ids::{BoxId, MessageId};
use isds_core::message::{Message, SideOf};
use isds_core::ports::{
    ListPosition, MessageChange, MessageListQuery, MessageRecord, Messages, NewMessage, StateChangeQuery,
    StateChangeRecord, StoreError, StoreResult,
};
use isds_core::time::Timestamp;

use super::{Db, SqlStore, all, signed};
use crate::error::store_error;
use crate::rows::{EventRow, MessageRow, RecordRow, StateChangeRow, message_columns, record_columns};

pub(super) const LIST_WAITING_MESSAGES: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM messages WHERE recipient_box = $1 AND phase IN (4, 5) AND recipient_erased = 0 AND dm_id > $2 \
     AND (personal_delivery = 0 OR $3 = 1) ORDER BY dm_id LIMIT $4"
);

pub(super) const LIST_RECEIVED_MESSAGES: &str = concat!(
    "SELECT ",
    record_columns!(),
    " FROM messages WHERE recipient_box = $1 AND sort_time >= $2 AND (sort_time, dm_id) < ($3, $4) \
     AND ((CAST(1 AS BIGINT) << recipient_status) & $5) <> 0 ORDER BY sort_time DESC, dm_id DESC LIMIT $6 OFFSET $7"
);

pub(super) const LIST_SENT_MESSAGES: &str = concat!(
    "SELECT ",
    record_columns!(),
    " FROM messages WHERE sender_box = $1 AND sort_time >= $2 AND (sort_time, dm_id) < ($3, $4) \
     AND ((CAST(1 AS BIGINT) << sender_status) & $5) <> 0 ORDER BY sort_time DESC, dm_id DESC LIMIT $6 OFFSET $7"
);

pub(super) const LIST_EVENTS: &str =
    "SELECT dm_id, kind, time FROM message_events WHERE dm_id = $1 ORDER BY version, seq";

pub(super) const LIST_STATE_CHANGES: &str = "SELECT dm_id, time, version, seq, status FROM message_state_changes \
     WHERE sender_box = $1 AND time <= $2 AND (time, dm_id, version, seq) > ($3, $4, $5, $6) \
     ORDER BY time, dm_id, version, seq LIMIT $7";

/// How often a message is written that lost against others (a deadlock, a serialisation failure): nothing of it was
/// written then. Where the connection broke that may be otherwise, and it is never written again.
pub(super) const TRIES: u32 = 3;

#[async_trait]
impl Messages for SqlStore {
    async fn next_message_id(&self) -> StoreResult<MessageId> {
        self.next_number().await.map(MessageId)
    }

    async fn accept_message(&self, message: &NewMessage) -> StoreResult<()> {
        let mut tries = TRIES;
        loop {
            tries -= 1;
            match self.accept_once(message).await {
                Err(StoreError::Conflict) if tries > 0 => {}
                other => return other,
            }
        }
    }

    async fn lookup_message(&self, id: MessageId) -> StoreResult<Option<Message>> {
        self.message_by_id(id).await
    }

    async fn list_waiting_messages(
        &self,
        box_id: BoxId,
        personal: bool,
        after: MessageId,
        limit: u64,
    ) -> StoreResult<Vec<Message>> {
        let rows = sqlx::query_as::<Db, MessageRow>(LIST_WAITING_MESSAGES)
            .bind(box_id.as_str())
            .bind(after.0)
            .bind(i64::from(personal))
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn list_messages(&self, query: &MessageListQuery) -> StoreResult<Vec<MessageRecord>> {
        let statement = match query.side {
            SideOf::Recipient => LIST_RECEIVED_MESSAGES,
            SideOf::Sender => LIST_SENT_MESSAGES,
        };
        // One statement for the first page and the others: the end of the interval is the place before every record of
        // that time.
        let after = query.after.unwrap_or(ListPosition {
            time: query.to.unwrap_or(Timestamp(i64::MAX)),
            id: MessageId(i64::MAX),
        });
        let rows = sqlx::query_as::<Db, RecordRow>(statement)
            .bind(query.box_id.as_str())
            .bind(query.from.map_or(i64::MIN, |time| time.0))
            .bind(after.time.0)
            .bind(after.id.0)
            .bind(i64::from(query.status_bits))
            .bind(signed(query.limit))
            .bind(signed(query.offset))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn list_events(&self, id: MessageId) -> StoreResult<Vec<Event>> {
        let rows = sqlx::query_as::<Db, EventRow>(LIST_EVENTS)
            .bind(id.0)
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn list_state_changes(&self, query: &StateChangeQuery) -> StoreResult<Vec<StateChangeRecord>> {
        let (time, id, version, seq) = match query.after {
            Some(row) => (row.change.time.0, row.id.0, row.version, row.seq),
            None => (query.from.0, i64::MIN, i64::MIN, i64::MIN),
        };
        let rows = sqlx::query_as::<Db, StateChangeRow>(LIST_STATE_CHANGES)
            .bind(query.sender.as_str())
            .bind(query.to.0)
            .bind(time)
            .bind(id)
            .bind(version)
            .bind(seq)
            .bind(signed(query.limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn apply_changes(&self, changes: &[MessageChange]) -> StoreResult<()> {
        if changes.is_empty() {
            return Ok(());
        }
        self.write_changes(changes).await
    }
}

impl SqlStore {
    async fn accept_once(&self, message: &NewMessage) -> StoreResult<()> {
        if let Some(payment) = &message.payment {
            return self.accept_paid(message, payment).await;
        }
        if !message.uploads.is_empty() || message.bulk_row.is_some() || message.sending.is_some() {
            return self.accept_with_uploads(message).await;
        }
        self.accept_gathered(message).await
    }
}
