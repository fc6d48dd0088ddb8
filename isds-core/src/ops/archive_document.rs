//! `ArchiveISDSDocument`: one step more of evidence for a sealed document (bulletins 2194 and 2228).

use std::fs::File;
use std::sync::Arc;

use jiff::civil::Date;

use crate::error::{Chain, Failure, Refusal};
use crate::ports::{AuthenticityError, RaiseSealError, SealEvidence, SealStamp};
use crate::principal::Principal;
use crate::splice::Splice;
use crate::status::Status;
use crate::time::Timestamp;

use super::Isds;
use super::archiving_slots::ArchivingSlot;
use super::authenticate_message::agrees;

/// How many hours after its signature timestamp a document gets its first archive timestamp at the earliest.
const FIRST_AFTER_HOURS: i64 = 24;
/// How many months before the last archive timestamp expires the next one is given at the earliest.
const NEXT_BEFORE_MONTHS: i32 = 18;

/// A document with a timestamp more.
#[derive(Debug, Clone)]
pub struct ArchivedDocument {
    /// The whole document.
    pub splice: Splice,
    /// The last day on which the next timestamp can be added: the day before this one expires.
    pub next_stamp_to: Date,
}

/// The step that a document's evidence needs.
enum Step {
    SignatureTimestamp,
    ArchiveTimestamp,
}

impl Isds {
    /// A place among those who archive, taken before the document is received.
    ///
    /// # Errors
    /// 2210.
    pub fn begin_archiving(&self, caller: &Principal) -> Result<ArchivingSlot, Refusal> {
        let client = caller.data_box.as_ref().map(|own| own.id);
        self.archiving
            .take(client)
            .ok_or_else(|| Refusal::of(Status::TOO_MANY_ARCHIVED_AT_ONCE))
    }

    /// Gives the document in `file` its next timestamp: over the signature where it has none (B → T), over everything
    /// after that (T → A, A → A). Anybody may, of whatever message.
    ///
    /// # Errors
    /// 2200, 2201; 2214 for a seal older than CAdES; 2205 where the last evidence has expired; 2209 and 2206 before the
    /// next step is due; 2207, 2212, 2208.
    pub async fn archive_document(&self, slot: ArchivingSlot, file: Arc<File>) -> Result<ArchivedDocument, Failure> {
        let evidence = self.examine_own_document(&file).await?;
        let now = self.clock.legal();
        let raised = match next_step(evidence, now)? {
            Step::SignatureTimestamp => self.archiver.add_signature_timestamp(file, now).await,
            Step::ArchiveTimestamp => self.archiver.add_archive_timestamp(file, now).await,
        }
        .map_err(|error| not_raised(&error))?;
        if !takes_over(evidence, raised.stamp) {
            tracing::warn!("a sealed document was not archived: the timestamp is of a wrong time");
            return Err(Failure::refused(Status::NO_TIMESTAMP_FOR_ARCHIVE));
        }
        Ok(ArchivedDocument {
            next_stamp_to: next_stamp_to(raised.stamp.expires),
            // The file lies here until the answer has been taken.
            splice: raised.splice().then_keeping(Arc::new(slot)),
        })
    }

    /// The evidence of a document that holds and that this system made, or made a part of its life ago.
    ///
    /// # Errors
    /// 2200 for what is no sealed document, 2201 for one that does not hold or says what this system does not know.
    pub(super) async fn examine_own_document(&self, file: &Arc<File>) -> Result<SealEvidence, Failure> {
        let examined = match self.archiver.examine(Arc::clone(file)).await {
            Ok(examined) => examined,
            Err(AuthenticityError::NotSealed(error)) => {
                tracing::debug!(error = %Chain(&*error), "not a sealed document");
                return Err(Failure::refused(Status::NOT_A_SEALED_DOCUMENT));
            }
            Err(AuthenticityError::DoesNotHold(error)) => {
                tracing::info!(error = %Chain(&*error), "a sealed document does not hold");
                return Err(Failure::refused(Status::UNKNOWN_SEALED_DOCUMENT));
            }
            Err(AuthenticityError::Failed(error)) => {
                tracing::error!(error = %Chain(&*error), "a sealed document could not be examined");
                return Err(Failure::refused(Status::ARCHIVING_FAILED));
            }
        };
        let message = self.store.lookup_message(examined.document.id).await?;
        if message.is_some_and(|message| agrees(&examined.document, &message)) {
            Ok(examined.evidence)
        } else {
            Err(Failure::refused(Status::UNKNOWN_SEALED_DOCUMENT))
        }
    }
}

