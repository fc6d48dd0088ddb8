//! What is kept sealed under the master key.

use async_trait::async_trait;
use isds_core::ids::PersonId;
use isds_core::ports::{SealedSecrets, StoreResult};

use super::{Db, SqlStore, signed};
use crate::error::{inconsistent, store_error};

/// Where the installation remembers the sealed key of digests.
const DIGEST_KEY: &str = "digest_key";

const LIST: &str = "SELECT person_id, secret FROM one_time_codes WHERE person_id > $1 ORDER BY person_id LIMIT $2";

const REPLACE: &str = "UPDATE one_time_codes SET secret = $3 WHERE person_id = $1 AND secret = $2";

const LOOKUP_KEY: &str = "SELECT value FROM installation WHERE key = $1";

const KEEP_KEY: &str = "INSERT INTO installation (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";

const REPLACE_KEY: &str = "UPDATE installation SET value = $3 WHERE key = $1 AND value = $2";

#[async_trait]
impl SealedSecrets for SqlStore {
    async fn list_code_secrets(&self, after: PersonId, limit: u64) -> StoreResult<Vec<(PersonId, Vec<u8>)>> {
        let rows = sqlx::query_as::<Db, (i64, Vec<u8>)>(LIST)
            .bind(after.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(person, secret)| (PersonId(person), secret))
            .collect())
    }

    async fn replace_code_secret(&self, person: PersonId, from: &[u8], to: &[u8]) -> StoreResult<bool> {
        let replaced = sqlx::query::<Db>(REPLACE)
            .bind(person.0)
            .bind(from)
            .bind(to)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(replaced.rows_affected() == 1)
    }

    async fn digest_key(&self) -> StoreResult<Option<String>> {
        sqlx::query_scalar::<Db, String>(LOOKUP_KEY)
            .bind(DIGEST_KEY)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)
    }

    async fn keep_digest_key(&self, sealed: &str) -> StoreResult<String> {
        sqlx::query::<Db>(KEEP_KEY)
            .bind(DIGEST_KEY)
            .bind(sealed)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        self.digest_key()
            .await?
            .ok_or_else(|| inconsistent("installation.value", DIGEST_KEY))
    }

    async fn replace_digest_key(&self, from: &str, to: &str) -> StoreResult<bool> {
        let replaced = sqlx::query::<Db>(REPLACE_KEY)
            .bind(DIGEST_KEY)
            .bind(from)
            .bind(to)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(replaced.rows_affected() == 1)
    }
}
