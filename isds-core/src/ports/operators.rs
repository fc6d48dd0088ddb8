//! Administrators of the system.

use async_trait::async_trait;

use super::{NewUser, StoreResult};

/// Administrators of the system: users without a box.
#[async_trait]
pub trait Operators: Send + Sync {
    /// Adds the first administrator, in one transaction. False, and nothing is written, where there is one already, or
    /// ever was.
    async fn add_first_operator(&self, operator: &NewUser) -> StoreResult<bool>;
}
