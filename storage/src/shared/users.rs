//! Users of boxes.

use async_trait::async_trait;
use isds_core::access_data::AccessData;
use isds_core::administration::RequestNumber;
use isds_core::ids::{BoxId, IsdsId, MembershipId, PersonId};
use isds_core::ports::{NewUser, StoreError, StoreResult, UserAction, UserChange, UserPosition, Users};
use isds_core::time::Timestamp;
use isds_core::user::{BoxUser, Membership, Person, UserContact};
use sqlx::Transaction;

use super::accounts::KIND_PASSWORD;
use super::{Db, SqlStore, all, signed};
use crate::error::store_error;
use crate::rows::{UserRow, flag, user_columns};

const LOOKUP_USERS_VERSION: &str = "SELECT users_version FROM boxes WHERE box_id = $1";

pub(super) const LIST_USERS: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM memberships JOIN persons ON persons.id = memberships.person_id \
     WHERE memberships.box_id = $1 AND (memberships.list_place, memberships.id) > ($2, $3) \
     ORDER BY memberships.list_place, memberships.id LIMIT $4"
);

/// By the identifier alone, which leads to one row; with the box in the condition PostgreSQL reads all its users.
pub(super) const LOOKUP_USER: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM memberships JOIN persons ON persons.id = memberships.person_id \
     WHERE memberships.isds_id = $1"
);

const FIND_USER_BY_LOGIN: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM credentials JOIN memberships ON memberships.id = credentials.membership_id \
     JOIN persons ON persons.id = memberships.person_id \
     WHERE credentials.login = $1"
);

/// Two forms of the key: rows that were there before the key have it in lower case by ASCII alone.
pub(super) const FIND_NAMESAKES: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM memberships JOIN persons ON persons.id = memberships.person_id \
     WHERE memberships.box_id = $1 AND memberships.name_key IN ($2, $3) LIMIT $4"
);

pub(super) const COUNT_ADDED_USERS: &str =
    "SELECT COUNT(*) FROM user_changes WHERE box_id = $1 AND kind = $2 AND time > $3";

/// Locks the box, so that changes of its users stand in a queue, and takes care that what the change was judged by
/// still holds.
const TAKE_VERSION: &str = "UPDATE boxes SET users_version = users_version + 1 \
     WHERE box_id = $1 AND users_version = $2 AND state = $3";

const ADD_PERSON: &str = "INSERT INTO persons (given_names, last_name, birth_date, address, aifo_known) \
     VALUES ($1, $2, $3, $4, $5) RETURNING id";

const ADD_MEMBERSHIP: &str = "INSERT INTO memberships (isds_id, box_id, person_id, user_type, privileges, name_key, \
     firm_ic, firm_name, contact_street, contact_city, contact_zip_code, contact_state, list_place) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id";

const ADD_ACCESS: &str = "INSERT INTO credentials (login, kind, membership_id, password_hash, version, expires, initial) \
     VALUES ($1, $2, $3, $4, 1, $5, 1)";

const UPDATE_PERSON: &str =
    "UPDATE persons SET given_names = $2, last_name = $3, birth_date = $4, address = $5 WHERE id = $1";

const UPDATE_NAME_KEYS: &str = "UPDATE memberships SET name_key = $2 WHERE person_id = $1";

const UPDATE_MEMBERSHIP: &str = "UPDATE memberships SET user_type = $2, privileges = $3, firm_ic = $4, firm_name = $5, \
     contact_street = $6, contact_city = $7, contact_zip_code = $8, contact_state = $9, list_place = $10 WHERE id = $1";

/// What was proven of the person before counts no longer, in whichever box.
const OUTDATE_PROOFS: &str = "UPDATE credentials SET version = version + 1 \
     WHERE membership_id IN (SELECT id FROM memberships WHERE person_id = $1)";

const REMOVE_ACCESS: &str = "DELETE FROM credentials WHERE membership_id = $1 RETURNING password_hash";

const REMOVE_FORMER_PASSWORDS: &str = "DELETE FROM former_passwords WHERE membership_id = $1";

const REMOVE_MEMBERSHIP: &str = "DELETE FROM memberships WHERE id = $1";

const REMOVE_PERSON: &str =
    "DELETE FROM persons WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM memberships WHERE person_id = $1)";

const ADD_CHANGE: &str =
    "INSERT INTO user_changes (request_id, box_id, kind, time, isds_id) VALUES ($1, $2, $3, $4, $5)";

/// Kinds of `user_changes`.
const KIND_ADDED: i16 = 1;
const KIND_CHANGED: i16 = 2;
const KIND_REMOVED: i16 = 3;
const KIND_ACCESS_DATA: i16 = 4;

