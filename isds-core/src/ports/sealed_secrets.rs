//! What the database keeps sealed under the master key.

use async_trait::async_trait;

use super::StoreResult;
use crate::ids::PersonId;

/// What the database keeps sealed under the master key: secrets of one-time codes, and the key that digests are made
/// with, which outlives the master key that it was made from.
#[async_trait]
pub trait SealedSecrets: Send + Sync {
    /// The sealed secrets of one-time codes of up to `limit` people behind `after`, by their keys.
    async fn list_code_secrets(&self, after: PersonId, limit: u64) -> StoreResult<Vec<(PersonId, Vec<u8>)>>;

    /// Replaces the sealed secret of a person's codes; false where it is not `from` any more.
    async fn replace_code_secret(&self, person: PersonId, from: &[u8], to: &[u8]) -> StoreResult<bool>;

    /// The sealed key of digests, in hexadecimal; none where none was kept yet.
    async fn digest_key(&self) -> StoreResult<Option<String>>;

    /// Keeps the sealed key of digests where none was kept; answers the one that stands.
    async fn keep_digest_key(&self, sealed: &str) -> StoreResult<String>;

    /// Replaces the sealed key of digests; false where it is not `from` any more.
    async fn replace_digest_key(&self, from: &str, to: &str) -> StoreResult<bool>;
}
