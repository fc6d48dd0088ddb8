//! Prepaid credit of a box: one account and its ledger. The balance is the sum of the ledger at any time.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::{BoxId, MessageId};
use crate::time::Timestamp;

/// How long credit lasts after the last top-up (manual V 2.5).
pub const CREDIT_LIFE_YEARS: i16 = 5;

/// Credit of a box as it was last booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditAccount {
    /// Whose.
    pub box_id: BoxId,
    /// In hellers, never negative.
    pub balance: i64,
    /// First instant at which it is gone: five years after the last top-up.
    pub expires: Timestamp,
}

impl CreditAccount {
    /// When credit topped up at `time` expires.
    #[must_use]
    pub fn expiry(time: Timestamp) -> Timestamp {
        time.plus_years(CREDIT_LIFE_YEARS)
    }

    /// What can be spent at `now`: credit that has expired is gone even before that is booked.
    #[must_use]
    pub fn available(&self, now: Timestamp) -> i64 {
        if now < self.expires { self.balance } else { 0 }
    }
}

/// Capacity and term of a vault, as the ledger remembers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultTerm {
    /// Number of messages.
    pub capacity: i64,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// Why the credit changed (`ciEventType` with what belongs to each type).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CreditEvent {
    /// 1: topped up.
    TopUp {
        /// Number of the payment, given from outside (`ciTransID`). Booked once for all time.
        transaction: String,
    },
    /// 2: paid out.
    Withdrawal {
        /// Number of the payment (`ciTransID`). Booked once for all time.
        transaction: String,
    },
    /// 3: a postal message was sent.
    PostalMessage {
        /// To whom.
        recipient: BoxId,
        /// Which.
        id: MessageId,
    },
    /// 4: a vault was bought.
    VaultPurchase {
        /// What was bought.
        new: VaultTerm,
        /// What it follows.
        old: Option<VaultTerm>,
        /// Who did it.
        done_by: Option<String>,
    },
    /// 5: five years after the last top-up.
    Expiry,
    /// 7: erased messages were taken back from the vault.
    VaultRestore {
        /// Who did it.
        done_by: String,
    },
}

impl CreditEvent {
    /// `ciEventType`.
    #[must_use]
    pub fn number(&self) -> i16 {
        match self {
            Self::TopUp { .. } => 1,
            Self::Withdrawal { .. } => 2,
            Self::PostalMessage { .. } => 3,
            Self::VaultPurchase { .. } => 4,
            Self::Expiry => 5,
            Self::VaultRestore { .. } => 7,
        }
    }

    /// Number of a payment outside the system, which must not be booked twice.
    #[must_use]
    pub fn transaction(&self) -> Option<&str> {
        match self {
            Self::TopUp { transaction } | Self::Withdrawal { transaction } => Some(transaction),
            _ => None,
        }
    }
}

/// A change to be booked, at the legal time `time`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// Whose account.
    pub box_id: BoxId,
    /// In hellers; negative where credit is taken.
    pub change: i64,
    /// Why.
    pub event: CreditEvent,
    /// When.
    pub time: Timestamp,
}

/// What came of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookingOutcome {
    /// It is booked; the account afterwards.
    Booked(CreditAccount),
    /// The balance does not suffice; nothing was booked.
    Insufficient,
    /// This very payment was booked before; nothing was booked.
    Repeated,
    /// Another payment was booked under the number, of another box or amount; nothing was booked.
    NumberTaken,
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditEntry {
    /// When (`ciEventTime`).
    pub time: Timestamp,
    /// In hellers (`ciCreditChange`).
    pub change: i64,
    /// Balance afterwards, in hellers (`ciCreditAfter`).
    pub after: i64,
    /// Why.
    pub event: CreditEvent,
}
