//! Signing in by name and password.
//!
//! Lock-outs are looked at before anything is hashed; an unknown name costs the same hashing as a known one; at most
//! two hashings run at once. A proven pair is remembered for a short time, since every call of the contract brings its
//! password along and argon2id at 50 checks a second would stand before everything else.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::account::{Lockout, LockoutState, Login};
use crate::box_state::BoxState;
use crate::error::Failure;
use crate::ports::{Observation, Random, SignInOutcome, SignInWay, StoreError};
use crate::principal::{Actor, Method, Principal};
use crate::time::Timestamp;
use crate::user::UserType;

use super::Isds;

/// How long a proven pair is not hashed again, in real seconds. What its login was then does not count for as long.
const PROOF_SECONDS: i64 = 300;
/// After so many real seconds the box and the person of a proven pair are read anew.
const FRESH_SECONDS: i64 = 15;
/// Most pairs remembered by a node.
const MAX_PROOFS: usize = 10_000;
/// Longest name and password that are looked at; longer ones are wrong.
pub(super) const MAX_CREDENTIAL: usize = 256;
/// Memory (KiB) and passes of argon2id: 53 checks a second and core (OWASP's second choice).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// How many sign-ins a node takes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInBounds {
    /// Most hashings at once.
    pub hashings: usize,
    /// Most sign-ins that hash or wait for it; one more is told that the system is busy.
    pub waiting: usize,
}

impl Default for SignInBounds {
    /// Two cores' worth, and about five seconds of it.
    fn default() -> Self {
        Self {
            hashings: 2,
            waiting: 500,
        }
    }
}

/// Name and password as a caller gives them.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Login name.
    pub login: String,
    /// Password.
    pub password: String,
}

/// Why a sign-in did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Name or password wrong, the password expired, or the box deleted; the caller is never told which.
    #[error("the credentials are wrong")]
    Wrong,
    /// Locked after repeated failures.
    #[error("the account or address is locked")]
    Locked(Lockout),
    /// Too many sign-ins wait already; the caller may try again.
    #[error("too many sign-ins at once")]
    Busy,
    /// It could not be found out.
    #[error("the sign-in could not be examined")]
    Broken(#[source] Failure),
}

/// Through which door somebody comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// The web services.
    Services,
    /// The mailbox.
    Mailbox,
}

/// Key of a remembered proof: a keyed digest, so that memory holds no password.
type ProofKey = [u8; 32];

#[derive(Clone)]
struct Proof {
    principal: Arc<Principal>,
    /// Version of the credential that was proven: a later one is proven anew.
    version: i64,
    /// When the password was hashed.
    proven: Timestamp,
    /// When the principal was read.
    read: Timestamp,
}

impl Proof {
    fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.read.plus_seconds(FRESH_SECONDS)
    }

    fn lasts(&self, now: Timestamp) -> bool {
        now < self.proven.plus_seconds(PROOF_SECONDS)
    }
}

/// Checks passwords and remembers proven ones.
pub struct PasswordCheck {
    key: [u8; 32],
    hashings: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    proofs: Mutex<HashMap<ProofKey, Proof>>,
    /// Passwords hashed so far, right and wrong.
    hashed: AtomicU64,
    /// Hash of a password nobody has, checked for unknown names.
    decoy: String,
}

impl PasswordCheck {
    /// A check with a fresh key for this process, within the usual bounds.
    ///
    /// # Errors
    /// Where hashing fails altogether.
    pub fn new(random: &dyn Random) -> Result<Self, Failure> {
        Self::within(random, SignInBounds::default())
    }

    /// A check with a fresh key for this process, within bounds of its own.
    ///
    /// # Errors
    /// Where hashing fails altogether.
    pub fn within(random: &dyn Random, bounds: SignInBounds) -> Result<Self, Failure> {
        let mut key = [0; 32];
        random.fill(&mut key);
        let decoy = hash_password(random, "decoy")?;
        Ok(Self {
            key,
            hashings: Arc::new(Semaphore::new(bounds.hashings)),
            waiting: Arc::new(Semaphore::new(bounds.waiting)),
            proofs: Mutex::new(HashMap::new()),
            hashed: AtomicU64::new(0),
            decoy,
        })
    }

