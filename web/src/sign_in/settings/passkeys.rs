//! Adding, naming and removing passkeys.

use askama::Template;
use axum::Json;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use isds_core::FactorError;
use isds_core::sign_in_factors::{MAX_PASSKEY_NAME, PasskeyId};
use serde::Deserialize;
use serde_json::json;

use super::{HERE, not_done};
use crate::page::error::form_encoded;
use crate::page::{Notice, Page, PageError, Posted, SignedIn};
use crate::sign_in::browser;
use crate::sign_in::passkey::{not_examined, reach};
use crate::sign_in::relying_party::{PasskeyError, RelyingParty};

const NEW: &str = "/settings/sign-in/passkeys/new";

#[derive(Template)]
#[template(path = "sign_in/new_passkey.html")]
struct NewPasskeyPage<'a> {
    page: &'a Page,
    name: String,
    longest_name: usize,
    here: bool,
    elsewhere: Option<String>,
}

/// What the passkey is to be called, where that was typed before.
#[derive(Deserialize)]
pub(super) struct Named {
    name: Option<String>,
}

impl Named {
    /// The page with what was typed.
    fn page(&self) -> String {
        match &self.name {
            Some(name) => format!("{NEW}?name={}", form_encoded(name)),
            None => NEW.to_owned(),
        }
    }
}

/// A name is proposed: what the browser runs on, as people know their devices.
pub(super) async fn form(signed_in: SignedIn, Query(named): Query<Named>) -> Result<Response, PageError> {
    let here = named.page();
    if let Err(error) = signed_in.site.isds.passkeys_before_another(&signed_in.person).await {
        let back = match error {
            FactorError::ProofNeeded => here.as_str(),
            _ => HERE,
        };
        return not_done(&signed_in, back, error);
    }
    let (here, elsewhere) = reach(&signed_in);
    let name = named.name.or_else(|| browser::in_words(signed_in.agent()));
    signed_in.page.render(&NewPasskeyPage {
        page: &signed_in.page,
        name: name.unwrap_or_default(),
        longest_name: MAX_PASSKEY_NAME,
        here,
        elsewhere: elsewhere.map(|origin| origin + NEW),
    })
}

/// What the browser is to make a passkey by; where that is not to be had yet, the page to go to first.
pub(super) async fn options(signed_in: SignedIn, Posted(named): Posted<Named>) -> Result<Response, PageError> {
    let isds = &signed_in.site.isds;
    let party = party(&signed_in).map_err(not_examined)?;
    let user = match isds.passkeys_before_another(&signed_in.person).await {
        Ok(user) => user,
        Err(error) => return elsewhere(&named, error),
    };
    let person = &signed_in.person;
    let full_name = person.person.full_name();
    // The device shows it beside the passkey: the login name that people know themselves by.
    let name = person.session.login.as_deref().unwrap_or(&full_name);
    let (options, state) = party.ask_to_make(&user, name, &full_name).map_err(not_examined)?;
    match isds.begin_passkey_registration(person, state).await {
        Ok(()) => Ok(Json(options).into_response()),
        Err(error) => elsewhere(&named, error),
    }
}

/// For the script: the page itself says what is missing, and a proof that has grown old is asked for anew.
fn elsewhere(named: &Named, error: FactorError) -> Result<Response, PageError> {
    match error {
        FactorError::Broken(failure) => Err(failure.into()),
        _ => Ok((StatusCode::CONFLICT, Json(json!({ "page": named.page() }))).into_response()),
    }
}

#[derive(Deserialize)]
pub(super) struct Added {
    name: String,
    credential: String,
}

pub(super) async fn add(signed_in: SignedIn, Posted(form): Posted<Added>) -> Result<Response, PageError> {
    match added(&signed_in, form).await {
        Ok(()) => Ok(signed_in.page.redirect(HERE, Notice::done("sign-in-passkey-added"))),
        Err(error) => not_done(&signed_in, NEW, error),
    }
}

async fn added(signed_in: &SignedIn, form: Added) -> Result<(), FactorError> {
    let isds = &signed_in.site.isds;
    let state = isds.take_passkey_registration(&signed_in.person).await?;
    let made = party(signed_in).and_then(|party| party.made(&form.credential, &state, form.name));
    let passkey = made.map_err(|error| match error {
        PasskeyError::Wrong(reason) => {
            tracing::debug!(?reason, "a new passkey was refused");
            FactorError::Wrong
        }
        PasskeyError::Address => FactorError::Wrong,
        error => isds_core::Failure::Broken("a passkey could not be examined", Box::new(error)).into(),
    })?;
    isds.add_passkey(&signed_in.person, passkey).await?;
    Ok(())
}

fn party(signed_in: &SignedIn) -> Result<RelyingParty, PasskeyError> {
    let name = signed_in.page.t("layout-site");
    RelyingParty::of(&signed_in.site, &signed_in.headers, &name)
}

#[derive(Deserialize)]
pub(super) struct Renamed {
    id: i64,
    name: String,
}

pub(super) async fn rename(signed_in: SignedIn, Posted(form): Posted<Renamed>) -> Result<Response, PageError> {
    let isds = &signed_in.site.isds;
    match isds
        .rename_passkey(&signed_in.person, PasskeyId(form.id), &form.name)
        .await
    {
        Ok(()) => Ok(signed_in.page.redirect(HERE, Notice::done("sign-in-passkey-renamed"))),
        Err(error) => not_done(&signed_in, HERE, error),
    }
}

#[derive(Deserialize)]
pub(super) struct Removed {
    id: i64,
}

pub(super) async fn remove(signed_in: SignedIn, Posted(form): Posted<Removed>) -> Result<Response, PageError> {
    let isds = &signed_in.site.isds;
    match isds.remove_passkey(&signed_in.person, PasskeyId(form.id)).await {
        Ok(()) => Ok(signed_in.page.redirect(HERE, Notice::done("sign-in-passkey-removed"))),
        Err(error) => not_done(&signed_in, HERE, error),
    }
}
