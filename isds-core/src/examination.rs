//! What the examination of a sealed document (ZFO) found: every check with its outcome, and what the document says.
//!
//! The words for people are made elsewhere: here are names and reasons that each have one meaning.

use std::fmt;

use crate::attachment::MetaType;
use crate::time::Timestamp;

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckName {
    /// CMS SignedData with its content inside.
    Structure,
    /// The XML is a message or a delivery info.
    Content,
    /// `dmHash` is the digest of `dmDm`.
    MessageHash,
    /// The content has the signed digest.
    ContentDigest,
    /// The signature verifies with the embedded certificate.
    SealSignature,
    /// The signed reference names that certificate.
    SealCertificate,
    /// That certificate could sign and was valid then.
    SealValidity,
    /// The timestamp over the seal's signature.
    SignatureTimestamp,
    /// A timestamp over seal, content, certificates and the timestamps before it.
    ArchiveTimestamp,
    /// `dmQTimestamp` over `dmHash`.
    MessageTimestamp,
    /// The seal's certificate leads to a trusted root.
    SealIssuer,
    /// The certificates of the timestamps lead to trusted roots.
    TimestampIssuer,
    /// Whether a certificate had been revoked.
    Revocation,
}

impl CheckName {
    /// All of them, in the order in which a reader is told.
    pub const ALL: [Self; 13] = [
        Self::Structure,
        Self::Content,
        Self::MessageHash,
        Self::ContentDigest,
        Self::SealSignature,
        Self::SealCertificate,
        Self::SealValidity,
        Self::SignatureTimestamp,
        Self::ArchiveTimestamp,
        Self::MessageTimestamp,
        Self::SealIssuer,
        Self::TimestampIssuer,
        Self::Revocation,
    ];

    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::Content => "content",
            Self::MessageHash => "message hash",
            Self::ContentDigest => "content digest",
            Self::SealSignature => "seal signature",
            Self::SealCertificate => "seal certificate",
            Self::SealValidity => "seal validity",
            Self::SignatureTimestamp => "signature timestamp",
            Self::ArchiveTimestamp => "archive timestamp",
            Self::MessageTimestamp => "message timestamp",
            Self::SealIssuer => "seal issuer",
            Self::TimestampIssuer => "timestamp issuer",
            Self::Revocation => "revocation",
        }
    }

    /// The check asks whom the reader trusts, not whether the document is whole.
    #[must_use]
    pub fn is_of_trust(self) -> bool {
        matches!(self, Self::SealIssuer | Self::TimestampIssuer)
    }
}

/// Why a check was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SkipReason {
    /// What it would check is not in the file, and need not be.
    Absent,
    /// A delivery info repeats the message's `dmHash`, but not the files that it covers.
    Copy,
    /// No trusted certificates were given.
    NoTrust,
    /// It would need a network.
    Offline,
    /// What it builds on failed before.
    Dependent,
}

impl SkipReason {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Absent, Self::Copy, Self::NoTrust, Self::Offline, Self::Dependent];

    /// The reason in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "not in the file",
            Self::Copy => "copy, not recomputable",
            Self::NoTrust => "no trusted certificates given",
            Self::Offline => "not checked offline",
            Self::Dependent => "not possible after an earlier failure",
        }
    }
}

/// Why a check failed, in as many kinds as people need to be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultReason {
    /// Not readable as signed data.
    Unreadable,
    /// Inside is no message and no delivery info, or one that cannot be read.
    OtherContent,
    /// The message does not have the digest that `dmHash` says: it was changed.
    MessageChanged,
    /// The document does not have the digest that was sealed: it was changed.
    ContentChanged,
    /// A signature does not fit the certificate.
    WrongSignature,
    /// Something that has to be there is missing, stands twice or cannot be read.
    Malformed,
    /// An algorithm that is unknown or not allowed.
    Algorithm,
    /// The signer's certificate is missing or unreadable, or another than the one that the signature names.
    Certificate,
    /// The certificate is not for this purpose.
    Purpose,
    /// The certificate was not valid at that time, or the time is unknown.
    Validity,
    /// A timestamp is of something else.
    OtherImprint,
    /// Something that an archive timestamp covers is missing, changed or of a wrong time.
    Archive,
    /// The certificate leads to nobody who is trusted here.
    NotTrusted,
    /// The check itself could not be made.
    NotChecked,
}

