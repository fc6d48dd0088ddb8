//! Which nodes live, and what only one of them does at a time.

use async_trait::async_trait;
use isds_core::ports::{NodeState, Nodes, StoreResult};
use isds_core::time::Timestamp;
use sqlx::FromRow;

use super::{Db, SqlStore, signed};
use crate::error::store_error;

const BEAT: &str = "INSERT INTO nodes (node_id, version, started, last_seen, disk_free, disk_total, \
     clock_offset) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (node_id) DO UPDATE SET last_seen = excluded.last_seen, \
     disk_free = excluded.disk_free, disk_total = excluded.disk_total, \
     clock_offset = excluded.clock_offset";

const FORGET: &str = "DELETE FROM nodes WHERE last_seen < $1";

const LEAVE: &str = "DELETE FROM nodes WHERE node_id = $1";

const LIST: &str = "SELECT node_id, version, started, last_seen, disk_free, disk_total, clock_offset FROM nodes \
     ORDER BY started, node_id LIMIT $1";

/// One row that somebody else moved meanwhile is no longer in the past.
const TAKE: &str = "INSERT INTO leases (name, until) VALUES ($1, $3) ON CONFLICT (name) DO UPDATE \
     SET until = excluded.until WHERE leases.until <= $2";

const MOVE: &str = "UPDATE leases SET until = $2 WHERE name = $1";

#[derive(FromRow)]
struct NodeRow {
    node_id: String,
    version: String,
    started: i64,
    last_seen: i64,
    disk_free: Option<i64>,
    disk_total: Option<i64>,
    clock_offset: Option<i64>,
}

impl From<NodeRow> for NodeState {
    fn from(row: NodeRow) -> Self {
        Self {
            id: row.node_id,
            version: row.version,
            started: Timestamp(row.started),
            last_seen: Timestamp(row.last_seen),
            disk_free: row.disk_free,
            disk_total: row.disk_total,
            clock_offset: row.clock_offset,
        }
    }
}

#[async_trait]
impl Nodes for SqlStore {
    async fn beat(&self, node: &NodeState, forgotten: Timestamp) -> StoreResult<()> {
        sqlx::query::<Db>(BEAT)
            .bind(node.id.as_str())
            .bind(node.version.as_str())
            .bind(node.started.0)
            .bind(node.last_seen.0)
            .bind(node.disk_free)
            .bind(node.disk_total)
            .bind(node.clock_offset)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        sqlx::query::<Db>(FORGET)
            .bind(forgotten.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn leave(&self, id: &str) -> StoreResult<()> {
        sqlx::query::<Db>(LEAVE)
            .bind(id)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn list_nodes(&self, limit: u64) -> StoreResult<Vec<NodeState>> {
        let rows = sqlx::query_as::<Db, NodeRow>(LIST)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn take_lease(&self, name: &str, now: Timestamp, until: Timestamp) -> StoreResult<bool> {
        let taken = sqlx::query::<Db>(TAKE)
            .bind(name)
            .bind(now.0)
            .bind(until.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(taken.rows_affected() == 1)
    }

    async fn move_lease(&self, name: &str, until: Timestamp) -> StoreResult<()> {
        sqlx::query::<Db>(MOVE)
            .bind(name)
            .bind(until.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
