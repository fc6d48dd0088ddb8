//! Boxes, people, memberships, access data.

use isds_core::account::Login;
use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::data_box::{Address, DataBox};
use isds_core::ids::{BoxId, IsdsId, MembershipId, PersonId};
use isds_core::ports::{StoreError, StoreResult};
use isds_core::privileges::Privileges;
use isds_core::text::fold_case;
use isds_core::time::Timestamp;
use isds_core::user::{Membership, Person, UserType};
use jiff::civil::Date;

use crate::error::inconsistent;

/// The form of a text in which searches compare it.
pub(crate) fn fold(text: Option<&str>) -> Option<String> {
    text.map(fold_case)
}

/// A box.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct BoxRow {
    box_id: String,
    box_type: i16,
    state: i16,
    ic: Option<String>,
    given_names: Option<String>,
    last_name: Option<String>,
    firm_name: Option<String>,
    birth_date: Option<String>,
    birth_city: Option<String>,
    birth_county: Option<String>,
    birth_state: Option<String>,
    address_code: Option<String>,
    address_city: Option<String>,
    address_district: Option<String>,
    address_street: Option<String>,
    number_in_street: Option<String>,
    number_in_municipality: Option<String>,
    zip_code: Option<String>,
    address_state: Option<String>,
    nationality: Option<String>,
    ovm_id: Option<String>,
    open_addressing: i16,
    postal_contract: i16,
    upper_id: Option<String>,
    aifo_known: i16,
}

impl BoxRow {
    /// Whose row it is.
    pub(crate) fn id(&self) -> StoreResult<BoxId> {
        box_id(&self.box_id, "boxes.box_id", &self.box_id)
    }
}

impl TryFrom<BoxRow> for DataBox {
    type Error = StoreError;

    fn try_from(row: BoxRow) -> StoreResult<Self> {
        let id = row.id()?;
        let state = BoxState::from_code(row.state.into()).ok_or_else(|| inconsistent("boxes.state", id))?;
        Ok(Self {
            id,
            box_type: BoxType::from_code(row.box_type.into()).ok_or_else(|| inconsistent("boxes.box_type", id))?,
            state,
            ic: row.ic,
            given_names: row.given_names,
            last_name: row.last_name,
            firm_name: row.firm_name,
            birth_date: date(row.birth_date.as_deref(), "boxes.birth_date", id)?,
            birth_city: row.birth_city,
            birth_county: row.birth_county,
            birth_state: row.birth_state,
            address: Address {
                code: row.address_code,
                city: row.address_city,
                district: row.address_district,
                street: row.address_street,
                number_in_street: row.number_in_street,
                number_in_municipality: row.number_in_municipality,
                zip_code: row.zip_code,
                state: row.address_state,
            },
            nationality: row.nationality,
            ovm_id: row.ovm_id,
            open_addressing: row.open_addressing != 0,
            postal_contract: row.postal_contract != 0,
            upper_id: row
                .upper_id
                .map(|upper| box_id(&upper, "boxes.upper_id", id))
                .transpose()?,
            aifo_known: row.aifo_known != 0,
        })
    }
}

/// Access data with membership and person; the box is read from the same row.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct LoginRow {
    pub(crate) login: String,
    password_hash: String,
    credential_version: i64,
    initial: i16,
    expires: Option<i64>,
    membership_id: i64,
    isds_id: String,
    pub(crate) membership_box: Option<String>,
    user_type: String,
    privileges: i64,
    person_id: i64,
    person_given_names: String,
    person_last_name: String,
    person_birth_date: Option<String>,
    person_address: String,
    person_aifo_known: i16,
}

impl LoginRow {
    /// Puts the row and its box together.
    pub(crate) fn login(self, data_box: Option<DataBox>) -> StoreResult<Login> {
        let (person_id, membership_id) = (PersonId(self.person_id), MembershipId(self.membership_id));
        let person = Person {
            id: person_id,
            given_names: self.person_given_names,
            last_name: self.person_last_name,
            birth_date: date(self.person_birth_date.as_deref(), "persons.birth_date", person_id.0)?,
            address: serde_json::from_str(&self.person_address)
                .map_err(|_| inconsistent("persons.address", person_id.0))?,
            aifo_known: self.person_aifo_known != 0,
        };
        let privileges =
            u32::try_from(self.privileges).map_err(|_| inconsistent("memberships.privileges", membership_id.0))?;
        let membership = Membership {
            id: membership_id,
            isds_id: IsdsId(self.isds_id),
            box_id: data_box.as_ref().map(|data_box| data_box.id),
            person_id,
            user_type: UserType::from_name(&self.user_type)
                .ok_or_else(|| inconsistent("memberships.user_type", membership_id.0))?,
            privileges: Privileges(privileges),
        };
        Ok(Login {
            login: self.login,
            password_hash: self.password_hash,
            version: self.credential_version,
            initial: self.initial != 0,
            expires: self.expires.map(Timestamp),
            person,
            membership,
            data_box,
        })
    }
}

pub(super) fn box_id(text: &str, column: &str, key: impl std::fmt::Display) -> StoreResult<BoxId> {
    text.parse().map_err(|_| inconsistent(column, key))
}

pub(super) fn date(text: Option<&str>, column: &str, key: impl std::fmt::Display) -> StoreResult<Option<Date>> {
    text.map(str::parse).transpose().map_err(|_| inconsistent(column, key))
}
