//! The checks of one signature (RFC 5652 section 5.6), shared by seals and timestamp tokens. Each answers with one refusal.

use der::asn1::ObjectIdentifier;
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Verifier};
use openssl::x509::X509;

use crate::asn1::slice::{AlgorithmIdentifier, Malformed, Reader, Tlv};
use crate::asn1::{oids, tag, time};
use crate::certificate::CertificateFields;
use crate::digest::DigestAlgorithm;
use crate::parse::{SignedData, SignerIdentifier, SignerInfo};

use super::refusal::SignatureRefusal;

/// The signer's certificate, as received and as OpenSSL reads it.
#[derive(Debug, Clone)]
pub(crate) struct SignerCertificate {
    pub der: Vec<u8>,
    pub x509: X509,
}

/// The one signer.
pub(crate) fn single(data: &SignedData) -> Result<&SignerInfo, SignatureRefusal> {
    match data.signer_infos.as_slice() {
        [info] => Ok(info),
        infos => Err(SignatureRefusal::SignerCount(infos.len())),
    }
}

/// Versions, content type and protected algorithms: fields that the signature itself does not cover all.
pub(crate) fn check_form(
    data: &SignedData,
    info: &SignerInfo,
    content_type: &ObjectIdentifier,
) -> Result<(), SignatureRefusal> {
    let signer_version = match info.signer {
        SignerIdentifier::IssuerAndSerial { .. } => 1,
        SignerIdentifier::SubjectKeyIdentifier(_) => 3,
    };
    let data_version = if data.content_type == oids::DATA && signer_version == 1 {
        1
    } else {
        3
    };
    if info.version != signer_version || data.version != data_version {
        return Err(SignatureRefusal::Version);
    }
    let value = required(info, &oids::CONTENT_TYPE, "contentType")?;
    let signed_type = Reader::new(value).oid("contentType attribute")?;
    if data.content_type != *content_type || signed_type != *content_type {
        return Err(SignatureRefusal::ContentType);
    }
    check_algorithm_protection(info)
}

/// Compares the signed messageDigest with the digest of the content that went by.
pub(crate) fn check_content_digest(data: &SignedData, info: &SignerInfo) -> Result<DigestAlgorithm, SignatureRefusal> {
    let algorithm =
        DigestAlgorithm::from_identifier(&info.digest_algorithm).ok_or(SignatureRefusal::DigestAlgorithm)?;
    if !data.announces(&info.digest_algorithm) {
        return Err(SignatureRefusal::DigestAlgorithm);
    }
    let value = required(info, &oids::MESSAGE_DIGEST, "messageDigest")?;
    let signed = Reader::new(value)
        .required("messageDigest attribute")?
        .octets("messageDigest attribute")?;
    match data.content_digest(algorithm) {
        Some(digest) if *digest == signed[..] => Ok(algorithm),
        Some(_) => Err(SignatureRefusal::DigestMismatch),
        None => Err(SignatureRefusal::DigestAlgorithm),
    }
}

/// The embedded certificate that the signer identifier names.
pub(crate) fn certificate(data: &SignedData, info: &SignerInfo) -> Result<SignerCertificate, SignatureRefusal> {
    for der in data.certificates() {
        // Another certificate that cannot be read is no reason against this signer.
        let Ok(fields) = CertificateFields::parse(der) else {
            continue;
        };
        let is_signer = match &info.signer {
            SignerIdentifier::IssuerAndSerial { issuer, serial } => fields.issuer == issuer && fields.serial == serial,
            SignerIdentifier::SubjectKeyIdentifier(key) => fields.subject_key_identifier == Some(key),
        };
        if is_signer {
            let x509 = X509::from_der(der).map_err(SignatureRefusal::CertificateUnreadable)?;
            return Ok(SignerCertificate {
                der: der.to_vec(),
                x509,
            });
        }
    }
    Err(SignatureRefusal::NoCertificate)
}

/// The embedded certificates that may link the signer's to a root.
pub(crate) fn other_certificates(data: &SignedData) -> Vec<X509> {
    data.certificates().filter_map(|der| X509::from_der(der).ok()).collect()
}

