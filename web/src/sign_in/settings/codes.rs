//! One-time codes: setting them up, recovery codes, switching them off.

use askama::Template;
use axum::response::Response;
use isds_core::FactorError;
use serde::Deserialize;

use super::{HERE, not_done};
use crate::page::{Notice, Page, PageError, Posted, SignedIn};
use crate::sign_in::Nothing;
use crate::sign_in::qr::{self, Picture};

const SET_UP: &str = "/settings/sign-in/codes";

#[derive(Template)]
#[template(path = "sign_in/codes.html")]
struct SetUpPage<'a> {
    page: &'a Page,
    /// In groups of four.
    secret: Vec<String>,
    address: String,
    picture: Option<Picture>,
    error: String,
}

#[derive(Template)]
#[template(path = "sign_in/recovery.html")]
struct RecoveryPage<'a> {
    page: &'a Page,
    codes: Vec<String>,
    first: bool,
}

pub(super) async fn form(signed_in: SignedIn) -> Result<Response, PageError> {
    show(&signed_in, String::new()).await
}

#[derive(Deserialize)]
pub(super) struct Code {
    code: String,
}

pub(super) async fn switch_on(signed_in: SignedIn, Posted(form): Posted<Code>) -> Result<Response, PageError> {
    match signed_in.site.isds.switch_codes_on(&signed_in.person, &form.code).await {
        Ok(codes) => recovery(&signed_in, codes, true),
        Err(FactorError::Wrong) => {
            let error = signed_in.page.t("sign-in-code-wrong").into_owned();
            show(&signed_in, error).await
        }
        Err(error) => not_done(&signed_in, HERE, error),
    }
}

pub(super) async fn abandon(signed_in: SignedIn, _: Posted<Nothing>) -> Result<Response, PageError> {
    match signed_in.site.isds.abandon_codes(&signed_in.person).await {
        Ok(()) => Ok(signed_in.page.redirect(HERE, Notice::done("sign-in-codes-abandoned"))),
        Err(error) => not_done(&signed_in, HERE, error),
    }
}

pub(super) async fn renew(signed_in: SignedIn, _: Posted<Nothing>) -> Result<Response, PageError> {
    match signed_in.site.isds.renew_recovery_codes(&signed_in.person).await {
        Ok(codes) => recovery(&signed_in, codes, false),
        Err(error) => not_done(&signed_in, HERE, error),
    }
}

pub(super) async fn switch_off(signed_in: SignedIn, _: Posted<Nothing>) -> Result<Response, PageError> {
    match signed_in.site.isds.switch_codes_off(&signed_in.person).await {
        Ok(()) => Ok(signed_in.page.redirect(HERE, Notice::done("sign-in-codes-off-done"))),
        Err(error) => not_done(&signed_in, HERE, error),
    }
}

/// They are shown in the answer to the form itself: nothing of them is kept for a page to be loaded again.
fn recovery(signed_in: &SignedIn, codes: Vec<String>, first: bool) -> Result<Response, PageError> {
    signed_in.page.render(&RecoveryPage {
        page: &signed_in.page,
        codes,
        first,
    })
}

async fn show(signed_in: &SignedIn, error: String) -> Result<Response, PageError> {
    let isds = &signed_in.site.isds;
    let begun = match isds.set_codes_up(&signed_in.person).await {
        Ok(begun) => begun,
        Err(error) => return not_done(signed_in, SET_UP, error),
    };
    let full_name = signed_in.person.person.full_name();
    let account = signed_in.person.session.login.as_deref().unwrap_or(&full_name);
    let address = qr::address(&signed_in.page.t("layout-site"), account, &begun.secret);
    let secret: Vec<char> = begun.secret.chars().collect();
    signed_in.page.render(&SetUpPage {
        page: &signed_in.page,
        secret: secret.chunks(4).map(|group| group.iter().collect()).collect(),
        picture: qr::picture(&address),
        address,
        error,
    })
}
