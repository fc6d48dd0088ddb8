//! Reading a table of recipients: CSV as programs for tables write it here.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::ids::BoxId;
use crate::text::{clean, fold_case};

/// Most bytes of a table.
pub const MAX_TABLE_BYTES: usize = 16 * 1024 * 1024;
/// Most rows.
pub const MAX_ROWS: usize = 10_000;
/// Most columns.
pub const MAX_COLUMNS: usize = 60;
/// Longest cell, in characters.
pub const MAX_CELL: usize = 4_000;
/// Longest name of a column, in characters.
const MAX_HEADER: usize = 100;
/// How much of a name an error repeats, in characters.
const MAX_ECHO: usize = 40;

/// Between cells there is one of these; the one that stands most often in the first line.
const DELIMITERS: [u8; 3] = [b';', b',', b'\t'];

/// What the bytes from 0x80 on stand for in Windows-1250; U+FFFD where they stand for nothing.
#[rustfmt::skip]
const WINDOWS_1250: [char; 128] = [
    '€', '\u{FFFD}', '\u{201A}', '\u{FFFD}', '„', '…', '†', '‡', '\u{FFFD}', '‰', 'Š', '‹', 'Ś', 'Ť', 'Ž', 'Ź',
    '\u{FFFD}', '\u{2018}', '\u{2019}', '“', '”', '•', '–', '—', '\u{FFFD}', '™', 'š', '›', 'ś', 'ť', 'ž', 'ź',
    '\u{A0}', 'ˇ', '˘', 'Ł', '¤', 'Ą', '¦', '§', '¨', '©', 'Ş', '«', '¬', '\u{AD}', '®', 'Ż',
    '°', '±', '˛', 'ł', '´', 'µ', '¶', '·', '¸', 'ą', 'ş', '»', 'Ľ', '˝', 'ľ', 'ż',
    'Ŕ', 'Á', 'Â', 'Ă', 'Ä', 'Ĺ', 'Ć', 'Ç', 'Č', 'É', 'Ę', 'Ë', 'Ě', 'Í', 'Î', 'Ď',
    'Đ', 'Ń', 'Ň', 'Ó', 'Ô', 'Ő', 'Ö', '×', 'Ř', 'Ů', 'Ú', 'Ű', 'Ü', 'Ý', 'Ţ', 'ß',
    'ŕ', 'á', 'â', 'ă', 'ä', 'ĺ', 'ć', 'ç', 'č', 'é', 'ę', 'ë', 'ě', 'í', 'î', 'ď',
    'đ', 'ń', 'ň', 'ó', 'ô', 'ő', 'ö', '÷', 'ř', 'ů', 'ú', 'ű', 'ü', 'ý', 'ţ', '˙',
];

/// A table: the names of its columns, and rows of as many cells each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Names of the columns, each once.
    pub columns: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}

/// Why a table cannot be used. Rows are counted from 1 below the header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// No byte.
    #[error("the file is empty")]
    Empty,
    /// More bytes than are read.
    #[error("the file is too large")]
    TooLarge,
    /// UTF-16, or a byte that is no character in UTF-8 nor in Windows-1250.
    #[error("the file is neither in UTF-8 nor in Windows-1250")]
    Encoding,
    /// A zero byte, on this line of the file.
    #[error("a zero byte on line {0}")]
    Zero(usize),
    /// The first line is no header: an empty name, or one that looks like data.
    #[error("the first line holds no names of columns")]
    NoHeader,
    /// A name of a column is too long.
    #[error("a name of a column is too long")]
    LongName(String),
    /// Two columns are called the same.
    #[error("two columns have the same name")]
    SameName(String),
    /// Too many columns.
    #[error("too many columns")]
    TooManyColumns(usize),
    /// Nothing below the header.
    #[error("no rows")]
    NoRows,
    /// Too many rows.
    #[error("too many rows")]
    TooManyRows,
    /// A row has more or fewer cells than the header.
    #[error("row {row} has {found} cells instead of {expected}")]
    Ragged {
        /// The row.
        row: usize,
        /// Cells of the header.
        expected: usize,
        /// Cells of the row.
        found: usize,
    },
    /// A cell is too long.
    #[error("a cell of row {row} is too long")]
    LongCell {
        /// The row.
        row: usize,
        /// The column.
        column: String,
    },
    /// A quotation that does not end, or the like.
    #[error("the file is no CSV")]
    Malformed,
}

