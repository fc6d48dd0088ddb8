//! Erasing a message of the vault, for good.

use axum::extract::Path;
use axum::response::Response;
use isds_core::Failure;
use isds_core::message::SideOf;
use isds_core::status::Status;
use serde::Deserialize;

use super::number;
use crate::page::{InBox, Notice, PageError, Posted};

/// What the form says: that the person has read what follows.
#[derive(Deserialize)]
pub(super) struct Erase {
    sure: Option<String>,
}

pub(super) async fn erase(
    own: InBox,
    Path((_, id)): Path<(String, String)>,
    Posted(form): Posted<Erase>,
) -> Result<Response, PageError> {
    let id = number(&id)?;
    let page = own.page();
    let here = super::address(own.data_box.id, id);
    if form.sure.is_none() {
        return Ok(page.redirect(&here, Notice::failed("messages-erase-unsure")));
    }
    let isds = &own.site.isds;
    let view = isds
        .view_message(&own.principal, id)
        .await
        .map_err(|error| match error {
            Failure::Refused(refusal) if [Status::OTHER_BOX, Status::NO_MESSAGE].contains(&refusal.status()) => {
                PageError::NoSuchPage
            }
            error => error.into(),
        })?;
    isds.erase_message(&own.principal, id, view.side).await?;
    let list = match view.side {
        SideOf::Sender => "sent",
        SideOf::Recipient => "received",
    };
    let list = format!("/b/{}/{list}", own.data_box.id);
    Ok(page.redirect(&list, Notice::done("messages-erased")))
}
