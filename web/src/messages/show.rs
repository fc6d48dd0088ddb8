//! The page of one message.

use std::borrow::Cow;

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use isds_core::attachment::MetaType;
use isds_core::envelope::MessageKind;
use isds_core::mailbox::Tag;
use isds_core::message::{Message, Phase, SideOf};
use isds_core::operation::Operation;
use isds_core::ports::AttachmentPlace;
use isds_core::status::Status;
use isds_core::user::UserType;
use isds_core::{Failure, MessageView};
use serde::Deserialize;

use super::envelope::{self, Field};
use super::journey::{self, Deadline, Moment};
use super::names::{safe_name, size};
use super::preview::Preview;
use super::{address, number};
use crate::page::{InBox, Page, PageError, Policy};
use crate::seal_report::SealReport;
use crate::words::{Language, Words};

/// `preview`: which attachment to show, from 1; 0 for none.
#[derive(Deserialize)]
pub(super) struct Wanted {
    preview: Option<usize>,
}

/// An attachment in the list.
struct Attachment {
    number: usize,
    name: String,
    kind: Cow<'static, str>,
    mime_type: String,
    size: String,
    preview: Option<Preview>,
}

impl Attachment {
    fn is_picture(&self) -> bool {
        matches!(self.preview, Some(Preview::Picture(_)))
    }
}

#[derive(Template)]
#[template(path = "messages/message.html")]
struct MessagePage<'a> {
    page: &'a Page,
    message: &'a Message,
    own: String,
    here: String,
    subject: String,
    received: bool,
    /// Name and box of the other side.
    other: (&'a str, String),
    kind: Cow<'static, str>,
    state: Cow<'static, str>,
    personal: bool,
    tags: &'a [Tag],
    author: Option<String>,
    /// Why there is no content.
    closed: Option<String>,
    attachments: Vec<Attachment>,
    shown: Option<usize>,
    moments: Vec<Moment>,
    may_see_events: bool,
    deadlines: Vec<Deadline>,
    fields: Vec<Field>,
    report: Option<SealReport>,
    may_reply: bool,
    may_forward: bool,
    may_erase: bool,
    in_vault: bool,
}

impl MessagePage<'_> {
    /// The attachment that is shown.
    fn preview(&self) -> Option<&Attachment> {
        self.attachments.iter().find(|file| self.is_shown(&file.number))
    }

    fn is_shown(&self, number: &usize) -> bool {
        self.shown == Some(*number)
    }
}

pub(super) async fn show(
    own: InBox,
    Path((_, id)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let id = number(&id)?;
    let isds = &own.site.isds;
    let mut view = match isds.view_message(&own.principal, id).await {
        Ok(view) => view,
        Err(failure) => return closed_page(&own, failure),
    };
    if is_first_reading(&own, &view) {
        // Somebody else may have marked or erased it meanwhile; what is so now is shown.
        match isds.mark_message_as_downloaded(&own.principal, id).await {
            Ok(()) | Err(Failure::Refused(_)) => {}
            Err(broken) => return Err(broken.into()),
        }
        view = isds.view_message(&own.principal, id).await.map_err(closed)?;
    }
    let places = match view.closed {
        None => isds.kept_attachments(&view.message).await?.to_vec(),
        Some(_) => Vec::new(),
    };
    let author = isds
        .message_author(&own.principal, Operation::GetMessageAuthor2, id)
        .await;
    let author = match author {
        Ok(author) => author_text(&author.user_type, author.shown_name(), own.page().words),
        Err(Failure::Refused(_)) => None,
        Err(broken) => return Err(broken.into()),
    };
    answer(own, &view, &places, author, wanted.preview)
}

/// The recipient opens the content for the first time. A page that a browser fetched ahead was opened by nobody.
fn is_first_reading(own: &InBox, view: &MessageView) -> bool {
    let ahead = ["sec-purpose", "purpose", "x-moz"].iter().any(|name| {
        let value = own.headers.get(*name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.contains("prefetch") || value.contains("preview"))
    });
    let state = &view.message.state;
    view.side == SideOf::Recipient
        && view.closed.is_none()
        && !state.recipient.read
        && !state.recipient.side.in_vault
        && !ahead
}

fn answer(
    mut own: InBox,
    view: &MessageView,
    places: &[AttachmentPlace],
    author: Option<String>,
    wanted: Option<usize>,
) -> Result<Response, PageError> {
    own.signed_in.visitor.page.policy = Policy::Frames;
    let page = own.page();
    let (words, message, side) = (page.words, &view.message, view.side);
    let received = side == SideOf::Recipient;
    let attachments: Vec<Attachment> = places
        .iter()
        .enumerate()
        .map(|(index, place)| listed(index + 1, place, words))
        .collect();
    let first = attachments
        .iter()
        .find(|file| file.preview.is_some())
        .map(|file| file.number);
    let shown = match wanted {
        Some(number) => attachments
            .iter()
            .find(|file| file.number == number && file.preview.is_some())
            .map(|file| file.number),
        None => first,
    };
    let envelope = &message.envelope;
    let other = if received {
        (envelope.sender_name.as_str(), envelope.sender.to_string())
    } else {
        (envelope.recipient_name.as_str(), envelope.recipient.to_string())
    };
    let may = |operation| own.principal.authorize(operation).is_ok();
    let copy = message.state.side(side);
    let examination = own.site.isds.known_examination(message, side);
    page.render(&MessagePage {
        page,
        message,
        own: own.data_box.id.to_string(),
        here: address(own.data_box.id, message.id),
        subject: envelope::subject(message, words),
        received,
        other,
        kind: envelope::kind(message.kind, words),
        state: envelope::state_text(message, side, words),
        personal: envelope.personal_delivery(),
        tags: &view.tags,
        author,
        closed: view
            .closed
            .as_ref()
            .map(|refusal| closed_text(view, refusal.status(), words)),
        attachments,
        shown,
        moments: journey::moments(view.events.as_deref().unwrap_or_default(), side, words),
        may_see_events: view.events.is_some(),
        deadlines: journey::deadlines(view, page.now, words),
        fields: envelope::fields(message, side, words),
        report: examination
            .filter(|_| view.closed.is_none())
            .map(|examination| SealReport::of(&examination, words)),
        may_reply: received && message.kind != MessageKind::System && may(Operation::CreateMessage),
        may_forward: view.closed.is_none() && may(Operation::CreateMessage),
        may_erase: copy.in_vault && !copy.erased && may(Operation::EraseMessage),
        in_vault: copy.in_vault,
    })
}

fn listed(number: usize, place: &AttachmentPlace, words: Words) -> Attachment {
    Attachment {
        number,
        name: safe_name(&place.head.file_name, number),
        kind: words.text(meta_type_key(place.head.meta_type)),
        mime_type: place.head.mime_type.clone(),
        size: size(place.bytes, words.0 == Language::Cs),
        preview: Preview::of(&place.head.file_name, place.bytes),
    }
}

/// The text for what a document is within its message.
pub(super) fn meta_type_key(meta_type: MetaType) -> &'static str {
    match meta_type {
        MetaType::Main => "messages-file-main",
        MetaType::Enclosure => "messages-file-enclosure",
        MetaType::Signature => "messages-file-signature",
        MetaType::Meta => "messages-file-meta",
    }
}

