//! GetDataBoxList: CSV in a ZIP, written as it grows (manual V 2.4).

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use isds_core::data_box::DataBox;
use isds_core::ports::ListedBox;
use isds_core::{BoxListKind, DataFileForm};
use jiff::civil::Date;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

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

/// What was written and not taken yet.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Pipe {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The list as a ZIP with one CSV file: UTF-8, commas, quotes where they are needed, a line of column names first.
pub struct BoxListForm {
    kind: BoxListKind,
    pipe: Pipe,
    zip: ZipWriter<StreamWriter<Pipe>>,
}

impl BoxListForm {
    /// Begins the list of a day.
    ///
    /// # Errors
    /// Where the ZIP cannot be begun.
    pub fn new(kind: BoxListKind, day: Date) -> io::Result<Self> {
        let pipe = Pipe::default();
        let mut zip = ZipWriter::new_stream(pipe.clone());
        // The day of the list, not of the machine; ZIP knows no year before 1980.
        let (year, month, of_month) = (day.year(), day.month(), day.day());
        let number = |value: i8| u8::try_from(value).unwrap_or(1);
        let time = DateTime::from_date_and_time(
            u16::try_from(year).unwrap_or(1980),
            number(month),
            number(of_month),
            0,
            0,
            0,
        )
        .unwrap_or_default();
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(time);
        zip.start_file(kind.file_name(day), options)?;
        let mut form = Self { kind, pipe, zip };
        form.line(columns(kind).iter().map(|name| (*name).to_owned()))?;
        Ok(form)
    }

    fn line(&mut self, values: impl Iterator<Item = String>) -> io::Result<()> {
        let line: Vec<String> = values.map(quoted).collect();
        self.zip.write_all(line.join(",").as_bytes())?;
        self.zip.write_all(b"\r\n")
    }
}

impl DataFileForm for BoxListForm {
    fn add(&mut self, listed: &ListedBox) -> io::Result<()> {
        self.line(columns(self.kind).iter().map(|column| value(column, listed)))
    }

    fn take(&mut self) -> Vec<u8> {
        self.pipe.take()
    }

    fn finish(self: Box<Self>) -> io::Result<Vec<u8>> {
        let Self { pipe, zip, .. } = *self;
        zip.finish()?;
        Ok(pipe.take())
    }
}

/// A value as CSV has it: in quotes where it holds a comma, a quote or a line end, quotes doubled.
fn quoted(value: String) -> String {
    if value.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_where_they_are_needed() {
        assert_eq!(quoted("PO Hotel \"Sun\"".into()), "\"PO Hotel \"\"Sun\"\"\"");
        assert_eq!(quoted("Vzor, s.r.o.".into()), "\"Vzor, s.r.o.\"");
        assert_eq!(quoted("Vzor".into()), "Vzor");
    }
}
