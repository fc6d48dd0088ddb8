//! Two boxes of one holder become one.

use async_trait::async_trait;

use super::StoreResult;
use crate::administration::{AdministrationRequest, BoxChange, RequestNumber};
use crate::ids::{BoxId, MembershipId};
use crate::system_message::DueSystemMessage;

/// What happens to both boxes, in one transaction.
#[derive(Debug, Clone)]
pub struct BoxMerge {
    /// What becomes of the duplicate.
    pub close: BoxChange,
    /// Version of the duplicate's users, read before anything that the merge was computed from.
    pub duplicate_users: i64,
    /// The box that stays.
    pub survivor: BoxId,
    /// Version of its users.
    pub survivor_users: i64,
    /// Memberships that move there, with all that belongs to them.
    pub moves: Vec<MembershipId>,
    /// System messages that go with it.
    pub system_messages: Vec<DueSystemMessage>,
    /// Who asked for it, as it is kept of the box that stays.
    pub request: AdministrationRequest,
}

/// Merging boxes.
#[async_trait]
pub trait BoxMerges: Send + Sync {
    /// Writes a merge, and moves what credit the duplicate has at the time of the request with it; returns the number of the request that is kept of the duplicate.
    ///
    /// # Errors
    /// [`StoreError::Conflict`](super::StoreError::Conflict) where one of the boxes or its users were changed meanwhile.
    async fn merge_boxes(&self, merge: &BoxMerge) -> StoreResult<RequestNumber>;
}
