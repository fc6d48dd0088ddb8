//! The demo's own certificate authority: a root, and certificates for the seal, the timestamps and the web server.
//!
//! Nothing of it is meant for production, where all of these come from qualified providers and are loaded with
//! [`SigningKey::from_pem`].

mod files;
mod issue;

use std::path::Path;
use std::thread;

use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;

use crate::keys::{KeyError, KeyKind, Scheme, SigningKey};

use files::Files;
use issue::{Issuer, Role};

/// Fills a slice with random octets, for serial numbers.
pub type Random<'a> = &'a mut dyn FnMut(&mut [u8]);

/// What the demo's keys are to be.
#[derive(Debug, Clone, Copy)]
pub struct DemoOptions {
    /// Key of the seal.
    pub seal: (KeyKind, Scheme),
    /// Key of the built-in timestamp authority.
    pub timestamps: (KeyKind, Scheme),
    /// From when certificates are valid: microseconds of UTC, not later than either clock, since legal time may run apart.
    pub not_before: i64,
}

impl DemoOptions {
    /// RSA 3072 for both: PSS for the seal, PKCS#1 v1.5 for the timestamps.
    pub fn new(not_before: i64) -> Self {
        Self {
            seal: (KeyKind::Rsa3072, Scheme::RsaPss),
            timestamps: (KeyKind::Rsa3072, Scheme::RsaPkcs1),
            not_before,
        }
    }
}

/// Why the demo's authority is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// A key or certificate could not be made or read.
    #[error("a key or certificate cannot be made or read")]
    OpenSsl(#[from] ErrorStack),
    /// A stored key does not fit its certificate or the scheme asked for.
    #[error("a stored key cannot be used")]
    Key(#[from] KeyError),
    /// A file could not be read or written; names it within the folder.
    #[error("the file {name} cannot be read or written")]
    File {
        /// Path within the demo's folder.
        name: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A thread that made a key ended abnormally.
    #[error("making a key was interrupted")]
    Interrupted,
}

/// The demo's keys and certificates.
#[derive(Debug)]
pub struct DemoAuthority {
    /// The root, to be trusted: also stored as `trust/ca.pem`.
    pub root: X509,
    /// Signs messages and delivery infos.
    pub seal: SigningKey,
    /// Signs timestamps.
    pub timestamps: SigningKey,
    /// For the web server.
    pub tls: TlsIdentity,
    /// With which an application of the demo's office calls: `keys/application.cert.pem`, its key beside it.
    pub application: X509,
}

/// Key and certificate of the web server.
#[derive(Debug)]
pub struct TlsIdentity {
    /// The private key.
    pub key: PKey<Private>,
    /// Its certificate, issued by the root.
    pub certificate: X509,
}

impl DemoAuthority {
    /// Reads what `folder` holds, or makes it: `keys/*.pem` (keys readable by the owner only) and `trust/ca.pem`.
    ///
    /// `hosts`: names and addresses for the server's certificate; when they differ from the stored one's, it is issued anew.
    /// Blocks: on a new folder for as long as it takes to find the primes of two RSA keys side by side.
    ///
    /// # Errors
    /// When a file cannot be read or written, or a stored key does not fit the options.
    pub fn open_or_create(
        folder: &Path,
        options: &DemoOptions,
        hosts: &[String],
        random: Random<'_>,
    ) -> Result<Self, AuthorityError> {
        let files = Files::new(folder);
        if !files.exist() {
            files.create(&NewKeys::generate(options)?.certify(options.not_before, hosts, random)?)?;
        }
        let root = files.certificate("ca")?;
        files.publish_root(&root)?;
        let tls_key = files.key("tls")?;
        let stored = files.certificate("tls")?;
        let tls_certificate = if issue::hosts(&stored) == issue::wanted_hosts(hosts) {
            stored
        } else {
            let issuer = Issuer {
                certificate: &root,
                key: &files.key("ca")?,
                not_before: options.not_before,
            };
            let renewed = issuer.issue(&tls_key, Role::Tls(hosts), random)?;
            files.replace_certificate("tls", &renewed)?;
            renewed
        };
        let application_key = files.key_or_new("application", || KeyKind::P256.generate())?;
        if !files.has_certificate("application") {
            let issuer = Issuer {
                certificate: &root,
                key: &files.key("ca")?,
                not_before: options.not_before,
            };
            let issued = issuer.issue(&application_key, Role::Application, random)?;
            files.replace_certificate("application", &issued)?;
        }
        Ok(Self {
            application: files.certificate("application")?,
            seal: SigningKey::new(files.key("seal")?, vec![files.certificate("seal")?], options.seal.1)?,
            timestamps: SigningKey::new(files.key("tsa")?, vec![files.certificate("tsa")?], options.timestamps.1)?,
            tls: TlsIdentity {
                key: tls_key,
                certificate: tls_certificate,
            },
            root,
        })
    }
}

struct NewKeys {
    root: PKey<Private>,
    seal: PKey<Private>,
    timestamps: PKey<Private>,
    tls: PKey<Private>,
}

/// Keys and certificates that are not stored yet, by the name of their files.
struct Issued([(&'static str, PKey<Private>, X509); 4]);

impl NewKeys {
    fn generate(options: &DemoOptions) -> Result<Self, AuthorityError> {
        thread::scope(|scope| {
            // The search for RSA primes is all the time it takes, so each key has a thread.
            let seal = scope.spawn(|| options.seal.0.generate());
            let timestamps = scope.spawn(|| options.timestamps.0.generate());
            // P-256 for the root: it signs a handful of certificates and nothing on the way of a message, is made in no time,
            // and OpenSSL, browsers and Java verify it everywhere; a third search for primes would delay the first start.
            let root = KeyKind::P256.generate()?;
            // P-256 for the server as well: handshakes are many, and its signature is the cheapest.
            let tls = KeyKind::P256.generate()?;
            Ok(Self {
                root,
                seal: seal.join().map_err(|_| AuthorityError::Interrupted)??,
                timestamps: timestamps.join().map_err(|_| AuthorityError::Interrupted)??,
                tls,
            })
        })
    }

    fn certify(self, not_before: i64, hosts: &[String], random: Random<'_>) -> Result<Issued, AuthorityError> {
        let root = issue::root(&self.root, not_before, random)?;
        let issuer = Issuer {
            certificate: &root,
            key: &self.root,
            not_before,
        };
        let seal = issuer.issue(&self.seal, Role::Seal, random)?;
        let timestamps = issuer.issue(&self.timestamps, Role::Timestamps, random)?;
        let tls = issuer.issue(&self.tls, Role::Tls(hosts), random)?;
        Ok(Issued([
            ("ca", self.root, root),
            ("seal", self.seal, seal),
            ("tsa", self.timestamps, timestamps),
            ("tls", self.tls, tls),
        ]))
    }
}
