//! Judges sealed messages and delivery infos (ZFO), offline: structure, `dmHash`, seal, timestamps and, with trusted roots, issuers.
//!
//! Every check is made and reported even when an earlier one failed, as far as there is something to check. What is read is not
//! held: a message of any size passes through in slices.

mod archive;
mod chain;
mod check;
mod refusal;
mod signer;
mod timestamp;

use std::io::Read;

use isds_core::time::Timestamp;
use openssl::x509::X509;
use wire::sealed_content::{SealedContent, SealedContentError, SealedContentReader};

use crate::asn1::oids;
use crate::asn1::slice::Reader;
use crate::digest::DigestAlgorithm;
use crate::parse::{self, ParseError, SignedData, SignerInfo};

pub use chain::{TrustError, TrustRoots};
pub use check::{Check, Found, Outcome, Verification};
pub use isds_core::examination::{CheckName, FoundSeal, FoundTimestamp, Level, SkipReason, Verdict};
pub use refusal::{ArchiveRefusal, ChainRefusal, Refusal, SignatureRefusal, TimestampRefusal};
pub use timestamp::{Imprint, TimestampFacts, verify_token};

use crate::certificate::CertificateFields;
use archive::EarlierStamp;
use chain::Purpose;
use signer::SignerCertificate;

/// Reads a sealed document to its end and makes all checks; with `trust`, those of the issuers too.
pub fn verify_sealed(source: impl Read, trust: Option<&TrustRoots>) -> Verification {
    let mut reading = ContentReading::new();
    let parsed = parse::signed_data(source, |slice| {
        reading.feed(slice);
        Ok(())
    });
    let mut judge = Judge {
        trust,
        checks: Vec::new(),
        found: Found::default(),
    };
    let data = match parsed {
        Ok(data) => data,
        Err(error) => return judge.unreadable(error),
    };
    judge.record(CheckName::Structure, Ok(()));
    let content = reading.finish();
    let is_document = content.is_ok();
    judge.content(content);
    judge.seal(&data);
    judge.message_timestamp();
    judge.skip(CheckName::Revocation, SkipReason::Offline);
    judge.conclude(is_document)
}

/// Reads signed data around a short statement to its end and makes all checks of the signature and its timestamps; answers
/// with the statement, where it is not longer than `most` octets.
pub fn verify_statement(source: impl Read, most: usize, trust: Option<&TrustRoots>) -> (Verification, Vec<u8>) {
    let mut statement = Vec::new();
    let parsed = parse::signed_data(source, |slice| {
        if statement.len() + slice.len() > most {
            return Err("the statement is too long".into());
        }
        statement.extend_from_slice(slice);
        Ok(())
    });
    let mut judge = Judge {
        trust,
        checks: Vec::new(),
        found: Found::default(),
    };
    let data = match parsed {
        Ok(data) => data,
        Err(error) => return (judge.unreadable(error), Vec::new()),
    };
    judge.record(CheckName::Structure, Ok(()));
    judge.seal(&data);
    (judge.conclude(true), statement)
}

/// The content's reader, kept until the whole file is read: a wrong content must not hide a wrong seal.
struct ContentReading(Result<SealedContentReader, SealedContentError>);

impl ContentReading {
    fn new() -> Self {
        Self(Ok(SealedContentReader::new()))
    }

    fn feed(&mut self, slice: &[u8]) {
        if let Ok(reader) = &mut self.0
            && let Err(error) = reader.feed(slice)
        {
            self.0 = Err(error);
        }
    }

    fn finish(self) -> Result<SealedContent, SealedContentError> {
        self.0?.finish()
    }
}

struct Judge<'t> {
    trust: Option<&'t TrustRoots>,
    checks: Vec<Check>,
    found: Found,
}

