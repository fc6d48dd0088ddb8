//! Signing in by name and password.

use askama::Template;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use isds_core::{Credentials, PasswordStep, SignInError};
use serde::Deserialize;

use super::{Asked, Told, begin_step, enter, own_path, with_next};
use crate::page::{Page, PageError, Posted, Visitor};

#[derive(Deserialize)]
pub(super) struct Form {
    login: String,
    password: String,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in/password.html")]
struct SignInPage<'a> {
    page: &'a Page,
    tab: &'static str,
    login: &'a str,
    next: &'a str,
    passkey_tab: String,
    password_tab: String,
    told: Told,
}

pub(super) async fn form(visitor: Visitor, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    show(&visitor, "", asked.next(), Told::Nothing)
}

pub(super) async fn sign_in(visitor: Visitor, Posted(form): Posted<Form>) -> Result<Response, PageError> {
    let credentials = Credentials {
        login: form.login.trim().to_owned(),
        password: form.password,
    };
    let next = own_path(form.next.as_deref());
    let isds = &visitor.site.isds;
    let told = match isds.sign_in_by_password(&credentials, visitor.connection.address).await {
        Ok(PasswordStep::SignedIn(principal)) => return enter(&visitor, &principal, None, next).await,
        Ok(PasswordStep::CodeNeeded(token)) => {
            let answer = Redirect::to(&with_next("/sign-in/code", next)).into_response();
            return Ok(begin_step(answer, &token, visitor.connection.secure));
        }
        Err(SignInError::Busy) => return Err(PageError::TooMany(5)),
        Err(SignInError::Broken(failure)) => return Err(failure.into()),
        Err(SignInError::Wrong) => Told::Text("sign-in-wrong"),
        Err(SignInError::Locked(lockout)) => Told::of(lockout),
    };
    show(&visitor, &credentials.login, next, told)
}

fn show(visitor: &Visitor, login: &str, next: &str, told: Told) -> Result<Response, PageError> {
    visitor.page.render(&SignInPage {
        page: &visitor.page,
        tab: "password",
        login,
        next,
        passkey_tab: with_next("/sign-in/passkey", next),
        password_tab: with_next("/sign-in", next),
        told,
    })
}