impl Table {
    /// Reads a table: UTF-8 with or without a mark, or Windows-1250; cells between semicolons, commas or tabulators.
    /// Lines without any content are passed over.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn read(bytes: &[u8]) -> Result<Self, TableError> {
        if bytes.len() > MAX_TABLE_BYTES {
            return Err(TableError::TooLarge);
        }
        let text = decode(bytes)?;
        if text.trim().is_empty() {
            return Err(TableError::Empty);
        }
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter(&text))
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut records = reader.records();
        let header = match records.next() {
            Some(header) => header.map_err(|_| TableError::Malformed)?,
            None => return Err(TableError::Empty),
        };
        let columns = columns(&header)?;
        let mut rows = Vec::new();
        for record in records {
            let record = record.map_err(|_| TableError::Malformed)?;
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if rows.len() == MAX_ROWS {
                return Err(TableError::TooManyRows);
            }
            rows.push(row(&record, &columns, rows.len() + 1)?);
        }
        if rows.is_empty() {
            return Err(TableError::NoRows);
        }
        Ok(Self { columns, rows })
    }
}

fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, TableError> {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(TableError::Encoding);
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        return Err(TableError::Zero(line));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.into());
    }
    let text: String = bytes
        .iter()
        .map(|byte| match byte.checked_sub(0x80) {
            Some(high) => WINDOWS_1250[usize::from(high)],
            None => char::from(*byte),
        })
        .collect();
    if text.contains('\u{FFFD}') {
        return Err(TableError::Encoding);
    }
    Ok(text.into())
}

/// What stands most often in the first line, outside of quotation marks.
fn delimiter(text: &str) -> u8 {
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut quoted = false;
    for byte in text.trim_start().bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if !quoted => {
                if let Some(at) = DELIMITERS.iter().position(|d| *d == byte) {
                    counts[at] += 1;
                }
            }
            _ => {}
        }
    }
    // Of equals the first: a semicolon is what a Czech Excel writes.
    let best = (0..counts.len()).rev().max_by_key(|at| counts[*at]).unwrap_or(0);
    DELIMITERS[best]
}

fn columns(header: &csv::StringRecord) -> Result<Vec<String>, TableError> {
    if header.len() > MAX_COLUMNS {
        return Err(TableError::TooManyColumns(MAX_COLUMNS));
    }
    let mut names = Vec::with_capacity(header.len());
    let mut seen = HashSet::new();
    for cell in header {
        let name = clean(cell).trim().to_owned();
        if name.is_empty() || looks_like_data(&name) || name.contains(['{', '}']) {
            return Err(TableError::NoHeader);
        }
        if name.chars().count() > MAX_HEADER {
            return Err(TableError::LongName(echo(&name)));
        }
        if !seen.insert(fold_case(&name)) {
            return Err(TableError::SameName(echo(&name)));
        }
        names.push(name);
    }
    Ok(names)
}

/// A number or a box ID: then the first line is a row already.
fn looks_like_data(name: &str) -> bool {
    name.parse::<BoxId>().is_ok() || name.chars().all(|c| c.is_ascii_digit() || " .,-/".contains(c))
}

fn row(record: &csv::StringRecord, columns: &[String], number: usize) -> Result<Vec<String>, TableError> {
    if record.len() != columns.len() {
        return Err(TableError::Ragged {
            row: number,
            expected: columns.len(),
            found: record.len(),
        });
    }
    record
        .iter()
        .zip(columns)
        .map(|(cell, column)| {
            if cell.chars().count() > MAX_CELL {
                return Err(TableError::LongCell {
                    row: number,
                    column: echo(column),
                });
            }
            Ok(lines(cell))
        })
        .collect()
}

/// A cell may have several lines, which merge into a letter; all else is cleaned as any text is.
fn lines(cell: &str) -> String {
    let lines: Vec<Cow<'_, str>> = cell.trim().lines().map(clean).collect();
    lines.join("\n")
}