const BEFORE_ALL_PLACES: i16 = -1;

/// No box has more users of one name; a duplicate is found among these.
const NAMESAKES: i64 = 100;

impl SqlStore {
    /// Adds a person with a membership and access data, within the transaction of whatever else is written.
    pub(super) async fn add_user_in(
        tx: &mut Transaction<'_, Db>,
        new: &NewUser,
    ) -> StoreResult<(PersonId, MembershipId)> {
        let user = &new.user;
        let person = Self::add_person_in(tx, &user.person).await?;
        let membership = Membership {
            person_id: person,
            ..user.membership.clone()
        };
        let key = user.person.name_key();
        let membership = Self::add_membership_in(tx, &membership, &key, &user.contact).await?;
        if let Some(access) = &new.access {
            add_access(tx, membership, access).await.map_err(store_error)?;
        }
        Ok((person, membership))
    }

    pub(super) async fn add_person_in(tx: &mut Transaction<'_, Db>, person: &Person) -> StoreResult<PersonId> {
        let id = sqlx::query_scalar::<Db, i64>(ADD_PERSON)
            .bind(person.given_names.as_str())
            .bind(person.last_name.as_str())
            .bind(person.birth_date.map(|date| date.to_string()))
            .bind(address(person)?)
            .bind(flag(person.aifo_known))
            .fetch_one(&mut **tx)
            .await
            .map_err(store_error)?;
        Ok(PersonId(id))
    }

    pub(super) async fn add_membership_in(
        tx: &mut Transaction<'_, Db>,
        membership: &Membership,
        name_key: &str,
        contact: &UserContact,
    ) -> StoreResult<MembershipId> {
        let id = sqlx::query_scalar::<Db, i64>(ADD_MEMBERSHIP)
            .bind(membership.isds_id.0.as_str())
            .bind(membership.box_id.map(|id| id.to_string()))
            .bind(membership.person_id.0)
            .bind(membership.user_type.name())
            .bind(i64::from(membership.privileges.0))
            .bind(name_key)
            .bind(contact.firm_ic.as_deref())
            .bind(contact.firm_name.as_deref())
            .bind(contact.street.as_deref())
            .bind(contact.city.as_deref())
            .bind(contact.zip_code.as_deref())
            .bind(contact.state.as_deref())
            .bind(membership.user_type.list_place())
            .fetch_one(&mut **tx)
            .await
            .map_err(store_error)?;
        Ok(MembershipId(id))
    }

    async fn user(&self, statement: &'static str, box_id: BoxId, name: &str) -> StoreResult<Option<BoxUser>> {
        if name.contains('\0') {
            return Ok(None);
        }
        let row = sqlx::query_as::<Db, UserRow>(statement)
            .bind(name)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        let user = row.map(BoxUser::try_from).transpose()?;
        Ok(user.filter(|user| user.membership.box_id == Some(box_id)))
    }
}

fn address(person: &Person) -> StoreResult<String> {
    serde_json::to_string(&person.address).map_err(|error| StoreError::Inconsistent(error.to_string()))
}

