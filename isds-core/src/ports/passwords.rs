//! Passwords and their past.

use async_trait::async_trait;

use super::StoreResult;
use crate::ids::{BoxId, MembershipId, PersonId};
use crate::notice::DueNotice;
use crate::time::Timestamp;

/// How many passwords of the past are remembered (manual A 1.9, rule 6).
pub const FORMER_PASSWORDS: i64 = 255;

/// A password to be written over the version that the change was computed from.
#[derive(Clone, Copy)]
pub struct PasswordUpdate<'a> {
    /// Login name.
    pub login: &'a str,
    /// Version of the credential that the change was computed from.
    pub from_version: i64,
    /// Hash of the password that was in force in that version.
    pub former_hash: &'a str,
    /// Hash of the new password.
    pub password_hash: &'a str,
    /// Legal time after which it is no longer taken.
    pub expires: Option<Timestamp>,
}

/// A password that its user chose, and that ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndingPassword {
    /// Login name.
    pub login: String,
    /// Whose it is.
    pub person: PersonId,
    /// The box that it opens; none for administrators of the system.
    pub box_id: Option<BoxId>,
    /// Legal time after which it is no longer taken.
    pub expires: Timestamp,
}

/// Passwords.
#[async_trait]
pub trait Passwords: Send + Sync {
    /// Version of a credential ([`Login::version`](crate::account::Login::version)); none where it is gone.
    async fn lookup_credential_version(&self, login: &str) -> StoreResult<Option<i64>>;

    /// Hash of the password with which a membership signs in.
    async fn lookup_password_hash(&self, membership: MembershipId) -> StoreResult<Option<String>>;

    /// Hashes of the last [`FORMER_PASSWORDS`] passwords of a membership, the one in force not among them.
    async fn list_former_passwords(&self, membership: MembershipId) -> StoreResult<Vec<String>>;

    /// Writes a new password. The one that it replaces becomes a former one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`](super::StoreError::Conflict) where the credential is in another version by now, or gone.
    async fn update_password(&self, update: PasswordUpdate<'_>) -> StoreResult<()>;

    /// Writes until when the password in force is taken. The end of an activation code stays as it is.
    ///
    /// # Errors
    /// [`StoreError::Conflict`](super::StoreError::Conflict) where there is no such password.
    async fn update_password_expiry(&self, login: &str, expires: Option<Timestamp>) -> StoreResult<()>;

    /// Passwords that end by the legal time `until` and of whose end their users were not told yet, the first to end first.
    async fn list_ending_passwords(&self, until: Timestamp, limit: u64) -> StoreResult<Vec<EndingPassword>>;

    /// Passwords of a person that end by the legal time `until`, told of or not, the first to end first.
    async fn list_ending_passwords_of(
        &self,
        person: PersonId,
        until: Timestamp,
        limit: u64,
    ) -> StoreResult<Vec<EndingPassword>>;

    /// Notes that the user was told of this end of the password, and what they are told; false where they were told
    /// already, or where another password is in force by now.
    async fn settle_password_warning(&self, ending: &EndingPassword, told: Option<&DueNotice>) -> StoreResult<bool>;
}
