//! What became of what was sent, live: one row for each recipient, from submission to delivery.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Redirect, Response};
use futures::stream;
use isds_core::ids::BoxId;
use isds_core::operation::Operation;
use isds_core::ports::SendingId;
use isds_core::{SendingView, SentMessage};
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::review;
use crate::Site;
use crate::page::{InBox, Page, PageError, Posted};

/// How often a row may change before one's eyes.
const STEP: Duration = Duration::from_millis(700);
/// How long a page is kept up to date; then it is loaded anew by hand.
const MOST_STEPS: u32 = 170;
/// How many pages are kept up to date at once.
const MOST_PAGES: usize = 200;

static PAGES: std::sync::LazyLock<Arc<Semaphore>> = std::sync::LazyLock::new(|| Arc::new(Semaphore::new(MOST_PAGES)));

/// A step on the way of a message.
struct Step {
    label: String,
    /// `done`, `now` or `open`.
    mark: &'static str,
}

struct Row {
    number: String,
    name: String,
    id: String,
    /// The message is there, so its page is.
    linked: bool,
    refused: Option<String>,
    steps: Vec<Step>,
    state: String,
}

pub(super) struct Rows {
    rows: Vec<Row>,
    sent: usize,
    refused: usize,
    /// Nothing will change soon.
    settled: bool,
}

#[derive(Template)]
#[template(path = "write/sending_rows.html")]
struct RowsTemplate<'a> {
    page: &'a Page,
    box_id: BoxId,
    sending: &'a Rows,
    stalled: bool,
    id: i64,
    draft: i64,
}

#[derive(Template)]
#[template(path = "write/sending.html")]
struct SendingPage<'a> {
    page: &'a Page,
    box_id: BoxId,
    subject: String,
    sending: &'a Rows,
    stalled: bool,
    id: i64,
    draft: i64,
}

pub(super) async fn show(in_box: InBox, Path((_, id)): Path<(String, String)>) -> Result<Response, PageError> {
    let view = view(&in_box, &id).await?;
    let page = in_box.page();
    let rows = rows(page, &view);
    page.render(&SendingPage {
        page,
        box_id: in_box.data_box.id,
        subject: view.subject,
        sending: &rows,
        stalled: view.stalled,
        id: view.id.0,
        draft: view.draft.0,
    })
}

async fn view(in_box: &InBox, id: &str) -> Result<SendingView, PageError> {
    in_box
        .principal
        .authorize(Operation::CreateMessage)
        .map_err(|_| PageError::NoRight)?;
    let id = id.parse().map(SendingId).map_err(|_| PageError::NoSuchPage)?;
    Ok(in_box.site.isds.sending_view(&in_box.principal, id).await?)
}

fn rows(page: &Page, view: &SendingView) -> Rows {
    let rows: Vec<Row> = view.messages.iter().map(|message| row(page, message)).collect();
    let is_settled =
        |message: &SentMessage| message.refused.is_some() || message.state().is_some_and(|state| state > 3);
    Rows {
        sent: view.messages.iter().filter(|message| message.message.is_some()).count(),
        refused: view.messages.iter().filter(|message| message.refused.is_some()).count(),
        settled: view.finished && view.messages.iter().all(is_settled),
        rows,
    }
}

fn row(page: &Page, message: &SentMessage) -> Row {
    let state = message.state();
    let steps = [
        (1, "write-step-submitted"),
        (2, "write-step-stamped"),
        (4, "write-step-delivered"),
        // By fiction (5) or by signing in (6).
        (5, "write-step-accepted"),
    ];
    let reached = match state {
        // Undeliverable: it never lay in a box that anybody could open.
        Some(8) => 2,
        other => other.unwrap_or(0),
    };
    // Where it is, never where it is going: 'delivered' has legal effect, and must not look as if it were so already.
    let at = steps
        .iter()
        .rfind(|(state, _)| *state <= reached)
        .map(|(state, _)| *state);
    let steps = steps
        .iter()
        .map(|(state, key)| Step {
            label: page.t(key).into_owned(),
            mark: if at == Some(*state) {
                "now"
            } else if *state <= reached {
                "done"
            } else {
                "open"
            },
        })
        .collect();
    let key = match (message.refused.is_some(), state) {
        (true, _) => "write-state-refused",
        (false, None) => "write-state-sending",
        (false, Some(1)) => "write-state-1",
        (false, Some(2)) => "write-state-2",
        (false, Some(3)) => "write-state-3",
        (false, Some(4)) => "write-state-4",
        (false, Some(5)) => "write-state-5",
        (false, Some(8)) => "write-state-8",
        (false, Some(_)) => "write-state-6",
    };
    Row {
        number: message.number.to_string(),
        name: message
            .summary
            .as_ref()
            .map(|summary| summary.name.clone())
            .unwrap_or_default(),
        id: message.recipient.to_string(),
        linked: message.message.is_some(),
        refused: message.refused.clone(),
        steps,
        state: page.t(key).into_owned(),
    }
}

/// The rows whenever they change, until nothing will change soon or the time is up.
pub(super) async fn events(
    State(_): State<Arc<Site>>,
    in_box: InBox,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, PageError> {
    view(&in_box, &id).await?;
    let place = Arc::clone(&PAGES)
        .try_acquire_owned()
        .map_err(|_| PageError::TooMany(30))?;
    let watch = Watch {
        in_box,
        id,
        steps: 0,
        shown: String::new(),
        ended: false,
        _place: place,
    };
    let events = stream::unfold(watch, Watch::next);
    Ok(Sse::new(events).into_response())
}

struct Watch {
    in_box: InBox,
    id: String,
    steps: u32,
    shown: String,
    ended: bool,
    _place: OwnedSemaphorePermit,
}

impl Watch {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        while !self.ended {
            if self.steps > 0 {
                tokio::time::sleep(STEP).await;
            }
            self.steps += 1;
            let Some((rows, settled)) = self.look().await else {
                self.ended = true;
                break;
            };
            if settled || self.steps >= MOST_STEPS {
                self.ended = true;
            }
            if rows != self.shown || self.ended {
                let kind = if self.ended { "end" } else { "rows" };
                self.shown.clone_from(&rows);
                return Some((Ok(Event::default().event(kind).data(rows)), self));
            }
        }
        None
    }

    /// The rows as they are now; none where they cannot be had any more, which the page says when it is loaded anew.
    async fn look(&self) -> Option<(String, bool)> {
        let view = view(&self.in_box, &self.id).await.ok()?;
        let page = self.in_box.page();
        let sending = rows(page, &view);
        let template = RowsTemplate {
            page,
            box_id: self.in_box.data_box.id,
            sending: &sending,
            stalled: view.stalled,
            id: view.id.0,
            draft: view.draft.0,
        };
        Some((template.render().ok()?, sending.settled))
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

/// Goes on with a sending that broke off.
pub(super) async fn resume(
    in_box: InBox,
    Path((_, id)): Path<(String, String)>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let view = view(&in_box, &id).await?;
    if let Some(lease) = in_box.site.isds.take_sending_over(&in_box.principal, view.id).await? {
        review::carry_on(&in_box, lease).await;
    }
    Ok(Redirect::to(&format!("/b/{}/sendings/{}", in_box.data_box.id, view.id.0)).into_response())
}
