//! Messages, their events, and lists of them.

use async_trait::async_trait;

use super::{JobId, SendingLease, StoreResult, UploadId};
use crate::author::Author;
use crate::bulk::BulkRowId;
use crate::event::{Event, EventKind};
use crate::ids::{BoxId, MessageId};
use crate::message::{Message, MessageState, ScanVerdict, SideOf, StateChange};
use crate::notice::DueNotice;
use crate::postal::Payment;
use crate::system_message::DueSystemMessage;
use crate::time::Timestamp;

/// A message to be written, with its first event.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The message in phase 1, version 0.
    pub message: Message,
    /// Who wrote it, for GetMessageAuthor.
    pub author: Author,
    /// EV0.
    pub event: Event,
    /// Real time of acceptance: when the job that carries the message on is due.
    pub job_due: Timestamp,
    /// What the message costs, taken in the same transaction; nothing for public messages.
    pub payment: Option<Payment>,
    /// Uploads that a large message uses, each once; counted in the same transaction.
    pub uploads: Vec<UploadId>,
    /// The row of a bulk job that the message is sent for; marked as sent in the same transaction.
    pub bulk_row: Option<BulkRowId>,
    /// The sending of a draft that the message belongs to; the lease has to hold in the same transaction.
    pub sending: Option<SendingLease>,
}

/// A transition of one message to be written over the version it was computed from.
#[derive(Debug, Clone)]
pub struct MessageChange {
    /// Message.
    pub id: MessageId,
    /// Version that the change was computed from.
    pub from_version: i64,
    /// State afterwards.
    pub state: MessageState,
    /// Token to keep, where the change obtained one.
    pub timestamp_token: Option<Vec<u8>>,
    /// Verdict to keep, where the change obtained one.
    pub scan: Option<ScanVerdict>,
    /// Events to add.
    pub events: Vec<Event>,
    /// Events of these kinds to remove.
    pub removes: &'static [EventKind],
    /// Rows for the sender's list of state changes, in order.
    pub state_changes: Vec<StateChange>,
    /// System messages that go with the change.
    pub system_messages: Vec<DueSystemMessage>,
    /// What is to be told of it by e-mail.
    pub notices: Vec<DueNotice>,
    /// Vaults into which a copy goes (1) or out of which it comes (-1).
    pub vaults: Vec<(BoxId, i64)>,
    /// Real time at which the content is given up, where the change leaves it to nobody: the message stays without
    /// segments, and objects that no other message and no waiting upload needs are freed.
    pub frees: Option<Timestamp>,
    /// Job that the change finishes, removed in the same transaction.
    pub finishes_job: Option<JobId>,
}

impl MessageChange {
    /// Leaves the content erased for one side at least.
    #[must_use]
    pub fn erases(&self) -> bool {
        self.state.sender.erased || self.state.recipient.side.erased
    }

    /// A change that changes nothing yet, over the version at hand.
    #[must_use]
    pub fn unchanged(message: &Message) -> Self {
        Self {
            id: message.id,
            from_version: message.version,
            state: message.state,
            timestamp_token: None,
            scan: None,
            events: Vec::new(),
            removes: &[],
            state_changes: Vec::new(),
            system_messages: Vec::new(),
            notices: Vec::new(),
            vaults: Vec::new(),
            frees: None,
            finishes_job: None,
        }
    }
}

/// What a list of messages asks for.
#[derive(Debug, Clone)]
pub struct MessageListQuery {
    /// Whose list.
    pub box_id: BoxId,
    /// Received (recipient's side) or sent.
    pub side: SideOf,
    /// From this time on, by delivery-in time, for messages without one by submission time.
    pub from: Option<Timestamp>,
    /// Up to and including this time.
    pub to: Option<Timestamp>,
    /// Bits Σ2^state of the states on the wire that fit.
    pub status_bits: u32,
    /// Only what comes after this place, that of the last record of the page before.
    pub after: Option<ListPosition>,
    /// How many to pass over.
    pub offset: u64,
    /// How many to return at most.
    pub limit: u64,
}

