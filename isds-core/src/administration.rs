//! What changes a data box from its founding to its deletion (manual S).

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::box_state::BoxState;
use crate::box_type::BoxType;
use crate::data_box::DataBox;
use crate::ids::{BoxId, IsdsId};
use crate::operation::Operation;
use crate::ports::{Approval, NewUser};
use crate::principal::Principal;
use crate::system_message::DueSystemMessage;
use crate::text::{clean, fold_case, truncate};
use crate::time::{Timestamp, start_of_day};

/// Days after the delivery of access data with which a box becomes accessible although nobody signed in (act 300/2008,
/// section 10).
const ACTIVATION_DAYS: i32 = 15;
/// Years after which a box that was disabled for good is deleted.
const YEARS_TO_DELETION: i32 = 3;
/// Disablings on request within a year after which the box stays disabled.
pub const DISABLINGS_IN_A_YEAR: u64 = 2;
/// Longest `dbExternRefNumber` that is kept.
const MAX_EXTERNAL_REFERENCE: usize = 255;

/// Number of a request for administration, `dbStatusRefNumber`: unique, kept with what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestNumber(pub i64);

impl std::fmt::Display for RequestNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A request for administration, as it is kept: who asked for what, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdministrationRequest {
    /// Operation.
    pub operation: &'static str,
    /// Membership through which the caller acted.
    pub caller: Option<IsdsId>,
    /// The caller says that it was approved outside the system.
    pub approved: Option<bool>,
    /// Reference of the caller's own file.
    pub reference: Option<String>,
    /// Legal time.
    pub at: Timestamp,
}

impl AdministrationRequest {
    /// The request of a caller.
    #[must_use]
    pub fn of(operation: Operation, caller: &Principal, approval: &Approval, at: Timestamp) -> Self {
        let reference = approval.extern_ref_number.as_deref().map(|text| {
            let cleaned = clean(text);
            truncate(cleaned.trim(), MAX_EXTERNAL_REFERENCE).to_owned()
        });
        Self {
            operation: operation.name(),
            caller: caller.membership.as_ref().map(|membership| membership.isds_id.clone()),
            approved: approval.approved,
            reference: reference.filter(|text| !text.is_empty()),
            at,
        }
    }

    /// A first sign-in of somebody who acts as the holder, which activates the box.
    #[must_use]
    pub fn of_sign_in(caller: &Principal, at: Timestamp) -> Self {
        Self {
            operation: "sign-in: activate",
            caller: caller.membership.as_ref().map(|membership| membership.isds_id.clone()),
            approved: None,
            reference: None,
            at,
        }
    }

    /// What the system itself does when a deadline has passed.
    #[must_use]
    pub fn of_deadline(kind: DeadlineKind, at: Timestamp) -> Self {
        Self {
            operation: kind.name(),
            caller: None,
            approved: None,
            reference: None,
            at,
        }
    }
}

/// A box with what administration needs to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoxRecord {
    /// The box.
    pub data_box: DataBox,
    /// Grows with every change; a change is written only over the version it was computed from.
    pub version: i64,
}

/// What happens to a box by itself when its time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeadlineKind {
    /// A box not yet activated becomes accessible.
    Activate = 1,
    /// A box is disabled for good on the day that was named in advance.
    Terminate = 2,
    /// A box that was disabled for good is deleted.
    Delete = 3,
}

impl DeadlineKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Activate, Self::Terminate, Self::Delete];

    /// Number kept in the database.
    #[must_use]
    pub fn code(self) -> i16 {
        self as i16
    }

    /// Kind with the number.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Name under which the system's own change is kept among the requests.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Activate => "deadline: activate",
            Self::Terminate => "deadline: terminate",
            Self::Delete => "deadline: delete",
        }
    }
}

/// A deadline of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoxDeadline {
    /// Box.
    pub box_id: BoxId,
    /// What happens.
    pub kind: DeadlineKind,
    /// Legal time from which on.
    pub due: Timestamp,
}

/// Key of a closing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BoxClosingId(pub i64);

/// That a box was disabled, and what that means for the messages in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoxClosing {
    /// Key; ignored where it is written.
    pub id: BoxClosingId,
    /// Box.
    pub box_id: BoxId,
    /// Legal time from which it is disabled.
    pub disabled: Timestamp,
    /// Legal time at which that was done.
    pub done: Timestamp,
    /// On the holder's request: fiction stays what it was (manual S 2.9).
    pub on_request: bool,
}

/// A change of a box.
#[derive(Debug, Clone)]
pub struct BoxChange {
    /// The box afterwards.
    pub data_box: DataBox,
    /// The holder or the type changed, so [`holder_key`] is to be written anew.
    pub rekeys: bool,
    /// Version that the change was computed from.
    pub from_version: i64,
    /// Legal time from which the state holds; none where the state stays.
    pub state_since: Option<Timestamp>,
    /// Deadlines to set; one of the same kind that stands is replaced.
    pub sets: Vec<BoxDeadline>,
    /// Deadlines to take away.
    pub clears: Vec<DeadlineKind>,
    /// Closing to record, with its job.
    pub closing: Option<BoxClosing>,
    /// System messages that go with it.
    pub system_messages: Vec<DueSystemMessage>,
    /// Who asked for it.
    pub request: AdministrationRequest,
}

impl BoxChange {
    /// A change of `record` that changes nothing yet.
    #[must_use]
    pub fn of(record: &BoxRecord, request: AdministrationRequest) -> Self {
        Self {
            data_box: record.data_box.clone(),
            rekeys: false,
            from_version: record.version,
            state_since: None,
            sets: Vec::new(),
            clears: Vec::new(),
            closing: None,
            system_messages: Vec::new(),
            request,
        }
    }

