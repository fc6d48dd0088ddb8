//! Who calls: one type, made by one chain of proofs.

use crate::data_box::DataBox;
use crate::error::Refusal;
use crate::event::ReaderKind;
use crate::operation::Operation;
use crate::privileges::Privileges;
use crate::status::Status;
use crate::user::{Membership, Person};

/// What kind of actor was proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person, by a credential of a membership.
    Person(Person),
    /// An application with a system certificate of the box; has no user record (answers 2102).
    Application,
    /// The system's own administrator.
    Operator(Person),
}

/// How the actor was proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Name and password with every request.
    Password,
}

/// Who calls, from which box, with which privileges.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The person or application.
    pub actor: Actor,
    /// The box in whose name the call is made; none for an administrator of the system.
    pub data_box: Option<DataBox>,
    /// Membership through which a person acts.
    pub membership: Option<Membership>,
    /// Privileges in the box.
    pub privileges: Privileges,
    /// How the actor was proven.
    pub method: Method,
    /// When the password expires, in legal time; none where it never does.
    pub password_expires: Option<crate::time::Timestamp>,
}

impl Principal {
    /// The caller's box, once the privilege that `operation` needs is shown.
    ///
    /// # Errors
    /// 1004 where the caller has no box or lacks the privilege.
    pub fn authorize(&self, operation: Operation) -> Result<&DataBox, Refusal> {
        let data_box = self.data_box.as_ref().ok_or_else(|| Refusal::of(Status::NO_RIGHT))?;
        if operation.privilege().is_held_by(self.privileges) {
            Ok(data_box)
        } else {
            Err(Refusal::of(Status::NO_RIGHT))
        }
    }

    /// Which event a delivery by this caller's login records (EV11, EV12, EV13).
    #[must_use]
    pub fn reader_kind(&self) -> ReaderKind {
        match (&self.actor, &self.membership) {
            (Actor::Application, _) => ReaderKind::Application,
            (_, Some(membership)) if membership.user_type.acts_as_holder() => ReaderKind::Holder,
            _ => ReaderKind::Entrusted,
        }
    }
}
