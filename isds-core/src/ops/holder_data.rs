//! What a caller tells of a box's holder, and what of it a box of its type keeps.

use crate::box_type::BoxType;
use crate::data_box::{Address, DataBox};
use crate::error::Refusal;
use crate::status::Status;
use crate::text::clean;
use crate::time::parse_date;

/// `dbOwnerInfo` as a caller writes it (XSD `tDbOwnerInfoExt2`), every text as it came.
#[derive(Debug, Clone, Default)]
pub struct HolderData {
    /// `dbID`.
    pub box_id: Option<String>,
    /// `dbType`.
    pub box_type: Option<String>,
    /// `ic`.
    pub ic: Option<String>,
    /// `pnGivenNames`.
    pub given_names: Option<String>,
    /// `pnLastName`.
    pub last_name: Option<String>,
    /// `firmName`.
    pub firm_name: Option<String>,
    /// `biDate`.
    pub birth_date: Option<String>,
    /// `biCity`.
    pub birth_city: Option<String>,
    /// `biCounty`.
    pub birth_county: Option<String>,
    /// `biState`.
    pub birth_state: Option<String>,
    /// Group `gAddressExt2`.
    pub address: Address,
    /// `nationality`.
    pub nationality: Option<String>,
    /// `dbIdOVM`.
    pub ovm_id: Option<String>,
    /// `dbUpperID`.
    pub upper_id: Option<String>,
}

/// Cleans a text and checks its length in characters; what is empty then was not given.
///
/// # Errors
/// 1013 naming the element.
pub(super) fn bounded(name: &str, text: Option<&str>, limit: usize) -> Result<Option<String>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    let cleaned = clean(text).trim().to_owned();
    if cleaned.chars().count() > limit {
        return Err(Refusal::about(
            Status::HOLDER_DATA,
            format!("{name} má nejvýše {limit} znaků."),
        ));
    }
    Ok(Some(cleaned).filter(|text| !text.is_empty()))
}

/// An address within the lengths of the contract (manual S 1.6.1); the numbers of houses a little longer than there.
///
/// # Errors
/// 1013.
pub(super) fn bounded_address(address: &Address) -> Result<Address, Refusal> {
    Ok(Address {
        code: bounded("adCode", address.code.as_deref(), 20)?,
        city: bounded("adCity", address.city.as_deref(), 150)?,
        district: bounded("adDistrict", address.district.as_deref(), 150)?,
        street: bounded("adStreet", address.street.as_deref(), 51)?,
        number_in_street: bounded("adNumberInStreet", address.number_in_street.as_deref(), 10)?,
        number_in_municipality: bounded("adNumberInMunicipality", address.number_in_municipality.as_deref(), 10)?,
        zip_code: bounded("adZipCode", address.zip_code.as_deref(), 10)?,
        state: bounded("adState", address.state.as_deref(), 40)?,
    })
}

/// A date of birth.
///
/// # Errors
/// 2017.
pub(super) fn birth_date(text: Option<&str>) -> Result<Option<jiff::civil::Date>, Refusal> {
    text.map(str::trim)
        .filter(|text| !text.is_empty())
        .map(|text| parse_date(text).map_err(|_| Refusal::about(Status::SYNTAX, text)))
        .transpose()
}

/// Which box type a caller means; the abolished and the virtual ones are no types of boxes.
///
/// # Errors
/// 1101 without one, 1013 for none that there is.
pub(super) fn box_type(name: Option<&str>) -> Result<BoxType, Refusal> {
    let name = name
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .ok_or_else(|| Refusal::of(Status::BOX_TYPE_MISSING))?;
    BoxType::ALL
        .iter()
        .copied()
        .find(|t| *t != BoxType::System && t.name() == name)
        .ok_or_else(|| Refusal::about(Status::HOLDER_DATA, "dbType neuvádí žádný typ datové schránky."))
}

impl HolderData {
    /// Puts the data into a box: what its type keeps, and nothing of the rest (manual S 1.6.1). Type, state, superior
    /// box and the switches of the box stay as they are.
    ///
    /// # Errors
    /// 1013 for what is missing or too long, 2017 for a date.
    pub(super) fn fill(&self, data_box: &mut DataBox) -> Result<(), Refusal> {
        let t = data_box.box_type;
        let (person, number) = (t.is_natural_person(), !matches!(t, BoxType::Fo | BoxType::OvmFo));
        let names = bounded("pnGivenNames", self.given_names.as_deref(), 100)?;
        data_box.given_names = names.filter(|_| person);
        data_box.last_name = bounded("pnLastName", self.last_name.as_deref(), 150)?.filter(|_| person);
        data_box.birth_date = birth_date(self.birth_date.as_deref())?.filter(|_| person);
        data_box.birth_city = bounded("biCity", self.birth_city.as_deref(), 40)?.filter(|_| person);
        data_box.birth_county = bounded("biCounty", self.birth_county.as_deref(), 40)?.filter(|_| person);
        data_box.birth_state = bounded("biState", self.birth_state.as_deref(), 40)?.filter(|_| person);
        data_box.firm_name = bounded("firmName", self.firm_name.as_deref(), 255)?.filter(|_| !t.is_fo());
        data_box.ic = self.number()?.filter(|_| number || t == BoxType::OvmFo);
        data_box.address = bounded_address(&self.address)?;
        data_box.nationality = bounded("nationality", self.nationality.as_deref(), 40)?.filter(|_| !t.is_ovm());
        data_box.ovm_id = bounded("dbIdOVM", self.ovm_id.as_deref(), 20)?.filter(|_| t.is_ovm());
        require(data_box)
    }

    /// The identification number: of a Czech subject eight digits, leading zeros filled up; of a foreign one as it is.
    fn number(&self) -> Result<Option<String>, Refusal> {
        let number = bounded("ic", self.ic.as_deref(), 20)?;
        Ok(number.map(|number| {
            if number.bytes().all(|b| b.is_ascii_digit()) {
                format!("{number:0>8}")
            } else {
                number
            }
        }))
    }
}

/// What a box cannot be without: it is what its holder is known and found by.
fn require(data_box: &DataBox) -> Result<(), Refusal> {
    let t = data_box.box_type;
    let by_law = !matches!(t, BoxType::PoReq | BoxType::OvmReq | BoxType::OvmFo | BoxType::Fo);
    let needed = [
        ("pnGivenNames", t.is_natural_person(), data_box.given_names.is_some()),
        ("pnLastName", t.is_natural_person(), data_box.last_name.is_some()),
        (
            "biDate",
            t.is_fo() || t == BoxType::OvmFo,
            data_box.birth_date.is_some(),
        ),
        ("firmName", !t.is_natural_person(), data_box.firm_name.is_some()),
        ("ic", by_law, data_box.ic.is_some()),
        ("adCity", true, data_box.address.city.is_some()),
    ];
    match needed.iter().find(|(_, needed, there)| *needed && !there) {
        Some((name, ..)) => Err(Refusal::about(Status::HOLDER_DATA, format!("chybí {name}."))),
        None => Ok(()),
    }
}
