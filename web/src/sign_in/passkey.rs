//! Signing in by passkey. The browser's part is done by `js/sign-in.js`.

use askama::Template;
use axum::Json;
use axum::extract::{Extension, Query};
use axum::response::{IntoResponse, Response};
use isds_core::FactorError;
use isds_core::principal::Principal;
use isds_core::sign_in_factors::PasskeyId;
use serde::Deserialize;
use webauthn_rs::prelude::PublicKeyCredential;

use super::relying_party::{PasskeyError, RelyingParty, read};
use super::{Asked, OptionsPace, Told, begin_step, enter, own_path, step_of, with_next};
use crate::page::{Page, PageError, Posted, Visitor};

#[derive(Deserialize)]
pub(super) struct OptionsForm {
    login: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Form {
    credential: String,
    login: Option<String>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in/passkey.html")]
struct PasskeyPage<'a> {
    page: &'a Page,
    tab: &'static str,
    login: &'a str,
    next: &'a str,
    passkey_tab: String,
    password_tab: String,
    /// Another address, where this one is not one that passkeys know.
    elsewhere: Option<String>,
    /// There are passkeys under this address.
    here: bool,
    told: Told,
}

pub(super) async fn form(visitor: Visitor, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    show(&visitor, "", asked.next(), Told::Nothing)
}

/// What the browser is to ask its devices for.
pub(super) async fn options(
    visitor: Visitor,
    Extension(OptionsPace(pace)): Extension<OptionsPace>,
    Posted(form): Posted<OptionsForm>,
) -> Result<Response, PageError> {
    let party = party(&visitor)?;
    let isds = &visitor.site.isds;
    pace.step(visitor.connection.address, isds.clock.real())
        .map_err(PageError::TooMany)?;
    let login = form.login.as_deref().map(str::trim).filter(|login| !login.is_empty());
    let named = match login {
        Some(login) => Some((login, isds.passkeys_of_login(login).await?)),
        None => None,
    };
    let (options, state) = party.ask_for(named).map_err(not_examined)?;
    let token = isds.begin_passkey_sign_in(login, state).await?;
    Ok(begin_step(
        Json(options).into_response(),
        &token,
        visitor.connection.secure,
    ))
}

pub(super) async fn sign_in(visitor: Visitor, Posted(form): Posted<Form>) -> Result<Response, PageError> {
    let next = own_path(form.next.as_deref());
    let told = match let_in(&visitor, &form.credential).await {
        Ok((principal, passkey)) => return enter(&visitor, &principal, Some(passkey), next).await,
        Err(FactorError::Over) => Told::Text("sign-in-passkey-over"),
        Err(FactorError::Locked(lockout)) => Told::of(lockout),
        Err(FactorError::Broken(failure)) => return Err(failure.into()),
        Err(_) => Told::Text("sign-in-passkey-wrong"),
    };
    show(&visitor, form.login.as_deref().unwrap_or(""), next, told)
}

async fn let_in(visitor: &Visitor, credential: &str) -> Result<(Principal, PasskeyId), FactorError> {
    let isds = &visitor.site.isds;
    let token = step_of(visitor).ok_or(FactorError::Over)?;
    let address = visitor.connection.address;
    let party = RelyingParty::of(&visitor.site, &visitor.headers, "").map_err(|_| FactorError::Wrong)?;
    // What no device answers guesses nothing, so it does not count for the address: others may stand behind it.
    let answer = read::<PublicKeyCredential>(credential).map_err(|_| FactorError::Wrong)?;
    let (state, kept) = isds.take_passkey_sign_in(&token, &answer.raw_id, address).await?;
    match party.signed(&answer, &state, &kept) {
        Ok(credential) => Ok((isds.sign_in_by_passkey(&kept, &credential).await?, kept.id)),
        Err(PasskeyError::Wrong(reason)) => {
            tracing::debug!(?reason, "a passkey was refused");
            Err(isds.failed_passkey(address).await)
        }
        Err(error) => Err(isds_core::Failure::Broken("a passkey could not be examined", Box::new(error)).into()),
    }
}

fn party(visitor: &Visitor) -> Result<RelyingParty, PageError> {
    let name = visitor.page.t("layout-site");
    RelyingParty::of(&visitor.site, &visitor.headers, &name).map_err(not_examined)
}

pub(super) fn not_examined(error: PasskeyError) -> PageError {
    match error {
        PasskeyError::Address => PageError::NoSuchPage,
        PasskeyError::Wrong(_) => PageError::WrongForm,
        error => PageError::Broken("a passkey could not be examined", Box::new(error)),
    }
}

/// Whether there are passkeys under the address of the request, and where there are where not.
pub(super) fn reach(visitor: &Visitor) -> (bool, Option<String>) {
    let here = RelyingParty::of(&visitor.site, &visitor.headers, "").is_ok();
    (here, visitor.site.origins.first().filter(|_| !here))
}

fn show(visitor: &Visitor, login: &str, next: &str, told: Told) -> Result<Response, PageError> {
    let (here, elsewhere) = reach(visitor);
    visitor.page.render(&PasskeyPage {
        page: &visitor.page,
        tab: "passkey",
        login,
        next,
        passkey_tab: with_next("/sign-in/passkey", next),
        password_tab: with_next("/sign-in", next),
        elsewhere: elsewhere.map(|origin| origin + &with_next("/sign-in/passkey", next)),
        here,
        told,
    })
}
