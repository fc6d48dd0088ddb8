//! Reading certificates that people hand over.

use isds_core::ports::{CertificateReader, ReadCertificate};
use isds_core::time::Timestamp;
use openssl::asn1::Asn1Time;
use openssl::x509::X509;

/// Longest text that is looked at.
const MOST_BYTES: usize = 64 * 1024;

/// Reads PEM by OpenSSL.
#[derive(Debug, Clone, Copy)]
pub struct PemReader;

impl CertificateReader for PemReader {
    fn read(&self, pem: &str) -> Option<ReadCertificate> {
        if pem.len() > MOST_BYTES {
            return None;
        }
        let certificate = X509::from_pem(pem.as_bytes()).ok()?;
        let epoch = Asn1Time::from_unix(0).ok()?;
        let until = epoch.diff(certificate.not_after()).ok()?;
        let seconds = i64::from(until.days) * 86_400 + i64::from(until.secs);
        Some(ReadCertificate {
            der: certificate.to_der().ok()?,
            expires: Timestamp(0).plus_seconds(seconds),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_none() {
        for text in [
            "",
            "x",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            assert_eq!(PemReader.read(text), None, "{text}");
        }
        assert_eq!(PemReader.read(&"x".repeat(MOST_BYTES + 1)), None);
    }
}
