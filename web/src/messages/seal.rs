//! The seal and the timestamps of a message, checked when somebody asks: a page of its own, or the part of the message's
//! page that a script puts in.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use isds_core::Failure;
use isds_core::Isds;
use isds_core::examination::Examination;
use isds_core::message::{Message, SideOf};
use serde::Deserialize;

use super::show::closed;
use super::{address, envelope, number};
use crate::page::{InBox, Page, PageError};
use crate::seal_report::SealReport;

/// `part`: without the frame of the page.
#[derive(Deserialize)]
pub(super) struct Wanted {
    part: Option<String>,
}

#[derive(Template)]
#[template(path = "messages/seal.html")]
struct SealPage<'a> {
    page: &'a Page,
    subject: String,
    back: String,
    report: &'a SealReport,
}

#[derive(Template)]
#[template(path = "messages/seal_part.html")]
struct SealPart<'a> {
    page: &'a Page,
    report: &'a SealReport,
}

pub(super) async fn show(
    own: InBox,
    Path((_, id)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let id = number(&id)?;
    let (page, isds) = (own.page(), &own.site.isds);
    let (message, side) = isds.message_to_read(&own.principal, id).await.map_err(closed)?;
    let examination = examined(isds, &message, side).await?;
    let report = SealReport::of(&examination, page.words);
    if wanted.part.is_some() {
        return page.render(&SealPart { page, report: &report });
    }
    page.render(&SealPage {
        page,
        subject: envelope::subject(&message, page.words),
        back: address(own.data_box.id, id),
        report: &report,
    })
}

/// Examines the sealed form that this side would download.
pub(super) async fn examined(isds: &Isds, message: &Message, side: SideOf) -> Result<Arc<Examination>, Failure> {
    isds.examine_message(message, side, || super::documents::sealed_content(message, side))
        .await
}
