//! What a page says where it cannot say what was asked for.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use isds_core::error::Chain;
use isds_core::status::Status;
use isds_core::{Failure, Refusal};

use super::layout::Page;
use crate::Site;

/// Why a page was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    /// The rules do not allow it; the page says so in the words of the table.
    #[error("refused")]
    Refused(#[from] Refusal),
    /// The person may not do this.
    #[error("no right")]
    NoRight,
    /// There is no such page, or not for this person.
    #[error("no such page")]
    NoSuchPage,
    /// Nobody is signed in.
    #[error("not signed in")]
    SignIn {
        /// Where to go on afterwards; none for what was sent by a form.
        next: Option<String>,
    },
    /// The password is the one that was issued, or has expired.
    #[error("a password has to be chosen")]
    ChoosePassword,
    /// Another site's page sent it.
    #[error("sent by another site")]
    ForeignForm,
    /// The form is of a page that was opened before signing in or out.
    #[error("the form's token has changed")]
    StaleForm {
        /// Where it goes.
        address: String,
        /// What was typed.
        fields: Vec<(String, String)>,
    },
    /// Nobody is signed in any more; what was typed is shown again to be sent.
    #[error("signed out with a form")]
    SignedOutForm {
        /// Where it goes.
        address: String,
        /// What was typed.
        fields: Vec<(String, String)>,
    },
    /// What it is about has changed meanwhile; texts `error-<key>-title` and `error-<key>-text`.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// The same, of a form with a password: it has to be filled in anew.
    #[error("the token of a form with a password has changed")]
    StaleSecret,
    /// Not what our form sends.
    #[error("not a form of ours")]
    WrongForm,
    /// Longer than any form of ours.
    #[error("too large")]
    TooLarge,
    /// It stopped coming before it was whole.
    #[error("too slow")]
    TooSlow,
    /// Too many at once, or too often; try again after so many seconds.
    #[error("too many")]
    TooMany(u32),
    /// Ours: the log says what, the page a reference.
    #[error("{0}")]
    Broken(&'static str, #[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<Failure> for PageError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) if refusal.status() == Status::NO_RIGHT => Self::NoRight,
            Failure::Refused(refusal) => Self::Refused(refusal),
            Failure::Broken(what, source) => Self::Broken(what, source),
        }
    }
}

impl From<isds_core::ports::StoreError> for PageError {
    fn from(error: isds_core::ports::StoreError) -> Self {
        Failure::from(error).into()
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> Self {
        Self::Broken("a page could not be rendered", Box::new(error))
    }
}

/// Texts of a session that is over.
const SESSION: &str = "session";

/// The error, on its way to the guard, which knows the language of the visitor.
#[derive(Clone)]
pub(super) struct ErrorBox(pub(super) Box<Told>);

/// What is told of an error.
#[derive(Debug, Clone)]
pub(super) enum Told {
    /// Texts `error-<key>-title` and `error-<key>-text`.
    Known(&'static str),
    /// A refusal in the words of the table.
    Refusal(Refusal),
    /// A failure of ours, by its reference.
    Reference(String),
    /// What was typed, to be sent again.
    Again {
        key: &'static str,
        address: String,
        fields: Vec<(String, String)>,
    },
}

impl Told {
    /// Nobody is signed in any more who was when the form was opened.
    pub(super) fn is_signed_out(&self) -> bool {
        matches!(self, Self::Known(SESSION))
    }

