//! What people are told by e-mail.

use async_trait::async_trait;
use isds_core::ids::{BoxId, MembershipId, PersonId};
use isds_core::notice::{
    ConfirmationLimit, DueMail, DueNotice, MailAddress, MailId, NewMail, NoticeId, NoticeScope, NoticeSubscription,
};
use isds_core::ports::{Notices, StoreError, StoreResult};
use isds_core::privileges::Privileges;
use isds_core::time::Timestamp;
use sqlx::{QueryBuilder, Transaction};

use super::{Db, SqlStore, all, signed};
use crate::error::{inconsistent, store_error};
use crate::rows::{MailRow, NoticeRow, SubscriptionRow, subscription_columns};

pub(super) const LOOKUP_SUBSCRIPTION: &str = concat!(
    "SELECT ",
    subscription_columns!(),
    " FROM notice_subscriptions JOIN memberships ON memberships.id = notice_subscriptions.membership_id \
     WHERE notice_subscriptions.membership_id = $1"
);

const SAVE_SUBSCRIPTION: &str = "INSERT INTO notice_subscriptions (membership_id, box_id, person_id, address, language, \
     events, pending, code, code_expires, wrong_codes, pending_failed, failed) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
     ON CONFLICT (membership_id) DO UPDATE SET box_id = excluded.box_id, address = excluded.address, language = excluded.language, \
     events = excluded.events, pending = excluded.pending, code = excluded.code, \
     code_expires = excluded.code_expires, wrong_codes = excluded.wrong_codes, \
     pending_failed = excluded.pending_failed, failed = excluded.failed";

/// Counts one more; no row where that is one too many.
const COUNT_CONFIRMATION: &str = "INSERT INTO mail_confirmations (person_id, asked, asked_since) VALUES ($1, 1, $2) \
     ON CONFLICT (person_id) DO UPDATE SET \
     asked = CASE WHEN mail_confirmations.asked_since <= $3 THEN 1 ELSE mail_confirmations.asked + 1 END, \
     asked_since = CASE WHEN mail_confirmations.asked_since <= $3 THEN excluded.asked_since \
     ELSE mail_confirmations.asked_since END \
     WHERE mail_confirmations.asked_since <= $3 OR mail_confirmations.asked < $4";

const REMOVE_SUBSCRIPTION: &str = "DELETE FROM notice_subscriptions WHERE membership_id = $1";

const LIST_NOTICED_BOXES: &str =
    "SELECT DISTINCT box_id FROM notice_subscriptions WHERE address IS NOT NULL AND box_id IN (";

pub(super) const LIST_SUBSCRIPTIONS_OF_BOX: &str = concat!(
    "SELECT ",
    subscription_columns!(),
    " FROM notice_subscriptions JOIN memberships ON memberships.id = notice_subscriptions.membership_id \
     WHERE notice_subscriptions.address IS NOT NULL AND notice_subscriptions.box_id = $1 \
     AND notice_subscriptions.membership_id > $2 ORDER BY notice_subscriptions.membership_id LIMIT $3"
);

pub(super) const LIST_SUBSCRIPTIONS_OF_PERSON: &str = concat!(
    "SELECT ",
    subscription_columns!(),
    " FROM notice_subscriptions JOIN memberships ON memberships.id = notice_subscriptions.membership_id \
     WHERE notice_subscriptions.address IS NOT NULL AND notice_subscriptions.person_id = $1 \
     AND notice_subscriptions.membership_id > $2 ORDER BY notice_subscriptions.membership_id LIMIT $3"
);

/// Where nobody wants to be told of anything, nothing is noted.
const ADD_NOTICE: &str = "INSERT INTO notices_due (due, event, box_id, person_id, dm_id, isds_id, detail) \
     SELECT CAST($1 AS BIGINT), CAST($2 AS SMALLINT), CAST($3 AS TEXT), CAST($4 AS BIGINT), CAST($5 AS BIGINT), \
     CAST($6 AS TEXT), CAST($7 AS TEXT) \
     WHERE EXISTS (SELECT 1 FROM notice_subscriptions WHERE address IS NOT NULL AND box_id = $3) \
     OR EXISTS (SELECT 1 FROM notice_subscriptions WHERE address IS NOT NULL AND person_id = $4)";

