//! Which objects the database names.

use async_trait::async_trait;

use super::StoreResult;
use crate::ids::{MessageId, ObjectId};
use crate::message::Content;

/// What names objects, besides messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Referrer {
    /// An uploaded attachment, used or not.
    Upload,
    /// The count of how many need an object.
    Count,
    /// The queue of objects that nothing needs any more; they may be removed already.
    Freed,
    /// A file about all boxes.
    DataFile,
    /// A list of erased messages.
    ErasedList,
    /// Access data from an import of boxes.
    AccessData,
}

impl Referrer {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Upload,
        Self::Count,
        Self::Freed,
        Self::DataFile,
        Self::ErasedList,
        Self::AccessData,
    ];
}

/// Which objects the database names, in pages behind a key.
#[async_trait]
pub trait ObjectReferences: Send + Sync {
    /// The content of up to `limit` messages whose numbers are above `after`, in their order.
    async fn list_contents(&self, after: MessageId, limit: u64) -> StoreResult<Vec<(MessageId, Content)>>;

    /// Up to `limit` objects named by `by` whose identifiers are above `after`, in their order, each once.
    async fn list_referred_objects(&self, by: Referrer, after: &ObjectId, limit: u64) -> StoreResult<Vec<ObjectId>>;
}
