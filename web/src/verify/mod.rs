//! `/verify`: the reader of sealed documents (ZFO). Anybody drops one and learns what it is and whether it holds.
//!
//! The document is judged while it comes in and is held nowhere, neither in memory nor in a file.

mod places;
mod report;
mod upload;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use isds_core::Limits;

use self::places::{Places, Refused};
use self::report::Told;
use self::upload::UploadError;
use crate::Site;
use crate::amounts::size;
use crate::page::{Page, PageError, Visitor};

/// Pages of the reader.
pub(crate) fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/verify", get(form).post(examine))
        // What comes in is counted as it passes.
        .layer(DefaultBodyLimit::disable())
        .layer(Extension(Places::default()))
}

/// The form into which a document is dropped.
pub(crate) struct DropForm {
    /// Largest document, in bytes, for the script, which says so before it is sent.
    pub(crate) largest: u64,
    pub(crate) largest_told: String,
    /// Why there is no report.
    pub(crate) problem: Option<String>,
    /// Verifying is what the page is there for.
    pub(crate) is_primary: bool,
}

impl DropForm {
    /// The form on another page.
    pub(crate) fn beside(page: &Page, limits: &Limits) -> Self {
        let largest = upload::largest_document(limits);
        Self {
            largest,
            largest_told: size(largest, page.language()),
            problem: None,
            is_primary: false,
        }
    }
}

#[derive(Template)]
#[template(path = "verify/verify.html")]
struct Verify<'a> {
    page: &'a Page,
    drop: DropForm,
    told: Option<Told>,
}

async fn form(visitor: Visitor) -> Result<Response, PageError> {
    show(&visitor, StatusCode::OK, None, None)
}

async fn examine(
    visitor: Visitor,
    Extension(places): Extension<Places>,
    request: Request,
) -> Result<Response, PageError> {
    let largest = upload::largest_document(&visitor.site.isds.limits);
    let examined = upload::examine(&visitor, &places, request, largest).await;
    let page = &visitor.page;
    match examined {
        Ok((name, examination)) => {
            let told = Told::of(page, name, &examination);
            show(&visitor, StatusCode::OK, None, Some(told))
        }
        Err(UploadError::Page(error)) => Err(error),
        Err(UploadError::NoPlace(refused)) => refuse(&visitor, refused),
        Err(UploadError::NoFile) => {
            let problem = page.t("verify-no-file").into_owned();
            show(&visitor, StatusCode::BAD_REQUEST, Some(problem), None)
        }
        Err(UploadError::TooLarge) => {
            let told = size(largest, page.language());
            let problem = page.tv("verify-too-large", "size", told).into_owned();
            show(&visitor, StatusCode::PAYLOAD_TOO_LARGE, Some(problem), None)
        }
        Err(UploadError::Stale) => {
            let problem = page.t("verify-stale").into_owned();
            show(&visitor, StatusCode::FORBIDDEN, Some(problem), None)
        }
        Err(UploadError::TooSlow) => {
            let problem = page.t("verify-too-slow").into_owned();
            show(&visitor, StatusCode::REQUEST_TIMEOUT, Some(problem), None)
        }
    }
}

fn refuse(visitor: &Visitor, refused: Refused) -> Result<Response, PageError> {
    let (status, key, seconds) = match refused {
        Refused::TooOften { seconds } => (StatusCode::TOO_MANY_REQUESTS, "verify-too-often", seconds),
        Refused::TooManyAtOnce => (StatusCode::SERVICE_UNAVAILABLE, "verify-busy", places::BUSY_SECONDS),
    };
    let problem = visitor.page.tn(key, &seconds).into_owned();
    let mut answer = show(visitor, status, Some(problem), None)?;
    answer
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    Ok(answer)
}

fn show(
    visitor: &Visitor,
    status: StatusCode,
    problem: Option<String>,
    told: Option<Told>,
) -> Result<Response, PageError> {
    let page = &visitor.page;
    let shown = Verify {
        page,
        drop: DropForm {
            problem,
            is_primary: true,
            ..DropForm::beside(page, &visitor.site.isds.limits)
        },
        told,
    };
    let mut answer = page.render(&shown)?;
    *answer.status_mut() = status;
    Ok(answer)
}
