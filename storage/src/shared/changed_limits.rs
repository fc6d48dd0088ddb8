//! Limits that were changed while the system runs.

use async_trait::async_trait;
use isds_core::ids::IsdsId;
use isds_core::ports::{ChangedLimit, ChangedLimits, StoreResult};
use isds_core::time::Timestamp;

use super::{Db, SqlStore};
use crate::error::store_error;

const LIST: &str = "SELECT name, value, version, changed_by, at FROM changed_limits ORDER BY name";

/// The first change finds no row; of two at once, one writes it.
const ADD: &str = "INSERT INTO changed_limits (name, value, version, changed_by, at) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (name) DO NOTHING";

const CHANGE: &str = "UPDATE changed_limits SET value = $2, version = $3, changed_by = $4, at = $5 \
     WHERE name = $1 AND version = $3 - 1";

#[async_trait]
impl ChangedLimits for SqlStore {
    async fn list_changed_limits(&self) -> StoreResult<Vec<ChangedLimit>> {
        let rows = sqlx::query_as::<Db, (String, Option<i64>, i64, Option<String>, i64)>(LIST)
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let limit = |(name, value, version, by, at): (String, Option<i64>, i64, Option<String>, i64)| ChangedLimit {
            name,
            value,
            version,
            by: by.map(IsdsId),
            at: Timestamp(at),
        };
        Ok(rows.into_iter().map(limit).collect())
    }

    async fn change_limit(&self, limit: &ChangedLimit) -> StoreResult<bool> {
        let statement = if limit.version == 1 { ADD } else { CHANGE };
        let changed = sqlx::query::<Db>(statement)
            .bind(limit.name.as_str())
            .bind(limit.value)
            .bind(limit.version)
            .bind(limit.by.as_ref().map(|by| by.0.as_str()))
            .bind(limit.at.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(changed.rows_affected() == 1)
    }
}
