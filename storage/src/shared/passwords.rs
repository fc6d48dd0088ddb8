//! Passwords and their past.

use async_trait::async_trait;
use isds_core::ids::{MembershipId, PersonId};
use isds_core::notice::DueNotice;
use isds_core::ports::{EndingPassword, FORMER_PASSWORDS, PasswordUpdate, Passwords, StoreError, StoreResult};
use isds_core::time::Timestamp;
use sqlx::{FromRow, Transaction};

use super::accounts::KIND_PASSWORD;
use super::{Db, SqlStore, all, signed};
use crate::error::{inconsistent, store_error};

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

macro_rules! select_ending {
    ($rest:literal) => {
        concat!(
            "SELECT credentials.login, memberships.person_id, memberships.box_id, credentials.expires \
             FROM credentials JOIN memberships ON memberships.id = credentials.membership_id WHERE ",
            $rest
        )
    };
}

/// The condition is that of the index.
pub(super) const LIST_ENDING_PASSWORDS: &str = select_ending!(
    "credentials.initial = 0 AND credentials.told_expires <> credentials.expires AND credentials.expires <= $1 \
     ORDER BY credentials.expires, credentials.login LIMIT $2"
);

const LIST_ENDING_PASSWORDS_OF: &str = select_ending!(
    "memberships.person_id = $1 AND credentials.initial = 0 AND credentials.expires <= $2 \
     ORDER BY credentials.expires, credentials.login LIMIT $3"
);

const SETTLE_WARNING: &str = "UPDATE credentials SET told_expires = expires \
     WHERE login = $1 AND expires = $2 AND told_expires <> expires";

#[derive(FromRow)]
struct EndingRow {
    login: String,
    person_id: i64,
    box_id: Option<String>,
    expires: i64,
}

impl TryFrom<EndingRow> for EndingPassword {
    type Error = StoreError;

    fn try_from(row: EndingRow) -> StoreResult<Self> {
        let box_id = row.box_id.map(|id| id.parse()).transpose();
        Ok(Self {
            box_id: box_id.map_err(|_| inconsistent("memberships.box_id", row.person_id))?,
            login: row.login,
            person: PersonId(row.person_id),
            expires: Timestamp(row.expires),
        })
    }
}

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
        self.credential_version(login).await
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

    async fn list_ending_passwords(&self, until: Timestamp, limit: u64) -> StoreResult<Vec<EndingPassword>> {
        // From the writer: what a batch settled must not be found again by the next.
        let rows = sqlx::query_as::<Db, EndingRow>(LIST_ENDING_PASSWORDS)
            .bind(until.0)
            .bind(signed(limit))
            .fetch_all(self.writer())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn list_ending_passwords_of(
        &self,
        person: PersonId,
        until: Timestamp,
        limit: u64,
    ) -> StoreResult<Vec<EndingPassword>> {
        let rows = sqlx::query_as::<Db, EndingRow>(LIST_ENDING_PASSWORDS_OF)
            .bind(person.0)
            .bind(until.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn settle_password_warning(&self, ending: &EndingPassword, told: Option<&DueNotice>) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let settled = sqlx::query::<Db>(SETTLE_WARNING)
            .bind(ending.login.as_str())
            .bind(ending.expires.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        // Only one node tells it.
        let is_first = settled.rows_affected() == 1;
        if let Some(told) = told.filter(|_| is_first) {
            Self::add_notices_in(&mut tx, std::slice::from_ref(told)).await?;
        }
        tx.commit().await.map_err(store_error)?;
        Ok(is_first)
    }
}
