//! The few fields of a certificate that OpenSSL's Rust interface does not give as received: names, serial, extensions with criticality.

use crate::asn1::oids::{self, Oid};
use crate::asn1::slice::{Malformed, Reader};
use crate::asn1::{tag, time};

const WHAT: &str = "certificate";

/// Fields of a Certificate (RFC 5280 section 4.1), borrowed from its encoding.
#[derive(Debug)]
pub(crate) struct CertificateFields<'a> {
    /// Content octets of the serial number.
    pub serial: &'a [u8],
    /// The issuer's Name element.
    pub issuer: &'a [u8],
    /// Validity, both ends included, as microseconds of UTC.
    pub not_before: i64,
    pub not_after: i64,
    /// The subject's Name element.
    pub subject: &'a [u8],
    pub subject_key_identifier: Option<&'a [u8]>,
    pub key_usage: Option<KeyUsage>,
    pub extended_key_usage: Option<ExtendedKeyUsage>,
}

/// The two bits of KeyUsage (RFC 5280 section 4.2.1.3) that allow a signature over data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyUsage {
    pub digital_signature: bool,
    pub non_repudiation: bool,
}

/// ExtKeyUsageSyntax (RFC 5280 section 4.2.1.12).
#[derive(Debug)]
pub(crate) struct ExtendedKeyUsage {
    pub critical: bool,
    pub purposes: Vec<Oid>,
}

impl<'a> CertificateFields<'a> {
    /// Reads the fields from the encoded certificate.
    pub fn parse(der: &'a [u8]) -> Result<Self, Malformed> {
        let mut tbs = Reader::new(der)
            .expect(tag::SEQUENCE, WHAT)?
            .inside()
            .expect(tag::SEQUENCE, WHAT)?
            .inside();
        tbs.optional(tag::CONTEXT_0, WHAT)?;
        let serial = tbs.expect(tag::INTEGER, WHAT)?.content;
        tbs.expect(tag::SEQUENCE, WHAT)?;
        let issuer = tbs.expect(tag::SEQUENCE, WHAT)?.raw;
        let mut validity = tbs.expect(tag::SEQUENCE, WHAT)?.inside();
        let not_before = time::decode(validity.required(WHAT)?)?;
        let not_after = time::decode(validity.required(WHAT)?)?;
        let subject = tbs.expect(tag::SEQUENCE, WHAT)?.raw;
        tbs.expect(tag::SEQUENCE, WHAT)?;
        let mut fields = Self {
            serial,
            issuer,
            not_before,
            not_after,
            subject,
            subject_key_identifier: None,
            key_usage: None,
            extended_key_usage: None,
        };
        while let Some(part) = tbs.next(WHAT)? {
            if part.tag == tag::CONTEXT_3 {
                fields.read_extensions(part.inside().expect(tag::SEQUENCE, WHAT)?.inside())?;
            }
        }
        Ok(fields)
    }

    fn read_extensions(&mut self, mut extensions: Reader<'a>) -> Result<(), Malformed> {
        while let Some(extension) = extensions.next(WHAT)? {
            let mut parts = extension.inside();
            let oid = parts.oid(WHAT)?;
            let critical = parts
                .optional(tag::BOOLEAN, WHAT)?
                .is_some_and(|flag| flag.content != [0]);
            let mut value = Reader::new(parts.expect(tag::OCTET_STRING, WHAT)?.content);
            if oid == oids::SUBJECT_KEY_IDENTIFIER {
                self.subject_key_identifier = Some(value.expect(tag::OCTET_STRING, WHAT)?.content);
            } else if oid == oids::KEY_USAGE {
                let bits = value
                    .expect(tag::BIT_STRING, WHAT)?
                    .content
                    .get(1)
                    .copied()
                    .unwrap_or(0);
                self.key_usage = Some(KeyUsage {
                    digital_signature: bits & 0x80 != 0,
                    non_repudiation: bits & 0x40 != 0,
                });
            } else if oid == oids::EXTENDED_KEY_USAGE {
                let mut list = value.expect(tag::SEQUENCE, WHAT)?.inside();
                let mut purposes = Vec::new();
                while let Some(purpose) = list.next(WHAT)? {
                    purposes.push(Oid::from_content(purpose.content));
                }
                self.extended_key_usage = Some(ExtendedKeyUsage { critical, purposes });
            }
        }
        Ok(())
    }
}
