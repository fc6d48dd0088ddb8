//! E-mail about what happens in a box: what somebody may be told of, whom it reaches, and what the mail says.
//!
//! What happens and the row that says so are written in one transaction. A row becomes mails to those who asked for them
//! and may know, in one transaction again; a mail is sent at least once. A mail never holds content or the subject of a
//! message, and of a personal delivery not even the sender: e-mail is a postcard.

mod address;
mod text;

use serde::{Deserialize, Serialize};

use crate::event::ReaderKind;
use crate::ids::{BoxId, IsdsId, MembershipId, MessageId, PersonId};
use crate::time::Timestamp;

pub use address::{MailAddress, MailAddressError};
pub use text::{MailText, NoticeItem, WaitsFor, confirmation, text};

/// What somebody may be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum NoticeEvent {
    /// A message was delivered into the box and waits.
    MessageWaits = 0,
    /// A message that waits is about to be delivered by fiction.
    FictionNear = 1,
    /// A message that the box sent was delivered, by a login or by fiction.
    SentDelivered = 2,
    /// A message that the box sent cannot be delivered.
    Undeliverable = 3,
    /// Users of the box, their rights or access data were changed.
    UsersChanged = 4,
    /// The person signed in from a browser not seen before.
    NewBrowser = 5,
    /// Little credit is left.
    CreditLow = 6,
    /// A message of the system itself waits.
    SystemMessage = 7,
    /// A password of the person is about to end.
    PasswordEnds = 8,
}

impl NoticeEvent {
    /// All events.
    pub const ALL: [Self; 9] = [
        Self::MessageWaits,
        Self::FictionNear,
        Self::SentDelivered,
        Self::Undeliverable,
        Self::UsersChanged,
        Self::NewBrowser,
        Self::CreditLow,
        Self::SystemMessage,
        Self::PasswordEnds,
    ];

    /// Number kept in the database.
    #[must_use]
    pub fn code(self) -> i16 {
        self as i16
    }

    /// Event with the number.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.code() == code)
    }

    /// Its name, in forms.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MessageWaits => "message-waits",
            Self::FictionNear => "fiction-near",
            Self::SentDelivered => "sent-delivered",
            Self::Undeliverable => "undeliverable",
            Self::UsersChanged => "users-changed",
            Self::NewBrowser => "new-browser",
            Self::CreditLow => "credit-low",
            Self::SystemMessage => "system-message",
            Self::PasswordEnds => "password-ends",
        }
    }

    /// The event with the name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }
}

/// Of which events somebody wants to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeEvents(pub i64);

impl NoticeEvents {
    /// None.
    pub const NONE: Self = Self(0);

    /// Whether the event is among them.
    #[must_use]
    pub fn contains(self, event: NoticeEvent) -> bool {
        self.0 & (1 << event.code()) != 0
    }

    /// These and the event.
    #[must_use]
    pub fn with(self, event: NoticeEvent) -> Self {
        Self(self.0 | 1 << event.code())
    }
}

impl Default for NoticeEvents {
    /// What nobody should learn too late.
    fn default() -> Self {
        [
            NoticeEvent::MessageWaits,
            NoticeEvent::FictionNear,
            NoticeEvent::Undeliverable,
            NoticeEvent::NewBrowser,
            NoticeEvent::SystemMessage,
            NoticeEvent::PasswordEnds,
        ]
        .into_iter()
        .fold(Self::NONE, Self::with)
    }
}

/// Language of mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum MailLanguage {
    /// Czech.
    #[default]
    Czech,
    /// English.
    English,
}

impl MailLanguage {
    /// Code kept in the database and used in forms.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Czech => "cs",
            Self::English => "en",
        }
    }

    /// Language with the code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Czech, Self::English]
            .into_iter()
            .find(|language| language.code() == code)
    }
}

/// What is said of an event beyond where and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoticeDetail {
    /// Nothing.
    Nothing,
    /// How a message that was sent got delivered: by whose login, or by fiction.
    Delivered(Option<ReaderKind>),
    /// What was done about a user, who is still there to be named by.
    User(UserNews),
    /// A user was removed, who had this name.
    UserRemoved(String),
    /// What the browser calls itself.
    Browser(String),
    /// What credit is left, in hellers.
    Credit(i64),
    /// Until when (legal time) a password is good, and which box it opens.
    Password(Timestamp, Option<BoxId>),
}

