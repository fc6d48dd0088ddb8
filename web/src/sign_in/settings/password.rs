//! Another password for one of one's login names, and whether it expires.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use isds_core::Failure;
use serde::Deserialize;

use super::HERE;
use crate::page::{Notice, Page, PageError, Posted, SignedIn};

#[derive(Deserialize)]
pub(super) struct Asked {
    login: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Form {
    login: String,
    old: String,
    new: String,
    again: String,
}

#[derive(Deserialize)]
pub(super) struct Expiry {
    login: String,
    expires: bool,
}

#[derive(Template)]
#[template(path = "sign_in/change_password.html")]
struct PasswordPage<'a> {
    page: &'a Page,
    logins: Vec<String>,
    login: &'a str,
    error: String,
    again_error: String,
}

pub(super) async fn form(signed_in: SignedIn, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let used = signed_in.person.session.login.as_deref();
    let login = asked.login.as_deref().or(used).unwrap_or("");
    show(&signed_in, login, String::new(), String::new()).await
}

pub(super) async fn save(signed_in: SignedIn, Posted(form): Posted<Form>) -> Result<Response, PageError> {
    if form.new != form.again {
        let error = signed_in.page.t("sign-in-again-differs").into_owned();
        return show(&signed_in, &form.login, String::new(), error).await;
    }
    let isds = &signed_in.site.isds;
    let address = signed_in.connection.address;
    let changed = isds.choose_own_password(&signed_in.person, &form.login, &form.old, &form.new, address);
    match changed.await {
        Ok(()) => Ok(signed_in.page.redirect(HERE, Notice::done("sign-in-password-changed"))),
        Err(Failure::Refused(refusal)) => show(&signed_in, &form.login, refusal.text(), String::new()).await,
        Err(failure) => Err(failure.into()),
    }
}

pub(super) async fn expiry(signed_in: SignedIn, Posted(form): Posted<Expiry>) -> Result<Response, PageError> {
    let isds = &signed_in.site.isds;
    isds.choose_own_password_expiry(&signed_in.person, &form.login, form.expires)
        .await?;
    let notice = match form.expires {
        true => Notice::done("sign-in-expiry-on"),
        false => Notice::done("sign-in-expiry-off"),
    };
    Ok(signed_in.page.redirect(HERE, notice))
}

async fn show(signed_in: &SignedIn, login: &str, error: String, again_error: String) -> Result<Response, PageError> {
    let logins = signed_in.site.isds.own_logins(&signed_in.person).await?;
    signed_in.page.render(&PasswordPage {
        page: &signed_in.page,
        logins: logins.into_iter().map(|(name, _)| name).collect(),
        login,
        error,
        again_error,
    })
}
