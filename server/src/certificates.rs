//! Reading certificates that people hand over, and telling the operator of those of the installation that end.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use isds_core::Isds;
use isds_core::own_certificate::{CertificateTerm, CertificateUse, OwnCertificate};
use isds_core::ports::{CertificateReader, ReadCertificate};
use isds_core::time::Timestamp;
use openssl::asn1::Asn1Time;
use openssl::x509::{X509, X509Ref};
use tokio::sync::watch;

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
        Some(ReadCertificate {
            der: certificate.to_der().ok()?,
            expires: end(&certificate)?,
        })
    }
}

fn end(certificate: &X509Ref) -> Option<Timestamp> {
    let epoch = Asn1Time::from_unix(0).ok()?;
    let until = epoch.diff(certificate.not_after()).ok()?;
    let seconds = i64::from(until.days) * 86_400 + i64::from(until.secs);
    Some(Timestamp(0).plus_seconds(seconds))
}

/// What is kept of a chain that the installation uses: when the first of it ends. None of an empty one.
pub fn own(used_for: CertificateUse, chain: &[X509]) -> Option<OwnCertificate> {
    let ends = chain.iter().filter_map(|certificate| end(certificate)).min()?;
    Some(OwnCertificate { used_for, ends })
}

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(3600);
/// After so many looks it is told once more: a day.
const TOLD_AGAIN: u32 = 24;

/// Tells the operator, with the start and once a day, which certificates end soon or have ended; at once where one comes
/// near its end or ends meanwhile.
pub async fn watch_own(isds: Arc<Isds>, mut stop: watch::Receiver<bool>) {
    let mut told: HashMap<CertificateUse, (bool, u32)> = HashMap::new();
    while !*stop.borrow() {
        for (own, term) in isds.own_certificate_terms() {
            if term == CertificateTerm::Long {
                continue;
            }
            let has_ended = term == CertificateTerm::Ended;
            let kept = told.entry(own.used_for).or_insert((!has_ended, 0));
            if kept.0 == has_ended && kept.1 > 0 {
                kept.1 -= 1;
                continue;
            }
            *kept = (has_ended, TOLD_AGAIN - 1);
            let (used_for, ends) = (own.used_for.name(), own.ends);
            match term {
                CertificateTerm::EndsIn(days) => {
                    tracing::warn!(used_for, %ends, days, "a certificate of the installation ends soon");
                }
                _ => tracing::error!(used_for, %ends, "a certificate of the installation has ended"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.changed() => return,
        }
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
