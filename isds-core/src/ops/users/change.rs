//! `UpdateDataBoxUser2` and `UpdateDataBoxUser`.
//!
//! A request brings all data of the user, those that stay as well (manual S 1.4). Who may change a part of them is
//! measured by that part: what they may not change has to be as it is, or left out.

use crate::administration::RequestNumber;
use crate::audit::AuditAction;
use crate::data_box::{Address, DataBox};
use crate::error::{Failure, Refusal};
use crate::operation::Operation;
use crate::ports::{Approval, UserAction};
use crate::principal::Principal;
use crate::status::Status;
use crate::system_message::SystemMessage;
use crate::user::{BoxUser, UserContact, UserType};

use super::add::is_duplicate;
use super::{
    ATTEMPTS, Administration, Decision, Isds, UserDraft, UserRef, administers, given, is_entrusted, named, notice,
    overtaken, privileges_of,
};

impl Isds {
    /// Changes a user of a box: the operator everything that does not come from the register of inhabitants, the
    /// administrators of an accessible box the privileges of others whom they entrusted, everybody their own contact
    /// address. In force at once. Where nothing changes, nothing is written and there is no number.
    ///
    /// # Errors
    /// 1004 for what the caller may not change, 1007, 5001, 1031, 1037, 2007, 2017, 1034 for a kind of user that cannot
    /// follow, 1035, 1032 where somebody else in the box is called so already.
    pub async fn update_data_box_user(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: Option<&str>,
        user: &UserRef,
        draft: Option<&UserDraft>,
        approval: &Approval,
    ) -> Result<Option<RequestNumber>, Failure> {
        let changed = self.change_user(caller, operation, box_id, user, draft, approval).await;
        self.record_refusal(caller, AuditAction::UserChanged, named(box_id, Some(user)), &changed)
            .await;
        changed
    }

    async fn change_user(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: Option<&str>,
        user: &UserRef,
        draft: Option<&UserDraft>,
        approval: &Approval,
    ) -> Result<Option<RequestNumber>, Failure> {
        let data_box = self.box_of_users(caller, operation, box_id).await?;
        let draft = given(draft)?;
        let mut administration = Administration {
            caller: caller.clone(),
            operation,
            approval,
            data_box,
        };
        for _ in 0..ATTEMPTS {
            let version = self.users_version(&mut administration).await?;
            let (caller, data_box) = (&administration.caller, &administration.data_box);
            let before = self.user_to_change(caller, data_box, user).await?;
            let after = changed(caller, data_box, &before, draft)?;
            if after == before {
                return Ok(None);
            }
            let person = after.person != before.person;
            if person {
                self.refuse_namesake(data_box, &after).await?;
            }
            let (then, now) = (&before.membership, &after.membership);
            let other_rights = (then.user_type, then.privileges) != (now.user_type, now.privileges);
            let decision = Decision {
                isds_id: now.isds_id.clone(),
                notice: other_rights.then(|| SystemMessage::PrivilegesChanged(notice(&after))),
                action: UserAction::Change { user: after, person },
            };
            let written = self.write_decision(&administration, version, decision).await?;
            if written.is_some() {
                return Ok(written);
            }
        }
        Err(overtaken())
    }

    /// The user, for whoever may change anything of them. Others do not learn whether there is such a user.
    async fn user_to_change(&self, caller: &Principal, data_box: &DataBox, user: &UserRef) -> Result<BoxUser, Failure> {
        let found = self.user_of_box(data_box, user).await;
        match found {
            Err(Failure::Broken(..)) => found,
            Ok(ref user) if is_own(caller, user) => found,
            _ if administers(caller, data_box) => found,
            _ => Err(Failure::refused(Status::NO_RIGHT)),
        }
    }

    async fn refuse_namesake(&self, data_box: &DataBox, user: &BoxUser) -> Result<(), Failure> {
        let namesakes = self.store.find_namesakes(data_box.id, &user.person).await?;
        let mut others = namesakes
            .iter()
            .filter(|other| other.membership.id != user.membership.id);
        if others.any(|other| is_duplicate(user, other)) {
            return Err(Failure::refused(Status::USER_EXISTS));
        }
        Ok(())
    }
}

fn is_own(caller: &Principal, user: &BoxUser) -> bool {
    caller
        .membership
        .as_ref()
        .is_some_and(|membership| membership.id == user.membership.id)
}

