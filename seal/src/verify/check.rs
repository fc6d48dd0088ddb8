//! What a verification answers with: checks, findings, verdict.

use wire::sealed_content::SealedContent;

use super::refusal::Refusal;

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// The name in reports.
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
}

/// Why a check was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// The reason in reports.
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

/// All checks in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// What a timestamp says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundTimestamp {
    /// genTime, microseconds of UTC.
    pub gen_time: i64,
    /// Name of the authority.
    pub authority: String,
    /// Name of who certified it.
    pub issuer: String,
    /// Dotted number of the policy.
    pub policy: String,
    /// When the authority's certificate ends, microseconds of UTC.
    pub expires: i64,
}

/// How far the evidence of a seal reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "CMS",
            Self::Basic => "CAdES-B",
            Self::Stamped => "CAdES-T",
            Self::Archived => "CAdES-A",
        }
    }
}

/// What is known of the seal's maker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSeal {
    /// Name of the signer, from the certificate.
    pub subject: String,
    /// Name of who certified it.
    pub issuer: String,
    /// SHA-256 of the certificate, by which one seal is told from every other that the same roots vouch for.
    pub fingerprint: [u8; 32],
    /// Such as `RSA-PSS 3072 SHA-256`; empty where the signature is wrong.
    pub algorithm: String,
    /// Whether the signature names the certificate, as CAdES asks.
    pub names_certificate: bool,
    /// When the certificate ends, microseconds of UTC; unknown where it is unreadable.
    pub expires: Option<i64>,
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