/// Place of a record in lists, which begin with the newest and, of two at the same time, with the higher number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListPosition {
    /// [`MessageState::list_time`].
    pub time: Timestamp,
    /// Number.
    pub id: MessageId,
}

/// A record of a list: what lists show, without the content's whereabouts.
#[derive(Debug, Clone)]
pub struct MessageRecord {
    /// Number.
    pub id: MessageId,
    /// Envelope.
    pub envelope: crate::envelope::Envelope,
    /// Kind letter (`dmType`).
    pub kind: crate::envelope::MessageKind,
    /// `dmAttachmentSize`.
    pub attachment_size_kb: i64,
    /// A large message (`dmVODZ`).
    pub large: bool,
    /// State.
    pub state: MessageState,
}

impl MessageRecord {
    /// The record as it is shown at the legal time `now`, which may have ended an invitation to reply.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        self.kind = self.kind.at(self.state.submitted, now);
        self
    }

    /// Where it stands in lists.
    #[must_use]
    pub fn position(&self) -> ListPosition {
        ListPosition {
            time: self.state.list_time(),
            id: self.id,
        }
    }
}

/// A row of `GetMessageStateChanges` with its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateChangeRecord {
    /// Message.
    pub id: MessageId,
    /// When and to what.
    pub change: StateChange,
    /// Version of the message that the change made.
    pub version: i64,
    /// Which of the changes that made the version, from 0. Time, number, version and this are the order of the rows.
    pub seq: i64,
}

/// What `GetMessageStateChanges` asks for.
#[derive(Debug, Clone, Copy)]
pub struct StateChangeQuery {
    /// Sender of the messages.
    pub sender: BoxId,
    /// From this time on.
    pub from: Timestamp,
    /// Up to and including this time.
    pub to: Timestamp,
    /// Only what comes after this row, the last of the page before.
    pub after: Option<StateChangeRecord>,
    /// How many to return at most.
    pub limit: u64,
}

/// Messages and their events.
#[async_trait]
pub trait Messages: Send + Sync {
    /// Takes the next message number.
    async fn next_message_id(&self) -> StoreResult<MessageId>;

    /// Writes an accepted message, its event, the job that carries it on, and takes what it costs, in one transaction.
    /// Durable on return.
    ///
    /// # Errors
    /// [`StoreError::Unpaid`] where what was to pay is no longer there, [`StoreError::RowWithdrawn`] where the row of a
    /// bulk job is not to be sent any more or the lease of the sending does not hold.
    async fn accept_message(&self, message: &NewMessage) -> StoreResult<()>;

    /// The message, whatever its state.
    async fn lookup_message(&self, id: MessageId) -> StoreResult<Option<Message>>;

    /// Messages in phases 4 and 5 that wait in the box for a login, oldest number first, with numbers above `after`.
    /// Where `personal` is false, those for personal delivery are left out.
    async fn list_waiting_messages(
        &self,
        box_id: BoxId,
        personal: bool,
        after: MessageId,
        limit: u64,
    ) -> StoreResult<Vec<Message>>;

    /// One page of a list, newest first.
    async fn list_messages(&self, query: &MessageListQuery) -> StoreResult<Vec<MessageRecord>>;

    /// Events of a message, in the order in which they were recorded.
    async fn list_events(&self, id: MessageId) -> StoreResult<Vec<Event>>;

    /// One page of the state changes of messages sent from a box, oldest first.
    async fn list_state_changes(&self, query: &StateChangeQuery) -> StoreResult<Vec<StateChangeRecord>>;

    /// Writes transitions, all in one transaction: all are written or none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where a message's version is no longer the one its change was computed from.
    async fn apply_changes(&self, changes: &[MessageChange]) -> StoreResult<()>;
}
