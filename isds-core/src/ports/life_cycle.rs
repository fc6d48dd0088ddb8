//! What falls due in the life of messages.

use async_trait::async_trait;

use super::StoreResult;
use crate::ids::{BoxId, MessageId};
use crate::message::{Message, SideOf};
use crate::time::Timestamp;

/// A place in the order in which messages fall due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DuePlace {
    /// Due date.
    pub due: Timestamp,
    /// Of those of one date.
    pub id: MessageId,
}

impl DuePlace {
    /// Before everything.
    pub const START: Self = Self {
        due: Timestamp(i64::MIN),
        id: MessageId(i64::MIN),
    };

    /// Behind everything that is due by a time.
    pub const fn end_of(due: Timestamp) -> Self {
        Self {
            due,
            id: MessageId(i64::MAX),
        }
    }
}

/// The place in each of the orders up to which everything is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DuePlaces {
    /// Of fiction.
    pub fiction: DuePlace,
    /// Of the retention of what boxes sent.
    pub sent: DuePlace,
    /// Of the retention of what boxes received.
    pub received: DuePlace,
}

impl DuePlaces {
    /// Nothing is known to be done.
    pub const START: Self = Self {
        fiction: DuePlace::START,
        sent: DuePlace::START,
        received: DuePlace::START,
    };
}

/// Up to which ends somebody is told of them beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WarnedOf {
    /// Of system certificates, in real time.
    pub certificates: Timestamp,
    /// Of passwords, in legal time.
    pub passwords: Timestamp,
}

/// The time for which a message waited in a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// Message.
    pub message: MessageId,
    /// Box of its recipient.
    pub box_id: BoxId,
    /// Delivery into the box.
    pub from: Timestamp,
    /// Fiction.
    pub until: Timestamp,
}

/// What the life of messages needs: due dates, oldest first, each found by an index. Times are legal.
///
/// Each question names the place behind which to look: what was done leaves its traces in the index for a while, and
/// passing them once more with each of thousands of batches would cost more than the work itself.
#[async_trait]
pub trait LifeCycle: Send + Sync {
    /// Whether anything is due at `now` behind the places: fiction, the end of a retention; or fiction that nobody has
    /// counted, the end of a vault's term, or one of those `of` which somebody is told beforehand, that nobody was told
    /// of.
    async fn is_life_cycle_due(&self, now: Timestamp, after: &DuePlaces, of: WarnedOf) -> StoreResult<bool>;

    /// Messages that wait and of which nobody has counted when fiction strikes, as an older version left them.
    async fn list_uncounted_fictions(&self, limit: u64) -> StoreResult<Vec<Message>>;

    /// Messages that fiction delivers by `now`.
    async fn list_due_fictions(&self, now: Timestamp, after: DuePlace, limit: u64) -> StoreResult<Vec<Message>>;

    /// Messages of which one side's retention (or stay in the vault) ends by `now`.
    async fn list_due_retentions(
        &self,
        side: SideOf,
        now: Timestamp,
        after: DuePlace,
        limit: u64,
    ) -> StoreResult<Vec<Message>>;

    /// The messages of the stays during which there was no user in the box at any time.
    async fn list_unattended(&self, stays: &[Stay]) -> StoreResult<Vec<MessageId>>;
}
