//! Passkeys, one-time codes, and the ceremonies in which they are used.

use async_trait::async_trait;

use super::StoreResult;
use crate::account::Failures;
use crate::ids::{MembershipId, PersonId};
use crate::session::SessionId;
use crate::sign_in_factors::{Ceremony, CeremonyKey, NewPasskey, OneTimeCodes, PasskeyId, PasskeyRecord};
use crate::time::Timestamp;

/// Passkeys and one-time codes of people. Times are real.
#[async_trait]
pub trait FactorStore: Send + Sync {
    /// Login names of a person with their memberships, by the place of those; at most `limit`.
    async fn list_logins(&self, person: PersonId, limit: u64) -> StoreResult<Vec<(String, MembershipId)>>;

    /// One-time codes of a person, where they are switched on.
    async fn lookup_one_time_codes(&self, person: PersonId) -> StoreResult<Option<OneTimeCodes>>;

    /// Switches one-time codes on, or over to another secret, with digests of new recovery codes.
    async fn set_one_time_codes(
        &self,
        person: PersonId,
        codes: &OneTimeCodes,
        recovery: &[[u8; 32]],
    ) -> StoreResult<()>;

    /// Replaces the recovery codes; false, and nothing is written, where one-time codes are switched off.
    async fn replace_recovery_codes(&self, person: PersonId, recovery: &[[u8; 32]]) -> StoreResult<bool>;

    /// Switches one-time codes off; false where they were.
    async fn remove_one_time_codes(&self, person: PersonId) -> StoreResult<bool>;

    /// Takes the code of a step; false where it, or a later one, was taken before.
    async fn take_code_step(&self, person: PersonId, step: i64, now: Timestamp) -> StoreResult<bool>;

    /// Takes a recovery code; false where there is none of this digest, or it was taken before.
    async fn take_recovery_code(&self, person: PersonId, digest: &[u8; 32], now: Timestamp) -> StoreResult<bool>;

    /// Counts an attempt at a person's codes, before it is looked at: of many at once none slips through.
    async fn count_code_attempt(&self, person: PersonId, now: Timestamp) -> StoreResult<Failures>;

    /// Forgets the attempts, after a right code.
    async fn clear_code_attempts(&self, person: PersonId) -> StoreResult<()>;

    /// Adds a passkey; none where the person has `most` of them.
    ///
    /// # Errors
    /// [`StoreError::Conflict`](super::StoreError::Conflict) where somebody has this passkey already.
    async fn add_passkey(
        &self,
        person: PersonId,
        passkey: &NewPasskey,
        now: Timestamp,
        most: u64,
    ) -> StoreResult<Option<PasskeyId>>;

    /// Passkeys of a person, the first added first; at most `limit`.
    async fn list_passkeys(&self, person: PersonId, limit: u64) -> StoreResult<Vec<PasskeyRecord>>;

    /// The passkey that a browser knows under the identifier.
    async fn find_passkey(&self, credential_id: &[u8]) -> StoreResult<Option<PasskeyRecord>>;

    /// Notes that a passkey was used, and how it counts now; false where it is gone or was used meanwhile.
    async fn use_passkey(&self, used: &PasskeyRecord, credential: &str, now: Timestamp) -> StoreResult<bool>;

    /// Calls a passkey of the person something else; false where it is not theirs.
    async fn rename_passkey(&self, person: PersonId, id: PasskeyId, name: &str) -> StoreResult<bool>;

    /// Removes a passkey of the person, and ends the sessions that it opened but this one; false where it is not theirs.
    async fn remove_passkey(&self, person: PersonId, id: PasskeyId, but: Option<&SessionId>) -> StoreResult<bool>;

    /// Puts a ceremony in the place of the one with its key, and forgets a few that are over.
    async fn put_ceremony(&self, ceremony: &Ceremony, now: Timestamp) -> StoreResult<()>;

    /// A ceremony that is not over.
    async fn lookup_ceremony(&self, key: &CeremonyKey, now: Timestamp) -> StoreResult<Option<Ceremony>>;

    /// Takes a ceremony that is not over: of several who do, one gets it.
    async fn take_ceremony(&self, key: &CeremonyKey, now: Timestamp) -> StoreResult<Option<Ceremony>>;
}
