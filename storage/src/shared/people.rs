//! People across all boxes.

use async_trait::async_trait;
use isds_core::account::Failures;
use isds_core::ids::{IsdsId, MembershipId, PersonId};
use isds_core::ports::{AccessState, LockedAddress, People, StoreResult};
use isds_core::time::Timestamp;
use isds_core::user::BoxUser;

use super::accounts::{KIND_PASSWORD, login_key};
use super::users::LOOKUP_USER;
use super::{Db, SqlStore, all, signed};
use crate::error::store_error;
use crate::rows::{UserRow, user_columns};

/// The end of the beginnings is the place behind everything that begins so.
pub(super) const FIND_PEOPLE: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM memberships JOIN persons ON persons.id = memberships.person_id \
     WHERE memberships.name_key >= $1 AND memberships.name_key < $2 \
     ORDER BY memberships.name_key, memberships.id LIMIT $3"
);

pub(super) const LIST_MEMBERS: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM memberships JOIN persons ON persons.id = memberships.person_id \
     WHERE memberships.person_id = $1 ORDER BY memberships.id LIMIT $2"
);

const LIST_ACCESS: &str =
    "SELECT login, initial, expires FROM credentials WHERE membership_id = $1 AND kind = $2 ORDER BY login";

const LOCK_PERSON: &str = "INSERT INTO locked_persons (person_id, locked_by, at) VALUES ($1, $2, $3) \
     ON CONFLICT (person_id) DO NOTHING";

const OUTDATE_PROOFS: &str = "UPDATE credentials SET version = version + 1 \
     WHERE membership_id IN (SELECT id FROM memberships WHERE person_id = $1)";

const UNLOCK_PERSON: &str = "DELETE FROM locked_persons WHERE person_id = $1";

const LOOKUP_LOCK: &str = "SELECT at FROM locked_persons WHERE person_id = $1";

const LOOKUP_FAILURES: &str = "SELECT count, first, locked_until FROM login_failures WHERE key = $1";

/// Among the failures of the last hour; older ones are forgotten.
const LIST_LOCKED_ADDRESSES: &str = "SELECT key, locked_until FROM login_failures \
     WHERE key >= 'addr:' AND key < 'addr;' AND locked_until > $1 ORDER BY key LIMIT $2";

const CLEAR: &str = "DELETE FROM login_failures WHERE key = $1";

const ADDRESS: &str = "addr:";

#[async_trait]
impl People for SqlStore {
    async fn find_people(&self, prefixes: &[String], limit: u64) -> StoreResult<Vec<BoxUser>> {
        let mut found: Vec<BoxUser> = Vec::new();
        for prefix in prefixes.iter().filter(|prefix| !prefix.contains('\0')) {
            let rows = sqlx::query_as::<Db, UserRow>(FIND_PEOPLE)
                .bind(prefix.as_str())
                .bind(format!("{prefix}\u{10FFFF}"))
                .bind(signed(limit))
                .fetch_all(self.reader())
                .await
                .map_err(store_error)?;
            for user in all::<_, BoxUser>(rows)? {
                if !found.iter().any(|known| known.membership.id == user.membership.id) {
                    found.push(user);
                }
            }
        }
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    async fn lookup_member(&self, isds_id: &IsdsId) -> StoreResult<Option<BoxUser>> {
        if isds_id.0.contains('\0') {
            return Ok(None);
        }
        let row = sqlx::query_as::<Db, UserRow>(LOOKUP_USER)
            .bind(isds_id.0.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(BoxUser::try_from).transpose()
    }

    async fn list_members_of_person(&self, person: PersonId, limit: u64) -> StoreResult<Vec<BoxUser>> {
        let rows = sqlx::query_as::<Db, UserRow>(LIST_MEMBERS)
            .bind(person.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn list_access(&self, membership: MembershipId) -> StoreResult<Vec<AccessState>> {
        let rows = sqlx::query_as::<Db, (String, i16, Option<i64>)>(LIST_ACCESS)
            .bind(membership.0)
            .bind(KIND_PASSWORD)
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let access = |(login, initial, expires): (String, i16, Option<i64>)| AccessState {
            login,
            initial: initial != 0,
            expires: expires.map(Timestamp),
        };
        Ok(rows.into_iter().map(access).collect())
    }

    async fn lock_person(&self, person: PersonId, by: Option<&IsdsId>, at: Timestamp) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let locked = sqlx::query::<Db>(LOCK_PERSON)
            .bind(person.0)
            .bind(by.map(|by| by.0.as_str()))
            .bind(at.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        sqlx::query::<Db>(OUTDATE_PROOFS)
            .bind(person.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(locked.rows_affected() == 1)
    }

    async fn unlock_person(&self, person: PersonId) -> StoreResult<bool> {
        let unlocked = sqlx::query::<Db>(UNLOCK_PERSON)
            .bind(person.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(unlocked.rows_affected() == 1)
    }

    async fn lookup_person_lock(&self, person: PersonId) -> StoreResult<Option<Timestamp>> {
        let since = sqlx::query_scalar::<Db, i64>(LOOKUP_LOCK)
            .bind(person.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        Ok(since.map(Timestamp))
    }

    async fn lookup_failures(&self, login: &str) -> StoreResult<Failures> {
        let row = sqlx::query_as::<Db, (i64, Option<i64>, Option<i64>)>(LOOKUP_FAILURES)
            .bind(login_key(login))
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        Ok(row.map_or_else(Failures::default, |(count, first, locked)| Failures {
            count,
            first: first.map(Timestamp),
            locked_until: locked.map(Timestamp),
        }))
    }

    async fn list_locked_addresses(&self, now: Timestamp, limit: u64) -> StoreResult<Vec<LockedAddress>> {
        let rows = sqlx::query_as::<Db, (String, i64)>(LIST_LOCKED_ADDRESSES)
            .bind(now.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let locked = |(key, until): (String, i64)| LockedAddress {
            address: key.strip_prefix(ADDRESS).unwrap_or(&key).to_owned(),
            until: Timestamp(until),
        };
        Ok(rows.into_iter().map(locked).collect())
    }

    async fn clear_failures_of_address(&self, address: &str) -> StoreResult<bool> {
        if address.contains('\0') {
            return Ok(false);
        }
        let cleared = sqlx::query::<Db>(CLEAR)
            .bind(format!("{ADDRESS}{address}"))
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(cleared.rows_affected() > 0)
    }
}
