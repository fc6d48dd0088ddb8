//! What becomes of messages in a box that was disabled: they are undeliverable, and their senders are told.

use crate::administration::{BoxClosing, BoxClosingId};
use crate::data_box::DataBox;
use crate::envelope::MessageKind;
use crate::error::{Failure, Refusal};
use crate::ids::{BoxId, MessageId};
use crate::message::{Input, Message, MessageState, Phase};
use crate::ports::{JobId, StoreError};
use crate::status::Status;
use crate::system_message::{DueSystemMessage, SystemMessage, UndeliverableNotice};
use crate::time::Timestamp;

use super::Isds;
use super::notices::Before;
use super::process_message::Step;

/// Nobody takes longer to write a delivery that was begun, in real seconds.
pub(super) const SETTLED_SECONDS: i64 = 60;
/// How long a turn has its job for itself, in real seconds; it is renewed with every batch.
const LEASE_SECONDS: i64 = 10;
/// How many messages are written in one transaction.
const BATCH: u64 = 100;

/// How many messages a turn of the jobs makes undeliverable: each brings its sender a system message, and what others
/// have sent meanwhile is not to wait for all of them.
const AT_ONCE: usize = 2 * BATCH as usize;

/// How far the job of a closing got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClosingProgress {
    /// Nothing is left to do.
    Ended,
    /// There is more to do at once.
    More,
    /// Nothing is left that can be seen now. Whoever found the box open just before may be about to deliver into it, and
    /// may die before he looks again ([`Isds::look_again`]).
    LookAgain,
}

/// When to leave the rest to later.
#[derive(Debug, Clone, Copy)]
enum Bound {
    /// When a turn's share is done; the lease is kept meanwhile.
    Share(JobId),
    /// At a real time.
    Time(Timestamp),
    /// Never.
    None,
}

impl Isds {
    /// The job of a closing.
    pub(super) async fn close_box(&self, id: BoxClosingId, job: JobId) -> Result<ClosingProgress, Failure> {
        let Some(closing) = self.store.lookup_closing(id).await? else {
            return Ok(ClosingProgress::Ended);
        };
        if !self.mark_undeliverable(&closing, Bound::Share(job)).await? {
            return Ok(ClosingProgress::More);
        }
        let settled = self.clock.legal() >= closing.done.plus_seconds(SETTLED_SECONDS);
        Ok(if settled {
            ClosingProgress::Ended
        } else {
            ClosingProgress::LookAgain
        })
    }

    /// Does what is left to do of the box's last closing, for whoever cannot wait for its job.
    pub(super) async fn finish_closing(&self, id: BoxId) -> Result<(), Failure> {
        if let Some(closing) = self.store.lookup_last_closing(id).await? {
            self.mark_undeliverable(&closing, Bound::None).await?;
        }
        Ok(())
    }

    /// The same up to a real time; false where there was more to do.
    pub(super) async fn finish_closing_until(&self, id: BoxId, deadline: Timestamp) -> Result<bool, Failure> {
        match self.store.lookup_last_closing(id).await? {
            Some(closing) => self.mark_undeliverable(&closing, Bound::Time(deadline)).await,
            None => Ok(true),
        }
    }

    /// Makes undeliverable what lay in the box when it was disabled and had not been delivered by then, in batches; false
    /// where the bound came first. May be done again at will: what is undeliverable already is no longer found.
    async fn mark_undeliverable(&self, closing: &BoxClosing, bound: Bound) -> Result<bool, Failure> {
        let data_box = self.store.lookup_box(closing.box_id).await?;
        let data_box = data_box.ok_or_else(|| Refusal::of(Status::BOX_NOT_FOUND))?;
        let (mut after, mut marked) = (MessageId(0), 0);
        loop {
            let waiting = self
                .store
                .list_waiting_messages(closing.box_id, true, after, BATCH)
                .await?;
            let Some(last) = waiting.last().map(|message| message.id) else {
                return Ok(true);
            };
            let now = self.clock.legal().to_millis();
            let until = closing.disabled.min(now);
            let unattended = self.unattended(&waiting, until).await?;
            let mut closed: Vec<&Message> = Vec::new();
            let mut changes = Vec::new();
            for message in &waiting {
                // What fiction delivered before the box was disabled stays so, though its job may be late.
                let step = Step::of(message).after_fiction(until, &unattended)?;
                if is_undeliverable(message.kind, step.state(), &data_box, closing) {
                    changes.push(undeliverable(step, message, &data_box, closing, now)?.into_change());
                    closed.push(message);
                }
            }
            let told = changes
                .iter_mut()
                .zip(closed.iter().map(|message| Before::from(*message)));
            self.tell_of_changes(told.collect()).await?;
            match self.store.apply_changes(&changes).await {
                Ok(()) => (after, marked) = (last, marked + changes.len()),
                // Somebody delivered or marked some of them meanwhile: look again.
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
            if !changes.is_empty() {
                self.job_added.notify_one();
            }
            match bound {
                // Only what was done counts: what may stay is passed over once more in each turn.
                Bound::Share(_) if marked >= AT_ONCE => return Ok(false),
                Bound::Share(job) => {
                    let until = self.clock.real().plus_seconds(LEASE_SECONDS);
                    self.store.extend_lease(job, until).await?;
                }
                Bound::Time(deadline) if self.clock.real() > deadline => return Ok(false),
                Bound::Time(_) | Bound::None => {}
            }
        }
    }
}

/// Messages of the system are delivered in a disabled box all the same (manual M 1.6). Into a box that is accessible
/// again others came after it was closed; as long as it is not, nothing can have come by right.
fn is_undeliverable(kind: MessageKind, state: &MessageState, data_box: &DataBox, closing: &BoxClosing) -> bool {
    let before = state.delivered_in.is_some_and(|time| time <= closing.done);
    if kind == MessageKind::System || (data_box.state.is_accessible() && !before) {
        return false;
    }
    match state.phase {
        Phase::DeliveredIn => true,
        Phase::Fiction => !closing.on_request && state.accepted.is_some_and(|time| time > closing.disabled),
        _ => false,
    }
}

/// The step that makes a message undeliverable, with the system message that tells its sender.
pub(super) fn undeliverable(
    step: Step,
    message: &Message,
    recipient: &DataBox,
    closing: &BoxClosing,
    now: Timestamp,
) -> Result<Step, Failure> {
    let draft = &message.envelope.draft;
    let notice = UndeliverableNotice {
        message: message.id,
        recipient: recipient.id,
        recipient_name: recipient.holder_name(),
        disabled: closing.disabled.local_date(),
        done: closing.done.local_date(),
        annotation: draft.annotation.clone(),
        sender_ref_number: draft.sender_ref_number.clone(),
        sender_ident: draft.sender_ident.clone(),
    };
    let input = Input::Undeliverable {
        disabled: closing.disabled,
        at: now,
    };
    Ok(step.then(input)?.telling(DueSystemMessage {
        recipient: message.envelope.sender,
        message: SystemMessage::Undeliverable(Box::new(notice)),
    }))
}
