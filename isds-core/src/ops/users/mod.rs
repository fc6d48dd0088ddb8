//! Administration of the users of a box (manual S 2.4 to 2.7), both generations of its operations.

mod add;
mod change;
mod draft;
mod list;
mod new_access_data;
mod remove;

use crate::administration::{AdministrationRequest, RequestNumber};
use crate::audit::{AuditAction, AuditSubject};
use crate::box_state::BoxState;
use crate::data_box::DataBox;
use crate::error::{Failure, Refusal};
use crate::ids::{BoxId, BoxIdError, IsdsId};
use crate::operation::Operation;
use crate::ports::{Approval, StoreError, UserAction, UserChange};
use crate::principal::Principal;
use crate::privileges::Privileges;
use crate::status::Status;
use crate::system_message::{DueSystemMessage, SystemMessage, UserNotice};
use crate::user::{BoxUser, UserType};

use super::Isds;
use super::audit::about_box;

pub use draft::UserDraft;

/// How often a change is computed anew where others changed the users of the same box meanwhile. Each time one of them
/// gets through, so this is how many may be at it at once.
const ATTEMPTS: usize = 200;

/// Which user a call is about.
#[derive(Debug, Clone)]
pub enum UserRef {
    /// By the identifier (second generation).
    IsdsId(Option<String>),
    /// By what is known of them (first generation): the login name where there is one, else names and day of birth.
    Described {
        /// `userID`.
        login: Option<String>,
        /// Names and day of birth.
        draft: Box<UserDraft>,
    },
}

/// A change of a box's users as it was asked for, with what it is judged by: see [`Isds::users_version`].
struct Administration<'a> {
    caller: Principal,
    operation: Operation,
    approval: &'a Approval,
    data_box: DataBox,
}

/// What is to be done, and what the box is told of it.
struct Decision {
    action: UserAction,
    isds_id: IsdsId,
    notice: Option<SystemMessage>,
}

impl Isds {
    /// The box whose users are asked about, once the caller may.
    async fn box_of_users(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: Option<&str>,
    ) -> Result<DataBox, Failure> {
        caller.authorize_administration(operation)?;
        let id = box_id
            .unwrap_or_default()
            .trim()
            .parse()
            .map_err(|_: BoxIdError| Refusal::of(Status::MALFORMED_BOX_ID))?;
        caller.authorize_for_box(operation, id)?;
        self.box_not_deleted(id).await
    }

    async fn box_not_deleted(&self, id: BoxId) -> Result<DataBox, Failure> {
        let data_box = self.store.lookup_box(id).await?;
        let data_box = data_box.filter(|data_box| data_box.state != BoxState::Deleted);
        Ok(data_box.ok_or_else(|| Refusal::of(Status::BOX_NOT_FOUND))?)
    }

    /// The user of the box that a call is about.
    async fn user_of_box(&self, data_box: &DataBox, user: &UserRef) -> Result<BoxUser, Failure> {
        let unknown = || Failure::refused(Status::USER_NOT_FOUND);
        match user {
            UserRef::IsdsId(id) => {
                let id = IsdsId(id.as_deref().unwrap_or_default().trim().to_owned());
                self.store.lookup_user(data_box.id, &id).await?.ok_or_else(unknown)
            }
            UserRef::Described { login, draft } => {
                if let Some(login) = login.as_deref().map(str::trim).filter(|login| !login.is_empty()) {
                    return self
                        .store
                        .find_user_by_login(data_box.id, login)
                        .await?
                        .ok_or_else(unknown);
                }
                let person = draft.person()?;
                let found = self.store.find_namesakes(data_box.id, &person).await?;
                let mut fitting = found
                    .into_iter()
                    .filter(|user| person.birth_date.is_none() || user.person.birth_date == person.birth_date);
                match (fitting.next(), fitting.next()) {
                    (Some(user), None) => Ok(user),
                    (Some(_), Some(_)) => Err(Failure::refused(Status::USER_AMBIGUOUS)),
                    (None, _) => Err(unknown()),
                }
            }
        }
    }

    /// Version of the box's users, then the box and the caller's rights as they are: read before anything is decided.
    /// The caller is a user of the box as well, so a change that is written over this version was judged by rights that
    /// the caller still had; since the sign-in, which a slow request leaves far behind, they may have been taken away.
    ///
    /// # Errors
    /// 5001 where the box was deleted meanwhile, 1004 where the caller may no longer call the operation.
    async fn users_version(&self, administration: &mut Administration<'_>) -> Result<i64, Failure> {
        let id = administration.data_box.id;
        let version = self.store.lookup_users_version(id).await?;
        let version = version.ok_or_else(|| Refusal::of(Status::BOX_NOT_FOUND))?;
        administration.data_box = self.box_not_deleted(id).await?;
        let caller = &mut administration.caller;
        if let Some(membership) = caller.membership.as_mut().filter(|own| own.box_id == Some(id)) {
            let user = self.store.lookup_user(id, &membership.isds_id).await?;
            *membership = user.ok_or_else(|| Refusal::of(Status::NO_RIGHT))?.membership;
            caller.privileges = membership.privileges;
        }
        caller.authorize_for_box(administration.operation, id)?;
        Ok(version)
    }

