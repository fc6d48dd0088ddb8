//! What restraint of traffic needs of all nodes together.

use std::any::Any;
use std::fmt;

use async_trait::async_trait;
use jiff::civil::Date;

use super::StoreResult;
use crate::ids::BoxId;
use crate::restraint::{BoxRestraint, CallCount};
use crate::system_message::DueSystemMessage;

/// A place that is taken until this is dropped, or until the node that took it is gone.
pub struct Place(
    #[expect(dead_code, reason = "it is kept for what happens when it is dropped")] Box<dyn Any + Send + Sync>,
);

impl Place {
    /// A place that is given back by dropping `kept`.
    pub fn new(kept: impl Any + Send + Sync) -> Self {
        Self(Box::new(kept))
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}

/// Restraint of traffic. Days are of the Czech calendar, in real time.
#[async_trait]
pub trait Restraints: Send + Sync {
    /// Takes one of so many places (4096 at most) that all nodes share under a name; none where all are taken.
    async fn take_place(&self, name: &str, places: u32) -> StoreResult<Option<Place>>;

    /// Adds what a node counted since it last did; answers in the same order what all nodes counted together.
    async fn add_calls(&self, node: &str, counts: &[CallCount]) -> StoreResult<Vec<u64>>;

    /// Forgets what was counted before a day.
    async fn forget_calls(&self, before: Date) -> StoreResult<()>;

    /// Accounts with the most calls on a day, of all nodes together, the most first. Found by what single nodes counted:
    /// of accounts that call through many nodes some may be missing behind those that call through one.
    async fn list_busiest(&self, day: Date, limit: u64) -> StoreResult<Vec<CallCount>>;

    /// Calls of a box since a day, by day and account.
    async fn list_calls_of_box(&self, box_id: BoxId, since: Date, limit: u64) -> StoreResult<Vec<CallCount>>;

    /// What was set for boxes, by box; the first `limit` of them.
    async fn list_restraints(&self, limit: u64) -> StoreResult<Vec<BoxRestraint>>;

    /// What was set for a box.
    async fn lookup_restraint(&self, box_id: BoxId) -> StoreResult<Option<BoxRestraint>>;

    /// Writes what is set for a box, over the version before, with what the box is told of it; false where somebody else
    /// was first.
    async fn save_restraint(&self, restraint: &BoxRestraint, told: &[DueSystemMessage]) -> StoreResult<bool>;
}
