//! E-mail about what happens in a box, for the person who is signed in.

use std::borrow::Cow;

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use isds_core::notice::{MailLanguage, NoticeEvent, NoticeEvents};
use isds_core::time::Timestamp;

use super::{Nothing, Parts, again, refused};
use crate::page::{InBox, Notice, Page, PageError, Posted};
use crate::words::Language;

struct Event {
    name: &'static str,
    checked: bool,
}

#[derive(Template)]
#[template(path = "settings/notices.html")]
struct Notices<'a> {
    page: &'a Page,
    parts: Parts,
    available: bool,
    address: Option<String>,
    failed: Option<Timestamp>,
    pending: Option<String>,
    pending_failed: Option<Timestamp>,
    typed: String,
    code: String,
    events: Vec<Event>,
    language: &'static str,
    error: Cow<'static, str>,
    code_error: Cow<'static, str>,
}

/// What came with the link of a mail.
#[derive(serde::Deserialize)]
pub(super) struct Linked {
    code: Option<String>,
}

/// What is shown again of a form that was refused.
#[derive(Default)]
struct Typed {
    address: String,
    code: String,
    error: Cow<'static, str>,
    code_error: Cow<'static, str>,
}

pub(super) async fn page(at: InBox, Query(linked): Query<Linked>) -> Result<Response, PageError> {
    let typed = Typed {
        code: linked.code.unwrap_or_default(),
        ..Typed::default()
    };
    show(&at, typed).await
}

async fn show(at: &InBox, typed: Typed) -> Result<Response, PageError> {
    let choice = at.site.isds.notice_choice(&at.principal).await?;
    let chosen = choice.subscription;
    let held = chosen
        .as_ref()
        .map_or_else(NoticeEvents::default, |chosen| chosen.events);
    let events = NoticeEvent::ALL.into_iter().map(|event| Event {
        name: event.name(),
        checked: held.contains(event),
    });
    at.page().render(&Notices {
        page: at.page(),
        parts: Parts::of(at, "notices"),
        available: choice.available,
        address: chosen
            .as_ref()
            .and_then(|c| c.address.as_ref())
            .map(ToString::to_string),
        failed: chosen.as_ref().and_then(|c| c.failed),
        pending: chosen
            .as_ref()
            .and_then(|c| c.pending.as_ref())
            .map(|p| p.address.to_string()),
        pending_failed: chosen.as_ref().and_then(|c| c.pending.as_ref()).and_then(|p| p.failed),
        typed: typed.address,
        code: typed.code,
        events: events.collect(),
        language: chosen.map_or_else(|| language(at), |chosen| chosen.language).code(),
        error: typed.error,
        code_error: typed.code_error,
    })
}

fn language(at: &InBox) -> MailLanguage {
    match at.page().language() {
        Language::Cs => MailLanguage::Czech,
        Language::En => MailLanguage::English,
    }
}

fn here(at: &InBox) -> String {
    format!("/b/{}/settings/notices", at.data_box.id)
}

#[derive(serde::Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    address: String,
}

pub(super) async fn give(at: InBox, Posted(form): Posted<Given>) -> Result<Response, PageError> {
    let given = at
        .site
        .isds
        .give_notice_address(&at.principal, &form.address, language(&at))
        .await;
    match given {
        Ok(()) => Ok(at.page().redirect(&here(&at), Notice::done("settings-notices-asked"))),
        Err(failure) => {
            let typed = Typed {
                address: form.address,
                error: refused(failure)?,
                ..Typed::default()
            };
            Ok(again(show(&at, typed).await?))
        }
    }
}

#[derive(serde::Deserialize)]
pub(super) struct Confirmed {
    #[serde(default)]
    code: String,
}

pub(super) async fn confirm(at: InBox, Posted(form): Posted<Confirmed>) -> Result<Response, PageError> {
    match at.site.isds.confirm_notice_address(&at.principal, &form.code).await {
        Ok(()) => Ok(at
            .page()
            .redirect(&here(&at), Notice::done("settings-notices-confirmed"))),
        Err(failure) => {
            let typed = Typed {
                code: form.code,
                code_error: refused(failure)?,
                ..Typed::default()
            };
            Ok(again(show(&at, typed).await?))
        }
    }
}

pub(super) async fn remove(at: InBox, _: Posted<Nothing>) -> Result<Response, PageError> {
    at.site.isds.remove_notice_address(&at.principal).await?;
    Ok(at.page().redirect(&here(&at), Notice::done("settings-notices-removed")))
}

#[derive(serde::Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    event: Vec<String>,
    #[serde(default)]
    language: String,
}

pub(super) async fn choose(at: InBox, Posted(form): Posted<Chosen>) -> Result<Response, PageError> {
    let named = form.event.iter().filter_map(|name| NoticeEvent::from_name(name));
    let events = named.fold(NoticeEvents::NONE, NoticeEvents::with);
    let chosen = MailLanguage::from_code(&form.language).unwrap_or_else(|| language(&at));
    at.site.isds.choose_notices(&at.principal, events, chosen).await?;
    Ok(at.page().redirect(&here(&at), Notice::done("settings-notices-chosen")))
}
