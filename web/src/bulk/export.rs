//! Results as a table for other programs.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use isds_core::BulkError;
use isds_core::bulk::{BulkJob, BulkRow, harmless_cell};
use isds_core::principal::Principal;
use isds_core::time::Timestamp;

use super::Named;
use super::shown::{phase_key, row_key};
use crate::Site;
use crate::page::{InBox, PageError};
use crate::words::Words;

/// Rows read at once.
const PAGE: u64 = 500;

/// Reads the rows of a job page by page.
pub(super) struct Rows {
    site: Arc<Site>,
    caller: Principal,
    pub job: BulkJob,
    states: i64,
    after: i64,
    page: VecDeque<BulkRow>,
}

impl Rows {
    pub fn of(in_box: &InBox, job: BulkJob, states: i64) -> Self {
        Self {
            site: Arc::clone(&in_box.site),
            caller: in_box.principal.clone(),
            job,
            states,
            after: 0,
            page: VecDeque::new(),
        }
    }

    /// Begins anew, with rows in these states.
    pub fn again(&mut self, states: i64) {
        self.states = states;
        self.after = 0;
        self.page.clear();
    }

    pub async fn next(&mut self) -> Result<Option<BulkRow>, BulkError> {
        if self.page.is_empty() {
            let isds = &self.site.isds;
            let rows = isds.bulk_rows(&self.caller, self.job.id, self.states, self.after, PAGE);
            self.page = rows.await?.into();
            if let Some(last) = self.page.back() {
                self.after = last.number;
            }
        }
        Ok(self.page.pop_front())
    }
}

/// The mark by which programs for tables know UTF-8, and the names of the columns.
pub(super) fn header(words: Words, job: &BulkJob) -> Vec<u8> {
    let own = [
        "bulk-csv-row",
        "bulk-csv-box",
        "bulk-csv-name",
        "bulk-csv-address",
        "bulk-csv-result",
        "bulk-csv-message",
        "bulk-csv-code",
        "bulk-csv-reason",
        "bulk-csv-state",
        "bulk-csv-delivered-in",
        "bulk-csv-accepted",
    ];
    let own = own.iter().map(|key| words.text(key).into_owned());
    let mut line = "\u{FEFF}".as_bytes().to_vec();
    line.extend(csv_line(own.chain(job.columns.iter().cloned())));
    line
}

/// The line of a row: what became of it, then what the table said.
pub(super) fn line(words: Words, row: &BulkRow) -> Vec<u8> {
    let (recipient, reason, message) = (row.recipient.as_ref(), row.reason.as_ref(), row.message.as_ref());
    let time = |time: Option<Timestamp>| time.map_or_else(String::new, exact);
    let own = [
        row.number.to_string(),
        recipient.map_or_else(String::new, |r| r.id.to_string()),
        recipient.map_or_else(String::new, |r| r.name.clone()),
        recipient.map_or_else(String::new, |r| r.address.clone()),
        words.text(row_key(row.state)).into_owned(),
        message.map_or_else(String::new, |m| m.id.to_string()),
        reason.map_or_else(String::new, |r| r.code.clone()),
        reason.map_or_else(String::new, |r| r.text.clone()),
        message.map_or_else(String::new, |m| words.text(phase_key(m.phase)).into_owned()),
        time(message.and_then(|m| m.delivered_in)),
        time(message.and_then(|m| m.accepted)),
    ];
    csv_line(own.into_iter().chain(row.cells.iter().cloned()))
}

/// Date and time in Prague, in the form that all programs read.
pub(super) fn exact(at: Timestamp) -> String {
    crate::page::times::machine(at)
}

/// Semicolons, as programs for tables expect them here; every cell in quotation marks, and none of them a formula.
fn csv_line(cells: impl Iterator<Item = String>) -> Vec<u8> {
    let mut line = String::new();
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            line.push(';');
        }
        line.push('"');
        line.push_str(&harmless_cell(&cell).replace('"', "\"\""));
        line.push('"');
    }
    line.push_str("\r\n");
    line.into_bytes()
}

pub(super) async fn results(in_box: InBox, Path(named): Path<Named>) -> Result<Response, PageError> {
    let job = in_box.site.isds.bulk_job(&in_box.principal, named.job()?).await?;
    let words = in_box.page().words;
    let name = format!("attachment; filename=\"vysledky-{}.csv\"", job.id.0);
    let first = Bytes::from(header(words, &job));
    let rows = Rows::of(&in_box, job, i64::MAX);
    let lines = stream::try_unfold((Some(first), rows), move |(first, mut rows)| async move {
        if let Some(first) = first {
            return Ok::<_, BulkError>(Some((first, (None, rows))));
        }
        let mut bytes = Vec::new();
        while bytes.len() < 32 * 1024 {
            match rows.next().await? {
                Some(row) => bytes.extend(line(words, &row)),
                None => break,
            }
        }
        Ok((!bytes.is_empty()).then(|| (Bytes::from(bytes), (None, rows))))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_hold_no_formula_and_no_loose_quotation() {
        let cells = ["=cmd|' /C calc'!A0", "a\"b;c", "@x", ""].map(str::to_owned);
        let line = String::from_utf8(csv_line(cells.into_iter())).unwrap();
        assert_eq!(line, "\"'=cmd|' /C calc'!A0\";\"a\"\"b;c\";\"'@x\";\"\"\r\n");
    }
}
