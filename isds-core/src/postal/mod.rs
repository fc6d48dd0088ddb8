//! Postal messages (PDZ): messages between boxes of which neither is an authority, and the money that pays for them.
//!
//! Amounts are hellers (1/100 CZK) including VAT. Times are legal: what a title is worth depends on the day.

mod credit;
mod prices;
mod title;

use serde::{Deserialize, Serialize};

pub use credit::{Booking, BookingOutcome, CREDIT_LIFE_YEARS, CreditAccount, CreditEntry, CreditEvent, VaultTerm};
pub use prices::{PostalSize, Prices};
pub use title::{Means, Postage, PostalRequest, Title, TitleFacts, Wish};

use crate::ids::{BoxId, MessageId};
use crate::status::Status;
use crate::time::Timestamp;

/// How long an initiating message may be answered at the initiator's expense (manual M 1.12.9): 90 days from its
/// submission, to the same instant.
pub const REPLY_LIFE_SECONDS: i64 = REPLY_LIFE_DAYS * 24 * 3600;
/// The same in days.
pub const REPLY_LIFE_DAYS: i64 = 90;

/// What an accepted postal message costs, who pays and out of what. Taken in the transaction that writes the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Box that pays. For a subsidy from outside the system it is the operator's box.
    pub payer: BoxId,
    /// Price at the time of acceptance, in hellers.
    pub amount: i64,
    /// Out of what.
    pub means: Means,
    /// The message initiates a reply: what the reply is found by (`dmSenderRefNumber`).
    pub initiates: Option<String>,
}

/// What was to pay for a message is no longer there when the message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentGone {
    /// The credit does not suffice, or has expired.
    Credit,
    /// The subsidy is used up, has expired or was withdrawn.
    Subsidy,
    /// The initiating message was answered by another reply, or has expired.
    Reply,
    /// Another initiating message of the same sender has the identifier.
    Identifier,
}

impl PaymentGone {
    /// What the sender is told.
    #[must_use]
    pub fn status(self) -> Status {
        match self {
            Self::Credit | Self::Subsidy => Status::INSUFFICIENT_CREDIT,
            Self::Reply => Status::NO_INITIATING_MESSAGE,
            Self::Identifier => Status::REPLY_IDENTIFIER,
        }
    }
}

/// Key of a subsidy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SubsidyId(pub i64);

/// What kind of subsidy it is: its letter as `PDZType` and `dmType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SubsidyKind {
    /// G: another box with a contract pays for messages to anybody.
    Global,
    /// Z: another box with a contract pays for messages to one recipient.
    Limited,
    /// D: somebody outside the system pays; booked with the operator.
    External,
}

impl SubsidyKind {
    /// Number kept in the database. The order is that of use: the narrowest subsidy first.
    #[must_use]
    pub fn code(self) -> i16 {
        match self {
            Self::Limited => 1,
            Self::Global => 2,
            Self::External => 3,
        }
    }

    /// Kind with the number.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        [Self::Limited, Self::Global, Self::External]
            .into_iter()
            .find(|kind| kind.code() == code)
    }

    /// `PDZType` and `dmType`.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Global => 'G',
            Self::Limited => 'Z',
            Self::External => 'D',
        }
    }
}

/// Somebody pays for the postal messages of a box. It ends with its time or with its last message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subsidy {
    /// Key; ignored when it is added.
    pub id: SubsidyId,
    /// Kind.
    pub kind: SubsidyKind,
    /// Who pays; the operator's box for an external one.
    pub donor: BoxId,
    /// Whose messages are paid for.
    pub sender: BoxId,
    /// The one recipient of a limited subsidy; none for all recipients.
    pub recipient: Option<BoxId>,
    /// How many messages are left; none for any number.
    pub remaining: Option<i64>,
    /// First instant at which it is no longer good; none where it does not end.
    pub expires: Option<Timestamp>,
}

/// An initiating message that waits for its reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenReply {
    /// The initiating message.
    pub initiating: MessageId,
    /// Its sender, who receives and pays the reply.
    pub initiator: BoxId,
    /// What the reply has to carry as `dmRecipientRefNumber`.
    pub identifier: String,
    /// First instant at which no reply is taken any more.
    pub expires: Timestamp,
}

/// What was charged for a message, for the operator's invoices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// Message.
    pub id: MessageId,
    /// Who pays.
    pub payer: BoxId,
    /// Out of what: `K`, `E`, `O`, or the subsidy's `G`, `Z`, `D`.
    pub title: char,
    /// In hellers.
    pub amount: i64,
    /// When the message was submitted.
    pub time: Timestamp,
}
