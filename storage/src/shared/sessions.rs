//! Sessions of people.

use async_trait::async_trait;
use isds_core::data_box::DataBox;
use isds_core::ids::{MembershipId, PersonId};
use isds_core::ports::{KeptSession, Sessions, StoreError, StoreResult};
use isds_core::principal::Method;
use isds_core::session::{BoxMembership, Session, SessionId, SessionPassword, proof_of};
use isds_core::sign_in_factors::PasskeyId;
use isds_core::time::Timestamp;
use isds_core::user::BoxUser;
use sqlx::FromRow;

use super::{Db, SqlStore, all, signed};
use crate::error::{inconsistent, store_error};
use crate::rows::{BoxRow, UserRow, box_columns, user_columns};

macro_rules! session_columns {
    () => {
        "sessions.id, sessions.public_id, sessions.person_id, sessions.membership_id, sessions.login, sessions.proof, \
         sessions.method, sessions.passkey_id, sessions.begun, sessions.proven, sessions.last_seen, sessions.ends, sessions.address, \
         sessions.agent"
    };
}

const ADD_SESSION: &str = "INSERT INTO sessions (id, public_id, person_id, membership_id, login, proof, method, passkey_id, \
     begun, proven, last_seen, ends, address, agent) \
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14 \
     WHERE $8 IS NULL OR EXISTS (SELECT 1 FROM passkeys WHERE id = $8)";

/// A new session pays for its row by removing a few that ended.
const FORGET_SESSIONS: &str =
    "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE ends <= $1 ORDER BY ends LIMIT 10)";

pub(super) const LOOKUP_SESSION: &str = concat!(
    "SELECT ",
    session_columns!(),
    ", credentials.password_hash AS kept_hash, credentials.initial AS kept_initial, \
     credentials.expires AS kept_expires \
     FROM sessions LEFT JOIN credentials ON credentials.login = sessions.login WHERE sessions.id = $1"
);

/// Far fewer than a hundred are ever beyond the most.
const END_OLDEST: &str = "DELETE FROM sessions WHERE id IN \
     (SELECT id FROM sessions WHERE person_id = $1 ORDER BY begun DESC, public_id LIMIT 100 OFFSET $2)";

const NOTE_SESSION: &str = "UPDATE sessions SET last_seen = $2 WHERE id = $1";

const PROVE_SESSION: &str = "UPDATE sessions SET proven = $2, proof = $3 WHERE id = $1";

pub(super) const LIST_SESSIONS: &str = concat!(
    "SELECT ",
    session_columns!(),
    " FROM sessions WHERE person_id = $1 ORDER BY begun DESC, public_id LIMIT $2"
);

const REMOVE_SESSION: &str = "DELETE FROM sessions WHERE id = $1";

const REMOVE_SESSIONS: &str =
    "DELETE FROM sessions WHERE person_id = $1 AND ($2 IS NULL OR id <> $2) AND ($3 IS NULL OR public_id = $3)";

pub(super) const LIST_MEMBERSHIPS: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", ",
    box_columns!(),
    " FROM memberships JOIN persons ON persons.id = memberships.person_id \
     LEFT JOIN boxes ON boxes.box_id = memberships.box_id \
     WHERE memberships.person_id = $1 ORDER BY memberships.list_place, memberships.id"
);

#[derive(FromRow)]
struct SessionRow {
    id: Vec<u8>,
    public_id: String,
    person_id: i64,
    membership_id: i64,
    login: Option<String>,
    proof: Option<Vec<u8>>,
    method: i16,
    passkey_id: Option<i64>,
    begun: i64,
    proven: i64,
    last_seen: i64,
    ends: i64,
    address: String,
    agent: String,
}

impl TryFrom<SessionRow> for Session {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> StoreResult<Self> {
        let wrong = |column| inconsistent(column, &row.public_id);
        Ok(Self {
            id: SessionId(digest(&row.id).ok_or_else(|| wrong("sessions.id"))?),
            person: PersonId(row.person_id),
            membership: MembershipId(row.membership_id),
            login: row.login.clone(),
            proof: match &row.proof {
                Some(bytes) => Some(digest(bytes).ok_or_else(|| wrong("sessions.proof"))?),
                None => None,
            },
            method: Method::from_code(row.method).ok_or_else(|| wrong("sessions.method"))?,
            passkey: row.passkey_id.map(PasskeyId),
            begun: Timestamp(row.begun),
            proven: Timestamp(row.proven),
            last_seen: Timestamp(row.last_seen),
            ends: Timestamp(row.ends),
            address: row.address.parse().map_err(|_| wrong("sessions.address"))?,
            agent: row.agent.clone(),
            public_id: row.public_id.clone(),
        })
    }
}

