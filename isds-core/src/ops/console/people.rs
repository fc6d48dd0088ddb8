//! People: their memberships, with what they sign in, and locks.

use crate::account::Failures;
use crate::audit::{AuditAction, AuditSubject};
use crate::error::{Failure, Refusal};
use crate::ids::IsdsId;
use crate::ports::{AccessState, LockedAddress};
use crate::principal::Principal;
use crate::status::Status;
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
}

impl Isds {
    /// The person behind a membership, with all memberships of theirs. That somebody looked is recorded.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 1031.
    pub async fn person_view(&self, caller: &Principal, isds_id: &IsdsId) -> Result<PersonView, Failure> {
        operator_only(caller)?;
        let member = self.store.lookup_member(isds_id).await?;
        let member = member.ok_or_else(|| Refusal::of(Status::USER_NOT_FOUND))?;
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
        Ok(PersonView {
            person: member.person,
            memberships,
        })
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