impl FaultReason {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Unreadable,
        Self::OtherContent,
        Self::MessageChanged,
        Self::ContentChanged,
        Self::WrongSignature,
        Self::Malformed,
        Self::Algorithm,
        Self::Certificate,
        Self::Purpose,
        Self::Validity,
        Self::OtherImprint,
        Self::Archive,
        Self::NotTrusted,
        Self::NotChecked,
    ];

    /// The word by which texts for people are found.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::OtherContent => "other-content",
            Self::MessageChanged => "message-changed",
            Self::ContentChanged => "content-changed",
            Self::WrongSignature => "wrong-signature",
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::Certificate => "certificate",
            Self::Purpose => "purpose",
            Self::Validity => "validity",
            Self::OtherImprint => "other-imprint",
            Self::Archive => "archive",
            Self::NotTrusted => "not-trusted",
            Self::NotChecked => "not-checked",
        }
    }
}

/// A failed check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Why.
    pub reason: FaultReason,
    /// The same in full, in English, for those who know the formats.
    pub detail: String,
}

/// How a check came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckOutcome {
    /// As it should be.
    Ok,
    /// Not as it should be.
    Failed(Fault),
    /// Not looked at.
    Skipped(SkipReason),
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeCheck {
    /// What was looked at.
    pub name: CheckName,
    /// How it came out.
    pub outcome: CheckOutcome,
}

/// All checks in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// All checks passed, issuers included.
    Trusted,
    /// All checks passed, but nobody said whom to trust.
    Intact,
    /// A check failed.
    Invalid,
    /// Not a sealed document at all.
    Unreadable,
}

impl Verdict {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::Intact => "intact",
            Self::Invalid => "invalid",
            Self::Unreadable => "unreadable",
        }
    }
}

/// How far the evidence of a seal reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// A CMS signature that does not name its certificate, as the real system made them until 2011, with whatever timestamps.
    Plain,
    /// CAdES-B (formerly BES and EPES): provable while the seal's certificate is valid.
    Basic,
    /// CAdES-T: with a signature timestamp.
    Stamped,
    /// CAdES-A: with an archive timestamp.
    Archived,
}

impl Level {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "CMS",
            Self::Basic => "CAdES-B",
            Self::Stamped => "CAdES-T",
            Self::Archived => "CAdES-A",
        }
    }
}

/// What a timestamp says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundTimestamp {
    /// genTime.
    pub gen_time: Timestamp,
    /// Name of the authority as people know it.
    pub name: String,
    /// The authority, from its certificate, in full.
    pub authority: String,
    /// Who certified it, in full.
    pub issuer: String,
    /// Dotted number of the policy.
    pub policy: String,
    /// When the authority's certificate ends: how long the timestamp proves anything by itself.
    pub expires: Timestamp,
}

/// What is known of the seal's maker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSeal {
    /// Name of the signer as people know it.
    pub name: String,
    /// Name of who certified it as people know it.
    pub issuer_name: String,
    /// The signer, from the certificate, in full.
    pub subject: String,
    /// Who certified it, in full.
    pub issuer: String,
    /// SHA-256 of the certificate, by which one seal is told from every other that the same roots vouch for.
    pub fingerprint: [u8; 32],
    /// Such as `RSA-PSS 3072 SHA-256`; empty where the signature is wrong.
    pub algorithm: String,
    /// Whether the signature names the certificate, as CAdES asks.
    pub names_certificate: bool,
    /// When the certificate ends; unknown where it is unreadable.
    pub expires: Option<Timestamp>,
}

/// Which sealed document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// A message as its recipient gets it.
    Received,
    /// A message as its sender gets it.
    Sent,
    /// A delivery info.
    DeliveryInfo,
}

