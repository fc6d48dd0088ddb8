//! Lists of messages as people look at them: pages in both directions, filtered and counted by index.

use async_trait::async_trait;

use super::{ListPosition, MessageRecord, StoreResult};
use crate::ids::{BoxId, MessageId};
use crate::mailbox::{MailboxIndexId, MailboxList, TagId};
use crate::time::Timestamp;

/// Which messages of a list a page is made from; each has an index in the order of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lead {
    /// Received ones that are in the box, sent ones that are neither erased nor in the vault.
    Live,
    /// Received ones that were delivered and not read (6).
    Unread,
    /// Sent ones that are not delivered or never will be (3, 4, 8).
    Open,
    /// In the vault (10).
    Vault,
    /// Erased (9).
    Erased,
    /// With a tag.
    Tag(TagId),
    /// With something to be done.
    Tasks,
    /// With one of these terms of the index.
    Terms(MailboxIndexId, Vec<String>),
}

/// In which direction a list is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the newest on: the order in which lists are shown.
    Older,
    /// Backwards.
    Newer,
}

/// What part of a list is asked for.
#[derive(Debug, Clone)]
pub struct CandidateQuery {
    /// List.
    pub list: MailboxList,
    /// Which of its messages.
    pub lead: Lead,
    /// Not before this time.
    pub from: Timestamp,
    /// Not after this time.
    pub to: Timestamp,
    /// Only what comes behind this place in the direction.
    pub after: Option<ListPosition>,
    /// Direction.
    pub direction: Direction,
    /// How many places to look at, at most.
    pub limit: u64,
}

/// Messages at the places that were looked at, in the direction of the query.
#[derive(Debug, Clone, Default)]
pub struct Candidates {
    /// Messages. There may be fewer than places: an index may name some that have moved since.
    pub records: Vec<MessageRecord>,
    /// The last place that was looked at; none where there was nothing left.
    pub last: Option<ListPosition>,
    /// There is nothing behind it.
    pub ended: bool,
}

/// What waits in a box for somebody to sign in.
#[derive(Debug, Clone, Copy)]
pub struct WaitingQuery {
    /// Box.
    pub box_id: BoxId,
    /// Those for personal delivery as well.
    pub personal: bool,
    /// The box is accessible; in others only what was delivered by fiction and messages of the system wait.
    pub accessible: bool,
    /// How many at most.
    pub limit: u64,
}

/// Lists of messages for people. Nothing here changes a message.
#[async_trait]
pub trait Mailbox: Send + Sync {
    /// Part of a list.
    async fn list_candidates(&self, query: &CandidateQuery) -> StoreResult<Candidates>;

    /// How many messages a list has under a lead, counted up to `limit`.
    async fn count_candidates(&self, list: MailboxList, lead: &Lead, limit: u64) -> StoreResult<u64>;

    /// Records of messages that wait for a login, oldest number first.
    async fn list_waiting_records(&self, query: &WaitingQuery) -> StoreResult<Vec<MessageRecord>>;

    /// How many wait, counted up to the limit of the query.
    async fn count_waiting(&self, query: &WaitingQuery) -> StoreResult<u64>;

    /// Records of the messages with these numbers, in no order; unknown ones are left out.
    async fn load_records(&self, ids: &[MessageId]) -> StoreResult<Vec<MessageRecord>>;
}
