//! Looking through all objects there are.

use async_trait::async_trait;
use futures::stream::BoxStream;

use super::{Objects, StoreResult};
use crate::ids::ObjectId;
use crate::time::Timestamp;

/// An object that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// Which.
    pub id: ObjectId,
    /// Number of its bytes; none where no object can take as much room as it does.
    pub length: Option<u64>,
    /// When it was written, by the clock of the object storage.
    pub written: Timestamp,
}

/// What is found among the objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// An object.
    Object(StoredObject),
    /// What is left of an object that was never finished.
    Leftover {
        /// Its name, by which it is removed.
        name: String,
        /// When somebody wrote to it last.
        written: Timestamp,
    },
}

/// Objects, for whoever looks after all of them. They lie in 256 parts, by the first byte of their identifiers.
#[async_trait]
pub trait ObjectUpkeep: Objects {
    /// What there is in a part, in no order. What comes or goes meanwhile may be found or not.
    async fn list_part(&self, part: u8) -> StoreResult<BoxStream<'static, StoreResult<Found>>>;

    /// Removes what is left of an object that was never finished; removing a missing one is no error.
    async fn remove_leftover(&self, name: &str) -> StoreResult<()>;
}
