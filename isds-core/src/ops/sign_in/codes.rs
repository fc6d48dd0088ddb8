//! One-time codes (RFC 6238) and recovery codes.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::account::Lockout;
use crate::audit::AuditAction;
use crate::error::Failure;
use crate::ids::PersonId;
use crate::ports::{SecretError, SignInWay};
use crate::principal::{Method, Principal};
use crate::session::{SessionToken, SignedInPerson};
use crate::sign_in_factors::{
    CODES_PURPOSE, Ceremony, CeremonyKey, CeremonyKind, CodeSecret, MAX_WRONG_CODES, OneTimeCodes, RECOVERY_PURPOSE,
    SET_UP_SECONDS, TypedCode, new_recovery_codes, shown_recovery_code,
};
use crate::time::Timestamp;

use super::super::Isds;
use super::FactorError;

/// One-time codes being set up. What `Debug` shows of them is harmless.
#[derive(Clone)]
pub struct CodesSetUp {
    /// The secret as it is typed.
    pub secret: String,
    /// Real time until which the set-up can be ended.
    pub expires: Timestamp,
}

impl fmt::Debug for CodesSetUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodesSetUp")
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

impl Isds {
    /// The second step of a sign-in: a code, or a recovery code, to the token that the first step gave. Every attempt is
    /// counted before it is looked at, per person; a wrong one counts as a failed sign-in of account and address too.
    ///
    /// # Errors
    /// [`FactorError::Wrong`], [`FactorError::Locked`], [`FactorError::Over`].
    pub async fn sign_in_by_code(
        &self,
        token: &SessionToken,
        code: &str,
        address: IpAddr,
    ) -> Result<Arc<Principal>, FactorError> {
        let result = self.examine_code(token, code, address).await;
        self.note_factor(SignInWay::Code, &result);
        result
    }

    async fn examine_code(
        &self,
        token: &SessionToken,
        code: &str,
        address: IpAddr,
    ) -> Result<Arc<Principal>, FactorError> {
        let key = CeremonyKey::of_browser(token, CeremonyKind::Code);
        let now = self.clock.real();
        let begun = self.store.lookup_ceremony(&key, now).await?.ok_or(FactorError::Over)?;
        let (person, version, login) = proven_in(&begun).ok_or(FactorError::Over)?;
        self.refuse_locked(login, address).await?;
        let attempts = self.store.count_code_attempt(person, now).await?;
        if attempts.count > MAX_WRONG_CODES {
            let until = attempts.locked(now).unwrap_or(now);
            return Err(FactorError::Locked(Lockout::Login(until)));
        }
        if !self.take_code(person, code, now).await? {
            let state = self.store.record_failed_login(login, address, now).await?;
            return Err(state.locked(now).map_or(FactorError::Wrong, FactorError::Locked));
        }
        self.store.clear_code_attempts(person).await?;
        self.store.take_ceremony(&key, now).await?.ok_or(FactorError::Over)?;
        let principal = self.still_proven(login, version).await?.ok_or(FactorError::Over)?;
        Ok(Arc::new(Principal {
            method: Method::PasswordAndCode,
            ..Principal::clone(&principal)
        }))
    }

    /// Whether a code is the person's, which is then used up.
    async fn take_code(&self, person: PersonId, code: &str, now: Timestamp) -> Result<bool, Failure> {
        match TypedCode::of(code) {
            Some(TypedCode::OneTime(code)) => {
                let Some(codes) = self.store.lookup_one_time_codes(person).await? else {
                    return Ok(false);
                };
                match self.opened(&codes.sealed_secret)?.step_of(&code, now) {
                    Some(step) => Ok(self.store.take_code_step(person, step, now).await?),
                    None => Ok(false),
                }
            }
            Some(TypedCode::Recovery(code)) => {
                let digest = self.recovery_digest(person, &code)?;
                Ok(self.store.take_recovery_code(person, &digest, now).await?)
            }
            None => Ok(false),
        }
    }

    /// Begins to set one-time codes up, or goes on with it: a page that is loaded again shows the same secret.
    ///
    /// # Errors
    /// [`FactorError::ProofNeeded`].
    pub async fn set_codes_up(&self, caller: &SignedInPerson) -> Result<CodesSetUp, FactorError> {
        self.freshly_proven(caller)?;
        let key = CeremonyKey::of_session(&caller.session.id, CeremonyKind::CodesSetUp);
        let now = self.clock.real();
        if let Some(begun) = self.store.lookup_ceremony(&key, now).await? {
            let secret = self.opened(&unhex(&begun.state)?)?;
            return Ok(CodesSetUp {
                secret: secret.base32(),
                expires: begun.expires,
            });
        }
        let secret = CodeSecret::random(&*self.random).ok_or(FactorError::Wrong)?;
        let sealed = self.secrets.seal(CODES_PURPOSE, secret.bytes()).map_err(not_kept)?;
        let ceremony = Ceremony {
            key,
            kind: CeremonyKind::CodesSetUp,
            person: Some(caller.person.id),
            state: hex::encode(sealed),
            expires: now.plus_seconds(SET_UP_SECONDS),
        };
        self.store.put_ceremony(&ceremony, now).await?;
        Ok(CodesSetUp {
            secret: secret.base32(),
            expires: ceremony.expires,
        })
    }

