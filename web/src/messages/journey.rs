//! What happened to a message, what will, and by when.

use std::borrow::Cow;

use isds_core::MessageView;
use isds_core::deadline::{DayOff, Fiction, days_until};
use isds_core::event::{Event, EventKind};
use isds_core::message::{Message, Phase, SideOf};
use isds_core::time::Timestamp;

use crate::page::times;
use crate::words::Words;

/// Something that happened.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    pub(super) at: Timestamp,
    pub(super) title: Cow<'static, str>,
    pub(super) text: Cow<'static, str>,
    /// How the delivery info words it.
    pub(super) evidence: &'static str,
}

/// A day that matters.
#[derive(Debug, Clone)]
pub(super) struct Deadline {
    pub(super) title: Cow<'static, str>,
    pub(super) day: String,
    pub(super) days: Cow<'static, str>,
    pub(super) text: String,
    /// It is near.
    pub(super) near: bool,
}

/// A deadline so many days ahead is pointed out.
const NEAR: i64 = 7;

/// The events in plain words, in their order.
pub(super) fn moments(events: &[Event], side: SideOf, words: Words) -> Vec<Moment> {
    let told = events.iter().map(|event| {
        let (title, text) = texts(event.kind, side);
        Moment {
            at: event.time,
            title: words.text(title),
            text: words.text(text),
            evidence: event.kind.description(),
        }
    });
    told.collect()
}

fn texts(kind: EventKind, side: SideOf) -> (&'static str, &'static str) {
    let received = side == SideOf::Recipient;
    match kind {
        EventKind::Submitted => ("messages-event-submitted", "messages-event-submitted-text"),
        EventKind::DeliveredIn if received => ("messages-event-in", "messages-event-in-recipient"),
        EventKind::DeliveredIn => ("messages-event-in", "messages-event-in-sender"),
        EventKind::Fiction => ("messages-event-fiction", "messages-event-fiction-text"),
        EventKind::FictionWithoutUser => ("messages-event-nobody", "messages-event-nobody-text"),
        EventKind::Undeliverable => ("messages-event-undeliverable", "messages-event-undeliverable-text"),
        EventKind::Infected => ("messages-event-infected", "messages-event-infected-text"),
        EventKind::HolderLogin => ("messages-event-login", "messages-event-login-holder"),
        EventKind::EntrustedLogin => ("messages-event-login", "messages-event-login-entrusted"),
        EventKind::ApplicationLogin => ("messages-event-login", "messages-event-login-application"),
    }
}

/// What is yet to come.
pub(super) fn deadlines(view: &MessageView, now: Timestamp, words: Words) -> Vec<Deadline> {
    let mut deadlines = Vec::new();
    deadlines.extend(noted(view, now, words));
    deadlines.extend(fiction(&view.message, now, words));
    let own = view.message.state.side(view.side);
    if let Some(due) = own.due.filter(|_| !own.erased && !own.in_vault) {
        let day = due.local_date();
        let left = days_until(now, day);
        deadlines.push(Deadline {
            title: words.text("messages-due-erasure"),
            day: times::date(day, words.0),
            days: days_left(left, words),
            text: words.text("messages-due-erasure-text").into_owned(),
            near: left <= NEAR,
        });
    }
    deadlines
}

/// What the box itself noted that it has to do.
fn noted(view: &MessageView, now: Timestamp, words: Words) -> Option<Deadline> {
    let task = view.task.as_ref().filter(|task| !task.done)?;
    let day = task.due?;
    let left = days_until(now, day);
    Some(Deadline {
        title: words.text("messages-due-noted"),
        day: times::date(day, words.0),
        days: days_left(left, words),
        text: words
            .with("messages-due-noted-text", &[("name", task.by.clone().into())])
            .into_owned(),
        near: left <= NEAR,
    })
}

/// When a message that nobody has come for counts as delivered.
fn fiction(message: &Message, now: Timestamp, words: Words) -> Option<Deadline> {
    let delivered_in = message
        .state
        .delivered_in
        .filter(|_| message.state.phase == Phase::DeliveredIn)?;
    let fiction = Fiction::of(&message.envelope, message.kind, delivered_in).date()?;
    let (tenth, last) = (
        times::date(fiction.tenth_day, words.0),
        times::date(fiction.last_day, words.0),
    );
    let why = match fiction.moved {
        None => words.with("messages-due-fiction-plain", &[("tenth", tenth.into())]),
        Some(off) => {
            let off = words.text(match off {
                DayOff::Saturday => "messages-off-saturday",
                DayOff::Sunday => "messages-off-sunday",
                DayOff::Holiday => "messages-off-holiday",
            });
            let values = [
                ("tenth", tenth.into()),
                ("off", off.into()),
                ("last", last.clone().into()),
            ];
            words.with("messages-due-fiction-moved", &values)
        }
    };
    let left = days_until(now, fiction.last_day);
    Some(Deadline {
        title: words.text("messages-due-fiction"),
        day: last,
        days: days_left(left, words),
        text: why.into_owned(),
        near: left <= NEAR,
    })
}

fn days_left(days: i64, words: Words) -> Cow<'static, str> {
    match days {
        ..0 => words.text("messages-days-passed"),
        0 => words.text("messages-days-today"),
        days => words.with("messages-days-left", &[("n", days.into())]),
    }
}
