//! Vaults of boxes.

use std::collections::BTreeMap;

use async_trait::async_trait;
use isds_core::ids::BoxId;
use isds_core::ports::{AddedVault, MessageChange, StoreResult, Vaults};
use isds_core::postal::{Booking, BookingOutcome};
use isds_core::system_message::DueSystemMessage;
use isds_core::time::Timestamp;
use isds_core::vault::{Vault, VaultAccount};
use sqlx::Transaction;

use super::payments::book;
use super::{Db, SqlStore, signed};
use crate::error::store_error;
use crate::rows::{VaultRow, vault_columns};

pub(super) const LIST_TERMS: &str = concat!(
    "SELECT ",
    vault_columns!(),
    " FROM vaults WHERE box_id = $1 AND ends > $2"
);

/// Locks the row, too: a column set to itself is written all the same.
const OPEN_USAGE: &str = "INSERT INTO vault_usage (box_id, used) VALUES ($1, 0) \
     ON CONFLICT (box_id) DO UPDATE SET used = vault_usage.used";

const IS_TAKEN: &str = "SELECT COUNT(*) FROM vaults WHERE box_id = $1 AND ends > $2";

const INSERT: &str = "INSERT INTO vaults (box_id, begins, ends, kind, capacity, from_day, to_day, warn_due) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

const COUNT: &str = "UPDATE vault_usage SET used = used + $2 WHERE box_id = $1";

pub(super) const LIST_WARNINGS: &str = concat!(
    "SELECT ",
    vault_columns!(),
    " FROM vaults WHERE warn_due IS NOT NULL AND warn_due <= $1 ORDER BY warn_due, box_id LIMIT $2"
);

const SETTLE_WARNING: &str =
    "UPDATE vaults SET warn_due = NULL WHERE box_id = $1 AND begins = $2 AND warn_due IS NOT NULL";

#[async_trait]
impl Vaults for SqlStore {
    async fn lookup_vaults(&self, box_id: BoxId, now: Timestamp) -> StoreResult<VaultAccount> {
        let found = self.list_vaults(&[box_id], now).await?;
        Ok(found.into_iter().next().unwrap_or_else(|| VaultAccount::none(box_id)))
    }

    async fn list_vaults(&self, boxes: &[BoxId], now: Timestamp) -> StoreResult<Vec<VaultAccount>> {
        let mut accounts = Vec::new();
        // Few boxes have one: the first question tells which.
        for (box_id, used) in self.vaults_among(boxes).await? {
            let rows = sqlx::query_as::<Db, VaultRow>(LIST_TERMS)
                .bind(box_id.as_str())
                .bind(now.0)
                .fetch_all(self.reader())
                .await
                .map_err(store_error)?;
            let mut terms = rows
                .into_iter()
                .map(|row| Ok(row.into_vault()?.1))
                .collect::<StoreResult<Vec<_>>>()?;
            terms.sort_by_key(Vault::begins);
            accounts.push(VaultAccount { box_id, used, terms });
        }
        Ok(accounts)
    }

    async fn add_vault(&self, box_id: BoxId, vault: &Vault, payment: Option<&Booking>) -> StoreResult<AddedVault> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let added = add(&mut tx, box_id, vault, payment).await?;
        match added {
            AddedVault::Added => tx.commit().await,
            AddedVault::Unpaid | AddedVault::Overtaken => tx.rollback().await,
        }
        .map_err(store_error)?;
        Ok(added)
    }

    async fn list_vault_warnings(&self, now: Timestamp, limit: u64) -> StoreResult<Vec<(BoxId, Vault)>> {
        let rows = sqlx::query_as::<Db, VaultRow>(LIST_WARNINGS)
            .bind(now.0)
            .bind(signed(limit))
            .fetch_all(self.writer())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(VaultRow::into_vault).collect()
    }

    async fn settle_vault_warning(
        &self,
        box_id: BoxId,
        vault: &Vault,
        told: Option<&DueSystemMessage>,
    ) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let settled = sqlx::query::<Db>(SETTLE_WARNING)
            .bind(box_id.as_str())
            .bind(vault.begins().0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if let Some(told) = told.filter(|_| settled.rows_affected() == 1) {
            Self::promise_in(&mut tx, std::slice::from_ref(told)).await?;
        }
        tx.commit().await.map_err(store_error)
    }
}

impl SqlStore {
    /// Counts what changes of messages put into vaults and took out of them, box by box in one order, so that two
    /// batches never wait for each other crosswise.
    pub(in super::super) async fn count_vaults_in(
        tx: &mut Transaction<'_, Db>,
        changes: &[MessageChange],
    ) -> StoreResult<()> {
        let mut sums = BTreeMap::<BoxId, i64>::new();
        for (box_id, change) in changes.iter().flat_map(|change| &change.vaults) {
            *sums.entry(*box_id).or_default() += change;
        }
        for (box_id, change) in sums {
            sqlx::query::<Db>(COUNT)
                .bind(box_id.as_str())
                .bind(change)
                .execute(&mut **tx)
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }
}

async fn add(
    tx: &mut Transaction<'_, Db>,
    box_id: BoxId,
    vault: &Vault,
    payment: Option<&Booking>,
) -> StoreResult<AddedVault> {
    // From here on nobody else adds one to this box until the end.
    sqlx::query::<Db>(OPEN_USAGE)
        .bind(box_id.as_str())
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    let taken = sqlx::query_scalar::<Db, i64>(IS_TAKEN)
        .bind(box_id.as_str())
        .bind(vault.begins().0)
        .fetch_one(&mut **tx)
        .await
        .map_err(store_error)?;
    if taken > 0 {
        return Ok(AddedVault::Overtaken);
    }
    if let Some(payment) = payment
        && !matches!(book(tx, payment, None).await?, BookingOutcome::Booked(_))
    {
        return Ok(AddedVault::Unpaid);
    }
    sqlx::query::<Db>(INSERT)
        .bind(box_id.as_str())
        .bind(vault.begins().0)
        .bind(vault.ends().0)
        .bind(vault.kind.code())
        .bind(vault.term.capacity)
        .bind(vault.term.from.to_string())
        .bind(vault.term.to.to_string())
        .bind(vault.warns().0)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    Ok(AddedVault::Added)
}
