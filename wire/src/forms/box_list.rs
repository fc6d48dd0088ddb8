//! GetDataBoxList: CSV in a ZIP, written as it grows (manual V 2.4).

use std::io::{self, Write};

use isds_core::data_box::DataBox;
use isds_core::ports::ListedBox;
use isds_core::{BoxListKind, DataFileForm};
use jiff::civil::Date;

use crate::zip_stream::{ZipStream, csv_line};

const ALL: [&str; 17] = [
    "dbID",
    "dbType",
    "pnFirstName",
    "pnMiddleName",
    "pnLastName",
    "biDate",
    "firmName",
    "ic",
    "adCity",
    "adStreet",
    "adNumberInStreet",
    "adNumberInMunicipality",
    "adZipCode",
    "adState",
    "nationality",
    "dbOpenAddressing",
    "lastChangeDate",
];

const ALL2: [&str; 18] = [
    "dbID",
    "aifoIsds",
    "dbType",
    "pnGivenNames",
    "pnLastName",
    "biDate",
    "firmName",
    "ic",
    "adAddressPoint",
    "adCity",
    "adDistrict",
    "adStreet",
    "adNumberInStreet",
    "adNumberInMunicipality",
    "adZipCode",
    "adState",
    "nationality",
    "lastChangeDate",
];

const NUMBERS: [&str; 2] = ["dbID", "ic"];

fn columns(kind: BoxListKind) -> &'static [&'static str] {
    match kind {
        BoxListKind::All => &ALL,
        BoxListKind::All2 => &ALL2,
        BoxListKind::Poa | BoxListKind::Upg => &NUMBERS,
    }
}

/// The list as a ZIP with one CSV file: UTF-8, commas, quotes where they are needed, a line of column names first.
pub struct BoxListForm {
    kind: BoxListKind,
    zip: ZipStream,
}

impl BoxListForm {
    /// Begins the list of a day.
    ///
    /// # Errors
    /// Where the ZIP cannot be begun.
    pub fn new(kind: BoxListKind, day: Date) -> io::Result<Self> {
        let mut zip = ZipStream::begin(&kind.file_name(day), day)?;
        zip.write_all(&csv_line(columns(kind).iter().copied())?)?;
        Ok(Self { kind, zip })
    }
}

impl DataFileForm for BoxListForm {
    fn add(&mut self, listed: &ListedBox) -> io::Result<()> {
        let values: Vec<String> = columns(self.kind).iter().map(|column| value(column, listed)).collect();
        self.zip.write_all(&csv_line(values.iter().map(String::as_str))?)
    }

    fn take(&mut self) -> Vec<u8> {
        self.zip.take()
    }

    fn finish(self: Box<Self>) -> io::Result<Vec<u8>> {
        self.zip.finish()
    }
}

fn value(column: &str, listed: &ListedBox) -> String {
    let data_box: &DataBox = &listed.data_box;
    let address = &data_box.address;
    let person = data_box.box_type.is_natural_person();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let of_person = |value: String| if person { value } else { String::new() };
    match column {
        "dbID" => data_box.id.to_string(),
        "aifoIsds" => of_person(data_box.aifo_known.to_string()),
        "dbType" => data_box.box_type.name().to_owned(),
        "pnGivenNames" => of_person(text(&data_box.given_names)),
        "pnFirstName" => of_person(first_and_rest(data_box).0.to_owned()),
        "pnMiddleName" => of_person(first_and_rest(data_box).1.to_owned()),
        "pnLastName" => of_person(text(&data_box.last_name)),
        "biDate" => of_person(data_box.birth_date.map(|date| date.to_string()).unwrap_or_default()),
        "firmName" if !data_box.box_type.is_fo() => text(&data_box.firm_name),
        "ic" if !data_box.box_type.is_fo() => text(&data_box.ic),
        "adAddressPoint" => text(&address.code),
        "adCity" => text(&address.city),
        "adDistrict" => text(&address.district),
        "adStreet" => text(&address.street),
        "adNumberInStreet" => text(&address.number_in_street),
        "adNumberInMunicipality" => text(&address.number_in_municipality),
        "adZipCode" => text(&address.zip_code),
        "adState" => text(&address.state),
        "nationality" if !data_box.box_type.is_ovm() => text(&data_box.nationality),
        "dbOpenAddressing" => data_box.receives_postal().to_string(),
        "lastChangeDate" => listed.changed.local_date().to_string(),
        _ => String::new(),
    }
}

fn first_and_rest(data_box: &DataBox) -> (&str, &str) {
    let names = data_box.given_names.as_deref().unwrap_or_default();
    names.split_once(' ').unwrap_or((names, ""))
}
