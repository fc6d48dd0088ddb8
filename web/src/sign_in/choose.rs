//! Choosing a password of one's own in the place of the one that was issued, or has expired. Until then nothing else is
//! to be seen.

use askama::Template;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use isds_core::Failure;
use isds_core::session::SignedInPerson;
use serde::Deserialize;

use super::{Asked, destination, own_path};
use crate::page::{Page, PageError, Posted, Visitor};

#[derive(Deserialize)]
pub(super) struct Form {
    old: String,
    new: String,
    again: String,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in/choose.html")]
struct ChoosePage<'a> {
    page: &'a Page,
    login: &'a str,
    next: &'a str,
    initial: bool,
    error: String,
    again_error: String,
}

pub(super) async fn form(visitor: Visitor, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let person = visitor.person.as_ref().ok_or(PageError::SignIn { next: None })?;
    if !person.must_choose_password(visitor.site.isds.clock.legal()) {
        return Ok(Redirect::to(&destination(person, asked.next())).into_response());
    }
    show(&visitor, person, asked.next(), String::new(), String::new())
}

pub(super) async fn save(visitor: Visitor, Posted(form): Posted<Form>) -> Result<Response, PageError> {
    let person = visitor.person.as_ref().ok_or(PageError::SignIn { next: None })?;
    let token = visitor.token.as_ref().ok_or(PageError::NoRight)?;
    let login = person.session.login.as_deref().ok_or(PageError::NoRight)?;
    let next = own_path(form.next.as_deref());
    if form.new != form.again {
        let error = visitor.page.t("sign-in-again-differs").into_owned();
        return show(&visitor, person, next, String::new(), error);
    }
    let isds = &visitor.site.isds;
    let changed = isds.choose_own_password(person, login, &form.old, &form.new, visitor.connection.address);
    match changed.await {
        Ok(()) => {}
        Err(Failure::Refused(refusal)) => return show(&visitor, person, next, refusal.text(), String::new()),
        Err(failure) => return Err(failure.into()),
    }
    let person = isds.session(token).await?.ok_or(PageError::SignIn { next: None })?;
    // Now they have signed in to the box whose access data these are.
    let own = person
        .memberships
        .iter()
        .find(|own| own.membership.id == person.session.membership);
    if let Some(principal) = own
        .and_then(|own| own.data_box.as_ref())
        .and_then(|b| person.in_box(b.id))
    {
        isds.activate_by_sign_in(&principal).await?;
    }
    let notice = crate::page::Notice::done("sign-in-password-chosen");
    Ok(visitor.page.redirect(&destination(&person, next), notice))
}

fn show(
    visitor: &Visitor,
    person: &SignedInPerson,
    next: &str,
    error: String,
    again_error: String,
) -> Result<Response, PageError> {
    visitor.page.render(&ChoosePage {
        page: &visitor.page,
        login: person.session.login.as_deref().unwrap_or(""),
        next,
        initial: person.password.is_some_and(|password| password.initial),
        error,
        again_error,
    })
}
