//! Postal messages and their money: what is asked, and what is noted. What moves money stands in `payments`.

use async_trait::async_trait;
use isds_core::ids::BoxId;
use isds_core::ports::{Postal, StoreError, StoreResult};
use isds_core::postal::{Booking, BookingOutcome, Charge, CreditAccount, CreditEntry, OpenReply, Subsidy, SubsidyId};
use isds_core::time::Timestamp;

use super::payments::expire;
use super::{Db, SqlStore, all, signed};
use crate::error::store_error;
use crate::rows::{ChargeRow, CreditEntryRow, CreditRow, NEVER, OpenReplyRow, SubsidyRow, flag};

const SET_CONTRACT: &str = "UPDATE boxes SET postal_contract = $2 WHERE box_id = $1";

pub(super) const LOOKUP_CREDIT: &str =
    "SELECT box_id, balance, expires, entries FROM credit_accounts WHERE box_id = $1";

pub(super) const LIST_CREDIT_ENTRIES: &str = "SELECT box_id, time, change, balance, detail FROM credit_ledger \
     WHERE box_id = $1 AND time >= $2 AND time < $3 ORDER BY time DESC, seq DESC LIMIT $4";

/// No join, and COALESCE: else PostgreSQL, as long as there are few, prefers other indexes and filters.
pub(super) const LOOKUP_OPEN_REPLY: &str = "SELECT dm_id, initiator_box, identifier, expires FROM initiating_messages \
     WHERE initiator_box = $1 AND identifier = $2 AND respondent_box = $3 AND COALESCE(reply_id, 0) = 0 AND expires > $4 \
     AND (SELECT phase FROM messages WHERE messages.dm_id = initiating_messages.dm_id) IN (4, 5, 6)";

pub(super) const LIST_OPEN_REPLIES: &str = "SELECT dm_id, initiator_box, identifier, expires FROM initiating_messages \
     WHERE respondent_box = $1 AND expires > $2 AND reply_id IS NULL \
     AND (SELECT phase FROM messages WHERE messages.dm_id = initiating_messages.dm_id) IN (4, 5, 6) \
     ORDER BY expires, dm_id LIMIT $3";

pub(super) const IS_IDENTIFIER_USED: &str =
    "SELECT COUNT(*) FROM initiating_messages WHERE initiator_box = $1 AND identifier = $2";

/// `$2` NULL: to whomever. An external donor (kind 3) is no box with a contract.
pub(super) const LIST_SUBSIDIES: &str = "SELECT s.id, s.kind, s.donor_box, s.sender_box, s.recipient_box, s.remaining, \
     s.expires FROM subsidies AS s LEFT JOIN boxes ON boxes.box_id = s.donor_box \
     WHERE s.sender_box = $1 AND (s.recipient_box IS NULL OR s.recipient_box = COALESCE(CAST($2 AS TEXT), s.recipient_box)) \
     AND (s.remaining IS NULL OR s.remaining > 0) AND s.expires > $3 \
     AND (s.kind = 3 OR boxes.postal_contract = 1) \
     ORDER BY s.kind, s.expires, s.id LIMIT $4";

const LOOKUP_SUBSIDY: &str =
    "SELECT id, kind, donor_box, sender_box, recipient_box, remaining, expires FROM subsidies WHERE id = $1";

const ADD_SUBSIDY: &str = "INSERT INTO subsidies (kind, donor_box, sender_box, recipient_box, remaining, expires) \
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";

const END_SUBSIDY: &str = "UPDATE subsidies SET expires = $2 WHERE id = $1 AND expires > $2";

pub(super) const LIST_CHARGES: &str = "SELECT dm_id, payer_box, title, amount, time FROM postal_charges \
     WHERE payer_box = $1 AND time >= $2 AND time < $3 ORDER BY time, dm_id LIMIT $4";

