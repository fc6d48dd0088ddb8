//! `isds verify --audit`: a trail of records, examined without the system that wrote it.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use isds_core::audit::{AuditHead, TrailCheck, TrailError, TrailSummary};
use isds_core::examination::{Level, Verdict};
use isds_core::time::Timestamp;
use seal::report;
use seal::verify::{Outcome, TrustRoots, Verification, verify_statement};
use serde_json::{Value, json};

/// Longest line. A batch of a thousand calls is a quarter of a megabyte.
const LONGEST_LINE: u64 = 4 << 20;
/// Longest statement that is signed.
const LONGEST_STATEMENT: usize = 1000;

/// What was found.
pub struct Report {
    file: String,
    /// All in one word.
    pub verdict: Verdict,
    found: TrailSummary,
    /// What does not hold.
    fault: Option<String>,
    /// Who signed the heads.
    signers: Vec<String>,
    /// The first and the last timestamp over a signature.
    stamped: Option<(Timestamp, Timestamp)>,
}

/// Why an examination ended.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("it cannot be read")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Trail(#[from] TrailError),
    #[error("the signature of seal {0}: {1}")]
    Signature(i64, String),
}

/// Reads a trail to its end, line by line, and checks the chain, each signature and each timestamp; with `trust`, their
/// issuers too.
pub fn examine(path: &Path, trust: Option<&TrustRoots>) -> Report {
    let mut report = Report {
        file: path.display().to_string(),
        verdict: Verdict::Unreadable,
        found: TrailSummary::default(),
        fault: None,
        signers: Vec::new(),
        stamped: None,
    };
    let mut check = TrailCheck::default();
    let read = File::open(path)
        .map_err(Fault::from)
        .and_then(|file| report.read(BufReader::new(file), &mut check, trust));
    report.found = check.found().clone();
    let ended = read.and_then(|()| Ok(check.finish()?));
    report.verdict = match &ended {
        Err(Fault::Io(_)) => Verdict::Unreadable,
        Err(Fault::Trail(error)) if error.is_unreadable() => Verdict::Unreadable,
        Err(_) => Verdict::Invalid,
        // What nobody signed, anybody may have written.
        Ok(found) if found.signed.is_none() || found.unsigned > 0 || trust.is_none() => Verdict::Intact,
        Ok(_) => Verdict::Trusted,
    };
    report.fault = ended.err().map(|fault| isds_core::error::Chain(&fault).to_string());
    report
}

impl Report {
    fn read(
        &mut self,
        mut source: impl BufRead,
        check: &mut TrailCheck,
        trust: Option<&TrustRoots>,
    ) -> Result<(), Fault> {
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = source.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
            if read == 0 {
                return Ok(());
            }
            // A line that is too long, or not text, is none of a trail.
            let text = std::str::from_utf8(&line).unwrap_or_default();
            if let Some(head) = check.take(text.trim_end_matches('\n'))? {
                self.signature(&head, trust)?;
            }
        }
    }

    fn signature(&mut self, head: &AuditHead, trust: Option<&TrustRoots>) -> Result<(), Fault> {
        let refuse = |why: String| Err(Fault::Signature(head.number, why));
        let (verification, statement) = verify_statement(head.signature.as_slice(), LONGEST_STATEMENT, trust);
        if let Some(why) = first_refusal(&verification) {
            return refuse(why);
        }
        if statement != head.own_statement().as_bytes() {
            return refuse("it is of another seal".to_owned());
        }
        let found = verification.found;
        if !matches!(found.level(), Some(Level::Stamped | Level::Archived)) {
            return refuse("it has no timestamp".to_owned());
        }
        let times = found.signature_timestamps.iter().map(|stamp| stamp.gen_time);
        if let Some(time) = times.min() {
            self.stamped = Some(self.stamped.map_or((time, time), |(first, _)| (first, time)));
        }
        if let Some(seal) = found.seal
            && !self.signers.contains(&seal.subject)
        {
            self.signers.push(seal.subject);
        }
        Ok(())
    }

    /// The report in lines.
    pub fn text(&self) -> String {
        let mut out = format!("{}: {}\n", self.file, report::sentence(self.verdict));
        for (label, value) in self.facts() {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "  {label}: {}", printable(&value));
        }
        if let Some(fault) = &self.fault {
            let _ = writeln!(out, "  FAILED   {}", printable(fault));
        }
        out
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let found = &self.found;
        let mut facts = Vec::new();
        if let (Some(from), Some(to)) = (found.from, found.to) {
            facts.push(("from", from.to_string()));
            facts.push(("to", to.to_string()));
        }
        facts.push(("records", found.counted.records.to_string()));
        facts.push(("calls", found.calls.to_string()));
        if found.counted.seals > 0 {
            facts.push(("seals", format!("{} to {}", found.behind + 1, found.last)));
        }
        facts.push(("signatures", found.counted.heads.to_string()));
        if let Some((first, last)) = self.stamped {
            facts.push(("timestamps", format!("{first} to {last}")));
        }
        facts.extend(self.signers.iter().map(|signer| ("signed by", signer.clone())));
        if found.unsigned > 0 {
            let what = format!(
                "{} records and batches of calls behind the last signature",
                found.unsigned
            );
            facts.push(("not signed", what));
        }
        facts
    }

    /// The report as a JSON object.
    pub fn json(&self) -> Value {
        let found = &self.found;
        let text = |time: Timestamp| time.to_string();
        json!({
            "file": self.file,
            "verdict": self.verdict.as_str(),
            "exitCode": report::code(self.verdict),
            "from": found.from.map(text),
            "to": found.to.map(text),
            "records": found.counted.records,
            "calls": found.calls,
            "seals": found.counted.seals,
            "firstSeal": found.behind + 1,
            "lastSeal": found.last,
            "signatures": found.counted.heads,
            "signedThrough": found.signed,
            "unsigned": found.unsigned,
            "firstTimestamp": self.stamped.map(|(first, _)| text(first)),
            "lastTimestamp": self.stamped.map(|(_, last)| text(last)),
            "signedBy": self.signers,
            "fault": self.fault,
        })
    }
}

fn first_refusal(verification: &Verification) -> Option<String> {
    verification.checks.iter().find_map(|check| match &check.outcome {
        Outcome::Failed(refusal) => Some(format!("{}: {}", check.name.as_str(), report::with_sources(refusal))),
        Outcome::Ok | Outcome::Skipped(_) => None,
    })
}

/// Names in certificates are anybody's.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{FFFD}' } else { c })
        .collect()
}
