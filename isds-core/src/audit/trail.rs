//! The trail as a file: lines of JSON, each an object with one member that names its kind.
//!
//! It begins with what it holds. Then come, one after the other, the seals of the chain, each behind what it covers (records
//! by their numbers, batches of calls by theirs), and behind a seal its signed head, where there is one. The last line
//! counts the others. A trail that does not begin with the first seal begins behind a signed head. [`TrailCheck`] computes the
//! chain anew from nothing but the lines.

use std::net::IpAddr;

use base64_simd::STANDARD;
use serde::{Deserialize, Serialize};

use super::{
    AuditAction, AuditActor, AuditActorKind, AuditEntry, AuditHead, AuditId, AuditOrigin, AuditOutcome, AuditRecord,
    AuditSeal, AuditSubject, CallBatch, CallBatchId, NewCallBatch, export,
};
use crate::ids::IsdsId;
use crate::time::Timestamp;

/// Version of the form.
const FORM: u32 = 1;
/// Most records and batches of one seal that are held; a seal of ours has two thousand and twenty.
const MOST_COVERED: usize = 100_000;

/// An instant with its microseconds, in UTC.
pub(super) fn rfc3339(time: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(time.0).map_or_else(|_| time.0.to_string(), |instant| instant.to_string())
}

/// An instant as a text.
pub(super) mod instant {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::time::Timestamp;

    pub fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::rfc3339(*time))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let instant: jiff::Timestamp = text.parse().map_err(serde::de::Error::custom)?;
        Ok(Timestamp(instant.as_microsecond()))
    }
}

/// Octets as hexadecimal digits.
mod digits {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(octets: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(octets))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let mut octets = [0; 32];
        hex::decode_to_slice(text.as_ref(), &mut octets).map_err(serde::de::Error::custom)?;
        Ok(octets)
    }
}

/// Octets as base64.
mod base64 {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::STANDARD;

    pub fn serialize<S: Serializer>(octets: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode_to_string(octets))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        STANDARD
            .decode_to_vec(text.as_bytes())
            .map_err(serde::de::Error::custom)
    }
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrailLine {
    /// The first.
    Trail(TrailBeginning),
    /// What somebody did.
    Record(Box<TrailRecord>),
    /// Calls of operations.
    Calls(TrailCalls),
    /// A link of the chain over what stands before it.
    Seal(TrailSeal),
    /// The seal before it, signed; or, at the beginning, the one behind which the trail begins.
    Head(TrailHead),
    /// The last.
    End(TrailEnd),
}

/// What a trail holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailBeginning {
    /// Version of the form.
    pub form: u32,
    /// When it was written, in real time.
    #[serde(with = "instant")]
    pub exported: Timestamp,
    /// Number of the seal behind which it begins; its signed head is the next line.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub behind: Option<i64>,
}

/// How much a trail holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailEnd {
    /// Records.
    pub records: u64,
    /// Batches of calls.
    pub batches: u64,
    /// Seals.
    pub seals: u64,
    /// Signed heads, that at the beginning included.
    pub heads: u64,
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailRecord {
    id: i64,
    #[serde(with = "instant")]
    real: Timestamp,
    #[serde(with = "instant")]
    legal: Timestamp,
    actor: String,
    #[serde(rename = "isdsID", skip_serializing_if = "Option::is_none", default)]
    isds_id: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    name: String,
    origin: String,
    action: String,
    outcome: i16,
    #[serde(rename = "dbID", skip_serializing_if = "Option::is_none", default)]
    box_id: Option<String>,
    #[serde(rename = "dmID", skip_serializing_if = "Option::is_none", default)]
    message: Option<String>,
    #[serde(rename = "subjectIsdsID", skip_serializing_if = "Option::is_none", default)]
    subject_isds_id: Option<String>,
    #[serde(rename = "otherDbID", skip_serializing_if = "Option::is_none", default)]
    other_box: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    address: Option<IpAddr>,
}

