//! Boxes and people.

use isds_core::data_box::{Address, DataBox};
use isds_core::user::{BoxUser, UserContact};

use crate::Writer;

/// Children of `dbOwnerInfo`, but for `aifoIsds`, which may be left out.
const OWNER_INFO: [&str; 23] = [
    "dbID",
    "dbType",
    "ic",
    "pnGivenNames",
    "pnLastName",
    "firmName",
    "biDate",
    "biCity",
    "biCounty",
    "biState",
    "adCode",
    "adCity",
    "adDistrict",
    "adStreet",
    "adNumberInStreet",
    "adNumberInMunicipality",
    "adZipCode",
    "adState",
    "nationality",
    "dbIdOVM",
    "dbState",
    "dbOpenAddressing",
    "dbUpperID",
];

/// `dbOwnerInfo` that says nothing: GetOwnerInfoFromLogin2 has to bring one even where it is refused.
pub fn no_owner_info(writer: &mut Writer) {
    writer.start("dbOwnerInfo");
    for name in OWNER_INFO {
        writer.nillable(name, None::<&str>);
    }
    writer.end("dbOwnerInfo");
}

/// `dbOwnerInfo` (XSD `tDbOwnerInfoExt2`).
pub fn owner_info(writer: &mut Writer, data_box: &DataBox) {
    writer
        .start("dbOwnerInfo")
        .element("dbID", data_box.id)
        .nillable(
            "aifoIsds",
            data_box.box_type.is_natural_person().then_some(data_box.aifo_known),
        )
        .element("dbType", data_box.box_type.name())
        .nillable("ic", data_box.ic.as_ref())
        .nillable("pnGivenNames", data_box.given_names.as_ref())
        .nillable("pnLastName", data_box.last_name.as_ref())
        .nillable("firmName", data_box.firm_name.as_ref())
        .nillable("biDate", data_box.birth_date)
        .nillable("biCity", data_box.birth_city.as_ref())
        .nillable("biCounty", data_box.birth_county.as_ref())
        .nillable("biState", data_box.birth_state.as_ref());
    address(writer, &data_box.address);
    writer
        .nillable("nationality", data_box.nationality.as_ref())
        .nillable("dbIdOVM", data_box.ovm_id.as_ref())
        .element("dbState", data_box.state.wire_code())
        .element("dbOpenAddressing", data_box.open_addressing)
        .nillable("dbUpperID", data_box.upper_id)
        .end("dbOwnerInfo");
}

/// `dbUserInfo` (XSD `tDbUserInfoExt2`).
pub fn user_info(writer: &mut Writer, user: &BoxUser) {
    let (person, membership) = (&user.person, &user.membership);
    writer
        .start("dbUserInfo")
        .element("aifoIsds", person.aifo_known)
        .nillable(
            "pnGivenNames",
            Some(&person.given_names).filter(|names| !names.is_empty()),
        )
        .element("pnLastName", &person.last_name);
    address(writer, &person.address);
    writer
        .nillable("biDate", person.birth_date)
        .element("isdsID", &membership.isds_id)
        .element("userType", membership.user_type.name())
        .element("userPrivils", membership.privileges.0);
    contact(writer, &user.contact);
    writer.end("dbUserInfo");
}

/// From `ic` to `caState`, the same in both generations.
fn contact(writer: &mut Writer, contact: &UserContact) {
    writer
        .nillable("ic", contact.firm_ic.as_ref())
        .nillable("firmName", contact.firm_name.as_ref())
        .nillable("caStreet", contact.street.as_ref())
        .nillable("caCity", contact.city.as_ref())
        .nillable("caZipCode", contact.zip_code.as_ref())
        .nillable("caState", contact.state.as_ref());
}

/// `dbUserInfo` of the first generation (XSD `tDbUserInfo`), which names the login instead of the `isdsID`.
pub fn user_info_1(writer: &mut Writer, user: &BoxUser, login: Option<&str>) {
    let (person, membership) = (&user.person, &user.membership);
    writer.start("dbUserInfo");
    names_1(writer, Some(&person.given_names), Some(&person.last_name));
    address_1(writer, &person.address);
    writer
        .nillable("biDate", person.birth_date)
        .nillable("userID", login)
        .element("userType", membership.user_type.name())
        .element("userPrivils", membership.privileges.0);
    contact(writer, &user.contact);
    writer.end("dbUserInfo");
}

