//! Passkeys, one-time codes, and the ceremonies in which they are used.

use async_trait::async_trait;
use isds_core::account::Failures;
use isds_core::ids::{MembershipId, PersonId};
use isds_core::ports::{FactorStore, StoreError, StoreResult};
use isds_core::session::SessionId;
use isds_core::sign_in_factors::{
    Ceremony, CeremonyKey, CeremonyKind, MAX_WRONG_CODES, NewPasskey, OneTimeCodes, PasskeyId, PasskeyRecord,
};
use isds_core::time::Timestamp;
use sqlx::{FromRow, Transaction};

use super::accounts::{KIND_PASSWORD, clear_failures, count_failure};
use super::{Db, SqlStore, all, signed};
use crate::error::{inconsistent, store_error};

const LIST_LOGINS: &str = "SELECT credentials.login, memberships.id FROM memberships \
     JOIN credentials ON credentials.membership_id = memberships.id AND credentials.kind = $2 \
     WHERE memberships.person_id = $1 ORDER BY memberships.list_place, memberships.id, credentials.login LIMIT $3";

pub(super) const LOOKUP_CODES: &str = "SELECT secret, last_step, switched_on, last_used, \
     (SELECT COUNT(*) FROM recovery_codes WHERE recovery_codes.person_id = one_time_codes.person_id AND used IS NULL) AS recovery_left \
     FROM one_time_codes WHERE person_id = $1";

const SET_CODES: &str = "INSERT INTO one_time_codes (person_id, secret, last_step, switched_on, last_used) \
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person_id) DO UPDATE SET secret = excluded.secret, \
     last_step = excluded.last_step, switched_on = excluded.switched_on, last_used = excluded.last_used";

/// Locks the person's row until the end of the transaction, where there is one.
const LOCK_CODES: &str = "UPDATE one_time_codes SET last_step = last_step WHERE person_id = $1";

const REMOVE_CODES: &str = "DELETE FROM one_time_codes WHERE person_id = $1";

const REMOVE_RECOVERY: &str = "DELETE FROM recovery_codes WHERE person_id = $1";

const ADD_RECOVERY: &str = "INSERT INTO recovery_codes (person_id, digest, used) VALUES ($1, $2, NULL)";

const TAKE_STEP: &str =
    "UPDATE one_time_codes SET last_step = $2, last_used = $3 WHERE person_id = $1 AND last_step < $2";

const TAKE_RECOVERY: &str = "UPDATE recovery_codes SET used = $3 WHERE person_id = $1 AND digest = $2 AND used IS NULL";

/// Of two that a person adds at once on PostgreSQL both may be counted before the other: one more than the most.
const ADD_PASSKEY: &str = "INSERT INTO passkeys (person_id, credential_id, user_handle, credential, name, created) \
     SELECT $1, $2, $3, $4, $5, $6 WHERE (SELECT COUNT(*) FROM passkeys WHERE person_id = $1) < $7 RETURNING id";

pub(super) const LIST_PASSKEYS: &str = "SELECT id, person_id, credential_id, user_handle, credential, name, created, \
     last_used FROM passkeys WHERE person_id = $1 ORDER BY id LIMIT $2";

pub(super) const FIND_PASSKEY: &str = "SELECT id, person_id, credential_id, user_handle, credential, name, created, \
     last_used FROM passkeys WHERE credential_id = $1";

const USE_PASSKEY: &str = "UPDATE passkeys SET credential = $3, last_used = $4 WHERE id = $1 AND credential = $2";

const RENAME_PASSKEY: &str = "UPDATE passkeys SET name = $3 WHERE person_id = $1 AND id = $2";

/// The session in which a passkey is removed goes on, also where that passkey opened it. The others go with it.
const LEAVE_PASSKEY: &str =
    "UPDATE sessions SET passkey_id = NULL WHERE id = $1 AND person_id = $2 AND passkey_id = $3";

const REMOVE_PASSKEY: &str = "DELETE FROM passkeys WHERE person_id = $1 AND id = $2";

const PUT_CEREMONY: &str = "INSERT INTO ceremonies (key, kind, person_id, state, expires) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, person_id = excluded.person_id, state = excluded.state, \
     expires = excluded.expires";

/// A new ceremony pays for its row by removing a few that are over.
const FORGET_CEREMONIES: &str =
    "DELETE FROM ceremonies WHERE key IN (SELECT key FROM ceremonies WHERE expires <= $1 ORDER BY expires LIMIT 10)";

pub(super) const LOOKUP_CEREMONY: &str =
    "SELECT kind, person_id, state, expires FROM ceremonies WHERE key = $1 AND expires > $2";

