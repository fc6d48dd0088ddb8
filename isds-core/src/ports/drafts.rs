//! Drafts of messages, and templates.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{SendingId, StoreResult, Upload, UploadId};
use crate::envelope::EnvelopeDraft;
use crate::ids::BoxId;
use crate::time::Timestamp;

/// Key of a draft or template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DraftId(pub i64);

/// What is written in a draft, without its attachments.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DraftContent {
    /// To whom, each once.
    pub recipients: Vec<BoxId>,
    /// The envelope that all of them get; `recipient` in it is not used.
    pub envelope: EnvelopeDraft,
}

/// Which of the changes of a draft it is about. Content and attachments are counted apart: a file that has just been
/// uploaded does not turn down what is typed meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftVersion {
    /// How often the content was saved.
    pub content: i64,
    /// How often the attachments changed.
    pub files: i64,
}

/// A draft, or a template: a draft that is kept under a name and never sent itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Key.
    pub id: DraftId,
    /// Whose.
    pub box_id: BoxId,
    /// What of its changes it shows.
    pub version: DraftVersion,
    /// Name of the template; none for a draft.
    pub template: Option<String>,
    /// Who saved it last, by name.
    pub author: String,
    /// When that was, in legal time.
    pub changed: Timestamp,
    /// Content.
    pub content: DraftContent,
    /// Attachments in their order.
    pub attachments: Vec<Upload>,
    /// The sending that is under way.
    pub sending: Option<SendingId>,
}

/// A draft to be written.
#[derive(Debug, Clone)]
pub struct NewDraft {
    /// Whose.
    pub box_id: BoxId,
    /// Chosen by the form that makes the draft: the same form makes it once.
    pub key: String,
    /// Name of the template; none for a draft.
    pub template: Option<String>,
    /// Who writes it, by name.
    pub author: String,
    /// When, in legal time.
    pub changed: Timestamp,
    /// Content.
    pub content: DraftContent,
    /// Another draft of the box whose attachments it takes over.
    pub attachments_of: Option<DraftId>,
}

/// A draft as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftRecord {
    /// Key.
    pub id: DraftId,
    /// Name of the template; none for a draft.
    pub template: Option<String>,
    /// Who saved it last, by name.
    pub author: String,
    /// When that was, in legal time.
    pub changed: Timestamp,
    /// Content.
    pub content: DraftContent,
    /// How many attachments.
    pub attachments: u64,
    /// The sending that is under way.
    pub sending: Option<SendingId>,
}

/// Bounds of what a box may keep.
#[derive(Debug, Clone, Copy)]
pub struct DraftBounds {
    /// Most drafts and templates of a box.
    pub drafts: u64,
    /// Most bytes of all their attachments.
    pub bytes: u64,
    /// Most attachments of one draft.
    pub attachments: u64,
    /// Most bytes of the attachments of one draft.
    pub draft_bytes: u64,
}

/// What came of writing a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddedDraft {
    /// It is written.
    Added(DraftId),
    /// The form made it before; nothing was written.
    Exists(DraftId),
    /// The box has as many as it may have, or its attachments have no room; nothing was written.
    NoRoom,
}

/// What came of adding an attachment to a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attached {
    /// It is added.
    Added(UploadId),
    /// The draft is gone, or being sent.
    NoDraft,
    /// The draft has as many as it may have.
    TooMany,
    /// The draft would be too large.
    TooLarge,
    /// The box has no room left.
    NoRoom,
}

/// Place of a draft in lists, which begin with the one that was saved last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftPosition {
    /// [`DraftRecord::changed`].
    pub changed: Timestamp,
    /// Key.
    pub id: DraftId,
}

/// Drafts with their attachments, which are uploads that the draft keeps as a message would.
#[async_trait]
pub trait Drafts: Send + Sync {
    /// Writes a draft of version 1, once for its key.
    async fn add_draft(&self, draft: &NewDraft, bounds: &DraftBounds) -> StoreResult<AddedDraft>;

    /// A draft or template of the box.
    async fn lookup_draft(&self, id: DraftId, box_id: BoxId) -> StoreResult<Option<Draft>>;

    /// Saves content (and, of a template, the name) over the version that it was made from; answers the version
    /// afterwards. Nothing where the draft has changed since, is gone, or is being sent.
    async fn save_draft(&self, draft: &Draft) -> StoreResult<Option<DraftVersion>>;

    /// Writes an upload as the last attachment of a draft.
    async fn attach_to_draft(&self, draft: DraftId, upload: &Upload, bounds: &DraftBounds) -> StoreResult<Attached>;

    /// Takes an attachment away, and frees its object at `freed` (real time) unless somebody else needs it. False where
    /// there is none, or the draft is being sent.
    async fn detach_from_draft(
        &self,
        draft: DraftId,
        box_id: BoxId,
        upload: UploadId,
        freed: Timestamp,
    ) -> StoreResult<bool>;

    /// Moves an attachment one place up or down; the first is the main one. False as [`detach_from_draft`](Self::detach_from_draft).
    async fn move_attachment(&self, draft: DraftId, box_id: BoxId, upload: UploadId, up: bool) -> StoreResult<bool>;

    /// Removes a draft with its attachments. False where there is none, or it is being sent.
    async fn remove_draft(&self, id: DraftId, box_id: BoxId, freed: Timestamp) -> StoreResult<bool>;

    /// One page of the drafts of a box, or of its templates.
    async fn list_drafts(
        &self,
        box_id: BoxId,
        templates: bool,
        after: Option<DraftPosition>,
        limit: u64,
    ) -> StoreResult<Vec<DraftRecord>>;

    /// Bytes of the attachments of all drafts and templates of the box.
    async fn draft_bytes(&self, box_id: BoxId) -> StoreResult<u64>;
}
