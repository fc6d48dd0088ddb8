//! Access data and failed logins.

use std::net::{IpAddr, Ipv6Addr};

use async_trait::async_trait;
use isds_core::account::{
    Failures, LOCKOUT_SECONDS, LockoutState, Login, MAX_FAILURES_OF_ADDRESS, MAX_FAILURES_OF_LOGIN,
};
use isds_core::data_box::DataBox;
use isds_core::ids::MembershipId;
use isds_core::ports::{Accounts, StoreResult};
use isds_core::time::Timestamp;
use openssl::sha::sha256;
use sqlx::{FromRow, Pool, Transaction};

use super::{Db, SqlStore};
use crate::error::store_error;
use crate::rows::{BoxRow, LoginRow, box_columns};

/// Kind of a credential that is a name and a password.
pub(in super::super) const KIND_PASSWORD: i16 = 1;

pub(super) const LOOKUP_LOGIN: &str = concat!(
    "SELECT credentials.login, credentials.password_hash, credentials.version AS credential_version, \
     credentials.initial, credentials.expires, memberships.id AS membership_id, memberships.isds_id, \
     memberships.box_id AS membership_box, memberships.user_type, memberships.privileges, memberships.person_id, \
     persons.given_names AS person_given_names, persons.last_name AS person_last_name, \
     persons.birth_date AS person_birth_date, persons.address AS person_address, \
     persons.aifo_known AS person_aifo_known, ",
    box_columns!(),
    " FROM credentials \
     JOIN memberships ON memberships.id = credentials.membership_id \
     JOIN persons ON persons.id = memberships.person_id \
     LEFT JOIN boxes ON boxes.box_id = memberships.box_id \
     WHERE credentials.login = $1 AND credentials.kind = $2"
);

const ADD_PASSWORD: &str = "INSERT INTO credentials (login, kind, membership_id, password_hash, version, expires) \
     VALUES ($1, $2, $3, $4, 1, $5)";

pub(super) const LOOKUP_FAILURES: &str =
    "SELECT key, count, first, locked_until FROM login_failures WHERE key = $1 OR key = $2";

/// Makes the row where there is none and locks it until the end of the transaction, so that no failure is lost among
/// several at once.
const LOCK_FAILURES: &str = "INSERT INTO login_failures (key, count, first, locked_until) VALUES ($1, 0, NULL, NULL) \
     ON CONFLICT (key) DO UPDATE SET count = login_failures.count RETURNING key, count, first, locked_until";

const SET_FAILURES: &str = "UPDATE login_failures SET count = $2, first = $3, locked_until = $4 WHERE key = $1";

const CLEAR_FAILURES: &str = "DELETE FROM login_failures WHERE key = $1";

/// A new name or address pays for its row by removing a few old ones: the table stays as small as the failures of the
/// last hour.
const FORGOTTEN_AT_ONCE: i64 = 10;

#[derive(FromRow)]
struct FailuresRow {
    key: String,
    count: i64,
    first: Option<i64>,
    locked_until: Option<i64>,
}

impl From<FailuresRow> for Failures {
    fn from(row: FailuresRow) -> Self {
        Self {
            count: row.count,
            first: row.first.map(Timestamp),
            locked_until: row.locked_until.map(Timestamp),
        }
    }
}

#[async_trait]
impl Accounts for SqlStore {
    async fn lookup_login(&self, login: &str) -> StoreResult<Option<Login>> {
        if login.contains('\0') {
            return Ok(None);
        }
        let row = sqlx::query::<Db>(LOOKUP_LOGIN)
            .bind(login)
            .bind(KIND_PASSWORD)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        let Some(row) = row else { return Ok(None) };
        let found = LoginRow::from_row(&row).map_err(store_error)?;
        let data_box = match found.membership_box {
            Some(_) => Some(DataBox::try_from(BoxRow::from_row(&row).map_err(store_error)?)?),
            None => None,
        };
        found.login(data_box).map(Some)
    }

    async fn add_password(
        &self,
        login: &str,
        membership: MembershipId,
        password_hash: &str,
        expires: Option<Timestamp>,
    ) -> StoreResult<()> {
        sqlx::query::<Db>(ADD_PASSWORD)
            .bind(login)
            .bind(KIND_PASSWORD)
            .bind(membership.0)
            .bind(password_hash)
            .bind(expires.map(|time| time.0))
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn lookup_lockouts(&self, login: &str, address: IpAddr) -> StoreResult<LockoutState> {
        let (login, address) = (login_key(login), address_key(address));
        let rows = sqlx::query_as::<Db, FailuresRow>(LOOKUP_FAILURES)
            .bind(login.as_str())
            .bind(address.as_str())
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let mut state = LockoutState::default();
        for row in rows {
            let failures = if row.key == login {
                &mut state.login
            } else {
                &mut state.address
            };
            *failures = row.into();
        }
        Ok(state)
    }

    async fn record_failed_login(&self, login: &str, address: IpAddr, now: Timestamp) -> StoreResult<LockoutState> {
        let mut tx = self.begin().await.map_err(store_error)?;
        // Always the name first, so that two transactions never wait for each other.
        let login = count_failure(&mut tx, login_key(login), now, MAX_FAILURES_OF_LOGIN)
            .await
            .map_err(store_error)?;
        let address = count_failure(&mut tx, address_key(address), now, MAX_FAILURES_OF_ADDRESS)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        if login.count == 1 || address.count == 1 {
            let expired = now.plus_seconds(-LOCKOUT_SECONDS);
            self.forget_failures(expired.0, now.0, FORGOTTEN_AT_ONCE)
                .await
                .map_err(store_error)?;
        }
        Ok(LockoutState { login, address })
    }

    async fn clear_failed_logins(&self, login: &str) -> StoreResult<()> {
        clear_failures(self.writer(), login_key(login))
            .await
            .map_err(store_error)
    }
}

/// Forgets the failures of a key.
pub(super) async fn clear_failures(writer: &Pool<Db>, key: String) -> sqlx::Result<()> {
    sqlx::query::<Db>(CLEAR_FAILURES).bind(key).execute(writer).await?;
    Ok(())
}

/// The name is remembered by its digest: it has any length, and people type passwords into the wrong field.
pub(super) fn login_key(login: &str) -> String {
    format!("login:{}", hex(&sha256(login.as_bytes())))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Of an IPv6 address the network counts: whoever has one address there has 2^64 of them.
fn address_key(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("addr:{address}"),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("addr:{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Counts a failure under a key; returns the state afterwards.
pub(super) async fn count_failure(
    tx: &mut Transaction<'_, Db>,
    key: String,
    now: Timestamp,
    limit: i64,
) -> sqlx::Result<Failures> {
    let before: Failures = sqlx::query_as::<Db, FailuresRow>(LOCK_FAILURES)
        .bind(key.as_str())
        .fetch_one(&mut **tx)
        .await?
        .into();
    let after = before.counted(now, limit);
    sqlx::query::<Db>(SET_FAILURES)
        .bind(key)
        .bind(after.count)
        .bind(after.first.map(|time| time.0))
        .bind(after.locked_until.map(|time| time.0))
        .execute(&mut **tx)
        .await?;
    Ok(after)
}
