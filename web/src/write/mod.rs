//! Writing: the form with its recipients and attachments, drafts and templates, the look before sending, and what became
//! of what was sent.

mod attachments;
mod drafts;
mod fields;
mod form;
mod prefill;
mod receive;
mod recipients;
mod review;
mod save;
mod sendings;
mod shown;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use isds_core::DraftError;

use crate::Site;
use crate::page::PageError;

pub(crate) fn router() -> Router<Arc<Site>> {
    Router::new()
        .route(
            "/b/{box}/write",
            // Attachments are counted as they come in, by the rules of the domain.
            get(form::show).post(save::post).layer(DefaultBodyLimit::disable()),
        )
        .route(
            "/b/{box}/drafts/{draft}/attachments",
            post(attachments::upload).layer(DefaultBodyLimit::disable()),
        )
        .route("/b/{box}/recipients", get(recipients::search))
        .route("/b/{box}/drafts", get(drafts::list_drafts))
        .route("/b/{box}/templates", get(drafts::list_templates))
        .route("/b/{box}/drafts/{draft}/discard", post(drafts::discard))
        .route("/b/{box}/drafts/{draft}/review", get(review::show))
        .route("/b/{box}/drafts/{draft}/send", post(review::send))
        .route("/b/{box}/sendings/{sending}", get(sendings::show))
        .route("/b/{box}/sendings/{sending}/events", get(sendings::events))
        .route("/b/{box}/sendings/{sending}/resume", post(sendings::resume))
}

impl From<DraftError> for PageError {
    /// Where a page has nothing better to say; the form itself answers conflicts and full boxes with what was typed.
    fn from(error: DraftError) -> Self {
        match error {
            DraftError::NotFound => Self::NoSuchPage,
            DraftError::Failure(failure) => failure.into(),
            DraftError::Changed | DraftError::BeingSent(_) => Self::Conflict("draft-changed"),
            DraftError::NoRoom => Self::Conflict("draft-room"),
            DraftError::TooManyRecipients | DraftError::TemplateName | DraftError::NoRecipient => {
                Self::Conflict("draft-content")
            }
        }
    }
}
