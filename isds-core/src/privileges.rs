//! Privileges of a user in a box (manual S, annex A).

use std::ops::BitOr;

use serde::{Deserialize, Serialize};

/// A set of privileges (`userPrivils`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Privileges(pub u32);

impl Privileges {
    /// No privilege.
    pub const NONE: Self = Self(0);
    /// Read messages that are not for personal delivery.
    pub const READ_NON_PERSONAL: Self = Self(1);
    /// Read all messages, those for personal delivery included.
    pub const READ_ALL: Self = Self(2);
    /// Create and send messages, download sent ones.
    pub const CREATE_DM: Self = Self(4);
    /// See lists, delivery info and envelopes.
    pub const VIEW_INFO: Self = Self(8);
    /// Search boxes.
    pub const SEARCH_DB: Self = Self(16);
    /// Administer the users of the box.
    pub const OWNER_ADM: Self = Self(32);
    /// Read the vault; void since July 2012, still granted with the rest.
    pub const READ_VAULT: Self = Self(64);
    /// Erase messages of the vault.
    pub const ERASE_VAULT: Self = Self(128);
    /// What primary users, liquidators, receivers and guardians have, unchangeably.
    pub const ALL: Self = Self(255);
    /// What an application with a system certificate has.
    pub const CERTIFICATE: Self = Self(159);

    /// Has every privilege of `needed`.
    ///
    /// The right to read all messages includes the right to read those that are not personal: the manual words it as
    /// 'also personal'.
    #[must_use]
    pub fn allows(self, needed: Self) -> bool {
        let implied = if self.0 & Self::READ_ALL.0 != 0 {
            Self::READ_NON_PERSONAL.0
        } else {
            0
        };
        (self.0 | implied) & needed.0 == needed.0
    }

    /// May read a message: personal ones need [`Self::READ_ALL`].
    #[must_use]
    pub fn may_read(self, personal_delivery: bool) -> bool {
        self.allows(if personal_delivery {
            Self::READ_ALL
        } else {
            Self::READ_NON_PERSONAL
        })
    }
}

impl BitOr for Privileges {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_delivery_needs_read_all() {
        assert!(Privileges::READ_NON_PERSONAL.may_read(false));
        assert!(!Privileges::READ_NON_PERSONAL.may_read(true));
        assert!(Privileges::READ_ALL.may_read(true));
        assert!(Privileges::READ_ALL.may_read(false));
        assert!(!Privileges::VIEW_INFO.may_read(false));
    }

    #[test]
    fn all_of_the_needed_privileges_count() {
        let clerk = Privileges(1 + 4 + 8 + 16);
        assert!(clerk.allows(Privileges::VIEW_INFO | Privileges::CREATE_DM));
        assert!(!clerk.allows(Privileges::VIEW_INFO | Privileges::ERASE_VAULT));
        assert!(Privileges::NONE.allows(Privileges::NONE));
    }
}
