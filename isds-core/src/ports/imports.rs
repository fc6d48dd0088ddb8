//! Boxes that are founded from a table.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{JobId, StoreResult};
use crate::administration::NewBox;
use crate::ids::{BoxId, IsdsId, ObjectId};
use crate::time::Timestamp;

/// Key of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ImportId(pub i64);

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// Its rows were checked, and nothing was founded.
    Checked = 1,
    /// A job founds box after box.
    Running = 2,
    /// Every row had its turn.
    Done = 3,
}

impl ImportState {
    /// Number kept in the database.
    #[must_use]
    pub fn code(self) -> i16 {
        self as i16
    }

    /// State with the number.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        [Self::Checked, Self::Running, Self::Done]
            .into_iter()
            .find(|state| state.code() == code)
    }
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowState {
    /// It cannot be carried out as it is.
    Wrong = 1,
    /// It waits.
    Ready = 2,
    /// Its box was founded.
    Founded = 3,
    /// It was in order when it was checked, and was refused when its turn came.
    Refused = 4,
}

impl RowState {
    /// Number kept in the database.
    #[must_use]
    pub fn code(self) -> i16 {
        self as i16
    }

    /// State with the number.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        [Self::Wrong, Self::Ready, Self::Founded, Self::Refused]
            .into_iter()
            .find(|state| state.code() == code)
    }
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Line of the file on which it begins.
    pub line: i64,
    /// Its cells by the names of their columns, empty ones left out.
    pub cells: BTreeMap<String, String>,
    /// What became of it.
    pub state: RowState,
    /// Code and text of the refusal.
    pub refusal: Option<String>,
    /// The box that it founds, or founded.
    pub box_id: Option<BoxId>,
    /// Where the access data of its user lie until they are fetched.
    pub access: Option<ObjectId>,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Key; ignored where it is written.
    pub id: ImportId,
    /// Name of the file.
    pub file_name: String,
    /// Who brought it.
    pub by: Option<IsdsId>,
    /// When, in legal time.
    pub at: Timestamp,
    /// How far it is.
    pub state: ImportState,
}

/// Rows of an import by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportCounts {
    /// [`RowState::Wrong`].
    pub wrong: u64,
    /// [`RowState::Ready`].
    pub ready: u64,
    /// [`RowState::Founded`].
    pub founded: u64,
    /// [`RowState::Refused`].
    pub refused: u64,
    /// Rows whose access data wait to be fetched.
    pub access: u64,
}

impl ImportCounts {
    /// All rows.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.wrong + self.ready + self.founded + self.refused
    }
}

/// Imports.
#[async_trait]
pub trait Imports: Send + Sync {
    /// Writes an import that was checked, with its rows.
    async fn add_import(&self, import: &Import, rows: &[ImportRow]) -> StoreResult<ImportId>;

    /// An import.
    async fn lookup_import(&self, id: ImportId) -> StoreResult<Option<Import>>;

    /// The last imports, newest first.
    async fn list_imports(&self, limit: u64) -> StoreResult<Vec<Import>>;

    /// What became of its rows.
    async fn count_import_rows(&self, id: ImportId) -> StoreResult<ImportCounts>;

    /// Rows behind the line `after`, in their order.
    async fn list_import_rows(&self, id: ImportId, after: i64, limit: u64) -> StoreResult<Vec<ImportRow>>;

    /// Rows that wait, in their order.
    async fn list_ready_rows(&self, id: ImportId, limit: u64) -> StoreResult<Vec<ImportRow>>;

    /// Has a checked import carried out, with its job, due at the real time `due`. False where it was begun before.
    async fn begin_import(&self, id: ImportId, due: Timestamp) -> StoreResult<bool>;

    /// Writes a row that waits over what was read of it, `before`: which box it will be, or why it was refused. Where
    /// another object holds its access data then, the one before is needed no longer (`freed` is real time). False, and
    /// nothing is written, where it is no longer as it was read.
    async fn write_import_row(
        &self,
        id: ImportId,
        before: &ImportRow,
        after: &ImportRow,
        freed: Timestamp,
    ) -> StoreResult<bool>;

    /// Founds the box of a row and notes that it is founded, in one transaction. False, and nothing is written, where the
    /// row no longer waits for this very box.
    ///
    /// # Errors
    /// [`StoreError::Conflict`](super::StoreError::Conflict) where the holder has a box, or an identifier is taken.
    async fn found_import_row(&self, id: ImportId, row: &ImportRow, new: &NewBox) -> StoreResult<bool>;

    /// Notes that every row had its turn, and takes the job away.
    async fn finish_import(&self, id: ImportId, job: JobId) -> StoreResult<()>;

    /// Takes note that the access data of an import were fetched: their objects are needed no longer (`freed` is real
    /// time). Answers the rows that had some, as they were.
    async fn take_import_access(&self, id: ImportId, freed: Timestamp) -> StoreResult<Vec<ImportRow>>;

    /// Imports from before the legal time `before` that are not running.
    async fn list_old_imports(&self, before: Timestamp, limit: u64) -> StoreResult<Vec<ImportId>>;

    /// Forgets an import with its rows.
    async fn remove_import(&self, id: ImportId) -> StoreResult<()>;
}
