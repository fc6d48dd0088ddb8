//! Signing in and out, the account chooser, and what people set up for signing in.

mod boxes;
mod browser;
mod choose;
mod code;
mod passkey;
mod password;
mod qr;
mod relying_party;
mod settings;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::Extension;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use isds_core::account::Lockout;
use isds_core::principal::Principal;
use isds_core::session::{SessionToken, SignedInPerson};
use isds_core::sign_in_factors::PasskeyId;
use isds_core::time::Timestamp;

use crate::Site;
use crate::page::error::form_encoded;
use crate::page::pace::Pace;
use crate::page::preferences::is_own_path;
use crate::page::{Notice, PageError, Posted, SESSION_COOKIE, Visitor, set_cookie};

pub use relying_party::{OriginError, Origins};

/// Holds the token of a step that waits for its second half.
const STEP_COOKIE: &str = "isds_step";
/// Where somebody who signed in goes when they asked for nothing else.
const FIRST_PAGE: &str = "/home";
/// Where somebody with several boxes goes.
const CHOOSER: &str = "/boxes";

pub(crate) fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/sign-in", get(password::form).post(password::sign_in))
        .route("/sign-in/code", get(code::form).post(code::sign_in))
        .route("/sign-in/passkey", get(passkey::form).post(passkey::sign_in))
        .route("/sign-in/passkey/options", post(passkey::options))
        .route("/sign-in/password", get(choose::form).post(choose::save))
        .route("/sign-out", post(sign_out))
        .route("/boxes", get(boxes::list))
        .route("/boxes/activate", post(boxes::activate))
        .merge(settings::router())
        .layer(Extension(OptionsPace::default()))
}

/// Signing in by passkey begins with a question that anybody may ask, and each is remembered for a few minutes.
const OPTIONS_A_MINUTE: u32 = 60;

/// How often one address asks that question.
#[derive(Clone)]
struct OptionsPace(Pace);

impl Default for OptionsPace {
    fn default() -> Self {
        Self(Pace::new(OPTIONS_A_MINUTE))
    }
}

#[derive(serde::Deserialize)]
struct Nothing {}

/// What a page of signing in was asked for.
#[derive(serde::Deserialize)]
struct Asked {
    next: Option<String>,
}

impl Asked {
    fn next(&self) -> &str {
        own_path(self.next.as_deref())
    }
}

/// Where to go on; empty where nothing was asked for, or what leads elsewhere.
fn own_path(next: Option<&str>) -> &str {
    next.filter(|next| is_own_path(next)).unwrap_or("")
}

/// What stands above a form that did not lead on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    /// A text by its key.
    Text(&'static str),
    /// Locked until then, in real time.
    LockedUntil(Timestamp),
}

impl Told {
    fn of(lockout: Lockout) -> Self {
        match lockout {
            Lockout::Login(until) => Self::LockedUntil(until),
            Lockout::Address => Self::Text("sign-in-locked-address"),
        }
    }
}

/// Begins the session of somebody who has just proven themselves. Always with a new token: one that somebody planted
/// before leads nowhere.
async fn enter(
    visitor: &Visitor,
    principal: &Principal,
    passkey: Option<PasskeyId>,
    next: &str,
) -> Result<Response, PageError> {
    let isds = &visitor.site.isds;
    if let Some(token) = &visitor.token {
        isds.end_session(token).await?;
    }
    let token = isds
        .begin_session(principal, passkey, visitor.connection.address, visitor.agent())
        .await?;
    let person = isds.session(&token).await?.ok_or(PageError::NoRight)?;
    let to = if person.must_choose_password(isds.clock.legal()) {
        with_next("/sign-in/password", next)
    } else {
        // Who shows the access data of a box has signed in to it; whoever comes by another way says so in the chooser.
        if principal.login.is_some() {
            isds.activate_by_sign_in(principal).await?;
        }
        destination(&person, next)
    };
    let mut answer = Redirect::to(&to).into_response();
    let secure = visitor.connection.secure;
    let cookies = [
        set_cookie(SESSION_COOKIE, token.as_str(), None, secure),
        set_cookie(STEP_COOKIE, "", Some(0), secure),
    ];
    for cookie in cookies.into_iter().flatten() {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(answer)
}

/// Where somebody who signed in goes.
fn destination(person: &SignedInPerson, next: &str) -> String {
    if !next.is_empty() && !next.starts_with("/sign-in") {
        return next.to_owned();
    }
    let to = match person.boxes().count() {
        0 if person.as_operator().is_some() => "/admin",
        0 | 1 => FIRST_PAGE,
        _ => CHOOSER,
    };
    to.to_owned()
}

/// A page of ours that goes on to another.
fn with_next(path: &str, next: &str) -> String {
    if next.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?next={}", form_encoded(next))
    }
}

/// The answer with the cookie of a step that has just begun.
fn begin_step(mut answer: Response, token: &SessionToken, secure: bool) -> Response {
    if let Some(cookie) = set_cookie(STEP_COOKIE, token.as_str(), None, secure) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

/// The token of the step that the visitor is in.
fn step_of(visitor: &Visitor) -> Option<SessionToken> {
    visitor.cookies.get(STEP_COOKIE).and_then(SessionToken::parse)
}

async fn sign_out(visitor: Visitor, _: Posted<Nothing>) -> Result<Response, PageError> {
    if let Some(token) = &visitor.token {
        visitor.site.isds.end_session(token).await?;
    }
    Ok(signed_out(&visitor, Notice::done("sign-in-signed-out")))
}

/// The front page, without a session.
fn signed_out(visitor: &Visitor, notice: Notice) -> Response {
    let mut answer = visitor.page.redirect("/", notice);
    if let Some(cookie) = set_cookie(SESSION_COOKIE, "", Some(0), visitor.connection.secure) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}