/// What was done about a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserNews {
    /// They were added.
    Added,
    /// Their data or rights were changed.
    Changed,
    /// They were removed.
    Removed,
    /// They were issued new access data.
    AccessData,
}

/// Whom it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeScope {
    /// Those who asked for it in a box.
    Box(BoxId),
    /// A person, in whichever of their boxes they asked for it.
    Person(PersonId),
}

/// Something that happened, of which somebody may want to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueNotice {
    /// What.
    pub event: NoticeEvent,
    /// Whom it concerns.
    pub scope: NoticeScope,
    /// The message that it is about.
    pub message: Option<MessageId>,
    /// The user that it is about.
    pub isds_id: Option<IsdsId>,
    /// What is said of it.
    pub detail: NoticeDetail,
    /// Legal time from which it is to be told.
    pub due: Timestamp,
}

/// Key of something to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NoticeId(pub i64);

/// Where somebody wants to be told what, in one of their boxes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeSubscription {
    /// The membership.
    pub membership: MembershipId,
    /// Its box.
    pub box_id: BoxId,
    /// Its person.
    pub person: PersonId,
    /// The address that is in use; none until one is confirmed.
    pub address: Option<MailAddress>,
    /// Language.
    pub language: MailLanguage,
    /// Events.
    pub events: NoticeEvents,
    /// An address that was given and waits to be confirmed.
    pub pending: Option<PendingAddress>,
    /// Real time at which the address in use was refused for good.
    pub failed: Option<Timestamp>,
}

/// An address that waits to be confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingAddress {
    /// The address.
    pub address: MailAddress,
    /// SHA-256 of the code that was sent there.
    pub code: [u8; 32],
    /// Real time until which the code is good.
    pub expires: Timestamp,
    /// How often a wrong code was given.
    pub wrong: i64,
    /// Real time at which the address was refused for good.
    pub failed: Option<Timestamp>,
}

/// How many confirmations a person may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfirmationLimit {
    /// So many.
    pub most: i64,
    /// Those from this real time or before no longer count.
    pub since: Timestamp,
}

/// Key of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MailId(pub i64);

/// A mail to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMail {
    /// Whose address it goes to.
    pub membership: MembershipId,
    /// The address.
    pub address: MailAddress,
    /// Language.
    pub language: MailLanguage,
    /// Subject and text.
    pub text: MailText,
}

/// A mail that a node is to send now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueMail {
    /// Key.
    pub id: MailId,
    /// What to send whereto.
    pub mail: NewMail,
    /// How often that was tried before.
    pub attempts: i64,
    /// Real time until which nobody else sends it.
    pub lease: Timestamp,
    /// Real time at which it was written.
    pub written: Timestamp,
}

/// What an installation needs to write mails at all.
#[derive(Debug, Clone)]
pub struct NoticeSettings {
    /// Where people find the mailbox, without a slash at the end.
    pub public_url: String,
    /// What this system calls itself in mails.
    pub sender_name: String,
}

/// Credit below which the box is told, in hellers.
pub const LOW_CREDIT: i64 = 10_000;
/// How many days before its end the user of a password is told of it.
pub const DAYS_BEFORE_PASSWORD_ENDS: i64 = 14;
/// Days before fiction on which the box is told.
pub const DAYS_BEFORE_FICTION: i64 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_have_numbers_and_names_of_their_own() {
        for (index, event) in NoticeEvent::ALL.into_iter().enumerate() {
            assert_eq!(usize::try_from(event.code()), Ok(index));
            assert_eq!(NoticeEvent::from_code(event.code()), Some(event));
            assert_eq!(NoticeEvent::from_name(event.name()), Some(event));
            assert!(NoticeEvents::NONE.with(event).contains(event));
            assert!(!NoticeEvents::NONE.contains(event));
        }
        assert!(!NoticeEvents::default().contains(NoticeEvent::SentDelivered));
    }
}
