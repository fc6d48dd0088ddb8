//! What the administrator of the system announced to boxes.

use async_trait::async_trait;

use super::{JobId, StoreResult};
use crate::box_type::BoxType;
use crate::ids::IsdsId;
use crate::system_message::{AnnouncementText, DueSystemMessage};
use crate::time::Timestamp;

/// Key of an announcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnnouncementId(pub i64);

/// How far an announcement to boxes of some types is: behind this box of this type, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AnnouncementProgress {
    /// Boxes that were promised it.
    pub boxes: u64,
    /// Code of the type; 0 at the beginning.
    pub done_type: i32,
    /// The last box of it; empty at the beginning.
    pub done_box: String,
}

/// An announcement as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnnouncement {
    /// Key; ignored where it is written.
    pub id: AnnouncementId,
    /// Who announced it.
    pub by: Option<IsdsId>,
    /// When, in legal time.
    pub at: Timestamp,
    /// What.
    pub text: AnnouncementText,
    /// To boxes of these types; none where the boxes were named.
    pub types: Option<Vec<BoxType>>,
    /// Every box was promised it.
    pub done: bool,
    /// How far it is.
    pub progress: AnnouncementProgress,
}

/// Announcements.
#[async_trait]
pub trait Announcements: Send + Sync {
    /// Writes an announcement with the promises to boxes that were named, or with the job that looks for the boxes. None,
    /// and nothing is written, where the form was sent before.
    async fn add_announcement(
        &self,
        form_key: &str,
        announcement: &KeptAnnouncement,
        due: &[DueSystemMessage],
    ) -> StoreResult<Option<AnnouncementId>>;

    /// An announcement.
    async fn lookup_announcement(&self, id: AnnouncementId) -> StoreResult<Option<KeptAnnouncement>>;

    /// Announcements before `before`, newest first.
    async fn list_announcements(
        &self,
        before: Option<AnnouncementId>,
        limit: u64,
    ) -> StoreResult<Vec<KeptAnnouncement>>;

    /// Writes promises, and that the announcement went on from `before` to `after` by them. False, and nothing is
    /// written, where somebody else took it on from there.
    async fn promise_announcement(
        &self,
        id: AnnouncementId,
        before: &AnnouncementProgress,
        after: &AnnouncementProgress,
        due: &[DueSystemMessage],
    ) -> StoreResult<bool>;

    /// Notes that every box was promised it, and takes the job away.
    async fn finish_announcement(&self, id: AnnouncementId, job: JobId) -> StoreResult<()>;
}