    /// Switches one-time codes on, once a code of the new secret was shown. That code is used up. Answers the recovery
    /// codes, which nobody ever sees again.
    ///
    /// # Errors
    /// [`FactorError::Wrong`], [`FactorError::Over`].
    pub async fn switch_codes_on(&self, caller: &SignedInPerson, code: &str) -> Result<Vec<String>, FactorError> {
        let key = CeremonyKey::of_session(&caller.session.id, CeremonyKind::CodesSetUp);
        let now = self.clock.real();
        let begun = self.store.lookup_ceremony(&key, now).await?.ok_or(FactorError::Over)?;
        let sealed_secret = unhex(&begun.state)?;
        let Some(TypedCode::OneTime(code)) = TypedCode::of(code) else {
            return Err(FactorError::Wrong);
        };
        let step = self
            .opened(&sealed_secret)?
            .step_of(&code, now)
            .ok_or(FactorError::Wrong)?;
        self.store.take_ceremony(&key, now).await?.ok_or(FactorError::Over)?;
        let (shown, digests) = self.fresh_recovery_codes(caller.person.id)?;
        let codes = OneTimeCodes {
            sealed_secret,
            last_step: step,
            switched_on: now,
            last_used: None,
            recovery_left: 0,
        };
        self.store
            .set_one_time_codes(caller.person.id, &codes, &digests)
            .await?;
        self.record_own(caller, AuditAction::FactorAdded, "one-time codes");
        Ok(shown)
    }

    /// Gives up setting one-time codes up.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn abandon_codes(&self, caller: &SignedInPerson) -> Result<(), FactorError> {
        let key = CeremonyKey::of_session(&caller.session.id, CeremonyKind::CodesSetUp);
        self.store.take_ceremony(&key, self.clock.real()).await?;
        Ok(())
    }

    /// New recovery codes in the place of those from before.
    ///
    /// # Errors
    /// [`FactorError::ProofNeeded`]; [`FactorError::Unknown`] where one-time codes are off.
    pub async fn renew_recovery_codes(&self, caller: &SignedInPerson) -> Result<Vec<String>, FactorError> {
        self.freshly_proven(caller)?;
        let (shown, digests) = self.fresh_recovery_codes(caller.person.id)?;
        if self.store.replace_recovery_codes(caller.person.id, &digests).await? {
            Ok(shown)
        } else {
            Err(FactorError::Unknown)
        }
    }

    /// Switches one-time codes off; the password alone is enough again.
    ///
    /// # Errors
    /// [`FactorError::ProofNeeded`]; [`FactorError::Unknown`] where they are off.
    pub async fn switch_codes_off(&self, caller: &SignedInPerson) -> Result<(), FactorError> {
        self.freshly_proven(caller)?;
        if self.store.remove_one_time_codes(caller.person.id).await? {
            self.record_own(caller, AuditAction::FactorRemoved, "one-time codes");
            Ok(())
        } else {
            Err(FactorError::Unknown)
        }
    }

    fn opened(&self, sealed: &[u8]) -> Result<CodeSecret, Failure> {
        let secret = self.secrets.open(CODES_PURPOSE, sealed).map_err(not_kept)?;
        CodeSecret::from_bytes(secret).ok_or_else(|| not_kept(SecretError("the secret of codes has no length", None)))
    }

    fn fresh_recovery_codes(&self, person: PersonId) -> Result<(Vec<String>, Vec<[u8; 32]>), Failure> {
        let codes = new_recovery_codes(&*self.random);
        let digests = codes.iter().map(|code| self.recovery_digest(person, code));
        let digests = digests.collect::<Result<_, _>>()?;
        Ok((codes.iter().map(|code| shown_recovery_code(code)).collect(), digests))
    }

    fn recovery_digest(&self, person: PersonId, code: &str) -> Result<[u8; 32], Failure> {
        let plain = format!("{} {code}", person.0);
        self.secrets
            .digest(RECOVERY_PURPOSE, plain.as_bytes())
            .map_err(not_kept)
    }
}

/// Person, version of the credential and login name of a first step.
fn proven_in(ceremony: &Ceremony) -> Option<(PersonId, i64, &str)> {
    let (version, login) = ceremony.state.split_once(' ')?;
    Some((ceremony.person?, version.parse().ok()?, login))
}

fn unhex(text: &str) -> Result<Vec<u8>, Failure> {
    hex::decode(text).map_err(|error| Failure::Broken("a ceremony holds nonsense", Box::new(error)))
}

fn not_kept(error: SecretError) -> Failure {
    Failure::Broken("a secret could not be kept", Box::new(error))
}