    /// What is told of an answer that brings a status alone, or a line for programs.
    pub(super) fn of_status(status: StatusCode) -> Self {
        Self::Known(match status {
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => "no-page",
            StatusCode::PAYLOAD_TOO_LARGE => "large",
            StatusCode::REQUEST_TIMEOUT => "slow",
            _ => "form",
        })
    }
}

impl PageError {
    fn status(&self) -> StatusCode {
        match self {
            Self::Refused(_) | Self::WrongForm => StatusCode::BAD_REQUEST,
            Self::NoRight | Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::NoSuchPage => StatusCode::NOT_FOUND,
            Self::SignIn { .. } | Self::SignedOutForm { .. } => StatusCode::UNAUTHORIZED,
            Self::ChoosePassword | Self::StaleSecret | Self::StaleForm { .. } | Self::Conflict(_) => {
                StatusCode::CONFLICT
            }
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Broken(..) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn told(self) -> Told {
        match self {
            Self::Refused(refusal) => Told::Refusal(refusal),
            Self::NoRight => Told::Known("no-right"),
            Self::NoSuchPage => Told::Known("no-page"),
            Self::SignIn { .. } => Told::Known(SESSION),
            Self::ChoosePassword => Told::Known("password"),
            Self::ForeignForm => Told::Known("foreign"),
            Self::StaleForm { address, fields } => Told::Again {
                key: "stale",
                address,
                fields,
            },
            Self::SignedOutForm { address, fields } => Told::Again {
                key: "session-kept",
                address,
                fields,
            },
            Self::Conflict(key) => Told::Known(key),
            Self::StaleSecret => Told::Known("secret"),
            Self::WrongForm => Told::Known("form"),
            Self::TooLarge => Told::Known("large"),
            Self::TooSlow => Told::Known("slow"),
            Self::TooMany(_) => Told::Known("many"),
            Self::Broken(what, source) => {
                let reference = reference();
                tracing::error!(reference, what, error = %Chain(&*source), "a page failed");
                Told::Reference(reference)
            }
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        match &self {
            Self::SignIn { next: Some(next) } => {
                let next: String = form_encoded(next);
                return Redirect::to(&format!("/sign-in?next={next}")).into_response();
            }
            Self::ChoosePassword => return Redirect::to("/sign-in/password").into_response(),
            _ => {}
        }
        let mut answer = self.status().into_response();
        if let Self::TooMany(seconds) = self {
            answer
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer.extensions_mut().insert(ErrorBox(Box::new(self.told())));
        answer
    }
}

/// A text as it stands in a query.
pub(crate) fn form_encoded(text: &str) -> String {
    serde_html_form::to_string([("", text)])
        .map_or_else(|_| String::new(), |pair| pair.trim_start_matches('=').to_owned())
}

/// What a caller can name and the log holds; unique enough for the hour in which somebody asks.
fn reference() -> String {
    use std::hash::{BuildHasher, RandomState};
    format!("{:08x}", RandomState::new().hash_one(0_u8) >> 32)
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    page: &'a Page,
    title: String,
    text: String,
    again: Option<(&'a str, &'a [(String, String)])>,
    sign_in: bool,
}

/// The error as a page.
pub(super) fn show(page: &Page, told: &Told, status: StatusCode) -> Response {
    let mut again = None;
    let known = |key: &str| {
        let text = |what: &str| page.words.text(&format!("error-{key}-{what}")).into_owned();
        (text("title"), text("text"))
    };
    let (title, text) = match told {
        Told::Known(key) => known(key),
        Told::Refusal(refusal) => (page.t("error-refused-title").into_owned(), refusal.text()),
        Told::Reference(reference) => (
            page.t("error-broken-title").into_owned(),
            page.tv("error-broken-text", "reference", reference).into_owned(),
        ),
        Told::Again { key, address, fields } => {
            again = Some((address.as_str(), fields.as_slice()));
            known(key)
        }
    };
    let shown = ErrorPage {
        page,
        title,
        text,
        again,
        sign_in: status == StatusCode::UNAUTHORIZED,
    };
    let mut answer = page.render(&shown).unwrap_or_else(|error| {
        tracing::error!(error = %Chain(&error), "the page of an error could not be rendered");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    });
    *answer.status_mut() = status;
    answer
}

/// Whatever has no page.
pub(crate) async fn no_such_page(State(_): State<Arc<Site>>) -> PageError {
    PageError::NoSuchPage
}
