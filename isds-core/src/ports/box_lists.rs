//! Boxes, accounts and subsidies as the administrator of the system walks through them.

use async_trait::async_trait;

use super::StoreResult;
use crate::box_state::BoxState;
use crate::box_type::BoxType;
use crate::ids::BoxId;
use crate::postal::{CreditAccount, Subsidy, SubsidyId};

/// Lists by keys: a page costs the same wherever it is.
#[async_trait]
pub trait BoxLists: Send + Sync {
    /// Boxes of a type in a state behind `after`, by their IDs.
    async fn list_boxes_of(
        &self,
        box_type: BoxType,
        state: BoxState,
        after: &str,
        limit: u64,
    ) -> StoreResult<Vec<BoxId>>;

    /// Boxes with a contract to send postal messages behind `after`, by their IDs.
    async fn list_contracts(&self, after: &str, limit: u64) -> StoreResult<Vec<BoxId>>;

    /// Accounts with less than `below` hellers behind the place `after`, those with the least first.
    async fn list_low_credit(
        &self,
        below: i64,
        after: Option<(i64, BoxId)>,
        limit: u64,
    ) -> StoreResult<Vec<CreditAccount>>;

    /// Subsidies before `before`, the last added first, those that ended as well.
    async fn list_all_subsidies(&self, before: Option<SubsidyId>, limit: u64) -> StoreResult<Vec<Subsidy>>;
}