/// What comes next, if it is due.
fn next_step(evidence: SealEvidence, now: Timestamp) -> Result<Step, Refusal> {
    let refuse_expired = |expires: Timestamp| {
        if expires < now {
            Err(Refusal::of(Status::SEAL_EXPIRED))
        } else {
            Ok(())
        }
    };
    match evidence {
        SealEvidence::Plain => Err(Refusal::of(Status::TO_BE_SEALED_ANEW)),
        SealEvidence::Basic { expires } => {
            refuse_expired(expires)?;
            Ok(Step::SignatureTimestamp)
        }
        SealEvidence::Stamped(SealStamp { made, expires }) => {
            refuse_expired(expires)?;
            if now < made.plus_seconds(FIRST_AFTER_HOURS * 60 * 60) {
                let hours = FIRST_AFTER_HOURS.to_string();
                return Err(Refusal::about(Status::STAMPED_TOO_RECENTLY, hours));
            }
            Ok(Step::ArchiveTimestamp)
        }
        SealEvidence::Archived(SealStamp { expires, .. }) => {
            refuse_expired(expires)?;
            if now < expires.plus_months(-NEXT_BEFORE_MONTHS) {
                return Err(Refusal::of(Status::NOT_YET_TO_BE_ARCHIVED));
            }
            Ok(Step::ArchiveTimestamp)
        }
    }
}

/// Whether a new timestamp is of a time when the evidence still held, and not before it. The authority has a clock of its own,
/// and a certificate may end while it is asked; what came of it would hold no more.
fn takes_over(evidence: SealEvidence, new: SealStamp) -> bool {
    match evidence {
        SealEvidence::Plain => false,
        SealEvidence::Basic { expires } => new.made <= expires,
        SealEvidence::Stamped(last) | SealEvidence::Archived(last) => last.made <= new.made && new.made <= last.expires,
    }
}

/// The Czech day before the one on which the timestamp expires. (A day of the change of time has 23 or 25 hours.)
fn next_stamp_to(expires: Timestamp) -> Date {
    let day = expires.local_date();
    day.yesterday().unwrap_or(day)
}

