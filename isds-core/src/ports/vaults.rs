//! Vaults of boxes.

use async_trait::async_trait;

use super::StoreResult;
use crate::ids::BoxId;
use crate::postal::Booking;
use crate::system_message::DueSystemMessage;
use crate::time::Timestamp;
use crate::vault::{Vault, VaultAccount};

/// What came of adding a term to a vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddedVault {
    /// It is there, and paid where something was to pay.
    Added,
    /// The credit does not suffice; nothing was written.
    Unpaid,
    /// Somebody else added one meanwhile; nothing was written.
    Overtaken,
}

/// Terms of vaults and how full they are. What goes in and out is counted by
/// [`Messages::apply_changes`](super::Messages::apply_changes), in the transaction that moves the message.
#[async_trait]
pub trait Vaults: Send + Sync {
    /// What a box has, without terms that ended by `now`.
    async fn lookup_vaults(&self, box_id: BoxId, now: Timestamp) -> StoreResult<VaultAccount>;

    /// The same of those of the boxes that have or had any.
    async fn list_vaults(&self, boxes: &[BoxId], now: Timestamp) -> StoreResult<Vec<VaultAccount>>;

    /// Adds a term that begins when the present ones have ended, and books what it costs.
    async fn add_vault(&self, box_id: BoxId, vault: &Vault, payment: Option<&Booking>) -> StoreResult<AddedVault>;

    /// Terms of whose end the box is to be told by `now` and was not, oldest first.
    async fn list_vault_warnings(&self, now: Timestamp, limit: u64) -> StoreResult<Vec<(BoxId, Vault)>>;

    /// Notes that a box was told of the end of a term, and promises the message that tells it, where one does.
    async fn settle_vault_warning(
        &self,
        box_id: BoxId,
        vault: &Vault,
        told: Option<&DueSystemMessage>,
    ) -> StoreResult<()>;
}
