//! Issuing access data: for a new user, and anew for one who lost them.

use crate::access_data::{AccessData, new_isds_id, new_login_and_code};
use crate::error::Failure;
use crate::ids::IsdsId;

use super::Isds;
use super::authenticate_user::{hash_password, hash_password_like};

/// Days of legal time for which an activation code is good.
const CODE_DAYS: i64 = 30;

impl Isds {
    /// Makes access data: a login name, and the activation code with which its owner chooses a password by
    /// ChangeISDSPassword. They are in force once they were written with the user; the code is known to the caller
    /// alone. `like` is the hash of a password that the user had, whose salt is kept: see [`hash_password_like`].
    ///
    /// # Errors
    /// Where hashing fails, or too many wait for it.
    pub async fn issue_access_data(&self, like: Option<String>) -> Result<AccessData, Failure> {
        let place = self.passwords.place().await;
        let place = place.map_err(|error| Failure::Broken("access data could not be issued", Box::new(error)))?;
        let random = std::sync::Arc::clone(&self.random);
        let expires = self.clock.legal().plus_seconds(CODE_DAYS * 86_400);
        let hashing = tokio::task::spawn_blocking(move || {
            let _place = place;
            let (login, code) = new_login_and_code(&*random);
            let password_hash = match like {
                Some(like) => hash_password_like(&like, &code)?,
                None => hash_password(&*random, &code)?,
            };
            Ok(AccessData {
                login,
                code,
                password_hash,
                expires,
            })
        });
        hashing
            .await
            .map_err(|error| Failure::Broken("password hashing stopped", error.into()))?
    }

    /// A new `isdsID`.
    #[must_use]
    pub fn new_isds_id(&self) -> IsdsId {
        new_isds_id(&*self.random)
    }
}
