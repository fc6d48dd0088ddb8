//! States of a data box (manual S, annex B).

use serde::{Deserialize, Serialize};

/// State of a data box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BoxState {
    /// 1: accessible; the only state in which messages are delivered in.
    Accessible = 1,
    /// 2: temporarily disabled on the holder's request.
    TemporarilyDisabled = 2,
    /// 3: not yet activated.
    NotActivated = 3,
    /// 4: permanently disabled, waits three years for deletion.
    PermanentlyDisabled = 4,
    /// 5: deleted; never found by a search.
    Deleted = 5,
    /// 6: temporarily disabled by law; shown to callers as 2.
    DisabledByLaw = 6,
}

impl BoxState {
    /// All states, by their numbers.
    pub const ALL: [Self; 6] = [
        Self::Accessible,
        Self::TemporarilyDisabled,
        Self::NotActivated,
        Self::PermanentlyDisabled,
        Self::Deleted,
        Self::DisabledByLaw,
    ];

    /// Number kept in the database.
    #[must_use]
    pub fn code(self) -> i32 {
        self as i32
    }

    /// State with the number.
    #[must_use]
    pub fn from_code(code: i32) -> Option<Self> {
        Some(match code {
            1 => Self::Accessible,
            2 => Self::TemporarilyDisabled,
            3 => Self::NotActivated,
            4 => Self::PermanentlyDisabled,
            5 => Self::Deleted,
            6 => Self::DisabledByLaw,
            _ => return None,
        })
    }

    /// Number on the wire: 6 is reported as 2 (`dbState`, manual S, annex B).
    #[must_use]
    pub fn wire_code(self) -> i32 {
        match self {
            Self::DisabledByLaw => Self::TemporarilyDisabled.code(),
            other => other.code(),
        }
    }

    /// Messages can be sent from it and delivered into it.
    #[must_use]
    pub fn is_accessible(self) -> bool {
        self == Self::Accessible
    }
}
