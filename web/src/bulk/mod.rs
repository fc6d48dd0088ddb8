//! The bulk console: a table of recipients, a message with merge fields, a check, a dry run, sending that can be left
//! and found again, and the evidence of it all.

mod actions;
mod archive;
mod columns;
mod events;
mod evidence;
mod export;
mod files;
mod incoming;
mod job;
mod list;
mod message;
mod rows;
mod shown;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::Response;
use axum::routing::{get, post};
use isds_core::BulkError;
use isds_core::bulk::BulkJobId;

use crate::Site;
use crate::page::{InBox, Notice, PageError};

pub(crate) fn router() -> Router<Arc<Site>> {
    Router::new()
        .route(
            "/b/{box}/bulk",
            // The table is counted as it comes in.
            get(list::show).post(list::create).layer(DefaultBodyLimit::disable()),
        )
        .route("/b/{box}/bulk/{job}", get(job::show))
        .route("/b/{box}/bulk/{job}/columns", get(columns::show).post(columns::save))
        .route("/b/{box}/bulk/{job}/message", get(message::show).post(message::save))
        .route(
            "/b/{box}/bulk/{job}/files",
            get(files::show).post(files::add).layer(DefaultBodyLimit::disable()),
        )
        .route("/b/{box}/bulk/{job}/files/{upload}/remove", post(files::remove))
        .route("/b/{box}/bulk/{job}/rows", get(rows::list))
        .route("/b/{box}/bulk/{job}/rows/{row}", get(rows::one))
        .route("/b/{box}/bulk/{job}/action", post(actions::act))
        .route("/b/{box}/bulk/{job}/events", get(events::stream))
        .route("/b/{box}/bulk/{job}/results.csv", get(export::results))
        .route("/b/{box}/bulk/{job}/evidence.zip", get(evidence::archive))
}

/// What the address names.
#[derive(serde::Deserialize)]
pub(crate) struct Named {
    job: String,
    #[serde(default)]
    row: String,
    #[serde(default)]
    upload: String,
}

impl Named {
    fn job(&self) -> Result<BulkJobId, PageError> {
        number(&self.job).map(BulkJobId)
    }
}

fn number(text: &str) -> Result<i64, PageError> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|_| is_number);
    number.ok_or(PageError::NoSuchPage)
}

/// Address of a job's page, or of what is below it.
fn address(in_box: &InBox, job: BulkJobId, below: &str) -> String {
    format!("/b/{}/bulk/{}{below}", in_box.data_box.id, job.0)
}

impl From<BulkError> for PageError {
    /// Where a page has nothing better to say.
    fn from(error: BulkError) -> Self {
        match error {
            BulkError::NoJob => Self::NoSuchPage,
            BulkError::Failure(failure) => failure.into(),
            other => Self::Conflict(failed(&other)),
        }
    }
}

/// What an error is called, where it is one that somebody else's doing or haste explains.
fn failed(error: &BulkError) -> &'static str {
    match error {
        BulkError::Changed => "bulk-changed",
        BulkError::State => "bulk-wrong-state",
        BulkError::TooManyJobs(_) => "bulk-too-many-jobs",
        BulkError::NothingToSend => "bulk-nothing-to-send",
        BulkError::File => "bulk-file-not-added",
        BulkError::Settings(_) => "bulk-settings-missing",
        BulkError::Table(_) => "bulk-table-wrong",
        BulkError::NoJob | BulkError::Failure(_) => "bulk-not-done",
    }
}

/// Back to a page of the job that says what was not done; errors that no page of the job explains go on.
fn back(in_box: &InBox, to: &str, error: BulkError) -> Result<Response, PageError> {
    match error {
        BulkError::NoJob | BulkError::Failure(_) => Err(error.into()),
        other => Ok(in_box.page().redirect(to, Notice::failed(failed(&other)))),
    }
}
