//! Writing transitions: statement by statement, since nothing travels over a network.

use isds_core::ports::{MessageChange, StoreError, StoreResult};
use sqlx::Transaction;

use super::shared::shared_objects::objects;
use super::{Db, SqlStore};
use crate::error::store_error;
use crate::rows::{StateColumns, scan_code};

const UPDATE_MESSAGE: &str = "UPDATE messages SET version = version + 1, phase = $3, delivered_in = $4, accepted = $5, \
     sort_time = $6, sender_in_vault = $7, sender_erased = $8, sender_due = $9, recipient_in_vault = $10, \
     recipient_erased = $11, recipient_due = $12, recipient_read = $13, sender_status = $14, recipient_status = $15, \
     timestamp_token = COALESCE($16, timestamp_token), scan = COALESCE($17, scan), fiction_due = $18 \
     WHERE dm_id = $1 AND version = $2";

const REMOVE_EVENTS: &str = "DELETE FROM message_events WHERE dm_id = $1 AND kind = $2";

const INSERT_EVENT: &str = "INSERT INTO message_events (dm_id, version, seq, kind, time) VALUES ($1, $2, $3, $4, $5)";

const INSERT_STATE_CHANGE: &str = "INSERT INTO message_state_changes (sender_box, time, dm_id, version, seq, status) \
     SELECT sender_box, $2, dm_id, $3, $4, $5 FROM messages WHERE dm_id = $1";

const FINISH_JOB: &str = "DELETE FROM jobs WHERE id = $1";

/// The row is locked by the change that erases the last copy.
const CONTENT: &str = "SELECT segments FROM messages WHERE dm_id = $1";

const EMPTY: &str = "UPDATE messages SET segments = '[]', \
     attachments = CASE WHEN attachments IS NULL THEN NULL ELSE '[]' END \
     WHERE dm_id = $1";

impl SqlStore {
    pub(super) async fn write_changes(&self, changes: &[MessageChange]) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        for change in changes {
            if !write_change(&mut tx, change).await.map_err(store_error)? {
                tx.rollback().await.map_err(store_error)?;
                return Err(StoreError::Conflict);
            }
            Self::promise_in(&mut tx, &change.system_messages).await?;
            Self::add_notices_in(&mut tx, &change.notices).await?;
            Self::release_content_in(&mut tx, change).await?;
        }
        Self::forget_contents_in(&mut tx, changes).await?;
        Self::count_vaults_in(&mut tx, changes).await?;
        tx.commit().await.map_err(store_error)
    }

    /// Takes its content from a message that a change leaves to neither side: it stays without segments, and objects
    /// that no other message and no waiting upload needs are freed.
    async fn release_content_in(tx: &mut Transaction<'_, Db>, change: &MessageChange) -> StoreResult<()> {
        let Some(freed) = change.frees else {
            return Ok(());
        };
        let segments = sqlx::query_scalar::<Db, String>(CONTENT)
            .bind(change.id.0)
            .fetch_one(&mut **tx)
            .await
            .map_err(store_error)?;
        sqlx::query::<Db>(EMPTY)
            .bind(change.id.0)
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
        for object in objects(&segments, change.id)? {
            Self::let_go(tx, &object, freed).await?;
        }
        Ok(())
    }
}

/// False where the message is no longer in the version that the change was computed from.
async fn write_change(tx: &mut Transaction<'_, Db>, change: &MessageChange) -> sqlx::Result<bool> {
    let state = StateColumns::from(&change.state);
    let updated = sqlx::query::<Db>(UPDATE_MESSAGE)
        .bind(change.id.0)
        .bind(change.from_version)
        .bind(state.phase)
        .bind(state.delivered_in)
        .bind(state.accepted)
        .bind(state.sort_time)
        .bind(state.sender_in_vault)
        .bind(state.sender_erased)
        .bind(state.sender_due)
        .bind(state.recipient_in_vault)
        .bind(state.recipient_erased)
        .bind(state.recipient_due)
        .bind(state.recipient_read)
        .bind(state.sender_status)
        .bind(state.recipient_status)
        .bind(change.timestamp_token.as_deref())
        .bind(change.scan.map(scan_code))
        .bind(state.fiction_due)
        .execute(&mut **tx)
        .await?;
    if updated.rows_affected() != 1 {
        return Ok(false);
    }
    let version = change.from_version + 1;
    for kind in change.removes {
        sqlx::query::<Db>(REMOVE_EVENTS)
            .bind(change.id.0)
            .bind(kind.number())
            .execute(&mut **tx)
            .await?;
    }
    for (event, seq) in change.events.iter().zip(0_i64..) {
        sqlx::query::<Db>(INSERT_EVENT)
            .bind(change.id.0)
            .bind(version)
            .bind(seq)
            .bind(event.kind.number())
            .bind(event.time.0)
            .execute(&mut **tx)
            .await?;
    }
    for (state_change, seq) in change.state_changes.iter().zip(0_i64..) {
        sqlx::query::<Db>(INSERT_STATE_CHANGE)
            .bind(change.id.0)
            .bind(state_change.time.0)
            .bind(version)
            .bind(seq)
            .bind(state_change.status)
            .execute(&mut **tx)
            .await?;
    }
    if let Some(job) = change.finishes_job {
        sqlx::query::<Db>(FINISH_JOB).bind(job.0).execute(&mut **tx).await?;
    }
    Ok(true)
}
