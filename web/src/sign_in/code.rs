//! The second step of signing in: a one-time code, or a recovery code.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use isds_core::FactorError;
use serde::Deserialize;

use super::{Asked, Told, enter, own_path, step_of, with_next};
use crate::page::{Notice, Page, PageError, Posted, Visitor};

#[derive(Deserialize)]
pub(super) struct Form {
    code: String,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in/code.html")]
struct CodePage<'a> {
    page: &'a Page,
    next: &'a str,
    back: String,
    told: Told,
}

pub(super) async fn form(visitor: Visitor, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    if step_of(&visitor).is_none() {
        return Ok(over(&visitor, asked.next()));
    }
    show(&visitor, asked.next(), Told::Nothing)
}

pub(super) async fn sign_in(visitor: Visitor, Posted(form): Posted<Form>) -> Result<Response, PageError> {
    let next = own_path(form.next.as_deref());
    let Some(token) = step_of(&visitor) else {
        return Ok(over(&visitor, next));
    };
    let isds = &visitor.site.isds;
    let told = match isds
        .sign_in_by_code(&token, &form.code, visitor.connection.address)
        .await
    {
        Ok(principal) => return enter(&visitor, &principal, None, next).await,
        Err(FactorError::Over) => return Ok(over(&visitor, next)),
        Err(FactorError::Wrong) => Told::Text("sign-in-code-wrong"),
        Err(FactorError::Locked(lockout)) => Told::of(lockout),
        Err(FactorError::Broken(failure)) => return Err(failure.into()),
        Err(_) => return Err(PageError::NoRight),
    };
    show(&visitor, next, told)
}

/// The step took too long, or belongs to another browser: from the beginning.
fn over(visitor: &Visitor, next: &str) -> Response {
    let to = with_next("/sign-in", next);
    visitor.page.redirect(&to, Notice::failed("sign-in-step-over"))
}

fn show(visitor: &Visitor, next: &str, told: Told) -> Result<Response, PageError> {
    visitor.page.render(&CodePage {
        page: &visitor.page,
        next,
        back: with_next("/sign-in", next),
        told,
    })
}
