//! Which column of a bulk job's table is what, and what is sent.

use serde::{Deserialize, Serialize};

use crate::text::fold_case;

use super::letter::LetterForm;
use super::template::{Template, TemplateError};

/// Longest text of a letter, in characters.
const MAX_BODY: usize = 20_000;
/// Longest of the other texts with merge fields, in characters.
const MAX_LINE: usize = 500;
/// Numbers of acts, and the years of their collections.
const LEGAL_NUMBERS: std::ops::RangeInclusive<i64> = 1..=9999;

/// Which column says what of the recipient; by the names of columns.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BulkMapping {
    /// ID of the box. Where a row has one, nothing is looked up.
    pub box_id: Option<String>,
    /// Identification number, by which the box is looked up.
    pub ic: Option<String>,
    /// Name, by which it is looked up together with the address.
    pub name: Option<String>,
    /// Address, or its parts.
    pub address: Vec<String>,
    /// Names of files that go with the row's message, with `|` between them.
    pub files: Option<String>,
}

/// What is sent. Texts may have merge fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BulkSettings {
    /// Which column is what.
    pub mapping: BulkMapping,
    /// Subject (`dmAnnotation`).
    pub subject: String,
    /// `dmSenderRefNumber`.
    pub sender_ref_number: String,
    /// `dmSenderIdent`.
    pub sender_ident: String,
    /// `dmRecipientRefNumber`.
    pub recipient_ref_number: String,
    /// `dmRecipientIdent`.
    pub recipient_ident: String,
    /// `dmToHands`.
    pub to_hands: String,
    /// `dmLegalTitleLaw`.
    pub legal_title_law: String,
    /// `dmLegalTitleYear`.
    pub legal_title_year: String,
    /// `dmLegalTitleSect`.
    pub legal_title_sect: String,
    /// `dmLegalTitlePar`.
    pub legal_title_par: String,
    /// `dmLegalTitlePoint`.
    pub legal_title_point: String,
    /// Text of the letter.
    pub body: String,
    /// Name of its file.
    pub letter_name: String,
    /// What the letter is sent as.
    pub letter_form: LetterForm,
    /// `dmPersonalDelivery`.
    pub personal_delivery: bool,
    /// Fiction of delivery is ruled out (`dmAllowSubstDelivery` false).
    pub no_fiction: bool,
    /// The author's name is published (`dmPublishOwnID`).
    pub publish_author: bool,
    /// A row with the recipient of an earlier one is not sent.
    pub leave_out_duplicates: bool,
}

/// What is wrong with settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    /// Name of the field, as in [`BulkSettings`].
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: SettingsProblem,
}

/// What may be wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingsProblem {
    /// It is needed.
    Missing,
    /// It is too long.
    TooLong(usize),
    /// Its merge fields.
    Template(TemplateError),
    /// No column is called so.
    UnknownColumn(String),
    /// It is no number of an act, or no year.
    NoNumber,
}

/// A number of the legal title as it was filled in; none where it is empty, or where it is no such number.
pub(crate) fn legal_number(text: &str) -> Option<Option<i64>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(None);
    }
    let number = text.parse().ok().filter(|number| LEGAL_NUMBERS.contains(number));
    number.map(Some)
}

impl BulkMapping {
    /// A guess by the names of the columns.
    #[must_use]
    pub fn guess(columns: &[String]) -> Self {
        let find = |names: &[&str]| {
            let fits = |column: &&String| {
                let folded = fold_case(column);
                names.iter().any(|name| folded == *name)
            };
            columns.iter().find(fits).cloned()
        };
        let box_id = find(&[
            "schránka",
            "schranka",
            "datová schránka",
            "datova schranka",
            "id schránky",
            "id schranky",
            "id ds",
            "idds",
            "ds",
            "dbid",
            "databox",
            "data box",
            "box",
            "box id",
        ]);
        let ic = find(&["ičo", "ico", "ič", "ic", "identifikační číslo"]);
        let name = find(&[
            "název",
            "nazev",
            "jméno",
            "jmeno",
            "jméno a příjmení",
            "příjemce",
            "prijemce",
            "adresát",
            "name",
            "recipient",
        ]);
        let parts: [&[&str]; 4] = [
            &["adresa", "address"],
            &["ulice", "ulice a číslo", "street"],
            &["obec", "město", "mesto", "city", "town"],
            &["psč", "psc", "zip", "postal code"],
        ];
        Self {
            address: parts.into_iter().filter_map(find).collect(),
            files: find(&[
                "příloha",
                "přílohy",
                "priloha",
                "prilohy",
                "soubor",
                "soubory",
                "attachment",
                "file",
            ]),
            box_id,
            ic,
            name,
        }
    }

    /// What the row has in a column.
    #[must_use]
    pub fn cell<'r>(columns: &[String], cells: &'r [String], column: Option<&str>) -> &'r str {
        let at = column.and_then(|name| columns.iter().position(|c| c == name));
        at.and_then(|at| cells.get(at)).map_or("", |cell| cell.trim())
    }
}

