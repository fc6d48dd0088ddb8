//! Drafts and templates.

use isds_core::ids::BoxId;
use isds_core::ports::{
    Draft, DraftContent, DraftId, DraftRecord, DraftVersion, SendingId, StoreError, StoreResult, Upload,
};
use isds_core::time::Timestamp;

use crate::error::inconsistent;

/// Name of the columns that [`DraftRow`] reads.
macro_rules! draft_columns {
    () => {
        "id, box_id, name, version, files, author, changed, content, attachments, sending"
    };
}

pub(crate) use draft_columns;

/// A draft.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct DraftRow {
    pub id: i64,
    pub box_id: String,
    pub name: Option<String>,
    pub version: i64,
    pub files: i64,
    pub author: String,
    pub changed: i64,
    pub content: String,
    pub attachments: i64,
    pub sending: Option<i64>,
}

impl DraftRow {
    fn content(&self) -> StoreResult<DraftContent> {
        serde_json::from_str(&self.content).map_err(|_| inconsistent("drafts.content", self.id))
    }

    /// The draft with its attachments.
    pub(crate) fn draft(self, attachments: Vec<Upload>) -> StoreResult<Draft> {
        Ok(Draft {
            id: DraftId(self.id),
            box_id: self
                .box_id
                .parse::<BoxId>()
                .map_err(|_| inconsistent("drafts.box_id", self.id))?,
            version: DraftVersion {
                content: self.version,
                files: self.files,
            },
            content: self.content()?,
            template: self.name,
            author: self.author,
            changed: Timestamp(self.changed),
            attachments,
            sending: self.sending.map(SendingId),
        })
    }
}

impl TryFrom<DraftRow> for DraftRecord {
    type Error = StoreError;

    fn try_from(row: DraftRow) -> StoreResult<Self> {
        Ok(Self {
            id: DraftId(row.id),
            content: row.content()?,
            template: row.name,
            author: row.author,
            changed: Timestamp(row.changed),
            attachments: u64::try_from(row.attachments).map_err(|_| inconsistent("drafts.attachments", row.id))?,
            sending: row.sending.map(SendingId),
        })
    }
}
