//! What falls due in the life of messages.

use async_trait::async_trait;

use super::StoreResult;
use crate::ids::BoxId;
use crate::message::{Message, SideOf};
use crate::time::Timestamp;

/// What the life of messages needs: due dates, oldest first, each found by an index. Times are legal.
#[async_trait]
pub trait LifeCycle: Send + Sync {
    /// Whether anything is due at `now`: fiction, the end of a retention, the end of a vault's term that nobody was
    /// told of.
    async fn is_life_cycle_due(&self, now: Timestamp) -> StoreResult<bool>;

    /// Messages that fiction delivers by `now`.
    async fn list_due_fictions(&self, now: Timestamp, limit: u64) -> StoreResult<Vec<Message>>;

    /// Messages of which one side's retention (or stay in the vault) ends by `now`.
    async fn list_due_retentions(&self, side: SideOf, now: Timestamp, limit: u64) -> StoreResult<Vec<Message>>;

    /// Which of the boxes nobody has access to.
    async fn list_boxes_without_users(&self, boxes: &[BoxId]) -> StoreResult<Vec<BoxId>>;
}
