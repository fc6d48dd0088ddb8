//! Sessions of people, and the boxes that are theirs.

use async_trait::async_trait;

use super::StoreResult;
use crate::ids::PersonId;
use crate::session::{BoxMembership, Session, SessionId, SessionPassword};
use crate::time::Timestamp;

/// A session, and what became of the password that opened it.
#[derive(Debug, Clone)]
pub struct KeptSession {
    /// The session.
    pub session: Session,
    /// Access data of the session's login now; none where there are none any more, or never were.
    pub password: Option<SessionPassword>,
}

/// Sessions of people.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Adds a session, and forgets a few that ended before `now`. Of the person's the `most` begun last are kept.
    ///
    /// # Errors
    /// [`StoreError::Conflict`](super::StoreError::Conflict) where the passkey that opened it is gone.
    async fn add_session(&self, session: &Session, now: Timestamp, most: u64) -> StoreResult<()>;

    /// A session.
    async fn lookup_session(&self, id: &SessionId) -> StoreResult<Option<KeptSession>>;

    /// Notes that a session was used.
    async fn note_session(&self, id: &SessionId, last_seen: Timestamp) -> StoreResult<()>;

    /// Notes that the person proved themselves anew, with a password of this proof where one was shown.
    async fn prove_session(&self, id: &SessionId, proven: Timestamp, proof: Option<[u8; 32]>) -> StoreResult<()>;

    /// Sessions of a person, the last begun first; at most `limit`.
    async fn list_sessions(&self, person: PersonId, limit: u64) -> StoreResult<Vec<Session>>;

    /// Ends a session.
    async fn remove_session(&self, id: &SessionId) -> StoreResult<()>;

    /// Ends a person's sessions but one: all, or the one of this name; returns how many.
    async fn remove_sessions(
        &self,
        person: PersonId,
        but: Option<&SessionId>,
        public_id: Option<&str>,
    ) -> StoreResult<u64>;

    /// Memberships of a person with their boxes, in the order in which lists of users have them.
    async fn list_memberships(&self, person: PersonId) -> StoreResult<Vec<BoxMembership>>;
}
