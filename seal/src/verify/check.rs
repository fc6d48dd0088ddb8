//! What a verification answers with: checks, findings, verdict.

use isds_core::examination::{CheckName, FoundSeal, FoundTimestamp, Level, SkipReason, Verdict};
use wire::sealed_content::SealedContent;

use super::refusal::Refusal;

/// How a check came out.
#[derive(Debug)]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// Not as it should be.
    Failed(Refusal),
    /// Not looked at.
    Skipped(SkipReason),
}

/// One line of a report.
#[derive(Debug)]
pub struct Check {
    /// What was looked at.
    pub name: CheckName,
    /// How it came out.
    pub outcome: Outcome,
}

/// What was read, whether or not it may be believed: that is what the checks say.
#[derive(Debug, Default)]
pub struct Found {
    /// The document.
    pub content: Option<SealedContent>,
    /// The claimed time of signing, microseconds of UTC.
    pub signing_time: Option<i64>,
    /// The seal's maker.
    pub seal: Option<FoundSeal>,
    /// The valid timestamps over the seal.
    pub signature_timestamps: Vec<FoundTimestamp>,
    /// The valid archive timestamps, the newest first.
    pub archive_timestamps: Vec<FoundTimestamp>,
    /// The valid timestamp over the message.
    pub message_timestamp: Option<FoundTimestamp>,
    /// Unsigned attributes that were not evaluated (archive timestamps of older forms, for one), as dotted numbers.
    pub ignored_attributes: Vec<String>,
}

impl Found {
    /// How far the evidence reaches, by the timestamps that are valid; unknown without a seal.
    pub fn level(&self) -> Option<Level> {
        let seal = self.seal.as_ref()?;
        Some(if !seal.names_certificate {
            // Anybody may add a timestamp, but nobody the signed attribute that CAdES asks for (EN 319 122-1 clause 5.2.2).
            Level::Plain
        } else if !self.archive_timestamps.is_empty() {
            Level::Archived
        } else if !self.signature_timestamps.is_empty() {
            Level::Stamped
        } else {
            Level::Basic
        })
    }
}

/// The report on one file.
#[derive(Debug)]
pub struct Verification {
    /// Each check once, except that several signature or archive timestamps have a line each.
    pub checks: Vec<Check>,
    /// What was read.
    pub found: Found,
    /// All in one word.
    pub verdict: Verdict,
}
