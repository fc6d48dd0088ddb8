//! Rows of a job with what became of them, and the message of one.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use isds_core::bulk::{BulkJob, BulkRowState};
use isds_core::{BulkError, BulkPreview};

use super::shown::{RowLine, kind_key, settings_error};
use super::{Named, address, number};
use crate::amounts::{money, size};
use crate::page::{InBox, Page, PageError};

/// Rows on a page.
const PAGE: u64 = 100;

/// What lists may be narrowed to: name, text, states.
const FILTERS: [(&str, &str, &[BulkRowState]); 5] = [
    ("all", "bulk-filter-all", &BulkRowState::ALL),
    (
        "problems",
        "bulk-filter-problems",
        &[BulkRowState::Unaddressed, BulkRowState::Faulty, BulkRowState::Refused],
    ),
    (
        "waiting",
        "bulk-filter-waiting",
        &[BulkRowState::New, BulkRowState::Addressed, BulkRowState::Ready],
    ),
    ("sent", "bulk-filter-sent", &[BulkRowState::Sent]),
    ("left-out", "bulk-filter-left-out", &[BulkRowState::LeftOut]),
];

#[derive(Template)]
#[template(path = "bulk/rows.html")]
struct RowsPage<'a> {
    page: &'a Page,
    base: String,
    job: &'a BulkJob,
    rows: Vec<RowLine>,
    filters: Vec<(&'static str, &'static str, i64)>,
    chosen: &'static str,
    after: i64,
    next: Option<i64>,
}

#[derive(serde::Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    show: String,
    #[serde(default)]
    after: Option<i64>,
}

pub(super) async fn list(
    in_box: InBox,
    Path(named): Path<Named>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let (isds, caller) = (&in_box.site.isds, &in_box.principal);
    let job = isds.bulk_job(caller, named.job()?).await?;
    let (chosen, _, states) = FILTERS
        .into_iter()
        .find(|(name, ..)| *name == asked.show)
        .unwrap_or(FILTERS[0]);
    let bits = states.iter().map(|state| state.bit()).sum();
    let after = asked.after.unwrap_or(0).max(0);
    let mut rows = isds.bulk_rows(caller, job.id, bits, after, PAGE + 1).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|row| row.number);
    let tally = isds.bulk_tally(caller, job.id).await?;
    let filters = FILTERS.into_iter().map(|(name, label, states)| {
        let counted = tally.iter().filter(|tally| states.contains(&tally.state));
        (name, label, counted.map(|tally| tally.rows).sum())
    });
    in_box.page().render(&RowsPage {
        page: in_box.page(),
        base: address(&in_box, job.id, ""),
        rows: rows
            .into_iter()
            .map(|row| RowLine::of(&job, row, isds.limits.message_bytes))
            .collect(),
        filters: filters.collect(),
        chosen,
        after,
        next,
        job: &job,
    })
}

#[derive(Template)]
#[template(path = "bulk/row.html")]
struct RowPage<'a> {
    page: &'a Page,
    base: String,
    job: &'a BulkJob,
    preview: Option<BulkPreview>,
    cells: Vec<(String, String)>,
    line: RowLine,
    errors: Vec<String>,
    previous: Option<i64>,
    next: Option<i64>,
    kind: String,
    files: Vec<(String, Option<String>)>,
    letter: String,
    /// The numbers of the envelope that are filled in: text of the name, value.
    references: Vec<(&'static str, String)>,
}

pub(super) async fn one(in_box: InBox, Path(named): Path<Named>) -> Result<Response, PageError> {
    let (isds, caller) = (&in_box.site.isds, &in_box.principal);
    let page = in_box.page();
    let job = isds.bulk_job(caller, named.job()?).await?;
    let wanted = number(&named.row)?;
    let rows = isds
        .bulk_rows(caller, job.id, i64::MAX, wanted.saturating_sub(1), 1)
        .await?;
    let row = rows.into_iter().find(|row| row.number == wanted);
    let row = row.ok_or(PageError::NoSuchPage)?;
    let (preview, errors) = match isds.bulk_preview(caller, job.id, wanted).await {
        Ok(preview) => (Some(preview), Vec::new()),
        Err(BulkError::Settings(errors)) => (None, errors.iter().map(|e| settings_error(page, e)).collect()),
        Err(error) => return Err(error.into()),
    };
    let language = page.language();
    let kind = row.recipient.as_ref().map(|recipient| match recipient.price {
        0 => page.t(kind_key(recipient.kind)).into_owned(),
        price => format!("{}, {}", page.t(kind_key(recipient.kind)), money(price, language)),
    });
    let files = preview.iter().flat_map(|preview| &preview.files);
    let files = files.map(|file| (file.name.clone(), file.length.map(|length| size(length, language))));
    let letter = preview.as_ref().and_then(|preview| preview.letter.as_ref());
    let letter = letter.map_or_else(String::new, |letter| {
        format!("{} ({})", letter.file_name, size(letter.bytes.len() as u64, language))
    });
    let envelope = preview.as_ref().map(|preview| &preview.envelope);
    let references = envelope.into_iter().flat_map(|envelope| {
        [
            ("bulk-sender-ref", &envelope.sender_ref_number),
            ("bulk-sender-ident", &envelope.sender_ident),
            ("bulk-recipient-ref", &envelope.recipient_ref_number),
            ("bulk-recipient-ident", &envelope.recipient_ident),
            ("bulk-to-hands", &envelope.to_hands),
            ("write-sect", &envelope.legal_title_sect),
            ("write-par", &envelope.legal_title_par),
            ("write-point", &envelope.legal_title_point),
        ]
    });
    let references = references.filter_map(|(label, value)| Some((label, value.clone().filter(|v| !v.is_empty())?)));
    let act = envelope.into_iter().flat_map(|envelope| {
        [
            ("write-law", envelope.legal_title_law),
            ("write-year", envelope.legal_title_year),
        ]
    });
    let act = act.filter_map(|(label, number)| Some((label, number?.to_string())));
    page.render(&RowPage {
        references: act.chain(references).collect(),
        page,
        base: address(&in_box, job.id, ""),
        cells: job.columns.iter().cloned().zip(row.cells.iter().cloned()).collect(),
        previous: (wanted > 1).then(|| wanted - 1),
        next: (wanted < job.rows).then(|| wanted + 1),
        kind: kind.unwrap_or_default(),
        files: files.collect(),
        line: RowLine::of(&job, row, isds.limits.message_bytes),
        job: &job,
        preview,
        errors,
        letter,
    })
}
