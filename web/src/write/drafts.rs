//! Lists of drafts and of templates.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use isds_core::ids::BoxId;
use isds_core::operation::Operation;
use isds_core::ports::{DraftId, DraftPosition, DraftRecord};
use isds_core::time::Timestamp;
use serde::Deserialize;

use super::form::draft_id;
use crate::page::{InBox, Notice, Page, PageError, Posted};

/// Drafts on a page.
const PAGE: u64 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// Where the page before ended.
    after: Option<String>,
}

struct Row {
    id: i64,
    name: String,
    recipients: usize,
    attachments: u64,
    author: String,
    changed: Timestamp,
    sending: Option<i64>,
}

#[derive(Template)]
#[template(path = "write/drafts.html")]
struct DraftsPage<'a> {
    page: &'a Page,
    box_id: BoxId,
    templates: bool,
    rows: Vec<Row>,
    next: Option<String>,
}

pub(super) async fn list_drafts(in_box: InBox, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    list(&in_box, &asked, false).await
}

pub(super) async fn list_templates(in_box: InBox, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    list(&in_box, &asked, true).await
}

async fn list(in_box: &InBox, asked: &Asked, templates: bool) -> Result<Response, PageError> {
    let page = in_box.page();
    let after = asked.after.as_deref().map(position).transpose()?;
    let drafts = in_box
        .site
        .isds
        .list_drafts(&in_box.principal, templates, after, PAGE + 1)
        .await?;
    let most = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let next = (drafts.len() > most).then(|| drafts.get(most - 1).map(place)).flatten();
    let rows = drafts.into_iter().take(most).map(|draft| row(page, draft));
    page.render(&DraftsPage {
        page,
        box_id: in_box.data_box.id,
        templates,
        rows: rows.collect(),
        next,
    })
}

fn row(page: &Page, draft: DraftRecord) -> Row {
    let subject = draft.content.envelope.annotation;
    let name = draft.template.or(subject);
    Row {
        id: draft.id.0,
        name: name.unwrap_or_else(|| page.t("write-no-subject").into_owned()),
        recipients: draft.content.recipients.len(),
        attachments: draft.attachments,
        author: draft.author,
        changed: draft.changed,
        sending: draft.sending.map(|sending| sending.0),
    }
}

fn place(draft: &DraftRecord) -> String {
    format!("{}.{}", draft.changed.0, draft.id.0)
}

fn position(text: &str) -> Result<DraftPosition, PageError> {
    let (changed, id) = text.split_once('.').ok_or(PageError::NoSuchPage)?;
    let number = |text: &str| text.parse::<i64>().map_err(|_| PageError::NoSuchPage);
    Ok(DraftPosition {
        changed: Timestamp(number(changed)?),
        id: DraftId(number(id)?),
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

pub(super) async fn discard(
    in_box: InBox,
    Path((_, draft)): Path<(String, String)>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    in_box
        .principal
        .authorize(Operation::CreateMessage)
        .map_err(|_| PageError::NoRight)?;
    let id = draft_id(&draft)?;
    let isds = &in_box.site.isds;
    let list = match isds.draft(&in_box.principal, id).await {
        Ok(draft) if draft.template.is_some() => "templates",
        _ => "drafts",
    };
    isds.remove_draft(&in_box.principal, id).await?;
    let to = format!("/b/{}/{list}", in_box.data_box.id);
    Ok(in_box.page().redirect(&to, Notice::done("write-discarded")))
}
