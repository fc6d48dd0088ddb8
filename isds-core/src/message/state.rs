//! Phase and sides of a message, and the state that callers see.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The phase that both sides share. Numbers are those of `dmMessageStatus` (manual M 1.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Phase {
    /// 1: accepted.
    Submitted = 1,
    /// 2: has its submission timestamp.
    Stamped = 2,
    /// 3: malware found, never delivered.
    Infected = 3,
    /// 4: delivered into the recipient's box.
    DeliveredIn = 4,
    /// 5: delivered by fiction.
    Fiction = 5,
    /// 6: delivered by a login.
    Accepted = 6,
    /// 8: undeliverable.
    Undeliverable = 8,
}

impl Phase {
    /// Number kept in the database.
    #[must_use]
    pub fn code(self) -> i16 {
        self as i16
    }

    /// Phase with the number.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        Some(match code {
            1 => Self::Submitted,
            2 => Self::Stamped,
            3 => Self::Infected,
            4 => Self::DeliveredIn,
            5 => Self::Fiction,
            6 => Self::Accepted,
            8 => Self::Undeliverable,
            _ => return None,
        })
    }
}

/// Which of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SideOf {
    /// The sender's.
    Sender,
    /// The recipient's.
    Recipient,
}

/// What happened to one side's copy after delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Side {
    /// Lies in the vault (state 10).
    pub in_vault: bool,
    /// Its content is erased for this side (state 9).
    pub erased: bool,
    /// When retention ends for this side, and of what lies in the vault the term of the vault; none while that cannot
    /// be told.
    pub due: Option<Timestamp>,
}

/// The recipient's side, which alone knows reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RecipientSide {
    /// What both sides have.
    pub side: Side,
    /// Marked as downloaded (state 7).
    pub read: bool,
}

/// Phase, sides and times of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageState {
    /// Shared phase.
    pub phase: Phase,
    /// Sender's side.
    pub sender: Side,
    /// Recipient's side.
    pub recipient: RecipientSide,
    /// When it was submitted.
    pub submitted: Timestamp,
    /// When it was delivered into the box (`dmDeliveryTime`).
    pub delivered_in: Option<Timestamp>,
    /// When it was delivered by login or fiction, or became undeliverable (`dmAcceptanceTime`).
    pub accepted: Option<Timestamp>,
    /// When fiction strikes; none where it never does, did already, or somebody was faster.
    pub fiction_due: Option<Timestamp>,
}

impl MessageState {
    /// State of a message just accepted.
    #[must_use]
    pub fn submitted(at: Timestamp) -> Self {
        Self {
            phase: Phase::Submitted,
            sender: Side::default(),
            recipient: RecipientSide::default(),
            submitted: at,
            delivered_in: None,
            accepted: None,
            fiction_due: None,
        }
    }

    /// Both sides' copies are gone: the content is nobody's.
    #[must_use]
    pub fn is_forgotten(&self) -> bool {
        self.sender.erased && self.recipient.side.erased
    }

    /// Time by which lists are ordered and filtered: delivery-in, before it submission (manual M 2.7 and 2.8). It only
    /// moves forward.
    #[must_use]
    pub fn list_time(&self) -> Timestamp {
        self.delivered_in.unwrap_or(self.submitted)
    }

    /// One side.
    #[must_use]
    pub fn side(&self, of: SideOf) -> Side {
        match of {
            SideOf::Sender => self.sender,
            SideOf::Recipient => self.recipient.side,
        }
    }

    /// `dmMessageStatus` as this side sees it in lists: erasure and vault hide the phase; only the recipient sees 7.
    #[must_use]
    pub fn wire(&self, of: SideOf) -> i16 {
        let side = self.side(of);
        if side.erased {
            9
        } else if side.in_vault {
            10
        } else {
            self.wire_without_vault(of)
        }
    }

    /// The state before the vault, in which 7 stays visible to the recipient alone.
    #[must_use]
    pub fn wire_without_vault(&self, of: SideOf) -> i16 {
        if of == SideOf::Recipient && self.recipient.read {
            7
        } else {
            self.phase.code()
        }
    }

    /// The state that a downloaded document carries: pre-vault, with 7 collapsed to 6 once in the vault (manual
    /// M 2.4.2); 9 stays 9.
    #[must_use]
    pub fn document(&self, of: SideOf) -> i16 {
        let side = self.side(of);
        match self.wire_without_vault(of) {
            _ if side.erased => 9,
            7 if side.in_vault => 6,
            state => state,
        }
    }
}