#[async_trait]
impl Postal for SqlStore {
    async fn set_postal_contract(&self, box_id: BoxId, contract: bool) -> StoreResult<()> {
        sqlx::query::<Db>(SET_CONTRACT)
            .bind(box_id.as_str())
            .bind(flag(contract))
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn lookup_credit(&self, box_id: BoxId) -> StoreResult<Option<CreditAccount>> {
        let row = sqlx::query_as::<Db, CreditRow>(LOOKUP_CREDIT)
            .bind(box_id.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(CreditAccount::try_from).transpose()
    }

    async fn book_credit(&self, booking: &Booking, expires: Option<Timestamp>) -> StoreResult<BookingOutcome> {
        match self.book_once(booking, expires).await {
            // The number was booked for another account at the same instant: now it is there to be compared with.
            Err(StoreError::Conflict) => self.book_once(booking, expires).await,
            outcome => outcome,
        }
    }

    async fn expire_credit(&self, box_id: BoxId, now: Timestamp) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        expire(&mut tx, box_id, now).await?;
        tx.commit().await.map_err(store_error)
    }

    async fn list_credit_entries(
        &self,
        box_id: BoxId,
        from: Timestamp,
        until: Timestamp,
        limit: u64,
    ) -> StoreResult<Vec<CreditEntry>> {
        let rows = sqlx::query_as::<Db, CreditEntryRow>(LIST_CREDIT_ENTRIES)
            .bind(box_id.as_str())
            .bind(from.0)
            .bind(until.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn lookup_open_reply(
        &self,
        respondent: BoxId,
        initiator: BoxId,
        identifier: &str,
        now: Timestamp,
    ) -> StoreResult<Option<OpenReply>> {
        let row = sqlx::query_as::<Db, OpenReplyRow>(LOOKUP_OPEN_REPLY)
            .bind(initiator.as_str())
            .bind(identifier)
            .bind(respondent.as_str())
            .bind(now.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(OpenReply::try_from).transpose()
    }

    async fn list_open_replies(&self, respondent: BoxId, now: Timestamp, limit: u64) -> StoreResult<Vec<OpenReply>> {
        let rows = sqlx::query_as::<Db, OpenReplyRow>(LIST_OPEN_REPLIES)
            .bind(respondent.as_str())
            .bind(now.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn is_reply_identifier_used(&self, initiator: BoxId, identifier: &str) -> StoreResult<bool> {
        let count = sqlx::query_scalar::<Db, i64>(IS_IDENTIFIER_USED)
            .bind(initiator.as_str())
            .bind(identifier)
            .fetch_one(self.reader())
            .await
            .map_err(store_error)?;
        Ok(count > 0)
    }

    async fn list_subsidies(
        &self,
        sender: BoxId,
        recipient: Option<BoxId>,
        now: Timestamp,
        limit: u64,
    ) -> StoreResult<Vec<Subsidy>> {
        let rows = sqlx::query_as::<Db, SubsidyRow>(LIST_SUBSIDIES)
            .bind(sender.as_str())
            .bind(recipient.as_ref().map(BoxId::as_str))
            .bind(now.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn add_subsidy(&self, subsidy: &Subsidy) -> StoreResult<SubsidyId> {
        let id = sqlx::query_scalar::<Db, i64>(ADD_SUBSIDY)
            .bind(subsidy.kind.code())
            .bind(subsidy.donor.as_str())
            .bind(subsidy.sender.as_str())
            .bind(subsidy.recipient.as_ref().map(BoxId::as_str))
            .bind(subsidy.remaining)
            .bind(subsidy.expires.map_or(NEVER, |time| time.0))
            .fetch_one(self.writer())
            .await
            .map_err(store_error)?;
        Ok(SubsidyId(id))
    }

    async fn lookup_subsidy(&self, id: SubsidyId) -> StoreResult<Option<Subsidy>> {
        let row = sqlx::query_as::<Db, SubsidyRow>(LOOKUP_SUBSIDY)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(Subsidy::try_from).transpose()
    }

    async fn end_subsidy(&self, id: SubsidyId, now: Timestamp) -> StoreResult<()> {
        sqlx::query::<Db>(END_SUBSIDY)
            .bind(id.0)
            .bind(now.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn list_charges(
        &self,
        payer: BoxId,
        from: Timestamp,
        until: Timestamp,
        limit: u64,
    ) -> StoreResult<Vec<Charge>> {
        let rows = sqlx::query_as::<Db, ChargeRow>(LIST_CHARGES)
            .bind(payer.as_str())
            .bind(from.0)
            .bind(until.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }
}
