//! People: their memberships, with what they sign in, and locks.

use crate::account::Failures;
use crate::audit::{AuditAction, AuditSubject};
use crate::error::{Failure, Refusal};
use crate::ids::IsdsId;
use crate::ports::{AccessState, LockedAddress};
use crate::principal::Principal;
use crate::session::MAX_SESSIONS;
use crate::sign_in_factors::MAX_PASSKEYS;
use crate::status::Status;
use crate::time::Timestamp;
use crate::user::{BoxUser, Person};

use super::super::Isds;
use super::operator_only;

/// Most memberships of a person that are shown.
const MEMBERSHIPS: u64 = 100;
/// Most locked addresses that are shown.
const ADDRESSES: u64 = 200;
/// Longest login name and address that can be meant.
const MAX_NAME: usize = 100;

/// A membership with what it signs in with.
#[derive(Debug, Clone)]
pub struct MemberAccess {
    /// The membership.
    pub user: BoxUser,
    /// Name of the box's holder; none for an administrator of the system.
    pub holder: Option<String>,
    /// Access data, and how many logins failed lately.
    pub access: Vec<(AccessState, Failures)>,
}

/// A person as the administrator sees them.
#[derive(Debug, Clone)]
pub struct PersonView {
    /// The person.
    pub person: Person,
    /// Their memberships.
    pub memberships: Vec<MemberAccess>,
    /// Since when an administrator of the system keeps them from signing in, in legal time.
    pub locked: Option<Timestamp>,
    /// Their sessions that hold.
    pub sessions: usize,
    /// Their passkeys.
    pub passkeys: usize,
    /// They have one-time codes.
    pub codes: bool,
}

fn about(member: &BoxUser) -> AuditSubject {
    let membership = &member.membership;
    AuditSubject::none().of_box(membership.box_id).user(&membership.isds_id)
}

impl Isds {
    /// The person behind a membership, with all memberships of theirs. That somebody looked is recorded.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 1031.
    pub async fn person_view(&self, caller: &Principal, isds_id: &IsdsId) -> Result<PersonView, Failure> {
        operator_only(caller)?;
        let member = self.member_named(isds_id).await?;
        let mut memberships = Vec::new();
        for user in self.store.list_members_of_person(member.person.id, MEMBERSHIPS).await? {
            let mut access = Vec::new();
            for state in self.store.list_access(user.membership.id).await? {
                let failures = self.store.lookup_failures(&state.login).await?;
                access.push((state, failures));
            }
            let holder = match user.membership.box_id {
                Some(id) => self.store.lookup_box(id).await?.map(|data_box| data_box.holder_name()),
                None => None,
            };
            memberships.push(MemberAccess { user, holder, access });
        }
        let subject = AuditSubject::none().of_box(member.membership.box_id).user(isds_id);
        self.record_reading(caller, AuditAction::DataViewed, subject);
        let person = member.person.id;
        let now = self.clock.real();
        let mut sessions = self.store.list_sessions(person, MAX_SESSIONS).await?;
        sessions.retain(|session| session.holds(now));
        Ok(PersonView {
            locked: self.store.lookup_person_lock(person).await?,
            sessions: sessions.len(),
            passkeys: self.store.list_passkeys(person, MAX_PASSKEYS).await?.len(),
            codes: self.store.lookup_one_time_codes(person).await?.is_some(),
            person: member.person,
            memberships,
        })
    }

    /// The membership that is meant, whichever box it is of.
    async fn member_named(&self, isds_id: &IsdsId) -> Result<BoxUser, Failure> {
        let member = self.store.lookup_member(isds_id).await?;
        Ok(member.ok_or_else(|| Refusal::of(Status::USER_NOT_FOUND))?)
    }

