//! Beginning, using and ending sessions of the mailbox.

use std::collections::HashSet;
use std::net::IpAddr;

use crate::audit::{AuditAction, AuditSubject};
use crate::error::{Failure, Refusal};
use crate::ports::StoreError;
use crate::principal::{Actor, Principal};
use crate::session::{
    LONGEST_SECONDS, MAX_AGENT, MAX_SESSIONS, NOTED_SECONDS, Session, SessionToken, SignedInPerson, proof_of,
};
use crate::sign_in_factors::PasskeyId;
use crate::status::Status;
use crate::text::{clean, truncate};

use super::Isds;

impl Isds {
    /// Begins a session for somebody who has just proven themselves, by a passkey where one is named. Who has very many
    /// loses the oldest.
    ///
    /// # Errors
    /// Failures of the database; applications have no sessions.
    pub async fn begin_session(
        &self,
        caller: &Principal,
        passkey: Option<PasskeyId>,
        address: IpAddr,
        agent: &str,
    ) -> Result<SessionToken, Failure> {
        let (Actor::Person(person) | Actor::Operator(person), Some(membership)) = (&caller.actor, &caller.membership)
        else {
            return Err(Failure::refused(Status::NO_RIGHT));
        };
        let proof = match &caller.login {
            Some(login) => self
                .store
                .lookup_login(login)
                .await?
                .map(|kept| proof_of(&kept.password_hash)),
            None => None,
        };
        let token = SessionToken::random(&*self.random);
        let mut name = [0; 8];
        self.random.fill(&mut name);
        let now = self.clock.real();
        let session = Session {
            id: token.id(),
            public_id: name.iter().map(|byte| format!("{byte:02x}")).collect(),
            person: person.id,
            membership: membership.id,
            login: caller.login.clone(),
            proof,
            method: caller.method,
            passkey,
            begun: now,
            proven: now,
            last_seen: now,
            ends: now.plus_seconds(LONGEST_SECONDS),
            address,
            agent: clean(truncate(agent, MAX_AGENT)).into_owned(),
        };
        match self.store.add_session(&session, now, MAX_SESSIONS).await {
            // The passkey was removed a moment ago.
            Err(StoreError::Conflict) => return Err(Failure::refused(Status::NO_RIGHT)),
            added => added?,
        }
        // After it was added: whoever locks somebody ends their sessions afterwards.
        if self.store.lookup_person_lock(person.id).await?.is_some() {
            self.store.remove_session(&session.id).await?;
            let text = "účet je zamčený správcem systému.";
            return Err(Refusal::about(Status::INVALID_STRUCTURE, text).into());
        }
        self.tell_of_browser(person.id, &session.agent).await;
        let signed_in = Principal {
            session: Some(session.public_id),
            ..caller.clone()
        };
        self.record(&signed_in, AuditAction::SignedIn, AuditSubject::none());
        Ok(token)
    }

    /// Who holds a token, with the boxes that are theirs at this moment; none where the session ended, or the password
    /// that opened it was changed.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn session(&self, token: &SessionToken) -> Result<Option<SignedInPerson>, Failure> {
        let id = token.id();
        let Some(kept) = self.store.lookup_session(&id).await? else {
            return Ok(None);
        };
        let now = self.clock.real();
        let password = kept.password.filter(|_| kept.session.login.is_some());
        let is_same = password.map(|p| p.proof) == kept.session.proof;
        let mut memberships = self.store.list_memberships(kept.session.person).await?;
        memberships.retain(crate::session::BoxMembership::is_usable);
        let mut seen = HashSet::new();
        memberships.retain(|m| m.data_box.as_ref().is_none_or(|b| seen.insert(b.id)));
        let person = memberships.first().map(|m| m.person.clone());
        let Some(person) = person.filter(|_| kept.session.holds(now) && is_same) else {
            self.store.remove_session(&id).await?;
            return Ok(None);
        };
        if now >= kept.session.last_seen.plus_seconds(NOTED_SECONDS) {
            self.store.note_session(&id, now).await?;
        }
        Ok(Some(SignedInPerson {
            session: kept.session,
            person,
            memberships,
            password,
        }))
    }

    /// Notes that the person of a session proved themselves anew, also by a password that they have just chosen.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn prove_session(&self, session: &Session) -> Result<(), Failure> {
        let proof = match &session.login {
            Some(login) => self
                .store
                .lookup_login(login)
                .await?
                .map(|kept| proof_of(&kept.password_hash)),
            None => None,
        };
        self.store.prove_session(&session.id, self.clock.real(), proof).await?;
        Ok(())
    }

    /// Sessions of a person that still hold, the last begun first.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn sessions_of(&self, caller: &SignedInPerson) -> Result<Vec<Session>, Failure> {
        let now = self.clock.real();
        let mut sessions = self.store.list_sessions(caller.person.id, MAX_SESSIONS).await?;
        sessions.retain(|session| session.holds(now));
        Ok(sessions)
    }

    /// Ends a session, of which the token is shown.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn end_session(&self, token: &SessionToken) -> Result<(), Failure> {
        if let Some(who) = self.session(token).await? {
            self.record_own(&who, AuditAction::SignedOut, "");
        }
        self.store.remove_session(&token.id()).await?;
        Ok(())
    }

    /// Ends other sessions of the same person: the one of this name, or all; returns how many.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn end_other_sessions(&self, caller: &SignedInPerson, public_id: Option<&str>) -> Result<u64, Failure> {
        let ended = self
            .store
            .remove_sessions(caller.person.id, Some(&caller.session.id), public_id);
        let ended = ended.await?;
        if ended > 0 {
            self.record_own(caller, AuditAction::SessionsEnded, &ended.to_string());
        }
        Ok(ended)
    }
}
