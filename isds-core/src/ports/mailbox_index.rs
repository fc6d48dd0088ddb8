//! The index by which messages are found in the lists of people. It is made behind the messages, for those lists that
//! somebody looks at: acceptance and delivery know nothing of it.

use std::collections::HashMap;

use async_trait::async_trait;

use super::{ListPosition, MessageRecord, StoreResult};
use crate::ids::{BoxId, MessageId};
use crate::mailbox::{MailboxIndex, MailboxIndexId, MailboxList};
use crate::time::Timestamp;

/// What the index is to hold of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxDocument {
    /// Message.
    pub id: MessageId,
    /// Its place in the list by time.
    pub time: Timestamp,
    /// Terms, each once.
    pub terms: Vec<String>,
}

/// The index of lists. Due times and leases are real.
#[async_trait]
pub trait MailboxIndexes: Send + Sync {
    /// How far the list is indexed, where anybody ever looked at it.
    async fn mailbox_index(&self, list: MailboxList) -> StoreResult<Option<MailboxIndex>>;

    /// Asks for the list to be indexed (further) from `due` on; one that is asked for already stays as it is.
    async fn want_mailbox_index(&self, list: MailboxList, due: Timestamp) -> StoreResult<MailboxIndex>;

    /// Takes a list that is due, until `lease_until`. One whose lease ran out is due again.
    async fn claim_mailbox_index(&self, now: Timestamp, lease_until: Timestamp) -> StoreResult<Option<MailboxIndex>>;

    /// Ends the lease: the list is due again at `due`, or only once it is asked for.
    async fn release_mailbox_index(&self, id: MailboxIndexId, due: Option<Timestamp>) -> StoreResult<()>;

    /// The next messages of a list that are not in its index, in the order in which they are indexed; none that moved
    /// later than `until`.
    async fn list_not_indexed(
        &self,
        index: &MailboxIndex,
        until: Timestamp,
        limit: u64,
    ) -> StoreResult<Vec<MessageRecord>>;

    /// Writes what the index holds of some messages, in place of what it held, and how far it reaches now; all in one
    /// transaction.
    ///
    /// # Errors
    /// [`StoreError::Conflict`](super::StoreError::Conflict) where the index no longer reaches to where it did.
    async fn index_messages(
        &self,
        index: &MailboxIndex,
        documents: &[MailboxDocument],
        high: ListPosition,
    ) -> StoreResult<()>;

    /// Whether the text of attachments is indexed for the box.
    async fn mailbox_content(&self, box_id: BoxId) -> StoreResult<bool>;

    /// Sets that for both lists of the box, which are indexed anew from `due` on.
    async fn set_mailbox_content(&self, box_id: BoxId, content: bool, due: Timestamp) -> StoreResult<()>;

    /// Terms of the index that begin with `prefix`, in order.
    async fn expand_term(&self, id: MailboxIndexId, prefix: &str, limit: u64) -> StoreResult<Vec<String>>;

    /// Terms of messages; those that are not indexed are left out.
    async fn indexed_terms(
        &self,
        id: MailboxIndexId,
        messages: &[MessageId],
    ) -> StoreResult<HashMap<MessageId, Vec<String>>>;
}
