//! Uploaded attachments, and objects that several messages share.

use async_trait::async_trait;

use super::{NewMessage, StoreResult};
use crate::ids::{BoxId, ObjectId};
use crate::time::Timestamp;

/// Key of an uploaded attachment; `dmAttID` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UploadId(pub i64);

/// An uploaded attachment, whose content is an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Key; ignored where it is added.
    pub id: UploadId,
    /// Box that uploaded it, and the only one that may use it.
    pub box_id: BoxId,
    /// `dmMimeType`.
    pub mime_type: String,
    /// `dmFileDescr`.
    pub file_name: String,
    /// Where the content lies.
    pub object: ObjectId,
    /// Its length in bytes.
    pub length: u64,
    /// SHA-256 of it: `dmAttHash1`.
    pub sha256: [u8; 32],
    /// SHA3-256 of it: `dmAttHash2`.
    pub sha3_256: [u8; 32],
    /// Until when it waits to be used, in legal time. Once used it stays as long as a message needs it.
    pub expires: Timestamp,
}

impl Upload {
    /// Both hashes, each with the name of its algorithm (`AttHashAlg`), in hexadecimal.
    #[must_use]
    pub fn hashes(&self) -> [(&'static str, String); 2] {
        [
            ("SHA-256", hex::encode(self.sha256)),
            ("SHA3-256", hex::encode(self.sha3_256)),
        ]
    }
}

/// Uploaded attachments. Each counts the messages that use it, in the transactions that write and release them.
#[async_trait]
pub trait Uploads: Send + Sync {
    /// Adds an upload, unless the unused uploads of its box would then have more than `quota` bytes: then nothing is
    /// written and there is no key. Of several at once only as many are added as have room.
    async fn add_upload(&self, upload: &Upload, quota: u64) -> StoreResult<Option<UploadId>>;

    /// The upload, used or not.
    async fn lookup_upload(&self, id: UploadId) -> StoreResult<Option<Upload>>;

    /// Removes an upload that nobody uses, whose object is freed at `freed` (real time). False where somebody does, or it
    /// is gone.
    async fn remove_upload(&self, id: UploadId, freed: Timestamp) -> StoreResult<bool>;

    /// Bytes of the box's unused uploads.
    async fn unused_upload_bytes(&self, box_id: BoxId) -> StoreResult<u64>;

    /// Removes up to `limit` unused uploads that waited until `now` (legal time). One that a message takes at the same
    /// time is either gone for the message or stays. Their objects are freed at `freed` (real time). Answers how many.
    async fn purge_uploads(&self, now: Timestamp, freed: Timestamp, limit: u64) -> StoreResult<u64>;
}

/// Content that more than one message may need, and content that none needs any more.
///
/// An object belongs to one message, unless it is counted: then to as many as its count says. Uploads are counted from
/// the beginning, with no message; objects of several messages from their acceptance.
#[async_trait]
pub trait SharedObjects: Send + Sync {
    /// Writes the messages of one call, as [`accept_message`](super::Messages::accept_message) does one, all or none,
    /// in one transaction. All of them need each of the `shared` objects. None of them costs anything or uses uploads.
    ///
    /// # Errors
    /// [`StoreError::RowWithdrawn`](super::StoreError::RowWithdrawn) where the lease of their sending does not hold.
    async fn accept_messages(&self, messages: &[NewMessage], shared: &[ObjectId]) -> StoreResult<()>;

    /// Objects that were freed until `before` (real time) and not removed yet, in the order in which they were freed.
    async fn list_freed_objects(&self, before: Timestamp, limit: u64) -> StoreResult<Vec<ObjectId>>;

    /// Forgets freed objects, once they are removed.
    async fn forget_freed_objects(&self, ids: &[ObjectId]) -> StoreResult<()>;

    /// Puts off the removal of a freed object to `until` (real time).
    async fn put_off_freed_object(&self, id: &ObjectId, until: Timestamp) -> StoreResult<()>;
}