impl From<&AuditRecord> for TrailRecord {
    fn from(record: &AuditRecord) -> Self {
        let entry = &record.entry;
        let subject = &entry.subject;
        Self {
            id: record.id.0,
            real: entry.real,
            legal: entry.legal,
            actor: export::actor(entry.actor.kind).to_owned(),
            isds_id: entry.actor.isds_id.as_ref().map(|id| id.0.clone()),
            name: entry.actor.name.clone(),
            origin: export::origin(entry.origin).to_owned(),
            action: entry.action.name().to_owned(),
            outcome: entry.outcome.code(),
            box_id: subject.box_id.map(|id| id.to_string()),
            message: subject.message.map(|id| id.to_string()),
            subject_isds_id: subject.isds_id.as_ref().map(|id| id.0.clone()),
            other_box: subject.other_box.map(|id| id.to_string()),
            detail: subject.detail.clone(),
            address: entry.address,
        }
    }
}

impl TrailRecord {
    /// What was recorded; nothing where it names what no record has.
    fn entry(&self) -> Option<AuditEntry> {
        let box_of = |text: &Option<String>| {
            text.as_ref()
                .map(|text| text.parse().ok())
                .map_or(Some(None), |id| id.map(Some))
        };
        let message = match &self.message {
            Some(text) => Some(text.parse().ok()?),
            None => None,
        };
        Some(AuditEntry {
            real: self.real,
            legal: self.legal,
            actor: AuditActor {
                kind: AuditActorKind::ALL
                    .into_iter()
                    .find(|kind| export::actor(*kind) == self.actor)?,
                isds_id: self.isds_id.clone().map(IsdsId),
                name: self.name.clone(),
            },
            origin: AuditOrigin::ALL
                .into_iter()
                .find(|origin| export::origin(*origin) == self.origin)?,
            action: AuditAction::from_name(&self.action)?,
            subject: AuditSubject {
                box_id: box_of(&self.box_id)?,
                message,
                isds_id: self.subject_isds_id.clone().map(IsdsId),
                other_box: box_of(&self.other_box)?,
                detail: self.detail.clone(),
            },
            outcome: AuditOutcome::from_code(self.outcome),
            address: self.address,
        })
    }
}

/// A batch of calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailCalls {
    id: i64,
    #[serde(with = "instant")]
    written: Timestamp,
    calls: Vec<super::AuditCall>,
}

impl From<&CallBatch> for TrailCalls {
    fn from(batch: &CallBatch) -> Self {
        Self {
            id: batch.id.0,
            written: batch.batch.written,
            // What somebody made unreadable in the database goes out empty, and its seal will not hold.
            calls: serde_json::from_str(&batch.batch.calls).unwrap_or_default(),
        }
    }
}

/// A link of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailSeal {
    number: i64,
    #[serde(with = "instant")]
    sealed: Timestamp,
    count: i64,
    #[serde(with = "digits")]
    hash: [u8; 32],
}

impl From<&AuditSeal> for TrailSeal {
    fn from(seal: &AuditSeal) -> Self {
        Self {
            number: seal.number,
            sealed: seal.sealed,
            count: seal.count,
            hash: seal.hash,
        }
    }
}

/// A signed head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailHead {
    number: i64,
    #[serde(with = "instant")]
    sealed: Timestamp,
    #[serde(with = "digits")]
    hash: [u8; 32],
    #[serde(with = "instant")]
    signed: Timestamp,
    #[serde(with = "base64")]
    signature: Vec<u8>,
}

impl From<AuditHead> for TrailHead {
    fn from(head: AuditHead) -> Self {
        let AuditHead {
            number,
            sealed,
            hash,
            signed,
            signature,
        } = head;
        Self {
            number,
            sealed,
            hash,
            signed,
            signature,
        }
    }
}

impl TrailBeginning {
    /// The first line of a trail.
    #[must_use]
    pub fn new(exported: Timestamp, behind: Option<i64>) -> Self {
        Self {
            form: FORM,
            exported,
            behind,
        }
    }
}

