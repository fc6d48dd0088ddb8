//! The table: its columns, and what a row of it asks for.

use std::collections::BTreeMap;

use crate::data_box::Address;
use crate::error::Refusal;
use crate::ports::{Approval, ImportRow, RowState};
use crate::status::Status;
use crate::user::UserContact;

use super::super::super::create_data_box::CreateDataBox;
use super::super::super::holder_data::HolderData;
use super::super::super::users::UserDraft;

/// Largest file, in bytes.
pub const MAX_IMPORT_BYTES: usize = 4 * 1024 * 1024;
/// Most rows.
pub const MAX_IMPORT_ROWS: usize = 5_000;
/// Longest cell, in characters; what a cell may hold the rules for the holder say.
const MAX_CELL: usize = 300;

/// Columns, named as the elements of CreateDataBox2 are; those of the first user begin with `user`.
pub const IMPORT_COLUMNS: [&str; 26] = [
    "dbType",
    "ic",
    "firmName",
    "pnGivenNames",
    "pnLastName",
    "biDate",
    "biCity",
    "biCounty",
    "biState",
    "adCity",
    "adDistrict",
    "adStreet",
    "adNumberInStreet",
    "adNumberInMunicipality",
    "adZipCode",
    "adState",
    "nationality",
    "dbIdOVM",
    "dbUpperID",
    "PDZ",
    "userGivenNames",
    "userLastName",
    "userBirthDate",
    "userStreet",
    "userCity",
    "userZipCode",
];

fn wrong(text: impl AsRef<str>) -> Refusal {
    Refusal::about(Status::INVALID_STRUCTURE, text)
}

/// Reads the file: UTF-8, a line of columns, divided by semicolons, commas or tabulators.
///
/// # Errors
/// 2007.
pub(super) fn read(file: &[u8]) -> Result<Vec<ImportRow>, Refusal> {
    if file.len() > MAX_IMPORT_BYTES {
        return Err(wrong(format!(
            "soubor má nejvýše {} MB.",
            MAX_IMPORT_BYTES / 1024 / 1024
        )));
    }
    let text = std::str::from_utf8(file).map_err(|_| wrong("soubor není text v UTF-8."))?;
    let text = text.trim_start_matches('\u{FEFF}');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns = columns(&mut reader)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| wrong("soubor není tabulka CSV."))?;
        let line = record.position().map_or(0, |place| line_of(text, place));
        if record.iter().all(str::is_empty) {
            continue;
        }
        if rows.len() == MAX_IMPORT_ROWS {
            return Err(wrong(format!("soubor má nejvýše {MAX_IMPORT_ROWS} řádků.")));
        }
        rows.push(row(line, &columns, &record)?);
    }
    if rows.is_empty() {
        return Err(wrong("soubor nemá žádný řádek s údaji."));
    }
    Ok(rows)
}

/// Line on which a record begins; the reader counts the empty lines before it to the record.
fn line_of(text: &str, place: &csv::Position) -> i64 {
    let begin = usize::try_from(place.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(begin..).unwrap_or_default();
    let before = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let empty = before.filter(|byte| **byte == b'\n').count() as u64;
    i64::try_from(place.line() + empty).unwrap_or(i64::MAX)
}

/// What divides the cells of the first line most often.
fn delimiter(text: &str) -> u8 {
    let head = text.lines().next().unwrap_or_default();
    let most = [b';', b',', b'\t'].into_iter().max_by_key(|delimiter| {
        let count = head.bytes().filter(|byte| byte == delimiter).count();
        // Of equals the first one: the semicolon of Czech tables.
        (count, *delimiter == b';')
    });
    most.unwrap_or(b';')
}

fn columns(reader: &mut csv::Reader<&[u8]>) -> Result<Vec<&'static str>, Refusal> {
    let head = reader.headers().map_err(|_| wrong("soubor není tabulka CSV."))?;
    let mut columns = Vec::new();
    for name in head {
        let known = IMPORT_COLUMNS.iter().find(|column| column.eq_ignore_ascii_case(name));
        let column = *known.ok_or_else(|| wrong(format!("neznámý sloupec {name}.")))?;
        if columns.contains(&column) {
            return Err(wrong(format!("sloupec {column} je v tabulce dvakrát.")));
        }
        columns.push(column);
    }
    if columns.contains(&"dbType") {
        Ok(columns)
    } else {
        Err(wrong("chybí sloupec dbType."))
    }
}

