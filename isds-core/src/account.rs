//! Signing in by name and password: lock-out, and what a login name leads to.

use std::fmt;

use crate::data_box::DataBox;
use crate::time::Timestamp;
use crate::user::{Membership, Person};

/// What belongs to a login name. What `Debug` shows of it is harmless.
#[derive(Clone)]
pub struct Login {
    /// Login name.
    pub login: String,
    /// Argon2id in PHC form.
    pub password_hash: String,
    /// Grows with every change of the password, the membership or the person: what was proven before counts no longer.
    pub version: i64,
    /// The password is the one that was issued. It serves to choose one's own, and for nothing else.
    pub initial: bool,
    /// Legal time after which the password is no longer taken; none where it never expires.
    pub expires: Option<Timestamp>,
    /// The person.
    pub person: Person,
    /// The membership.
    pub membership: Membership,
    /// Its box; none for an administrator of the system.
    pub data_box: Option<DataBox>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("version", &self.version)
            .field("initial", &self.initial)
            .finish_non_exhaustive()
    }
}

/// Failed logins that lock an account or an address.
pub const MAX_FAILURES_OF_LOGIN: i64 = 5;
/// An address may stand for many people behind one router, so it is given more.
pub const MAX_FAILURES_OF_ADDRESS: i64 = 50;
/// How long failures are remembered and how long a lock lasts: the contract says 60 minutes.
pub const LOCKOUT_SECONDS: i64 = 3600;

/// Failed logins of one account name or address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Failures {
    /// How many since `first`.
    pub count: i64,
    /// Real time of the first that counts.
    pub first: Option<Timestamp>,
    /// Real time until which it is locked.
    pub locked_until: Option<Timestamp>,
}

impl Failures {
    /// Counts one more failure at the real time `now`.
    #[must_use]
    pub fn counted(self, now: Timestamp, limit: i64) -> Self {
        // An attempt that began before the lock must not lift it, however late it is counted.
        if self.locked(now).is_some() {
            return Self {
                count: self.count + 1,
                ..self
            };
        }
        let remembered = self
            .first
            .is_some_and(|first| now < first.plus_seconds(LOCKOUT_SECONDS));
        let count = if remembered { self.count + 1 } else { 1 };
        let first = if remembered { self.first } else { Some(now) };
        let locked_until = if count >= limit {
            Some(now.plus_seconds(LOCKOUT_SECONDS))
        } else {
            None
        };
        Self {
            count,
            first,
            locked_until,
        }
    }

    /// Until when it is locked, where it is.
    #[must_use]
    pub fn locked(self, now: Timestamp) -> Option<Timestamp> {
        self.locked_until.filter(|until| now < *until)
    }
}

/// Failures of the two things that a login attempt names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LockoutState {
    /// Of the account name.
    pub login: Failures,
    /// Of the address.
    pub address: Failures,
}

impl LockoutState {
    /// Why an attempt may not even be looked at.
    #[must_use]
    pub fn locked(self, now: Timestamp) -> Option<Lockout> {
        if self.address.locked(now).is_some() {
            return Some(Lockout::Address);
        }
        self.login.locked(now).map(Lockout::Login)
    }
}

/// A lock that is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lockout {
    /// Of the account name; the caller is told until when.
    Login(Timestamp),
    /// Of the address; the caller is told nothing (manual A 1.3).
    Address,
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: Timestamp = Timestamp(0);

    #[test]
    fn locks_at_the_limit_for_an_hour() {
        let mut failures = Failures::default();
        for n in 1..=4 {
            failures = failures.counted(T0.plus_seconds(n), 5);
            assert_eq!(failures.locked(T0.plus_seconds(n)), None);
        }
        failures = failures.counted(T0.plus_seconds(5), 5);
        assert_eq!(failures.locked(T0.plus_seconds(6)), Some(T0.plus_seconds(3605)));
        assert_eq!(failures.locked(T0.plus_seconds(3605)), None);
        // One that was under way when the lock fell changes nothing but the count.
        let late = failures.counted(T0.plus_seconds(3604), 5);
        assert_eq!((late.count, late.locked_until), (6, failures.locked_until));
        // After the lock the count starts anew.
        assert_eq!(failures.counted(T0.plus_seconds(3700), 5).count, 1);
    }

    #[test]
    fn old_failures_are_forgotten() {
        let failures = Failures {
            count: 4,
            first: Some(T0),
            locked_until: None,
        };
        assert_eq!(failures.counted(T0.plus_seconds(3601), 5).count, 1);
    }
}
