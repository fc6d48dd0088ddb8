//! Messages that are withheld from their recipients.

use async_trait::async_trait;
use isds_core::ids::MessageId;
use isds_core::ports::{StoreResult, WithheldMessages};

use super::{Db, SqlStore};
use crate::error::store_error;
use crate::rows::flag;

/// Without the version: a transition that is computed at the same time keeps its own.
const SET_WITHHELD: &str = "UPDATE messages SET withheld = $2 WHERE dm_id = $1";

#[async_trait]
impl WithheldMessages for SqlStore {
    async fn set_withheld(&self, id: MessageId, withheld: bool) -> StoreResult<bool> {
        let updated = sqlx::query::<Db>(SET_WITHHELD)
            .bind(id.0)
            .bind(flag(withheld))
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(updated.rows_affected() == 1)
    }
}