impl BulkSettings {
    /// The texts with merge fields: name, text, most characters.
    fn texts(&self) -> [(&'static str, &str, usize); 13] {
        [
            ("subject", &self.subject, MAX_LINE),
            ("sender_ref_number", &self.sender_ref_number, MAX_LINE),
            ("sender_ident", &self.sender_ident, MAX_LINE),
            ("recipient_ref_number", &self.recipient_ref_number, MAX_LINE),
            ("recipient_ident", &self.recipient_ident, MAX_LINE),
            ("to_hands", &self.to_hands, MAX_LINE),
            ("legal_title_law", &self.legal_title_law, MAX_LINE),
            ("legal_title_year", &self.legal_title_year, MAX_LINE),
            ("legal_title_sect", &self.legal_title_sect, MAX_LINE),
            ("legal_title_par", &self.legal_title_par, MAX_LINE),
            ("legal_title_point", &self.legal_title_point, MAX_LINE),
            ("letter_name", &self.letter_name, MAX_LINE),
            ("body", &self.body, MAX_BODY),
        ]
    }

    /// Everything that is too long or names a column that is none. May be kept as a draft where this is empty.
    #[must_use]
    pub fn errors(&self, columns: &[String]) -> Vec<SettingsError> {
        let mut errors = Vec::new();
        for (field, text, most) in self.texts() {
            if text.chars().count() > most {
                let problem = SettingsProblem::TooLong(most);
                errors.push(SettingsError { field, problem });
            } else if let Err(error) = Template::read(text, columns) {
                let problem = SettingsProblem::Template(error);
                errors.push(SettingsError { field, problem });
            }
        }
        for (field, text) in [
            ("legal_title_law", &self.legal_title_law),
            ("legal_title_year", &self.legal_title_year),
        ] {
            // What a column says of it is found out row by row.
            if !text.contains("{{") && legal_number(text).is_none() && errors.iter().all(|e| e.field != field) {
                let problem = SettingsProblem::NoNumber;
                errors.push(SettingsError { field, problem });
            }
        }
        let mapping = &self.mapping;
        let mapped = [
            ("box_id", mapping.box_id.as_ref()),
            ("ic", mapping.ic.as_ref()),
            ("name", mapping.name.as_ref()),
            ("files", mapping.files.as_ref()),
        ];
        let mapped = mapped.into_iter().filter_map(|(field, column)| Some((field, column?)));
        for (field, column) in mapped.chain(mapping.address.iter().map(|column| ("address", column))) {
            if !columns.contains(column) {
                let problem = SettingsProblem::UnknownColumn(crate::text::truncate(column, 60).to_owned());
                errors.push(SettingsError { field, problem });
            }
        }
        errors
    }

    /// What is missing before addresses can be looked up.
    #[must_use]
    pub fn missing_for_check(&self) -> Vec<SettingsError> {
        let mapping = &self.mapping;
        if mapping.box_id.is_some() || mapping.ic.is_some() || mapping.name.is_some() {
            return Vec::new();
        }
        vec![SettingsError {
            field: "box_id",
            problem: SettingsProblem::Missing,
        }]
    }

    /// What is missing before messages can be made.
    #[must_use]
    pub fn missing_for_messages(&self) -> Vec<SettingsError> {
        let mut errors = self.missing_for_check();
        let needed = [
            ("subject", self.subject.trim().is_empty()),
            (
                "body",
                self.letter_form != LetterForm::None && self.body.trim().is_empty(),
            ),
        ];
        for (field, missing) in needed {
            if missing {
                let problem = SettingsProblem::Missing;
                errors.push(SettingsError { field, problem });
            }
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn columns_are_guessed_by_their_names() {
        let mapping = BulkMapping::guess(&columns(&["Datová schránka", "IČO", "Název", "Obec", "PSČ", "Dluh"]));
        assert_eq!(mapping.box_id.as_deref(), Some("Datová schránka"));
        assert_eq!(mapping.ic.as_deref(), Some("IČO"));
        assert_eq!(mapping.name.as_deref(), Some("Název"));
        assert_eq!(mapping.address, ["Obec", "PSČ"]);
        assert_eq!(mapping.files, None);
        assert_eq!(BulkMapping::guess(&columns(&["Dluh"])), BulkMapping::default());
    }

    #[test]
    fn wrong_settings_are_named() {
        let columns = columns(&["Schránka", "Dluh"]);
        let mut settings = BulkSettings {
            subject: "Výzva {{Dluhy}}".into(),
            body: "x".repeat(MAX_BODY + 1),
            ..BulkSettings::default()
        };
        settings.mapping.ic = Some("IČO".into());
        settings.legal_title_law = "zákon".into();
        settings.legal_title_year = "{{Dluh}}".into();
        let fields: Vec<_> = settings.errors(&columns).into_iter().map(|e| e.field).collect();
        assert_eq!(fields, ["subject", "body", "legal_title_law", "ic"]);
        assert_eq!(
            [" 300 ", "", "0", "10000", "3OO"].map(legal_number),
            [Some(Some(300)), Some(None), None, None, None]
        );
        let fields = |errors: Vec<SettingsError>| errors.into_iter().map(|e| e.field).collect::<Vec<_>>();
        assert_eq!(
            fields(BulkSettings::default().missing_for_messages()),
            ["box_id", "subject", "body"]
        );
        let files_alone = BulkSettings {
            subject: "Výzva".into(),
            letter_form: LetterForm::None,
            mapping: BulkMapping::guess(&columns),
            ..BulkSettings::default()
        };
        assert!(files_alone.missing_for_messages().is_empty());
    }
}
