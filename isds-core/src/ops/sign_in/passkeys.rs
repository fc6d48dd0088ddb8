//! Passkeys: who may add one, and whom one lets in. What a device signed is examined by whoever speaks WebAuthn; here
//! its findings are only kept and judged.

use std::net::IpAddr;

use crate::audit::AuditAction;
use crate::error::Failure;
use crate::ids::PersonId;
use crate::ports::{Observation, SignInOutcome, SignInWay};
use crate::principal::{Actor, Method, Principal};
use crate::session::{BoxMembership, SessionToken, SignedInPerson};
use crate::sign_in_factors::{
    CEREMONY_SECONDS, Ceremony, CeremonyKey, CeremonyKind, MAX_OPAQUE, MAX_PASSKEY_NAME, MAX_PASSKEYS, NewPasskey,
    PasskeyId, PasskeyRecord,
};
use crate::text::clean;

use super::super::Isds;
use super::super::authenticate_user::MAX_CREDENTIAL;
use super::FactorError;

/// Longest identifier of a credential, in bytes (WebAuthn, section 4).
const MAX_CREDENTIAL_ID: usize = 1023;

/// Whom a passkey is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Asked {
    person: Option<PersonId>,
    passkeys: Vec<PasskeyRecord>,
}

impl Isds {
    /// Passkeys of the person who signs in under a name; none for names without, and for names that nobody has: the
    /// caller makes some up, so that both look alike.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn passkeys_of_login(&self, login: &str) -> Result<Vec<PasskeyRecord>, Failure> {
        Ok(self.asked(Some(login)).await?.passkeys)
    }

    async fn asked(&self, login: Option<&str>) -> Result<Asked, Failure> {
        let Some(login) = login.filter(|login| login.len() <= MAX_CREDENTIAL) else {
            return Ok(Asked::default());
        };
        let person = self.store.lookup_login(login).await?.map(|login| login.person.id);
        // An unknown name costs the same look-up.
        let passkeys = self
            .store
            .list_passkeys(person.unwrap_or(PersonId(0)), MAX_PASSKEYS)
            .await?;
        Ok(Asked { person, passkeys })
    }

    /// Begins a sign-in by passkey, under a name or under none; `state` is what its second half has to be examined by.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn begin_passkey_sign_in(&self, login: Option<&str>, state: String) -> Result<SessionToken, Failure> {
        let now = self.clock.real();
        let token = SessionToken::random(&*self.random);
        // Nobody's key fits a name that nobody has.
        let person = match login {
            Some(_) => Some(self.asked(login).await?.person.unwrap_or(PersonId(0))),
            None => None,
        };
        let ceremony = Ceremony {
            key: CeremonyKey::of_browser(&token, CeremonyKind::PasskeySignIn),
            kind: CeremonyKind::PasskeySignIn,
            person,
            state,
            expires: now.plus_seconds(CEREMONY_SECONDS),
        };
        self.store.put_ceremony(&ceremony, now).await?;
        Ok(token)
    }

    /// What a sign-in by passkey has to be examined by, and the passkey that the browser names. The ceremony is over
    /// with this: a second answer to it is none.
    ///
    /// # Errors
    /// [`FactorError::Locked`] while the address is locked, [`FactorError::Over`], [`FactorError::Wrong`] for a passkey
    /// that is not kept, or not the one of the name.
    pub async fn take_passkey_sign_in(
        &self,
        token: &SessionToken,
        credential_id: &[u8],
        address: IpAddr,
    ) -> Result<(String, PasskeyRecord), FactorError> {
        let now = self.clock.real();
        let key = CeremonyKey::of_browser(token, CeremonyKind::PasskeySignIn);
        let begun = self.store.take_ceremony(&key, now).await?.ok_or(FactorError::Over)?;
        let lockouts = self.store.lookup_lockouts("", address).await?;
        if lockouts.address.locked(now).is_some() {
            return Err(FactorError::Locked(crate::account::Lockout::Address));
        }
        let found = match credential_id.len() <= MAX_CREDENTIAL_ID {
            true => self.store.find_passkey(credential_id).await?,
            false => None,
        };
        let fits = found.filter(|passkey| begun.person.is_none_or(|person| person == passkey.person));
        let Some(passkey) = fits else {
            return Err(self.failed_passkey(address).await);
        };
        Ok((begun.state, passkey))
    }

    /// A wrong answer of a device counts for the address: there is no name to count it for.
    pub async fn failed_passkey(&self, address: IpAddr) -> FactorError {
        let error = match self.store.record_failed_login("", address, self.clock.real()).await {
            Ok(_) => FactorError::Wrong,
            Err(error) => error.into(),
        };
        let outcome = match &error {
            FactorError::Wrong => SignInOutcome::Wrong,
            _ => SignInOutcome::Broken,
        };
        let way = SignInWay::Passkey;
        self.observer.note(Observation::SignIn { way, outcome });
        error
    }

    /// Lets in the owner of a passkey whose signature was right; `credential` is how it counts now. They act first in the
    /// box that stands first among theirs.
    ///
    /// # Errors
    /// [`FactorError::Wrong`] for somebody who has no box any more, [`FactorError::Over`] where the passkey was removed
    /// or used meanwhile.
    pub async fn sign_in_by_passkey(
        &self,
        passkey: &PasskeyRecord,
        credential: &str,
    ) -> Result<Principal, FactorError> {
        let result = self.owner_of_passkey(passkey, credential).await;
        self.note_factor(SignInWay::Passkey, &result);
        result
    }

    async fn owner_of_passkey(&self, passkey: &PasskeyRecord, credential: &str) -> Result<Principal, FactorError> {
        if !self.store.use_passkey(passkey, credential, self.clock.real()).await? {
            return Err(FactorError::Over);
        }
        let mut memberships = self.store.list_memberships(passkey.person).await?;
        memberships.retain(BoxMembership::is_usable);
        let first = memberships.into_iter().next().ok_or(FactorError::Wrong)?;
        let actor = if first.is_operators() {
            Actor::Operator(first.person)
        } else {
            Actor::Person(first.person)
        };
        Ok(Principal {
            actor,
            data_box: first.data_box,
            privileges: first.membership.privileges,
            membership: Some(first.membership),
            method: Method::Passkey,
            login: None,
            password_initial: false,
            password_expires: None,
            session: None,
        })
    }

    /// By what name devices are to know the person: that of their other passkeys, or a new one.
    ///
    /// # Errors
    /// [`FactorError::ProofNeeded`], [`FactorError::TooMany`].
    pub async fn passkeys_before_another(
        &self,
        caller: &SignedInPerson,
    ) -> Result<([u8; 16], Vec<PasskeyRecord>), FactorError> {
        self.freshly_proven(caller)?;
        let passkeys = self.store.list_passkeys(caller.person.id, MAX_PASSKEYS).await?;
        if passkeys.len() as u64 >= MAX_PASSKEYS {
            return Err(FactorError::TooMany);
        }
        let mut handle = [0; 16];
        self.random.fill(&mut handle);
        let handle = passkeys.first().map_or(handle, |first| first.passkey.user_handle);
        Ok((handle, passkeys))
    }

    /// Begins to make a passkey; `state` is what its second half has to be examined by.
    ///
    /// # Errors
    /// [`FactorError::ProofNeeded`].
    pub async fn begin_passkey_registration(&self, caller: &SignedInPerson, state: String) -> Result<(), FactorError> {
        self.freshly_proven(caller)?;
        let now = self.clock.real();
        let kind = CeremonyKind::PasskeyRegistration;
        let ceremony = Ceremony {
            key: CeremonyKey::of_session(&caller.session.id, kind),
            kind,
            person: Some(caller.person.id),
            state,
            expires: now.plus_seconds(CEREMONY_SECONDS),
        };
        Ok(self.store.put_ceremony(&ceremony, now).await?)
    }

    /// What a new passkey has to be examined by. The ceremony is over with this.
    ///
    /// # Errors
    /// [`FactorError::Over`].
    pub async fn take_passkey_registration(&self, caller: &SignedInPerson) -> Result<String, FactorError> {
        let key = CeremonyKey::of_session(&caller.session.id, CeremonyKind::PasskeyRegistration);
        let begun = self.store.take_ceremony(&key, self.clock.real()).await?;
        Ok(begun.ok_or(FactorError::Over)?.state)
    }

    /// Adds a passkey whose making was right.
    ///
    /// # Errors
    /// [`FactorError::Name`], [`FactorError::TooMany`], [`FactorError::Taken`].
    pub async fn add_passkey(
        &self,
        caller: &SignedInPerson,
        mut passkey: NewPasskey,
    ) -> Result<PasskeyId, FactorError> {
        passkey.name = passkey_name(&passkey.name)?;
        if passkey.credential_id.len() > MAX_CREDENTIAL_ID || passkey.credential.len() > MAX_OPAQUE {
            return Err(FactorError::Wrong);
        }
        let added = self
            .store
            .add_passkey(caller.person.id, &passkey, self.clock.real(), MAX_PASSKEYS)
            .await;
        match added {
            Ok(Some(id)) => {
                self.record_own(caller, AuditAction::FactorAdded, "passkey");
                Ok(id)
            }
            Ok(None) => Err(FactorError::TooMany),
            Err(crate::ports::StoreError::Conflict) => Err(FactorError::Taken),
            Err(error) => Err(error.into()),
        }
    }

    /// Calls a passkey something else.
    ///
    /// # Errors
    /// [`FactorError::Name`], [`FactorError::Unknown`].
    pub async fn rename_passkey(&self, caller: &SignedInPerson, id: PasskeyId, name: &str) -> Result<(), FactorError> {
        let name = passkey_name(name)?;
        match self.store.rename_passkey(caller.person.id, id, &name).await? {
            true => Ok(()),
            false => Err(FactorError::Unknown),
        }
    }

    /// Removes a passkey. The sessions that it opened elsewhere end: who has it must not stay.
    ///
    /// # Errors
    /// [`FactorError::ProofNeeded`], [`FactorError::Unknown`].
    pub async fn remove_passkey(&self, caller: &SignedInPerson, id: PasskeyId) -> Result<(), FactorError> {
        self.freshly_proven(caller)?;
        let (person, this) = (caller.person.id, &caller.session.id);
        match self.store.remove_passkey(person, id, Some(this)).await? {
            true => {
                self.record_own(caller, AuditAction::FactorRemoved, "passkey");
                Ok(())
            }
            false => Err(FactorError::Unknown),
        }
    }
}

fn passkey_name(name: &str) -> Result<String, FactorError> {
    let name = clean(name.trim()).replace(['\n', '\r', '\t'], " ");
    if name.is_empty() || name.chars().count() > MAX_PASSKEY_NAME {
        return Err(FactorError::Name);
    }
    Ok(name)
}
