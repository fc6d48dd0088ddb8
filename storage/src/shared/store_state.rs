//! How the database is, as far as its client can tell.

use async_trait::async_trait;
use isds_core::ports::{NextDue, PoolState, StoreFailures, StoreResult, StoreState};
use isds_core::time::Timestamp;

use super::{Db, SqlStore};
use crate::error::{failures, store_error};

/// One step into each index.
pub(super) const NEXT_DUE: &str = "SELECT \
     (SELECT fiction_due FROM messages WHERE fiction_due IS NOT NULL ORDER BY fiction_due LIMIT 1), \
     (SELECT sender_due FROM messages WHERE sender_due IS NOT NULL ORDER BY sender_due LIMIT 1), \
     (SELECT recipient_due FROM messages WHERE recipient_due IS NOT NULL ORDER BY recipient_due LIMIT 1), \
     (SELECT warn_due FROM vaults WHERE warn_due IS NOT NULL ORDER BY warn_due LIMIT 1)";

type Dues = (Option<i64>, Option<i64>, Option<i64>, Option<i64>);

#[async_trait]
impl StoreState for SqlStore {
    fn pool_state(&self) -> PoolState {
        let mut state = PoolState::default();
        for pool in self.pools() {
            state.most += u64::from(pool.options().get_max_connections());
            state.open += u64::from(pool.size());
            state.idle += pool.num_idle() as u64;
        }
        state
    }

    fn store_failures(&self) -> StoreFailures {
        failures()
    }

    async fn next_due(&self) -> StoreResult<NextDue> {
        let (fiction, sender, recipient, vault) = sqlx::query_as::<Db, Dues>(NEXT_DUE)
            .fetch_one(self.reader())
            .await
            .map_err(store_error)?;
        let retention = [sender, recipient].into_iter().flatten().min();
        Ok(NextDue {
            fiction: fiction.map(Timestamp),
            retention: retention.map(Timestamp),
            vault: vault.map(Timestamp),
        })
    }
}
