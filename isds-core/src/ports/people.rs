//! People across all boxes, as the administrator of the system finds them.

use async_trait::async_trait;

use super::StoreResult;
use crate::account::Failures;
use crate::ids::{IsdsId, MembershipId, PersonId};
use crate::time::Timestamp;
use crate::user::BoxUser;

/// With what a membership signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessState {
    /// Login name.
    pub login: String,
    /// The password is still the one that was issued.
    pub initial: bool,
    /// Legal time after which it is no longer taken.
    pub expires: Option<Timestamp>,
}

/// An address from which too many logins failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedAddress {
    /// The address, or the network of one.
    pub address: String,
    /// Real time until which it is locked.
    pub until: Timestamp,
}

/// People, their memberships, their locks.
#[async_trait]
pub trait People: Send + Sync {
    /// Users of all boxes, and administrators of the system, whose [`Person::name_key`](crate::user::Person::name_key)
    /// begins with one of `prefixes`, by name, `limit` at most.
    async fn find_people(&self, prefixes: &[String], limit: u64) -> StoreResult<Vec<BoxUser>>;

    /// The membership with the identifier, whichever box it is of.
    async fn lookup_member(&self, isds_id: &IsdsId) -> StoreResult<Option<BoxUser>>;

    /// Memberships of a person, in the order in which they were added.
    async fn list_members_of_person(&self, person: PersonId, limit: u64) -> StoreResult<Vec<BoxUser>>;

    /// Access data of a membership.
    async fn list_access(&self, membership: MembershipId) -> StoreResult<Vec<AccessState>>;

    /// Keeps a person from signing in from now on; `at` is legal time. What was proven before counts no longer. False
    /// where they are kept from it already.
    async fn lock_person(&self, person: PersonId, by: Option<&IsdsId>, at: Timestamp) -> StoreResult<bool>;

    /// Lets a person sign in again; false where nothing kept them from it.
    async fn unlock_person(&self, person: PersonId) -> StoreResult<bool>;

    /// Since when, in legal time, a person is kept from signing in; none where they are not.
    async fn lookup_person_lock(&self, person: PersonId) -> StoreResult<Option<Timestamp>>;

    /// Failed logins of an account name.
    async fn lookup_failures(&self, login: &str) -> StoreResult<Failures>;

    /// Addresses that are locked at the real time `now`, `limit` at most.
    async fn list_locked_addresses(&self, now: Timestamp, limit: u64) -> StoreResult<Vec<LockedAddress>>;

    /// Forgets failed logins of an address as [`LockedAddress::address`] names it; false where there were none.
    async fn clear_failures_of_address(&self, address: &str) -> StoreResult<bool>;
}
