//! Files that go with the messages: with all of them, or with those whose rows name them.

use askama::Template;
use axum::extract::{Multipart, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use futures::Stream;
use isds_core::attachment::format_of;
use isds_core::bulk::{BulkAction, BulkFile, BulkJobId, MAX_COMMON_FILES};
use isds_core::ports::UploadId;
use isds_core::{BulkError, Failure};

use super::archive::{MOST_BYTES, unpack};
use super::incoming::{Incoming, Part};
use super::{Named, address, back, failed, number};
use crate::amounts::size;
use crate::page::{InBox, Notice, Page, PageError, Posted};
use crate::received::{FileError, pour};

/// Files of the rows on a page.
const PAGE: u64 = 100;

#[derive(Template)]
#[template(path = "bulk/files.html")]
struct FilesPage<'a> {
    page: &'a Page,
    base: String,
    common: Vec<FileLine>,
    for_rows: Vec<FileLine>,
    count: u64,
    next: Option<String>,
    refused: Refused,
    largest_archive: String,
    editable: bool,
    most: u64,
    column: Option<&'a str>,
}

struct FileLine {
    upload: i64,
    name: String,
    size: String,
}

#[derive(serde::Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    after: String,
}

pub(super) async fn show(
    in_box: InBox,
    Path(named): Path<Named>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    page(&in_box, named.job()?, &asked.after, Refused::default()).await
}

/// Files that were not taken, and how many were beside them.
#[derive(Default)]
struct Refused {
    added: u32,
    errors: Vec<FileError>,
    /// How many more were not taken.
    untold: u32,
}

async fn page(in_box: &InBox, id: BulkJobId, after: &str, refused: Refused) -> Result<Response, PageError> {
    let (isds, caller) = (&in_box.site.isds, &in_box.principal);
    let job = isds.bulk_job(caller, id).await?;
    let common = isds.common_bulk_files(caller, id).await?;
    let (count, mut rows) = isds.row_bulk_files(caller, id, after, PAGE + 1).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let language = in_box.page().language();
    let next = rows.last().filter(|_| more);
    let next = next.map(|file| crate::page::error::form_encoded(&file.name));
    let line = |file: BulkFile| FileLine {
        upload: file.upload.0,
        name: file.name,
        size: size(file.length, language),
    };
    in_box.page().render(&FilesPage {
        page: in_box.page(),
        base: address(in_box, id, ""),
        common: common.into_iter().map(line).collect(),
        for_rows: rows.into_iter().map(line).collect(),
        count,
        next,
        refused,
        largest_archive: size(MOST_BYTES, language),
        editable: job.state.after(BulkAction::Edit).is_some(),
        most: MAX_COMMON_FILES,
        column: job.settings.mapping.files.as_deref(),
    })
}

/// Where files of a form go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    All,
    Rows,
    /// To the rows, out of an archive.
    Archive,
}

pub(super) async fn add(in_box: InBox, Path(named): Path<Named>, parts: Multipart) -> Result<Response, PageError> {
    let id = named.job()?;
    in_box.site.isds.bulk_job(&in_box.principal, id).await?;
    let job = Job { in_box: &in_box, id };
    let (mut to, mut added, mut errors, mut untold) = (For::All, 0_u32, Vec::new(), 0_u32);
    let mut form = Incoming::new(parts);
    while let Some(part) = form.next(&in_box).await? {
        match part {
            Part::Text(field, value) if field == "for" => {
                to = match value.as_str() {
                    "rows" => For::Rows,
                    "archive" => For::Archive,
                    _ => For::All,
                };
            }
            Part::Text(..) => {}
            Part::File(name, _) if name.is_empty() => {}
            Part::File(name, field) if to == For::Archive => {
                let unpacked = unpack(&job, &name, *field).await?;
                added += unpacked.added;
                untold += unpacked.untold;
                errors.extend(unpacked.errors);
            }
            Part::File(name, field) => match take(&job, &name, *field, to == For::All).await? {
                None => added += 1,
                Some(error) => errors.push(error),
            },
        }
    }
    if errors.is_empty() {
        let notice = match added {
            0 => Notice::failed("bulk-file-none"),
            _ => Notice::done("bulk-file-added"),
        };
        return Ok(in_box.page().redirect(&address(&in_box, id, "/files"), notice));
    }
    let refused = Refused { added, errors, untold };
    let mut answer = page(&in_box, id, "", refused).await?;
    *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(answer)
}

/// A job that files come for.
pub(super) struct Job<'a> {
    pub in_box: &'a InBox,
    pub id: BulkJobId,
}

/// Streams a file into an upload and makes it the job's; answers why it was not taken.
pub(super) async fn take<E>(
    job: &Job<'_>,
    name: &str,
    content: impl Stream<Item = Result<Bytes, E>>,
    common: bool,
) -> Result<Option<FileError>, PageError> {
    let (isds, caller) = (&job.in_box.site.isds, &job.in_box.principal);
    let mime = format_of(name).and_then(|format| format.mime_types.first());
    let mime = mime.copied().unwrap_or("application/octet-stream").to_owned();
    let most = isds.limits.large_message_bytes.saturating_mul(2);
    let opened = isds.upload_attachment(caller, Some(mime), Some(name.to_owned())).await;
    let accepted = match pour(content, opened, most).await? {
        Ok(upload) => upload.accept().await,
        Err(failure) => Err(failure),
    };
    let added = match accepted {
        Ok(upload) => isds.add_bulk_file(caller, job.id, &upload, common).await,
        Err(failure) => Err(failure.into()),
    };
    match added {
        Ok(()) => Ok(None),
        Err(error) => Ok(Some(told(job.in_box, name, error)?)),
    }
}

fn told(in_box: &InBox, name: &str, error: BulkError) -> Result<FileError, PageError> {
    let (text, czech) = match error {
        BulkError::Failure(Failure::Refused(refusal)) => (refusal.text(), true),
        error @ (BulkError::File | BulkError::State | BulkError::Changed) => {
            (in_box.page().t(failed(&error)).into_owned(), false)
        }
        error => return Err(error.into()),
    };
    Ok(FileError {
        name: name.to_owned(),
        text,
        czech,
    })
}

#[derive(serde::Deserialize)]
pub(super) struct Nothing {}

pub(super) async fn remove(
    in_box: InBox,
    Path(named): Path<Named>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let id = named.job()?;
    let upload = UploadId(number(&named.upload)?);
    let to = address(&in_box, id, "/files");
    match in_box.site.isds.remove_bulk_file(&in_box.principal, id, upload).await {
        Ok(()) => Ok(in_box.page().redirect(&to, Notice::done("bulk-file-removed"))),
        Err(error) => back(&in_box, &to, error),
    }
}
