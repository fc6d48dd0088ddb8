//! Keys of the demo: its own authority for seal, timestamps and TLS, kept in the folder.

use std::path::Path;
use std::sync::Arc;

use isds_core::own_certificate::{CertificateUse, OwnCertificate};
use isds_core::ports::Random;
use isds_core::time::Timestamp;
use openssl::ssl::SslAcceptor;
use openssl::x509::X509;
use seal::authority::{AuthorityError, DemoAuthority, DemoOptions};
use seal::ports::{DocumentJudge, SystemSeal};
use seal::tsp::{BuiltInAuthority, TimestampAuthority};
use seal::verify::TrustRoots;

use crate::certificates::own;
use crate::commands::Problem;
use crate::random::SystemRandom;
use crate::{assemble, tls};

/// Policy of the built-in authority's tokens: the number that OpenSSL's documentation uses for examples. The arc meant
/// for examples, 2.999, does not fit the type that holds the number.
const POLICY: &str = "1.2.3.4.1";
/// How far genTime may be off, in milliseconds.
const ACCURACY: u32 = 500;
/// Certificates begin a day early, so that a machine whose clock is late accepts them too.
const EARLY_SECONDS: i64 = 86_400;

/// The demo's keys.
pub struct Keys(DemoAuthority);

impl Keys {
    /// Reads the keys that the folder holds, or makes them.
    ///
    /// # Errors
    /// Where they can neither be read nor made.
    pub fn load_or_make(data: &Path, hosts: &[String], now: Timestamp) -> Result<Self, AuthorityError> {
        let options = DemoOptions::new(now.plus_seconds(-EARLY_SECONDS).0);
        DemoAuthority::open_or_create(data, &options, hosts, &mut |octets| SystemRandom.fill(octets)).map(Self)
    }

    /// Seal, judge and TLS (which only some demos serve), with timestamps from the built-in authority or a real one.
    ///
    /// # Errors
    /// Where a part cannot be made of the keys.
    pub fn split(self, tsa: Option<Tsa>, serves_tls: bool, random: Arc<dyn Random>) -> Result<KeyParts, Problem> {
        let DemoAuthority {
            root,
            seal,
            timestamps,
            tls,
            application,
        } = self.0;
        let unusable = |error| Problem::caused("the demo's root cannot be trusted", error);
        let mut roots = vec![root];
        let mut certificates: Vec<OwnCertificate> = Vec::new();
        certificates.extend(own(CertificateUse::Seal, seal.chain()));
        if serves_tls {
            certificates.extend(own(CertificateUse::Listener, std::slice::from_ref(&tls.certificate)));
        }
        let authority = match tsa {
            Some(Tsa { url, roots: theirs }) => {
                let trust = TrustRoots::new(theirs.clone()).map_err(unusable)?;
                roots.extend(theirs);
                assemble::http_authority(&url, trust)?
            }
            None => {
                certificates.extend(own(CertificateUse::TimestampAuthority, timestamps.chain()));
                let built_in = BuiltInAuthority::new(timestamps, POLICY, ACCURACY)
                    .map_err(|error| Problem::caused("the built-in timestamp authority cannot be used", error))?;
                TimestampAuthority::BuiltIn(Arc::new(built_in))
            }
        };
        let judge = DocumentJudge::new(TrustRoots::new(roots).map_err(unusable)?, seal.chain())
            .map_err(|error| Problem::caused("the demo's seal cannot be read", error))?;
        let acceptor = tls::acceptor(&tls.key, &[tls.certificate])
            .map_err(|error| Problem::caused("the TLS certificate cannot be used", error))?;
        Ok(KeyParts {
            seal: SystemSeal::new(seal, authority, random),
            judge,
            acceptor,
            application,
            certificates,
        })
    }
}

/// A timestamp authority elsewhere.
pub struct Tsa {
    /// Its address.
    pub url: String,
    /// Roots that its certificate leads to.
    pub roots: Vec<X509>,
}

/// What the keys are for.
pub struct KeyParts {
    /// Seal and timestamps.
    pub seal: SystemSeal,
    /// Judge of sealed documents.
    pub judge: DocumentJudge,
    /// TLS.
    pub acceptor: SslAcceptor,
    /// When the certificates in use end.
    pub certificates: Vec<OwnCertificate>,
    /// Certificate of the application of [`APPLICATION_BOX`](super::APPLICATION_BOX).
    pub application: X509,
}
