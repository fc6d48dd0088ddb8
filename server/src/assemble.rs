//! Putting the parts of a system together.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use isds_core::own_certificate::{CertificateUse, OwnCertificate};
use isds_core::ports::{NoScanner, Objects, Random, Scanner, Secrets, Store};
use isds_core::postal::Prices;
use isds_core::restraint::RestraintBounds;
use isds_core::{ArchivingSlots, Isds, Limits, PasswordCheck, Scanning, SealedForms};
use openssl::ssl::SslAcceptor;
use openssl::x509::X509;
use seal::keys::{Scheme, SigningKey};
use seal::ports::{DocumentJudge, SystemArchiver, SystemSeal};
use seal::tsp::{HttpAuthority, HttpAuthorityOptions, TimestampAuthority};
use seal::verify::TrustRoots;
use storage::objects::{KeyRotation, MasterKey, MasterKeys, Place};
use storage::secrets::MasterSecrets;

use crate::certificates;
use crate::clamd::{Clamd, ClamdAddress};
use crate::clock::SystemClock;
use crate::commands::Problem;
use crate::config::{Config, SealScheme, TlsFiles};
use crate::metrics::{Metrics, TimedAuthority, TimedObjects, TimedScanner, TimedSealer};
use crate::random::SystemRandom;
use crate::tls;

/// What a system is made of.
pub struct Parts {
    /// SQL.
    pub store: Arc<dyn Store>,
    /// Content.
    pub objects: Arc<dyn Objects>,
    /// Seals small secrets under the master key.
    pub secrets: Arc<dyn Secrets>,
    /// Seal and timestamps.
    pub seal: SystemSeal,
    /// Judge of sealed documents.
    pub judge: DocumentJudge,
    /// ClamAV's daemon; without one messages are delivered unscanned.
    pub clamd: Option<ClamdAddress>,
    /// Limits and prices.
    pub limits: Limits,
    /// What stands in mails to people; none where none are sent.
    pub notices: Option<isds_core::notice::NoticeSettings>,
    /// Certificates of the installation itself.
    pub certificates: Vec<OwnCertificate>,
    /// Counts what happens.
    pub metrics: Arc<Metrics>,
}

/// The master key in a file, which is made where it is missing, and others in files that are there.
pub fn master_keys(file: &Path, others: &[PathBuf]) -> Result<MasterKeys, Problem> {
    let unusable = |file: &Path| format!("the master key {} cannot be used", file.display());
    let current = MasterKey::load_or_create(file).map_err(|error| Problem::caused(unusable(file), error))?;
    let others = others
        .iter()
        .map(|file| MasterKey::load(file).map_err(|error| Problem::caused(unusable(file), error)))
        .collect::<Result<_, _>>()?;
    Ok(MasterKeys::new(current, others))
}

/// The master keys that a configuration names.
pub fn configured_keys(config: &Config) -> Result<MasterKeys, Problem> {
    master_keys(&config.master_key, &config.other_master_keys)
}

/// What seals small secrets under the master keys. The key of its digests is kept in the database with the first start: it
/// outlives the master key that it was made from.
pub async fn secrets(objects: &str, keys: &MasterKeys, store: &dyn Store) -> Result<Arc<MasterSecrets>, Problem> {
    let unopened = |error| Problem::caused("the object storage cannot be opened", error);
    let place = Place::at(objects).map_err(unopened)?;
    let eldest = place.eldest_key(keys).await.map_err(unopened)?;
    let unusable = |error| Problem::caused("secrets cannot be sealed on this machine", error);
    let secrets = MasterSecrets::of_keys(keys, eldest).map_err(unusable)?;
    let kept = store
        .keep_digest_key(&secrets.sealed_digest_key().map_err(unusable)?)
        .await
        .map_err(|error| Problem::caused("the key of digests cannot be kept", error))?;
    let secrets = secrets
        .with_digest_key(&kept)
        .map_err(|error| Problem::caused("the key of digests in the database is under another master key", error))?;
    Ok(Arc::new(secrets))
}

