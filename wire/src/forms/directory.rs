//! Boxes and people.

use isds_core::data_box::{Address, DataBox};
use isds_core::user::{Membership, Person};

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

/// `dbUserInfo` (XSD `tDbUserInfoExt2`). A person of this directory has no firm and no contact address of their own.
pub fn user_info(writer: &mut Writer, person: &Person, membership: &Membership) {
    writer
        .start("dbUserInfo")
        .element("aifoIsds", person.aifo_known)
        .element("pnGivenNames", &person.given_names)
        .element("pnLastName", &person.last_name);
    address(writer, &person.address);
    writer
        .nillable("biDate", person.birth_date)
        .element("isdsID", &membership.isds_id)
        .element("userType", membership.user_type.name())
        .element("userPrivils", membership.privileges.0);
    for absent in ["ic", "firmName", "caStreet", "caCity", "caZipCode", "caState"] {
        writer.nillable(absent, None::<&str>);
    }
    writer.end("dbUserInfo");
}

/// XSD group `gAddressExt2`.
fn address(writer: &mut Writer, address: &Address) {
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
