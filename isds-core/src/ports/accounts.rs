//! Access data, and the memory of failed logins.

use std::net::IpAddr;

use async_trait::async_trait;

use super::StoreResult;
use crate::account::{LockoutState, Login};
use crate::time::Timestamp;

/// Access data and the memory of failed logins.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// What belongs to a login name.
    async fn lookup_login(&self, login: &str) -> StoreResult<Option<Login>>;

    /// Adds a password credential to a membership.
    async fn add_password(
        &self,
        login: &str,
        membership: crate::ids::MembershipId,
        password_hash: &str,
        expires: Option<Timestamp>,
    ) -> StoreResult<()>;

    /// Failed logins of an account name and of an address.
    async fn lookup_lockouts(&self, login: &str, address: IpAddr) -> StoreResult<LockoutState>;

    /// Counts a failed login (real time); returns the state afterwards.
    async fn record_failed_login(&self, login: &str, address: IpAddr, now: Timestamp) -> StoreResult<LockoutState>;

    /// Forgets failed logins of the account name after a success. Those of the address stay.
    async fn clear_failed_logins(&self, login: &str) -> StoreResult<()>;
}
