//! Terms of vaults.

use isds_core::ids::BoxId;
use isds_core::ports::StoreResult;
use isds_core::postal::VaultTerm;
use isds_core::vault::{Vault, VaultKind};

use crate::error::inconsistent;

/// Name of the columns that [`VaultRow`] reads.
macro_rules! vault_columns {
    () => {
        "box_id, kind, capacity, from_day, to_day"
    };
}

pub(crate) use vault_columns;

/// A term of a vault.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct VaultRow {
    box_id: String,
    kind: i16,
    capacity: i64,
    from_day: String,
    to_day: String,
}

impl VaultRow {
    /// Whose it is, and the term.
    pub(crate) fn into_vault(self) -> StoreResult<(BoxId, Vault)> {
        let nonsense = |column| inconsistent(column, &self.box_id);
        let box_id = self.box_id.parse().map_err(|_| nonsense("vaults.box_id"))?;
        let term = VaultTerm {
            capacity: self.capacity,
            from: self.from_day.parse().map_err(|_| nonsense("vaults.from_day"))?,
            to: self.to_day.parse().map_err(|_| nonsense("vaults.to_day"))?,
        };
        let kind = VaultKind::from_code(self.kind).ok_or_else(|| nonsense("vaults.kind"))?;
        Ok((box_id, Vault { kind, term }))
    }
}
