//! Signing keys with their certificate chain and everything about them that each signature repeats, encoded once.

use openssl::ec::EcGroup;
use openssl::error::ErrorStack;
use openssl::hash::{MessageDigest, hash};
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Signer};
use openssl::x509::X509;

use crate::asn1::slice::Malformed;
use crate::asn1::{oids, tag, write};
use crate::certificate::CertificateFields;

/// Octets of PSS salt: as long as the digest, which is what RFC 4055 section 3.1 recommends and every verifier expects.
pub(crate) const PSS_SALT: i32 = 32;

/// How a key signs; the digest is SHA-256 with all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// RSASSA-PSS with MGF1 over SHA-256 and 32 octets of salt (RFC 4056). The seal's default.
    RsaPss,
    /// RSASSA-PKCS1-v1_5 (RFC 5754 section 3.2). For timestamps: `openssl ts -verify` of OpenSSL 3.0 refuses correct PSS tokens.
    RsaPkcs1,
    /// ECDSA over P-256 (RFC 5754 section 3.3).
    EcdsaP256,
}

/// What kind of key to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA with a modulus of 2048 bits.
    Rsa2048,
    /// RSA with a modulus of 3072 bits: the default.
    Rsa3072,
    /// RSA with a modulus of 4096 bits, as the real system has since 2025.
    Rsa4096,
    /// The NIST curve P-256.
    P256,
}

impl KeyKind {
    /// Makes a new key; tens of milliseconds to seconds of processor time for RSA.
    ///
    /// # Errors
    /// OpenSSL's, when it has no randomness or memory.
    pub fn generate(self) -> Result<PKey<Private>, ErrorStack> {
        let bits = match self {
            Self::Rsa2048 => 2048,
            Self::Rsa3072 => 3072,
            Self::Rsa4096 => 4096,
            Self::P256 => {
                let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
                return PKey::from_ec_key(openssl::ec::EcKey::generate(&group)?);
            }
        };
        PKey::from_rsa(Rsa::generate(bits)?)
    }
}

/// Why a key and its certificates cannot be used for signing.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// OpenSSL could not read or use the key or a certificate.
    #[error("key or certificate cannot be used")]
    OpenSsl(#[from] ErrorStack),
    /// A certificate chain needs at least the signer's certificate.
    #[error("no certificate was given")]
    NoCertificate,
    /// The first certificate has another public key.
    #[error("the key does not belong to the first certificate")]
    KeyMismatch,
    /// The scheme asks for another type, size or curve of key.
    #[error("the key does not fit the scheme {0:?}")]
    SchemeMismatch(Scheme),
    /// The certificate could not be read.
    #[error("the certificate is malformed")]
    Certificate(#[from] Malformed),
}

/// A private key ready to sign, and the chain that vouches for it.
pub struct SigningKey {
    key: PKey<Private>,
    chain: Vec<X509>,
    scheme: Scheme,
    encoded: Encoded,
}

/// DER that every signature of this key repeats.
pub(crate) struct Encoded {
    /// issuerAndSerialNumber.
    pub signer_identifier: Vec<u8>,
    /// `certificates [0]` of SignedData.
    pub certificates: Vec<u8>,
    /// The attribute signingCertificateV2.
    pub signing_certificate: Vec<u8>,
    /// AlgorithmIdentifier of the digest.
    pub digest_algorithm: Vec<u8>,
    /// AlgorithmIdentifier of the signature.
    pub signature_algorithm: Vec<u8>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("scheme", &self.scheme)
            .finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Takes a key and its chain, the signer's certificate first.
    ///
    /// # Errors
    /// When they do not belong together or do not fit the scheme.
    pub fn new(key: PKey<Private>, chain: Vec<X509>, scheme: Scheme) -> Result<Self, KeyError> {
        let leaf = chain.first().ok_or(KeyError::NoCertificate)?;
        if !leaf.public_key()?.public_eq(&key) {
            return Err(KeyError::KeyMismatch);
        }
        let fits = match scheme {
            Scheme::RsaPss | Scheme::RsaPkcs1 => key.id() == Id::RSA && key.bits() >= 2048,
            Scheme::EcdsaP256 => {
                key.id() == Id::EC && key.ec_key()?.group().curve_name() == Some(Nid::X9_62_PRIME256V1)
            }
        };
        if !fits {
            return Err(KeyError::SchemeMismatch(scheme));
        }
        let encoded = Encoded::new(&chain, scheme)?;
        Ok(Self {
            key,
            chain,
            scheme,
            encoded,
        })
    }

    /// Reads a private key and its chain (the signer's certificate first) from PEM.
    ///
    /// # Errors
    /// When the PEM is unreadable, or as [`Self::new`].
    pub fn from_pem(key: &[u8], chain: &[u8], scheme: Scheme) -> Result<Self, KeyError> {
        Self::new(PKey::private_key_from_pem(key)?, X509::stack_from_pem(chain)?, scheme)
    }

    /// The signer's certificate first.
    pub fn chain(&self) -> &[X509] {
        &self.chain
    }

    /// How this key signs.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    pub(crate) fn encoded(&self) -> &Encoded {
        &self.encoded
    }

    /// One private-key operation over the SHA-256 of `data`.
    pub(crate) fn sign(&self, data: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        let mut signer = Signer::new(MessageDigest::sha256(), &self.key)?;
        if self.scheme == Scheme::RsaPss {
            signer.set_rsa_padding(Padding::PKCS1_PSS)?;
            signer.set_rsa_pss_saltlen(RsaPssSaltlen::custom(PSS_SALT))?;
            signer.set_rsa_mgf1_md(MessageDigest::sha256())?;
        }
        signer.sign_oneshot_to_vec(data)
    }
}