const TAKE_CEREMONY: &str =
    "DELETE FROM ceremonies WHERE key = $1 AND expires > $2 RETURNING kind, person_id, state, expires";

#[derive(FromRow)]
struct CodesRow {
    secret: Vec<u8>,
    last_step: i64,
    switched_on: i64,
    last_used: Option<i64>,
    recovery_left: i64,
}

impl From<CodesRow> for OneTimeCodes {
    fn from(row: CodesRow) -> Self {
        Self {
            sealed_secret: row.secret,
            last_step: row.last_step,
            switched_on: Timestamp(row.switched_on),
            last_used: row.last_used.map(Timestamp),
            recovery_left: u64::try_from(row.recovery_left).unwrap_or(0),
        }
    }
}

#[derive(FromRow)]
struct PasskeyRow {
    id: i64,
    person_id: i64,
    credential_id: Vec<u8>,
    user_handle: Vec<u8>,
    credential: String,
    name: String,
    created: i64,
    last_used: Option<i64>,
}

impl TryFrom<PasskeyRow> for PasskeyRecord {
    type Error = StoreError;

    fn try_from(row: PasskeyRow) -> StoreResult<Self> {
        let handle = row.user_handle.try_into();
        Ok(Self {
            id: PasskeyId(row.id),
            person: PersonId(row.person_id),
            passkey: NewPasskey {
                credential_id: row.credential_id,
                user_handle: handle.map_err(|_| inconsistent("passkeys.user_handle", row.id))?,
                credential: row.credential,
                name: row.name,
            },
            created: Timestamp(row.created),
            last_used: row.last_used.map(Timestamp),
        })
    }
}

#[derive(FromRow)]
struct CeremonyRow {
    kind: i16,
    person_id: Option<i64>,
    state: String,
    expires: i64,
}

impl CeremonyRow {
    fn ceremony(self, key: CeremonyKey) -> StoreResult<Ceremony> {
        Ok(Ceremony {
            key,
            kind: CeremonyKind::from_code(self.kind).ok_or_else(|| inconsistent("ceremonies.kind", self.kind))?,
            person: self.person_id.map(PersonId),
            state: self.state,
            expires: Timestamp(self.expires),
        })
    }
}

/// Attempts at a person's codes are remembered like failed logins, under a name that no login name has.
fn attempts_key(person: PersonId) -> String {
    format!("codes:{}", person.0)
}