fn digest(bytes: &[u8]) -> Option<[u8; 32]> {
    bytes.try_into().ok()
}

#[derive(FromRow)]
struct PasswordRow {
    kept_hash: Option<String>,
    kept_initial: Option<i16>,
    kept_expires: Option<i64>,
}

impl From<PasswordRow> for Option<SessionPassword> {
    fn from(row: PasswordRow) -> Self {
        row.kept_hash.map(|hash| SessionPassword {
            proof: proof_of(&hash),
            initial: row.kept_initial.is_some_and(|flag| flag != 0),
            expires: row.kept_expires.map(Timestamp),
        })
    }
}

#[async_trait]
impl Sessions for SqlStore {
    async fn add_session(&self, session: &Session, now: Timestamp, most: u64) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        sqlx::query::<Db>(FORGET_SESSIONS)
            .bind(now.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        let added = sqlx::query::<Db>(ADD_SESSION)
            .bind(session.id.0.as_slice())
            .bind(session.public_id.as_str())
            .bind(session.person.0)
            .bind(session.membership.0)
            .bind(session.login.as_deref())
            .bind(session.proof.as_ref().map(<[u8; 32]>::as_slice))
            .bind(session.method.code())
            .bind(session.passkey.map(|id| id.0))
            .bind(session.begun.0)
            .bind(session.proven.0)
            .bind(session.last_seen.0)
            .bind(session.ends.0)
            .bind(session.address.to_string())
            .bind(session.agent.as_str())
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if added.rows_affected() == 0 {
            return Err(StoreError::Conflict);
        }
        sqlx::query::<Db>(END_OLDEST)
            .bind(session.person.0)
            .bind(signed(most))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    async fn lookup_session(&self, id: &SessionId) -> StoreResult<Option<KeptSession>> {
        let row = sqlx::query::<Db>(LOOKUP_SESSION)
            .bind(id.0.as_slice())
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        let Some(row) = row else { return Ok(None) };
        let session = SessionRow::from_row(&row).map_err(store_error)?;
        let password = PasswordRow::from_row(&row).map_err(store_error)?;
        Ok(Some(KeptSession {
            session: session.try_into()?,
            password: password.into(),
        }))
    }

    async fn note_session(&self, id: &SessionId, last_seen: Timestamp) -> StoreResult<()> {
        sqlx::query::<Db>(NOTE_SESSION)
            .bind(id.0.as_slice())
            .bind(last_seen.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn prove_session(&self, id: &SessionId, proven: Timestamp, proof: Option<[u8; 32]>) -> StoreResult<()> {
        sqlx::query::<Db>(PROVE_SESSION)
            .bind(id.0.as_slice())
            .bind(proven.0)
            .bind(proof.as_ref().map(<[u8; 32]>::as_slice))
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn list_sessions(&self, person: PersonId, limit: u64) -> StoreResult<Vec<Session>> {
        let rows = sqlx::query_as::<Db, SessionRow>(LIST_SESSIONS)
            .bind(person.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn remove_session(&self, id: &SessionId) -> StoreResult<()> {
        sqlx::query::<Db>(REMOVE_SESSION)
            .bind(id.0.as_slice())
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn remove_sessions(
        &self,
        person: PersonId,
        but: Option<&SessionId>,
        public_id: Option<&str>,
    ) -> StoreResult<u64> {
        let removed = sqlx::query::<Db>(REMOVE_SESSIONS)
            .bind(person.0)
            .bind(but.map(|id| id.0.as_slice()))
            .bind(public_id)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(removed.rows_affected())
    }

    async fn list_memberships(&self, person: PersonId) -> StoreResult<Vec<BoxMembership>> {
        let rows = sqlx::query::<Db>(LIST_MEMBERSHIPS)
            .bind(person.0)
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        rows.iter()
            .map(|row| {
                let user = BoxUser::try_from(UserRow::from_row(row).map_err(store_error)?)?;
                let data_box = match user.membership.box_id {
                    Some(_) => Some(DataBox::try_from(BoxRow::from_row(row).map_err(store_error)?)?),
                    None => None,
                };
                Ok(BoxMembership {
                    person: user.person,
                    membership: user.membership,
                    data_box,
                })
            })
            .collect()
    }
}
