//! Sessions of people in the mailbox: how long they last, and whom they lead to.

use std::net::IpAddr;

use sha2::{Digest, Sha256};

use crate::box_state::BoxState;
use crate::data_box::DataBox;
use crate::ids::{BoxId, MembershipId};
use crate::ports::Random;
use crate::principal::{Actor, Method, Principal};
use crate::sign_in_factors::PasskeyId;
use crate::time::Timestamp;
use crate::user::{Membership, Person, UserType};

/// How long a session lasts without being used, in real seconds.
pub const IDLE_SECONDS: i64 = 30 * 60;
/// How long a session lasts at all, in real seconds: a working day.
pub const LONGEST_SECONDS: i64 = 12 * 3600;
/// How old the proof of a password may be where something is asked that a found-open browser must not do.
pub const FRESH_PROOF_SECONDS: i64 = 5 * 60;
/// Use is noted at most so often, in real seconds: a session in use costs one write a minute.
pub const NOTED_SECONDS: i64 = 60;
/// Most sessions of one person at once: the oldest ends where there would be more.
pub const MAX_SESSIONS: u64 = 50;
/// Most characters kept of what a browser calls itself.
pub const MAX_AGENT: usize = 300;

/// What a browser holds: 256 bits nobody guesses. The database knows its digest alone.
#[derive(Clone)]
pub struct SessionToken(String);

impl SessionToken {
    /// A token chosen at random.
    #[must_use]
    pub fn random(random: &dyn Random) -> Self {
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The token that a browser shows, where it has the form of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_one = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_one.then(|| Self(text.to_owned()))
    }

    /// The token, for the browser alone.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Under which the session is kept.
    #[must_use]
    pub fn id(&self) -> SessionId {
        SessionId(Sha256::digest(self.0.as_bytes()).into())
    }
}

/// Under which a session is kept: the SHA-256 of its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(pub [u8; 32]);

/// A session as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its key.
    pub id: SessionId,
    /// What names it on pages; leads to nothing by itself.
    pub public_id: String,
    /// The person.
    pub person: crate::ids::PersonId,
    /// The membership whose access data were used.
    pub membership: MembershipId,
    /// Login name, where one was used.
    pub login: Option<String>,
    /// SHA-256 of the kept password that was shown, see [`proof_of`].
    pub proof: Option<[u8; 32]>,
    /// How the person proved themselves.
    pub method: Method,
    /// The passkey that opened it, where one did: the session goes with it.
    pub passkey: Option<PasskeyId>,
    /// Real time at which it began.
    pub begun: Timestamp,
    /// Real time at which the person last proved themselves.
    pub proven: Timestamp,
    /// Real time at which it was last used, to the minute.
    pub last_seen: Timestamp,
    /// Real time at which it ends however much it is used.
    pub ends: Timestamp,
    /// Address that it was begun from.
    pub address: IpAddr,
    /// What the browser called itself.
    pub agent: String,
}

impl Session {
    /// Whether it still holds at the real time `now`.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        now < self.ends && now < self.last_seen.plus_seconds(IDLE_SECONDS)
    }

    /// Whether the person proved themselves a moment ago.
    #[must_use]
    pub fn is_freshly_proven(&self, now: Timestamp) -> bool {
        now < self.proven.plus_seconds(FRESH_PROOF_SECONDS)
    }
}

/// What ties a session to the password that opened it.
#[must_use]
pub fn proof_of(password_hash: &str) -> [u8; 32] {
    Sha256::digest(password_hash.as_bytes()).into()
}

/// The access data of a session's login, as they are now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionPassword {
    /// See [`proof_of`].
    pub proof: [u8; 32],
    /// The password is the one that was issued.
    pub initial: bool,
    /// Legal time at which it expires.
    pub expires: Option<Timestamp>,
}

/// A membership with its person and its box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoxMembership {
    /// The person.
    pub person: Person,
    /// The membership.
    pub membership: Membership,
    /// Its box; none for an administrator of the system.
    pub data_box: Option<DataBox>,
}

/// Somebody who is signed in, with all that is theirs.
#[derive(Debug, Clone)]
pub struct SignedInPerson {
    /// The session.
    pub session: Session,
    /// The person.
    pub person: Person,
    /// Boxes in which they may act; each once, with the membership that stands first.
    pub memberships: Vec<BoxMembership>,
    /// The password that opened the session; none where another way did.
    pub password: Option<SessionPassword>,
}

impl SignedInPerson {
    /// Boxes in which they may act.
    pub fn boxes(&self) -> impl Iterator<Item = (&Membership, &DataBox)> {
        self.memberships
            .iter()
            .filter_map(|m| m.data_box.as_ref().map(|data_box| (&m.membership, data_box)))
    }

    /// Who they are in a box; none where it is not theirs.
    #[must_use]
    pub fn in_box(&self, id: BoxId) -> Option<Principal> {
        let found = self
            .memberships
            .iter()
            .find(|m| m.data_box.as_ref().is_some_and(|b| b.id == id))?;
        Some(self.principal(found, Actor::Person(self.person.clone())))
    }

    /// Who they are as an administrator of the system; none where they are not.
    #[must_use]
    pub fn as_operator(&self) -> Option<Principal> {
        let found = self.memberships.iter().find(|m| m.is_operators())?;
        Some(self.principal(found, Actor::Operator(self.person.clone())))
    }

    /// The session opened with the password that was issued, or with one that has expired at the legal time `now`:
    /// good for choosing one's own, and for nothing else.
    #[must_use]
    pub fn must_choose_password(&self, now: Timestamp) -> bool {
        self.password
            .is_some_and(|p| p.initial || p.expires.is_some_and(|expires| now >= expires))
    }

    fn principal(&self, of: &BoxMembership, actor: Actor) -> Principal {
        // The password belongs to one membership: in another box nobody has shown theirs.
        let own = of.membership.id == self.session.membership;
        Principal {
            actor,
            data_box: of.data_box.clone(),
            membership: Some(of.membership.clone()),
            privileges: of.membership.privileges,
            method: self.session.method,
            login: self.session.login.clone().filter(|_| own),
            password_initial: self.password.is_some_and(|p| p.initial),
            password_expires: self.password.filter(|_| own).and_then(|p| p.expires),
            session: Some(self.session.public_id.clone()),
        }
    }
}

impl BoxMembership {
    /// An administrator of the system is an official without a box.
    #[must_use]
    pub fn is_operators(&self) -> bool {
        self.data_box.is_none() && self.membership.box_id.is_none() && self.membership.user_type == UserType::Official
    }

    /// Nobody acts in a deleted box.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        match &self.data_box {
            Some(data_box) => data_box.state != BoxState::Deleted,
            None => self.is_operators(),
        }
    }
}
