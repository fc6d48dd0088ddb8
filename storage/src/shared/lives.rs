//! When nodes ran, as far as this database knows.

use async_trait::async_trait;
use isds_core::ports::{Lives, StoreResult};
use isds_core::time::Timestamp;

use super::{Db, SqlStore};
use crate::error::{inconsistent, store_error};

const GO_ON: &str = "UPDATE node_lives SET last_seen = $3 WHERE node_id = $1 AND last_seen >= $2 AND last_seen <= $3";

const BEGIN: &str = "INSERT INTO node_lives (node_id, began, last_seen) VALUES ($1, $2, $2) \
     ON CONFLICT (node_id, began) DO NOTHING";

const LIVED: &str =
    "SELECT COUNT(*) FROM (SELECT 1 FROM node_lives WHERE last_seen >= $2 AND began <= $1 LIMIT 1) AS one";

const REWRITTEN: &str = "objects_rewritten_until";

#[async_trait]
impl Lives for SqlStore {
    async fn note_life(&self, node: &str, noted: Option<Timestamp>, now: Timestamp) -> StoreResult<()> {
        if let Some(noted) = noted {
            let went_on = sqlx::query::<Db>(GO_ON)
                .bind(node)
                .bind(noted.0)
                .bind(now.0)
                .execute(self.writer())
                .await
                .map_err(store_error)?;
            if went_on.rows_affected() > 0 {
                return Ok(());
            }
        }
        sqlx::query::<Db>(BEGIN)
            .bind(node)
            .bind(now.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn lived(&self, from: Timestamp, until: Timestamp) -> StoreResult<bool> {
        let found = sqlx::query_scalar::<Db, i64>(LIVED)
            .bind(from.0)
            .bind(until.0)
            .fetch_one(self.reader())
            .await
            .map_err(store_error)?;
        Ok(found > 0)
    }

    async fn note_rewriting(&self, until: Timestamp) -> StoreResult<()> {
        self.remember(REWRITTEN, &until.0.to_string()).await
    }

    async fn rewritten_until(&self) -> StoreResult<Option<Timestamp>> {
        let Some(value) = self.remembered(REWRITTEN).await? else {
            return Ok(None);
        };
        let until = value
            .parse()
            .map_err(|_| inconsistent("installation.value", REWRITTEN))?;
        Ok(Some(Timestamp(until)))
    }
}
