//! Which column of the table is what.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use isds_core::BulkError;
use isds_core::bulk::{BulkAction, BulkJob, BulkMapping, BulkSettings};

use super::shown::Errors;
use super::{Named, address, failed};
use crate::page::{InBox, Notice, Page, PageError, Posted};

/// Rows shown of the table.
const SHOWN: u64 = 5;
/// Characters shown of a cell.
const CELL: usize = 60;

#[derive(Template)]
#[template(path = "bulk/columns.html")]
struct ColumnsPage<'a> {
    page: &'a Page,
    base: String,
    job: &'a BulkJob,
    rows: Vec<Vec<String>>,
    choices: [Choice<'a>; 4],
    address: &'a [String],
    leave_out: bool,
    version: i64,
    errors: Errors,
    editable: bool,
}

struct Choice<'a> {
    name: &'static str,
    label: &'static str,
    help: &'static str,
    chosen: &'a str,
}

impl ColumnsPage<'_> {
    fn is_address(&self, column: &str) -> bool {
        self.address.iter().any(|chosen| chosen == column)
    }
}

#[derive(serde::Deserialize)]
pub(super) struct Form {
    version: i64,
    #[serde(default)]
    box_id: String,
    #[serde(default)]
    ic: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    address: Vec<String>,
    #[serde(default)]
    files: String,
    #[serde(default)]
    leave_out: Option<String>,
}

pub(super) async fn show(in_box: InBox, Path(named): Path<Named>) -> Result<Response, PageError> {
    let job = in_box.site.isds.bulk_job(&in_box.principal, named.job()?).await?;
    let version = job.version;
    page(&in_box, &job, &job.settings, version, Errors::default()).await
}

async fn page(
    in_box: &InBox,
    job: &BulkJob,
    settings: &BulkSettings,
    version: i64,
    errors: Errors,
) -> Result<Response, PageError> {
    let rows = in_box
        .site
        .isds
        .bulk_rows(&in_box.principal, job.id, i64::MAX, 0, SHOWN)
        .await?;
    let short = |cell: String| match cell.char_indices().nth(CELL) {
        Some((end, _)) => format!("{}…", &cell[..end]),
        None => cell,
    };
    let mapping: &BulkMapping = &settings.mapping;
    let choice = |name, label, help, chosen| Choice {
        name,
        label,
        help,
        chosen: Option::as_deref(chosen).unwrap_or(""),
    };
    let shown = ColumnsPage {
        page: in_box.page(),
        base: address(in_box, job.id, ""),
        rows: rows
            .into_iter()
            .map(|row| row.cells.into_iter().map(short).collect())
            .collect(),
        choices: [
            choice("box_id", "bulk-column-box", "bulk-column-box-help", &mapping.box_id),
            choice("ic", "bulk-column-ic", "bulk-column-ic-help", &mapping.ic),
            choice("name", "bulk-column-name", "bulk-column-name-help", &mapping.name),
            choice("files", "bulk-column-files", "bulk-column-files-help", &mapping.files),
        ],
        address: &mapping.address,
        leave_out: settings.leave_out_duplicates,
        version,
        editable: job.state.after(BulkAction::Edit).is_some(),
        job,
        errors,
    };
    in_box.page().render(&shown)
}

pub(super) async fn save(
    in_box: InBox,
    Path(named): Path<Named>,
    Posted(form): Posted<Form>,
) -> Result<Response, PageError> {
    let isds = &in_box.site.isds;
    let job = isds.bulk_job(&in_box.principal, named.job()?).await?;
    let given = |column: String| Some(column).filter(|column| !column.is_empty());
    let settings = BulkSettings {
        mapping: BulkMapping {
            box_id: given(form.box_id),
            ic: given(form.ic),
            name: given(form.name),
            address: form.address,
            files: given(form.files),
        },
        leave_out_duplicates: form.leave_out.is_some(),
        ..job.settings.clone()
    };
    let missing = settings.missing_for_check();
    let saved = if missing.is_empty() {
        isds.save_bulk_settings(&in_box.principal, job.id, form.version, settings.clone())
            .await
    } else {
        Err(BulkError::Settings(missing))
    };
    let errors = match saved {
        Ok(()) => {
            let to = address(&in_box, job.id, "");
            return Ok(in_box.page().redirect(&to, Notice::done("bulk-saved")));
        }
        Err(BulkError::Settings(errors)) => Errors::of(in_box.page(), &errors),
        Err(error @ (BulkError::Changed | BulkError::State)) => {
            Errors::one("form", in_box.page().t(failed(&error)).into_owned())
        }
        Err(error) => return Err(error.into()),
    };
    // What was typed stays, over the version that is there now: saving again means it.
    let mut answer = page(&in_box, &job, &settings, job.version, errors).await?;
    *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(answer)
}
