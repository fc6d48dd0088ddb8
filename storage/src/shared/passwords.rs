//! Passwords and their past.

use async_trait::async_trait;
use isds_core::ids::MembershipId;
use isds_core::ports::{FORMER_PASSWORDS, PasswordUpdate, Passwords, StoreError, StoreResult};
use isds_core::time::Timestamp;
use sqlx::Transaction;

use super::accounts::KIND_PASSWORD;
use super::{Db, SqlStore};
use crate::error::store_error;

pub(super) const LOOKUP_CREDENTIAL_VERSION: &str = "SELECT version FROM credentials WHERE login = $1 AND kind = $2";

pub(super) const LOOKUP_PASSWORD_HASH: &str =
    "SELECT password_hash FROM credentials WHERE membership_id = $1 AND kind = $2";

pub(super) const LIST_FORMER_PASSWORDS: &str =
    "SELECT password_hash FROM former_passwords WHERE membership_id = $1 ORDER BY number DESC LIMIT $2";

const UPDATE_PASSWORD: &str = "UPDATE credentials SET password_hash = $3, version = version + 1, expires = $4, initial = 0 \
     WHERE login = $1 AND version = $2 AND kind = $5 RETURNING membership_id";

const UPDATE_EXPIRY: &str = "UPDATE credentials SET expires = $2, version = version + 1 \
     WHERE login = $1 AND kind = $3 AND initial = 0";

/// The row of the credential is locked, so no two former passwords take one number.
const ADD_FORMER: &str = "INSERT INTO former_passwords (membership_id, number, password_hash) \
     SELECT $1, COALESCE(MAX(number), 0) + 1, $2 FROM former_passwords WHERE membership_id = $1";

const FORGET_FORMER: &str = "DELETE FROM former_passwords WHERE membership_id = $1 \
     AND number <= (SELECT MAX(number) FROM former_passwords WHERE membership_id = $1) - $2";

impl SqlStore {
    /// Adds a former password; the credential that it was of must be locked by the transaction.
    pub(super) async fn add_former_password_in(
        tx: &mut Transaction<'_, Db>,
        membership: i64,
        password_hash: &str,
    ) -> sqlx::Result<()> {
        sqlx::query::<Db>(ADD_FORMER)
            .bind(membership)
            .bind(password_hash)
            .execute(&mut **tx)
            .await?;
        sqlx::query::<Db>(FORGET_FORMER)
            .bind(membership)
            .bind(FORMER_PASSWORDS)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl Passwords for SqlStore {
    async fn lookup_credential_version(&self, login: &str) -> StoreResult<Option<i64>> {
        if login.contains('\0') {
            return Ok(None);
        }
        sqlx::query_scalar::<Db, i64>(LOOKUP_CREDENTIAL_VERSION)
            .bind(login)
            .bind(KIND_PASSWORD)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)
    }

    async fn lookup_password_hash(&self, membership: MembershipId) -> StoreResult<Option<String>> {
        sqlx::query_scalar::<Db, String>(LOOKUP_PASSWORD_HASH)
            .bind(membership.0)
            .bind(KIND_PASSWORD)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)
    }

    async fn list_former_passwords(&self, membership: MembershipId) -> StoreResult<Vec<String>> {
        sqlx::query_scalar::<Db, String>(LIST_FORMER_PASSWORDS)
            .bind(membership.0)
            .bind(FORMER_PASSWORDS)
            .fetch_all(self.reader())
            .await
            .map_err(store_error)
    }

    async fn update_password(&self, update: PasswordUpdate<'_>) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let membership = sqlx::query_scalar::<Db, i64>(UPDATE_PASSWORD)
            .bind(update.login)
            .bind(update.from_version)
            .bind(update.password_hash)
            .bind(update.expires.map(|time| time.0))
            .bind(KIND_PASSWORD)
            .fetch_optional(&mut *tx)
            .await
            .map_err(store_error)?
            .ok_or(StoreError::Conflict)?;
        Self::add_former_password_in(&mut tx, membership, update.former_hash)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    async fn update_password_expiry(&self, login: &str, expires: Option<Timestamp>) -> StoreResult<()> {
        let updated = sqlx::query::<Db>(UPDATE_EXPIRY)
            .bind(login)
            .bind(expires.map(|time| time.0))
            .bind(KIND_PASSWORD)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        if updated.rows_affected() == 1 {
            Ok(())
        } else {
            Err(StoreError::Conflict)
        }
    }
}