/// The answer to who asked in vain; why stands in the log.
pub(super) fn not_raised(error: &RaiseSealError) -> Failure {
    let status = match error {
        RaiseSealError::NoTimestamp(_) => Status::NO_TIMESTAMP_FOR_ARCHIVE,
        RaiseSealError::NotRaisable(_) => Status::SEAL_NOT_RAISABLE,
        RaiseSealError::Failed(_) => Status::ARCHIVING_FAILED,
    };
    match error {
        RaiseSealError::NotRaisable(_) => tracing::info!(error = %Chain(error), "a sealed document cannot be archived"),
        RaiseSealError::NoTimestamp(_) => tracing::warn!(error = %Chain(error), "a sealed document was not archived"),
        RaiseSealError::Failed(_) => tracing::error!(error = %Chain(error), "a sealed document was not archived"),
    }
    Failure::refused(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn answer(evidence: SealEvidence, now: &str) -> &'static str {
        match next_step(evidence, at(now)) {
            Ok(Step::SignatureTimestamp) => "signature",
            Ok(Step::ArchiveTimestamp) => "archive",
            Err(refusal) => refusal.status().code(),
        }
    }

    #[test]
    fn a_basic_seal_is_stamped_while_its_certificate_is_valid() {
        let expires = at("2027-05-01T00:00:00Z");
        let basic = SealEvidence::Basic { expires };
        assert_eq!(answer(basic, "2027-05-01T00:00:00Z"), "signature");
        assert_eq!(answer(basic, "2027-05-01T00:00:00.001Z"), "2205");
        assert_eq!(answer(SealEvidence::Plain, "2030-01-01T00:00:00Z"), "2214");
    }

    #[test]
    fn the_first_archive_timestamp_waits_for_a_day() {
        let stamped = SealEvidence::Stamped(SealStamp {
            made: at("2026-06-01T08:00:00Z"),
            expires: at("2027-06-01T08:00:00Z"),
        });
        assert_eq!(answer(stamped, "2026-06-02T07:59:59.999Z"), "2209");
        assert_eq!(answer(stamped, "2026-06-02T08:00:00Z"), "archive");
        assert_eq!(answer(stamped, "2027-06-01T08:00:00.001Z"), "2205");
    }

    #[test]
    fn the_next_one_waits_until_the_last_has_eighteen_months_left() {
        let archived = SealEvidence::Archived(SealStamp {
            made: at("2026-06-01T08:00:00Z"),
            expires: at("2031-08-31T10:00:00+02:00"),
        });
        // The last of February, as there is no 31st, and an hour of winter time.
        assert_eq!(answer(archived, "2030-02-28T09:59:59.999+01:00"), "2206");
        assert_eq!(answer(archived, "2030-02-28T10:00:00+01:00"), "archive");
        assert_eq!(answer(archived, "2031-08-31T10:00:00.001+02:00"), "2205");
    }

    #[test]
    fn the_last_day_is_the_day_before_whatever_hours_it_has() {
        for (expires, last) in [
            ("2029-06-01T00:00:00+02:00", "2029-05-31"),
            ("2029-05-31T23:59:59+02:00", "2029-05-30"),
            ("2029-05-31T22:00:00Z", "2029-05-31"),
            // The day of 23 hours lies between, or is the one before.
            ("2027-03-29T00:30:00+02:00", "2027-03-28"),
            ("2027-03-28T23:30:00+02:00", "2027-03-27"),
            // The end of the day of 25 hours.
            ("2027-10-31T23:30:00+01:00", "2027-10-30"),
            ("2028-03-01T12:00:00+01:00", "2028-02-29"),
        ] {
            assert_eq!(next_stamp_to(at(expires)).to_string(), last, "{expires}");
        }
    }

    #[test]
    fn a_timestamp_of_a_wrong_time_takes_nothing_over() {
        let expires = at("2027-06-01T08:00:00Z");
        let last = SealStamp {
            made: at("2026-06-01T08:00:00Z"),
            expires,
        };
        let follows = |evidence: SealEvidence, made: &str| {
            let new = SealStamp {
                made: at(made),
                expires: at("2040-01-01T00:00:00Z"),
            };
            takes_over(evidence, new)
        };
        for evidence in [SealEvidence::Stamped(last), SealEvidence::Archived(last)] {
            assert!(!follows(evidence, "2026-06-01T07:59:59.999Z"));
            assert!(follows(evidence, "2026-06-01T08:00:00Z"));
            assert!(follows(evidence, "2027-06-01T08:00:00Z"));
            assert!(!follows(evidence, "2027-06-01T08:00:00.001Z"));
        }
        // Nothing proves when a seal without a timestamp was made.
        let basic = SealEvidence::Basic { expires };
        assert!(follows(basic, "2026-01-01T00:00:00Z"));
        assert!(!follows(basic, "2027-06-01T08:00:00.001Z"));
        assert!(!follows(SealEvidence::Plain, "2026-06-01T08:00:00Z"));
    }
}
