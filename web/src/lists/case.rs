//! Messages of one case, sent and received, by a reference number or file mark.

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;

use super::rows::RowView;
use crate::page::{InBox, Page, PageError};

/// Longest mark, in characters: those of messages are shorter.
const MAX_MARK: usize = 100;

#[derive(Template)]
#[template(path = "lists/case.html")]
struct Case<'a> {
    page: &'a Page,
    mark: String,
    rows: Vec<RowView>,
    more: bool,
}

pub(crate) async fn case(at: InBox, RawQuery(query): RawQuery) -> Result<Response, PageError> {
    let fields: Vec<(String, String)> = serde_html_form::from_str(query.as_deref().unwrap_or("")).unwrap_or_default();
    let mark: String = fields
        .into_iter()
        .find(|(name, _)| name == "mark")
        .map(|(_, mark)| mark.trim().chars().take(MAX_MARK).collect())
        .unwrap_or_default();
    let found = at.site.isds.messages_of_case(&at.principal, &[&mark]).await?;
    let page = at.page();
    page.render(&Case {
        page,
        rows: found.rows.iter().map(|row| RowView::of(page, row)).collect(),
        more: found.more,
        mark,
    })
}