/// Verifies the signature over the signed attributes as received; answers with the algorithm's name.
pub(crate) fn check_signature(
    info: &SignerInfo,
    certificate: &SignerCertificate,
    digest: DigestAlgorithm,
) -> Result<String, SignatureRefusal> {
    let signed = info
        .signed_attributes
        .as_ref()
        .ok_or(SignatureRefusal::NoSignedAttributes)?;
    let scheme = Scheme::of(&info.signature_algorithm, digest)?;
    let key = certificate
        .x509
        .public_key()
        .map_err(SignatureRefusal::CertificateUnreadable)?;
    if !scheme.fits(&key) {
        return Err(SignatureRefusal::SignatureAlgorithm);
    }
    // OpenSSL fails, and not only answers no, on signatures of a wrong length or shape.
    match scheme.verify(&key, digest, &signed.signed_octets, &info.signature) {
        Ok(true) => Ok(format!("{} {} {digest}", scheme.name(), key.bits())),
        Ok(false) | Err(_) => Err(SignatureRefusal::SignatureWrong),
    }
}

enum Scheme {
    Pkcs1,
    Pss { mask_digest: DigestAlgorithm, salt: u32 },
    Ecdsa,
}

impl Scheme {
    fn of(algorithm: &AlgorithmIdentifier, digest: DigestAlgorithm) -> Result<Self, SignatureRefusal> {
        use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        let rsa = [
            (oids::SHA_1_WITH_RSA, Sha1),
            (oids::SHA_256_WITH_RSA, Sha256),
            (oids::SHA_384_WITH_RSA, Sha384),
            (oids::SHA_512_WITH_RSA, Sha512),
        ];
        let ecdsa = [
            (oids::ECDSA_WITH_SHA_1, Sha1),
            (oids::ECDSA_WITH_SHA_256, Sha256),
            (oids::ECDSA_WITH_SHA_384, Sha384),
            (oids::ECDSA_WITH_SHA_512, Sha512),
        ];
        // An identifier that names a digest has to name the one of digestAlgorithm.
        let names = |table: &[(ObjectIdentifier, DigestAlgorithm)]| {
            table.iter().any(|(oid, named)| algorithm.is(oid) && *named == digest)
        };
        if algorithm.is(&oids::RSASSA_PSS) {
            return Self::pss(algorithm, digest);
        }
        if algorithm.parameters.is_some() {
            return Err(SignatureRefusal::SignatureAlgorithm);
        }
        if algorithm.is(&oids::RSA_ENCRYPTION) || names(&rsa) {
            Ok(Self::Pkcs1)
        } else if names(&ecdsa) {
            Ok(Self::Ecdsa)
        } else {
            Err(SignatureRefusal::SignatureAlgorithm)
        }
    }