/// Who acted for the sender.
fn author_text(user_type: &str, name: Option<&str>, words: Words) -> Option<String> {
    let kind = words.text(match UserType::from_name(user_type)? {
        UserType::PrimaryUser => "messages-author-primary",
        UserType::EntrustedUser => "messages-author-entrusted",
        UserType::Administrator => "messages-author-administrator",
        UserType::Liquidator => "messages-author-liquidator",
        UserType::Receiver => "messages-author-receiver",
        UserType::Guardian => "messages-author-guardian",
        UserType::Official | UserType::OfficialCert => "messages-author-official",
    });
    Some(match name {
        Some(name) => format!("{name}, {kind}"),
        None => kind.into_owned(),
    })
}

/// Why the content of a message whose envelope is shown is closed.
fn closed_text(view: &MessageView, status: Status, words: Words) -> String {
    let state = &view.message.state;
    let key = match view.side {
        _ if state.side(view.side).erased => "messages-closed-erased",
        _ if status == Status::WITHHELD => "messages-closed-withheld",
        SideOf::Sender if state.phase == Phase::Infected => "messages-closed-infected",
        SideOf::Sender if state.delivered_in.is_none() => "messages-closed-on-its-way",
        _ if status == Status::NO_RIGHT => "messages-closed-right",
        _ => "messages-closed-otherwise",
    };
    words.text(key).into_owned()
}

#[derive(Template)]
#[template(path = "messages/closed.html")]
struct ClosedPage<'a> {
    page: &'a Page,
    title: Cow<'static, str>,
    texts: Vec<Cow<'static, str>>,
    /// Where the next step is, and what it is called.
    link: Option<(String, Cow<'static, str>)>,
}

/// What is told instead of the message.
fn closed_page(own: &InBox, failure: Failure) -> Result<Response, PageError> {
    let Failure::Refused(refusal) = &failure else {
        return Err(failure.into());
    };
    let page = own.page();
    let (status, told, link) = match refusal.status() {
        Status::NOT_YET_DELIVERED => (StatusCode::OK, "waits", true),
        Status::NO_RIGHT => (StatusCode::FORBIDDEN, "no-right", false),
        _ => return Err(closed(failure)),
    };
    let say = |part: &str| page.words.text(&format!("messages-{told}-{part}"));
    let shown = ClosedPage {
        page,
        title: say("title"),
        texts: vec![say("text"), say("next")],
        link: link.then(|| (format!("/b/{}/received", own.data_box.id), say("link"))),
    };
    let mut answer = page.render(&shown)?;
    *answer.status_mut() = status;
    Ok(answer)
}

/// A message that is not this box's and one that is none are answered alike.
pub(super) fn closed(failure: Failure) -> PageError {
    match failure {
        Failure::Refused(refusal) if [Status::OTHER_BOX, Status::NO_MESSAGE].contains(&refusal.status()) => {
            PageError::NoSuchPage
        }
        failure => failure.into(),
    }
}
