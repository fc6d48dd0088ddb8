//! Boxes as searches show them.

use isds_core::data_box::{Address, DataBox};
use isds_core::{BoxActivity, FoundBox, FoundPage, SendOptions};

use crate::Writer;

use super::directory::{address, owner_info_1};

/// What a caller sees in `FindDataBox` in the place of what is not shown.
const HIDDEN: &str = "*";

/// `dbSendOptions`.
fn send_options(options: SendOptions) -> &'static str {
    match options {
        SendOptions::Public => "DZ",
        SendOptions::Postal => "PDZ",
        SendOptions::Nothing => "NONE",
        SendOptions::Disabled => "DISABLED",
    }
}

/// From `totalCount` to `dbResults` of ISDSSearch3 (XSD `tISDSSearchOutput2`).
pub fn search_results3(writer: &mut Writer, page: &FoundPage) {
    search_results(writer, page, |writer, found| {
        writer.nillable("dbIdOVM", found.ovm_id.as_ref());
    });
}

/// The same of ISDSSearch2 (XSD `tISDSSearchOutput`). No box is raised to an authority since 2017.
pub fn search_results2(writer: &mut Writer, page: &FoundPage) {
    search_results(writer, page, |writer, _| {
        writer.element("dbEffectiveOVM", false);
    });
}

fn search_results(writer: &mut Writer, page: &FoundPage, of_version: impl Fn(&mut Writer, &FoundBox)) {
    writer
        .element("totalCount", page.total)
        .element("currentCount", page.boxes.len())
        .element("position", page.position)
        .element("lastPage", page.last)
        .start("dbResults");
    for found in &page.boxes {
        writer
            .start("dbResult")
            .element("dbID", found.id)
            .element("dbType", found.box_type.name())
            .element("dbName", &found.name)
            .element("dbAddress", &found.address)
            .nillable("dbBiDate", found.birth_date)
            .nillable("dbICO", found.ic.as_ref());
        of_version(writer, found);
        writer
            .element("dbSendOptions", send_options(found.send_options))
            .end("dbResult");
    }
    writer.end("dbResults");
}

/// First and middle names of a person, as they were told apart before 2018.
fn names(data_box: &DataBox) -> (Option<&str>, Option<&str>) {
    match data_box.given_names.as_deref().map(|names| names.split_once(' ')) {
        Some(Some((first, middle))) => (Some(first), Some(middle)),
        Some(None) => (data_box.given_names.as_deref(), None),
        None => (None, None),
    }
}

/// `dbOwnerInfo` of FindDataBox; what a caller may not know of a person is a star there, unless `full`.
pub fn found_owner_info_1(writer: &mut Writer, data_box: &DataBox, full: bool) {
    if full || !data_box.box_type.is_natural_person() {
        owner_info_1(writer, data_box);
        return;
    }
    let hidden = || Some(HIDDEN.to_owned());
    let starred = DataBox {
        birth_city: hidden(),
        birth_county: hidden(),
        birth_state: hidden(),
        nationality: hidden(),
        ..data_box.clone()
    };
    owner_info_1(writer, &starred);
}

/// `dbOwnerInfo` of FindPersonalDataBox (XSD `tdbPersonalOwnerInfo`).
pub fn personal_owner_info(writer: &mut Writer, data_box: &DataBox) {
    let (first, middle) = names(data_box);
    // adCode is a number here.
    let numeric = |code: &&String| !code.is_empty() && code.bytes().all(|b| b.is_ascii_digit());
    let place = &data_box.address;
    writer
        .start("dbOwnerInfo")
        .element("dbID", data_box.id)
        .element("aifoIsds", data_box.aifo_known)
        .nillable("pnFirstName", first)
        .nillable("pnMiddleName", middle)
        .nillable("pnLastName", data_box.last_name.as_ref())
        .nillable("biDate", data_box.birth_date)
        .nillable("biCity", data_box.birth_city.as_ref())
        .nillable("biCounty", data_box.birth_county.as_ref())
        .nillable("biState", data_box.birth_state.as_ref())
        .nillable("adCode", place.code.as_ref().filter(numeric))
        .nillable("adCity", place.city.as_ref())
        .nillable("adDistrict", place.district.as_ref())
        .nillable("adStreet", place.street.as_ref())
        .nillable("adNumberInStreet", place.number_in_street.as_ref())
        .nillable("adNumberInMunicipality", place.number_in_municipality.as_ref())
        .nillable("adZipCode", place.zip_code.as_ref())
        .nillable("adState", place.state.as_ref())
        .nillable("nationality", data_box.nationality.as_ref())
        .end("dbOwnerInfo");
}

/// The payload of GetDataBoxAddress (XSD `tGetAddressOutput`); without an address, all nil, which the XSD wants of a
/// refusal as well. Registration numbers are not kept: no operation of the contract brings one.
pub fn box_address(writer: &mut Writer, place: Option<&Address>) {
    let nowhere = Address::default();
    address(writer, place.unwrap_or(&nowhere));
    writer
        .nillable("adRegistrationNumber", None::<&str>)
        .nillable("adFullAddress1", place.map(|place| place.lines().join(", ")))
        .nillable("adFullAddress2", place.map(|place| place.lines().join("~")));
}

/// `dbID` and `Periods` of GetDataBoxActivityStatus (XSD `tGetDBStatusOutput`).
pub fn activity(writer: &mut Writer, activity: &BoxActivity) {
    writer.element("dbID", activity.id).start("Periods");
    for period in &activity.periods {
        writer
            .start("Period")
            .element("PeriodFrom", period.from)
            .element("PeriodTo", period.to)
            .element("DbState", period.state)
            .end("Period");
    }
    writer.end("Periods");
}
