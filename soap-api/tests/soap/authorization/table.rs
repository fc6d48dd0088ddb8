//! The table itself: written, and compared with the recorded one.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use isds_core::operation::{Need, Operation};
use isds_core::status::Status;

use super::callers::CALLERS;
use crate::common::contract::{need, service};

/// An operation, or one of several ways to call it.
pub struct Row {
    pub operation: Operation,
    pub about: &'static str,
    /// In the order of the callers.
    pub cells: Vec<String>,
}

/// All rows so far.
#[derive(Default)]
pub struct Table(Vec<Row>);

const INTRODUCTION: &str = "\
# Who may call what

Status codes by operation and caller. Each call would be answered 0000 (0001 where it is carried out later) if nothing
but the caller's right counted, except where its row says so. `HTTP …` stands where the sign-in does not let the call
begin.

Made by `soap-api/tests/soap/authorization.rs`; `UPDATE_GOLDEN=1` writes it anew. Read the difference before you commit it.

| column | caller |
|---|---|
";

impl Table {
    pub fn add(&mut self, row: Row) {
        self.0.push(row);
    }

    /// The recorded table is this one.
    pub fn compare(mut self) {
        for operation in Operation::ALL {
            self.shows_a_right(*operation);
        }
        // As the table of operations has them, whatever the order of the calls was.
        self.0
            .sort_by_key(|row| Operation::ALL.iter().position(|operation| *operation == row.operation));
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/authorization/table.md");
        let text = self.text();
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
            return;
        }
        let recorded = std::fs::read_to_string(path).unwrap_or_default();
        let line = |line: &str| !recorded.lines().any(|known| known == line);
        let new: Vec<&str> = text.lines().filter(|text| line(text)).collect();
        assert!(
            recorded == text,
            "these lines of the table of rights are not as recorded:\n{}",
            new.join("\n")
        );
    }

    /// Whether the calls are ones that count: somebody's is carried out, and where a right is needed somebody's is not.
    fn shows_a_right(&self, operation: Operation) {
        let rows = self.0.iter().filter(|row| row.operation == operation);
        let cells: Vec<&str> = rows.flat_map(|row| &row.cells).map(String::as_str).collect();
        let (name, done) = (operation.name(), cells.iter().any(|cell| cell.starts_with("00")));
        // This one ended, for everybody.
        assert!(
            done || operation == Operation::GetDataBoxUsers,
            "no call of {name} was carried out"
        );
        let refused = cells.contains(&operation.refusal().code());
        assert!(
            refused || operation.privilege() == Need::Nothing,
            "no call of {name} was refused"
        );
    }

    fn text(&self) -> String {
        let mut text = INTRODUCTION.to_owned();
        for caller in CALLERS {
            writeln!(text, "| {} | {} |", caller.heading, caller.about).unwrap();
        }
        let mut endpoint = None;
        for row in &self.0 {
            if endpoint != Some(row.operation.endpoint()) {
                endpoint = Some(row.operation.endpoint());
                heading(&mut text, service(row.operation.endpoint()));
            }
            let name = match row.about {
                "" => row.operation.name().to_owned(),
                about => format!("{}, {about}", row.operation.name()),
            };
            write!(text, "| {name:52} | {:23} |", need(row.operation)).unwrap();
            for (cell, caller) in row.cells.iter().zip(CALLERS) {
                write!(text, " {cell:width$} |", width = caller.heading.len().max(4)).unwrap();
            }
            text.push('\n');
        }
        text.push_str("\n## Codes\n\n| code | text |\n|---|---|\n");
        let codes: BTreeSet<&str> = self.0.iter().flat_map(|row| &row.cells).map(String::as_str).collect();
        for status in Status::ALL.iter().filter(|status| codes.contains(status.code())) {
            writeln!(text, "| {} | {} |", status.code(), status.text()).unwrap();
        }
        text
    }
}

fn heading(text: &mut String, service: &str) {
    write!(text, "\n## /DS/{service}\n\n| {:52} | {:23} |", "operation", "needs").unwrap();
    for caller in CALLERS {
        write!(text, " {:4} |", caller.heading).unwrap();
    }
    write!(text, "\n|{:-<54}|{:-<25}|", "", "").unwrap();
    for caller in CALLERS {
        write!(text, "{:-<width$}|", "", width = caller.heading.len().max(4) + 2).unwrap();
    }
    text.push('\n');
}