    fn proof_key(&self, credentials: &Credentials) -> Option<ProofKey> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(&(credentials.login.len() as u64).to_be_bytes());
        mac.update(credentials.login.as_bytes());
        mac.update(credentials.password.as_bytes());
        Some(mac.finalize().into_bytes().into())
    }

    fn remembered(&self, key: Option<&ProofKey>, now: Timestamp) -> Option<Proof> {
        let proofs = self.proofs.lock().unwrap_or_else(PoisonError::into_inner);
        proofs.get(key?).filter(|proof| proof.lasts(now)).cloned()
    }

    fn remember(&self, key: ProofKey, proof: Proof) {
        let mut proofs = self.proofs.lock().unwrap_or_else(PoisonError::into_inner);
        if proofs.len() >= MAX_PROOFS {
            proofs.retain(|_, kept| kept.lasts(proof.read));
        }
        if proofs.len() < MAX_PROOFS {
            proofs.insert(key, proof);
        }
    }

    /// Forgets what was proven: after all access data were replaced at once.
    pub fn forget_all(&self) {
        self.proofs.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// How many passwords were hashed so far, right and wrong ones: what sign-ins cost, and how many guesses were
    /// looked at.
    #[must_use]
    pub fn hashed(&self) -> u64 {
        self.hashed.load(Ordering::Relaxed)
    }

    /// A place among those that may hash; none where too many wait already.
    pub(super) async fn place(&self) -> Result<Place, SignInError> {
        let waiting = Arc::clone(&self.waiting)
            .try_acquire_owned()
            .map_err(|_| SignInError::Busy)?;
        let hashing = Arc::clone(&self.hashings)
            .acquire_owned()
            .await
            .map_err(|_| SignInError::Busy)?;
        Ok(Place {
            _waiting: waiting,
            _hashing: hashing,
        })
    }

    /// Checks a password. The place goes along: it is given back only when the hashing has ended, even where nobody
    /// waits for the answer any more.
    pub(super) async fn verify(&self, place: Place, password: String, hash: String) -> Result<(bool, Place), Failure> {
        self.hashed.fetch_add(1, Ordering::Relaxed);
        tokio::task::spawn_blocking(move || {
            let right =
                PasswordHash::new(&hash).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok());
            (right, place)
        })
        .await
        .map_err(|error| Failure::Broken("password hashing stopped", error.into()))
    }
}

/// The right to hash one password.
pub(super) struct Place {
    _waiting: OwnedSemaphorePermit,
    _hashing: OwnedSemaphorePermit,
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashes a password for keeping (argon2id, PHC form).
///
/// # Errors
/// Where the hashing itself fails.
pub fn hash_password(random: &dyn Random, password: &str) -> Result<String, Failure> {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    let salt = SaltString::encode_b64(&salt).map_err(not_hashed)?;
    hash_with(&salt, password)
}

/// Hashes a password with the salt of another one of the same account: then one hashing compares it with all of them.
pub(super) fn hash_password_like(other: &str, password: &str) -> Result<String, Failure> {
    let other = PasswordHash::new(other).map_err(not_hashed)?;
    let salt = other.salt.ok_or(argon2::password_hash::Error::PhcStringField);
    let salt = SaltString::from_b64(salt.map_err(not_hashed)?.as_str()).map_err(not_hashed)?;
    hash_with(&salt, password)
}

fn hash_with(salt: &SaltString, password: &str) -> Result<String, Failure> {
    let hash = argon2().hash_password(password.as_bytes(), salt).map_err(not_hashed)?;
    Ok(hash.to_string())
}

fn not_hashed(error: argon2::password_hash::Error) -> Failure {
    Failure::Broken("password could not be hashed", error.to_string().into())
}

/// Whether a password is among those of the hashes. Those with the salt and the costs of `new`, the password's own hash,
/// are compared without hashing.
pub(super) fn is_among(hashes: &[String], new: &str, password: &str) -> bool {
    let family = |hash: &str| hash.rsplit_once('$').map(|(family, _)| family.to_owned());
    let own = family(new);
    hashes.iter().any(|hash| {
        if family(hash) == own {
            return hash == new;
        }
        PasswordHash::new(hash).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
    })
}

impl Isds {
    /// Finds out who calls.
    ///
    /// # Errors
    /// [`SignInError`]; a wrong name and a wrong password are the same answer after the same work.
    pub async fn authenticate_user(
        &self,
        credentials: &Credentials,
        address: IpAddr,
    ) -> Result<Arc<Principal>, SignInError> {
        self.authenticate_at(Door::Services, credentials, address).await
    }

