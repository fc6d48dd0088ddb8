//! Calls of the contract's operations: who called which, from where, and what it came to.
//!
//! There are far more of them than of other records, and nobody looks for one of them alone. So the calls that were
//! the same but for their time are one line with a count for each second, the lines of a second one row, and that row one
//! link of the chain.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{AuditActor, AuditId, AuditOutcome, export};
use crate::principal::Principal;
use crate::time::Timestamp;

/// What is hashed begins with the version of its form.
const FORM: &[u8] = b"isds-calls-1";

/// Calls that came within a second and were the same but for their time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditCall {
    /// When the first of them came, in real time.
    #[serde(with = "super::trail::instant")]
    pub at: Timestamp,
    /// Kind of the caller.
    pub actor: String,
    /// Membership through which a person called.
    #[serde(rename = "isdsID", skip_serializing_if = "Option::is_none", default)]
    pub isds_id: Option<String>,
    /// The caller's box.
    #[serde(rename = "dbID", skip_serializing_if = "Option::is_none", default)]
    pub box_id: Option<String>,
    /// Operation of the contract.
    pub operation: String,
    /// 0 for what was done, else the status code.
    pub outcome: i16,
    /// Where they came from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub address: Option<IpAddr>,
    /// How many there were.
    pub count: u64,
}

impl AuditCall {
    /// One call by somebody who is known.
    pub(crate) fn of(at: Timestamp, caller: &Principal, operation: &str, outcome: AuditOutcome) -> Self {
        let actor = AuditActor::of(caller);
        Self {
            at,
            actor: export::actor(actor.kind).to_owned(),
            isds_id: actor.isds_id.map(|id| id.0),
            box_id: caller.data_box.as_ref().map(|own| own.id.to_string()),
            operation: operation.to_owned(),
            outcome: outcome.code(),
            address: super::caller_address(),
            count: 1,
        }
    }

    /// What it has in common with those that it is counted with.
    pub(super) fn kind(self) -> Self {
        Self {
            at: Timestamp(0),
            count: 0,
            ..self
        }
    }
}

/// Number of a batch of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallBatchId(pub i64);

impl CallBatchId {
    /// Its number among what a seal covers: below those of records, which begin with one.
    #[must_use]
    pub fn in_seal(self) -> AuditId {
        AuditId(self.0.saturating_neg())
    }
}

/// A batch of calls that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCallBatch {
    /// When it was closed, in real time.
    pub written: Timestamp,
    /// The calls as a JSON array: the form in which they are kept and hashed.
    pub calls: String,
}

impl NewCallBatch {
    /// A batch of these calls.
    #[must_use]
    pub fn of(written: Timestamp, calls: &[AuditCall]) -> Self {
        // Numbers, texts and addresses: there is nothing in it that could not be written.
        let calls = serde_json::to_string(calls).unwrap_or_default();
        Self { written, calls }
    }

    /// Its digest.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(FORM);
        digest.update(self.written.0.to_be_bytes());
        digest.update(self.calls.as_bytes());
        digest.finalize().into()
    }
}

/// A batch of calls as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallBatch {
    /// Its number.
    pub id: CallBatchId,
    /// What was written.
    pub batch: NewCallBatch,
    /// Its digest when it was written.
    pub digest: [u8; 32],
    /// Number of the seal that covers it.
    pub seal: Option<i64>,
}
