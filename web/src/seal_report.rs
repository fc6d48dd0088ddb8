//! The examination of a sealed document in words: one sentence that says it, the names behind it, and every check.

use std::borrow::Cow;

use isds_core::examination::{CheckName, CheckOutcome, Examination, FaultReason, SkipReason, Verdict};
use isds_core::time::Timestamp;

use crate::page::times;
use crate::words::Words;

/// How a report is to be coloured; its sentence says the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// All is well.
    Success,
    /// Something to think about.
    Warning,
    /// Something is wrong.
    Error,
}

impl Tone {
    /// The colour of a remark.
    pub(crate) fn color(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One check in words.
#[derive(Debug, Clone)]
pub(crate) struct CheckLine {
    pub(crate) name: Cow<'static, str>,
    pub(crate) outcome: Cow<'static, str>,
    pub(crate) why: Option<Cow<'static, str>>,
    /// For those who know the formats, in English.
    pub(crate) detail: Option<String>,
    pub(crate) color: &'static str,
}

/// A report in words.
#[derive(Debug, Clone)]
pub(crate) struct SealReport {
    pub(crate) tone: Tone,
    pub(crate) sentence: Cow<'static, str>,
    pub(crate) text: Cow<'static, str>,
    /// Who sealed and stamped it, and when.
    pub(crate) facts: Vec<String>,
    pub(crate) checks: Vec<CheckLine>,
}

impl SealReport {
    /// The report on a document.
    pub(crate) fn of(examination: &Examination, words: Words) -> Self {
        let (tone, key) = judgement(examination);
        Self {
            tone,
            sentence: words.text(&format!("seal-verdict-{key}")),
            text: words.text(&format!("seal-verdict-{key}-text")),
            facts: facts(examination, words),
            checks: examination
                .checks
                .iter()
                .map(|check| line(check.name, &check.outcome, words))
                .collect(),
        }
    }
}

fn judgement(examination: &Examination) -> (Tone, &'static str) {
    match examination.verdict {
        Verdict::Unreadable => (Tone::Error, "unreadable"),
        Verdict::Trusted if examination.own_seal && examination.signature_timestamps.is_empty() => {
            (Tone::Warning, "unstamped")
        }
        Verdict::Trusted if examination.own_seal => (Tone::Success, "good"),
        _ if examination.is_intact() => (Tone::Warning, "stranger"),
        _ => (Tone::Error, "bad"),
    }
}

fn facts(examination: &Examination, words: Words) -> Vec<String> {
    let time = |at: Timestamp| times::exact(at, words.0);
    let mut facts = Vec::new();
    let mut say = |key: &str, values: &[(&str, &str)]| {
        let values: Vec<_> = values.iter().map(|(name, value)| (*name, (*value).into())).collect();
        facts.push(words.with(key, &values).into_owned());
    };
    if let Some(seal) = &examination.seal {
        say("seal-sealed-by", &[("name", &seal.name), ("issuer", &seal.issuer_name)]);
    }
    let stamps = [
        ("seal-message-stamp", examination.message_timestamp.as_slice()),
        ("seal-seal-stamp", &examination.signature_timestamps),
        ("seal-archive-stamp", &examination.archive_timestamps),
    ];
    for (key, stamps) in stamps {
        for stamp in stamps {
            say(key, &[("time", &time(stamp.gen_time)), ("authority", &stamp.name)]);
        }
    }
    if let Some(until) = examination.provable_until() {
        say("seal-provable", &[("time", &times::date(until.local_date(), words.0))]);
    }
    facts
}

fn line(name: CheckName, outcome: &CheckOutcome, words: Words) -> CheckLine {
    let (key, color, why, detail) = match outcome {
        CheckOutcome::Ok => ("seal-ok", "success", None, None),
        CheckOutcome::Failed(fault) => (
            "seal-failed",
            "error",
            Some(words.text(&fault_key(fault.reason))),
            Some(fault.detail.clone()),
        ),
        CheckOutcome::Skipped(reason) => ("seal-skipped", "neutral", Some(words.text(skip_key(*reason))), None),
    };
    CheckLine {
        name: words.text(&check_key(name)),
        outcome: words.text(key),
        why,
        detail,
        color,
    }
}

fn check_key(name: CheckName) -> String {
    format!("seal-check-{}", name.as_str().replace(' ', "-"))
}

fn fault_key(reason: FaultReason) -> String {
    format!("seal-fault-{}", reason.as_str())
}

fn skip_key(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::Absent => "seal-skip-absent",
        SkipReason::Copy => "seal-skip-copy",
        SkipReason::NoTrust => "seal-skip-no-trust",
        SkipReason::Offline => "seal-skip-offline",
        SkipReason::Dependent => "seal-skip-dependent",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;
    use isds_core::examination::{Fault, MadeCheck};

    #[test]
    fn every_check_and_reason_has_its_words() {
        for language in [Language::Cs, Language::En] {
            let words = Words(language);
            for name in CheckName::ALL {
                assert!(words.has(&check_key(name)), "{name:?}");
            }
            for reason in FaultReason::ALL {
                assert!(words.has(&fault_key(reason)), "{reason:?}");
            }
            for reason in SkipReason::ALL {
                assert!(words.has(skip_key(reason)), "{reason:?}");
            }
            for key in ["good", "unstamped", "stranger", "bad", "unreadable"] {
                assert!(words.has(&format!("seal-verdict-{key}")) && words.has(&format!("seal-verdict-{key}-text")));
            }
        }
    }

    fn examination(verdict: Verdict, own_seal: bool, failed: &[CheckName]) -> Examination {
        let fault = |name: &CheckName| MadeCheck {
            name: *name,
            outcome: CheckOutcome::Failed(Fault {
                reason: FaultReason::NotTrusted,
                detail: "why".into(),
            }),
        };
        Examination {
            verdict,
            checks: failed.iter().map(fault).collect(),
            own_seal,
            content: None,
            seal: None,
            signing_time: None,
            level: None,
            signature_timestamps: Vec::new(),
            archive_timestamps: Vec::new(),
            message_timestamp: None,
        }
    }

    #[test]
    fn only_what_is_ours_and_whole_is_called_genuine() {
        let key = |examination: &Examination| judgement(examination).1;
        assert_eq!(key(&examination(Verdict::Trusted, true, &[])), "unstamped");
        assert_eq!(key(&examination(Verdict::Trusted, false, &[])), "stranger");
        assert_eq!(
            key(&examination(Verdict::Invalid, false, &[CheckName::SealIssuer])),
            "stranger"
        );
        assert_eq!(
            key(&examination(Verdict::Invalid, true, &[CheckName::MessageHash])),
            "bad"
        );
        assert_eq!(
            key(&examination(Verdict::Unreadable, false, &[CheckName::Structure])),
            "unreadable"
        );
    }
}