    /// As [`Self::authenticate_user`], at one of the two doors.
    pub(super) async fn authenticate_at(
        &self,
        door: Door,
        credentials: &Credentials,
        address: IpAddr,
    ) -> Result<Arc<Principal>, SignInError> {
        let way = match door {
            Door::Services => SignInWay::Services,
            Door::Mailbox => SignInWay::Mailbox,
        };
        let result = self.examine_credentials(door, credentials, address).await;
        self.note_sign_in(way, &result);
        result
    }

    /// Tells whoever counts what came of a sign-in.
    pub(super) fn note_sign_in<T>(&self, way: SignInWay, result: &Result<T, SignInError>) {
        let outcome = match result {
            Ok(_) => SignInOutcome::Right,
            Err(SignInError::Wrong) => SignInOutcome::Wrong,
            Err(SignInError::Locked(_)) => SignInOutcome::Locked,
            Err(SignInError::Busy) => SignInOutcome::Busy,
            Err(SignInError::Broken(_)) => SignInOutcome::Broken,
        };
        self.observer.note(Observation::SignIn { way, outcome });
    }

    async fn examine_credentials(
        &self,
        door: Door,
        credentials: &Credentials,
        address: IpAddr,
    ) -> Result<Arc<Principal>, SignInError> {
        let broken = |failure: Failure| SignInError::Broken(failure);
        if credentials.login.len() > MAX_CREDENTIAL || credentials.password.len() > MAX_CREDENTIAL {
            return Err(SignInError::Wrong);
        }
        let now = self.clock.real();
        let key = self.passwords.proof_key(credentials);
        if let Some(principal) = self.proven(key, now).await? {
            return Ok(principal);
        }
        let lockouts = self.refuse_locked(&credentials.login, address).await?;
        if let Some((login, proven)) = self.known(door, key, credentials, now).await? {
            return self.let_in(door, login, &lockouts, key, proven, now).await;
        }
        // The lock-out is looked at again with the place in hand, and the place is kept until a failure is counted: however
        // many attempts come at once, no more than two of them can pass a lock that is about to fall.
        let place = self.passwords.place().await?;
        let now = self.clock.real();
        let lockouts = self.refuse_locked(&credentials.login, address).await?;
        // Somebody may have proven the same pair meanwhile: a client with many connections hashes once.
        if let Some(principal) = self.proven(key, now).await? {
            return Ok(principal);
        }
        let login = self
            .store
            .lookup_login(&credentials.login)
            .await
            .map_err(|e| broken(e.into()))?;
        let hash = login
            .as_ref()
            .map_or(&self.passwords.decoy, |login| &login.password_hash)
            .clone();
        let checked = self.passwords.verify(place, credentials.password.clone(), hash).await;
        let (right, place) = checked.map_err(broken)?;
        let named = login.as_ref().map(|login| login.membership.clone());
        let usable = login.filter(|login| right && self.is_good_at(door, login));
        let Some(login) = usable else {
            let counted = self.store.record_failed_login(&credentials.login, address, now).await;
            let state = counted.map_err(|e| broken(e.into()))?;
            self.record_failed_sign_in(door, named.as_ref());
            return Err(state.locked(now).map_or(SignInError::Wrong, SignInError::Locked));
        };
        drop(place);
        self.let_in(door, login, &lockouts, key, now, now).await
    }

    /// Lets in whose password was right at the real time `proven`, unless somebody locked the person.
    async fn let_in(
        &self,
        door: Door,
        login: Login,
        lockouts: &LockoutState,
        key: Option<ProofKey>,
        proven: Timestamp,
        now: Timestamp,
    ) -> Result<Arc<Principal>, SignInError> {
        let broken = |error: StoreError| SignInError::Broken(error.into());
        if lockouts.login.count > 0 {
            self.store.clear_failed_logins(&login.login).await.map_err(broken)?;
        }
        let lock = self.store.lookup_person_lock(login.person.id).await;
        if lock.map_err(broken)?.is_some() {
            self.record_failed_sign_in(door, Some(&login.membership));
            return match door {
                Door::Services => Err(SignInError::Wrong),
                // The mailbox says why, and begins no session. Nothing is remembered: the doors share that.
                Door::Mailbox => Ok(Arc::new(principal(login))),
            };
        }
        let version = login.version;
        let principal = Arc::new(principal(login));
        if let Some(key) = key {
            let proof = Proof {
                principal: Arc::clone(&principal),
                version,
                proven,
                read: now,
            };
            self.passwords.remember(key, proof);
        }
        Ok(principal)
    }

