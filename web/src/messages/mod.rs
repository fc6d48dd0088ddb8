//! `/b/{box}/messages/{dmID}`: one message from the side of a box, its attachments, its seal, and what of it can be kept.

mod attachments;
mod documents;
mod envelope;
mod erase;
mod journey;
mod names;
mod preview;
mod seal;
mod show;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use isds_core::ids::{BoxId, MessageId};

use crate::Site;
use crate::page::PageError;

/// Pages of messages.
pub(crate) fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/b/{box}/messages/{id}", get(show::show))
        .route("/b/{box}/messages/{id}/seal", get(seal::show))
        .route("/b/{box}/messages/{id}/message.zfo", get(documents::message))
        .route("/b/{box}/messages/{id}/delivery.zfo", get(documents::delivery))
        .route("/b/{box}/messages/{id}/message.pdf", get(documents::rendition))
        .route("/b/{box}/messages/{id}/attachments.zip", get(attachments::archive))
        .route(
            "/b/{box}/messages/{id}/attachments/{number}",
            get(attachments::download),
        )
        .route(
            "/b/{box}/messages/{id}/attachments/{number}/view",
            get(attachments::view),
        )
        .route("/b/{box}/messages/{id}/erase", post(erase::erase))
}

/// Where a message is found.
fn address(own: BoxId, id: MessageId) -> String {
    format!("/b/{own}/messages/{id}")
}

/// The number in an address.
fn number(text: &str) -> Result<MessageId, PageError> {
    text.parse().map_err(|_| PageError::NoSuchPage)
}
