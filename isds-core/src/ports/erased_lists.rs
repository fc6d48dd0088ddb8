//! Lists of erased messages, made in the background.

use std::io;

use async_trait::async_trait;

use super::{JobId, MessageRecord, StoreResult};
use crate::ids::{BoxId, ObjectId};
use crate::message::SideOf;
use crate::time::Timestamp;

/// Key of an order; `asyncID` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErasedListId(pub i64);

/// `dmOutFormat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListFormat {
    /// `XML`.
    Xml,
    /// `CSV`.
    Csv,
}

/// What a list of erased messages is to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErasedListOrder {
    /// Whose messages.
    pub box_id: BoxId,
    /// Sent or received.
    pub side: SideOf,
    /// Delivered into the recipient's box at this time or later; by submission for those that never were.
    pub from: Timestamp,
    /// Up to and including this time.
    pub to: Timestamp,
    /// How it is written.
    pub format: ListFormat,
    /// Legal time of the order.
    pub ordered: Timestamp,
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErasedList {
    /// It waits for its job.
    Waiting(ErasedListOrder),
    /// It is there: an object and its length in bytes.
    Ready(ObjectId, u64),
    /// It was there, and was removed.
    Removed,
}

/// Orders of lists of erased messages, each with the job that makes it.
#[async_trait]
pub trait ErasedLists: Send + Sync {
    /// Writes an order and its job in one transaction; `job_due` is real time.
    async fn order_erased_list(&self, order: &ErasedListOrder, job_due: Timestamp) -> StoreResult<ErasedListId>;

    /// How many orders of the box were made at `since` (legal time) or later.
    async fn count_erased_lists(&self, box_id: BoxId, since: Timestamp) -> StoreResult<u64>;

    /// What became of an order of this box.
    async fn lookup_erased_list(&self, id: ErasedListId, box_id: BoxId) -> StoreResult<Option<ErasedList>>;

    /// The order whose job is being done, of whatever box.
    async fn erased_list_order(&self, id: ErasedListId) -> StoreResult<Option<ErasedListOrder>>;

    /// Keeps what was made of an order, and takes away its job, in one transaction. False where it is there already,
    /// or the order is gone: then the object is nobody's.
    async fn finish_erased_list(
        &self,
        id: ErasedListId,
        object: &ObjectId,
        length: u64,
        job: JobId,
    ) -> StoreResult<bool>;

    /// Forgets the objects of lists of the box that were ordered before `before`, and answers them: they are nobody's
    /// from then on.
    async fn remove_erased_lists(&self, box_id: BoxId, before: Timestamp) -> StoreResult<Vec<ObjectId>>;
}

/// Writes a list of erased messages into a compressed file, piece by piece. `wire` implements it.
pub trait ErasedListWriter: Send {
    /// Adds a record.
    ///
    /// # Errors
    /// Those of the compression, which works in memory.
    fn add(&mut self, record: &MessageRecord) -> io::Result<()>;

    /// Bytes of the file that are ready to be stored.
    fn take(&mut self) -> Vec<u8>;

    /// Ends the file; answers what was not taken yet.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    fn finish(self: Box<Self>) -> io::Result<Vec<u8>>;
}