/// Opens the object storage.
pub async fn open_objects(url: &str, keys: &MasterKeys) -> Result<Arc<dyn KeyRotation>, Problem> {
    storage::objects::open_for_upkeep(url, keys.clone())
        .await
        .map_err(|error| Problem::caused("the object storage cannot be opened", error))
}

/// Opens the database.
pub async fn open_store(url: &str) -> Result<Arc<dyn Store>, Problem> {
    storage::connect(url)
        .await
        .map_err(|error| Problem::caused("the database cannot be opened", error))
}

/// Opens the database that a configuration names, as it says; `node` is what this node is called.
pub async fn open_configured_store(config: &Config, node: Option<&str>) -> Result<Arc<dyn Store>, Problem> {
    let options = config.postgresql.options(node);
    storage::connect_with(&config.database, &options)
        .await
        .map_err(|error| Problem::caused("the database cannot be opened", error))
}

/// The system, with its clock at the offset that the database holds.
pub async fn isds(parts: Parts) -> Result<(Arc<Isds>, Arc<SystemClock>), Problem> {
    let clock = Arc::new(SystemClock::default());
    let offset = parts
        .store
        .clock_offset_seconds()
        .await
        .map_err(|error| Problem::caused("the clock offset cannot be read", error))?;
    clock.set_offset(offset);
    let random = Arc::new(SystemRandom);
    let passwords = PasswordCheck::new(&*random)
        .map_err(|error| Problem::caused("passwords cannot be hashed on this machine", error))?;
    let (seal, judge) = (Arc::new(parts.seal), Arc::new(parts.judge));
    let isds = Isds {
        store: parts.store,
        objects: TimedObjects::around(parts.objects, &parts.metrics),
        form: Arc::new(wire::forms::DmDmForm),
        authority: TimedAuthority::around(seal.clone(), &parts.metrics),
        sealer: TimedSealer::around(seal.clone(), &parts.metrics),
        authenticator: judge.clone(),
        archiver: Arc::new(SystemArchiver::new(judge, seal)),
        scanner: TimedScanner::around(scanner(parts.clamd), &parts.metrics),
        scanning: Scanning::default(),
        clock: clock.clone(),
        secrets: parts.secrets,
        random,
        limits: parts.limits,
        passwords,
        sealed_forms: SealedForms::default(),
        archiving: ArchivingSlots::default(),
        audit: isds_core::audit::AuditBuffer::default(),
        life_cycle: isds_core::LifeCycleSweep::default(),
        certificates: Arc::new(certificates::PemReader),
        own_certificates: parts.certificates,
        notices: parts.notices,
        restraint: isds_core::RestraintBook::default(),
        observer: parts.metrics,
        mail_added: tokio::sync::Notify::new(),
        job_added: tokio::sync::Notify::new(),
        calls: isds_core::under_way::UnderWay::default(),
        ending: isds_core::ending::Ending::default(),
    };
    Ok((Arc::new(isds), clock))
}

fn scanner(clamd: Option<ClamdAddress>) -> Arc<dyn Scanner> {
    match clamd {
        Some(address) => Arc::new(Clamd::new(address)),
        None => Arc::new(NoScanner),
    }
}

/// The limits and prices that a configuration names.
pub fn configured_limits(config: &Config) -> Limits {
    let limits = Limits::default();
    Limits {
        restraint: restraint(config.parallel_calls, config.daily_calls),
        large_message_bytes: config.large_message_bytes.unwrap_or(limits.large_message_bytes),
        prices: Prices {
            postal_message: config.prices.postal_message,
            large_postal_message: config.prices.large_postal_message,
            vault_message_year: config.prices.vault_message_year,
        },
        ..limits
    }
}

