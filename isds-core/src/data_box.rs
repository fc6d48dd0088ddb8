//! A data box and its holder.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::box_state::BoxState;
use crate::box_type::BoxType;
use crate::ids::BoxId;

/// Postal address in the fields of the contract (`gAddressExt2`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Code of the address point in the territorial register (`adCode`).
    pub code: Option<String>,
    /// Municipality (`adCity`).
    pub city: Option<String>,
    /// Part of the municipality (`adDistrict`).
    pub district: Option<String>,
    /// Street (`adStreet`).
    pub street: Option<String>,
    /// Orientation number (`adNumberInStreet`).
    pub number_in_street: Option<String>,
    /// House number (`adNumberInMunicipality`).
    pub number_in_municipality: Option<String>,
    /// Postal code (`adZipCode`).
    pub zip_code: Option<String>,
    /// Two-letter state (`adState`).
    pub state: Option<String>,
}

impl Address {
    /// The address as it is written on several lines: street or part of the municipality with the numbers, part of the
    /// municipality where it is not named yet, postal code with the municipality, state where it is a foreign one
    /// (bulletin 2170, after decree 359/2011). A municipality without streets is addressed by its part, one without parts
    /// by the number alone.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let given = |part: &Option<String>| part.clone().filter(|part| !part.is_empty());
        let numbers: Vec<String> = [given(&self.number_in_municipality), given(&self.number_in_street)]
            .into_iter()
            .flatten()
            .collect();
        let numbers = numbers.join("/");
        let district = given(&self.district).filter(|district| self.city.as_deref() != Some(district.as_str()));
        let (street, district) = match given(&self.street) {
            Some(street) => (Some(street), district),
            None => (
                district.or_else(|| (!numbers.is_empty()).then(|| "č.p.".to_owned())),
                None,
            ),
        };
        let first = join(" ", [street.as_deref(), Some(numbers.as_str())]);
        let town = join(" ", [self.zip_code.as_deref(), self.city.as_deref()]);
        let state = given(&self.state).filter(|state| state != "CZ");
        [Some(first), district, Some(town), state]
            .into_iter()
            .flatten()
            .filter(|line| !line.is_empty())
            .collect()
    }

    /// One line as it stands in envelopes: `Vycházková 1396/26, 66451 Šlapanice, CZ`.
    #[must_use]
    pub fn one_line(&self) -> String {
        let number = [&self.number_in_municipality, &self.number_in_street]
            .into_iter()
            .filter_map(|part| part.as_deref())
            .collect::<Vec<_>>()
            .join("/");
        let street = join(" ", [self.street.as_deref(), Some(number.as_str())]);
        let town = join(" ", [self.zip_code.as_deref(), self.city.as_deref()]);
        join(
            ", ",
            [Some(street.as_str()), Some(town.as_str()), self.state.as_deref()],
        )
    }
}

fn join<const N: usize>(separator: &str, parts: [Option<&str>; N]) -> String {
    parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(separator)
}

/// A data box with what is known of its holder (`tDbOwnerInfoExt2`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataBox {
    /// Identifier.
    pub id: BoxId,
    /// Type.
    pub box_type: BoxType,
    /// State.
    pub state: BoxState,
    /// Identification number of the organisation, eight digits (`ic`).
    pub ic: Option<String>,
    /// Given names of a natural person.
    pub given_names: Option<String>,
    /// Last name of a natural person.
    pub last_name: Option<String>,
    /// Name of the firm or authority.
    pub firm_name: Option<String>,
    /// Date of birth of a natural person.
    pub birth_date: Option<Date>,
    /// Town of birth.
    pub birth_city: Option<String>,
    /// District of birth.
    pub birth_county: Option<String>,
    /// State of birth.
    pub birth_state: Option<String>,
    /// Seat or residence.
    pub address: Address,
    /// Nationality.
    pub nationality: Option<String>,
    /// Identifier in the register of public authorities (`dbIdOVM`).
    pub ovm_id: Option<String>,
    /// Receives postal messages (`dbOpenAddressing`).
    pub open_addressing: bool,
    /// Sends postal messages under a contract with the operator.
    pub postal_contract: bool,
    /// Superior box (`dbUpperID`).
    pub upper_id: Option<BoxId>,
    /// Identified against the register of inhabitants.
    pub aifo_known: bool,
}

impl DataBox {
    /// Receives postal messages. Firms and the self-employed have no choice (bulletin B2176), people have one, and to
    /// authorities every message is public.
    #[must_use]
    pub fn receives_postal(&self) -> bool {
        !self.box_type.is_ovm() && (self.open_addressing || !self.box_type.is_fo())
    }

    /// Name of the holder as it stands in envelopes: the firm, with the person's name before it for the self-employed.
    #[must_use]
    pub fn holder_name(&self) -> String {
        let person = join(" ", [self.given_names.as_deref(), self.last_name.as_deref()]);
        match self.firm_name.as_deref().filter(|name| !name.is_empty()) {
            Some(firm) if person.is_empty() || firm.contains(&person) => firm.to_owned(),
            Some(firm) => format!("{person} - {firm}"),
            None => person,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_in_one_line() {
        let address = Address {
            city: Some("Šlapanice".into()),
            street: Some("Vycházková".into()),
            number_in_municipality: Some("1396".into()),
            number_in_street: Some("26".into()),
            zip_code: Some("66451".into()),
            state: Some("CZ".into()),
            ..Address::default()
        };
        assert_eq!(address.one_line(), "Vycházková 1396/26, 66451 Šlapanice, CZ");
        let village = Address {
            street: None,
            number_in_street: None,
            ..address
        };
        assert_eq!(village.one_line(), "1396, 66451 Šlapanice, CZ");
        assert_eq!(Address::default().one_line(), "");
    }

    #[test]
    fn address_in_lines() {
        let town = Address {
            city: Some("Praha 6".into()),
            district: Some("Řepy".into()),
            street: Some("Bazovského".into()),
            number_in_municipality: Some("1117".into()),
            number_in_street: Some("7".into()),
            zip_code: Some("16300".into()),
            state: Some("CZ".into()),
            ..Address::default()
        };
        assert_eq!(town.lines(), ["Bazovského 1117/7", "Řepy", "16300 Praha 6"]);
        let village = Address {
            street: None,
            number_in_street: None,
            ..town.clone()
        };
        assert_eq!(village.lines(), ["Řepy 1117", "16300 Praha 6"]);
        let small = Address {
            district: village.city.clone(),
            state: Some("SK".into()),
            ..village
        };
        assert_eq!(small.lines(), ["č.p. 1117", "16300 Praha 6", "SK"]);
        assert_eq!(Address::default().lines(), [""; 0]);
    }
}
