//! Files about all boxes that are made now and then and answered from the object storage (GetDataBoxList, open data).

use async_trait::async_trait;

use super::StoreResult;
use crate::data_box::DataBox;
use crate::ids::{BoxId, ObjectId};
use crate::time::Timestamp;

/// A file as it was made last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// Content.
    pub object: ObjectId,
    /// Its length in bytes.
    pub length: u64,
    /// Legal time at which it was begun.
    pub made: Timestamp,
}

/// Which boxes a file lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListedBoxes {
    /// All accessible ones.
    Accessible,
    /// Accessible ones that stand in the public list of holders.
    Public,
}

/// A box as lists need it.
#[derive(Debug, Clone)]
pub struct ListedBox {
    /// The box.
    pub data_box: DataBox,
    /// When its data were last changed, as far as the system knows: a change of its state.
    pub changed: Timestamp,
}

/// A step of a walk over all boxes.
#[derive(Debug, Clone)]
pub struct ListedPage {
    /// Those that the list holds.
    pub boxes: Vec<ListedBox>,
    /// The last box looked at; none at the end of the walk.
    pub last: Option<BoxId>,
}

/// Files about all boxes.
#[async_trait]
pub trait DataFiles: Send + Sync {
    /// The file of this kind.
    async fn lookup_data_file(&self, kind: &str) -> StoreResult<Option<DataFile>>;

    /// Puts a new file in the place of the one of this kind. The one before it stays until the next time, for those who
    /// still read it; the one before that is returned, to be removed.
    async fn replace_data_file(&self, kind: &str, file: &DataFile) -> StoreResult<Option<ObjectId>>;

    /// Looks at `limit` boxes after `after` in the order of their IDs.
    async fn list_boxes(&self, which: ListedBoxes, after: Option<BoxId>, limit: u64) -> StoreResult<ListedPage>;
}
