//! What became of a sending: how far each of its messages got.

use crate::event::Event;
use crate::ids::{BoxId, MessageId};
use crate::message::{Message, SideOf};
use crate::ops::Isds;
use crate::ports::{DraftId, SendingId, SendingOutcome};
use crate::principal::Principal;

use super::{DraftError, RecipientSummary, writer_of};

/// A message of a sending.
#[derive(Debug, Clone)]
pub struct SentMessage {
    /// Its number, also before it is accepted.
    pub number: MessageId,
    /// To whom.
    pub recipient: BoxId,
    /// Who that is.
    pub summary: Option<RecipientSummary>,
    /// The message, once it is accepted.
    pub message: Option<Message>,
    /// Its events.
    pub events: Vec<Event>,
    /// Why it was refused (text of the status), where it was.
    pub refused: Option<String>,
}

impl SentMessage {
    /// State of the message on the sender's side, as it is on the wire; none before it is accepted.
    #[must_use]
    pub fn state(&self) -> Option<i32> {
        self.message
            .as_ref()
            .map(|message| i32::from(message.state.wire(SideOf::Sender)))
    }
}

/// A sending as its sender sees it.
#[derive(Debug, Clone)]
pub struct SendingView {
    /// Key.
    pub id: SendingId,
    /// The draft, which is gone once all went.
    pub draft: DraftId,
    /// Subject.
    pub subject: String,
    /// It is done.
    pub finished: bool,
    /// Nobody is at work on it, and it is not done: it can be taken over.
    pub stalled: bool,
    /// One for each recipient.
    pub messages: Vec<SentMessage>,
}

impl Isds {
    /// A sending of the caller's box. Who may send may see what became of it; it is what the envelope of a sent message
    /// tells them as well.
    ///
    /// # Errors
    /// 1004; [`DraftError::NotFound`].
    pub async fn sending_view(&self, caller: &Principal, id: SendingId) -> Result<SendingView, DraftError> {
        let own = writer_of(caller)?;
        let sending = self.store.lookup_sending(id, own).await?;
        let sending = sending.ok_or(DraftError::NotFound)?;
        let mut messages = Vec::with_capacity(sending.rows.len());
        for row in sending.rows {
            let message = self.store.lookup_message(row.number).await?;
            let message = message.filter(|message| message.envelope.sender == own);
            let events = match &message {
                Some(message) => self.store.list_events(message.id).await?,
                None => Vec::new(),
            };
            let found = self.store.lookup_box(row.recipient).await?;
            messages.push(SentMessage {
                number: row.number,
                recipient: row.recipient,
                summary: found.map(|found| RecipientSummary {
                    name: found.holder_name(),
                    address: found.address.one_line(),
                    box_type: found.box_type,
                }),
                message,
                events,
                refused: match row.outcome {
                    Some(SendingOutcome::Refused { text, .. }) => Some(text),
                    _ => None,
                },
            });
        }
        Ok(SendingView {
            id,
            draft: sending.draft,
            subject: sending.subject,
            finished: sending.finished,
            stalled: !sending.finished && sending.lease_until <= self.clock.real(),
            messages,
        })
    }
}
