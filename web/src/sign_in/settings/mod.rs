//! `/settings/sign-in`, `/settings/sessions`: password, passkeys, one-time codes, sessions.

mod codes;
mod passkeys;
mod password;
mod prove;
mod sessions;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use isds_core::FactorError;
use isds_core::sign_in_factors::{MAX_PASSKEY_NAME, SignInFactors};
use isds_core::time::Timestamp;

use super::with_next;
use crate::Site;
use crate::page::{Notice, Page, PageError, SignedIn};

/// What is set up for signing in.
const HERE: &str = "/settings/sign-in";

pub(super) fn router() -> Router<Arc<Site>> {
    Router::new()
        .route(HERE, get(overview))
        .route("/settings/sign-in/prove", get(prove::form).post(prove::save))
        .route("/settings/sign-in/password", get(password::form).post(password::save))
        .route("/settings/sign-in/expiry", post(password::expiry))
        .route("/settings/sign-in/passkeys", post(passkeys::add))
        .route("/settings/sign-in/passkeys/new", get(passkeys::form))
        .route("/settings/sign-in/passkeys/options", post(passkeys::options))
        .route("/settings/sign-in/passkeys/rename", post(passkeys::rename))
        .route("/settings/sign-in/passkeys/remove", post(passkeys::remove))
        .route("/settings/sign-in/codes", get(codes::form).post(codes::switch_on))
        .route("/settings/sign-in/codes/abandon", post(codes::abandon))
        .route("/settings/sign-in/codes/recovery", post(codes::renew))
        .route("/settings/sign-in/codes/off", post(codes::switch_off))
        .route("/settings/sessions", get(sessions::list))
        .route("/settings/sessions/end", post(sessions::end))
        .route("/settings/sessions/end-all", post(sessions::end_all))
}

/// A login name with its password.
struct Login {
    name: String,
    expires: Option<Timestamp>,
    /// It ends soon.
    ends: bool,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "sign_in/settings.html")]
struct OverviewPage<'a> {
    page: &'a Page,
    logins: Vec<Login>,
    factors: SignInFactors,
    longest_name: usize,
}

async fn overview(signed_in: SignedIn) -> Result<Response, PageError> {
    let isds = &signed_in.site.isds;
    let ending = isds.own_ending_passwords(&signed_in.person).await?;
    let mut logins = Vec::new();
    for (name, _) in isds.own_logins(&signed_in.person).await? {
        let (expires, chosen) = isds.own_password_expiry(&signed_in.person, &name).await?;
        let ends = ending.iter().any(|password| password.login == name);
        logins.push(Login {
            name,
            expires,
            ends,
            chosen,
        });
    }
    signed_in.page.render(&OverviewPage {
        page: &signed_in.page,
        logins,
        factors: isds.sign_in_factors(&signed_in.person).await?,
        longest_name: MAX_PASSKEY_NAME,
    })
}

/// Where somebody is led whose request about passkeys or codes was not done: first of all to prove themselves, and from
/// there to the page that they were on.
fn not_done(signed_in: &SignedIn, page: &str, error: FactorError) -> Result<Response, PageError> {
    let notice = match error {
        FactorError::ProofNeeded => {
            let to = with_next("/settings/sign-in/prove", page);
            return Ok(Redirect::to(&to).into_response());
        }
        FactorError::Broken(failure) => return Err(failure.into()),
        FactorError::Unknown => return Err(PageError::NoSuchPage),
        FactorError::Wrong => "sign-in-factor-wrong",
        FactorError::Over => "sign-in-factor-over",
        FactorError::Locked(_) => "sign-in-locked-address",
        FactorError::TooMany => "sign-in-passkeys-too-many",
        FactorError::Name => "sign-in-passkey-name-wrong",
        FactorError::Taken => "sign-in-passkey-taken",
    };
    Ok(signed_in.page.redirect(page, Notice::failed(notice)))
}
