//! Where somebody is signed in, and ending it.

use askama::Template;
use axum::response::Response;
use isds_core::time::Timestamp;
use serde::Deserialize;

use crate::page::{Notice, Page, PageError, Posted, SignedIn};
use crate::sign_in::words::method_key;
use crate::sign_in::{browser, signed_out};

const HERE: &str = "/settings/sessions";

/// A session as the page shows it.
struct Shown {
    id: String,
    own: bool,
    browser: Option<String>,
    address: String,
    begun: Timestamp,
    last_seen: Timestamp,
    method: &'static str,
}

#[derive(Template)]
#[template(path = "sign_in/sessions.html")]
struct SessionsPage<'a> {
    page: &'a Page,
    sessions: Vec<Shown>,
}

pub(super) async fn list(signed_in: SignedIn) -> Result<Response, PageError> {
    let own = &signed_in.person.session.public_id;
    let sessions = signed_in.site.isds.sessions_of(&signed_in.person).await?;
    let sessions = sessions.into_iter().map(|session| Shown {
        own: session.public_id == *own,
        browser: browser::in_words(&session.agent),
        address: session.address.to_string(),
        begun: session.begun,
        last_seen: session.last_seen,
        method: method_key(session.method),
        id: session.public_id,
    });
    signed_in.page.render(&SessionsPage {
        page: &signed_in.page,
        sessions: sessions.collect(),
    })
}

#[derive(Deserialize)]
pub(super) struct Ended {
    id: String,
}

pub(super) async fn end(signed_in: SignedIn, Posted(form): Posted<Ended>) -> Result<Response, PageError> {
    let ended = signed_in
        .site
        .isds
        .end_other_sessions(&signed_in.person, Some(&form.id))
        .await?;
    let notice = match ended {
        0 => Notice::failed("sign-in-session-gone"),
        _ => Notice::done("sign-in-session-ended"),
    };
    Ok(signed_in.page.redirect(HERE, notice))
}

#[derive(Deserialize)]
pub(super) struct EndAll {
    which: Which,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Which {
    /// All but this one.
    Others,
    /// This one too.
    All,
}

pub(super) async fn end_all(signed_in: SignedIn, Posted(form): Posted<EndAll>) -> Result<Response, PageError> {
    let isds = &signed_in.site.isds;
    isds.end_other_sessions(&signed_in.person, None).await?;
    if form.which == Which::Others {
        return Ok(signed_in.page.redirect(HERE, Notice::done("sign-in-others-ended")));
    }
    if let Some(token) = &signed_in.token {
        isds.end_session(token).await?;
    }
    Ok(signed_out(&signed_in, Notice::done("sign-in-all-ended")))
}
