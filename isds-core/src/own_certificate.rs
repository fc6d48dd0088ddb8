//! Certificates of the installation itself, and how near their ends are.

use crate::time::Timestamp;

/// So many days before the end of one its operator is told.
pub const DAYS_BEFORE_CERTIFICATE_ENDS: i64 = 30;

/// What a certificate of the installation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CertificateUse {
    /// TLS of a listener.
    Listener,
    /// The seal.
    Seal,
    /// The built-in timestamp authority.
    TimestampAuthority,
}

impl CertificateUse {
    /// Its name, in logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Listener => "listener",
            Self::Seal => "seal",
            Self::TimestampAuthority => "timestamp-authority",
        }
    }
}

/// A certificate (with its chain) that a node uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnCertificate {
    /// What for.
    pub used_for: CertificateUse,
    /// Real time at which it, or the first of its chain, ends.
    pub ends: Timestamp,
}

/// How it is with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateTerm {
    /// Good for long.
    Long,
    /// It ends in so many whole days.
    EndsIn(i64),
    /// It has ended.
    Ended,
}

impl OwnCertificate {
    /// How it is at a real time.
    #[must_use]
    pub fn term(&self, now: Timestamp) -> CertificateTerm {
        let left = self.ends.0.saturating_sub(now.0);
        let days = left.div_euclid(86_400_000_000);
        match days {
            _ if left <= 0 => CertificateTerm::Ended,
            0..DAYS_BEFORE_CERTIFICATE_ENDS => CertificateTerm::EndsIn(days),
            _ => CertificateTerm::Long,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_before_its_end_it_ends() {
        let seal = OwnCertificate {
            used_for: CertificateUse::Seal,
            ends: Timestamp(0).plus_seconds(100 * 86_400),
        };
        for (second, term) in [
            (0, CertificateTerm::Long),
            (70 * 86_400, CertificateTerm::Long),
            (70 * 86_400 + 1, CertificateTerm::EndsIn(29)),
            (100 * 86_400 - 1, CertificateTerm::EndsIn(0)),
            (100 * 86_400, CertificateTerm::Ended),
            (101 * 86_400, CertificateTerm::Ended),
        ] {
            assert_eq!(seal.term(Timestamp(0).plus_seconds(second)), term, "{second}");
        }
    }
}
