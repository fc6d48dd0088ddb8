//! Tags of messages, and what is to be done about them.

use async_trait::async_trait;
use isds_core::ids::{BoxId, MessageId};
use isds_core::mailbox::{MailboxList, MarkedMessage, OpenTask, Tag, TagId, Task};
use isds_core::message::SideOf;
use isds_core::ports::{MailboxMarks, StoreResult};
use isds_core::search::folded;
use isds_core::text::fold_case;
use isds_core::time::Timestamp;
use sqlx::QueryBuilder;

use super::{Db, SqlStore, signed};
use crate::error::store_error;
use crate::rows::{flag, side_code};

pub(in super::super) const LIST_TAGS: &str =
    "SELECT id, name, colour FROM mailbox_tags WHERE box_id = $1 ORDER BY name_folded";

const ADD_TAG: &str = "INSERT INTO mailbox_tags (box_id, name, name_folded, colour) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (box_id, name_folded) DO NOTHING RETURNING id";

const REMOVE_TAGGED: &str =
    "DELETE FROM mailbox_tagged WHERE tag_id IN (SELECT id FROM mailbox_tags WHERE id = $1 AND box_id = $2)";

const REMOVE_TAG: &str = "DELETE FROM mailbox_tags WHERE id = $1 AND box_id = $2";

/// A tag of another box is nobody's here.
const TAG_MESSAGE: &str = "INSERT INTO mailbox_tagged (box_id, side, dm_id, tag_id, sort_time) \
     SELECT $1, $2, $3, id, $5 FROM mailbox_tags WHERE id = $4 AND box_id = $1 ON CONFLICT DO NOTHING";

const UNTAG_MESSAGE: &str = "DELETE FROM mailbox_tagged WHERE box_id = $1 AND side = $2 AND dm_id = $3 AND tag_id = $4";

const SET_TASK: &str = "INSERT INTO mailbox_tasks (box_id, side, dm_id, sort_time, due, done, set_by, set_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (box_id, side, dm_id) \
     DO UPDATE SET due = excluded.due, done = excluded.done, set_by = excluded.set_by, set_at = excluded.set_at";

pub(in super::super) const LIST_OPEN_TASKS: &str = "SELECT side, dm_id, due, set_by, set_at FROM mailbox_tasks \
     WHERE box_id = $1 AND done = 0 ORDER BY due, side, dm_id LIMIT $2";

#[async_trait]
impl MailboxMarks for SqlStore {
    async fn list_tags(&self, box_id: BoxId) -> StoreResult<Vec<Tag>> {
        let rows = sqlx::query_as::<Db, (i64, String, i16)>(LIST_TAGS)
            .bind(box_id.as_str())
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let tag = |(id, name, colour)| Tag {
            id: TagId(id),
            name,
            colour,
        };
        Ok(rows.into_iter().map(tag).collect())
    }

    async fn add_tag(&self, box_id: BoxId, name: &str, colour: i16) -> StoreResult<Option<TagId>> {
        let id = sqlx::query_scalar::<Db, i64>(ADD_TAG)
            .bind(box_id.as_str())
            .bind(name)
            .bind(folded(&fold_case(name)))
            .bind(colour)
            .fetch_optional(self.writer())
            .await
            .map_err(store_error)?;
        Ok(id.map(TagId))
    }

    async fn remove_tag(&self, box_id: BoxId, id: TagId) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let mut removed = 0;
        for statement in [REMOVE_TAGGED, REMOVE_TAG] {
            removed = sqlx::query::<Db>(statement)
                .bind(id.0)
                .bind(box_id.as_str())
                .execute(&mut *tx)
                .await
                .map_err(store_error)?
                .rows_affected();
        }
        tx.commit().await.map_err(store_error)?;
        Ok(removed > 0)
    }

    async fn tag_messages(&self, list: MailboxList, id: TagId, messages: &[MarkedMessage]) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        for message in messages {
            sqlx::query::<Db>(TAG_MESSAGE)
                .bind(list.box_id.as_str())
                .bind(side_code(list.side))
                .bind(message.id.0)
                .bind(id.0)
                .bind(message.time.0)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)
    }

    async fn untag_messages(&self, list: MailboxList, id: TagId, messages: &[MessageId]) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        for message in messages {
            sqlx::query::<Db>(UNTAG_MESSAGE)
                .bind(list.box_id.as_str())
                .bind(side_code(list.side))
                .bind(message.0)
                .bind(id.0)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)
    }

    async fn tags_of(&self, list: MailboxList, messages: &[MessageId]) -> StoreResult<Vec<(MessageId, TagId)>> {
        if messages.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = QueryBuilder::<Db>::new("SELECT dm_id, tag_id FROM mailbox_tagged WHERE ");
        of_messages(&mut sql, list, messages);
        let rows = sql
            .build_query_as::<(i64, i64)>()
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(message, tag)| (MessageId(message), TagId(tag)))
            .collect())
    }

    async fn set_task(&self, list: MailboxList, messages: &[MarkedMessage], task: &Task) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        for message in messages {
            sqlx::query::<Db>(SET_TASK)
                .bind(list.box_id.as_str())
                .bind(side_code(list.side))
                .bind(message.id.0)
                .bind(message.time.0)
                .bind(task.due_time().0)
                .bind(flag(task.done))
                .bind(task.by.as_str())
                .bind(task.at.0)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)
    }

    async fn tasks_of(&self, list: MailboxList, messages: &[MessageId]) -> StoreResult<Vec<(MessageId, Task)>> {
        if messages.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = QueryBuilder::<Db>::new("SELECT dm_id, due, done, set_by, set_at FROM mailbox_tasks WHERE ");
        of_messages(&mut sql, list, messages);
        let rows = sql
            .build_query_as::<(i64, i64, i16, String, i64)>()
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let task = |(message, due, done, by, at)| {
            let task = Task {
                due: Task::day_of(Timestamp(due)),
                done: done != 0,
                by,
                at: Timestamp(at),
            };
            (MessageId(message), task)
        };
        Ok(rows.into_iter().map(task).collect())
    }

    async fn list_open_tasks(&self, box_id: BoxId, limit: u64) -> StoreResult<Vec<OpenTask>> {
        let rows = sqlx::query_as::<Db, (i16, i64, i64, String, i64)>(LIST_OPEN_TASKS)
            .bind(box_id.as_str())
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let open = |(side, message, due, by, at)| OpenTask {
            side: if side == side_code(SideOf::Sender) {
                SideOf::Sender
            } else {
                SideOf::Recipient
            },
            message: MessageId(message),
            task: Task {
                due: Task::day_of(Timestamp(due)),
                done: false,
                by,
                at: Timestamp(at),
            },
        };
        Ok(rows.into_iter().map(open).collect())
    }
}

/// Callers ask for a page or a batch of candidates: at most a thousand numbers.
fn of_messages(sql: &mut QueryBuilder<Db>, list: MailboxList, messages: &[MessageId]) {
    sql.push("box_id = ")
        .push_bind(list.box_id.to_string())
        .push(" AND side = ")
        .push_bind(side_code(list.side))
        .push(" AND dm_id IN (");
    let mut numbers = sql.separated(", ");
    for message in messages {
        numbers.push_bind(message.0);
    }
    sql.push(")");
}