impl DocumentKind {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received message",
            Self::Sent => "sent message",
            Self::DeliveryInfo => "delivery info",
        }
    }
}

/// An event that a delivery info tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldEvent {
    /// `dmEventTime`.
    pub time: Timestamp,
    /// `dmEventDescr`, such as `EV1: …`.
    pub description: String,
}

/// An attachment as the document describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldAttachment {
    /// `dmFileDescr`.
    pub file_name: String,
    /// `dmMimeType`.
    pub mime_type: String,
    /// `dmFileMetaType`, where it is one of the contract's.
    pub meta_type: Option<MetaType>,
    /// Number of its bytes; unknown of one that is XML in the document.
    pub bytes: Option<u64>,
}

/// What the document says of itself. Whether it may be believed is what the checks say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldContent {
    /// Which document it is.
    pub kind: DocumentKind,
    /// `dmID`.
    pub dm_id: String,
    /// `dmHash/@algorithm`, such as `SHA-256`.
    pub hash_algorithm: String,
    /// `dmHash`, decoded.
    pub hash: Vec<u8>,
    /// `dmMessageStatus`, 1 to 10.
    pub status: u8,
    /// `dmDeliveryTime`.
    pub delivery_time: Option<Timestamp>,
    /// `dmAcceptanceTime`.
    pub acceptance_time: Option<Timestamp>,
    /// The envelope: names of the contract's elements with their values, in the document's order; empty ones are left out.
    pub envelope: Vec<(&'static str, String)>,
    /// The attachments, as far as they are listed.
    pub attachments: Vec<ToldAttachment>,
    /// How many attachments there are.
    pub attachment_count: u64,
    /// `dmEvents`, in their order.
    pub events: Vec<ToldEvent>,
}

impl ToldContent {
    /// The value of this element of the envelope, such as `dmAnnotation`.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        let (_, value) = self.envelope.iter().find(|(known, _)| *known == name)?;
        Some(value)
    }
}

/// The report on one sealed document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// All in one word.
    pub verdict: Verdict,
    /// Each check once, except that several timestamps over the seal have a line each.
    pub checks: Vec<MadeCheck>,
    /// The seal's certificate is one that this system uses or used.
    pub own_seal: bool,
    /// The document.
    pub content: Option<ToldContent>,
    /// The seal's maker.
    pub seal: Option<FoundSeal>,
    /// The claimed time of signing.
    pub signing_time: Option<Timestamp>,
    /// How far the evidence reaches.
    pub level: Option<Level>,
    /// The valid timestamps over the seal.
    pub signature_timestamps: Vec<FoundTimestamp>,
    /// The valid archive timestamps, the newest first.
    pub archive_timestamps: Vec<FoundTimestamp>,
    /// The valid timestamp over the message, given when it was submitted.
    pub message_timestamp: Option<FoundTimestamp>,
}

impl Examination {
    /// Nothing in the document is wrong: at most, who sealed or stamped it is not trusted here.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        let wrong = |check: &MadeCheck| matches!(check.outcome, CheckOutcome::Failed(_)) && !check.name.is_of_trust();
        self.verdict != Verdict::Unreadable && !self.checks.iter().any(wrong)
    }

    /// The failed checks.
    pub fn faults(&self) -> impl Iterator<Item = (CheckName, &Fault)> {
        self.checks.iter().filter_map(|check| match &check.outcome {
            CheckOutcome::Failed(fault) => Some((check.name, fault)),
            CheckOutcome::Ok | CheckOutcome::Skipped(_) => None,
        })
    }

    /// Until when the evidence stands by itself: the end of the newest timestamp, or of the seal where it has none.
    #[must_use]
    pub fn provable_until(&self) -> Option<Timestamp> {
        let stamps = self.signature_timestamps.iter().chain(&self.archive_timestamps);
        let newest = stamps.max_by_key(|stamp| stamp.gen_time);
        newest
            .map(|stamp| stamp.expires)
            .or_else(|| self.seal.as_ref()?.expires)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
