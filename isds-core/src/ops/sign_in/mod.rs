//! Signing in to the mailbox, and what people add to their password for it. One file each: the password and who it
//! leads to, one-time codes, passkeys.

mod codes;
mod passkeys;
mod password;

use std::sync::Arc;

use crate::account::Lockout;
use crate::error::Failure;
use crate::ports::{Observation, SignInOutcome, SignInWay, StoreError};
use crate::principal::Principal;
use crate::session::{SessionToken, SignedInPerson};
use crate::sign_in_factors::{MAX_PASSKEYS, SignInFactors};

use super::Isds;
use super::authenticate_user::SignInError;

pub use codes::CodesSetUp;

/// Most login names of one person that are shown.
const MAX_LOGINS: u64 = 200;

/// What a right password leads to.
pub enum PasswordStep {
    /// In.
    SignedIn(Arc<Principal>),
    /// A code is asked for; the browser keeps the token meanwhile.
    CodeNeeded(SessionToken),
}

/// Why something about the ways to sign in was not done.
#[derive(Debug, thiserror::Error)]
pub enum FactorError {
    /// The person has to prove themselves anew first.
    #[error("a fresh proof is needed")]
    ProofNeeded,
    /// The code, or what the device answered, is wrong.
    #[error("the proof is wrong")]
    Wrong,
    /// Locked after repeated failures.
    #[error("the account or address is locked")]
    Locked(Lockout),
    /// What was begun is over, or was never begun in this browser.
    #[error("the ceremony is over")]
    Over,
    /// There are as many as there may be.
    #[error("too many passkeys")]
    TooMany,
    /// A name is missing, or too long.
    #[error("the name is no name")]
    Name,
    /// Somebody has this passkey already.
    #[error("the passkey is taken")]
    Taken,
    /// It is not there, or not theirs.
    #[error("there is no such factor")]
    Unknown,
    /// It could not be done.
    #[error("the factor could not be examined")]
    Broken(#[source] Failure),
}

impl From<StoreError> for FactorError {
    fn from(error: StoreError) -> Self {
        Self::Broken(error.into())
    }
}

impl From<Failure> for FactorError {
    fn from(failure: Failure) -> Self {
        Self::Broken(failure)
    }
}

impl From<SignInError> for FactorError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Wrong => Self::Wrong,
            SignInError::Locked(lockout) => Self::Locked(lockout),
            SignInError::Broken(failure) => Self::Broken(failure),
            SignInError::Busy => Self::Broken(Failure::Broken("too many sign-ins at once", Box::new(error))),
        }
    }
}

impl Isds {
    /// What the person has set up.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn sign_in_factors(&self, caller: &SignedInPerson) -> Result<SignInFactors, Failure> {
        Ok(SignInFactors {
            passkeys: self.store.list_passkeys(caller.person.id, MAX_PASSKEYS).await?,
            codes: self.store.lookup_one_time_codes(caller.person.id).await?,
        })
    }

    /// Takes passkeys and one-time codes from somebody who lost them: the administrator of the system does so, once the
    /// person has proven who they are in some other way. Nobody else may, since whoever takes them away and issues new
    /// access data gets into every box of the person.
    ///
    /// # Errors
    /// 1004 for anybody else.
    pub async fn remove_sign_in_factors(
        &self,
        caller: &Principal,
        person: crate::ids::PersonId,
    ) -> Result<(), Failure> {
        if !caller.is_operator() {
            return Err(Failure::refused(crate::status::Status::NO_RIGHT));
        }
        for passkey in self.store.list_passkeys(person, MAX_PASSKEYS).await? {
            self.store.remove_passkey(person, passkey.id, None).await?;
        }
        self.store.remove_one_time_codes(person).await?;
        self.store.remove_sessions(person, None, None).await?;
        Ok(())
    }

    /// Tells whoever counts what came of a second step, or of a passkey.
    fn note_factor<T>(&self, way: SignInWay, result: &Result<T, FactorError>) {
        let outcome = match result {
            Ok(_) => SignInOutcome::Right,
            Err(FactorError::Locked(_)) => SignInOutcome::Locked,
            Err(FactorError::Broken(_)) => SignInOutcome::Broken,
            Err(_) => SignInOutcome::Wrong,
        };
        self.observer.note(Observation::SignIn { way, outcome });
    }

    /// Asks for a fresh proof: what is added or taken away here lets people in later.
    fn freshly_proven(&self, caller: &SignedInPerson) -> Result<(), FactorError> {
        if caller.session.is_freshly_proven(self.clock.real()) {
            Ok(())
        } else {
            Err(FactorError::ProofNeeded)
        }
    }
}
