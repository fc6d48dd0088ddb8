//! The public list of holders: answers of its service and its files, which are plain XML without SOAP.

use std::io;

use isds_core::DataFileForm;
use isds_core::box_type::BoxType;
use isds_core::data_box::DataBox;
use isds_core::ports::ListedBox;

use crate::Writer;
use crate::names::{HOLDERS, HOLDERS_FILE};

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Which generation of the service: the second one tells the identifier of an authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// `GetInfo`, `SearchSubject`.
    First,
    /// `GetInfo2`, `SearchSubject2`.
    Second,
}

/// `GetInfoResponse` and `GetInfo2Response`: the holder with the address, or nobody.
#[must_use]
pub fn holder_response(generation: Generation, holder: Option<&DataBox>) -> Vec<u8> {
    let name = match generation {
        Generation::First => "GetInfoResponse",
        Generation::Second => "GetInfo2Response",
    };
    document(name, |writer| {
        if let Some(data_box) = holder {
            writer.start("Osoba");
            optional(writer, "Ico", data_box.ic.as_deref());
            writer
                .element("NazevOsoby", data_box.holder_name())
                .element("ISDS", data_box.id)
                .element("PDZ", data_box.receives_postal())
                .element("TypSubjektu", data_box.box_type.name());
            if generation == Generation::Second {
                optional(writer, "IdOVM", data_box.ovm_id.as_deref());
            }
            seat(writer, data_box);
            writer.end("Osoba");
        }
    })
}

/// `SearchSubjectResponse` and `SearchSubject2Response`: holders in brief.
#[must_use]
pub fn holders_response(generation: Generation, holders: &[DataBox]) -> Vec<u8> {
    let name = match generation {
        Generation::First => "SearchSubjectResponse",
        Generation::Second => "SearchSubject2Response",
    };
    document(name, |writer| {
        writer.start("ResultList");
        for data_box in holders {
            writer.start("Osoba");
            optional(writer, "Ico", data_box.ic.as_deref());
            if generation == Generation::Second {
                optional(writer, "IdOVM", data_box.ovm_id.as_deref());
            }
            writer
                .element("NazevOsoby", data_box.holder_name())
                .element("ISDS", data_box.id)
                .element("PDZ", data_box.receives_postal())
                .end("Osoba");
        }
        writer.end("ResultList");
    })
}

/// `ErrorResponse`.
#[must_use]
pub fn error_response(message: &str) -> Vec<u8> {
    document("ErrorResponse", |writer| {
        writer.element("Message", message);
    })
}

fn document(name: &str, inside: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new("");
    writer.raw(DECLARATION).start_with(name, &[("xmlns", HOLDERS)]);
    inside(&mut writer);
    writer.end(name);
    writer.finish()
}

fn optional(writer: &mut Writer, name: &str, value: Option<&str>) {
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        writer.element(name, value);
    }
}

/// An orientation number and the letter behind it.
fn orientation(number: &str) -> (&str, &str) {
    number.split_at(number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len()))
}

fn seat(writer: &mut Writer, data_box: &DataBox) {
    let address = &data_box.address;
    writer
        .start("AdresaSidla")
        .element("AdresaTextem", address.lines().join(", "));
    optional(writer, "ObecNazev", address.city.as_deref());
    optional(writer, "CastObceNazev", address.district.as_deref());
    optional(writer, "UliceNazev", address.street.as_deref());
    optional(writer, "PostaKod", address.zip_code.as_deref());
    optional(writer, "CisloDomovni", address.number_in_municipality.as_deref());
    let (number, letter) = orientation(address.number_in_street.as_deref().unwrap_or_default());
    optional(writer, "CisloOrientacni", Some(number));
    optional(writer, "CisloOrientacniPismeno", Some(letter));
    writer.end("AdresaSidla");
}

/// A file of the list: `list` with a `box` for each holder, each on a line of its own.
pub struct PublicListForm {
    writer: Writer,
}

impl Default for PublicListForm {
    fn default() -> Self {
        let mut writer = Writer::new("");
        writer
            .raw("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n")
            .start_with("list", &[("xmlns", HOLDERS_FILE)])
            .raw("\n");
        Self { writer }
    }
}

impl DataFileForm for PublicListForm {
    fn add(&mut self, listed: &ListedBox) -> io::Result<()> {
        entry(&mut self.writer, &listed.data_box);
        Ok(())
    }

    fn take(&mut self) -> Vec<u8> {
        std::mem::replace(&mut self.writer, Writer::new("")).finish()
    }

    fn finish(self: Box<Self>) -> io::Result<Vec<u8>> {
        let mut writer = self.writer;
        writer.end("list").raw("\n");
        Ok(writer.finish())
    }
}

fn entry(writer: &mut Writer, data_box: &DataBox) {
    let address = &data_box.address;
    writer
        .start("box")
        .element("id", data_box.id)
        .element("type", main_type(data_box.box_type))
        .element("subtype", data_box.box_type.code())
        .start("name");
    if data_box.box_type.is_natural_person() && data_box.last_name.is_some() {
        writer.start("person");
        optional(writer, "firstName", data_box.given_names.as_deref());
        optional(writer, "lastName", data_box.last_name.as_deref());
        writer.end("person");
    }
    optional(writer, "tradeName", data_box.firm_name.as_deref());
    writer.end("name");
    optional(writer, "ico", data_box.ic.as_deref());
    writer.start("address");
    optional(writer, "city", address.city.as_deref());
    optional(writer, "district", address.district.as_deref());
    optional(writer, "street", address.street.as_deref());
    optional(writer, "cp", address.number_in_municipality.as_deref());
    optional(writer, "co", address.number_in_street.as_deref());
    optional(writer, "zip", address.zip_code.as_deref());
    optional(writer, "addressPoint", address.code.as_deref());
    optional(writer, "state", address.state.as_deref());
    optional(writer, "fullAddress", Some(&address.lines().join(", ")));
    writer
        .end("address")
        .element("pdz", data_box.receives_postal())
        .element("ovm", data_box.box_type.is_ovm())
        .start("hierarchy")
        .element("isMaster", data_box.upper_id.is_none());
    if let Some(upper) = data_box.upper_id {
        writer.element("masterId", upper);
    }
    writer.end("hierarchy");
    optional(writer, "idOVM", data_box.ovm_id.as_deref());
    writer.end("box").raw("\n");
}

/// The main type behind a type.
fn main_type(box_type: BoxType) -> &'static str {
    match box_type {
        t if t.is_ovm() => "OVM",
        t if t.is_pfo() => "PFO",
        t if t.is_fo() => "FO",
        _ => "PO",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_their_letters() {
        assert_eq!(orientation("7a"), ("7", "a"));
        assert_eq!(orientation("7"), ("7", ""));
        assert_eq!(orientation(""), ("", ""));
    }

    #[test]
    fn answers_about_nobody() {
        let answer = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        assert_eq!(
            answer(holder_response(Generation::First, None)),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <GetInfoResponse xmlns=\"http://seznam.gov.cz/ovm/ws/v1\"></GetInfoResponse>"
        );
        assert!(answer(holders_response(Generation::Second, &[])).contains("<ResultList></ResultList>"));
        assert!(answer(error_response("a & b")).contains("<Message>a &amp; b</Message>"));
    }
}