    /// RSASSA-PSS-params (RFC 4055 section 3.1): all fields have defaults of the time of SHA-1.
    fn pss(algorithm: &AlgorithmIdentifier, digest: DigestAlgorithm) -> Result<Self, SignatureRefusal> {
        const WHAT: &str = "RSASSA-PSS parameters";
        let parameters = algorithm
            .parameters
            .as_deref()
            .ok_or(SignatureRefusal::SignatureAlgorithm)?;
        let mut fields = Reader::new(parameters).expect(tag::SEQUENCE, WHAT)?.inside();
        let identifier = |element: Option<Tlv<'_>>| -> Result<Option<AlgorithmIdentifier>, Malformed> {
            element
                .map(|explicit| AlgorithmIdentifier::parse(explicit.inside().expect(tag::SEQUENCE, WHAT)?, WHAT))
                .transpose()
        };
        let digest_of = |identifier: Option<&AlgorithmIdentifier>| match identifier {
            None => Some(DigestAlgorithm::Sha1),
            Some(identifier) => DigestAlgorithm::from_identifier(identifier),
        };
        let hash = identifier(fields.optional(tag::CONTEXT_0, WHAT)?)?;
        let mask = identifier(fields.optional(tag::CONTEXT_1, WHAT)?)?;
        let salt = match fields.optional(tag::CONTEXT_2, WHAT)? {
            None => 20,
            Some(explicit) => explicit.inside().small(WHAT)?,
        };
        let trailer = match fields.optional(tag::CONTEXT_3, WHAT)? {
            None => 1,
            Some(explicit) => explicit.inside().small(WHAT)?,
        };
        fields.end(WHAT)?;
        let mask_hash = match &mask {
            None => None,
            Some(mask) if mask.is(&oids::MGF1) => {
                let inner = mask.parameters.as_deref().ok_or(SignatureRefusal::SignatureAlgorithm)?;
                Some(AlgorithmIdentifier::parse(
                    Reader::new(inner).expect(tag::SEQUENCE, WHAT)?,
                    WHAT,
                )?)
            }
            Some(_) => return Err(SignatureRefusal::SignatureAlgorithm),
        };
        let mask_digest = digest_of(mask_hash.as_ref()).ok_or(SignatureRefusal::SignatureAlgorithm)?;
        if digest_of(hash.as_ref()) != Some(digest) || trailer != 1 || salt > 512 {
            return Err(SignatureRefusal::SignatureAlgorithm);
        }
        Ok(Self::Pss { mask_digest, salt })
    }

    fn fits(&self, key: &PKey<Public>) -> bool {
        match self {
            Self::Pkcs1 => key.id() == Id::RSA,
            Self::Pss { .. } => key.id() == Id::RSA || key.id() == Id::RSA_PSS,
            Self::Ecdsa => key.id() == Id::EC,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Pkcs1 => "RSA PKCS#1 v1.5",
            Self::Pss { .. } => "RSA-PSS",
            Self::Ecdsa => "ECDSA",
        }
    }

    fn verify(
        &self,
        key: &PKey<Public>,
        digest: DigestAlgorithm,
        data: &[u8],
        signature: &[u8],
    ) -> Result<bool, openssl::error::ErrorStack> {
        let mut verifier = Verifier::new(digest.message_digest(), key)?;
        if let Self::Pss { mask_digest, salt } = self {
            verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
            verifier.set_rsa_pss_saltlen(RsaPssSaltlen::custom(i32::try_from(*salt).unwrap_or(i32::MAX)))?;
            verifier.set_rsa_mgf1_md(mask_digest.message_digest())?;
        }
        verifier.verify_oneshot(signature, data)
    }
}

/// The reference to the signer's certificate, in version 1 (RFC 2634, SHA-1) or 2 (RFC 5035), or both. Answers whether there is one.
pub(crate) fn check_certificate_reference(
    info: &SignerInfo,
    certificate: &SignerCertificate,
) -> Result<bool, SignatureRefusal> {
    let first = attribute(info, &oids::SIGNING_CERTIFICATE, "signingCertificate")?;
    let second = attribute(info, &oids::SIGNING_CERTIFICATE_V2, "signingCertificateV2")?;
    for (value, default) in [(first, DigestAlgorithm::Sha1), (second, DigestAlgorithm::Sha256)] {
        if let Some(value) = value {
            check_reference(value, default, certificate)?;
        }
    }
    Ok(first.is_some() || second.is_some())
}

fn check_reference(
    value: &[u8],
    default: DigestAlgorithm,
    certificate: &SignerCertificate,
) -> Result<(), SignatureRefusal> {
    const WHAT: &str = "signing certificate reference";
    let list = Reader::new(value)
        .expect(tag::SEQUENCE, WHAT)?
        .inside()
        .expect(tag::SEQUENCE, WHAT)?;
    // The first identifier is the signer's (RFC 5035 section 3); further ones would restrict the chain.
    let mut fields = list.inside().expect(tag::SEQUENCE, WHAT)?.inside();
    let digest = match fields.optional(tag::SEQUENCE, WHAT)? {
        None => default,
        Some(identifier) => DigestAlgorithm::from_identifier(&AlgorithmIdentifier::parse(identifier, WHAT)?)
            .ok_or(SignatureRefusal::DigestAlgorithm)?,
    };
    let named = fields.expect(tag::OCTET_STRING, WHAT)?.content;
    let actual = digest
        .digest(&certificate.der)
        .map_err(SignatureRefusal::CertificateUnreadable)?;
    if named != actual {
        return Err(SignatureRefusal::CertificateReference);
    }
    let Some(issuer_serial) = fields.optional(tag::SEQUENCE, WHAT)? else {
        return Ok(());
    };
    let mut issuer_serial = issuer_serial.inside();
    let general_names = issuer_serial.expect(tag::SEQUENCE, WHAT)?;
    let issuer = general_names.inside().expect(tag::CONTEXT_4, WHAT)?.content;
    let serial = issuer_serial.expect(tag::INTEGER, WHAT)?.content;
    let own = CertificateFields::parse(&certificate.der)?;
    if own.issuer == issuer && own.serial == serial {
        Ok(())
    } else {
        Err(SignatureRefusal::CertificateReference)
    }
}