fn row(line: i64, columns: &[&'static str], record: &csv::StringRecord) -> Result<ImportRow, Refusal> {
    if record.len() > columns.len() {
        return Err(wrong(format!("řádek {line} má více buněk než záhlaví.")));
    }
    let mut cells = BTreeMap::new();
    for (column, cell) in columns.iter().zip(record) {
        if cell.chars().count() > MAX_CELL {
            return Err(wrong(format!(
                "řádek {line}: buňka {column} má nejvýše {MAX_CELL} znaků."
            )));
        }
        // No text holds it, and PostgreSQL takes none that does.
        if !cell.is_empty() {
            cells.insert((*column).to_owned(), cell.replace('\0', ""));
        }
    }
    Ok(ImportRow {
        line,
        cells,
        state: RowState::Ready,
        refusal: None,
        box_id: None,
        access: None,
    })
}

/// What a row asks for.
pub(super) fn input(cells: &BTreeMap<String, String>) -> CreateDataBox {
    let cell = |name: &str| cells.get(name).cloned();
    let day = |name: &str| cell(name).map(|text| iso_day(&text).unwrap_or(text));
    let has_user = cells.keys().any(|name| name.starts_with("user"));
    let user = UserDraft {
        given_names: cell("userGivenNames"),
        last_name: cell("userLastName"),
        birth_date: day("userBirthDate"),
        contact: UserContact {
            street: cell("userStreet"),
            city: cell("userCity"),
            zip_code: cell("userZipCode"),
            ..UserContact::default()
        },
        ..UserDraft::default()
    };
    CreateDataBox {
        holder: HolderData {
            box_id: None,
            box_type: cell("dbType"),
            ic: cell("ic"),
            given_names: cell("pnGivenNames"),
            last_name: cell("pnLastName"),
            firm_name: cell("firmName"),
            birth_date: day("biDate"),
            birth_city: cell("biCity"),
            birth_county: cell("biCounty"),
            birth_state: cell("biState"),
            address: Address {
                code: None,
                city: cell("adCity"),
                district: cell("adDistrict"),
                street: cell("adStreet"),
                number_in_street: cell("adNumberInStreet"),
                number_in_municipality: cell("adNumberInMunicipality"),
                zip_code: cell("adZipCode"),
                state: cell("adState"),
            },
            nationality: cell("nationality"),
            ovm_id: cell("dbIdOVM"),
            upper_id: cell("dbUpperID"),
        },
        postal: cell("PDZ"),
        users: if has_user { vec![user] } else { Vec::new() },
        approval: Approval::default(),
    }
}

/// Tables write days as Czechs do, `1. 2. 1980`.
fn iso_day(text: &str) -> Option<String> {
    let mut parts = text.split('.').map(str::trim);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let (day, month): (u8, u8) = (day.parse().ok()?, month.parse().ok()?);
    let year: u16 = year.parse().ok()?;
    parts.next().is_none().then(|| format!("{year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_any_delimiter() {
        for (file, lines) in [
            ("dbType;firmName\nOVM;Obec Vzorná\n\nPO;\"Vzor; a syn\"\n", vec![2, 4]),
            ("\u{FEFF}dbType,firmName\r\nOVM,Obec Vzorná\r\n", vec![2]),
            ("dbType\tfirmName\nOVM\tObec Vzorná\n;;\n", vec![2, 3]),
        ] {
            let rows = read(file.as_bytes()).unwrap();
            assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), lines, "{file}");
            assert_eq!(rows[0].cells["firmName"], "Obec Vzorná");
        }
        let rows = read("dbType;firmName\nOVM;Obec\n;\n".as_bytes()).unwrap();
        assert_eq!(rows.len(), 1, "a line without anything is none");
    }

    #[test]
    fn what_is_no_table() {
        for (file, text) in [
            (b"\xff\xfe".to_vec(), "UTF-8"),
            (b"firmName\nVzor\n".to_vec(), "dbType"),
            (b"dbType;heslo\nOVM;x\n".to_vec(), "heslo"),
            (b"dbType;dbtype\nOVM;x\n".to_vec(), "dvakrát"),
            (b"dbType\n".to_vec(), "žádný řádek"),
            ("dbType\nOVM;navíc\n".as_bytes().to_vec(), "více buněk"),
            (format!("dbType\n{}\n", "x".repeat(301)).into_bytes(), "300"),
            (format!("dbType\n{}", "FO\n".repeat(5_001)).into_bytes(), "5000"),
            (vec![b'x'; MAX_IMPORT_BYTES + 1], "MB"),
        ] {
            let refusal = read(&file).unwrap_err().text();
            assert!(refusal.contains(text), "{refusal}");
        }
    }

    #[test]
    fn days_as_czechs_write_them() {
        assert_eq!(iso_day("1. 2. 1980").as_deref(), Some("1980-02-01"));
        assert_eq!(iso_day("31.12.1999").as_deref(), Some("1999-12-31"));
        assert_eq!(iso_day("1980-02-01"), None);
        assert_eq!(iso_day("1.2.1980.5"), None);
    }

    #[test]
    fn a_row_without_a_user_asks_for_none() {
        let cells = BTreeMap::from([("dbType".to_owned(), "FO".to_owned())]);
        assert!(input(&cells).users.is_empty());
        let cells = BTreeMap::from([("userLastName".to_owned(), "Vzorová".to_owned())]);
        assert_eq!(input(&cells).users[0].last_name.as_deref(), Some("Vzorová"));
    }
}
