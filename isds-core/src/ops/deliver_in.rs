//! The last step of an accepted message: into the recipient's box, or not.

use std::collections::HashMap;

use crate::administration::{BoxClosing, BoxClosingId};
use crate::data_box::DataBox;
use crate::deadline::Fiction;
use crate::envelope::MessageKind;
use crate::error::Failure;
use crate::ids::BoxId;
use crate::message::{Input, Message, ScanVerdict};
use crate::system_message::{DueSystemMessage, SystemMessage};
use crate::time::Timestamp;

use super::Isds;
use super::close_box::undeliverable;
use super::process_message::Step;

/// Boxes that are not accessible, with how they were closed.
pub(super) type ClosedBoxes = HashMap<BoxId, (DataBox, BoxClosing)>;

/// A message that is stamped and judged by the scanner.
pub(super) struct Judged {
    pub message: Message,
    pub step: Step,
    pub verdict: ScanVerdict,
}

impl Judged {
    pub fn recipient(&self) -> BoxId {
        self.message.envelope.recipient
    }

    /// A message of the system goes into every box, others into accessible ones (manual M 1.6).
    fn needs_accessible_box(&self) -> bool {
        self.message.kind != MessageKind::System && self.verdict != ScanVerdict::Infected
    }

    /// It goes into a box that has to be accessible, and is.
    pub fn is_to_deliver(&self, closed: &ClosedBoxes) -> bool {
        self.needs_accessible_box() && !closed.contains_key(&self.recipient())
    }

    /// The step that ends the way of the message: rejected, undeliverable, or in the box.
    pub fn end(self, at: Timestamp, closed: &ClosedBoxes) -> Result<Step, Failure> {
        let recipient = self.recipient();
        let step = self.step.judged(self.verdict);
        if self.verdict == ScanVerdict::Infected {
            return Ok(infected(step.then(Input::Infection)?, &self.message));
        }
        let fiction = Fiction::of(&self.message.envelope, self.message.kind, at);
        let fiction = fiction.date().map(|date| date.at);
        if self.message.kind == MessageKind::System {
            return Ok(step.then(Input::DeliverInSystemMessage { at, fiction })?);
        }
        match closed.get(&recipient) {
            Some((data_box, closing)) => undeliverable(step, &self.message, data_box, closing, at),
            None => Ok(step.then(Input::DeliverIn { at, fiction })?),
        }
    }
}

/// The sender is told, since no delivery will ever tell (act 300/2008, section 20).
fn infected(step: Step, message: &Message) -> Step {
    if message.kind == MessageKind::System {
        return step;
    }
    step.telling(DueSystemMessage {
        recipient: message.envelope.sender,
        message: SystemMessage::MalwareFound {
            message: message.id,
            recipient: message.envelope.recipient,
        },
    })
}

impl Isds {
    /// Which of the recipients have no accessible box any more, since their messages were accepted.
    pub(super) async fn closed_recipients(
        &self,
        judged: impl Iterator<Item = &Judged> + Send,
    ) -> Result<ClosedBoxes, Failure> {
        let mut recipients: Vec<BoxId> = judged
            .filter(|judged| judged.needs_accessible_box())
            .map(Judged::recipient)
            .collect();
        recipients.sort_unstable();
        recipients.dedup();
        let mut closed = ClosedBoxes::new();
        for id in self.store.list_inaccessible_boxes(&recipients).await? {
            let Some(data_box) = self.store.lookup_box(id).await? else {
                continue;
            };
            let now = self.clock.legal().to_millis();
            let closing = self.store.lookup_last_closing(id).await?.unwrap_or(BoxClosing {
                id: BoxClosingId(0),
                box_id: id,
                disabled: now,
                done: now,
                on_request: false,
            });
            closed.insert(id, (data_box, closing));
        }
        Ok(closed)
    }

    /// Looks again at the boxes into which messages were just delivered: one that was closed between the first look and
    /// the writing may have been gone through already, so it is gone through once more. Whoever closes writes first and
    /// looks at the messages then, so one of the two sees the other.
    pub(super) async fn look_again(&self, mut delivered: Vec<BoxId>) -> Result<(), Failure> {
        delivered.sort_unstable();
        delivered.dedup();
        for id in self.store.list_inaccessible_boxes(&delivered).await? {
            if let Some(closing) = self.store.lookup_last_closing(id).await? {
                self.store.repeat_closing(closing.id).await?;
                self.job_added.notify_one();
            }
        }
        Ok(())
    }
}