/// CMSAlgorithmProtection, where it is there.
fn check_algorithm_protection(info: &SignerInfo) -> Result<(), SignatureRefusal> {
    const WHAT: &str = "CMSAlgorithmProtection";
    let Some(value) = attribute(info, &oids::ALGORITHM_PROTECTION, WHAT)? else {
        return Ok(());
    };
    let mut fields = Reader::new(value).expect(tag::SEQUENCE, WHAT)?.inside();
    let digest = AlgorithmIdentifier::parse(fields.expect(tag::SEQUENCE, WHAT)?, WHAT)?;
    let signature = AlgorithmIdentifier::parse(fields.expect(tag::CONTEXT_1, WHAT)?, WHAT)?;
    if digest == info.digest_algorithm && signature == info.signature_algorithm {
        Ok(())
    } else {
        Err(SignatureRefusal::AlgorithmProtection)
    }
}

/// The claimed time of signing, microseconds of UTC.
pub(crate) fn signing_time(info: &SignerInfo) -> Result<Option<i64>, SignatureRefusal> {
    const WHAT: &str = "signingTime";
    let Some(value) = attribute(info, &oids::SIGNING_TIME, WHAT)? else {
        return Ok(None);
    };
    Ok(Some(time::decode(Reader::new(value).required(WHAT)?)?))
}

/// Whether the certificate may sign, and was valid at `time` (microseconds of UTC).
pub(crate) fn check_usable(certificate: &SignerCertificate, time: i64) -> Result<(), SignatureRefusal> {
    const SECOND: i64 = 1_000_000;
    let fields = CertificateFields::parse(&certificate.der)?;
    if fields
        .key_usage
        .is_some_and(|usage| !usage.digital_signature && !usage.non_repudiation)
    {
        return Err(SignatureRefusal::KeyUsage);
    }
    // notAfter is the last whole second, all of which counts.
    if time < fields.not_before || time >= fields.not_after.saturating_add(SECOND) {
        return Err(SignatureRefusal::NotValidAtTime);
    }
    Ok(())
}

/// The one value of a signed attribute, or `None` where it is not there.
fn attribute<'a>(
    info: &'a SignerInfo,
    oid: &ObjectIdentifier,
    name: &'static str,
) -> Result<Option<&'a [u8]>, SignatureRefusal> {
    let signed = info
        .signed_attributes
        .as_ref()
        .ok_or(SignatureRefusal::NoSignedAttributes)?;
    let mut found = signed.attributes.iter().filter(|attribute| attribute.oid == *oid);
    match (found.next(), found.next()) {
        (None, _) => Ok(None),
        (Some(attribute), None) => match attribute.values.as_slice() {
            [value] => Ok(Some(value)),
            _ => Err(SignatureRefusal::AmbiguousAttribute(name)),
        },
        (Some(_), Some(_)) => Err(SignatureRefusal::AmbiguousAttribute(name)),
    }
}

fn required<'a>(
    info: &'a SignerInfo,
    oid: &ObjectIdentifier,
    name: &'static str,
) -> Result<&'a [u8], SignatureRefusal> {
    attribute(info, oid, name)?.ok_or(SignatureRefusal::MissingAttribute(name))
}
