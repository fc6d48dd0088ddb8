//! What a caller says of a user.

use jiff::civil::Date;

use crate::data_box::Address;
use crate::error::Refusal;
use crate::ids::PersonId;
use crate::status::Status;
use crate::text::clean;
use crate::time::parse_date;
use crate::user::{Person, UserContact, UserType};

/// Longest names.
const MAX_NAME: usize = 150;
/// Longest name of a firm (the check of clients).
const MAX_FIRM: usize = 255;

/// A user as a caller describes one (`tDbUserInfoExt2`, `tDbUserInfoExt`), as it was written.
#[derive(Debug, Clone, Default)]
pub struct UserDraft {
    /// Given names; those of the first generation, first and middle names, joined.
    pub given_names: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Address of residence.
    pub address: Address,
    /// Day of birth.
    pub birth_date: Option<String>,
    /// `userType`.
    pub user_type: Option<String>,
    /// `userPrivils`.
    pub privileges: Option<String>,
    /// Contact address and firm.
    pub contact: UserContact,
}

impl UserDraft {
    /// The person, with bounded and cleaned texts. The last name must be there; a name that a register has in one
    /// piece stands there whole, so the given names may be missing (manual A 1.7).
    ///
    /// # Errors
    /// 2007 for what is missing or too long, 2017 for a date that is none.
    pub(super) fn person(&self) -> Result<Person, Refusal> {
        let last_name = self.last_name()?;
        Ok(Person {
            id: PersonId(0),
            given_names: self.given_names()?.unwrap_or_default(),
            last_name: last_name.ok_or_else(|| Refusal::about(Status::INVALID_STRUCTURE, "chybí pnLastName."))?,
            birth_date: self.birth_date()?,
            address: self.address()?,
            aifo_known: false,
        })
    }

    /// Given names.
    pub(super) fn given_names(&self) -> Result<Option<String>, Refusal> {
        tidy("pnGivenNames", self.given_names.as_deref(), MAX_NAME)
    }

    /// Last name.
    pub(super) fn last_name(&self) -> Result<Option<String>, Refusal> {
        tidy("pnLastName", self.last_name.as_deref(), MAX_NAME)
    }

    /// Day of birth.
    pub(super) fn birth_date(&self) -> Result<Option<Date>, Refusal> {
        let text = self
            .birth_date
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        text.map(|text| parse_date(text).map_err(|_| Refusal::about(Status::SYNTAX, "biDate")))
            .transpose()
    }

    /// Address of residence, with the lengths of manual S 1.6.
    pub(super) fn address(&self) -> Result<Address, Refusal> {
        let address = &self.address;
        Ok(Address {
            code: tidy("adCode", address.code.as_deref(), 20)?,
            city: tidy("adCity", address.city.as_deref(), 150)?,
            district: tidy("adDistrict", address.district.as_deref(), 150)?,
            street: tidy("adStreet", address.street.as_deref(), 150)?,
            number_in_street: tidy("adNumberInStreet", address.number_in_street.as_deref(), 20)?,
            number_in_municipality: tidy("adNumberInMunicipality", address.number_in_municipality.as_deref(), 20)?,
            zip_code: tidy("adZipCode", address.zip_code.as_deref(), 20)?,
            state: tidy("adState", address.state.as_deref(), 40)?,
        })
    }

    /// Contact address and firm.
    pub(super) fn contact(&self) -> Result<UserContact, Refusal> {
        let contact = &self.contact;
        Ok(UserContact {
            firm_ic: tidy("ic", contact.firm_ic.as_deref(), 8)?,
            firm_name: tidy("firmName", contact.firm_name.as_deref(), MAX_FIRM)?,
            street: tidy("caStreet", contact.street.as_deref(), 150)?,
            city: tidy("caCity", contact.city.as_deref(), 150)?,
            zip_code: tidy("caZipCode", contact.zip_code.as_deref(), 20)?,
            state: tidy("caState", contact.state.as_deref(), 40)?,
        })
    }

    /// Kind of user, where it is given.
    pub(super) fn user_type(&self) -> Result<Option<UserType>, Refusal> {
        let text = self.user_type.as_deref().map(str::trim).filter(|text| !text.is_empty());
        text.map(|text| {
            UserType::from_name(text)
                .ok_or_else(|| Refusal::about(Status::INVALID_STRUCTURE, "userType nemá povolenou hodnotu."))
        })
        .transpose()
    }

    /// Sum of privileges, where it is given.
    pub(super) fn privileges(&self) -> Result<Option<u32>, Refusal> {
        let text = self
            .privileges
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        text.map(|text| {
            text.parse()
                .map_err(|_| Refusal::about(Status::INVALID_STRUCTURE, "userPrivils není celé číslo."))
        })
        .transpose()
    }
}

/// A text as it is kept: cleaned, without white space around it, none where it is empty.
fn tidy(name: &str, text: Option<&str>, most: usize) -> Result<Option<String>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    let cleaned = clean(text);
    let text = cleaned.trim();
    if text.chars().count() > most {
        return Err(Refusal::about(
            Status::INVALID_STRUCTURE,
            format!("{name} má více než {most} znaků."),
        ));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}
