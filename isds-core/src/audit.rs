//! Who did what: records that are only ever added, and the chain of seals that shows when one was altered or lost.
//!
//! A record is digested when it is written. One seal after the other then takes the records that have none yet: its hash
//! covers the seal before it and the digests of its records, so that whoever alters, adds or removes a record has to
//! alter every later seal as well, and whoever noted the last one notices. Writing records waits for nobody; sealing is
//! done by whichever node comes first.

use std::net::IpAddr;

use sha2::{Digest, Sha256};

use crate::error::Failure;
use crate::ids::{BoxId, IsdsId, MessageId};
use crate::principal::{Actor, Principal};
use crate::status::Status;
use crate::text::{clean, truncate};
use crate::time::Timestamp;

mod actions;
mod address;
mod buffer;
mod calls;
mod export;
mod head;
mod trail;

pub use actions::{AuditAction, AuditGroup};
pub use address::called_from;
pub(crate) use address::caller_address;
pub use buffer::AuditBuffer;
pub use calls::{AuditCall, CallBatch, CallBatchId, NewCallBatch};
pub use export::{cell, csv_head, csv_row};
pub use head::AuditHead;
pub use trail::{TrailBeginning, TrailCheck, TrailEnd, TrailError, TrailLine, TrailSummary};

/// Longest name and longest detail that are kept, in characters.
const MAX_TEXT: usize = 300;
/// What is hashed begins with the version of its form.
const FORM: &[u8] = b"isds-audit-1";

/// What kind of actor did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditActorKind {
    /// A person, through a membership.
    Person = 1,
    /// An administrator of the system.
    Operator = 2,
    /// An application with a system certificate of the box.
    Application = 3,
    /// The system itself.
    System = 4,
    /// Somebody who did not prove who they are.
    Nobody = 5,
}

impl AuditActorKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [
        Self::Person,
        Self::Operator,
        Self::Application,
        Self::System,
        Self::Nobody,
    ];

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
}

/// Who did it, called as they were called then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditActor {
    /// Kind.
    pub kind: AuditActorKind,
    /// Membership through which a person acted.
    pub isds_id: Option<IsdsId>,
    /// Name; empty for applications, the system and nobody.
    pub name: String,
}

impl AuditActor {
    /// The system itself.
    #[must_use]
    pub fn system() -> Self {
        Self::nameless(AuditActorKind::System)
    }

    /// Somebody who did not prove who they are.
    #[must_use]
    pub fn nobody() -> Self {
        Self::nameless(AuditActorKind::Nobody)
    }

    fn nameless(kind: AuditActorKind) -> Self {
        Self {
            kind,
            isds_id: None,
            name: String::new(),
        }
    }

    /// A caller.
    #[must_use]
    pub fn of(caller: &Principal) -> Self {
        let (kind, person) = match &caller.actor {
            Actor::Person(person) => (AuditActorKind::Person, person),
            Actor::Operator(person) => (AuditActorKind::Operator, person),
            Actor::Application => return Self::nameless(AuditActorKind::Application),
        };
        Self {
            kind,
            isds_id: caller.membership.as_ref().map(|membership| membership.isds_id.clone()),
            name: bounded(&person.full_name()),
        }
    }
}

/// Which way somebody came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditOrigin {
    /// Through the mailbox or a console.
    Web = 1,
    /// Through web services.
    Soap = 2,
    /// The system did it by itself, or whoever operates the machine.
    System = 3,
}

impl AuditOrigin {
    /// All ways.
    pub const ALL: [Self; 3] = [Self::Web, Self::Soap, Self::System];

    /// The way of a caller.
    #[must_use]
    pub fn of(caller: &Principal) -> Self {
        if caller.session.is_some() {
            Self::Web
        } else {
            Self::Soap
        }
    }

    /// Number kept in the database.
    #[must_use]
    pub fn code(self) -> i16 {
        self as i16
    }

    /// Way with the number.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.code() == code)
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditOutcome {
    /// It was done.
    Done,
    /// It was refused, with this status code; 9000 where a part of the system failed.
    Refused(i16),
}

impl AuditOutcome {
    const BROKEN: i16 = 9000;

    /// What a result says.
    #[must_use]
    pub fn of<T>(result: &Result<T, Failure>) -> Self {
        match result {
            Ok(_) => Self::Done,
            Err(Failure::Refused(refusal)) => Self::refused(refusal.status()),
            Err(Failure::Broken(..)) => Self::Refused(Self::BROKEN),
        }
    }

    /// Refused with a status.
    #[must_use]
    pub fn refused(status: Status) -> Self {
        Self::Refused(status.code().parse().unwrap_or(Self::BROKEN))
    }

    /// Number kept in the database: 0 for what was done, else the status code.
    #[must_use]
    pub fn code(self) -> i16 {
        match self {
            Self::Done => 0,
            Self::Refused(code) => code,
        }
    }

    /// Outcome with the number.
    #[must_use]
    pub fn from_code(code: i16) -> Self {
        if code == 0 { Self::Done } else { Self::Refused(code) }
    }
}

/// What it was about. Never content, subjects of messages, or anything secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditSubject {
    /// Box in which it happened; where none is named, the caller's.
    pub box_id: Option<BoxId>,
    /// Message.
    pub message: Option<MessageId>,
    /// User (`isdsID`).
    pub isds_id: Option<IsdsId>,
    /// Another box that it was about.
    pub other_box: Option<BoxId>,
    /// A few words more: a number, an amount, the name of a setting.
    pub detail: Option<String>,
}

