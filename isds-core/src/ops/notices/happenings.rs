//! Noting what happened, in the transaction in which it does.

use sha2::{Digest, Sha256};

use crate::administration::AdministrationRequest;
use crate::envelope::MessageKind;
use crate::error::{Chain, Failure};
use crate::event::{EventKind, ReaderKind};
use crate::ids::{BoxId, IsdsId, PersonId};
use crate::message::{Message, Phase};
use crate::notice::{DueNotice, NoticeDetail, NoticeEvent, NoticeScope, UserNews};
use crate::ports::{MessageChange, UserAction};
use crate::text::truncate;

use super::Isds;

/// Most characters kept of what a browser calls itself.
const MAX_AGENT: usize = 100;

impl Isds {
    /// Adds to changes of messages what is to be told of them, where anybody wants to be told. With each change comes
    /// what the message was that it was computed from.
    ///
    /// # Errors
    /// Failures of the database.
    pub(in crate::ops) async fn tell_of_changes(
        &self,
        changes: Vec<(&mut MessageChange, Before)>,
    ) -> Result<(), Failure> {
        if self.notices.is_none() {
            return Ok(());
        }
        let mut told = Vec::new();
        for (change, before) in changes {
            if let Some((box_id, notice)) = happening(change, before) {
                told.push((box_id, notice, change));
            }
        }
        let mut boxes: Vec<BoxId> = told.iter().map(|(box_id, ..)| *box_id).collect();
        boxes.sort_unstable();
        boxes.dedup();
        if boxes.is_empty() {
            return Ok(());
        }
        let noticed = self.store.list_noticed_boxes(&boxes).await?;
        for (box_id, notice, change) in told {
            if noticed.contains(&box_id) {
                change.notices.push(notice);
            }
        }
        Ok(())
    }

    /// What is to be told of a change of users.
    pub(in crate::ops) fn user_notice(
        &self,
        box_id: BoxId,
        isds_id: &IsdsId,
        action: &UserAction,
        request: &AdministrationRequest,
    ) -> Option<DueNotice> {
        self.notices.as_ref()?;
        let detail = match action {
            UserAction::Add(_) => NoticeDetail::User(UserNews::Added),
            UserAction::Change { .. } => NoticeDetail::User(UserNews::Changed),
            // When it is told, nothing else names them any more.
            UserAction::Remove(user) => NoticeDetail::UserRemoved(user.person.full_name()),
            UserAction::Reissue(..) => NoticeDetail::User(UserNews::AccessData),
        };
        Some(DueNotice {
            event: NoticeEvent::UsersChanged,
            scope: NoticeScope::Box(box_id),
            message: None,
            isds_id: Some(isds_id.clone()),
            detail,
            due: request.at,
        })
    }

    /// Notes from which browser a person signed in, and tells them of one that was not seen before. A sign-in does not
    /// fail where that does.
    pub(in crate::ops) async fn tell_of_browser(&self, person: PersonId, agent: &str) {
        if self.notices.is_none() {
            return;
        }
        let notice = DueNotice {
            event: NoticeEvent::NewBrowser,
            scope: NoticeScope::Person(person),
            message: None,
            isds_id: None,
            detail: NoticeDetail::Browser(truncate(agent, MAX_AGENT).to_owned()),
            due: self.clock.legal(),
        };
        let browser = Sha256::digest(agent.as_bytes()).into();
        let noted = self
            .store
            .note_browser(person, &browser, self.clock.real(), &notice)
            .await;
        if let Err(error) = noted {
            tracing::warn!(error = %Chain(&error), "the browser of a sign-in was not noted");
        }
    }
}

/// What a message was before it was changed.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Before {
    phase: Phase,
    is_system: bool,
    sender: BoxId,
    recipient: BoxId,
}

impl From<&Message> for Before {
    fn from(message: &Message) -> Self {
        Self {
            phase: message.state.phase,
            is_system: message.kind == MessageKind::System,
            sender: message.envelope.sender,
            recipient: message.envelope.recipient,
        }
    }
}

/// What a change means to one of the two boxes.
fn happening(change: &MessageChange, message: Before) -> Option<(BoxId, DueNotice)> {
    let (before, after) = (message.phase, change.state.phase);
    if before == after {
        return None;
    }
    let is_system = message.is_system;
    let submitted = change.state.submitted;
    let accepted = change.state.accepted.unwrap_or(submitted);
    let (event, box_id, detail, due) = match after {
        Phase::DeliveredIn => {
            let event = if is_system {
                NoticeEvent::SystemMessage
            } else {
                NoticeEvent::MessageWaits
            };
            let due = change.state.delivered_in.unwrap_or(submitted);
            (event, message.recipient, NoticeDetail::Nothing, due)
        }
        // Fiction was told of already where a login follows it.
        Phase::Accepted if before == Phase::Fiction => return None,
        Phase::Accepted | Phase::Fiction if !is_system => {
            let detail = NoticeDetail::Delivered(reader(change));
            (NoticeEvent::SentDelivered, message.sender, detail, accepted)
        }
        Phase::Undeliverable | Phase::Infected if !is_system => {
            let at = change.events.last().map_or(submitted, |event| event.time);
            (NoticeEvent::Undeliverable, message.sender, NoticeDetail::Nothing, at)
        }
        _ => return None,
    };
    let notice = DueNotice {
        event,
        scope: NoticeScope::Box(box_id),
        message: Some(change.id),
        isds_id: None,
        detail,
        due,
    };
    Some((box_id, notice))
}

/// Whose login delivered it; none where fiction did.
fn reader(change: &MessageChange) -> Option<ReaderKind> {
    change.events.iter().find_map(|event| match event.kind {
        EventKind::HolderLogin => Some(ReaderKind::Holder),
        EventKind::EntrustedLogin => Some(ReaderKind::Entrusted),
        EventKind::ApplicationLogin => Some(ReaderKind::Application),
        _ => None,
    })
}
