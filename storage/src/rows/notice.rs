//! What people are told by e-mail.

use isds_core::ids::{BoxId, IsdsId, MembershipId, MessageId, PersonId};
use isds_core::notice::{
    DueNotice, MailAddress, MailId, MailLanguage, MailText, NewMail, NoticeEvent, NoticeEvents, NoticeScope,
    NoticeSubscription, PendingAddress,
};
use isds_core::ports::{StoreError, StoreResult};
use isds_core::privileges::Privileges;
use isds_core::time::Timestamp;

use crate::error::inconsistent;

/// Name of the columns that [`SubscriptionRow`] reads.
macro_rules! subscription_columns {
    () => {
        "notice_subscriptions.membership_id, notice_subscriptions.box_id, notice_subscriptions.person_id, \
         notice_subscriptions.address, notice_subscriptions.language, notice_subscriptions.events, \
         notice_subscriptions.pending, notice_subscriptions.code, notice_subscriptions.code_expires, \
         notice_subscriptions.wrong_codes, notice_subscriptions.pending_failed, notice_subscriptions.failed, \
         memberships.privileges"
    };
}

pub(crate) use subscription_columns;

/// What the person of a membership wants to be told, with the membership's privileges.
#[derive(sqlx::FromRow)]
pub(crate) struct SubscriptionRow {
    membership_id: i64,
    box_id: String,
    person_id: i64,
    address: Option<String>,
    language: String,
    events: i64,
    pending: Option<String>,
    code: Option<Vec<u8>>,
    code_expires: Option<i64>,
    wrong_codes: i64,
    pending_failed: Option<i64>,
    failed: Option<i64>,
    privileges: i64,
}

impl TryFrom<SubscriptionRow> for (NoticeSubscription, Privileges) {
    type Error = StoreError;

    fn try_from(row: SubscriptionRow) -> StoreResult<Self> {
        let id = row.membership_id;
        let wrong = |column| move || inconsistent(column, id);
        let pending = match (row.pending, row.code, row.code_expires) {
            (Some(address), Some(code), Some(expires)) => Some(PendingAddress {
                address: mail_address(&address, "notice_subscriptions.pending", id)?,
                code: code.try_into().map_err(|_| wrong("notice_subscriptions.code")())?,
                expires: Timestamp(expires),
                wrong: row.wrong_codes,
                failed: row.pending_failed.map(Timestamp),
            }),
            _ => None,
        };
        let subscription = NoticeSubscription {
            membership: MembershipId(id),
            box_id: box_id(&row.box_id, "notice_subscriptions.box_id", id)?,
            person: PersonId(row.person_id),
            address: row
                .address
                .map(|text| mail_address(&text, "notice_subscriptions.address", id))
                .transpose()?,
            language: language(&row.language, "notice_subscriptions.language", id)?,
            events: NoticeEvents(row.events),
            pending,
            failed: row.failed.map(Timestamp),
        };
        let privileges = u32::try_from(row.privileges).map_err(|_| wrong("memberships.privileges")())?;
        Ok((subscription, Privileges(privileges)))
    }
}

/// Something to be told.
#[derive(sqlx::FromRow)]
pub(crate) struct NoticeRow {
    pub(crate) id: i64,
    due: i64,
    event: i16,
    box_id: Option<String>,
    person_id: Option<i64>,
    dm_id: Option<i64>,
    isds_id: Option<String>,
    detail: String,
}

impl TryFrom<NoticeRow> for DueNotice {
    type Error = StoreError;

    fn try_from(row: NoticeRow) -> StoreResult<Self> {
        let scope = match (&row.box_id, row.person_id) {
            (Some(id), _) => NoticeScope::Box(box_id(id, "notices_due.box_id", row.id)?),
            (None, Some(person)) => NoticeScope::Person(PersonId(person)),
            (None, None) => return Err(inconsistent("notices_due.person_id", row.id)),
        };
        Ok(Self {
            event: NoticeEvent::from_code(row.event).ok_or_else(|| inconsistent("notices_due.event", row.id))?,
            scope,
            message: row.dm_id.map(MessageId),
            isds_id: row.isds_id.map(IsdsId),
            detail: serde_json::from_str(&row.detail).map_err(|_| inconsistent("notices_due.detail", row.id))?,
            due: Timestamp(row.due),
        })
    }
}

/// A mail.
#[derive(sqlx::FromRow)]
pub(crate) struct MailRow {
    pub(crate) id: i64,
    membership_id: i64,
    address: String,
    language: String,
    subject: String,
    body: String,
    pub(crate) written: i64,
    pub(crate) due: i64,
    pub(crate) attempts: i64,
}

impl MailRow {
    /// The mail with its key.
    pub(crate) fn mail(self) -> StoreResult<(MailId, NewMail)> {
        let mail = NewMail {
            membership: MembershipId(self.membership_id),
            address: mail_address(&self.address, "mails.address", self.id)?,
            language: language(&self.language, "mails.language", self.id)?,
            text: MailText {
                subject: self.subject,
                body: self.body,
            },
        };
        Ok((MailId(self.id), mail))
    }
}

fn mail_address(text: &str, column: &str, key: i64) -> StoreResult<MailAddress> {
    text.parse().map_err(|_| inconsistent(column, key))
}

fn language(text: &str, column: &str, key: i64) -> StoreResult<MailLanguage> {
    MailLanguage::from_code(text).ok_or_else(|| inconsistent(column, key))
}

fn box_id(text: &str, column: &str, key: i64) -> StoreResult<BoxId> {
    text.parse().map_err(|_| inconsistent(column, key))
}
