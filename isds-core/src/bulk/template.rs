//! Texts with merge fields: `{{Column}}` stands for what a row has in the column.

use crate::text::{fold_case, truncate};

/// How much of a wrong field an error repeats, in characters.
const MAX_ECHO: usize = 60;

/// Why a text with merge fields cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// No column is called so.
    #[error("no column is called so")]
    UnknownField(String),
    /// `{{` without `}}`.
    #[error("a merge field does not end")]
    Unclosed(String),
}

/// A text with merge fields, ready to be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// The number of a column.
    Column(usize),
}

/// A text that was filled in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Merged {
    /// The text.
    pub text: String,
    /// One of its fields was empty.
    pub gap: bool,
}

impl Template {
    /// Reads a text whose fields are to be `columns`; capital letters and spaces around a name do not matter.
    ///
    /// # Errors
    /// The first [`TemplateError`].
    pub fn read(text: &str, columns: &[String]) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, later)) = after.split_once("}}") else {
                return Err(TemplateError::Unclosed(truncate(after, MAX_ECHO).to_owned()));
            };
            let wanted = fold_case(name.trim());
            let column = columns.iter().position(|column| fold_case(column) == wanted);
            let column =
                column.ok_or_else(|| TemplateError::UnknownField(truncate(name.trim(), MAX_ECHO).to_owned()))?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Column(column));
            rest = later;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self { pieces })
    }

    /// The text for a row. What a cell says is never read for fields again.
    #[must_use]
    pub fn merge(&self, cells: &[String]) -> Merged {
        let mut merged = Merged::default();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => merged.text.push_str(text),
                Piece::Column(column) => {
                    let cell = cells.get(*column).map_or("", String::as_str);
                    merged.gap |= cell.trim().is_empty();
                    merged.text.push_str(cell);
                }
            }
        }
        merged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<String> {
        ["Jméno", "Číslo jednací", "Dluh"].map(str::to_owned).to_vec()
    }

    fn merge(text: &str, cells: [&str; 3]) -> Merged {
        let cells = cells.map(str::to_owned);
        Template::read(text, &columns()).unwrap().merge(&cells)
    }

    #[test]
    fn fields_are_filled_in() {
        let merged = merge("Vážený {{Jméno}}, dlužíte {{ dluh }} Kč.", ["Jan", "", "5"]);
        assert_eq!(merged.text, "Vážený Jan, dlužíte 5 Kč.");
        assert!(!merged.gap);
        assert!(merge("{{ČÍSLO JEDNACÍ}}", ["Jan", " ", "5"]).gap);
        assert_eq!(merge("bez polí } {", ["", "", ""]).text, "bez polí } {");
    }

    #[test]
    fn a_cell_is_no_template() {
        assert_eq!(merge("{{Jméno}}", ["{{Dluh}}", "", "5"]).text, "{{Dluh}}");
    }

    #[test]
    fn what_cannot_be_filled_in_is_found_before() {
        let read = |text: &str| Template::read(text, &columns()).unwrap_err();
        assert_eq!(read("a {{Příjmení}}"), TemplateError::UnknownField("Příjmení".into()));
        assert_eq!(read("a {{}}"), TemplateError::UnknownField(String::new()));
        assert_eq!(read("a {{Jméno} b"), TemplateError::Unclosed("Jméno} b".into()));
        let long = format!("{{{{{}}}}}", "x".repeat(5000));
        assert_eq!(read(&long), TemplateError::UnknownField("x".repeat(60)));
    }
}
