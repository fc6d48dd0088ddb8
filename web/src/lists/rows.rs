//! Messages of a list, ready to be shown.

use std::borrow::Cow;

use isds_core::envelope::{InitiatingState, MessageKind};
use isds_core::ids::BoxId;
use isds_core::mailbox::{MailboxRow, Tag};
use isds_core::message::SideOf;
use isds_core::time::Timestamp;

use super::ring::Ring;
use crate::page::Page;

/// A whole ring of a task is two weeks.
const TASK_DAYS: i64 = 14;

/// A reference number or file mark, which leads to the messages of its case.
pub(crate) struct Mark {
    pub(crate) label: Cow<'static, str>,
    pub(crate) text: String,
    pub(crate) address: String,
}

/// What is to be done about a message.
pub(crate) struct TaskView {
    pub(crate) done: bool,
    /// None where there is no day.
    pub(crate) ring: Option<Ring>,
}

/// A message in a list.
pub(crate) struct RowView {
    pub(crate) id: String,
    pub(crate) box_id: BoxId,
    /// Name of the box, in lists of several.
    pub(crate) box_name: String,
    /// Where it is opened; empty where it cannot be.
    pub(crate) address: String,
    pub(crate) who: String,
    pub(crate) subject: String,
    pub(crate) marks: Vec<Mark>,
    pub(crate) state: Cow<'static, str>,
    pub(crate) unread: bool,
    pub(crate) warns: bool,
    pub(crate) received: bool,
    pub(crate) personal: bool,
    pub(crate) large: bool,
    /// Kind, where it is not the usual one.
    pub(crate) kind: Option<Cow<'static, str>>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) task: Option<TaskView>,
    pub(crate) at: Timestamp,
}

impl RowView {
    pub(crate) fn of(page: &Page, row: &MailboxRow) -> Self {
        let record = &row.record;
        let box_id = row.list.box_id;
        let received = row.list.side == SideOf::Recipient;
        let subject = record.envelope.draft.annotation.clone().unwrap_or_default();
        Self {
            id: record.id.to_string(),
            box_id,
            box_name: page
                .boxes
                .iter()
                .find(|own| own.id == box_id)
                .map(|own| own.name.clone())
                .unwrap_or_default(),
            address: if row.may_open {
                format!("/b/{box_id}/messages/{}", record.id)
            } else {
                String::new()
            },
            who: row.counterpart_name().to_owned(),
            subject: if subject.trim().is_empty() {
                page.t("lists-no-subject").into_owned()
            } else {
                subject
            },
            marks: marks(page, row),
            state: page.t(state(row)),
            unread: row.is_unread(),
            warns: matches!(row.status, 3 | 8),
            received,
            personal: record.envelope.personal_delivery(),
            large: record.large,
            kind: kind(record.kind).map(|key| page.t(key)),
            tags: row.tags.clone(),
            task: row.task.as_ref().map(|task| TaskView {
                done: task.done,
                ring: task
                    .due
                    .filter(|_| !task.done)
                    .map(|day| Ring::of(page, page.now, day, TASK_DAYS)),
            }),
            at: record.state.list_time(),
        }
    }
}

fn marks(page: &Page, row: &MailboxRow) -> Vec<Mark> {
    let draft = &row.record.envelope.draft;
    // What the sender calls theirs is the recipient's 'yours'.
    let sent = row.list.side == SideOf::Sender;
    let (senders, recipients) = if sent {
        ("lists-mark-ours", "lists-mark-theirs")
    } else {
        ("lists-mark-theirs", "lists-mark-ours")
    };
    [
        (senders, &draft.sender_ref_number),
        (senders, &draft.sender_ident),
        (recipients, &draft.recipient_ref_number),
        (recipients, &draft.recipient_ident),
    ]
    .into_iter()
    .filter_map(|(label, text)| Some((label, text.as_deref().filter(|text| !text.trim().is_empty())?)))
    .map(|(label, text)| Mark {
        label: page.t(label),
        text: text.to_owned(),
        address: case_address(row.list.box_id, text),
    })
    .collect()
}

/// Where the messages of a case are listed.
pub(crate) fn case_address(box_id: BoxId, mark: &str) -> String {
    let query = serde_html_form::to_string([("mark", mark)]).unwrap_or_default();
    format!("/b/{box_id}/case?{query}")
}

fn state(row: &MailboxRow) -> &'static str {
    match (row.list.side, row.status) {
        (SideOf::Recipient, 4) => "lists-state-waits",
        (SideOf::Recipient, 5) => "lists-state-fiction-waits",
        (SideOf::Recipient, 6) => "lists-state-unread",
        (SideOf::Recipient, 7) => "lists-state-read",
        (SideOf::Sender, 1 | 2) => "lists-state-on-its-way",
        (SideOf::Sender, 4) => "lists-state-delivered-in",
        (SideOf::Sender, 5) => "lists-state-fiction",
        (SideOf::Sender, 6 | 7) => "lists-state-delivered",
        (_, 3) => "lists-state-infected",
        (_, 8) => "lists-state-undeliverable",
        (_, 9) => "lists-state-erased",
        (_, 10) => "lists-state-vault",
        _ => "lists-state-on-its-way",
    }
}

fn kind(kind: MessageKind) -> Option<&'static str> {
    match kind {
        MessageKind::Public => None,
        MessageKind::System => Some("lists-kind-system"),
        MessageKind::Initiating {
            state: InitiatingState::Open,
            ..
        } => Some("lists-kind-reply-paid"),
        _ => Some("lists-kind-postal"),
    }
}