    /// Writes what was decided, if the users of the box still are what they were in that version; where they were changed
    /// meanwhile there is no number, and it has to be decided anew.
    async fn write_decision(
        &self,
        administration: &Administration<'_>,
        from_version: i64,
        decision: Decision,
    ) -> Result<Option<RequestNumber>, Failure> {
        let Administration {
            caller,
            operation,
            approval,
            data_box,
        } = administration;
        let system_messages = decision.notice.map(|message| DueSystemMessage {
            recipient: data_box.id,
            message,
        });
        let request = AdministrationRequest::of(*operation, caller, approval, self.clock.legal());
        let told = self.user_notice(data_box.id, &decision.isds_id, &decision.action, &request);
        let change = UserChange {
            box_id: data_box.id,
            box_state: data_box.state,
            from_version,
            isds_id: decision.isds_id,
            action: decision.action,
            request,
            notices: told.into_iter().collect(),
            system_messages: system_messages.into_iter().collect(),
        };
        match self.store.apply_user_change(&change).await {
            Err(StoreError::Conflict) => Ok(None),
            written => {
                let number = written?;
                if !change.system_messages.is_empty() {
                    self.job_added.notify_one();
                }
                let subject = AuditSubject::in_box(data_box.id).user(&change.isds_id);
                let done: Result<(), Failure> = Ok(());
                self.record_now(caller, action_of(&change.action), subject, &done).await;
                Ok(Some(number))
            }
        }
    }
}

/// What is recorded of it.
fn action_of(action: &UserAction) -> AuditAction {
    match action {
        UserAction::Add(_) => AuditAction::UserAdded,
        UserAction::Change { .. } => AuditAction::UserChanged,
        UserAction::Remove(_) => AuditAction::UserRemoved,
        UserAction::Reissue(..) => AuditAction::AccessDataIssued,
    }
}

/// The box and the user that a caller named, as far as they have the form of such.
fn named(box_id: Option<&str>, user: Option<&UserRef>) -> AuditSubject {
    let subject = about_box(box_id);
    match user {
        Some(UserRef::IsdsId(Some(id))) if is_isds_id(id.trim()) => subject.user(&IsdsId(id.trim().to_owned())),
        _ => subject,
    }
}

fn is_isds_id(text: &str) -> bool {
    text.len() <= 12 && text.starts_with("DS_") && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The data of the user, without which there is nothing to add or to change.
fn given(draft: Option<&UserDraft>) -> Result<&UserDraft, Refusal> {
    draft.ok_or_else(|| Refusal::about(Status::INVALID_STRUCTURE, "chybí údaje o uživateli."))
}

/// Others came in between each time.
fn overtaken() -> Failure {
    StoreError::Conflict.into()
}

/// Who is no operator acts by the right to administer the own box, which is of no use in a box that is not accessible
/// (manual S 2.4 and 2.6).
fn administers(caller: &Principal, data_box: &DataBox) -> bool {
    caller.is_operator() || (caller.privileges.allows(Privileges::OWNER_ADM) && data_box.state.is_accessible())
}

/// Kinds of users whom the administrators of a box add, change and remove; the others are the operator's.
fn is_entrusted(user_type: UserType) -> bool {
    matches!(user_type, UserType::EntrustedUser | UserType::Administrator)
}

/// Privileges of a user of the kind.
///
/// # Errors
/// 2007 where an entrusted user is given none at all by leaving them out, 1035 for privileges that the kind cannot have.
fn privileges_of(user_type: UserType, asked: Option<u32>) -> Result<Privileges, Refusal> {
    let refused = || Refusal::about(Status::PRIVILEGES_NOT_ALLOWED, user_type.name());
    let within = |asked: u32, all: Privileges| if asked & !all.0 == 0 { Ok(asked) } else { Err(refused()) };
    match user_type {
        UserType::EntrustedUser => {
            let asked = asked.ok_or_else(|| Refusal::about(Status::INVALID_STRUCTURE, "chybí userPrivils."))?;
            within(asked, Privileges(Privileges::ALL.0 & !Privileges::OWNER_ADM.0)).map(Privileges)
        }
        UserType::Administrator => {
            let asked = within(asked.unwrap_or(0), Privileges::ALL)?;
            Ok(Privileges(asked) | Privileges::OWNER_ADM)
        }
        // Fixed by law, whatever was asked for (manual S 2.4).
        _ => Ok(Privileges::ALL),
    }
}

/// What a system message says of a user.
fn notice(user: &BoxUser) -> UserNotice {
    UserNotice {
        isds_id: user.membership.isds_id.clone(),
        name: user.person.full_name(),
    }
}