fn echo(text: &str) -> String {
    crate::text::truncate(text, MAX_ECHO).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Table, TableError> {
        Table::read(text.as_bytes())
    }

    fn cells(table: &Table) -> Vec<Vec<&str>> {
        table
            .rows
            .iter()
            .map(|row| row.iter().map(String::as_str).collect())
            .collect()
    }

    #[test]
    fn the_three_delimiters() {
        for text in [
            "Schránka;Jméno\nnvak22s;Novák, Jan\n",
            "Schránka,Jméno\nnvak22s,\"Novák, Jan\"\n",
            "Schránka\tJméno\r\nnvak22s\tNovák, Jan\r\n",
        ] {
            let table = read(text).unwrap();
            assert_eq!(table.columns, ["Schránka", "Jméno"]);
            assert_eq!(cells(&table), [["nvak22s", "Novák, Jan"]], "{text}");
        }
        assert_eq!(read("Schránka\nnvak22s").unwrap().columns, ["Schránka"]);
        let quoted = read("\"Jméno, příjmení, titul\";Schránka\nJan;nvak22s").unwrap();
        assert_eq!(quoted.columns, ["Jméno, příjmení, titul", "Schránka"]);
    }

    #[test]
    fn the_encodings() {
        let expected = [["žluťoučký kůň"]];
        let utf8 = "Kůň\nžluťoučký kůň\n";
        assert_eq!(cells(&Table::read(utf8.as_bytes()).unwrap()), expected);
        let marked = [b"\xEF\xBB\xBF", utf8.as_bytes()].concat();
        let table = Table::read(&marked).unwrap();
        assert_eq!(
            (table.columns[0].as_str(), cells(&table)),
            ("Kůň", expected.to_vec().iter().map(|r| r.to_vec()).collect())
        );
        let windows = b"K\xF9\xF2\n\x9Elu\x9Dou\xE8k\xFD k\xF9\xF2\n";
        assert_eq!(cells(&Table::read(windows).unwrap()), expected);
        assert_eq!(Table::read(b"A\nx\x81y\xFF"), Err(TableError::Encoding));
        let utf16: Vec<u8> = utf8.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(Table::read(&utf16), Err(TableError::Zero(1)));
        let marked = [b"\xFF\xFE", utf16.as_slice()].concat();
        assert_eq!(Table::read(&marked), Err(TableError::Encoding));
    }

    #[test]
    fn what_is_no_table() {
        assert_eq!(read(""), Err(TableError::Empty));
        assert_eq!(read("\r\n \n"), Err(TableError::Empty));
        assert_eq!(read("A;B\n"), Err(TableError::NoRows));
        assert_eq!(read("A;B\n;\n ; \n"), Err(TableError::NoRows));
        assert_eq!(read("A;B\n1;\0\n"), Err(TableError::Zero(2)));
        for no_header in [
            "nvak22s;Novák\nmaria2f;Marie",
            "A;;C\n1;2;3",
            "12345678;B\n1;2",
            "A;{{B}}\n1;2",
        ] {
            assert_eq!(read(no_header), Err(TableError::NoHeader), "{no_header}");
        }
        assert_eq!(read("Jméno;JMÉNO\na;b"), Err(TableError::SameName("JMÉNO".into())));
        assert_eq!(
            read("A;B\n1;2\n1;2;3"),
            Err(TableError::Ragged {
                row: 2,
                expected: 2,
                found: 3
            })
        );
        let wide = vec!["x"; MAX_COLUMNS + 1].join(";");
        assert_eq!(read(&wide), Err(TableError::TooManyColumns(MAX_COLUMNS)));
        let long = format!("A;B\nx;{}", "y".repeat(MAX_CELL + 1));
        assert_eq!(
            read(&long),
            Err(TableError::LongCell {
                row: 1,
                column: "B".into()
            })
        );
        let large = vec![b'x'; MAX_TABLE_BYTES + 1];
        assert_eq!(Table::read(&large), Err(TableError::TooLarge));
    }

    #[test]
    fn ten_thousand_rows_and_not_one_more() {
        let mut text = "A\n".to_owned() + &"x\n".repeat(MAX_ROWS);
        assert_eq!(read(&text).unwrap().rows.len(), MAX_ROWS);
        text.push_str("\n\n");
        assert_eq!(read(&text).unwrap().rows.len(), MAX_ROWS, "empty lines do not count");
        text.push('x');
        assert_eq!(read(&text), Err(TableError::TooManyRows));
    }

    #[test]
    fn cells_keep_their_lines_and_nothing_invisible() {
        let table = read("A;B\n\"Dlouhá 5\r\n110 00\";x\u{200B}\u{202E}y\n").unwrap();
        assert_eq!(cells(&table), [["Dlouhá 5\n110 00", "xy"]]);
    }

    #[test]
    fn a_quotation_without_an_end_swallows_no_more_than_a_cell() {
        let text = format!("A;B\n1;\"x\n{}", "2;y\n".repeat(3000));
        assert!(matches!(read(&text), Err(TableError::LongCell { row: 1, .. })));
    }
}
