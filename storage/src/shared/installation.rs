//! What the installation remembers about itself.

use async_trait::async_trait;
use isds_core::ports::{Installation, StoreResult};
use isds_core::time::Timestamp;

use super::{Db, SqlStore};
use crate::error::{inconsistent, store_error};

const CLOCK_OFFSET: &str = "clock_offset_seconds";
const MARK: &str = "mark";

const LOOKUP: &str = "SELECT value FROM installation WHERE key = $1";

const ADD: &str = "INSERT INTO installation (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";

const SET: &str = "INSERT INTO installation (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = $2";

const ADVANCE: &str = "INSERT INTO installation (key, value) VALUES ($1, CAST($2 AS TEXT)) ON CONFLICT (key) DO UPDATE \
     SET value = CAST(CAST(installation.value AS BIGINT) + $2 AS TEXT) RETURNING value";

const COUNT_SOME: &str = "SELECT (SELECT COUNT(*) FROM (SELECT box_id FROM boxes LIMIT 1) AS some_box) \
     + (SELECT COUNT(*) FROM (SELECT dm_id FROM messages LIMIT 1) AS some_message)";

const PING: &str = "SELECT CAST(1 AS BIGINT)";

impl SqlStore {
    pub(super) async fn remembered(&self, key: &str) -> StoreResult<Option<String>> {
        sqlx::query_scalar::<Db, String>(LOOKUP)
            .bind(key)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)
    }

    pub(super) async fn remember(&self, key: &str, value: &str) -> StoreResult<()> {
        sqlx::query::<Db>(SET)
            .bind(key)
            .bind(value)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }
}

#[async_trait]
impl Installation for SqlStore {
    async fn clock_offset_seconds(&self) -> StoreResult<i64> {
        self.remembered(CLOCK_OFFSET).await?.as_deref().map_or(Ok(0), seconds)
    }

    async fn advance_clock(&self, by: i64) -> StoreResult<i64> {
        let value = sqlx::query_scalar::<Db, String>(ADVANCE)
            .bind(CLOCK_OFFSET)
            .bind(by)
            .fetch_one(self.writer())
            .await
            .map_err(store_error)?;
        seconds(&value)
    }

    async fn mark(&self) -> StoreResult<Option<String>> {
        self.remembered(MARK).await
    }

    async fn claim_mark(&self, mark: &str) -> StoreResult<String> {
        sqlx::query::<Db>(ADD)
            .bind(MARK)
            .bind(mark)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        self.mark()
            .await?
            .ok_or_else(|| inconsistent("installation.value", MARK))
    }

    async fn set_mark(&self, mark: &str) -> StoreResult<()> {
        self.remember(MARK, mark).await
    }

    async fn is_empty(&self) -> StoreResult<bool> {
        let count = sqlx::query_scalar::<Db, i64>(COUNT_SOME)
            .fetch_one(self.reader())
            .await
            .map_err(store_error)?;
        Ok(count == 0)
    }

    async fn clear(&self) -> StoreResult<()> {
        self.empty_tables().await.map_err(store_error)
    }

    async fn ping(&self) -> StoreResult<()> {
        sqlx::query_scalar::<Db, i64>(PING)
            .fetch_one(self.reader())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn database_clock(&self) -> StoreResult<Option<Timestamp>> {
        self.clock().await.map_err(store_error)
    }

    async fn close(&self) {
        self.close_pools().await;
    }
}

fn seconds(value: &str) -> StoreResult<i64> {
    value
        .parse()
        .map_err(|_| inconsistent("installation.value", CLOCK_OFFSET))
}
