//! The account chooser: in which box to act, of those that are the person's.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use isds_core::box_state::BoxState;
use isds_core::ids::BoxId;
use serde::Deserialize;

use super::words::{box_type_key, user_type_key};
use crate::page::{Notice, Page, PageError, Posted, SignedIn};

/// One way in.
struct Account {
    logins: Vec<String>,
    user_type: &'static str,
    box_id: BoxId,
    holder: String,
    box_type: &'static str,
    box_type_key: &'static str,
    state: BoxState,
    /// A new box that this person's sign-in makes accessible.
    waits: bool,
}

#[derive(Template)]
#[template(path = "sign_in/boxes.html")]
struct BoxesPage<'a> {
    page: &'a Page,
    accounts: Vec<Account>,
}

pub(super) async fn list(signed_in: SignedIn) -> Result<Response, PageError> {
    let person = &signed_in.person;
    let logins = signed_in.site.isds.own_logins(person).await?;
    let accounts = person.boxes().map(|(membership, data_box)| {
        let own = logins.iter().filter(|(_, id)| *id == membership.id);
        Account {
            logins: own.map(|(login, _)| login.clone()).collect(),
            user_type: user_type_key(membership.user_type),
            box_id: data_box.id,
            holder: data_box.holder_name(),
            box_type: data_box.box_type.name(),
            box_type_key: box_type_key(data_box.box_type),
            state: data_box.state,
            waits: data_box.state == BoxState::NotActivated && membership.user_type.acts_as_holder(),
        }
    });
    signed_in.page.render(&BoxesPage {
        page: &signed_in.page,
        accounts: accounts.collect(),
    })
}

#[derive(Deserialize)]
pub(super) struct Activate {
    #[serde(rename = "box")]
    box_id: String,
}

/// The first sign-in to a new box, by somebody who came in through another one.
pub(super) async fn activate(signed_in: SignedIn, Posted(form): Posted<Activate>) -> Result<Response, PageError> {
    let id: BoxId = form.box_id.parse().map_err(|_| PageError::NoSuchPage)?;
    let principal = signed_in.person.in_box(id).ok_or(PageError::NoSuchPage)?;
    let to = format!("/b/{id}/received");
    if signed_in.site.isds.activate_by_sign_in(&principal).await? {
        Ok(signed_in.page.redirect(&to, Notice::done("sign-in-box-activated")))
    } else {
        Ok(Redirect::to(&to).into_response())
    }
}