impl Judge<'_> {
    fn record(&mut self, name: CheckName, result: Result<(), Refusal>) {
        let outcome = result.map_or_else(Outcome::Failed, |()| Outcome::Ok);
        self.checks.push(Check { name, outcome });
    }

    fn skip(&mut self, name: CheckName, reason: SkipReason) {
        self.checks.push(Check {
            name,
            outcome: Outcome::Skipped(reason),
        });
    }

    fn unreadable(mut self, error: ParseError) -> Verification {
        self.record(CheckName::Structure, Err(Refusal::Structure(error)));
        Verification {
            checks: self.checks,
            found: self.found,
            verdict: Verdict::Unreadable,
        }
    }

    fn conclude(self, is_document: bool) -> Verification {
        let failed = |check: &&Check| matches!(check.outcome, Outcome::Failed(_));
        let verdict = match (self.checks.iter().filter(failed).count(), is_document, self.trust) {
            (0, _, Some(_)) => Verdict::Trusted,
            (0, _, None) => Verdict::Intact,
            // A sound seal around something else.
            (1, false, _) => Verdict::Unreadable,
            _ => Verdict::Invalid,
        };
        Verification {
            checks: self.checks,
            found: self.found,
            verdict,
        }
    }

    fn content(&mut self, content: Result<SealedContent, SealedContentError>) {
        let content = match content {
            Ok(content) => content,
            Err(error) => {
                self.record(CheckName::Content, Err(Refusal::Content(error)));
                self.skip(CheckName::MessageHash, SkipReason::Dependent);
                return;
            }
        };
        self.record(CheckName::Content, Ok(()));
        match (content.kind, &content.computed_hash) {
            (wire::sealed_content::SealedKind::DeliveryInfo, _) => self.skip(CheckName::MessageHash, SkipReason::Copy),
            (_, Some(computed)) if *computed == content.hash => self.record(CheckName::MessageHash, Ok(())),
            (_, Some(_)) => self.record(CheckName::MessageHash, Err(Refusal::HashMismatch)),
            (_, None) => self.record(CheckName::MessageHash, Err(Refusal::HashAlgorithm)),
        }
        self.found.content = Some(content);
    }

    fn seal(&mut self, data: &SignedData) {
        let info = match signer::single(data) {
            Ok(info) => info,
            Err(refusal) => {
                self.record(CheckName::SealSignature, Err(Refusal::Seal(refusal)));
                self.skip(CheckName::ContentDigest, SkipReason::Dependent);
                return;
            }
        };
        let digest = signer::check_content_digest(data, info);
        let algorithm = digest.as_ref().ok().copied();
        self.record(CheckName::ContentDigest, digest.map(|_| ()).map_err(Refusal::Seal));
        let certificate = match self.seal_signature(data, info, algorithm) {
            Ok(certificate) => certificate,
            Err(refusal) => {
                self.record(CheckName::SealSignature, Err(Refusal::Seal(refusal)));
                for name in [
                    CheckName::SealCertificate,
                    CheckName::SealValidity,
                    CheckName::SealIssuer,
                ] {
                    self.skip(name, SkipReason::Dependent);
                }
                self.timestamps(data, info);
                return;
            }
        };
        self.record(CheckName::SealSignature, Ok(()));
        match signer::check_certificate_reference(info, &certificate) {
            Ok(true) => {
                self.record(CheckName::SealCertificate, Ok(()));
                if let Some(seal) = &mut self.found.seal {
                    seal.names_certificate = true;
                }
            }
            // The real system wrote none until about 2011.
            Ok(false) => self.skip(CheckName::SealCertificate, SkipReason::Absent),
            Err(refusal) => self.record(CheckName::SealCertificate, Err(Refusal::Seal(refusal))),
        }
        let stamped = self.timestamps(data, info);
        self.seal_validity(info, &certificate, &signer::other_certificates(data), stamped);
    }

    fn seal_signature(
        &mut self,
        data: &SignedData,
        info: &SignerInfo,
        digest: Option<DigestAlgorithm>,
    ) -> Result<SignerCertificate, SignatureRefusal> {
        signer::check_form(data, info, &oids::DATA)?;
        let certificate = signer::certificate(data, info)?;
        let seal = self.found.seal.insert(FoundSeal {
            name: chain::short_name(certificate.x509.subject_name()),
            issuer_name: chain::short_name(certificate.x509.issuer_name()),
            subject: chain::name(certificate.x509.subject_name()),
            issuer: chain::name(certificate.x509.issuer_name()),
            fingerprint: openssl::sha::sha256(&certificate.der),
            algorithm: String::new(),
            names_certificate: false,
            expires: CertificateFields::parse(&certificate.der)
                .ok()
                .map(|fields| Timestamp(fields.not_after)),
        });
        // A changed content does not change the signature over the attributes, which is judged for itself.
        let digest = digest.or_else(|| DigestAlgorithm::from_identifier(&info.digest_algorithm));
        let digest = digest.ok_or(SignatureRefusal::DigestAlgorithm)?;
        seal.algorithm = signer::check_signature(info, &certificate, digest)?;
        Ok(certificate)
    }

    /// The timestamps over the seal; answers with the earliest genTime of one that may be believed.
    fn timestamps(&mut self, data: &SignedData, info: &SignerInfo) -> Option<i64> {
        let mut sound = Vec::new();
        let signed = self.signature_timestamps(info, &mut sound);
        let archived = self.archive_timestamps(data, info, &sound);
        signed.into_iter().chain(archived).min()
    }

    /// Those that hold are added to `sound`.
    fn signature_timestamps<'a>(&mut self, info: &'a SignerInfo, sound: &mut Vec<EarlierStamp<'a>>) -> Option<i64> {
        let mut earliest = None;
        let mut any = false;
        for attribute in &info.unsigned_attributes {
            if attribute.oid != oids::SIGNATURE_TIME_STAMP {
                if attribute.oid != oids::ARCHIVE_TIME_STAMP_V3 {
                    self.found.ignored_attributes.push(attribute.oid.to_string());
                }
                continue;
            }
            for token in &attribute.values {
                any = true;
                match verify_token(token, Imprint::Octets(&info.signature)) {
                    Err(refusal) => self.record(CheckName::SignatureTimestamp, Err(Refusal::Timestamp(refusal))),
                    Ok(facts) => {
                        self.record(CheckName::SignatureTimestamp, Ok(()));
                        if self.timestamp_issuer(&facts) {
                            earliest = Some(earliest.map_or(facts.gen_time, |known: i64| known.min(facts.gen_time)));
                        }
                        sound.push(EarlierStamp::of(attribute, token, &facts));
                        self.found.signature_timestamps.push(found(&facts));
                    }
                }
            }
        }
        if !any {
            self.skip(CheckName::SignatureTimestamp, SkipReason::Absent);
        }
        earliest
    }

    /// A line for each, the newest first.
    fn archive_timestamps(
        &mut self,
        data: &SignedData,
        info: &SignerInfo,
        signature_stamps: &[EarlierStamp<'_>],
    ) -> Option<i64> {
        let judged = archive::examine(data, info, signature_stamps);
        if judged.is_empty() {
            self.skip(CheckName::ArchiveTimestamp, SkipReason::Absent);
        }
        let mut earliest = None;
        for stamp in judged {
            match stamp {
                Err(refusal) => self.record(CheckName::ArchiveTimestamp, Err(Refusal::ArchiveTimestamp(refusal))),
                Ok(facts) => {
                    self.record(CheckName::ArchiveTimestamp, Ok(()));
                    if self.timestamp_issuer(&facts) {
                        earliest = Some(facts.gen_time);
                    }
                    self.found.archive_timestamps.push(found(&facts));
                }
            }
        }
        earliest
    }

    fn seal_validity(
        &mut self,
        info: &SignerInfo,
        certificate: &SignerCertificate,
        others: &[X509],
        stamped: Option<i64>,
    ) {
        let claimed = signer::signing_time(info);
        self.found.signing_time = claimed.as_ref().ok().copied().flatten();
        // A timestamp proves that the seal existed then; without one there is only what the signer says.
        let time = match (claimed, stamped) {
            (Err(refusal), _) => Err(refusal),
            (Ok(_), Some(stamped)) => Ok(stamped),
            (Ok(claimed), None) => claimed.ok_or(SignatureRefusal::TimeUnknown),
        };
        let time = match time.and_then(|time| signer::check_usable(certificate, time).map(|()| time)) {
            Ok(time) => time,
            Err(refusal) => {
                self.record(CheckName::SealValidity, Err(Refusal::Seal(refusal)));
                self.skip(CheckName::SealIssuer, SkipReason::Dependent);
                return;
            }
        };
        self.record(CheckName::SealValidity, Ok(()));
        let Some(trust) = self.trust else {
            self.skip(CheckName::SealIssuer, SkipReason::NoTrust);
            return;
        };
        let checked = chain::check(&certificate.x509, others, time, Purpose::Seal, trust);
        self.record(CheckName::SealIssuer, checked.map_err(Refusal::Chain));
    }

    fn message_timestamp(&mut self) {
        let Some(content) = &self.found.content else {
            self.skip(CheckName::MessageTimestamp, SkipReason::Dependent);
            return;
        };
        let Some(token) = &content.timestamp else {
            self.skip(CheckName::MessageTimestamp, SkipReason::Absent);
            return;
        };
        let Some(algorithm) = DigestAlgorithm::from_name(&content.hash_algorithm) else {
            self.record(CheckName::MessageTimestamp, Err(Refusal::HashAlgorithm));
            return;
        };
        match verify_token(without_padding(token), Imprint::Digest(algorithm, &content.hash)) {
            Err(refusal) => self.record(CheckName::MessageTimestamp, Err(Refusal::Timestamp(refusal))),
            Ok(facts) => {
                self.record(CheckName::MessageTimestamp, Ok(()));
                self.timestamp_issuer(&facts);
                self.found.message_timestamp = Some(found(&facts));
            }
        }
    }

    /// Answers whether the token may be taken as proof of its time.
    fn timestamp_issuer(&mut self, facts: &TimestampFacts) -> bool {
        let Some(trust) = self.trust else {
            self.skip(CheckName::TimestampIssuer, SkipReason::NoTrust);
            return true;
        };
        let checked = facts.check_chain(trust);
        let trusted = checked.is_ok();
        self.record(CheckName::TimestampIssuer, checked.map_err(Refusal::Chain));
        trusted
    }
}

fn found(facts: &TimestampFacts) -> FoundTimestamp {
    FoundTimestamp {
        gen_time: Timestamp(facts.gen_time),
        name: facts.name.clone(),
        authority: facts.authority.clone(),
        issuer: facts.issuer.clone(),
        policy: facts.policy.to_string(),
        expires: Timestamp(facts.expires),
    }
}

/// The token of a `dmQTimestamp` without the zeros that the real system stored after it (seen in 2018). They lie inside the seal.
fn without_padding(octets: &[u8]) -> &[u8] {
    match Reader::new(octets).required("timestamp token") {
        Ok(token) if octets[token.raw.len()..].iter().all(|&octet| octet == 0) => token.raw,
        _ => octets,
    }
}
