//! `AddDataBoxUser2` and `AddDataBoxUser`.

use crate::access_data::AccessData;
use crate::administration::RequestNumber;
use crate::audit::AuditAction;
use crate::box_type::BoxType;
use crate::data_box::DataBox;
use crate::error::{Failure, Refusal};
use crate::ids::MembershipId;
use crate::operation::Operation;
use crate::ports::{Approval, NewUser, UserAction};
use crate::principal::Principal;
use crate::status::Status;
use crate::system_message::SystemMessage;
use crate::user::{BoxUser, Membership, UserType};

use super::{
    ATTEMPTS, Administration, Decision, Isds, UserDraft, administers, given, is_entrusted, named, notice, overtaken,
    privileges_of,
};

/// Over how many seconds of legal time added users are counted.
const PERIOD_SECONDS: i64 = 86_400;

impl Isds {
    /// Adds a user to a box. Returns the number of the request, and the access data with which the user chooses a
    /// password: they are told once, to this caller.
    ///
    /// # Errors
    /// 1004 (also for a kind of user that only the operator adds, and in a box that is not accessible), 1007, 5001, 2007
    /// and 2017 for data that are none, 1033, 1035, 1032 for somebody who is a user already, 1038.
    pub async fn add_data_box_user(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: Option<&str>,
        draft: Option<&UserDraft>,
        approval: &Approval,
    ) -> Result<(RequestNumber, AccessData), Failure> {
        let added = self.add_user(caller, operation, box_id, draft, approval).await;
        self.record_refusal(caller, AuditAction::UserAdded, named(box_id, None), &added)
            .await;
        added
    }

    async fn add_user(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: Option<&str>,
        draft: Option<&UserDraft>,
        approval: &Approval,
    ) -> Result<(RequestNumber, AccessData), Failure> {
        let data_box = self.box_of_users(caller, operation, box_id).await?;
        refuse_who_does_not_administer(caller, &data_box)?;
        let mut user = self.new_user(caller, &data_box, given(draft)?)?;
        let mut administration = Administration {
            caller: caller.clone(),
            operation,
            approval,
            data_box,
        };
        // Hashing takes long, and is of no use to who may not: only then, but once.
        self.refuse_addition(&administration.data_box, &user).await?;
        let mut access = self.issue_access_data(None).await?;
        let mut decided_over = None;
        for _ in 0..ATTEMPTS {
            let version = self.users_version(&mut administration).await?;
            refuse_who_does_not_administer(&administration.caller, &administration.data_box)?;
            if decided_over.replace(version) == Some(version) {
                // Nobody came in between: the identifier or the login name is taken.
                user.membership.isds_id = self.new_isds_id();
                access = self.issue_access_data(None).await?;
            }
            self.refuse_addition(&administration.data_box, &user).await?;
            let decision = Decision {
                isds_id: user.membership.isds_id.clone(),
                notice: Some(SystemMessage::UserAdded(notice(&user))),
                action: UserAction::Add(NewUser {
                    user: user.clone(),
                    access: Some(access.clone()),
                }),
            };
            if let Some(number) = self.write_decision(&administration, version, decision).await? {
                return Ok((number, access));
            }
        }
        Err(overtaken())
    }

    /// The user to be added. Always a new person: that somebody of the same name is a user of another box is no reason
    /// to give them what was meant for this one.
    fn new_user(&self, caller: &Principal, data_box: &DataBox, draft: &UserDraft) -> Result<BoxUser, Refusal> {
        let person = draft.person()?;
        let contact = draft.contact()?;
        let asked = draft.privileges()?;
        let user_type = draft.user_type()?;
        let user_type = user_type.ok_or_else(|| Refusal::about(Status::INVALID_STRUCTURE, "chybí userType."))?;
        if !caller.is_operator() && !is_entrusted(user_type) {
            return Err(Refusal::of(Status::NO_RIGHT));
        }
        if !may_have(data_box.box_type, user_type) {
            return Err(Refusal::about(Status::USER_TYPE_NOT_ALLOWED, user_type.name()));
        }
        Ok(BoxUser {
            membership: Membership {
                id: MembershipId(0),
                isds_id: self.new_isds_id(),
                box_id: Some(data_box.id),
                person_id: person.id,
                user_type,
                privileges: privileges_of(user_type, asked)?,
            },
            person,
            contact,
        })
    }

    /// What stands against the addition among the users that the box has or had lately.
    async fn refuse_addition(&self, data_box: &DataBox, user: &BoxUser) -> Result<(), Failure> {
        let namesakes = self.store.find_namesakes(data_box.id, &user.person).await?;
        if namesakes.iter().any(|other| is_duplicate(user, other)) {
            return Err(Failure::refused(Status::USER_EXISTS));
        }
        let since = self.clock.legal().plus_seconds(-PERIOD_SECONDS);
        if self.store.count_added_users(data_box.id, since).await? >= self.limits_now().await.users_added_in_a_day {
            return Err(Failure::refused(Status::TOO_MANY_USERS_ADDED));
        }
        Ok(())
    }
}

fn refuse_who_does_not_administer(caller: &Principal, data_box: &DataBox) -> Result<(), Refusal> {
    if administers(caller, data_box) {
        Ok(())
    } else {
        Err(Refusal::of(Status::NO_RIGHT))
    }
}

/// Whether a box of the type can have another user of the kind (manual S 2.4). The one holder of a natural person's box
/// comes with the box; officials are users of no box.
fn may_have(box_type: BoxType, user_type: UserType) -> bool {
    match user_type {
        UserType::EntrustedUser | UserType::Administrator => true,
        UserType::PrimaryUser | UserType::Liquidator | UserType::Receiver | UserType::Guardian => {
            !box_type.is_natural_person()
        }
        UserType::Official | UserType::OfficialCert => false,
    }
}

/// Whether the user to be added is the same as a namesake of theirs in the box (manual S 2.4): for entrusted users by
/// name and day of birth, for others by everything that is said of them. A liquidator may be a primary user as well.
pub(super) fn is_duplicate(new: &BoxUser, other: &BoxUser) -> bool {
    if is_entrusted(new.membership.user_type) {
        return new.person.birth_date == other.person.birth_date;
    }
    let is_both =
        new.membership.user_type == UserType::Liquidator && other.membership.user_type == UserType::PrimaryUser;
    !is_both && says_nothing_else(new, other)
}

/// Whatever is said of `new` holds of `other`, too.
fn says_nothing_else(new: &BoxUser, other: &BoxUser) -> bool {
    let (address, theirs) = (&new.person.address, &other.person.address);
    let (contact, their_contact) = (&new.contact, &other.contact);
    let agree = |mine: &Option<String>, theirs: &Option<String>| mine.is_none() || mine == theirs;
    (new.person.birth_date.is_none() || new.person.birth_date == other.person.birth_date)
        && agree(&address.code, &theirs.code)
        && agree(&address.city, &theirs.city)
        && agree(&address.district, &theirs.district)
        && agree(&address.street, &theirs.street)
        && agree(&address.number_in_street, &theirs.number_in_street)
        && agree(&address.number_in_municipality, &theirs.number_in_municipality)
        && agree(&address.zip_code, &theirs.zip_code)
        && agree(&address.state, &theirs.state)
        && agree(&contact.firm_ic, &their_contact.firm_ic)
        && agree(&contact.firm_name, &their_contact.firm_name)
        && agree(&contact.street, &their_contact.street)
        && agree(&contact.city, &their_contact.city)
        && agree(&contact.zip_code, &their_contact.zip_code)
        && agree(&contact.state, &their_contact.state)
}
