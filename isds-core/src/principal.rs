//! Who calls: one type, made by one chain of proofs.

use crate::data_box::DataBox;
use crate::error::Refusal;
use crate::event::ReaderKind;
use crate::ids::BoxId;
use crate::operation::{Need, Operation};
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
    Password = 1,
    /// A certificate registered for the box, shown by the TLS connection.
    SystemCertificate = 2,
    /// A passkey of the person (WebAuthn).
    Passkey = 3,
    /// Name and password, and a one-time code.
    PasswordAndCode = 4,
}

impl Method {
    /// All methods.
    pub const ALL: [Self; 4] = [
        Self::Password,
        Self::SystemCertificate,
        Self::Passkey,
        Self::PasswordAndCode,
    ];

    /// Number kept in the database.
    #[must_use]
    pub fn code(self) -> i16 {
        self as i16
    }

    /// The method with the number.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.code() == code)
    }
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
    /// Login name, where the caller proved to know its password.
    pub login: Option<String>,
    /// The password is the one that was issued, see [`Self::may_begin`].
    pub password_initial: bool,
    /// When the password expires, in legal time; none where it never does.
    pub password_expires: Option<crate::time::Timestamp>,
    /// Name of the mailbox's session through which the caller acts; none for web services.
    pub session: Option<String>,
}

impl Principal {
    /// The caller's box, once the privilege that `operation` needs is shown.
    ///
    /// # Errors
    /// 1004 (1218 of the vault) where the caller has no box or lacks the privilege.
    pub fn authorize(&self, operation: Operation) -> Result<&DataBox, Refusal> {
        let needed = operation.privilege();
        let is_application = matches!(self.actor, Actor::Application);
        self.data_box
            .as_ref()
            .filter(|_| needed.is_held_by(self.privileges))
            .filter(|_| is_application || !matches!(needed, Need::Certificate(_)))
            .ok_or_else(|| Refusal::of(operation.refusal()))
    }

    /// The box for which the caller searches, once the privilege that `operation` needs is shown; none for the
    /// administrator of the system, who has no box and sees what authorities see.
    ///
    /// # Errors
    /// 1004.
    pub fn authorize_search(&self, operation: Operation) -> Result<Option<&DataBox>, Refusal> {
        if self.is_operator() && matches!(operation.privilege(), Need::AllOrOperator(_)) {
            return Ok(None);
        }
        self.authorize(operation).map(Some)
    }

    /// Whether the sign-in serves for `operation` at all: who still has the password that was issued can only choose
    /// one of their own (operating rules II.2: the first password is good for the first sign-in alone).
    #[must_use]
    pub fn may_begin(&self, operation: Operation) -> bool {
        !self.password_initial || operation == Operation::ChangeIsdsPassword
    }

    /// The system's own administrator.
    #[must_use]
    pub fn is_operator(&self) -> bool {
        matches!(self.actor, Actor::Operator(_))
    }

    /// Asks, before anything is read of what the call names, whether the caller may call `operation` at all: the
    /// administrator of the system what is an administrator's, others what their privileges allow.
    ///
    /// # Errors
    /// 1004 where nothing that the call could name would make it allowed.
    pub fn authorize_administration(&self, operation: Operation) -> Result<(), Refusal> {
        let allowed = match operation.privilege() {
            Need::Operator => self.is_operator(),
            Need::OwnBoxOrOperator(needed) => {
                self.is_operator() || (self.data_box.is_some() && self.privileges.allows(needed))
            }
            other => other.is_held_by(self.privileges),
        };
        if allowed {
            Ok(())
        } else {
            Err(Refusal::of(Status::NO_RIGHT))
        }
    }

    /// Asks whether the caller may call `operation` on the box `target`: the administrator of the system on any box,
    /// others on their own alone, with the privileges that the operation needs.
    ///
    /// # Errors
    /// 1004.
    pub fn authorize_for_box(&self, operation: Operation, target: BoxId) -> Result<(), Refusal> {
        self.authorize_administration(operation)?;
        let own = self.data_box.as_ref().is_some_and(|own| own.id == target);
        if self.is_operator() || own {
            Ok(())
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
