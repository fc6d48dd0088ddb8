//! The certificates themselves (RFC 5280).

use std::collections::BTreeSet;
use std::net::IpAddr;

use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName, SubjectKeyIdentifier,
};
use openssl::x509::{X509, X509Builder, X509Name};

use super::Random;

/// Demo certificates last thirty years of 365.25 days, so that a test clock may run far ahead.
const LIFETIME_SECONDS: i64 = 30 * 31_557_600;

/// id-kp-documentSigning (RFC 9336).
const DOCUMENT_SIGNING: &str = "1.3.6.1.5.5.7.3.36";

/// What a certificate is for.
#[derive(Clone, Copy)]
pub(super) enum Role<'a> {
    Seal,
    Timestamps,
    Tls(&'a [String]),
    Application,
}

/// The root at work.
pub(super) struct Issuer<'a> {
    pub certificate: &'a X509,
    pub key: &'a PKey<Private>,
    pub not_before: i64,
}

/// The self-signed root.
pub(super) fn root(key: &PKey<Private>, not_before: i64, random: Random<'_>) -> Result<X509, ErrorStack> {
    let name = name("ISDS demo root CA")?;
    let mut builder = begin(key, not_before, random)?;
    builder.set_subject_name(&name)?;
    builder.set_issuer_name(&name)?;
    // It issues end certificates directly, never another authority's.
    builder.append_extension(BasicConstraints::new().critical().ca().pathlen(0).build()?)?;
    builder.append_extension(KeyUsage::new().critical().key_cert_sign().crl_sign().build()?)?;
    let identifier = SubjectKeyIdentifier::new().build(&builder.x509v3_context(None, None))?;
    builder.append_extension(identifier)?;
    builder.sign(key, MessageDigest::sha256())?;
    Ok(builder.build())
}

impl Issuer<'_> {
    pub fn issue(&self, key: &PKey<Private>, role: Role<'_>, random: Random<'_>) -> Result<X509, ErrorStack> {
        let mut builder = begin(key, self.not_before, random)?;
        let subject = name(match role {
            Role::Seal => "ISDS demo seal",
            Role::Timestamps => "ISDS demo timestamp authority",
            Role::Tls(_) => "ISDS demo server",
            Role::Application => "ISDS demo application",
        })?;
        builder.set_subject_name(&subject)?;
        builder.set_issuer_name(self.certificate.subject_name())?;
        builder.append_extension(BasicConstraints::new().critical().build()?)?;
        match role {
            Role::Seal => {
                builder.append_extension(
                    KeyUsage::new()
                        .critical()
                        .digital_signature()
                        .non_repudiation()
                        .build()?,
                )?;
                // `openssl cms -verify` asks for the purpose S/MIME signing, so document signing does not stand alone.
                let usage = ExtendedKeyUsage::new()
                    .other(DOCUMENT_SIGNING)
                    .email_protection()
                    .build()?;
                builder.append_extension(usage)?;
            }
            Role::Timestamps => {
                builder.append_extension(
                    KeyUsage::new()
                        .critical()
                        .digital_signature()
                        .non_repudiation()
                        .build()?,
                )?;
                // RFC 3161 section 2.3: critical, and nothing else in it.
                builder.append_extension(ExtendedKeyUsage::new().critical().time_stamping().build()?)?;
            }
            Role::Application => {
                builder.append_extension(KeyUsage::new().critical().digital_signature().build()?)?;
                builder.append_extension(ExtendedKeyUsage::new().client_auth().build()?)?;
            }
            Role::Tls(hosts) => {
                builder.append_extension(KeyUsage::new().critical().digital_signature().build()?)?;
                builder.append_extension(ExtendedKeyUsage::new().server_auth().build()?)?;
                let mut names = SubjectAlternativeName::new();
                for host in wanted_hosts(hosts) {
                    if host.parse::<IpAddr>().is_ok() {
                        names.ip(&host);
                    } else {
                        names.dns(&host);
                    }
                }
                let names = names.build(&builder.x509v3_context(Some(self.certificate), None))?;
                builder.append_extension(names)?;
            }
        }
        let identifier = SubjectKeyIdentifier::new().build(&builder.x509v3_context(Some(self.certificate), None))?;
        builder.append_extension(identifier)?;
        let issuer = AuthorityKeyIdentifier::new()
            .keyid(true)
            .build(&builder.x509v3_context(Some(self.certificate), None))?;
        builder.append_extension(issuer)?;
        builder.sign(self.key, MessageDigest::sha256())?;
        Ok(builder.build())
    }
}

fn begin(key: &PKey<Private>, not_before: i64, random: Random<'_>) -> Result<X509Builder, ErrorStack> {
    let not_before = not_before.div_euclid(1_000_000);
    let mut serial = [0; 16];
    random(&mut serial);
    // Positive, never zero, always of the same length (RFC 5280 section 4.1.2.2).
    serial[0] = serial[0] & 0x7f | 0x40;
    let mut builder = X509Builder::new()?;
    builder.set_version(2)?;
    let serial = BigNum::from_slice(&serial)?;
    let serial = Asn1Integer::from_bn(&serial)?;
    builder.set_serial_number(&serial)?;
    let (begins, ends) = (
        Asn1Time::from_unix(not_before)?,
        Asn1Time::from_unix(not_before + LIFETIME_SECONDS)?,
    );
    builder.set_not_before(&begins)?;
    builder.set_not_after(&ends)?;
    builder.set_pubkey(key)?;
    Ok(builder)
}

fn name(common_name: &str) -> Result<X509Name, ErrorStack> {
    let mut name = X509Name::builder()?;
    name.append_entry_by_text("C", "CZ")?;
    name.append_entry_by_text("O", "ISDS demo")?;
    name.append_entry_by_text("CN", common_name)?;
    Ok(name.build())
}

/// The hosts that a server's certificate is to have, addresses in their usual form; without any, those of the machine itself.
pub(super) fn wanted_hosts(hosts: &[String]) -> BTreeSet<String> {
    if hosts.is_empty() {
        return ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
    }
    hosts
        .iter()
        .map(|host| {
            host.parse::<IpAddr>()
                .map_or_else(|_| host.to_ascii_lowercase(), |ip| ip.to_string())
        })
        .collect()
}

/// The hosts that a certificate has.
pub(super) fn hosts(certificate: &X509) -> BTreeSet<String> {
    let names = certificate.subject_alt_names();
    let names = names.iter().flatten();
    names
        .filter_map(|name| {
            name.dnsname()
                .map(str::to_owned)
                .or_else(|| Some(address(name.ipaddress()?)?.to_string()))
        })
        .collect()
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    match octets.len() {
        4 => <[u8; 4]>::try_from(octets).ok().map(IpAddr::from),
        16 => <[u8; 16]>::try_from(octets).ok().map(IpAddr::from),
        _ => None,
    }
}
