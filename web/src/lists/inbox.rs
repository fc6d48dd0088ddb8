//! The inbox that does not surprise: what waits is told before it is delivered, and only the button delivers.

use std::borrow::Cow;

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use isds_core::deadline::{DayOff, Fiction, FictionDate};
use isds_core::message::SideOf;
use isds_core::status::Status;
use isds_core::{Failure, Opening, Waiting, WaitingMessage};
use jiff::civil::{Date, Weekday};

use super::list::{ListPage, show};
use super::query::ListQuery;
use super::ring::Ring;
use crate::page::{InBox, Notice, Page, PageError, Posted};

/// A message that waits, ready to be shown.
pub(crate) struct WaitingView {
    pub(crate) message: WaitingMessage,
    /// Until fiction; none where it does not strike or has struck.
    pub(crate) ring: Option<Ring>,
    /// How its day was counted.
    pub(crate) counted: Option<String>,
}

impl WaitingView {
    pub(crate) fn of(page: &Page, message: &WaitingMessage) -> Self {
        // What counts as delivered already has no days left, whatever fiction does later.
        let date = message.fiction.date().filter(|_| !message.is_delivered());
        Self {
            ring: date.map(|date| Ring::of(page, page.now, date.last_day, 10)),
            counted: date.map(|date| counted(page, &date)),
            message: message.clone(),
        }
    }

    pub(crate) fn is_ruled_out(&self) -> bool {
        self.message.fiction == Fiction::RuledOut
    }
}

/// How the day of fiction was counted, in words.
fn counted(page: &Page, date: &FictionDate) -> String {
    let said = |day: Date| format!("{} {}", weekday(page, day), page.day(&day));
    let tenth = said(date.tenth_day);
    match date.moved {
        None => page.tv("lists-fiction-counted", "tenth", tenth).into_owned(),
        Some(reason) => {
            let why = page.t(match reason {
                DayOff::Saturday | DayOff::Sunday => "lists-fiction-weekend",
                DayOff::Holiday => "lists-fiction-holiday",
            });
            let last = said(date.last_day);
            page.tvs(
                "lists-fiction-moved",
                &[("tenth", &tenth), ("why", &why), ("last", &last)],
            )
            .into_owned()
        }
    }
}

fn weekday(page: &Page, day: Date) -> Cow<'static, str> {
    page.t(match day.weekday() {
        Weekday::Monday => "lists-monday",
        Weekday::Tuesday => "lists-tuesday",
        Weekday::Wednesday => "lists-wednesday",
        Weekday::Thursday => "lists-thursday",
        Weekday::Friday => "lists-friday",
        Weekday::Saturday => "lists-saturday",
        Weekday::Sunday => "lists-sunday",
    })
}

#[derive(Template)]
#[template(path = "lists/inbox.html")]
struct Ask<'a> {
    page: &'a Page,
    box_id: String,
    name: String,
    waiting: Waiting,
    messages: Vec<WaitingView>,
    not_now: String,
}

impl Ask<'_> {
    /// What opening means in law.
    fn law(&self) -> Cow<'static, str> {
        self.page.t(match self.waiting.opening {
            Opening::Delivers => "lists-ask-law",
            Opening::DeliversSome => "lists-ask-law-some",
            Opening::DeliversNone => "lists-ask-law-none",
        })
    }

    fn fact(&self) -> Cow<'static, str> {
        self.page.t(match self.waiting.opening {
            Opening::Delivers | Opening::DeliversSome => "lists-ask-fact",
            Opening::DeliversNone => "lists-ask-fact-none",
        })
    }
}

pub(crate) async fn received(at: InBox, RawQuery(query): RawQuery) -> Result<Response, PageError> {
    let query = ListQuery::parse(query.as_deref());
    let waiting = at.site.isds.waiting(&at.principal).await?;
    if waiting.count == 0 || query.delivered {
        let list = ListPage::of_box(&at.data_box, SideOf::Recipient, "received", None);
        return show(&at, list, query, Some(waiting)).await;
    }
    let page = at.page();
    let not_now = ListQuery {
        delivered: true,
        ..query
    };
    page.render(&Ask {
        page,
        box_id: at.data_box.id.to_string(),
        name: at.data_box.holder_name(),
        messages: waiting
            .messages
            .iter()
            .map(|message| WaitingView::of(page, message))
            .collect(),
        waiting,
        not_now: not_now.first(&format!("/b/{}/received", at.data_box.id)),
    })
}

#[derive(serde::Deserialize)]
pub(crate) struct Open {}

/// Delivers what waits.
pub(crate) async fn open(at: InBox, _: Posted<Open>) -> Result<Response, PageError> {
    let to = format!("/b/{}/received", at.data_box.id);
    match at.site.isds.open_inbox(&at.principal).await {
        Ok(()) => Ok(at.page().redirect(&to, Notice::done("lists-opened"))),
        // What was delivered so far stays so; the page asks for the rest.
        Err(Failure::Refused(refusal)) if refusal.status() == Status::DELIVERY_TAKES_TOO_LONG => {
            Ok(at.page().redirect(&to, Notice::failed("lists-opened-in-part")))
        }
        Err(failure) => Err(failure.into()),
    }
}
