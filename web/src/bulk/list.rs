//! Jobs of a box, and making one of a table.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Multipart, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use isds_core::BulkError;
use isds_core::bulk::{BulkJob, BulkJobId, BulkState, MAX_CELL, MAX_COLUMNS, MAX_ROWS, MAX_TABLE_BYTES, TableError};

use super::incoming::{Incoming, Part};
use super::shown::{Numbers, state_color, state_key};
use super::{address, failed};
use crate::Site;
use crate::page::{InBox, Notice, Page, PageError};

/// Jobs on a page.
const PAGE: u64 = 20;
/// How much of a file that is too large is read away: browsers take an answer only after they have sent everything.
const READ_AWAY: usize = 4 * MAX_TABLE_BYTES;

#[derive(Template)]
#[template(path = "bulk/list.html")]
struct ListPage<'a> {
    page: &'a Page,
    base: String,
    jobs: Vec<JobLine>,
    older: Option<i64>,
    name: String,
    error: String,
    most_rows: usize,
}

struct JobLine {
    job: BulkJob,
    state: &'static str,
    color: &'static str,
    progress: Option<(i64, i64)>,
}

#[derive(serde::Deserialize)]
pub(super) struct Asked {
    before: Option<i64>,
}

pub(super) async fn show(in_box: InBox, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    page(&in_box, asked.before, String::new(), String::new()).await
}

async fn page(in_box: &InBox, before: Option<i64>, name: String, error: String) -> Result<Response, PageError> {
    let isds = &in_box.site.isds;
    let caller = &in_box.principal;
    let mut jobs = isds.bulk_jobs(caller, before.map(BulkJobId), PAGE + 1).await?;
    let more = jobs.len() as u64 > PAGE;
    jobs.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let older = jobs.last().filter(|_| more).map(|job| job.id.0);
    let mut lines = Vec::with_capacity(jobs.len());
    for job in jobs {
        // Only of what is under way, which is little.
        let progress = if matches!(job.state, BulkState::Running | BulkState::Paused) {
            let numbers = Numbers::of(&isds.bulk_tally(caller, job.id).await?);
            Some(numbers.progress(&job))
        } else {
            None
        };
        lines.push(JobLine {
            state: state_key(job.state),
            color: state_color(job.state),
            progress,
            job,
        });
    }
    in_box.page().render(&ListPage {
        page: in_box.page(),
        base: format!("/b/{}/bulk", in_box.data_box.id),
        jobs: lines,
        older,
        name,
        error,
        most_rows: MAX_ROWS,
    })
}

pub(super) async fn create(
    State(site): State<Arc<Site>>,
    in_box: InBox,
    parts: Multipart,
) -> Result<Response, PageError> {
    // Whoever may not send need not send the table either.
    site.isds.bulk_jobs(&in_box.principal, None, 1).await?;
    let (mut name, mut file_name, mut table) = (String::new(), String::new(), None);
    let mut form = Incoming::new(parts);
    while let Some(part) = form.next(&in_box).await? {
        match part {
            Part::Text(field, value) if field == "name" => name = value,
            Part::Text(..) => {}
            Part::File(of, mut field) => {
                let mut bytes = Vec::new();
                let mut seen = 0;
                while let Some(more) = field.chunk().await.map_err(|_| PageError::WrongForm)? {
                    seen += more.len();
                    if seen > READ_AWAY {
                        return Err(PageError::TooLarge);
                    }
                    // One byte more than a table may have tells that it is too large.
                    let room = (MAX_TABLE_BYTES + 1).saturating_sub(bytes.len());
                    bytes.extend_from_slice(&more[..more.len().min(room)]);
                }
                if !of.is_empty() {
                    (file_name, table) = (of, Some(bytes));
                }
            }
        }
    }
    let error = match &table {
        None => in_box.page().t("bulk-table-missing").into_owned(),
        Some(table) => {
            let called = if name.trim().is_empty() { &file_name } else { &name };
            match site.isds.create_bulk_job(&in_box.principal, called, table).await {
                Ok(id) => {
                    let to = address(&in_box, id, "/columns");
                    return Ok(in_box.page().redirect(&to, Notice::done("bulk-created")));
                }
                Err(BulkError::Table(error)) => table_error(in_box.page(), &error),
                Err(error @ BulkError::TooManyJobs(_)) => in_box.page().t(failed(&error)).into_owned(),
                Err(error) => return Err(error.into()),
            }
        }
    };
    let mut answer = page(&in_box, None, name, error).await?;
    *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(answer)
}

/// What is wrong with a table, in words.
fn table_error(page: &Page, error: &TableError) -> String {
    let text = match error {
        TableError::Empty => page.t("bulk-table-empty"),
        TableError::TooLarge => page.tn("bulk-table-large", &(MAX_TABLE_BYTES / 1024 / 1024)),
        TableError::Encoding => page.t("bulk-table-encoding"),
        TableError::Zero(line) => page.tn("bulk-table-zero", line),
        TableError::NoHeader => page.t("bulk-table-no-header"),
        TableError::LongName(name) => page.tv("bulk-table-long-name", "name", name),
        TableError::SameName(name) => page.tv("bulk-table-same-name", "name", name),
        TableError::TooManyColumns(_) => page.tn("bulk-table-columns", &MAX_COLUMNS),
        TableError::NoRows => page.t("bulk-table-no-rows"),
        TableError::TooManyRows => page.tn("bulk-table-rows", &MAX_ROWS),
        TableError::Ragged { row, expected, found } => page.tvs(
            "bulk-table-ragged",
            &[("row", row), ("expected", expected), ("found", found)],
        ),
        TableError::LongCell { row, column } => page.tvs(
            "bulk-table-long-cell",
            &[("row", row), ("column", column), ("most", &MAX_CELL)],
        ),
        TableError::Malformed => page.t("bulk-table-malformed"),
    };
    text.into_owned()
}
