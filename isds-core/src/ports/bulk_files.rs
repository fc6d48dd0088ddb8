//! Files of bulk jobs.

use async_trait::async_trait;

use super::{StoreResult, UploadId};
use crate::bulk::{BulkFile, BulkJobId};
use crate::time::Timestamp;

/// Files of bulk jobs. Each is an upload that the job counts among those who need it.
#[async_trait]
pub trait BulkFiles: Send + Sync {
    /// Adds an upload as a file of a job that is a draft or checked, which needs it from then on, and answers `true`.
    /// False, and nothing written, where the job is not, has `most` files of the kind already, or one of this name.
    ///
    /// # Errors
    /// [`StoreError::UploadGone`](super::StoreError::UploadGone).
    async fn add_bulk_file(&self, id: BulkJobId, file: &BulkFile, most: u64) -> StoreResult<bool>;

    /// Gives a file of a job up; freed at `freed` (real time) where no message needs it. False where there is none.
    async fn remove_bulk_file(&self, id: BulkJobId, upload: UploadId, freed: Timestamp) -> StoreResult<bool>;

    /// Files that go with every message, in the order in which they came.
    async fn list_common_bulk_files(&self, id: BulkJobId) -> StoreResult<Vec<BulkFile>>;

    /// Files for the rows, by name: `limit` after the name `after`.
    async fn list_row_bulk_files(&self, id: BulkJobId, after: &str, limit: u64) -> StoreResult<Vec<BulkFile>>;

    /// How many files for the rows there are.
    async fn count_row_bulk_files(&self, id: BulkJobId) -> StoreResult<u64>;

    /// The file for the rows with this name.
    async fn lookup_row_bulk_file(&self, id: BulkJobId, name: &str) -> StoreResult<Option<BulkFile>>;
}
