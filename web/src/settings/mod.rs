//! Settings: of a box (people, notifications, credit, certificates, what happened) and of a person.

mod activity;
mod certificates;
mod contact;
mod credit;
mod notices;
mod overview;
mod people;
mod personal;
mod rights;
mod vault;

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use isds_core::Failure;
use isds_core::ids::BoxId;
use isds_core::privileges::Privileges;

use crate::Site;
use crate::page::{InBox, PageError};

pub(crate) fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/settings", get(personal::page))
        .route("/b/{box}/settings", get(overview::page))
        .route("/b/{box}/settings/postal", post(overview::switch_postal))
        .route("/b/{box}/settings/contact", get(contact::form).post(contact::save))
        .route("/b/{box}/settings/people", get(people::list::page))
        .route(
            "/b/{box}/settings/people/add",
            get(people::add::form).post(people::add::save),
        )
        .route(
            "/b/{box}/settings/people/{user}",
            get(people::change::form).post(people::change::save),
        )
        .route(
            "/b/{box}/settings/people/{user}/remove",
            get(people::remove::form).post(people::remove::save),
        )
        .route("/b/{box}/settings/notices", get(notices::page).post(notices::choose))
        .route("/b/{box}/settings/notices/address", post(notices::give))
        .route("/b/{box}/settings/notices/confirm", post(notices::confirm))
        .route("/b/{box}/settings/notices/remove", post(notices::remove))
        .route("/b/{box}/settings/credit", get(credit::page))
        .route("/b/{box}/settings/vault", get(vault::page).post(vault::buy))
        .route(
            "/b/{box}/settings/certificates",
            get(certificates::page).post(certificates::add),
        )
        .route("/b/{box}/settings/certificates/remove", post(certificates::remove))
        .route("/b/{box}/settings/activity", get(activity::page))
        .route("/b/{box}/settings/activity.csv", get(activity::export))
}

#[derive(serde::Deserialize)]
struct Nothing {}

/// The parts of a box's settings that the person may open, and which one this is.
struct Parts {
    id: BoxId,
    here: &'static str,
    administers: bool,
}

impl Parts {
    fn of(at: &InBox, here: &'static str) -> Self {
        Self {
            id: at.data_box.id,
            here,
            administers: at.principal.privileges.allows(Privileges::OWNER_ADM),
        }
    }

    fn is(&self, part: &str) -> bool {
        self.here == part
    }
}

/// What stands above a form whose entries were refused, in the words of the table; other failures end the page.
fn refused(failure: Failure) -> Result<Cow<'static, str>, PageError> {
    use isds_core::status::Status;
    match failure {
        Failure::Refused(refusal) if refusal.status() != Status::NO_RIGHT => Ok(Cow::Owned(refusal.text())),
        other => Err(other.into()),
    }
}

/// A form that comes back with what was typed.
fn again(answer: Response) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, answer).into_response()
}