async fn write_recovery(tx: &mut Transaction<'_, Db>, person: PersonId, recovery: &[[u8; 32]]) -> sqlx::Result<()> {
    sqlx::query::<Db>(REMOVE_RECOVERY)
        .bind(person.0)
        .execute(&mut **tx)
        .await?;
    for digest in recovery {
        sqlx::query::<Db>(ADD_RECOVERY)
            .bind(person.0)
            .bind(digest.as_slice())
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

#[async_trait]
impl FactorStore for SqlStore {
    async fn list_logins(&self, person: PersonId, limit: u64) -> StoreResult<Vec<(String, MembershipId)>> {
        let rows = sqlx::query_as::<Db, (String, i64)>(LIST_LOGINS)
            .bind(person.0)
            .bind(KIND_PASSWORD)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|(login, id)| (login, MembershipId(id))).collect())
    }

    async fn lookup_one_time_codes(&self, person: PersonId) -> StoreResult<Option<OneTimeCodes>> {
        let row = sqlx::query_as::<Db, CodesRow>(LOOKUP_CODES)
            .bind(person.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        Ok(row.map(Into::into))
    }

    async fn set_one_time_codes(
        &self,
        person: PersonId,
        codes: &OneTimeCodes,
        recovery: &[[u8; 32]],
    ) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        sqlx::query::<Db>(SET_CODES)
            .bind(person.0)
            .bind(codes.sealed_secret.as_slice())
            .bind(codes.last_step)
            .bind(codes.switched_on.0)
            .bind(codes.last_used.map(|time| time.0))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        write_recovery(&mut tx, person, recovery).await.map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    async fn replace_recovery_codes(&self, person: PersonId, recovery: &[[u8; 32]]) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let locked = sqlx::query::<Db>(LOCK_CODES)
            .bind(person.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if locked.rows_affected() == 0 {
            return Ok(false);
        }
        write_recovery(&mut tx, person, recovery).await.map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn remove_one_time_codes(&self, person: PersonId) -> StoreResult<bool> {
        let removed = sqlx::query::<Db>(REMOVE_CODES)
            .bind(person.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(removed.rows_affected() > 0)
    }

    async fn take_code_step(&self, person: PersonId, step: i64, now: Timestamp) -> StoreResult<bool> {
        let taken = sqlx::query::<Db>(TAKE_STEP)
            .bind(person.0)
            .bind(step)
            .bind(now.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(taken.rows_affected() == 1)
    }

    async fn take_recovery_code(&self, person: PersonId, digest: &[u8; 32], now: Timestamp) -> StoreResult<bool> {
        let taken = sqlx::query::<Db>(TAKE_RECOVERY)
            .bind(person.0)
            .bind(digest.as_slice())
            .bind(now.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(taken.rows_affected() == 1)
    }

    async fn count_code_attempt(&self, person: PersonId, now: Timestamp) -> StoreResult<Failures> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let counted = count_failure(&mut tx, attempts_key(person), now, MAX_WRONG_CODES)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(counted)
    }

    async fn clear_code_attempts(&self, person: PersonId) -> StoreResult<()> {
        clear_failures(self.writer(), attempts_key(person))
            .await
            .map_err(store_error)
    }

    async fn add_passkey(
        &self,
        person: PersonId,
        passkey: &NewPasskey,
        now: Timestamp,
        most: u64,
    ) -> StoreResult<Option<PasskeyId>> {
        let added = sqlx::query_scalar::<Db, i64>(ADD_PASSKEY)
            .bind(person.0)
            .bind(passkey.credential_id.as_slice())
            .bind(passkey.user_handle.as_slice())
            .bind(passkey.credential.as_str())
            .bind(passkey.name.as_str())
            .bind(now.0)
            .bind(signed(most))
            .fetch_optional(self.writer())
            .await
            .map_err(store_error)?;
        Ok(added.map(PasskeyId))
    }

    async fn list_passkeys(&self, person: PersonId, limit: u64) -> StoreResult<Vec<PasskeyRecord>> {
        let rows = sqlx::query_as::<Db, PasskeyRow>(LIST_PASSKEYS)
            .bind(person.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn find_passkey(&self, credential_id: &[u8]) -> StoreResult<Option<PasskeyRecord>> {
        let row = sqlx::query_as::<Db, PasskeyRow>(FIND_PASSKEY)
            .bind(credential_id)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(TryInto::try_into).transpose()
    }

    async fn use_passkey(&self, used: &PasskeyRecord, credential: &str, now: Timestamp) -> StoreResult<bool> {
        let noted = sqlx::query::<Db>(USE_PASSKEY)
            .bind(used.id.0)
            .bind(used.passkey.credential.as_str())
            .bind(credential)
            .bind(now.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(noted.rows_affected() == 1)
    }

    async fn rename_passkey(&self, person: PersonId, id: PasskeyId, name: &str) -> StoreResult<bool> {
        let renamed = sqlx::query::<Db>(RENAME_PASSKEY)
            .bind(person.0)
            .bind(id.0)
            .bind(name)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(renamed.rows_affected() == 1)
    }

    async fn remove_passkey(&self, person: PersonId, id: PasskeyId, but: Option<&SessionId>) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        if let Some(but) = but {
            sqlx::query::<Db>(LEAVE_PASSKEY)
                .bind(but.0.as_slice())
                .bind(person.0)
                .bind(id.0)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        let removed = sqlx::query::<Db>(REMOVE_PASSKEY)
            .bind(person.0)
            .bind(id.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(removed.rows_affected() == 1)
    }

    async fn put_ceremony(&self, ceremony: &Ceremony, now: Timestamp) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        sqlx::query::<Db>(FORGET_CEREMONIES)
            .bind(now.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        sqlx::query::<Db>(PUT_CEREMONY)
            .bind(ceremony.key.0.as_slice())
            .bind(ceremony.kind.code())
            .bind(ceremony.person.map(|person| person.0))
            .bind(ceremony.state.as_str())
            .bind(ceremony.expires.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    async fn lookup_ceremony(&self, key: &CeremonyKey, now: Timestamp) -> StoreResult<Option<Ceremony>> {
        let row = sqlx::query_as::<Db, CeremonyRow>(LOOKUP_CEREMONY)
            .bind(key.0.as_slice())
            .bind(now.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(|row| row.ceremony(*key)).transpose()
    }

    async fn take_ceremony(&self, key: &CeremonyKey, now: Timestamp) -> StoreResult<Option<Ceremony>> {
        let row = sqlx::query_as::<Db, CeremonyRow>(TAKE_CEREMONY)
            .bind(key.0.as_slice())
            .bind(now.0)
            .fetch_optional(self.writer())
            .await
            .map_err(store_error)?;
        row.map(|row| row.ceremony(*key)).transpose()
    }
}