/// Why a trail does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrailError {
    /// The first line is not that of a trail.
    #[error("not a trail of records")]
    NotATrail,
    /// A form that is not known here.
    #[error("a trail of the form {0}, which is not known")]
    Form(u32),
    /// A line that is not of this form.
    #[error("a line that is none of a trail")]
    Line,
    /// A line where it may not stand.
    #[error("a line in the wrong place")]
    Place,
    /// A record that names what no record has.
    #[error("record {0} cannot be read")]
    Record(i64),
    /// A seal is missing.
    #[error("seal {expected} is missing")]
    Missing {
        /// The one that had to come.
        expected: i64,
    },
    /// What a seal covers was altered, added to, removed or reordered.
    #[error("seal {0} does not cover what stands before it")]
    Seal(i64),
    /// More than any seal covers.
    #[error("more records without a seal than any seal covers")]
    TooMany,
    /// A signed head of another seal than the one before it.
    #[error("the signed head of seal {0} is not that of the seal before it")]
    Head(i64),
    /// It begins in the middle, and not behind a signed head.
    #[error("it begins behind a seal that is not signed")]
    Beginning,
    /// The last line does not count what stands before it.
    #[error("the last line counts otherwise")]
    Count,
    /// The last line is missing.
    #[error("it is cut off")]
    CutOff,
}

impl TrailError {
    /// Whether the file is no trail at all.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        matches!(self, Self::NotATrail | Self::Form(_))
    }
}

/// What was found in a trail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrailSummary {
    /// How much it is.
    pub counted: TrailEnd,
    /// Calls of operations.
    pub calls: u64,
    /// Number of the seal behind which it begins; 0 where it is the whole.
    pub behind: i64,
    /// Number of the last seal.
    pub last: i64,
    /// Real time of the oldest record or call.
    pub from: Option<Timestamp>,
    /// Real time of the newest.
    pub to: Option<Timestamp>,
    /// Number of the last seal that is signed.
    pub signed: Option<i64>,
    /// Records and batches of calls behind it.
    pub unsigned: u64,
}

/// Computes the chain of a trail anew, line by line. It holds what one seal covers, and nothing more.
#[derive(Debug, Default)]
pub struct TrailCheck {
    begun: bool,
    /// The signed head that has to come next.
    awaited: Option<i64>,
    last: Option<AuditSeal>,
    covered: Vec<(AuditId, [u8; 32])>,
    found: TrailSummary,
    ended: bool,
}

impl TrailCheck {
    /// What was found so far.
    #[must_use]
    pub fn found(&self) -> &TrailSummary {
        &self.found
    }

    /// Takes the next line. A signed head that comes back fits the chain; its signature is to be examined by whoever can.
    ///
    /// # Errors
    /// [`TrailError`]: the trail does not hold, and nothing behind this line says anything.
    pub fn take(&mut self, line: &str) -> Result<Option<AuditHead>, TrailError> {
        let parsed = serde_json::from_str::<TrailLine>(line);
        let line = match (parsed, self.begun) {
            (Ok(line), _) => line,
            (Err(_), false) => return Err(TrailError::NotATrail),
            (Err(_), true) => return Err(TrailError::Line),
        };
        match line {
            TrailLine::Trail(beginning) if !self.begun => self.begin(&beginning).map(|()| None),
            _ if !self.begun => Err(TrailError::NotATrail),
            _ if self.ended => Err(TrailError::Place),
            TrailLine::Head(head) => self.head(head).map(Some),
            _ if self.awaited.is_some() => Err(TrailError::Beginning),
            TrailLine::Trail(_) => Err(TrailError::Place),
            TrailLine::Record(record) => self.record(&record).map(|()| None),
            TrailLine::Calls(calls) => self.calls(&calls).map(|()| None),
            TrailLine::Seal(seal) => self.seal(&seal).map(|()| None),
            TrailLine::End(end) => self.end(end).map(|()| None),
        }
    }

