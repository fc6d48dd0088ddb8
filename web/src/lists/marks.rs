//! What is done with the messages that were ticked in a list.

use std::borrow::Cow;

use axum::response::Response;
use isds_core::TaskDraft;
use isds_core::ids::MessageId;
use isds_core::mailbox::TagId;
use isds_core::message::SideOf;

use super::query::date;
use crate::page::preferences::is_own_path;
use crate::page::{InBox, Notice, PageError, Posted};

#[derive(serde::Deserialize)]
pub(crate) struct Marks {
    /// What to do.
    #[serde(rename = "do")]
    action: String,
    side: String,
    #[serde(default)]
    message: Vec<String>,
    #[serde(default)]
    tag: String,
    #[serde(default)]
    due: String,
    #[serde(default)]
    next: String,
}

pub(crate) async fn mark(at: InBox, Posted(marks): Posted<Marks>) -> Result<Response, PageError> {
    let side = if marks.side == "sent" {
        SideOf::Sender
    } else {
        SideOf::Recipient
    };
    let to = if is_own_path(&marks.next) {
        Cow::Borrowed(marks.next.as_str())
    } else {
        Cow::Owned(format!("/b/{}/received", at.data_box.id))
    };
    let redirect = |notice| Ok(at.page().redirect(&to, notice));
    let ids: Vec<MessageId> = marks.message.iter().filter_map(|id| id.parse().ok()).collect();
    if ids.is_empty() {
        return redirect(Notice::failed("lists-none-ticked"));
    }
    let isds = &at.site.isds;
    let tag = marks.tag.parse().ok().map(TagId);
    let (count, done) = match (marks.action.as_str(), tag) {
        ("read", _) if side == SideOf::Recipient => {
            (isds.mark_all_read(&at.principal, &ids).await?, "lists-marked-read")
        }
        ("tag" | "untag", None) => return redirect(Notice::failed("lists-no-tag-chosen")),
        ("tag", Some(tag)) => (
            isds.tag_messages(&at.principal, side, &ids, tag, true).await?,
            "lists-tagged",
        ),
        ("untag", Some(tag)) => (
            isds.tag_messages(&at.principal, side, &ids, tag, false).await?,
            "lists-untagged",
        ),
        ("todo", _) => {
            let due = date(&marks.due);
            if due.is_none() && !marks.due.trim().is_empty() {
                return redirect(Notice::failed("lists-wrong-date"));
            }
            let draft = TaskDraft::Open(due);
            (isds.note_task(&at.principal, side, &ids, draft).await?, "lists-noted")
        }
        ("done", _) => (
            isds.note_task(&at.principal, side, &ids, TaskDraft::Done).await?,
            "lists-noted-done",
        ),
        _ => return Err(PageError::WrongForm),
    };
    redirect(if count == 0 {
        Notice::failed("lists-nothing-changed")
    } else {
        Notice::done(done)
    })
}
