//! Administration of boxes: from founding to deletion.

use async_trait::async_trait;

use super::{JobId, StoreResult};
use crate::administration::{BoxChange, BoxClosing, BoxClosingId, BoxDeadline, BoxRecord, NewBox, RequestNumber};
use crate::data_box::DataBox;
use crate::ids::BoxId;
use crate::time::Timestamp;

/// Boxes as their administration changes them. Every change is written over the version that it was computed from, with
/// what goes with it (deadlines, history, request, system messages, closing) in one transaction.
#[async_trait]
pub trait Boxes: Send + Sync {
    /// The box with what administration needs to know of it.
    async fn lookup_box_record(&self, id: BoxId) -> StoreResult<Option<BoxRecord>>;

    /// Which of these boxes are not accessible; unknown ones count as such.
    async fn list_inaccessible_boxes(&self, boxes: &[BoxId]) -> StoreResult<Vec<BoxId>>;

    /// A box that is not deleted and has the same holder in the same standing: type and identification number, or for a
    /// natural person without one, type, name and birth.
    async fn find_twin(&self, data_box: &DataBox) -> StoreResult<Option<BoxId>>;

    /// Writes a new box with its primary users; returns the number of the request.
    ///
    /// # Errors
    /// [`StoreError::Conflict`](super::StoreError::Conflict) where the box ID, an `isdsID` or a login is taken: the
    /// caller chooses others.
    async fn create_box(&self, new: &NewBox) -> StoreResult<RequestNumber>;

    /// Writes a change of a box.
    ///
    /// # Errors
    /// [`StoreError::Conflict`](super::StoreError::Conflict) where the box was changed meanwhile.
    async fn change_box(&self, change: &BoxChange) -> StoreResult<RequestNumber>;

    /// How often the box was disabled on request since `since`, and when last.
    async fn count_disablings_on_request(&self, id: BoxId, since: Timestamp) -> StoreResult<(u64, Option<Timestamp>)>;

    /// Deadlines that have passed by the legal time `now`, oldest first.
    async fn list_passed_deadlines(&self, now: Timestamp, limit: u64) -> StoreResult<Vec<BoxDeadline>>;

    /// A closing.
    async fn lookup_closing(&self, id: BoxClosingId) -> StoreResult<Option<BoxClosing>>;

    /// The last closing of the box.
    async fn lookup_last_closing(&self, id: BoxId) -> StoreResult<Option<BoxClosing>>;

    /// Adds a job that carries out the closing once more.
    async fn repeat_closing(&self, id: BoxClosingId) -> StoreResult<()>;

    /// Moves the end of the job's lease, for work that takes longer than one.
    async fn extend_lease(&self, job: JobId, until: Timestamp) -> StoreResult<()>;
}
