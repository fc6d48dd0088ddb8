//! Administrators of the system.

use async_trait::async_trait;
use isds_core::ports::{NewUser, Operators, StoreResult};

use super::{Db, SqlStore};
use crate::error::store_error;

/// The row is what two that come at once contend for; it stays, so that there is a first one only once.
const BE_FIRST: &str =
    "INSERT INTO installation (key, value) VALUES ('first_operator', $1) ON CONFLICT (key) DO NOTHING";

/// An installation that was filled otherwise has administrators and no such row.
const HAS_OPERATOR: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM memberships WHERE box_id IS NULL LIMIT 1) AS one";

#[async_trait]
impl Operators for SqlStore {
    async fn add_first_operator(&self, operator: &NewUser) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let first = sqlx::query::<Db>(BE_FIRST)
            .bind(operator.user.membership.isds_id.0.as_str())
            .execute(&mut *tx)
            .await
            .map_err(store_error)?
            .rows_affected();
        let others = sqlx::query_scalar::<Db, i64>(HAS_OPERATOR)
            .fetch_one(&mut *tx)
            .await
            .map_err(store_error)?;
        if first == 0 || others > 0 {
            return Ok(false);
        }
        Self::add_user_in(&mut tx, operator).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }
}
