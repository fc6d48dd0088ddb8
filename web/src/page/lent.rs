//! The body of a form, lent to whoever answers it: where they refuse it unread, what was typed is still there.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::request::Parts;
use axum::http::{Method, header};
use futures::Stream;

use super::form::{FORM, MOST_BYTES, SECRETS};
use super::preferences::is_own_path;
use super::{PageError, csrf};

/// A body in two hands; what one has read the other does not see.
#[derive(Clone)]
pub(super) struct Lent(Arc<Mutex<BodyDataStream>>);

impl Stream for Lent {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_next(cx)
    }
}

/// Whether a request brings a form.
pub(super) fn is_form(parts: &Parts) -> bool {
    let kind = parts.headers.get(header::CONTENT_TYPE);
    parts.method == Method::POST
        && kind
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.split(';').next() == Some(FORM))
}

/// The body for whoever answers, and for afterwards.
pub(super) fn lend(body: Body) -> (Body, Lent) {
    let lent = Lent(Arc::new(Mutex::new(body.into_data_stream())));
    (Body::from_stream(lent.clone()), lent)
}

impl Lent {
    /// What was typed into a form that nobody read, since nobody is signed in any more. Passwords are not written back
    /// onto a page: a form with some has to be filled in anew.
    pub(super) async fn unread(self, address: &str) -> PageError {
        let nothing = PageError::SignIn { next: None };
        if !is_own_path(address) {
            return nothing;
        }
        let Ok(body) = axum::body::to_bytes(Body::from_stream(self), MOST_BYTES).await else {
            return nothing;
        };
        let Ok(mut fields) = serde_html_form::from_bytes::<Vec<(String, String)>>(&body) else {
            return nothing;
        };
        fields.retain(|(name, _)| name != csrf::FIELD);
        let is_secret = |(name, value): &(String, String)| SECRETS.contains(&name.as_str()) && !value.is_empty();
        if fields.is_empty() || fields.iter().any(is_secret) {
            return nothing;
        }
        PageError::SignedOutForm {
            address: address.to_owned(),
            fields,
        }
    }
}
