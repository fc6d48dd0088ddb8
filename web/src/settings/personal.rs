//! What a person sets for themselves.

use askama::Template;
use axum::response::Response;

use crate::page::{Page, PageError, SignedIn};

#[derive(Template)]
#[template(path = "settings/personal.html")]
struct Personal<'a> {
    page: &'a Page,
}

pub(super) async fn page(signed_in: SignedIn) -> Result<Response, PageError> {
    signed_in.page.render(&Personal { page: &signed_in.page })
}
