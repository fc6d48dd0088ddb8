//! Timestamp tokens: what they say, and whether it may be believed.

use openssl::x509::X509;

use crate::asn1::oids::{self, Oid};
use crate::certificate::CertificateFields;
use crate::digest::DigestAlgorithm;
use crate::parse::{self, ParseError, SignedData};
use crate::tsp::tst_info::TstInfo;

use super::chain::{self, Purpose, TrustRoots};
use super::refusal::{ChainRefusal, SignatureRefusal, TimestampRefusal};
use super::signer::{self, SignerCertificate};

/// Octets of a TSTInfo; real ones have about 250.
const MAX_TST_INFO: usize = 64 * 1024;

/// What a token has to stamp.
#[derive(Debug, Clone, Copy)]
pub enum Imprint<'a> {
    /// A SHA-256 digest, and no other algorithm.
    Sha256(&'a [u8; 32]),
    /// A digest that was computed already.
    Digest(DigestAlgorithm, &'a [u8]),
    /// The digest of these octets by whatever known algorithm the token chose.
    Octets(&'a [u8]),
}

/// What a verified token says.
#[derive(Debug)]
pub struct TimestampFacts {
    /// genTime, microseconds of UTC.
    pub gen_time: i64,
    /// The policy it was made under.
    pub policy: Oid,
    /// Content octets of the serial number.
    pub serial: Vec<u8>,
    /// Content octets of the nonce.
    pub nonce: Option<Vec<u8>>,
    /// Name of the authority as people know it.
    pub name: String,
    /// The authority, from its certificate, in full.
    pub authority: String,
    /// Name of who certified it.
    pub issuer: String,
    /// When the authority's certificate ends (notAfter), microseconds of UTC: how long the token proves anything by itself.
    pub expires: i64,
    certificate: SignerCertificate,
    others: Vec<X509>,
}

impl TimestampFacts {
    /// Whether the authority's certificate leads to a trusted root, at genTime.
    ///
    /// # Errors
    /// Why it does not.
    pub fn check_chain(&self, trust: &TrustRoots) -> Result<(), ChainRefusal> {
        chain::check(
            &self.certificate.x509,
            &self.others,
            self.gen_time,
            Purpose::Timestamps,
            trust,
        )
    }
}

/// A token that is readable as signed data.
pub(crate) struct Token {
    pub data: SignedData,
    content: Vec<u8>,
}

impl Token {
    /// Reads a TimeStampToken.
    pub fn read(der: &[u8]) -> Result<Self, TimestampRefusal> {
        let mut content = Vec::new();
        let data = parse::signed_data(der, |slice| {
            if content.len() + slice.len() > MAX_TST_INFO {
                return Err(Box::new(ParseError::TooLarge("TSTInfo")));
            }
            content.extend_from_slice(slice);
            Ok(())
        })
        .map_err(TimestampRefusal::Unreadable)?;
        Ok(Self { data, content })
    }

    /// The algorithm of its imprint, where that is known.
    pub fn imprint_algorithm(&self) -> Result<Option<DigestAlgorithm>, TimestampRefusal> {
        let info = TstInfo::parse(&self.content).map_err(TimestampRefusal::TstInfo)?;
        Ok(DigestAlgorithm::from_identifier(&info.imprint_algorithm))
    }

    /// As [`verify_token`].
    pub fn verify(&self, imprint: Imprint<'_>) -> Result<TimestampFacts, TimestampRefusal> {
        let certificate = check_signer(&self.data)?;
        let info = TstInfo::parse(&self.content).map_err(TimestampRefusal::TstInfo)?;
        check_imprint(&info, imprint)?;
        signer::check_usable(&certificate, info.gen_time)?;
        let expires = check_purpose(&certificate)?;
        Ok(TimestampFacts {
            gen_time: info.gen_time,
            policy: info.policy,
            serial: info.serial,
            nonce: info.nonce,
            name: chain::short_name(certificate.x509.subject_name()),
            authority: chain::name(certificate.x509.subject_name()),
            issuer: chain::name(certificate.x509.issuer_name()),
            expires,
            others: signer::other_certificates(&self.data),
            certificate,
        })
    }
}

/// Verifies a TimeStampToken: its imprint, its signature, the reference to its signer's certificate, and that this certificate
/// is one of a timestamp authority and was valid at genTime. Whom to trust is asked apart ([`TimestampFacts::check_chain`]).
///
/// # Errors
/// The first reason against it.
pub fn verify_token(der: &[u8], imprint: Imprint<'_>) -> Result<TimestampFacts, TimestampRefusal> {
    Token::read(der)?.verify(imprint)
}

fn check_signer(data: &SignedData) -> Result<SignerCertificate, SignatureRefusal> {
    let info = signer::single(data)?;
    signer::check_form(data, info, &oids::TST_INFO)?;
    let digest = signer::check_content_digest(data, info)?;
    let certificate = signer::certificate(data, info)?;
    signer::check_signature(info, &certificate, digest)?;
    // A token has to name its signer's certificate (RFC 3161 section 2.4.2, RFC 5816).
    if !signer::check_certificate_reference(info, &certificate)? {
        return Err(SignatureRefusal::MissingAttribute("signingCertificate"));
    }
    Ok(certificate)
}

fn check_imprint(info: &TstInfo, imprint: Imprint<'_>) -> Result<(), TimestampRefusal> {
    let algorithm =
        DigestAlgorithm::from_identifier(&info.imprint_algorithm).ok_or(TimestampRefusal::ImprintAlgorithm)?;
    let computed;
    let expected = match imprint {
        Imprint::Sha256(digest) if algorithm == DigestAlgorithm::Sha256 => digest.as_slice(),
        Imprint::Digest(known, digest) if algorithm == known => digest,
        Imprint::Sha256(_) | Imprint::Digest(..) => return Err(TimestampRefusal::ImprintAlgorithm),
        Imprint::Octets(octets) => {
            computed = algorithm
                .digest(octets)
                .map_err(|_| TimestampRefusal::ImprintAlgorithm)?;
            &computed
        }
    };
    if info.imprint == expected {
        Ok(())
    } else {
        Err(TimestampRefusal::Imprint)
    }
}

/// Answers when the certificate ends.
fn check_purpose(certificate: &SignerCertificate) -> Result<i64, TimestampRefusal> {
    let fields = CertificateFields::parse(&certificate.der).map_err(SignatureRefusal::Malformed)?;
    match fields.extended_key_usage {
        Some(usage) if usage.critical && usage.purposes.len() == 1 && usage.purposes[0] == oids::TIME_STAMPING => {
            Ok(fields.not_after)
        }
        _ => Err(TimestampRefusal::Purpose),
    }
}
