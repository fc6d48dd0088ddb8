//! What a person finds when they come: each of their boxes, with what waits and what is to be done.

use askama::Template;
use axum::response::Response;
use isds_core::audit::{AuditAction, AuditActorKind};
use isds_core::ids::BoxId;
use isds_core::mailbox::Task;
use isds_core::message::SideOf;
use isds_core::ports::EndingPassword;
use isds_core::time::Timestamp;
use isds_core::{BoxOverview, OthersDeed};

use super::inbox::WaitingView;
use super::list::{BOXES, listing};
use super::ring::Ring;
use super::rows::RowView;
use crate::page::{Page, PageError, SignedIn};

/// Messages that wait, told of each box.
const WAITING: usize = 5;
/// A whole ring of a task is two weeks.
const TASK_DAYS: i64 = 14;

/// Something to be done.
struct TodoView {
    address: String,
    subject: String,
    who: String,
    ring: Option<Ring>,
    by: String,
}

/// What somebody else did.
struct DeedView {
    text: String,
    message: String,
    at: Timestamp,
}

/// A box.
struct BoxView {
    id: BoxId,
    name: String,
    kind: &'static str,
    accessible: bool,
    waiting: u64,
    waiting_more: bool,
    waits: Vec<WaitingView>,
    waiting_for_others: u64,
    unread: u64,
    undelivered: u64,
    tasks: Vec<TodoView>,
    more_tasks: bool,
    last: Vec<RowView>,
    deeds: Vec<DeedView>,
}

#[derive(Template)]
#[template(path = "lists/home.html")]
struct Home<'a> {
    page: &'a Page,
    /// Passwords of the person that end soon.
    passwords: Vec<EndingPassword>,
    boxes: Vec<BoxView>,
    /// Boxes that the page does not tell of, since it tells of so many others.
    more: Vec<(BoxId, String)>,
    /// Boxes whose lists the person may not see.
    others: Vec<(BoxId, String)>,
}

pub(crate) async fn home(person: SignedIn) -> Result<Response, PageError> {
    let page = &person.page;
    let principals = listing(&person);
    let mut boxes = Vec::new();
    for principal in principals.iter().take(BOXES) {
        let Some(own) = &principal.data_box else { continue };
        let found = person.site.isds.box_overview(principal).await?;
        boxes.push(BoxView {
            id: own.id,
            name: own.holder_name(),
            kind: own.box_type.name(),
            accessible: own.state.is_accessible(),
            ..of(page, own.id, &found)
        });
    }
    let left_out: Vec<BoxId> = principals
        .iter()
        .skip(BOXES)
        .filter_map(|principal| principal.data_box.as_ref().map(|own| own.id))
        .collect();
    let (more, others) = page
        .boxes
        .iter()
        .filter(|own| !boxes.iter().any(|shown| shown.id == own.id))
        .map(|own| (own.id, own.name.clone()))
        .partition(|(id, _)| left_out.contains(id));
    page.render(&Home {
        page,
        passwords: person.site.isds.own_ending_passwords(&person.person).await?,
        boxes,
        more,
        others,
    })
}

fn of(page: &Page, id: BoxId, found: &BoxOverview) -> BoxView {
    let tasks = found.tasks.iter().map(|task| {
        let envelope = &task.record.envelope;
        let Task { due, by, .. } = &task.open.task;
        let who = match task.open.side {
            SideOf::Recipient => &envelope.sender_name,
            SideOf::Sender => &envelope.recipient_name,
        };
        TodoView {
            address: format!("/b/{id}/messages/{}", task.record.id),
            subject: envelope
                .draft
                .annotation
                .clone()
                .unwrap_or_else(|| page.t("lists-no-subject").into_owned()),
            who: who.clone(),
            ring: due.map(|day| Ring::of(page, page.now, day, TASK_DAYS)),
            by: by.clone(),
        }
    });
    BoxView {
        id,
        name: String::new(),
        kind: "",
        accessible: true,
        waiting: found.waiting.count,
        waiting_more: found.waiting.more,
        waits: found
            .waiting
            .messages
            .iter()
            .take(WAITING)
            .map(|message| WaitingView::of(page, message))
            .collect(),
        waiting_for_others: found.waiting.others,
        unread: found.unread,
        undelivered: found.undelivered,
        tasks: tasks.collect(),
        more_tasks: found.more_tasks,
        last: found.last.iter().map(|row| RowView::of(page, row)).collect(),
        deeds: found.others.iter().map(|deed| deed_view(page, id, deed)).collect(),
    }
}

fn deed_view(page: &Page, id: BoxId, deed: &OthersDeed) -> DeedView {
    let key = match deed.action {
        AuditAction::MessageSent => "lists-deed-sent",
        AuditAction::MessageRead => "lists-deed-read",
        AuditAction::MessageDownloaded => "lists-deed-downloaded",
        AuditAction::MessageErased => "lists-deed-erased",
        AuditAction::DeliveredByLogin => "lists-deed-delivered",
        AuditAction::MessageReported => "lists-deed-reported",
        _ => "lists-deed-other",
    };
    let name = match deed.kind {
        AuditActorKind::Application => page.t("lists-deed-application").into_owned(),
        _ => deed.name.clone(),
    };
    DeedView {
        text: page.tv(key, "name", name).into_owned(),
        message: deed
            .message
            .map(|message| format!("/b/{id}/messages/{message}"))
            .unwrap_or_default(),
        at: deed.at,
    }
}
