//! Sendings of drafts.

use async_trait::async_trait;
use isds_core::ids::BoxId;
use isds_core::ports::{
    BegunSending, Draft, DraftContent, DraftId, DraftSendings, DraftVersion, NewMessage, Sending, SendingId,
    SendingLease, SendingRow, StoreResult,
};
use isds_core::time::Timestamp;

use sqlx::Transaction;

use super::{Db, SqlStore};
use crate::error::{inconsistent, store_error};
use crate::rows::{DraftRow, draft_columns, flag};

/// Locks the draft: of two who begin at the same time, the second finds that it is being sent, or gone.
const CLAIM_DRAFT: &str = "UPDATE drafts SET sending = 0 WHERE id = $1 AND box_id = $2 AND kind = 0 AND version = $3 \
     AND files = $4 AND sending IS NULL";

const NAME_SENDING: &str = "UPDATE drafts SET sending = $2 WHERE id = $1";

const INSERT: &str = "INSERT INTO draft_sendings (box_id, draft_id, version, files, started, lease_until, finished, \
     subject, outcomes) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8) RETURNING id";

pub(super) const FIND_SENDING: &str =
    "SELECT id FROM draft_sendings WHERE draft_id = $1 AND version = $2 AND files = $3 AND box_id = $4";

pub(super) const LOOKUP_SENDING: &str = "SELECT id, box_id, draft_id, started, lease_until, finished, subject, outcomes \
     FROM draft_sendings WHERE id = $1";

const FORGET: &str = "DELETE FROM draft_sendings WHERE box_id = $1 AND finished = 1 AND started < $2";

const TAKE: &str = "UPDATE draft_sendings SET lease_until = $3 WHERE id = $1 AND finished = 0 AND lease_until <= $2";

const EXTEND: &str = "UPDATE draft_sendings SET lease_until = $3 WHERE id = $1 AND finished = 0 AND lease_until = $2";

const GIVE_BACK: &str = "UPDATE draft_sendings SET lease_until = 0 WHERE id = $1 AND finished = 0 AND lease_until = $2";

/// Locks the sending until the message is written: who takes over waits, and then finds the message.
const HOLD: &str = "UPDATE draft_sendings SET lease_until = lease_until \
     WHERE id = $1 AND finished = 0 AND lease_until = $2";

/// Locks the draft before the sending, as those do who begin one.
const LOCK_DRAFT: &str = "UPDATE drafts SET sending = sending WHERE id = $1 AND sending = $2";

const LOAD_DRAFT: &str = concat!("SELECT ", draft_columns!(), " FROM drafts WHERE id = $1");

const FINISH: &str = "UPDATE draft_sendings SET finished = 1, outcomes = $3 \
     WHERE id = $1 AND finished = 0 AND lease_until = $2";

const LEAVE: &str = "UPDATE drafts SET sending = NULL, version = version + 1, content = $2 WHERE id = $1";

#[derive(Debug, sqlx::FromRow)]
struct SendingSqlRow {
    id: i64,
    box_id: String,
    draft_id: i64,
    started: i64,
    lease_until: i64,
    finished: i16,
    subject: String,
    outcomes: String,
}

impl SendingSqlRow {
    fn sending(self) -> StoreResult<Sending> {
        Ok(Sending {
            id: SendingId(self.id),
            box_id: self
                .box_id
                .parse()
                .map_err(|_| inconsistent("draft_sendings.box_id", self.id))?,
            draft: DraftId(self.draft_id),
            started: Timestamp(self.started),
            lease_until: Timestamp(self.lease_until),
            finished: self.finished == flag(true),
            subject: self.subject,
            rows: serde_json::from_str(&self.outcomes).map_err(|_| inconsistent("draft_sendings.outcomes", self.id))?,
        })
    }
}

fn outcomes(rows: &[SendingRow]) -> StoreResult<String> {
    serde_json::to_string(rows).map_err(|_| inconsistent("draft_sendings.outcomes", "new"))
}

impl SqlStore {
    /// Whether the message may be sent still, by the one who sends it; true where it belongs to no sending.
    pub(super) async fn hold_sending(tx: &mut Transaction<'_, Db>, new: &NewMessage) -> StoreResult<bool> {
        let Some(lease) = new.sending else { return Ok(true) };
        let held = sqlx::query::<Db>(HOLD)
            .bind(lease.id.0)
            .bind(lease.until.0)
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
        Ok(held.rows_affected() == 1)
    }

    async fn sending_row(&self, id: SendingId) -> StoreResult<Option<SendingSqlRow>> {
        sqlx::query_as::<Db, SendingSqlRow>(LOOKUP_SENDING)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)
    }
}

