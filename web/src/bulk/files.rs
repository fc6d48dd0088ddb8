//! Files that go with the messages: with all of them, or with those whose rows name them.

use askama::Template;
use axum::extract::multipart::Field;
use axum::extract::{Multipart, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use isds_core::attachment::format_of;
use isds_core::bulk::{BulkAction, BulkFile, BulkJobId, MAX_COMMON_FILES};
use isds_core::ports::UploadId;
use isds_core::{BulkError, Failure};

use super::incoming::{Incoming, Part};
use super::shown::size;
use super::{Named, address, back, failed, number};
use crate::page::{InBox, Notice, Page, PageError, Posted};

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
    errors: Vec<FileError>,
    editable: bool,
    most: u64,
    column: Option<&'a str>,
}

struct FileLine {
    upload: i64,
    name: String,
    size: String,
}

/// Why a file was not taken.
pub(super) struct FileError {
    name: String,
    text: String,
    /// In the words of the table, which are Czech.
    czech: bool,
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
    page(&in_box, named.job()?, &asked.after, Vec::new()).await
}

async fn page(in_box: &InBox, id: BulkJobId, after: &str, errors: Vec<FileError>) -> Result<Response, PageError> {
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
        errors,
        editable: job.state.after(BulkAction::Edit).is_some(),
        most: MAX_COMMON_FILES,
        column: job.settings.mapping.files.as_deref(),
    })
}

pub(super) async fn add(in_box: InBox, Path(named): Path<Named>, parts: Multipart) -> Result<Response, PageError> {
    let id = named.job()?;
    in_box.site.isds.bulk_job(&in_box.principal, id).await?;
    let (mut common, mut added, mut errors) = (true, 0_u32, Vec::new());
    let mut form = Incoming::new(parts);
    while let Some(part) = form.next(&in_box).await? {
        match part {
            Part::Text(field, value) if field == "for" => common = value != "rows",
            Part::Text(..) => {}
            Part::File(name, _) if name.is_empty() => {}
            Part::File(name, field) => match take(&in_box, id, &name, *field, common).await? {
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
    let mut answer = page(&in_box, id, "", errors).await?;
    *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(answer)
}

/// Streams a file into an upload and makes it the job's; answers why it was not taken. The rest of one that is refused is
/// read away: browsers take an answer only after they have sent everything.
async fn take(
    in_box: &InBox,
    id: BulkJobId,
    name: &str,
    mut field: Field<'_>,
    common: bool,
) -> Result<Option<FileError>, PageError> {
    let (isds, caller) = (&in_box.site.isds, &in_box.principal);
    let mime = format_of(name).and_then(|format| format.mime_types.first());
    let mime = mime.copied().unwrap_or("application/octet-stream").to_owned();
    let mut left = isds.limits.large_message_bytes.saturating_mul(2);
    let mut refused = None;
    let mut upload = match isds.upload_attachment(caller, Some(mime), Some(name.to_owned())).await {
        Ok(upload) => Some(upload),
        Err(failure) => {
            refused = Some(told(in_box, name, failure.into())?);
            None
        }
    };
    loop {
        let bytes = match field.chunk().await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => break,
            Err(_) => {
                if let Some(upload) = upload {
                    upload.abandon().await;
                }
                return Err(PageError::WrongForm);
            }
        };
        left = left.checked_sub(bytes.len() as u64).ok_or(PageError::TooLarge)?;
        let Some(open) = &mut upload else { continue };
        if let Err(failure) = open.write(&bytes).await {
            if let Some(upload) = upload.take() {
                upload.abandon().await;
            }
            refused = Some(told(in_box, name, failure.into())?);
        }
    }
    let Some(upload) = upload else { return Ok(refused) };
    let added = match upload.accept().await {
        Ok(upload) => isds.add_bulk_file(caller, id, &upload, common).await,
        Err(failure) => Err(failure.into()),
    };
    match added {
        Ok(()) => Ok(None),
        Err(error) => Ok(Some(told(in_box, name, error)?)),
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