    /// The login of a pair that was proven some time ago, as it is now, and when it was proven.
    async fn known(
        &self,
        door: Door,
        key: Option<ProofKey>,
        credentials: &Credentials,
        now: Timestamp,
    ) -> Result<Option<(Login, Timestamp)>, SignInError> {
        let Some(proof) = self.passwords.remembered(key.as_ref(), now) else {
            return Ok(None);
        };
        let login = self.store.lookup_login(&credentials.login).await;
        let login = login.map_err(|e| SignInError::Broken(e.into()))?;
        let same = login.filter(|login| login.version == proof.version && self.is_good_at(door, login));
        Ok(same.map(|login| (login, proof.proven)))
    }

    /// Who proved the pair a short time ago, if nothing has changed since: the credential is looked at, so that a new
    /// password, other privileges or the end of a membership count at once, on every node.
    async fn proven(&self, key: Option<ProofKey>, now: Timestamp) -> Result<Option<Arc<Principal>>, SignInError> {
        let proof = self.passwords.remembered(key.as_ref(), now);
        let Some(proof) = proof.filter(|proof| proof.is_fresh(now)) else {
            return Ok(None);
        };
        let Some(login) = &proof.principal.login else {
            return Ok(None);
        };
        let version = self
            .store
            .lookup_credential_version(login)
            .await
            .map_err(|e| SignInError::Broken(e.into()))?;
        let expired = proof
            .principal
            .password_expires
            .is_some_and(|expires| self.clock.legal() >= expires);
        Ok((version == Some(proof.version) && !expired).then_some(proof.principal))
    }

    /// Neither has the password expired nor is the box deleted, to which nobody has access any more. In the mailbox a
    /// password of one's own that has expired serves to choose the next one; an activation code never does.
    pub(super) fn is_good_at(&self, door: Door, login: &Login) -> bool {
        let deleted = login
            .data_box
            .as_ref()
            .is_some_and(|own| own.state == BoxState::Deleted);
        let lasts = login.expires.is_none_or(|expires| self.clock.legal() < expires);
        !deleted && (lasts || (door == Door::Mailbox && !login.initial))
    }

    /// Who is locked is turned away, and does not stand in anybody's way.
    pub(super) async fn refuse_locked(&self, login: &str, address: IpAddr) -> Result<LockoutState, SignInError> {
        let lockouts = self
            .store
            .lookup_lockouts(login, address)
            .await
            .map_err(|e| SignInError::Broken(e.into()))?;
        match lockouts.locked(self.clock.real()) {
            Some(lockout) => Err(SignInError::Locked(lockout)),
            None => Ok(lockouts),
        }
    }
}

pub(super) fn principal(login: Login) -> Principal {
    // An administrator of the system is an official without a box, and nobody becomes one by losing a box.
    let is_operator = login.data_box.is_none() && login.membership.user_type == UserType::Official;
    let actor = if is_operator {
        Actor::Operator(login.person)
    } else {
        Actor::Person(login.person)
    };
    Principal {
        actor,
        data_box: login.data_box,
        privileges: login.membership.privileges,
        membership: Some(login.membership),
        method: Method::Password,
        login: Some(login.login),
        password_initial: login.initial,
        password_expires: login.expires,
        session: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Zeros;

    impl Random for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[tokio::test]
    async fn one_sign_in_too_many_is_told_that_the_system_is_busy() {
        let bounds = SignInBounds {
            hashings: 1,
            waiting: 2,
        };
        let check = PasswordCheck::within(&Zeros, bounds).unwrap();
        let first = check.place().await.unwrap();
        let mut second = Box::pin(check.place());
        assert!(futures::poll!(&mut second).is_pending(), "one hashes, one waits");
        assert!(matches!(check.place().await, Err(SignInError::Busy)));
        drop(first);
        let second = second.await.unwrap();
        // What has ended makes room.
        let mut third = Box::pin(check.place());
        assert!(futures::poll!(&mut third).is_pending());
        drop(second);
        assert!(third.await.is_ok());
    }
}