async fn add_access(tx: &mut Transaction<'_, Db>, membership: MembershipId, access: &AccessData) -> sqlx::Result<()> {
    sqlx::query::<Db>(ADD_ACCESS)
        .bind(access.login.as_str())
        .bind(KIND_PASSWORD)
        .bind(membership.0)
        .bind(access.password_hash.as_str())
        .bind(access.expires.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn change_user(tx: &mut Transaction<'_, Db>, user: &BoxUser, with_person: bool) -> StoreResult<()> {
    let (person, membership, contact) = (&user.person, &user.membership, &user.contact);
    if with_person {
        sqlx::query::<Db>(UPDATE_PERSON)
            .bind(person.id.0)
            .bind(person.given_names.as_str())
            .bind(person.last_name.as_str())
            .bind(person.birth_date.map(|date| date.to_string()))
            .bind(address(person)?)
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
        sqlx::query::<Db>(UPDATE_NAME_KEYS)
            .bind(person.id.0)
            .bind(person.name_key())
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
    }
    let changed = sqlx::query::<Db>(UPDATE_MEMBERSHIP)
        .bind(membership.id.0)
        .bind(membership.user_type.name())
        .bind(i64::from(membership.privileges.0))
        .bind(contact.firm_ic.as_deref())
        .bind(contact.firm_name.as_deref())
        .bind(contact.street.as_deref())
        .bind(contact.city.as_deref())
        .bind(contact.zip_code.as_deref())
        .bind(contact.state.as_deref())
        .bind(membership.user_type.list_place())
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    if changed.rows_affected() != 1 {
        return Err(StoreError::Conflict);
    }
    sqlx::query::<Db>(OUTDATE_PROOFS)
        .bind(person.id.0)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    Ok(())
}

async fn remove_user(tx: &mut Transaction<'_, Db>, membership: &Membership) -> StoreResult<()> {
    for statement in [REMOVE_ACCESS, REMOVE_FORMER_PASSWORDS] {
        sqlx::query::<Db>(statement)
            .bind(membership.id.0)
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
    }
    let removed = sqlx::query::<Db>(REMOVE_MEMBERSHIP)
        .bind(membership.id.0)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    if removed.rows_affected() != 1 {
        return Err(StoreError::Conflict);
    }
    sqlx::query::<Db>(REMOVE_PERSON)
        .bind(membership.person_id.0)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    Ok(())
}

async fn reissue(tx: &mut Transaction<'_, Db>, membership: MembershipId, access: &AccessData) -> sqlx::Result<()> {
    // Removing them locks them: a change of the password that comes at the same time finds them gone.
    let former = sqlx::query_scalar::<Db, String>(REMOVE_ACCESS)
        .bind(membership.0)
        .fetch_all(&mut **tx)
        .await?;
    for hash in former {
        SqlStore::add_former_password_in(tx, membership.0, &hash).await?;
    }
    add_access(tx, membership, access).await
}

#[async_trait]
impl Users for SqlStore {
    async fn lookup_users_version(&self, box_id: BoxId) -> StoreResult<Option<i64>> {
        sqlx::query_scalar::<Db, i64>(LOOKUP_USERS_VERSION)
            .bind(box_id.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)
    }

    async fn list_users(&self, box_id: BoxId, after: Option<UserPosition>, limit: u64) -> StoreResult<Vec<BoxUser>> {
        let rows = sqlx::query_as::<Db, UserRow>(LIST_USERS)
            .bind(box_id.as_str())
            .bind(after.map_or(BEFORE_ALL_PLACES, |after| after.list_place))
            .bind(after.map_or(0, |after| after.id.0))
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn lookup_user(&self, box_id: BoxId, isds_id: &IsdsId) -> StoreResult<Option<BoxUser>> {
        self.user(LOOKUP_USER, box_id, &isds_id.0).await
    }

    async fn find_user_by_login(&self, box_id: BoxId, login: &str) -> StoreResult<Option<BoxUser>> {
        self.user(FIND_USER_BY_LOGIN, box_id, login).await
    }

    async fn find_namesakes(&self, box_id: BoxId, person: &Person) -> StoreResult<Vec<BoxUser>> {
        let before = format!("{}|{}", person.last_name, person.given_names).to_ascii_lowercase();
        let rows = sqlx::query_as::<Db, UserRow>(FIND_NAMESAKES)
            .bind(box_id.as_str())
            .bind(person.name_key())
            .bind(before)
            .bind(NAMESAKES)
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn count_added_users(&self, box_id: BoxId, since: Timestamp) -> StoreResult<u64> {
        let count = sqlx::query_scalar::<Db, i64>(COUNT_ADDED_USERS)
            .bind(box_id.as_str())
            .bind(KIND_ADDED)
            .bind(since.0)
            .fetch_one(self.reader())
            .await
            .map_err(store_error)?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    async fn apply_user_change(&self, change: &UserChange) -> StoreResult<RequestNumber> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let taken = sqlx::query::<Db>(TAKE_VERSION)
            .bind(change.box_id.as_str())
            .bind(change.from_version)
            .bind(change.box_state.code())
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if taken.rows_affected() != 1 {
            return Err(StoreError::Conflict);
        }
        let kind = match &change.action {
            UserAction::Add(new) => {
                Self::add_user_in(&mut tx, new).await?;
                KIND_ADDED
            }
            UserAction::Change { user, person } => {
                change_user(&mut tx, user, *person).await?;
                KIND_CHANGED
            }
            UserAction::Remove(user) => {
                remove_user(&mut tx, &user.membership).await?;
                KIND_REMOVED
            }
            UserAction::Reissue(membership, access) => {
                reissue(&mut tx, *membership, access).await.map_err(store_error)?;
                KIND_ACCESS_DATA
            }
        };
        let request = Self::record_request_in(&mut tx, &change.request, change.box_id)
            .await
            .map_err(store_error)?;
        sqlx::query::<Db>(ADD_CHANGE)
            .bind(request.0)
            .bind(change.box_id.as_str())
            .bind(kind)
            .bind(change.request.at.0)
            .bind(change.isds_id.0.as_str())
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        Self::promise_in(&mut tx, &change.system_messages).await?;
        Self::add_notices_in(&mut tx, &change.notices).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(request)
    }
}