    /// Brings the box into `state`, in force since `since`. Deadlines that belonged to the state before end with it;
    /// an end that was named in advance stays until it comes.
    #[must_use]
    pub fn into_state(mut self, state: BoxState, since: Timestamp) -> Self {
        self.data_box.state = state;
        self.state_since = Some(since);
        self.clears.extend([DeadlineKind::Activate, DeadlineKind::Delete]);
        if matches!(state, BoxState::PermanentlyDisabled | BoxState::Deleted) {
            self.clears.push(DeadlineKind::Terminate);
        }
        self
    }

    /// Sets a deadline.
    #[must_use]
    pub fn until(mut self, kind: DeadlineKind, due: Timestamp) -> Self {
        self.clears.retain(|cleared| *cleared != kind);
        self.sets.push(BoxDeadline {
            box_id: self.data_box.id,
            kind,
            due,
        });
        self
    }
}

/// A box to be founded.
#[derive(Debug, Clone)]
pub struct NewBox {
    /// The box, in state 3.
    pub data_box: DataBox,
    /// Its primary users.
    pub users: Vec<NewUser>,
    /// Deadlines.
    pub deadlines: Vec<BoxDeadline>,
    /// Who asked for it.
    pub request: AdministrationRequest,
}

/// When a box becomes accessible whose access data were delivered at `delivered`: with the beginning of the fifteenth
/// day after that day.
#[must_use]
pub fn activation_due(delivered: Timestamp) -> Timestamp {
    start_of_day(plus(delivered.local_date(), ACTIVATION_DAYS.days()))
}

/// When a box is deleted that was disabled for good as of `terminated`.
#[must_use]
pub fn deletion_due(terminated: Date) -> Timestamp {
    start_of_day(plus(terminated, YEARS_TO_DELETION.years()))
}

/// Beginning of the year that ends with the day of `now`.
#[must_use]
pub fn a_year_before(now: Timestamp) -> Timestamp {
    start_of_day(now.local_date().saturating_sub(1.year()))
}

/// First instant at which a box may be enabled again that was disabled too often, the last time at `last`.
#[must_use]
pub fn enabled_again_from(last: Timestamp) -> Timestamp {
    start_of_day(plus(last.local_date(), 1.year()))
}

fn plus(date: Date, span: jiff::Span) -> Date {
    date.saturating_add(span)
}

/// Number of primary users that a new box is founded with (manual S 2.1).
#[must_use]
pub fn primary_users(box_type: BoxType) -> std::ops::RangeInclusive<usize> {
    match box_type {
        BoxType::Fo => 0..=0,
        t if t.is_natural_person() => 1..=1,
        _ => 1..=MAX_PRIMARY_USERS,
    }
}

/// Most primary users that one request may bring: the contract names no bound, but input has one.
pub const MAX_PRIMARY_USERS: usize = 50;

/// Whose box it is and in which standing, where nobody may have two of the kind; none where several are allowed (a
/// subordinate authority, section 7) or nothing tells holders apart.
#[must_use]
pub fn holder_key(data_box: &DataBox) -> Option<String> {
    let box_type = data_box.box_type;
    if box_type == BoxType::OvmReq || data_box.state == BoxState::Deleted {
        return None;
    }
    if HolderClass::of(box_type) != Some(HolderClass::Person) {
        let number = data_box.ic.as_deref()?.trim_start_matches('0');
        return Some(format!("{}|{number}", box_type.code()));
    }
    let fold = |text: &Option<String>| text.as_deref().map(fold_case).unwrap_or_default();
    Some(format!(
        "{}|{}|{}|{}|{}",
        box_type.code(),
        fold(&data_box.last_name),
        fold(&data_box.given_names),
        data_box.birth_date?,
        fold(&data_box.birth_city),
    ))
}

/// Who may have a box of a type: types of one class can be changed into one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HolderClass {
    /// A natural person.
    Person,
    /// A self-employed person.
    SelfEmployed,
    /// An organisation.
    Organisation,
}

impl HolderClass {
    /// Class of a type; none for boxes of the system.
    #[must_use]
    pub fn of(box_type: BoxType) -> Option<Self> {
        use BoxType as T;
        match box_type {
            T::System => None,
            T::Fo | T::OvmFo => Some(Self::Person),
            T::OvmPfo => Some(Self::SelfEmployed),
            t if t.is_pfo() => Some(Self::SelfEmployed),
            _ => Some(Self::Organisation),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn deadlines_are_whole_czech_days() {
        assert_eq!(activation_due(at("2026-03-20T23:30:00")), at("2026-04-04T00:00:00"));
        assert_eq!(deletion_due(jiff::civil::date(2024, 2, 29)), at("2027-02-28T00:00:00"));
        assert_eq!(enabled_again_from(at("2026-05-01T12:00:00")), at("2027-05-01T00:00:00"));
        assert_eq!(a_year_before(at("2026-05-01T12:00:00")), at("2025-05-01T00:00:00"));
    }

    #[test]
    fn primary_users_by_type() {
        assert_eq!(primary_users(BoxType::Fo), 0..=0);
        assert_eq!(primary_users(BoxType::OvmFo), 1..=1);
        assert_eq!(primary_users(BoxType::PfoAdvok), 1..=1);
        assert_eq!(*primary_users(BoxType::OvmReq).start(), 1);
        assert_eq!(HolderClass::of(BoxType::OvmPfo), HolderClass::of(BoxType::PfoReq));
        assert_ne!(HolderClass::of(BoxType::Fo), HolderClass::of(BoxType::Po));
    }
}