/// `dbOwnerInfo` of the first generation (XSD `tDbOwnerInfo`), as it is in answers about the caller. `dbEffectiveOVM` is
/// always false: what it said was abolished in 2017.
pub fn owner_info_1(writer: &mut Writer, data_box: &DataBox) {
    writer
        .start("dbOwnerInfo")
        .element("dbID", data_box.id)
        .element("dbType", data_box.box_type.name())
        .nillable("ic", data_box.ic.as_ref());
    names_1(writer, data_box.given_names.as_deref(), data_box.last_name.as_deref());
    writer
        .nillable("firmName", data_box.firm_name.as_ref())
        .nillable("biDate", data_box.birth_date)
        .nillable("biCity", data_box.birth_city.as_ref())
        .nillable("biCounty", data_box.birth_county.as_ref())
        .nillable("biState", data_box.birth_state.as_ref());
    address_1(writer, &data_box.address);
    writer
        .nillable("nationality", data_box.nationality.as_ref())
        .nillable("identifier", data_box.ovm_id.as_ref())
        .nillable("registryCode", None::<&str>)
        .element("dbState", data_box.state.wire_code())
        .element("dbEffectiveOVM", false)
        .element("dbOpenAddressing", data_box.open_addressing)
        .end("dbOwnerInfo");
}

/// `dbOwnerInfo` of the first generation that says nothing: GetOwnerInfoFromLogin has to bring one even where it is
/// refused.
pub fn no_owner_info_1(writer: &mut Writer) {
    writer.start("dbOwnerInfo");
    for name in ["dbID", "dbType", "ic"] {
        writer.nillable(name, None::<&str>);
    }
    names_1(writer, None, None);
    for name in ["firmName", "biDate", "biCity", "biCounty", "biState"] {
        writer.nillable(name, None::<&str>);
    }
    address_1(writer, &Address::default());
    for name in [
        "nationality",
        "identifier",
        "registryCode",
        "dbState",
        "dbEffectiveOVM",
        "dbOpenAddressing",
    ] {
        writer.nillable(name, None::<&str>);
    }
    writer.end("dbOwnerInfo");
}

/// XSD group `gPersonName`: the first of the given names is the first name, the others are middle names. A name at birth
/// is not kept.
fn names_1(writer: &mut Writer, given_names: Option<&str>, last_name: Option<&str>) {
    let given_names = given_names.map(str::trim).filter(|names| !names.is_empty());
    let (first, middle) = match given_names.and_then(|names| names.split_once(' ')) {
        Some((first, middle)) => (Some(first), Some(middle)),
        None => (given_names, None),
    };
    writer
        .nillable("pnFirstName", first)
        .nillable("pnMiddleName", middle)
        .nillable("pnLastName", last_name)
        .nillable("pnLastNameAtBirth", None::<&str>);
}

/// XSD group `gAddress`.
fn address_1(writer: &mut Writer, address: &Address) {
    writer
        .nillable("adCity", address.city.as_ref())
        .nillable("adStreet", address.street.as_ref())
        .nillable("adNumberInStreet", address.number_in_street.as_ref())
        .nillable("adNumberInMunicipality", address.number_in_municipality.as_ref())
        .nillable("adZipCode", address.zip_code.as_ref())
        .nillable("adState", address.state.as_ref());
}

/// XSD group `gAddressExt2`.
pub(super) fn address(writer: &mut Writer, address: &Address) {
    writer
        .nillable("adCode", address.code.as_ref())
        .nillable("adCity", address.city.as_ref())
        .nillable("adDistrict", address.district.as_ref())
        .nillable("adStreet", address.street.as_ref())
        .nillable("adNumberInStreet", address.number_in_street.as_ref())
        .nillable("adNumberInMunicipality", address.number_in_municipality.as_ref())
        .nillable("adZipCode", address.zip_code.as_ref())
        .nillable("adState", address.state.as_ref());
}