impl AuditSubject {
    /// Nothing in particular, in the caller's box.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// A message, in the caller's box.
    #[must_use]
    pub fn message(id: MessageId) -> Self {
        Self {
            message: Some(id),
            ..Self::default()
        }
    }

    /// A box.
    #[must_use]
    pub fn in_box(id: BoxId) -> Self {
        Self::default().of_box(Some(id))
    }

    /// In that box, where there is one.
    #[must_use]
    pub fn of_box(self, box_id: Option<BoxId>) -> Self {
        Self { box_id, ..self }
    }

    /// About a user.
    #[must_use]
    pub fn user(self, isds_id: &IsdsId) -> Self {
        Self {
            isds_id: Some(isds_id.clone()),
            ..self
        }
    }

    /// About another box as well.
    #[must_use]
    pub fn with_box(self, other: BoxId) -> Self {
        Self {
            other_box: Some(other),
            ..self
        }
    }

    /// With a few words more.
    #[must_use]
    pub fn detail(self, detail: impl AsRef<str>) -> Self {
        Self {
            detail: Some(bounded(detail.as_ref())),
            ..self
        }
    }
}

/// A record as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Real time.
    pub real: Timestamp,
    /// Legal time, by which records are found.
    pub legal: Timestamp,
    /// Who.
    pub actor: AuditActor,
    /// Which way.
    pub origin: AuditOrigin,
    /// What.
    pub action: AuditAction,
    /// About what.
    pub subject: AuditSubject,
    /// What came of it.
    pub outcome: AuditOutcome,
    /// Where the caller called from; none where nobody called, and in records that are older than this field.
    pub address: Option<IpAddr>,
}

impl AuditEntry {
    /// Digest of the record, over every field with its length.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(FORM);
        for number in [
            self.real.0,
            self.legal.0,
            i64::from(self.actor.kind.code()),
            i64::from(self.origin.code()),
            i64::from(self.action.code()),
            i64::from(self.outcome.code()),
        ] {
            digest.update(number.to_be_bytes());
        }
        let subject = &self.subject;
        let message = subject.message.map(|id| id.to_string());
        for text in [
            self.actor.isds_id.as_ref().map(|id| id.0.as_str()),
            Some(self.actor.name.as_str()),
            subject.box_id.as_ref().map(BoxId::as_str),
            message.as_deref(),
            subject.isds_id.as_ref().map(|id| id.0.as_str()),
            subject.other_box.as_ref().map(BoxId::as_str),
            subject.detail.as_deref(),
        ] {
            // Nothing there and an empty text are not the same.
            let length = text.map_or(u64::MAX, |text| text.len() as u64);
            digest.update(length.to_be_bytes());
            digest.update(text.unwrap_or_default().as_bytes());
        }
        // Not there where there is none: records from before there were addresses keep their digests.
        if let Some(address) = self.address {
            let text = address.to_string();
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text.as_bytes());
        }
        digest.finalize().into()
    }
}

/// Number of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AuditId(pub i64);

/// A record as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its number.
    pub id: AuditId,
    /// What was written.
    pub entry: AuditEntry,
    /// Its digest when it was written.
    pub digest: [u8; 32],
    /// Number of the seal that covers it.
    pub seal: Option<i64>,
}

impl AuditRecord {
    /// Where it stands in lists.
    #[must_use]
    pub fn position(&self) -> AuditPosition {
        AuditPosition {
            legal: self.entry.legal,
            id: self.id,
        }
    }
}

/// Place of a record in lists, which begin with the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditPosition {
    /// Legal time.
    pub legal: Timestamp,
    /// Number.
    pub id: AuditId,
}

/// Two numbers with a full stop between them.
impl std::fmt::Display for AuditPosition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.legal.0, self.id.0)
    }
}

/// Text that is no place of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a place of a record")]
pub struct AuditPositionError;

impl std::str::FromStr for AuditPosition {
    type Err = AuditPositionError;

    fn from_str(text: &str) -> Result<Self, AuditPositionError> {
        let (legal, id) = text.split_once('.').ok_or(AuditPositionError)?;
        Ok(Self {
            legal: Timestamp(legal.parse().map_err(|_| AuditPositionError)?),
            id: AuditId(id.parse().map_err(|_| AuditPositionError)?),
        })
    }
}

/// A link of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditSeal {
    /// From 1, without gaps.
    pub number: i64,
    /// Real time.
    pub sealed: Timestamp,
    /// How many records and batches of calls it covers.
    pub count: i64,
    /// See [`AuditSeal::over`].
    pub hash: [u8; 32],
}

impl AuditSeal {
    /// The seal that follows `last` and covers the records, in the order of their numbers, and behind them the batches
    /// of calls, in the order of theirs ([`CallBatchId::in_seal`]).
    #[must_use]
    pub fn over<'a>(
        last: Option<&Self>,
        sealed: Timestamp,
        records: impl IntoIterator<Item = (AuditId, &'a [u8; 32])>,
    ) -> Self {
        let number = last.map_or(1, |last| last.number + 1);
        let mut digest = Sha256::new();
        digest.update(FORM);
        digest.update(number.to_be_bytes());
        digest.update(sealed.0.to_be_bytes());
        digest.update(last.map_or([0; 32], |last| last.hash));
        let mut count: i64 = 0;
        for (id, record) in records {
            digest.update(id.0.to_be_bytes());
            digest.update(record);
            count += 1;
        }
        digest.update(count.to_be_bytes());
        Self {
            number,
            sealed,
            count,
            hash: digest.finalize().into(),
        }
    }
}

fn bounded(text: &str) -> String {
    let cleaned = clean(text);
    truncate(cleaned.trim(), MAX_TEXT).to_owned()
}

#[cfg(test)]
mod tests;
