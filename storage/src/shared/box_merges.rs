//! Two boxes of one holder become one.

use async_trait::async_trait;
use isds_core::administration::RequestNumber;
use isds_core::ids::BoxId;
use isds_core::ports::{BoxMerge, BoxMerges, StoreError, StoreResult};
use sqlx::Transaction;

use super::{Db, SqlStore, payments};
use crate::error::store_error;

const TAKE_USERS_VERSION: &str = "UPDATE boxes SET users_version = users_version + 1 \
     WHERE box_id = $1 AND users_version = $2 AND state <> 5";

const MOVE_MEMBERSHIP: &str = "UPDATE memberships SET box_id = $2 WHERE id = $1 AND box_id = $3";

/// Notices tell of the box in which the membership is now.
const MOVE_SUBSCRIPTION: &str = "UPDATE notice_subscriptions SET box_id = $2 WHERE membership_id = $1";

/// What was proven before named the other box.
const OUTDATE_PROOFS: &str = "UPDATE credentials SET version = version + 1 WHERE membership_id = $1";

async fn take_users(tx: &mut Transaction<'static, Db>, id: BoxId, version: i64) -> sqlx::Result<bool> {
    let taken = sqlx::query::<Db>(TAKE_USERS_VERSION)
        .bind(id.as_str())
        .bind(version)
        .execute(&mut **tx)
        .await?;
    Ok(taken.rows_affected() == 1)
}

impl SqlStore {
    /// False where something is no longer as the merge was computed from.
    async fn merge_in(tx: &mut Transaction<'static, Db>, merge: &BoxMerge) -> sqlx::Result<bool> {
        let duplicate = merge.close.data_box.id;
        // Locked in the order of their numbers, so that two merges never wait for each other crosswise.
        let mut users = [
            (duplicate, merge.duplicate_users),
            (merge.survivor, merge.survivor_users),
        ];
        users.sort_unstable();
        for (id, version) in users {
            if !take_users(tx, id, version).await? {
                return Ok(false);
            }
        }
        if !Self::change_box_in(tx, &merge.close).await? {
            return Ok(false);
        }
        for membership in &merge.moves {
            let moved = sqlx::query::<Db>(MOVE_MEMBERSHIP)
                .bind(membership.0)
                .bind(merge.survivor.as_str())
                .bind(duplicate.as_str())
                .execute(&mut **tx)
                .await?;
            if moved.rows_affected() != 1 {
                return Ok(false);
            }
            sqlx::query::<Db>(MOVE_SUBSCRIPTION)
                .bind(membership.0)
                .bind(merge.survivor.as_str())
                .execute(&mut **tx)
                .await?;
            sqlx::query::<Db>(OUTDATE_PROOFS)
                .bind(membership.0)
                .execute(&mut **tx)
                .await?;
        }
        Ok(true)
    }
}

#[async_trait]
impl BoxMerges for SqlStore {
    async fn merge_boxes(&self, merge: &BoxMerge) -> StoreResult<RequestNumber> {
        let mut tx = self.begin().await.map_err(store_error)?;
        if !Self::merge_in(&mut tx, merge).await.map_err(store_error)? {
            tx.rollback().await.map_err(store_error)?;
            return Err(StoreError::Conflict);
        }
        Self::promise_in(&mut tx, &merge.close.system_messages).await?;
        Self::promise_in(&mut tx, &merge.system_messages).await?;
        let duplicate = merge.close.data_box.id;
        let number = Self::record_request_in(&mut tx, &merge.close.request, duplicate)
            .await
            .map_err(store_error)?;
        Self::record_request_in(&mut tx, &merge.request, merge.survivor)
            .await
            .map_err(store_error)?;
        payments::move_credit(&mut tx, duplicate, merge.survivor, number, merge.request.at).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(number)
    }
}
