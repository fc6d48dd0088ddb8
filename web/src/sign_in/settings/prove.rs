//! The password once more, before what lets people in is changed.

use askama::Template;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use isds_core::{Credentials, SignInError};
use serde::Deserialize;

use super::HERE;
use crate::page::{Page, PageError, Posted, SignedIn};
use crate::sign_in::{Asked, Told, own_path};

#[derive(Deserialize)]
pub(super) struct Form {
    login: String,
    password: String,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in/prove.html")]
struct ProvePage<'a> {
    page: &'a Page,
    logins: Vec<String>,
    login: &'a str,
    next: &'a str,
    told: Told,
}

pub(super) async fn form(signed_in: SignedIn, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    show(&signed_in, "", asked.next(), Told::Nothing).await
}

pub(super) async fn save(signed_in: SignedIn, Posted(form): Posted<Form>) -> Result<Response, PageError> {
    let credentials = Credentials {
        login: form.login,
        password: form.password,
    };
    let next = own_path(form.next.as_deref());
    let isds = &signed_in.site.isds;
    let address = signed_in.connection.address;
    let told = match isds.prove_again(&signed_in.person, &credentials, address).await {
        Ok(()) => {
            let to = if next.is_empty() { HERE } else { next };
            return Ok(Redirect::to(to).into_response());
        }
        Err(SignInError::Busy) => return Err(PageError::TooMany(5)),
        Err(SignInError::Broken(failure)) => return Err(failure.into()),
        Err(SignInError::Wrong) => Told::Text("sign-in-password-wrong"),
        Err(SignInError::Locked(lockout)) => Told::of(lockout),
    };
    show(&signed_in, &credentials.login, next, told).await
}

async fn show(signed_in: &SignedIn, login: &str, next: &str, told: Told) -> Result<Response, PageError> {
    let logins = signed_in.site.isds.own_logins(&signed_in.person).await?;
    let used = signed_in.person.session.login.as_deref();
    signed_in.page.render(&ProvePage {
        page: &signed_in.page,
        logins: logins.into_iter().map(|(name, _)| name).collect(),
        login: if login.is_empty() { used.unwrap_or("") } else { login },
        next,
        told,
    })
}