#[async_trait]
impl DraftSendings for SqlStore {
    async fn begin_sending(&self, draft: &Draft, sending: &Sending, forget: Timestamp) -> StoreResult<BegunSending> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let claimed = sqlx::query::<Db>(CLAIM_DRAFT)
            .bind(draft.id.0)
            .bind(draft.box_id.as_str())
            .bind(draft.version.content)
            .bind(draft.version.files)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if claimed.rows_affected() != 1 {
            tx.rollback().await.map_err(store_error)?;
            let already = self.find_sending(draft.box_id, draft.id, draft.version).await?;
            return Ok(already.map_or(BegunSending::Changed, BegunSending::Already));
        }
        sqlx::query::<Db>(FORGET)
            .bind(draft.box_id.as_str())
            .bind(forget.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        let id = sqlx::query_scalar::<Db, i64>(INSERT)
            .bind(draft.box_id.as_str())
            .bind(draft.id.0)
            .bind(draft.version.content)
            .bind(draft.version.files)
            .bind(sending.started.0)
            .bind(sending.lease_until.0)
            .bind(&sending.subject)
            .bind(outcomes(&sending.rows)?)
            .fetch_one(&mut *tx)
            .await
            .map_err(store_error)?;
        sqlx::query::<Db>(NAME_SENDING)
            .bind(draft.id.0)
            .bind(id)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(BegunSending::Begun(SendingLease {
            id: SendingId(id),
            until: sending.lease_until,
        }))
    }

    async fn find_sending(
        &self,
        box_id: BoxId,
        draft: DraftId,
        version: DraftVersion,
    ) -> StoreResult<Option<SendingId>> {
        let id = sqlx::query_scalar::<Db, i64>(FIND_SENDING)
            .bind(draft.0)
            .bind(version.content)
            .bind(version.files)
            .bind(box_id.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        Ok(id.map(SendingId))
    }

    async fn lookup_sending(&self, id: SendingId, box_id: BoxId) -> StoreResult<Option<Sending>> {
        let row = self.sending_row(id).await?;
        row.filter(|row| row.box_id == box_id.as_str())
            .map(SendingSqlRow::sending)
            .transpose()
    }

    async fn take_sending(
        &self,
        id: SendingId,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> StoreResult<Option<SendingLease>> {
        let taken = sqlx::query::<Db>(TAKE)
            .bind(id.0)
            .bind(now.0)
            .bind(lease_until.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        let lease = SendingLease { id, until: lease_until };
        Ok((taken.rows_affected() == 1).then_some(lease))
    }

    async fn extend_sending(&self, lease: SendingLease, until: Timestamp) -> StoreResult<Option<SendingLease>> {
        let until = until.max(lease.until);
        let extended = sqlx::query::<Db>(EXTEND)
            .bind(lease.id.0)
            .bind(lease.until.0)
            .bind(until.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok((extended.rows_affected() == 1).then_some(SendingLease { until, ..lease }))
    }

    async fn give_sending_back(&self, lease: SendingLease) -> StoreResult<()> {
        sqlx::query::<Db>(GIVE_BACK)
            .bind(lease.id.0)
            .bind(lease.until.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn finish_sending(
        &self,
        lease: SendingLease,
        rows: &[SendingRow],
        left: &[BoxId],
        freed: Timestamp,
    ) -> StoreResult<bool> {
        let id = lease.id;
        let Some(sending) = self.sending_row(id).await?.map(SendingSqlRow::sending).transpose()? else {
            return Ok(false);
        };
        let mut tx = self.begin().await.map_err(store_error)?;
        let locked = sqlx::query::<Db>(LOCK_DRAFT)
            .bind(sending.draft.0)
            .bind(id.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        let finished = sqlx::query::<Db>(FINISH)
            .bind(id.0)
            .bind(lease.until.0)
            .bind(outcomes(rows)?)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if locked.rows_affected() != 1 || finished.rows_affected() != 1 {
            return tx.rollback().await.map(|()| false).map_err(store_error);
        }
        if left.is_empty() {
            Self::remove_draft_in(&mut tx, sending.draft, sending.box_id, freed).await?;
        } else {
            let row = sqlx::query_as::<Db, DraftRow>(LOAD_DRAFT)
                .bind(sending.draft.0)
                .fetch_one(&mut *tx)
                .await
                .map_err(store_error)?;
            let draft = row.draft(Vec::new())?;
            let content = DraftContent {
                recipients: left.to_vec(),
                ..draft.content
            };
            let content =
                serde_json::to_string(&content).map_err(|_| inconsistent("drafts.content", sending.draft.0))?;
            sqlx::query::<Db>(LEAVE)
                .bind(sending.draft.0)
                .bind(content)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }
}
