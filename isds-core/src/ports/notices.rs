//! What people are told by e-mail.

use std::error::Error as StdError;

use async_trait::async_trait;

use super::StoreResult;
use crate::ids::{BoxId, MembershipId, PersonId};
use crate::notice::{
    ConfirmationLimit, DueMail, DueNotice, MailAddress, MailId, NewMail, NoticeId, NoticeScope, NoticeSubscription,
};
use crate::privileges::Privileges;
use crate::time::Timestamp;

/// What people want to be told, what is to be told, and mails.
#[async_trait]
pub trait Notices: Send + Sync {
    /// What the person of a membership wants to be told.
    async fn lookup_notice_subscription(&self, membership: MembershipId) -> StoreResult<Option<NoticeSubscription>>;

    /// Writes what the person of a membership wants to be told.
    async fn save_notice_subscription(&self, subscription: &NoticeSubscription) -> StoreResult<()>;

    /// Writes it with an address that waits to be confirmed and the mail that asks for that. False, and nothing is
    /// written, where the person asked for as many as they may already, in whichever of their boxes.
    async fn ask_for_confirmation(
        &self,
        subscription: &NoticeSubscription,
        mail: &NewMail,
        limit: ConfirmationLimit,
        now: Timestamp,
    ) -> StoreResult<bool>;

    /// Forgets it.
    async fn remove_notice_subscription(&self, membership: MembershipId) -> StoreResult<()>;

    /// Which of the boxes have somebody with an address in use.
    async fn list_noticed_boxes(&self, boxes: &[BoxId]) -> StoreResult<Vec<BoxId>>;

    /// Those with an address in use, with their privileges, by their memberships; the first `limit` behind `after`.
    async fn list_notice_subscriptions(
        &self,
        scope: &NoticeScope,
        after: MembershipId,
        limit: u64,
    ) -> StoreResult<Vec<(NoticeSubscription, Privileges)>>;

    /// Notes something to be told, where anybody has an address in use for it.
    async fn add_notice(&self, notice: &DueNotice) -> StoreResult<()>;

    /// Notes that a person used a browser (SHA-256 of what it calls itself); whether it is the first time, other than
    /// the very first browser of all, and if so, notes the notice in the same transaction.
    async fn note_browser(
        &self,
        person: PersonId,
        browser: &[u8; 32],
        now: Timestamp,
        notice: &DueNotice,
    ) -> StoreResult<bool>;

    /// What is to be told by the legal time `now`, in the order in which it became due.
    async fn list_due_notices(&self, now: Timestamp, limit: u64) -> StoreResult<Vec<(NoticeId, DueNotice)>>;

    /// Takes notices away and writes the mails, and what is to be told later, that they become. False, and nothing is
    /// written, where somebody else took one of them.
    async fn turn_notices(
        &self,
        taken: &[NoticeId],
        mails: &[NewMail],
        later: &[DueNotice],
        now: Timestamp,
    ) -> StoreResult<bool>;

    /// Leases mails that are due, until `lease`.
    async fn claim_mails(&self, now: Timestamp, lease: Timestamp, limit: u64) -> StoreResult<Vec<DueMail>>;

    /// Removes a mail that was sent.
    async fn finish_mail(&self, id: MailId) -> StoreResult<()>;

    /// Gives a mail back, to be tried again at `due`.
    async fn retry_mail(&self, id: MailId, due: Timestamp) -> StoreResult<()>;

    /// Removes a mail that will never be taken, and notes at the address, where it is still in use or waits to be
    /// confirmed, that it failed.
    async fn give_up_mail(&self, mail: &DueMail, failed: Timestamp) -> StoreResult<()>;

    /// How many mails wait to be sent.
    async fn count_mails(&self) -> StoreResult<u64>;
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// It may be taken later.
    #[error("the mail was not taken now")]
    Later(#[source] Box<dyn StdError + Send + Sync>),
    /// This mail to this address will never be taken.
    #[error("the mail was refused for good")]
    Never(#[source] Box<dyn StdError + Send + Sync>),
}

/// Who sends mails.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends a mail. `reference` names it: one that is sent twice has the same.
    async fn send(
        &self,
        to: &MailAddress,
        mail: &NewMail,
        reference: &str,
        written: Timestamp,
    ) -> Result<(), MailError>;
}
