//! Users of boxes.

use isds_core::ids::{IsdsId, MembershipId, PersonId};
use isds_core::ports::{StoreError, StoreResult};
use isds_core::privileges::Privileges;
use isds_core::user::{BoxUser, Membership, Person, UserContact, UserType};

use super::directory::{box_id, date};
use crate::error::inconsistent;

/// Name of the columns that [`UserRow`] reads, of memberships joined with persons.
macro_rules! user_columns {
    () => {
        "memberships.id AS membership_id, memberships.isds_id, memberships.box_id AS membership_box, \
         memberships.user_type, memberships.privileges, memberships.person_id, memberships.firm_ic, \
         memberships.firm_name AS represented_firm, memberships.contact_street, memberships.contact_city, \
         memberships.contact_zip_code, memberships.contact_state, persons.given_names AS person_given_names, \
         persons.last_name AS person_last_name, persons.birth_date AS person_birth_date, \
         persons.address AS person_address, persons.aifo_known AS person_aifo_known"
    };
}

pub(crate) use user_columns;

/// A membership with its person.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct UserRow {
    membership_id: i64,
    isds_id: String,
    membership_box: Option<String>,
    user_type: String,
    privileges: i64,
    person_id: i64,
    firm_ic: Option<String>,
    represented_firm: Option<String>,
    contact_street: Option<String>,
    contact_city: Option<String>,
    contact_zip_code: Option<String>,
    contact_state: Option<String>,
    person_given_names: String,
    person_last_name: String,
    person_birth_date: Option<String>,
    person_address: String,
    person_aifo_known: i16,
}

impl TryFrom<UserRow> for BoxUser {
    type Error = StoreError;

    fn try_from(row: UserRow) -> StoreResult<Self> {
        let (person_id, id) = (PersonId(row.person_id), MembershipId(row.membership_id));
        Ok(Self {
            person: Person {
                id: person_id,
                given_names: row.person_given_names,
                last_name: row.person_last_name,
                birth_date: date(row.person_birth_date.as_deref(), "persons.birth_date", person_id.0)?,
                address: serde_json::from_str(&row.person_address)
                    .map_err(|_| inconsistent("persons.address", person_id.0))?,
                aifo_known: row.person_aifo_known != 0,
            },
            membership: Membership {
                id,
                isds_id: IsdsId(row.isds_id),
                box_id: row
                    .membership_box
                    .map(|text| box_id(&text, "memberships.box_id", id.0))
                    .transpose()?,
                person_id,
                user_type: UserType::from_name(&row.user_type)
                    .ok_or_else(|| inconsistent("memberships.user_type", id.0))?,
                privileges: Privileges(
                    u32::try_from(row.privileges).map_err(|_| inconsistent("memberships.privileges", id.0))?,
                ),
            },
            contact: UserContact {
                firm_ic: row.firm_ic,
                firm_name: row.represented_firm,
                street: row.contact_street,
                city: row.contact_city,
                zip_code: row.contact_zip_code,
                state: row.contact_state,
            },
        })
    }
}