impl Encoded {
    fn new(chain: &[X509], scheme: Scheme) -> Result<Self, KeyError> {
        let encoded_chain = chain
            .iter()
            .map(|certificate| certificate.to_der())
            .collect::<Result<Vec<_>, _>>()?;
        let leaf = encoded_chain.first().ok_or(KeyError::NoCertificate)?;
        let fields = CertificateFields::parse(leaf)?;
        let serial = write::tlv(tag::INTEGER, &[fields.serial]);
        let mut embedded = Vec::new();
        for der in &encoded_chain {
            let fields = CertificateFields::parse(der)?;
            // A root proves nothing where it comes with what it should prove; whoever checks has it already.
            if fields.issuer != fields.subject || der == leaf {
                embedded.push(der.clone());
            }
        }
        Ok(Self {
            signer_identifier: write::tlv(tag::SEQUENCE, &[fields.issuer, &serial]),
            certificates: write::set_of(tag::CONTEXT_0, embedded),
            signing_certificate: signing_certificate_v2(leaf, fields.issuer, &serial)?,
            // RFC 5754 section 2: a writer leaves the parameters of SHA-2 out.
            digest_algorithm: write::algorithm(&oids::SHA_256, None),
            signature_algorithm: signature_algorithm(scheme),
        })
    }
}

/// `SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2 }` (RFC 5035 section 3), as an attribute.
fn signing_certificate_v2(certificate: &[u8], issuer: &[u8], serial: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let digest = hash(MessageDigest::sha256(), certificate)?;
    // hashAlgorithm is DEFAULT SHA-256, and DER has defaults left out.
    let cert_hash = write::tlv(tag::OCTET_STRING, &[&digest]);
    let general_names = write::tlv(tag::SEQUENCE, &[&write::tlv(tag::CONTEXT_4, &[issuer])]);
    let issuer_serial = write::tlv(tag::SEQUENCE, &[&general_names, serial]);
    let certificate_id = write::tlv(tag::SEQUENCE, &[&cert_hash, &issuer_serial]);
    let value = write::tlv(tag::SEQUENCE, &[&write::tlv(tag::SEQUENCE, &[&certificate_id])]);
    Ok(write::tlv(
        tag::SEQUENCE,
        &[
            &write::oid(&oids::SIGNING_CERTIFICATE_V2),
            &write::tlv(tag::SET, &[&value]),
        ],
    ))
}

fn signature_algorithm(scheme: Scheme) -> Vec<u8> {
    match scheme {
        // RFC 5754 section 3.2 allows the digest-specific identifiers as well; the real system and OpenSSL write this one.
        Scheme::RsaPkcs1 => write::algorithm(&oids::RSA_ENCRYPTION, Some(&write::null())),
        Scheme::EcdsaP256 => write::algorithm(&oids::ECDSA_WITH_SHA_256, None),
        Scheme::RsaPss => {
            // RSASSA-PSS-params (RFC 4055 section 3.1). Its sha256Identifier has a NULL, unlike a digestAlgorithm.
            let sha256 = write::algorithm(&oids::SHA_256, Some(&write::null()));
            let mgf1 = write::algorithm(&oids::MGF1, Some(&sha256));
            let salt = write::unsigned_integer(&PSS_SALT.to_be_bytes());
            let parameters = write::tlv(
                tag::SEQUENCE,
                &[
                    &write::tlv(tag::CONTEXT_0, &[&sha256]),
                    &write::tlv(tag::CONTEXT_1, &[&mgf1]),
                    &write::tlv(tag::CONTEXT_2, &[&salt]),
                ],
            );
            write::algorithm(&oids::RSASSA_PSS, Some(&parameters))
        }
    }
}
