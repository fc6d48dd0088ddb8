//! Sendings: what becomes of a draft, recipient by recipient.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Draft, DraftId, DraftVersion, StoreResult};
use crate::ids::{BoxId, MessageId};
use crate::time::Timestamp;

/// Key of a sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SendingId(pub i64);

/// The right to carry a sending on: who holds it is the one who does, until another takes it over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendingLease {
    /// The sending.
    pub id: SendingId,
    /// Until when nobody takes it over, in real time. Each new lease ends later, so this also tells the leases apart.
    pub until: Timestamp,
}

/// One recipient of a sending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendingRow {
    /// To whom.
    pub recipient: BoxId,
    /// Number that the message gets. It is taken before anything is sent, and a message with it is accepted once:
    /// however often the sending is carried on, nobody gets two.
    pub number: MessageId,
    /// What came of it; nothing as long as it was not tried to the end.
    pub outcome: Option<SendingOutcome>,
}

/// What came of sending to one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SendingOutcome {
    /// The message was accepted.
    Sent,
    /// It was refused.
    Refused {
        /// Status code.
        code: String,
        /// Its completed text.
        text: String,
    },
}

/// A draft that is being sent, or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// Key.
    pub id: SendingId,
    /// Whose.
    pub box_id: BoxId,
    /// The draft.
    pub draft: DraftId,
    /// When it was begun, in real time.
    pub started: Timestamp,
    /// Until when somebody is at work on it, in real time.
    pub lease_until: Timestamp,
    /// It is done.
    pub finished: bool,
    /// Subject, for the page that tells what came of it.
    pub subject: String,
    /// One for each recipient.
    pub rows: Vec<SendingRow>,
}

/// What came of beginning a sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BegunSending {
    /// It is begun, and the caller carries it on with the lease that it was begun with.
    Begun(SendingLease),
    /// This very state of the draft was sent before, or is being sent.
    Already(SendingId),
    /// The draft has changed since, or is gone.
    Changed,
}

/// Sendings of drafts.
///
/// A message of a sending is written by [`Messages::accept_message`](super::Messages::accept_message) and
/// [`SharedObjects::accept_messages`](super::SharedObjects::accept_messages) only while the lease in
/// [`NewMessage::sending`](super::NewMessage::sending) is the sending's and it is not done: who was overtaken sends
/// nothing more.
#[async_trait]
pub trait DraftSendings: Send + Sync {
    /// Begins to send a draft in the version at hand; nobody changes it from then on. Forgets sendings of the box that
    /// were finished and begun before `forget` (real time). `id` of `sending` is ignored.
    async fn begin_sending(&self, draft: &Draft, sending: &Sending, forget: Timestamp) -> StoreResult<BegunSending>;

    /// The sending of this very state of a draft of the box; the draft may be gone since.
    async fn find_sending(
        &self,
        box_id: BoxId,
        draft: DraftId,
        version: DraftVersion,
    ) -> StoreResult<Option<SendingId>>;

    /// A sending of the box.
    async fn lookup_sending(&self, id: SendingId, box_id: BoxId) -> StoreResult<Option<Sending>>;

    /// Takes over a sending whose lease is over at `now`. Nothing where somebody is at work on it, or it is done.
    async fn take_sending(
        &self,
        id: SendingId,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> StoreResult<Option<SendingLease>>;

    /// Puts off the end of a lease to `until`, never to an earlier one. Nothing where another has taken over, or the
    /// sending is done.
    async fn extend_sending(&self, lease: SendingLease, until: Timestamp) -> StoreResult<Option<SendingLease>>;

    /// Gives a sending back, so that it can be taken at once. Nothing happens where the lease is no longer its.
    async fn give_sending_back(&self, lease: SendingLease) -> StoreResult<()>;

    /// Ends a sending. The draft goes with its attachments where `left` is empty; otherwise it can be changed again and
    /// has these recipients. False, and nothing written, where it was ended before or another has taken over.
    async fn finish_sending(
        &self,
        lease: SendingLease,
        rows: &[SendingRow],
        left: &[BoxId],
        freed: Timestamp,
    ) -> StoreResult<bool>;
}
