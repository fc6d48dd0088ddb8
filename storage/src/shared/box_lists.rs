//! Boxes, accounts and subsidies as the administrator of the system walks through them.

use async_trait::async_trait;
use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::ids::BoxId;
use isds_core::ports::{BoxLists, StoreResult};
use isds_core::postal::{CreditAccount, Subsidy, SubsidyId};

use super::{Db, SqlStore, all, signed};
use crate::error::{inconsistent, store_error};
use crate::rows::{CreditRow, SubsidyRow};

pub(super) const LIST_BOXES_OF: &str =
    "SELECT box_id FROM boxes WHERE box_type = $1 AND state = $2 AND box_id > $3 ORDER BY box_id LIMIT $4";

/// The condition must be worded as in the index.
pub(super) const LIST_CONTRACTS: &str =
    "SELECT box_id FROM boxes WHERE postal_contract = 1 AND box_id > $1 ORDER BY box_id LIMIT $2";

pub(super) const LIST_LOW_CREDIT: &str = "SELECT box_id, balance, expires, entries FROM credit_accounts \
     WHERE balance < $1 AND (balance, box_id) > ($2, $3) ORDER BY balance, box_id LIMIT $4";

pub(super) const LIST_ALL_SUBSIDIES: &str = "SELECT id, kind, donor_box, sender_box, recipient_box, remaining, expires \
     FROM subsidies WHERE id < $1 ORDER BY id DESC LIMIT $2";

fn boxes(ids: &[String]) -> StoreResult<Vec<BoxId>> {
    ids.iter()
        .map(|id| id.parse().map_err(|_| inconsistent("boxes.box_id", id)))
        .collect()
}

#[async_trait]
impl BoxLists for SqlStore {
    async fn list_boxes_of(
        &self,
        box_type: BoxType,
        state: BoxState,
        after: &str,
        limit: u64,
    ) -> StoreResult<Vec<BoxId>> {
        let ids = sqlx::query_scalar::<Db, String>(LIST_BOXES_OF)
            .bind(box_type.code())
            .bind(state.code())
            .bind(after)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        boxes(&ids)
    }

    async fn list_contracts(&self, after: &str, limit: u64) -> StoreResult<Vec<BoxId>> {
        let ids = sqlx::query_scalar::<Db, String>(LIST_CONTRACTS)
            .bind(after)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        boxes(&ids)
    }

    async fn list_low_credit(
        &self,
        below: i64,
        after: Option<(i64, BoxId)>,
        limit: u64,
    ) -> StoreResult<Vec<CreditAccount>> {
        let (balance, id) = after.map_or((-1, String::new()), |(balance, id)| (balance, id.to_string()));
        let rows = sqlx::query_as::<Db, CreditRow>(LIST_LOW_CREDIT)
            .bind(below)
            .bind(balance)
            .bind(id)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn list_all_subsidies(&self, before: Option<SubsidyId>, limit: u64) -> StoreResult<Vec<Subsidy>> {
        let rows = sqlx::query_as::<Db, SubsidyRow>(LIST_ALL_SUBSIDIES)
            .bind(before.map_or(i64::MAX, |before| before.0))
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }
}
