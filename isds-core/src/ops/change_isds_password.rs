//! `ChangeISDSPassword`: a new password in place of the one in force (manual A 1.9).

use std::net::IpAddr;

use crate::account::Login;
use crate::error::Failure;
use crate::password::check_new_password;
use crate::ports::{PasswordUpdate, StoreError};
use crate::principal::Principal;
use crate::status::Status;
use crate::time::Timestamp;

use super::Isds;
use super::authenticate_user::{Door, MAX_CREDENTIAL, Place, SignInError, hash_password_like, is_among};

/// Days for which a password is good whose owner chose that it expires (manual A 1.5).
const EXPIRY_DAYS: i64 = 90;
/// How often a change is computed anew where something else about the user was changed meanwhile.
const ATTEMPTS: usize = 5;

impl Isds {
    /// Replaces the caller's password. In force at once, on every node: what was proven with the old one counts no
    /// longer.
    ///
    /// # Errors
    /// 2102 for a caller who has no password. 1090 for a wrong old password, which counts as a failed sign-in, and where
    /// the account is locked. 1066, 1079 to 1083 for a new one against the rules, 1067 for the same, 1091 for one of the
    /// last 255.
    pub async fn change_isds_password(
        &self,
        caller: &Principal,
        old: &str,
        new: &str,
        address: IpAddr,
    ) -> Result<(), Failure> {
        let Some(name) = &caller.login else {
            return Err(Failure::refused(Status::NO_USER_RECORD));
        };
        self.replace_password(Door::Services, name, old, new, address).await
    }

    /// Replaces the password of a login name, for a caller who may.
    pub(super) async fn replace_password(
        &self,
        door: Door,
        name: &str,
        old: &str,
        new: &str,
        address: IpAddr,
    ) -> Result<(), Failure> {
        for _ in 0..ATTEMPTS {
            let (login, place) = self.prove_old_password(door, name, old, address).await?;
            check_new_password(name, new)?;
            if new == old {
                return Err(Failure::refused(Status::PASSWORD_SAME));
            }
            let hash = self.hash_unused(&login, new, place).await?;
            let update = PasswordUpdate {
                login: name,
                from_version: login.version,
                former_hash: &login.password_hash,
                password_hash: &hash,
                expires: self.expiry_after(&login),
            };
            match self.store.update_password(update).await {
                Err(StoreError::Conflict) => {}
                written => {
                    written?;
                    self.record_password_change(door, &login);
                    return Ok(());
                }
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Lets the caller's password expire 90 days from now on, and those that follow it, or never. Everybody chooses for
    /// themselves (manual A 1.5); the contract has no operation for it. Returns when it expires.
    ///
    /// # Errors
    /// 2102 for a caller who has no password of their own choice.
    pub async fn choose_password_expiry(
        &self,
        caller: &Principal,
        expires: bool,
    ) -> Result<Option<Timestamp>, Failure> {
        let own = caller.login.as_ref().filter(|_| !caller.password_initial);
        let login = own.ok_or_else(|| Failure::refused(Status::NO_USER_RECORD))?;
        let expires = expires.then(|| self.expiry_from_now());
        self.store.update_password_expiry(login, expires).await?;
        Ok(expires)
    }

    fn expiry_from_now(&self) -> Timestamp {
        self.clock.legal().plus_seconds(EXPIRY_DAYS * 86_400)
    }

    /// The login whose password `old` is. The place to hash in comes along: no more than two wrong ones can pass a lock
    /// that is about to fall, see [`Isds::authenticate_user`].
    async fn prove_old_password(
        &self,
        door: Door,
        name: &str,
        old: &str,
        address: IpAddr,
    ) -> Result<(Login, Place), Failure> {
        let wrong = || Failure::refused(Status::OLD_PASSWORD_WRONG);
        let place = self.passwords.place().await.map_err(not_examined)?;
        self.refuse_locked(name, address).await.map_err(not_examined)?;
        let login = self.store.lookup_login(name).await?.ok_or_else(wrong)?;
        let (right, place) = if old.len() > MAX_CREDENTIAL {
            (false, place)
        } else {
            let hash = login.password_hash.clone();
            self.passwords.verify(place, old.to_owned(), hash).await?
        };
        // Looked at anew: the sign-in may lie some way back.
        if !right || !self.is_good_at(door, &login) {
            let now = self.clock.real();
            self.store.record_failed_login(name, address, now).await?;
            self.record_failed_sign_in(door, Some(&login.membership));
            return Err(wrong());
        }
        Ok((login, place))
    }

    /// Hash of a password that was not used lately.
    async fn hash_unused(&self, login: &Login, new: &str, place: Place) -> Result<String, Failure> {
        let former = self.store.list_former_passwords(login.membership.id).await?;
        let (current, new) = (login.password_hash.clone(), new.to_owned());
        let hashing = tokio::task::spawn_blocking(move || {
            let _place = place;
            let hash = hash_password_like(&current, &new)?;
            if is_among(&former, &hash, &new) {
                return Err(Failure::refused(Status::PASSWORD_USED_BEFORE));
            }
            Ok(hash)
        });
        hashing
            .await
            .map_err(|error| Failure::Broken("password hashing stopped", error.into()))?
    }

    /// A password that expires is followed by one that does; the first one chosen does not, since an activation code
    /// expires for a reason of its own.
    fn expiry_after(&self, login: &Login) -> Option<Timestamp> {
        let expiring = login.expires.is_some() && !login.initial;
        expiring.then(|| self.expiry_from_now())
    }
}

/// While the account or the address is locked nothing is looked at, and the answer is the same as for a wrong password.
fn not_examined(error: SignInError) -> Failure {
    match error {
        SignInError::Wrong | SignInError::Locked(_) => Failure::refused(Status::OLD_PASSWORD_WRONG),
        SignInError::Broken(failure) => failure,
        SignInError::Busy => Failure::Broken("the password could not be examined", Box::new(error)),
    }
}
