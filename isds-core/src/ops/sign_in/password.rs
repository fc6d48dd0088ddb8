//! The password: signing in by it, proving it again, choosing another one.

use std::net::IpAddr;
use std::sync::Arc;

use crate::error::Failure;
use crate::ids::{MembershipId, PersonId};
use crate::notice::DAYS_BEFORE_PASSWORD_ENDS;
use crate::ports::EndingPassword;
use crate::principal::{Actor, Principal};
use crate::session::{SessionToken, SignedInPerson};
use crate::sign_in_factors::{CEREMONY_SECONDS, Ceremony, CeremonyKey, CeremonyKind};
use crate::status::Status;
use crate::time::Timestamp;

use super::super::Isds;
use super::super::authenticate_user::{Credentials, Door, SignInError, principal};
use super::{MAX_LOGINS, PasswordStep};

impl Isds {
    /// Signs in to the mailbox by name and password. Where the person has one-time codes the password alone opens
    /// nothing. One that has expired, or was issued, leads to a session in which only a new one can be chosen.
    ///
    /// # Errors
    /// [`SignInError`], as for web services.
    pub async fn sign_in_by_password(
        &self,
        credentials: &Credentials,
        address: IpAddr,
    ) -> Result<PasswordStep, SignInError> {
        let broken = |error: crate::ports::StoreError| SignInError::Broken(error.into());
        let principal = self.authenticate_at(Door::Mailbox, credentials, address).await?;
        let Some(person) = person_of(&principal) else {
            return Ok(PasswordStep::SignedIn(principal));
        };
        if self
            .store
            .lookup_one_time_codes(person)
            .await
            .map_err(broken)?
            .is_none()
        {
            return Ok(PasswordStep::SignedIn(principal));
        }
        let version = self.store.lookup_credential_version(&credentials.login).await;
        let version = version.map_err(broken)?.ok_or(SignInError::Wrong)?;
        let now = self.clock.real();
        let token = SessionToken::random(&*self.random);
        let ceremony = Ceremony {
            key: CeremonyKey::of_browser(&token, CeremonyKind::Code),
            kind: CeremonyKind::Code,
            person: Some(person),
            state: format!("{version} {}", credentials.login),
            expires: now.plus_seconds(CEREMONY_SECONDS),
        };
        self.store.put_ceremony(&ceremony, now).await.map_err(broken)?;
        Ok(PasswordStep::CodeNeeded(token))
    }

    /// Login names of the person, and to which of their memberships each belongs.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn own_logins(&self, caller: &SignedInPerson) -> Result<Vec<(String, MembershipId)>, Failure> {
        Ok(self.store.list_logins(caller.person.id, MAX_LOGINS).await?)
    }

    /// The person shows the password of one of their login names again, see
    /// [`FRESH_PROOF_SECONDS`](crate::session::FRESH_PROOF_SECONDS).
    ///
    /// # Errors
    /// [`SignInError`]; somebody else's password is a wrong one.
    pub async fn prove_again(
        &self,
        caller: &SignedInPerson,
        credentials: &Credentials,
        address: IpAddr,
    ) -> Result<(), SignInError> {
        let principal = self.authenticate_at(Door::Mailbox, credentials, address).await?;
        if person_of(&principal) != Some(caller.person.id) {
            return Err(SignInError::Wrong);
        }
        self.prove_session(&caller.session).await.map_err(SignInError::Broken)
    }

    /// Replaces the password of one of the person's login names, also of one whose password expired. Sessions opened
    /// with the old one end; this one goes on.
    ///
    /// # Errors
    /// 1004 for another's login name; else as ChangeISDSPassword.
    pub async fn choose_own_password(
        &self,
        caller: &SignedInPerson,
        login: &str,
        old: &str,
        new: &str,
        address: IpAddr,
    ) -> Result<(), Failure> {
        self.owned_login(caller, login).await?;
        self.replace_password(Door::Mailbox, login, old, new, address).await?;
        // Right now somebody knew the old password, whatever opened the session.
        self.prove_session(&caller.session).await
    }

    /// When the password of one of the person's login names expires; none where it never does. The second is false for
    /// one that was issued and not yet replaced.
    ///
    /// # Errors
    /// 1004 for another's login name.
    pub async fn own_password_expiry(
        &self,
        caller: &SignedInPerson,
        login: &str,
    ) -> Result<(Option<Timestamp>, bool), Failure> {
        let own = self.owned_login(caller, login).await?;
        Ok((own.password_expires, !own.password_initial))
    }

    /// Passwords of the person that end so soon that they are told of it, or have ended; the first to end first.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn own_ending_passwords(&self, caller: &SignedInPerson) -> Result<Vec<EndingPassword>, Failure> {
        let until = self.clock.legal().plus_seconds(DAYS_BEFORE_PASSWORD_ENDS * 86_400);
        let person = caller.person.id;
        Ok(self.store.list_ending_passwords_of(person, until, MAX_LOGINS).await?)
    }

    /// Lets the password of one of the person's login names expire 90 days from now on, or never.
    ///
    /// # Errors
    /// 1004 for another's login name; 2102 for one whose password was issued.
    pub async fn choose_own_password_expiry(
        &self,
        caller: &SignedInPerson,
        login: &str,
        expires: bool,
    ) -> Result<Option<Timestamp>, Failure> {
        let own = self.owned_login(caller, login).await?;
        self.choose_password_expiry(&own, expires).await
    }

    /// Who signs in under a login name of the person.
    async fn owned_login(&self, caller: &SignedInPerson, login: &str) -> Result<Principal, Failure> {
        let found = self.store.lookup_login(login).await?;
        let own = found.filter(|login| login.person.id == caller.person.id);
        own.map(principal).ok_or_else(|| Failure::refused(Status::NO_RIGHT))
    }

    /// Who a login leads to whose password was right in this version, if that still holds.
    pub(super) async fn still_proven(&self, login: &str, version: i64) -> Result<Option<Arc<Principal>>, Failure> {
        let found = self.store.lookup_login(login).await?;
        let same = found.filter(|login| login.version == version && self.is_good_at(Door::Mailbox, login));
        Ok(same.map(principal).map(Arc::new))
    }
}

fn person_of(principal: &Principal) -> Option<PersonId> {
    match &principal.actor {
        Actor::Person(person) | Actor::Operator(person) => Some(person.id),
        Actor::Application => None,
    }
}
