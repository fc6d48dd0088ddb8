//! Content of messages.

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;

use super::StoreResult;
use crate::ids::ObjectId;

/// An object being written. Dropping it without [`finish`](Self::finish) leaves nothing that counts.
#[async_trait]
pub trait ObjectWriter: Send {
    /// Adds bytes.
    async fn write(&mut self, bytes: &[u8]) -> StoreResult<()>;

    /// Ends the object; on return it survives a power cut. Returns its key and the number of bytes written.
    async fn finish(self: Box<Self>) -> StoreResult<(ObjectId, u64)>;

    /// Gives up and removes what was written.
    async fn abort(self: Box<Self>) -> StoreResult<()>;
}

/// Content of messages.
#[async_trait]
pub trait Objects: Send + Sync {
    /// Writes a small object whole; on return it survives a power cut.
    async fn put(&self, bytes: Bytes) -> StoreResult<ObjectId>;

    /// Begins a large object.
    async fn create(&self) -> StoreResult<Box<dyn ObjectWriter>>;

    /// Reads `length` bytes from `offset` on, in pieces.
    async fn read(
        &self,
        id: &ObjectId,
        offset: u64,
        length: u64,
    ) -> StoreResult<BoxStream<'static, StoreResult<Bytes>>>;

    /// Removes an object; removing a missing one is no error.
    async fn delete(&self, id: &ObjectId) -> StoreResult<()>;

    /// Removes all objects.
    async fn clear(&self) -> StoreResult<()>;
}