const KNOWS_A_BROWSER: &str = "SELECT COUNT(*) FROM known_browsers WHERE person_id = $1";

const NOTE_BROWSER: &str = "INSERT INTO known_browsers (person_id, browser, last_seen) VALUES ($1, $2, $3) \
     ON CONFLICT (person_id, browser) DO NOTHING";

const SEE_BROWSER: &str = "UPDATE known_browsers SET last_seen = $3 WHERE person_id = $1 AND browser = $2";

/// Those that were not used for longest go first.
const FORGET_BROWSERS: &str = "DELETE FROM known_browsers WHERE person_id = $1 AND browser NOT IN \
     (SELECT browser FROM known_browsers WHERE person_id = $1 ORDER BY last_seen DESC, browser LIMIT 50)";

pub(super) const LIST_DUE_NOTICES: &str = "SELECT id, due, event, box_id, person_id, dm_id, isds_id, detail \
     FROM notices_due WHERE due <= $1 ORDER BY due, id LIMIT $2";

const TAKE_NOTICE: &str = "DELETE FROM notices_due WHERE id = $1";

const ADD_MAIL: &str = "INSERT INTO mails (membership_id, address, language, subject, body, written, due, attempts) \
     VALUES ($1, $2, $3, $4, $5, $6, $6, 0)";

pub(super) const LIST_DUE_MAILS: &str = "SELECT id, membership_id, address, language, subject, body, written, due, \
     attempts FROM mails WHERE due <= $1 ORDER BY due, id LIMIT $2";

/// Whoever finds it as it was has it.
const CLAIM_MAIL: &str = "UPDATE mails SET due = $3, attempts = attempts + 1 WHERE id = $1 AND due = $2";

const FINISH_MAIL: &str = "DELETE FROM mails WHERE id = $1";

const RETRY_MAIL: &str = "UPDATE mails SET due = $2 WHERE id = $1";

/// The address may be the one in use, the one that waits for its code, or both.
const NOTE_FAILURE: &str = "UPDATE notice_subscriptions SET \
     failed = CASE WHEN address = $2 THEN CAST($3 AS BIGINT) ELSE failed END, \
     pending_failed = CASE WHEN pending = $2 THEN CAST($3 AS BIGINT) ELSE pending_failed END \
     WHERE membership_id = $1 AND (address = $2 OR pending = $2)";

const COUNT_MAILS: &str = "SELECT COUNT(*) FROM mails";

/// Boxes that are asked for in one statement.
const BOXES: usize = 500;

