//! Forms (`application/x-www-form-urlencoded`) that came from a page of ours.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde::de::DeserializeOwned;

use super::cookies::Cookies;
use super::{PageError, csrf};
use crate::Site;

/// Largest form: a message's text fields are a few kilobytes, a long list of numbers some more.
pub(super) const MOST_BYTES: usize = 1024 * 1024;

/// What forms without files are sent as.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// Fields that hold passwords and codes.
pub(super) const SECRETS: [&str; 5] = ["password", "old", "new", "again", "code"];

/// A form whose token was checked. Fields that the form lacks are an error of the caller's, and so is one given twice
/// where one is wanted.
pub(crate) struct Posted<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<Site>> for Posted<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, _: &Arc<Site>) -> Result<Self, PageError> {
        let is_form = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.split(';').next() == Some(FORM));
        if !is_form {
            return Err(PageError::WrongForm);
        }
        let cookies = request.extensions().get::<Cookies>().cloned().unwrap_or_default();
        let address = request.uri().path().to_owned();
        let body: Bytes = axum::body::to_bytes(request.into_body(), MOST_BYTES)
            .await
            .map_err(not_whole)?;
        let fields: Vec<(String, String)> = serde_html_form::from_bytes(&body).map_err(|_| PageError::WrongForm)?;
        let shown = fields.iter().find(|(name, _)| name == csrf::FIELD);
        if !shown.is_some_and(|(_, token)| csrf::fits(&cookies, token)) {
            // A password is not written back onto a page.
            if fields
                .iter()
                .any(|(name, value)| SECRETS.contains(&name.as_str()) && !value.is_empty())
            {
                return Err(PageError::StaleSecret);
            }
            // The page was opened before somebody signed in or out; what was typed is shown again to be sent.
            return Err(PageError::StaleForm { address, fields });
        }
        serde_html_form::from_bytes(&body)
            .map(Self)
            .map_err(|_| PageError::WrongForm)
    }
}

/// Why a form did not come whole: it is too long, or it stopped coming.
fn not_whole(error: axum::Error) -> PageError {
    if error.into_inner().is::<http_body_util::LengthLimitError>() {
        PageError::TooLarge
    } else {
        PageError::TooSlow
    }
}
