//! System messages that are promised and not sent yet.

use async_trait::async_trait;
use isds_core::ports::{JobId, NewMessage, StoreError, StoreResult, SystemMessageId, SystemMessages};
use isds_core::system_message::DueSystemMessage;
use sqlx::Transaction;

use super::{Db, SqlStore};
use crate::error::{inconsistent, store_error};
use crate::rows::{JOB_SEND_SYSTEM_MESSAGE, NewMessageRow};

const PROMISE: &str = "INSERT INTO system_messages_due (recipient_box, message) VALUES ($1, $2) RETURNING id";

/// Due at once: the beginning of time is always past.
const INSERT_JOB: &str = "INSERT INTO jobs (kind, subject, due, attempts) VALUES ($1, $2, 0, 0)";

const LOOKUP: &str = "SELECT recipient_box, message FROM system_messages_due WHERE id = $1";

const TAKE_AWAY: &str = "DELETE FROM system_messages_due WHERE id = $1";

const FINISH_JOB: &str = "DELETE FROM jobs WHERE id = $1";

impl SqlStore {
    /// Writes promises within the transaction of the change that they go with.
    pub(in super::super) async fn promise_in(
        tx: &mut Transaction<'_, Db>,
        due: &[DueSystemMessage],
    ) -> StoreResult<()> {
        for due in due {
            let message =
                serde_json::to_string(&due.message).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
            let id = sqlx::query_scalar::<Db, i64>(PROMISE)
                .bind(due.recipient.as_str())
                .bind(message)
                .fetch_one(&mut **tx)
                .await
                .map_err(store_error)?;
            sqlx::query::<Db>(INSERT_JOB)
                .bind(JOB_SEND_SYSTEM_MESSAGE)
                .bind(id)
                .execute(&mut **tx)
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }
}

#[async_trait]
impl SystemMessages for SqlStore {
    async fn promise_system_messages(&self, due: &[DueSystemMessage]) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        Self::promise_in(&mut tx, due).await?;
        tx.commit().await.map_err(store_error)
    }

    async fn lookup_system_message(&self, id: SystemMessageId) -> StoreResult<Option<DueSystemMessage>> {
        let row = sqlx::query_as::<Db, (String, String)>(LOOKUP)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        let Some((recipient, message)) = row else {
            return Ok(None);
        };
        let recipient = recipient
            .parse()
            .map_err(|_| inconsistent("system_messages_due.recipient_box", id.0))?;
        // serde_json's text would repeat pieces of the message.
        let message = serde_json::from_str(&message).map_err(|_| inconsistent("system_messages_due.message", id.0))?;
        Ok(Some(DueSystemMessage { recipient, message }))
    }

    async fn keep_system_message(
        &self,
        id: SystemMessageId,
        message: Option<&NewMessage>,
        job: JobId,
    ) -> StoreResult<bool> {
        let row = message.map(NewMessageRow::new).transpose()?;
        let mut tx = self.begin().await.map_err(store_error)?;
        let taken = sqlx::query::<Db>(TAKE_AWAY)
            .bind(id.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        let kept = taken.rows_affected() == 1;
        if let (true, Some(new), Some(row)) = (kept, message, &row) {
            Self::insert_message_in(&mut tx, row, new.event, new.job_due)
                .await
                .map_err(store_error)?;
        }
        sqlx::query::<Db>(FINISH_JOB)
            .bind(job.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(kept)
    }
}
