//! One variant per reason of refusal.

use openssl::error::ErrorStack;
use wire::sealed_content::SealedContentError;

use crate::asn1::slice::Malformed;
use crate::parse::ParseError;

/// Why one check of a sealed document failed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Not signed data with its content inside.
    #[error("not readable as signed data")]
    Structure(#[source] ParseError),
    /// Inside is no message and no delivery info.
    #[error("the content is not readable")]
    Content(#[source] SealedContentError),
    /// The bytes of `dmDm` do not have the digest that `dmHash` says.
    #[error("dmHash does not match the message")]
    HashMismatch,
    /// `dmHash` names an algorithm that is not known.
    #[error("the algorithm of dmHash is not supported")]
    HashAlgorithm,
    /// The seal.
    #[error("the seal is not valid")]
    Seal(#[source] SignatureRefusal),
    /// A timestamp.
    #[error("the timestamp is not valid")]
    Timestamp(#[source] TimestampRefusal),
    /// An archive timestamp.
    #[error("the archive timestamp is not valid")]
    ArchiveTimestamp(#[source] ArchiveRefusal),
    /// A certificate does not lead to a trusted root.
    #[error("the issuer is not trusted")]
    Chain(#[source] ChainRefusal),
}

/// Why an archive timestamp is refused (ETSI EN 319 122-1 clauses 5.5.2 and 5.5.3).
#[derive(Debug, thiserror::Error)]
pub enum ArchiveRefusal {
    /// The token itself; [`TimestampRefusal::Imprint`] says that content, signature or hash index are others.
    #[error("the token is not valid")]
    Token(#[from] TimestampRefusal),
    /// The token has no hash index.
    #[error("the hash index is missing")]
    NoHashIndex,
    /// The token has more than one hash index.
    #[error("there is more than one hash index")]
    SeveralHashIndexes,
    /// The hash index cannot be read.
    #[error("the hash index is unreadable")]
    HashIndex(#[source] Malformed),
    /// The algorithm of the hash index is unknown, or is not that of the imprint.
    #[error("the algorithm of the hash index is not supported or not that of the imprint")]
    HashIndexAlgorithm,
    /// The content was not digested by the imprint's algorithm, since that was not announced before the content.
    #[error("the algorithm of the imprint was not announced before the content")]
    NotAnnounced,
    /// More archive timestamps than are looked at: each costs a digest of everything.
    #[error("there are too many archive timestamps")]
    TooMany,
    /// The hash index lists a certificate that is not there.
    #[error("a certificate that it covers is missing or changed")]
    CertificateMissing,
    /// The hash index lists revocation information that is not there.
    #[error("revocation information that it covers is missing or changed")]
    RevocationMissing,
    /// The hash index lists an unsigned attribute that is not there: an earlier timestamp, for one.
    #[error("an earlier timestamp or another attribute that it covers is missing or changed")]
    AttributeMissing,
    /// An earlier timestamp is not covered by it.
    #[error("it does not cover an earlier timestamp")]
    NotCovered,
    /// A timestamp that it covers says a later time.
    #[error("it covers a timestamp of a later time")]
    Order,
    /// The certificate of the timestamp before it had ended when it was made.
    #[error("it was made after the certificate of the timestamp before it had ended")]
    RenewedTooLate,
    /// A digest could not be computed.
    #[error("a digest cannot be computed")]
    OpenSsl(#[from] ErrorStack),
}

/// Why a signature (of a seal or of a timestamp token) is refused.
#[derive(Debug, thiserror::Error)]
pub enum SignatureRefusal {
    /// There has to be exactly one signer.
    #[error("{0} signers instead of one")]
    SignerCount(usize),
    /// A version number contradicts RFC 5652 sections 5.1 and 5.3.
    #[error("version number contradicts the structure")]
    Version,
    /// The content's type or the contentType attribute is another.
    #[error("the content type is another")]
    ContentType,
    /// The signature would cover nothing but the content.
    #[error("signed attributes are missing")]
    NoSignedAttributes,
    /// An attribute that has to be there is not.
    #[error("the attribute {0} is missing")]
    MissingAttribute(&'static str),
    /// An attribute stands twice, or has no or several values.
    #[error("the attribute {0} does not have exactly one value")]
    AmbiguousAttribute(&'static str),
    /// An attribute or parameter is not what its clause describes.
    #[error("unreadable part")]
    Malformed(#[from] Malformed),
    /// The digest algorithm is unknown, or was not announced before the content.
    #[error("the digest algorithm is not supported or not announced")]
    DigestAlgorithm,
    /// The content was changed.
    #[error("the digest of the content differs from the signed one")]
    DigestMismatch,
    /// The algorithm fields differ from the protected ones (RFC 6211).
    #[error("the algorithms differ from the protected ones")]
    AlgorithmProtection,
    /// The signature algorithm, its parameters or the type of key are not supported together.
    #[error("the signature algorithm is not supported")]
    SignatureAlgorithm,
    /// No embedded certificate is the signer's.
    #[error("the signer's certificate is not embedded")]
    NoCertificate,
    /// The signer's certificate cannot be read.
    #[error("the signer's certificate is unreadable")]
    CertificateUnreadable(#[source] ErrorStack),
    /// The signature does not verify with the certificate's key.
    #[error("the signature is wrong")]
    SignatureWrong,
    /// The signed certificate reference names another certificate (RFC 5035).
    #[error("the signed certificate reference names another certificate")]
    CertificateReference,
    /// KeyUsage allows neither digitalSignature nor nonRepudiation.
    #[error("the certificate is not for signing")]
    KeyUsage,
    /// Neither a signing time nor a timestamp says when it was signed.
    #[error("the time of signing is unknown")]
    TimeUnknown,
    /// The certificate had not begun or had expired.
    #[error("the certificate was not valid at that time")]
    NotValidAtTime,
}

/// Why a timestamp token is refused.
#[derive(Debug, thiserror::Error)]
pub enum TimestampRefusal {
    /// Not signed data with its content inside.
    #[error("the token is not readable as signed data")]
    Unreadable(#[source] ParseError),
    /// The content is not a readable TSTInfo.
    #[error("the token holds no readable TSTInfo")]
    TstInfo(#[source] Malformed),
    /// The digest algorithm of the imprint is unknown, or not the one asked for.
    #[error("the algorithm of the imprint is not supported or another")]
    ImprintAlgorithm,
    /// It stamps something else.
    #[error("the imprint is of something else")]
    Imprint,
    /// The token's own signature.
    #[error("the signature of the timestamp is not valid")]
    Signature(#[from] SignatureRefusal),
    /// The certificate is not for timestamps alone (RFC 3161 section 2.3: critical extKeyUsage, only timeStamping).
    #[error("the certificate is not one of a timestamp authority")]
    Purpose,
    /// The nonce is not the one asked for.
    #[error("the nonce is another")]
    Nonce,
    /// The policy is not the one asked for.
    #[error("the policy is another")]
    Policy,
    /// The authority's certificate does not lead to a trusted root.
    #[error("the authority is not trusted")]
    Chain(#[source] ChainRefusal),
}

/// Why a certificate does not lead to a trusted root.
#[derive(Debug, thiserror::Error)]
pub enum ChainRefusal {
    /// OpenSSL's reason, and how far above the signer's certificate it arose.
    #[error("{reason} (certificate {depth} of the chain)")]
    Refused {
        /// 0 is the signer's certificate.
        depth: u32,
        /// X509_verify_cert_error_string(3).
        reason: &'static str,
    },
    /// The check itself could not be made.
    #[error("the chain cannot be checked")]
    OpenSsl(#[from] ErrorStack),
}