/// The user as they are to be.
fn changed(caller: &Principal, data_box: &DataBox, user: &BoxUser, draft: &UserDraft) -> Result<BoxUser, Refusal> {
    let contact = draft.contact()?;
    let mut after = user.clone();
    if is_own(caller, user) {
        keeps_person(user, draft)?;
        keeps_rights(user, draft)?;
        keeps_firm(&user.contact, &contact)?;
        after.contact = UserContact {
            firm_ic: user.contact.firm_ic.clone(),
            firm_name: user.contact.firm_name.clone(),
            ..contact
        };
        return Ok(after);
    }
    if caller.is_operator() {
        let holder = user.membership.user_type.acts_as_holder() && data_box.box_type.is_natural_person();
        if user.person.aifo_known || holder {
            keeps_person(user, draft)?;
        } else {
            let person = draft.person()?;
            after.person = crate::user::Person {
                id: user.person.id,
                aifo_known: user.person.aifo_known,
                ..person
            };
        }
        after.contact = contact;
    } else {
        if !is_entrusted(user.membership.user_type) {
            return Err(Refusal::of(Status::NO_RIGHT));
        }
        keeps_person(user, draft)?;
        keeps_firm(&user.contact, &contact)?;
        keeps_contact(&user.contact, &contact)?;
    }
    let user_type = following_type(user.membership.user_type, draft.user_type()?)?;
    after.membership.user_type = user_type;
    after.membership.privileges = privileges_of(user_type, draft.privileges()?)?;
    Ok(after)
}

/// An entrusted user may become an administrator and the reverse; everybody else stays what they are (manual S 2.6).
fn following_type(from: UserType, asked: Option<UserType>) -> Result<UserType, Refusal> {
    let to = asked.unwrap_or(from);
    if to == from || (is_entrusted(from) && is_entrusted(to)) {
        Ok(to)
    } else {
        Err(Refusal::about(Status::USER_TYPE_FIXED, to.name()))
    }
}

fn keeps<T: PartialEq>(asked: Option<&T>, kept: Option<&T>) -> Result<(), Refusal> {
    if asked.is_none() || asked == kept {
        Ok(())
    } else {
        Err(Refusal::of(Status::NO_RIGHT))
    }
}

fn keeps_person(user: &BoxUser, draft: &UserDraft) -> Result<(), Refusal> {
    let person = &user.person;
    keeps(draft.given_names()?.as_ref(), Some(&person.given_names))?;
    keeps(draft.last_name()?.as_ref(), Some(&person.last_name))?;
    keeps(draft.birth_date()?.as_ref(), person.birth_date.as_ref())?;
    keeps_address(&person.address, &draft.address()?)
}

fn keeps_address(kept: &Address, asked: &Address) -> Result<(), Refusal> {
    for (asked, kept) in [
        (&asked.code, &kept.code),
        (&asked.city, &kept.city),
        (&asked.district, &kept.district),
        (&asked.street, &kept.street),
        (&asked.number_in_street, &kept.number_in_street),
        (&asked.number_in_municipality, &kept.number_in_municipality),
        (&asked.zip_code, &kept.zip_code),
        (&asked.state, &kept.state),
    ] {
        keeps(asked.as_ref(), kept.as_ref())?;
    }
    Ok(())
}

fn keeps_rights(user: &BoxUser, draft: &UserDraft) -> Result<(), Refusal> {
    keeps(draft.user_type()?.as_ref(), Some(&user.membership.user_type))?;
    keeps(draft.privileges()?.as_ref(), Some(&user.membership.privileges.0))
}

fn keeps_firm(kept: &UserContact, asked: &UserContact) -> Result<(), Refusal> {
    keeps(asked.firm_ic.as_ref(), kept.firm_ic.as_ref())?;
    keeps(asked.firm_name.as_ref(), kept.firm_name.as_ref())
}

fn keeps_contact(kept: &UserContact, asked: &UserContact) -> Result<(), Refusal> {
    for (asked, kept) in [
        (&asked.street, &kept.street),
        (&asked.city, &kept.city),
        (&asked.zip_code, &kept.zip_code),
        (&asked.state, &kept.state),
    ] {
        keeps(asked.as_ref(), kept.as_ref())?;
    }
    Ok(())
}
