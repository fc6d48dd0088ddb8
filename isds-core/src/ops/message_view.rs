//! A message as a person reads it: what of it may be shown, from the side of the box in which they are.

use std::sync::Arc;

use crate::error::{Failure, Refusal};
use crate::event::Event;
use crate::examination::Examination;
use crate::ids::MessageId;
use crate::mailbox::{MailboxList, Tag, Task};
use crate::message::{Message, SideOf};
use crate::operation::Operation;
use crate::ports::AuthenticityError;
use crate::principal::Principal;
use crate::splice::Splice;
use crate::status::Status;

use super::Isds;

/// What may be shown of a message.
#[derive(Debug, Clone)]
pub struct MessageView {
    /// The message.
    pub message: Message,
    /// From whose side.
    pub side: SideOf,
    /// What happened to it; none without the right to see that.
    pub events: Option<Vec<Event>>,
    /// Tags that the box gave it; none without the right to see lists.
    pub tags: Vec<Tag>,
    /// What the box noted that it has to do about it.
    pub task: Option<Task>,
    /// Why its content is closed, where it is.
    pub closed: Option<Refusal>,
}

impl Isds {
    /// A message of the caller's box: with its content where [`Self::message_to_read`] allows that, with its envelope
    /// and events alone where it was erased or withheld, where a sent one is not in its recipient's box, or where the
    /// caller may see what was sent but not read it. Nothing is delivered and nothing is marked.
    ///
    /// # Errors
    /// 1004, 1211, 1219, 1222.
    pub async fn view_message(&self, caller: &Principal, id: MessageId) -> Result<MessageView, Failure> {
        let (message, side, closed) = match self.message_to_read(caller, id).await {
            Ok((message, side)) => (message, side, None),
            Err(Failure::Refused(refusal)) => {
                let (message, side) = self.envelope_to_read(caller, id, refusal.clone()).await?;
                (message, side, Some(refusal))
            }
            Err(broken) => return Err(broken),
        };
        let events = match self.delivery_info(caller, Operation::GetDeliveryInfo, id).await {
            Ok(info) => Some(info.events),
            Err(Failure::Refused(_)) => None,
            Err(broken) => return Err(broken),
        };
        let (tags, task) = match &events {
            Some(_) => self.marks_of(&message, side).await?,
            None => (Vec::new(), None),
        };
        Ok(MessageView {
            message,
            side,
            events,
            tags,
            task,
            closed,
        })
    }

    /// How one side marked its copy.
    async fn marks_of(&self, message: &Message, side: SideOf) -> Result<(Vec<Tag>, Option<Task>), Failure> {
        let box_id = match side {
            SideOf::Sender => message.envelope.sender,
            SideOf::Recipient => message.envelope.recipient,
        };
        let list = MailboxList { box_id, side };
        let given = self.store.tags_of(list, &[message.id]).await?;
        let mut tags = if given.is_empty() {
            Vec::new()
        } else {
            self.store.list_tags(box_id).await?
        };
        tags.retain(|tag| given.iter().any(|(_, id)| *id == tag.id));
        let task = self.store.tasks_of(list, &[message.id]).await?.pop();
        Ok((tags, task.map(|(_, task)| task)))
    }

    /// A message of the caller's box whose content they may have: as `MessageDownload` and `SignedSentMessageDownload`
    /// judge it, and their like for large ones.
    ///
    /// # Errors
    /// 1004, 1211, 1219, 1222, 1229, 3022.
    pub async fn message_to_read(&self, caller: &Principal, id: MessageId) -> Result<(Message, SideOf), Failure> {
        let own = caller.authorize(Operation::DummyOperation)?.id;
        let message = self.lookup(id).await?;
        let large = message.is_large();
        match message.side_of(own) {
            Some(SideOf::Recipient) => {
                let operation = if large {
                    Operation::SignedBigMessageDownload
                } else {
                    Operation::SignedMessageDownload
                };
                let message = self.received_message(caller, operation, id).await?;
                Ok((message, SideOf::Recipient))
            }
            Some(SideOf::Sender) => {
                let operation = if large {
                    Operation::SignedSentBigMessageDownload
                } else {
                    Operation::SignedSentMessageDownload
                };
                Ok((self.sent_message(caller, operation, id).await?, SideOf::Sender))
            }
            None => Err(Failure::refused(Status::OTHER_BOX)),
        }
    }

    /// The envelope where the content is closed for a reason that does not close the envelope.
    async fn envelope_to_read(
        &self,
        caller: &Principal,
        id: MessageId,
        closed: Refusal,
    ) -> Result<(Message, SideOf), Failure> {
        let own = caller.authorize(Operation::DummyOperation)?.id;
        match self.lookup(id).await?.side_of(own) {
            Some(SideOf::Recipient) if [Status::NO_MESSAGE, Status::WITHHELD].contains(&closed.status()) => {
                Ok((self.message_envelope(caller, id).await?, SideOf::Recipient))
            }
            // What was sent and did not arrive is shown with what became of it.
            Some(SideOf::Sender) => {
                let info = self.delivery_info(caller, Operation::GetDeliveryInfo, id).await?;
                Ok((info.message, SideOf::Sender))
            }
            _ => Err(closed.into()),
        }
    }

    /// Checks the seal and the timestamps of a message by its sealed form, as its holder would download it. What was
    /// found for this state of the message is remembered for a short time. Whether the caller may have the form is
    /// judged before.
    ///
    /// # Errors
    /// As [`Self::seal_message`]; failures of the examination.
    pub async fn examine_message(
        &self,
        message: &Message,
        side: SideOf,
        content: impl FnOnce() -> Splice,
    ) -> Result<Arc<Examination>, Failure> {
        if let Some(known) = self.sealed_forms.examination(message, side) {
            return Ok(known);
        }
        let sealed = self.seal_message(message, side, content).await?;
        let examined = self
            .authenticator
            .examine(sealed.splice.stream(Arc::clone(&self.objects)))
            .await;
        let examination = match examined {
            Ok(examination) => Arc::new(examination),
            Err(
                AuthenticityError::NotSealed(error)
                | AuthenticityError::DoesNotHold(error)
                | AuthenticityError::Failed(error),
            ) => return Err(Failure::Broken("a message could not be examined", error)),
        };
        if sealed.stamped {
            self.sealed_forms
                .keep_examination(message, side, Arc::clone(&examination));
        }
        Ok(examination)
    }

    /// What [`Self::examine_message`] found a short time ago, if it did.
    #[must_use]
    pub fn known_examination(&self, message: &Message, side: SideOf) -> Option<Arc<Examination>> {
        self.sealed_forms.examination(message, side)
    }
}
