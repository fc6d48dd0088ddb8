//! History of boxes.

use async_trait::async_trait;
use isds_core::box_state::BoxState;
use isds_core::ids::BoxId;
use isds_core::ports::{BoxHistory, BoxStateChange, StoreResult};
use isds_core::time::Timestamp;
use sqlx::Transaction;

use super::{Db, SqlStore};
use crate::error::{inconsistent, store_error};

const LIST_BOX_STATES: &str = "SELECT since, state FROM box_states WHERE box_id = $1 ORDER BY since";

/// A state from before takes away what was recorded for later times: a box may be disabled as of a day that has passed.
const FORGET_LATER: &str = "DELETE FROM box_states WHERE box_id = $1 AND since >= $2";

const ADD_STATE: &str = "INSERT INTO box_states (box_id, since, state) VALUES ($1, $2, $3)";

/// A box that is accessible has no time at which it ceased to be.
const CEASED: &str = "UPDATE boxes SET accessible_until = CASE WHEN $3 = 1 THEN NULL \
     WHEN (SELECT s.state FROM box_states AS s WHERE s.box_id = $1 AND s.since < $2 ORDER BY s.since DESC LIMIT 1) = 1 \
     THEN $2 ELSE accessible_until END WHERE box_id = $1";

/// Records from when on a box is in a state, in the transaction that writes the state.
pub(super) async fn record_box_state(
    tx: &mut Transaction<'static, Db>,
    id: BoxId,
    state: BoxState,
    from: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query::<Db>(FORGET_LATER)
        .bind(id.as_str())
        .bind(from.0)
        .execute(&mut **tx)
        .await?;
    sqlx::query::<Db>(ADD_STATE)
        .bind(id.as_str())
        .bind(from.0)
        .bind(state.code())
        .execute(&mut **tx)
        .await?;
    sqlx::query::<Db>(CEASED)
        .bind(id.as_str())
        .bind(from.0)
        .bind(state.code())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

#[async_trait]
impl BoxHistory for SqlStore {
    async fn list_box_states(&self, id: BoxId) -> StoreResult<Vec<BoxStateChange>> {
        let rows = sqlx::query_as::<Db, (i64, i16)>(LIST_BOX_STATES)
            .bind(id.as_str())
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter()
            .map(|(since, state)| {
                Ok(BoxStateChange {
                    state: BoxState::from_code(state.into()).ok_or_else(|| inconsistent("box_states.state", id))?,
                    since: Timestamp(since),
                })
            })
            .collect()
    }
}