/// The bounds of restraint; nought is as good as nothing.
pub fn restraint(parallel_calls: Option<u32>, daily_calls: Option<u64>) -> RestraintBounds {
    let bounds = RestraintBounds::default();
    RestraintBounds {
        parallel_calls: parallel_calls
            .filter(|calls| *calls > 0)
            .unwrap_or(bounds.parallel_calls),
        daily_calls: daily_calls.filter(|calls| *calls > 0),
        ..bounds
    }
}

/// The seal and the timestamp authority that a configuration names.
pub fn configured_seal(config: &Config, random: Arc<dyn Random>) -> Result<SystemSeal, Problem> {
    let key = read(&config.seal.key)?;
    let chain = read(&config.seal.certificate)?;
    let scheme = match config.seal.scheme {
        SealScheme::RsaPss => Scheme::RsaPss,
        SealScheme::RsaPkcs1 => Scheme::RsaPkcs1,
        SealScheme::EcdsaP256 => Scheme::EcdsaP256,
    };
    let key = SigningKey::from_pem(&key, &chain, scheme)
        .map_err(|error| Problem::caused("the seal's key and certificate cannot be used", error))?;
    let trust = TrustRoots::new(certificates(&config.trust)?)
        .map_err(|error| Problem::caused("the trusted roots cannot be used", error))?;
    Ok(SystemSeal::new(key, http_authority(&config.tsa, trust)?, random))
}

/// A timestamp authority over HTTP, whose tokens are taken only when its certificate leads to `trust`.
pub fn http_authority(url: &str, trust: TrustRoots) -> Result<TimestampAuthority, Problem> {
    let mut options = HttpAuthorityOptions::new(url);
    options.trust = Some(trust);
    let authority = HttpAuthority::new(options)
        .map_err(|error| Problem::caused(format!("the timestamp authority {url} cannot be used"), error))?;
    Ok(TimestampAuthority::Http(Arc::new(authority)))
}

/// The judge of what a configuration's seal, or one used before it, has sealed.
pub fn configured_judge(config: &Config) -> Result<DocumentJudge, Problem> {
    let roots = TrustRoots::new(certificates(&config.trust)?)
        .map_err(|error| Problem::caused("the trusted roots cannot be used", error))?;
    let mut seals: Vec<X509> = certificates(&config.seal.certificate)?.into_iter().take(1).collect();
    if let Some(former) = &config.seal.former {
        seals.extend(certificates(former)?);
    }
    DocumentJudge::new(roots, &seals).map_err(|error| Problem::caused("the seal's certificate cannot be used", error))
}

/// Certificates of a PEM file, one at least.
pub fn certificates(path: &Path) -> Result<Vec<X509>, Problem> {
    let unreadable = || format!("{} holds no certificates", path.display());
    let found = X509::stack_from_pem(&read(path)?).map_err(|error| Problem::caused(unreadable(), error))?;
    if found.is_empty() {
        Err(Problem::new(unreadable()))
    } else {
        Ok(found)
    }
}

/// The certificates that a configuration names for the installation itself.
pub fn configured_certificates(config: &Config) -> Result<Vec<OwnCertificate>, Problem> {
    let seal = certificates::own(CertificateUse::Seal, &certificates(&config.seal.certificate)?);
    let listener = match &config.tls {
        Some(files) => certificates::own(CertificateUse::Listener, &certificates(&files.certificate)?),
        None => None,
    };
    Ok(seal.into_iter().chain(listener).collect())
}

/// TLS of the listener that a configuration names.
pub fn configured_tls(files: &TlsFiles) -> Result<SslAcceptor, Problem> {
    tls::acceptor_from_pem(&read(&files.key)?, &read(&files.certificate)?)
        .map_err(|error| Problem::caused("the TLS certificate cannot be used", error))
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    std::fs::read(path).map_err(|error| Problem::caused(format!("{} cannot be read", path.display()), error))
}