    /// Nothing comes any more.
    ///
    /// # Errors
    /// Where the last line is missing.
    pub fn finish(self) -> Result<TrailSummary, TrailError> {
        match (self.begun, self.ended) {
            (true, true) => Ok(self.found),
            (true, false) => Err(TrailError::CutOff),
            (false, _) => Err(TrailError::NotATrail),
        }
    }

    fn begin(&mut self, beginning: &TrailBeginning) -> Result<(), TrailError> {
        if beginning.form != FORM {
            return Err(TrailError::Form(beginning.form));
        }
        self.begun = true;
        self.awaited = beginning.behind;
        self.found.behind = beginning.behind.unwrap_or_default();
        self.found.last = self.found.behind;
        Ok(())
    }

    fn record(&mut self, record: &TrailRecord) -> Result<(), TrailError> {
        let entry = record.entry().ok_or(TrailError::Record(record.id))?;
        self.found.counted.records += 1;
        self.happened(entry.real, entry.real);
        self.cover(AuditId(record.id), entry.digest())
    }

    fn calls(&mut self, calls: &TrailCalls) -> Result<(), TrailError> {
        let batch = NewCallBatch::of(calls.written, &calls.calls);
        self.found.counted.batches += 1;
        self.found.calls = calls
            .calls
            .iter()
            .fold(self.found.calls, |sum, call| sum.saturating_add(call.count));
        let first = calls.calls.iter().map(|call| call.at).min();
        self.happened(first.unwrap_or(calls.written), calls.written);
        self.cover(CallBatchId(calls.id).in_seal(), batch.digest())
    }

    fn happened(&mut self, from: Timestamp, to: Timestamp) {
        let found = &mut self.found;
        found.from = Some(found.from.map_or(from, |known| known.min(from)));
        found.to = Some(found.to.map_or(to, |known| known.max(to)));
    }

    fn cover(&mut self, id: AuditId, digest: [u8; 32]) -> Result<(), TrailError> {
        if self.covered.len() >= MOST_COVERED {
            return Err(TrailError::TooMany);
        }
        self.covered.push((id, digest));
        self.found.unsigned += 1;
        Ok(())
    }

    fn seal(&mut self, seal: &TrailSeal) -> Result<(), TrailError> {
        let expected = self.found.last + 1;
        if seal.number != expected {
            return Err(TrailError::Missing { expected });
        }
        let covered = self.covered.iter().map(|(id, digest)| (*id, digest));
        let computed = AuditSeal::over(self.last.as_ref(), seal.sealed, covered);
        if TrailSeal::from(&computed) != *seal {
            return Err(TrailError::Seal(seal.number));
        }
        self.covered.clear();
        self.found.counted.seals += 1;
        self.found.last = seal.number;
        self.last = Some(computed);
        Ok(())
    }

    fn head(&mut self, head: TrailHead) -> Result<AuditHead, TrailError> {
        let TrailHead {
            number,
            sealed,
            hash,
            signed,
            signature,
        } = head;
        match (self.awaited.take(), &self.last) {
            (Some(awaited), _) if awaited == number => {
                self.last = Some(AuditSeal {
                    number,
                    sealed,
                    count: 0,
                    hash,
                });
            }
            (None, Some(last))
                if self.covered.is_empty() && (last.number, last.sealed, last.hash) == (number, sealed, hash) => {}
            _ => return Err(TrailError::Head(number)),
        }
        self.found.counted.heads += 1;
        self.found.signed = Some(number);
        self.found.unsigned = 0;
        Ok(AuditHead {
            number,
            sealed,
            hash,
            signed,
            signature,
        })
    }

    fn end(&mut self, end: TrailEnd) -> Result<(), TrailError> {
        if !self.covered.is_empty() {
            return Err(TrailError::Place);
        }
        if end != self.found.counted {
            return Err(TrailError::Count);
        }
        self.ended = true;
        Ok(())
    }
}
