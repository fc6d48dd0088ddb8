//! People and their memberships in boxes.

use serde::{Deserialize, Serialize};

use crate::data_box::Address;
use crate::ids::{BoxId, IsdsId, MembershipId, PersonId};
use crate::privileges::Privileges;
use crate::text::fold_case;

/// Kind of a user in a box (`tUserType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum UserType {
    /// The holder, or a statutory body of it.
    PrimaryUser,
    /// A person whom the holder entrusted with chosen privileges.
    EntrustedUser,
    /// A person who administers the users of the box.
    Administrator,
    /// An official of the system.
    Official,
    /// An official of the system who signs in with a certificate.
    OfficialCert,
    /// Liquidator; has the privileges of a primary user.
    Liquidator,
    /// Receiver; has the privileges of a primary user.
    Receiver,
    /// Guardian; has the privileges of a primary user.
    Guardian,
}

impl UserType {
    const NAMES: [(Self, &'static str); 8] = [
        (Self::PrimaryUser, "PRIMARY_USER"),
        (Self::EntrustedUser, "ENTRUSTED_USER"),
        (Self::Administrator, "ADMINISTRATOR"),
        (Self::Official, "OFFICIAL"),
        (Self::OfficialCert, "OFFICIAL_CERT"),
        (Self::Liquidator, "LIQUIDATOR"),
        (Self::Receiver, "RECEIVER"),
        (Self::Guardian, "GUARDIAN"),
    ];

    /// Name in the contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(t, _)| *t == self)
            .map_or("", |(_, name)| name)
    }

    /// Kind with the name of the contract.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, n)| *n == name).map(|(t, _)| *t)
    }

    /// Where users of the kind stand in lists of users (manual S 2.7: primary ones, entrusted ones, administrators).
    #[must_use]
    pub fn list_place(self) -> i16 {
        match self {
            Self::PrimaryUser => 0,
            Self::EntrustedUser => 1,
            Self::Administrator => 2,
            Self::Liquidator => 3,
            Self::Receiver => 4,
            Self::Guardian => 5,
            Self::Official => 6,
            Self::OfficialCert => 7,
        }
    }

    /// Stands in the place of the holder: events of theirs are EV11, their privileges are fixed at all.
    #[must_use]
    pub fn acts_as_holder(self) -> bool {
        matches!(
            self,
            Self::PrimaryUser | Self::Liquidator | Self::Receiver | Self::Guardian
        )
    }
}

/// A natural person, who may be a member of several boxes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Internal key.
    pub id: PersonId,
    /// Given names (`pnGivenNames`).
    pub given_names: String,
    /// Last name (`pnLastName`).
    pub last_name: String,
    /// Date of birth.
    pub birth_date: Option<jiff::civil::Date>,
    /// Address of residence.
    pub address: Address,
    /// Identified against the register of inhabitants (`aifoIsds`); the identifier itself is never kept here.
    pub aifo_known: bool,
}

impl Person {
    /// Given names and last name as one text.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.given_names, self.last_name).trim().to_owned()
    }

    /// What namesakes have in common, by which a box is searched for them: names without regard to case.
    #[must_use]
    pub fn name_key(&self) -> String {
        fold_case(&format!("{}|{}", self.last_name.trim(), self.given_names.trim()))
    }
}

/// What is known of a user in one box, and not of the person: contact address, and the firm for which they act.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserContact {
    /// Identification number of the firm that is the statutory body, and which the user represents (`ic`).
    pub firm_ic: Option<String>,
    /// Its name (`firmName`).
    pub firm_name: Option<String>,
    /// Street and number (`caStreet`).
    pub street: Option<String>,
    /// Town (`caCity`).
    pub city: Option<String>,
    /// Postal code (`caZipCode`).
    pub zip_code: Option<String>,
    /// State; none means the Czech Republic (`caState`).
    pub state: Option<String>,
}

/// A user of a box (`tDbUserInfoExt2`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoxUser {
    /// Who they are.
    pub person: Person,
    /// What they are in the box.
    pub membership: Membership,
    /// How they are reached, and for whom they act there.
    pub contact: UserContact,
}

/// What ties a person to a box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Internal key.
    pub id: MembershipId,
    /// Identifier in the contract (`isdsID`).
    pub isds_id: IsdsId,
    /// The box; none for an administrator of the system.
    pub box_id: Option<BoxId>,
    /// The person.
    pub person_id: PersonId,
    /// Kind of user.
    pub user_type: UserType,
    /// Privileges in the box.
    pub privileges: Privileges,
}