    /// Takes passkeys and one-time codes away from a person who lost them, and ends their sessions.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 1031.
    pub async fn remove_lost_factors(&self, caller: &Principal, isds_id: &IsdsId) -> Result<(), Failure> {
        operator_only(caller)?;
        let member = self.member_named(isds_id).await?;
        let work = self.remove_sign_in_factors(caller, member.person.id);
        self.recorded(caller, AuditAction::FactorRemoved, about(&member), work)
            .await
    }

    /// Ends all sessions of a person; answers how many.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 1031.
    pub async fn end_sessions_of(&self, caller: &Principal, isds_id: &IsdsId) -> Result<u64, Failure> {
        operator_only(caller)?;
        let member = self.member_named(isds_id).await?;
        self.recorded(caller, AuditAction::SessionsEnded, about(&member), async {
            Ok(self.store.remove_sessions(member.person.id, None, None).await?)
        })
        .await
    }

    /// Keeps a person from signing in, by whatever way and to whichever box, and ends their sessions.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 1031, 2007 for the administrator's own account.
    pub async fn lock_account(&self, caller: &Principal, isds_id: &IsdsId) -> Result<(), Failure> {
        operator_only(caller)?;
        let member = self.member_named(isds_id).await?;
        let person = member.person.id;
        let own = caller.membership.as_ref();
        self.recorded(caller, AuditAction::AccountLocked, about(&member), async {
            if own.is_some_and(|own| own.person_id == person) {
                let text = "vlastní účet zamknout nelze.";
                return Err(Refusal::about(Status::INVALID_STRUCTURE, text).into());
            }
            let by = own.map(|own| &own.isds_id);
            self.store
                .lock_person(person, by, self.clock.legal().to_millis())
                .await?;
            // After the lock: a session that began before it was seen ends with the others.
            self.store.remove_sessions(person, None, None).await?;
            Ok(())
        })
        .await
    }

    /// Lets a person sign in again.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 1031.
    pub async fn unlock_account(&self, caller: &Principal, isds_id: &IsdsId) -> Result<(), Failure> {
        operator_only(caller)?;
        let member = self.member_named(isds_id).await?;
        self.recorded(caller, AuditAction::AccountUnlocked, about(&member), async {
            self.store.unlock_person(member.person.id).await?;
            Ok(())
        })
        .await
    }

    /// Addresses from which nobody can sign in for the time being.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn locked_addresses(&self, caller: &Principal) -> Result<Vec<LockedAddress>, Failure> {
        operator_only(caller)?;
        Ok(self.store.list_locked_addresses(self.clock.real(), ADDRESSES).await?)
    }

    /// Lets somebody sign in again whose account is locked after failed logins.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 1031 where nobody signs in under the name.
    pub async fn lift_lock(&self, caller: &Principal, login: &str) -> Result<(), Failure> {
        operator_only(caller)?;
        let found = match login.len() {
            1..=MAX_NAME => self.store.lookup_login(login).await?,
            _ => None,
        };
        let found = found.ok_or_else(|| Refusal::of(Status::USER_NOT_FOUND))?;
        let membership = &found.membership;
        let subject = AuditSubject::none()
            .of_box(membership.box_id)
            .user(&membership.isds_id)
            .detail("account");
        self.recorded(caller, AuditAction::LockLifted, subject, async {
            Ok(self.store.clear_failed_logins(login).await?)
        })
        .await
    }

    /// Lets people sign in again from an address that is locked.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 2007 for an address from which nothing failed.
    pub async fn lift_lock_of_address(&self, caller: &Principal, address: &str) -> Result<(), Failure> {
        operator_only(caller)?;
        let subject = AuditSubject::none().detail("address");
        self.recorded(caller, AuditAction::LockLifted, subject, async {
            let known = address.len() <= MAX_NAME && self.store.clear_failures_of_address(address).await?;
            if known {
                Ok(())
            } else {
                let text = "z této adresy se nikdo nepřihlašoval neúspěšně.";
                Err(Refusal::about(Status::INVALID_STRUCTURE, text).into())
            }
        })
        .await
    }
}