impl SqlStore {
    /// Notes what is to be told, within the transaction of what happened.
    pub(in super::super) async fn add_notices_in(
        tx: &mut Transaction<'_, Db>,
        notices: &[DueNotice],
    ) -> StoreResult<()> {
        for notice in notices {
            let (box_id, person) = match &notice.scope {
                NoticeScope::Box(id) => (Some(id.to_string()), None),
                NoticeScope::Person(person) => (None, Some(person.0)),
            };
            let detail =
                serde_json::to_string(&notice.detail).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
            sqlx::query::<Db>(ADD_NOTICE)
                .bind(notice.due.0)
                .bind(notice.event.code())
                .bind(box_id)
                .bind(person)
                .bind(notice.message.map(|id| id.0))
                .bind(notice.isds_id.as_ref().map(|id| id.0.as_str()))
                .bind(detail)
                .execute(&mut **tx)
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn save_subscription_in(tx: &mut Transaction<'_, Db>, subscription: &NoticeSubscription) -> StoreResult<()> {
        let pending = subscription.pending.as_ref();
        sqlx::query::<Db>(SAVE_SUBSCRIPTION)
            .bind(subscription.membership.0)
            .bind(subscription.box_id.as_str())
            .bind(subscription.person.0)
            .bind(subscription.address.as_ref().map(MailAddress::as_str))
            .bind(subscription.language.code())
            .bind(subscription.events.0)
            .bind(pending.map(|pending| pending.address.as_str()))
            .bind(pending.map(|pending| pending.code.as_slice()))
            .bind(pending.map(|pending| pending.expires.0))
            .bind(pending.map_or(0, |pending| pending.wrong))
            .bind(pending.and_then(|pending| pending.failed).map(|failed| failed.0))
            .bind(subscription.failed.map(|failed| failed.0))
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn add_mail_in(tx: &mut Transaction<'_, Db>, mail: &NewMail, now: Timestamp) -> StoreResult<()> {
        sqlx::query::<Db>(ADD_MAIL)
            .bind(mail.membership.0)
            .bind(mail.address.as_str())
            .bind(mail.language.code())
            .bind(mail.text.subject.as_str())
            .bind(mail.text.body.as_str())
            .bind(now.0)
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}

#[async_trait]
impl Notices for SqlStore {
    async fn lookup_notice_subscription(&self, membership: MembershipId) -> StoreResult<Option<NoticeSubscription>> {
        let row = sqlx::query_as::<Db, SubscriptionRow>(LOOKUP_SUBSCRIPTION)
            .bind(membership.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        let found: Option<(NoticeSubscription, Privileges)> = row.map(TryFrom::try_from).transpose()?;
        Ok(found.map(|(subscription, _)| subscription))
    }

    async fn save_notice_subscription(&self, subscription: &NoticeSubscription) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        Self::save_subscription_in(&mut tx, subscription).await?;
        tx.commit().await.map_err(store_error)
    }

    async fn ask_for_confirmation(
        &self,
        subscription: &NoticeSubscription,
        mail: &NewMail,
        limit: ConfirmationLimit,
        now: Timestamp,
    ) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let counted = sqlx::query::<Db>(COUNT_CONFIRMATION)
            .bind(subscription.person.0)
            .bind(now.0)
            .bind(limit.since.0)
            .bind(limit.most)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if counted.rows_affected() != 1 {
            tx.rollback().await.map_err(store_error)?;
            return Ok(false);
        }
        Self::save_subscription_in(&mut tx, subscription).await?;
        Self::add_mail_in(&mut tx, mail, now).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn remove_notice_subscription(&self, membership: MembershipId) -> StoreResult<()> {
        sqlx::query::<Db>(REMOVE_SUBSCRIPTION)
            .bind(membership.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn list_noticed_boxes(&self, boxes: &[BoxId]) -> StoreResult<Vec<BoxId>> {
        let mut found = Vec::new();
        for boxes in boxes.chunks(BOXES) {
            let mut query = QueryBuilder::<Db>::new(LIST_NOTICED_BOXES);
            let mut list = query.separated(", ");
            for id in boxes {
                list.push_bind(id.to_string());
            }
            query.push(")");
            let rows = query
                .build_query_scalar::<String>()
                .persistent(false)
                .fetch_all(self.reader())
                .await
                .map_err(store_error)?;
            for row in rows {
                let id = row
                    .parse()
                    .map_err(|_| inconsistent("notice_subscriptions", "box_id"))?;
                found.push(id);
            }
        }
        Ok(found)
    }

    async fn list_notice_subscriptions(
        &self,
        scope: &NoticeScope,
        after: MembershipId,
        limit: u64,
    ) -> StoreResult<Vec<(NoticeSubscription, Privileges)>> {
        let query = match scope {
            NoticeScope::Box(id) => {
                sqlx::query_as::<Db, SubscriptionRow>(LIST_SUBSCRIPTIONS_OF_BOX).bind(id.to_string())
            }
            NoticeScope::Person(person) => {
                sqlx::query_as::<Db, SubscriptionRow>(LIST_SUBSCRIPTIONS_OF_PERSON).bind(person.0)
            }
        };
        let rows = query
            .bind(after.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn add_notice(&self, notice: &DueNotice) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        Self::add_notices_in(&mut tx, std::slice::from_ref(notice)).await?;
        tx.commit().await.map_err(store_error)
    }

    async fn note_browser(
        &self,
        person: PersonId,
        browser: &[u8; 32],
        now: Timestamp,
        notice: &DueNotice,
    ) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let known = sqlx::query_scalar::<Db, i64>(KNOWS_A_BROWSER)
            .bind(person.0)
            .fetch_one(&mut *tx)
            .await
            .map_err(store_error)?;
        let noted = sqlx::query::<Db>(NOTE_BROWSER)
            .bind(person.0)
            .bind(browser.as_slice())
            .bind(now.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        let is_new = noted.rows_affected() == 1;
        if is_new {
            sqlx::query::<Db>(FORGET_BROWSERS)
                .bind(person.0)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        } else {
            sqlx::query::<Db>(SEE_BROWSER)
                .bind(person.0)
                .bind(browser.as_slice())
                .bind(now.0)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        if is_new && known > 0 {
            Self::add_notices_in(&mut tx, std::slice::from_ref(notice)).await?;
        }
        tx.commit().await.map_err(store_error)?;
        Ok(is_new && known > 0)
    }

    async fn list_due_notices(&self, now: Timestamp, limit: u64) -> StoreResult<Vec<(NoticeId, DueNotice)>> {
        let rows = sqlx::query_as::<Db, NoticeRow>(LIST_DUE_NOTICES)
            .bind(now.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter()
            .map(|row| Ok((NoticeId(row.id), row.try_into()?)))
            .collect()
    }

    async fn turn_notices(
        &self,
        taken: &[NoticeId],
        mails: &[NewMail],
        later: &[DueNotice],
        now: Timestamp,
    ) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        for id in taken {
            let deleted = sqlx::query::<Db>(TAKE_NOTICE)
                .bind(id.0)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
            if deleted.rows_affected() != 1 {
                tx.rollback().await.map_err(store_error)?;
                return Ok(false);
            }
        }
        for mail in mails {
            Self::add_mail_in(&mut tx, mail, now).await?;
        }
        Self::add_notices_in(&mut tx, later).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn claim_mails(&self, now: Timestamp, lease: Timestamp, limit: u64) -> StoreResult<Vec<DueMail>> {
        let rows = sqlx::query_as::<Db, MailRow>(LIST_DUE_MAILS)
            .bind(now.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let mut claimed = Vec::new();
        for row in rows {
            let taken = sqlx::query::<Db>(CLAIM_MAIL)
                .bind(row.id)
                .bind(row.due)
                .bind(lease.0)
                .execute(self.writer())
                .await
                .map_err(store_error)?;
            if taken.rows_affected() != 1 {
                continue;
            }
            let (attempts, written) = (row.attempts, Timestamp(row.written));
            let (id, mail) = row.mail()?;
            claimed.push(DueMail {
                id,
                mail,
                attempts,
                lease,
                written,
            });
        }
        Ok(claimed)
    }

    async fn finish_mail(&self, id: MailId) -> StoreResult<()> {
        sqlx::query::<Db>(FINISH_MAIL)
            .bind(id.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn retry_mail(&self, id: MailId, due: Timestamp) -> StoreResult<()> {
        sqlx::query::<Db>(RETRY_MAIL)
            .bind(id.0)
            .bind(due.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn give_up_mail(&self, mail: &DueMail, failed: Timestamp) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        sqlx::query::<Db>(FINISH_MAIL)
            .bind(mail.id.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        sqlx::query::<Db>(NOTE_FAILURE)
            .bind(mail.mail.membership.0)
            .bind(mail.mail.address.as_str())
            .bind(failed.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    async fn count_mails(&self) -> StoreResult<u64> {
        let count = sqlx::query_scalar::<Db, i64>(COUNT_MAILS)
            .fetch_one(self.reader())
            .await
            .map_err(store_error)?;
        u64::try_from(count).map_err(|_| inconsistent("mails", "count"))
    }
}
