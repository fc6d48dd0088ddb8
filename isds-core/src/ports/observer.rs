//! Who is told what happens, in order to count it.

use std::time::Duration;

use crate::envelope::MessageKind;
use crate::operation::Operation;

/// By which way somebody signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignInWay {
    /// Name and password with a call of a web service.
    Services,
    /// System certificate with a call of a web service.
    Certificate,
    /// Name and password in the mailbox.
    Mailbox,
    /// One-time code in the mailbox.
    Code,
    /// Passkey in the mailbox.
    Passkey,
}

/// What came of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignInOutcome {
    /// Let in.
    Right,
    /// Wrong, unknown, expired.
    Wrong,
    /// Turned away: the name, or the address, is locked after repeated failures.
    Locked,
    /// Turned away: too many sign-ins wait.
    Busy,
    /// It could not be found out.
    Broken,
}

/// What came of working on a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobOutcome {
    /// It ended, or a part of it that goes on at once.
    Done,
    /// Something that it needs is not there now; it is tried again.
    Later,
    /// It failed; it is tried again.
    Failed,
}

/// How a call was restrained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RestraintKind {
    /// Refused: too many calls of its box at once (3008).
    Parallel,
    /// Delayed: its account is beyond its allowance.
    Delayed,
    /// Delayed and refused: another call of the account ran (3009).
    Busy,
}

/// Something that happened. It names no box, no person and no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observation {
    /// A call of a web service was answered.
    Call {
        /// Which operation; none where the call did not get so far as to name one that there is.
        operation: Option<Operation>,
        /// Status code, or `fault` for an answer that is none.
        code: &'static str,
        /// From its first byte to the head of the answer.
        took: Duration,
    },
    /// Somebody signed in, or tried to.
    SignIn {
        /// Way.
        way: SignInWay,
        /// What came of it.
        outcome: SignInOutcome,
    },
    /// A message was accepted.
    Accepted {
        /// Kind.
        kind: MessageKind,
        /// It is a large message.
        large: bool,
    },
    /// A job was worked on.
    Job {
        /// Its kind, as `job_kind_name` names it.
        kind: &'static str,
        /// What came of it.
        outcome: JobOutcome,
        /// How long it took.
        took: Duration,
    },
    /// A call was restrained.
    Restrained(RestraintKind),
    /// Time changed messages: fiction, retention, vault.
    LifeCycle {
        /// How many changes were written.
        changes: u64,
    },
}

/// Counts what happens. Telling it costs next to nothing and cannot fail.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn note(&self, observation: Observation);
}

/// Nobody counts.
pub struct NoObserver;

impl Observer for NoObserver {
    fn note(&self, _observation: Observation) {}
}
