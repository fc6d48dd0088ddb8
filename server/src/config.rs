//! Configuration of `isds serve`: a TOML file in which every key is known and every part is whole.

mod references;

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use isds_core::restraint::MAX_PARALLEL_CALLS;
use serde::Deserialize;

use crate::clamd::ClamdAddress;
use crate::listen::{CONNECTIONS_PER_ADDRESS, Callers, Network, Proxies};

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{0} cannot be read")]
    Unreadable(PathBuf, #[source] std::io::Error),
    /// It is not TOML, has an unknown key, or lacks one.
    #[error("{0}: {1}")]
    Malformed(PathBuf, String),
    /// A value refers to what is not there.
    #[error("{0}: {1}")]
    Reference(&'static str, references::ReferenceError),
    /// A part is only half configured, or not allowed.
    #[error("{0}")]
    Invalid(String),
}

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Chain and key of the listener, PEM. Without them it listens on loopback only.
    pub tls: Option<TlsFiles>,
    /// Where people reach the system in their browsers: `https://HOST`, with a port where it is not the usual one.
    /// Passkeys belong to its host; without it there are none.
    pub public_url: Option<String>,
    /// Reverse proxies (addresses or networks) whose word about the address and scheme of their clients is taken.
    #[serde(default)]
    pub trusted_proxies: Vec<Network>,
    /// Most connections at once of one address, but for proxies and this machine; 256 where it is not given.
    pub connections_per_address: Option<usize>,
    /// Where metrics are read (`GET /metrics`), on a listener of their own; without it nowhere. Plain HTTP and without a
    /// password: an address that only monitoring reaches.
    pub metrics: Option<SocketAddr>,
    /// Collector of OpenTelemetry that traces are sent to, by OTLP over HTTP: `http://HOST:4318`. Without it to the one that
    /// `OTEL_EXPORTER_OTLP_ENDPOINT` in the environment names, and nowhere where that names none.
    pub otlp: Option<String>,
    /// Mail server for notifications: `smtp://HOST:PORT?tls=required`, `smtps://NAME:PASSWORD@HOST`. Without it nobody is
    /// notified by e-mail. Mails hold links, so `public_url` is needed with it.
    pub smtp: Option<String>,
    /// Address that mails come from; `isds@` and the host of `public_url` where it is not given.
    pub mail_from: Option<String>,
    /// `postgres://…` or `sqlite:PATH`.
    pub database: String,
    /// How much of a PostgreSQL server this node takes, and how long it waits for it.
    #[serde(default)]
    pub postgresql: Postgresql,
    /// How long the node goes on serving after it was told to stop, in seconds; 5 where it is not given. `/health/ready`
    /// says meanwhile that it is not ready, so that proxies turn away from it.
    pub drain_seconds: Option<u64>,
    /// `file:DIR` or `s3://BUCKET/FOLDER?endpoint=URL&region=NAME&credentials=FILE`.
    pub objects: String,
    /// File with the master key of the objects; made on the first start.
    pub master_key: PathBuf,
    /// Files with other master keys that objects may be under: read with, never written with. Needed while one key takes
    /// another's place.
    #[serde(default)]
    pub other_master_keys: Vec<PathBuf>,
    /// The seal.
    pub seal: SealFiles,
    /// Address of the timestamp authority, RFC 3161 over HTTP.
    pub tsa: String,
    /// Roots that seals and timestamps are checked against, PEM.
    pub trust: PathBuf,
    /// Scanner: ClamAV's daemon at `HOST:PORT` or the path of its socket.
    pub clamd: Option<ClamdAddress>,
    /// `none`: messages are delivered unscanned. No default: whoever runs without a scanner says so.
    pub scanner: Option<Scanner>,
    /// Largest sum of the attachments of a large message (VoDZ), in bytes; 100 MB where it is not given.
    pub large_message_bytes: Option<u64>,
    /// What services cost.
    #[serde(default)]
    pub prices: Prices,
    /// Most watched calls of one box at once (3008); 49 where it is not given or 0.
    pub parallel_calls: Option<u32>,
    /// Watched calls a day of one account, beyond which each is delayed and parallel ones are refused (3009); where it is
    /// not given or 0, only accounts of boxes that the administrator restrains are.
    pub daily_calls: Option<u64>,
    /// The test clock; on loopback only.
    #[serde(default)]
    pub test_clock: bool,
}

/// Certificate chain and key of the listener.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// Chain, leaf first.
    pub certificate: PathBuf,
    /// Key.
    pub key: PathBuf,
}

/// Certificate, key and scheme of the seal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealFiles {
    /// Chain, leaf first.
    pub certificate: PathBuf,
    /// Key.
    pub key: PathBuf,
    /// How the key signs.
    #[serde(default)]
    pub scheme: SealScheme,
    /// Certificates of the seals used before, whose documents are still authentic.
    pub former: Option<PathBuf>,
}

/// How the seal is signed, always over SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SealScheme {
    /// RSASSA-PSS.
    #[default]
    RsaPss,
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1,
    /// ECDSA over P-256.
    EcdsaP256,
}

/// How a PostgreSQL server is used; SQLite needs none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Postgresql {
    /// Most connections of this node at once. Those of all nodes together have to stay below the server's
    /// `max_connections`.
    pub connections: u32,
    /// How long a call waits for one of them before it is answered that the database is unavailable, in seconds.
    pub wait_seconds: u64,
    /// How long a statement may take, in seconds.
    pub statement_seconds: u64,
    /// How long a transaction may lie idle before the server ends it, in seconds.
    pub idle_in_transaction_seconds: u64,
}

impl Default for Postgresql {
    fn default() -> Self {
        let options = storage::PostgresOptions::default();
        Self {
            connections: options.connections,
            wait_seconds: options.wait.as_secs(),
            statement_seconds: options.statement.as_secs(),
            idle_in_transaction_seconds: options.idle_in_transaction.as_secs(),
        }
    }
}

impl Postgresql {
    /// The same in the store's words.
    #[must_use]
    pub fn options(&self, node: Option<&str>) -> storage::PostgresOptions {
        storage::PostgresOptions {
            connections: self.connections,
            wait: Duration::from_secs(self.wait_seconds),
            statement: Duration::from_secs(self.statement_seconds),
            idle_in_transaction: Duration::from_secs(self.idle_in_transaction_seconds),
            node: node.map(str::to_owned),
        }
    }

    fn check(&self) -> Result<(), &'static str> {
        if !(2..=1000).contains(&self.connections) {
            return Err("postgresql.connections: from 2 to 1000");
        }
        let waits = [
            self.wait_seconds,
            self.statement_seconds,
            self.idle_in_transaction_seconds,
        ];
        if waits.iter().any(|seconds| !(1..=3600).contains(seconds)) {
            return Err("postgresql: a limit of time is from 1 to 3600 seconds");
        }
        Ok(())
    }
}

/// Prices in hellers (1/100 CZK) including VAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Prices {
    /// A postal message.
    pub postal_message: i64,
    /// A postal message that is a large message.
    pub large_postal_message: i64,
    /// Room for one message in a vault, for a year.
    pub vault_message_year: i64,
}

impl Default for Prices {
    fn default() -> Self {
        let isds_core::postal::Prices {
            postal_message,
            large_postal_message,
            vault_message_year,
        } = isds_core::postal::Prices::default();
        Self {
            postal_message,
            large_postal_message,
            vault_message_year,
        }
    }
}

/// Scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scanner {
    /// No scanner.
    None,
}

/// Long enough for a proxy that asks every second or two.
const DRAIN_SECONDS: u64 = 5;

/// From the largest ordinary message to what the contract ever allowed (bulletin 2175).
const LARGE_MESSAGE_BYTES: RangeInclusive<u64> = 20 << 20..=1 << 30;

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable(path.to_owned(), error))?;
        let mut config: Self = toml::from_str(&text)
            .map_err(|error| ConfigError::Malformed(path.to_owned(), error.message().to_owned()))?;
        config.resolve(&|name| std::env::var(name).ok())?;
        config.check()?;
        Ok(config)
    }

    /// Puts what they refer to into the values that may hold a secret: passwords stand in files or in the environment.
    fn resolve(&mut self, environment: references::Environment<'_>) -> Result<(), ConfigError> {
        let values = [
            ("database", Some(&mut self.database)),
            ("objects", Some(&mut self.objects)),
            ("smtp", self.smtp.as_mut()),
        ];
        for (key, value) in values {
            let Some(value) = value else { continue };
            *value = references::resolved(value, environment).map_err(|error| ConfigError::Reference(key, error))?;
        }
        Ok(())
    }

    /// The addresses under which browsers find the system.
    #[must_use]
    pub fn origins(&self) -> web::Origins {
        let mut origins = web::Origins::default();
        if let Some(url) = &self.public_url {
            // What is no origin leaves the list empty, which is refused when the file is read.
            let _ = origins.add(url);
        }
        origins
    }

    /// Who connects, and how much of it is borne.
    #[must_use]
    pub fn callers(&self) -> Callers {
        Callers {
            proxies: Proxies::new(self.trusted_proxies.clone()),
            connections_per_address: self.connections_per_address.unwrap_or(CONNECTIONS_PER_ADDRESS),
            ..Callers::default()
        }
    }

    /// How long the node goes on serving after it was told to stop.
    #[must_use]
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds.unwrap_or(DRAIN_SECONDS))
    }

    fn check(&self) -> Result<(), ConfigError> {
        let invalid = |text: &str| Err(ConfigError::Invalid(text.to_owned()));
        self.postgresql
            .check()
            .map_err(|text| ConfigError::Invalid(text.to_owned()))?;
        if self.drain_seconds.is_some_and(|seconds| seconds > 300) {
            return invalid("drain_seconds: 300 at most");
        }
        if self.tls.is_none() && !self.listen.ip().is_loopback() {
            return invalid(
                "listen: without [tls] only a loopback address is allowed, since passwords travel with every call",
            );
        }
        if self.metrics == Some(self.listen) {
            return invalid("metrics: a listener of its own is needed, other than listen");
        }
        if self
            .otlp
            .as_deref()
            .is_some_and(|address| !crate::telemetry::is_collector(address))
        {
            return invalid("otlp: the http:// or https:// address of a collector is needed");
        }
        if self.test_clock && !self.listen.ip().is_loopback() {
            return invalid("test_clock: only on a loopback address");
        }
        if self
            .large_message_bytes
            .is_some_and(|bytes| !LARGE_MESSAGE_BYTES.contains(&bytes))
        {
            return invalid("large_message_bytes: from 20971520 (20 MB, an ordinary message) to 1073741824 (1 GB)");
        }
        let Prices {
            postal_message,
            large_postal_message,
            vault_message_year,
        } = self.prices;
        if [postal_message, large_postal_message, vault_message_year]
            .iter()
            .any(|price| *price <= 0)
        {
            return invalid("prices: a price is a positive number of hellers");
        }
        if self.parallel_calls.is_some_and(|calls| calls > MAX_PARALLEL_CALLS) {
            return invalid("parallel_calls: 4000 at most");
        }
        if self.connections_per_address == Some(0) {
            return invalid("connections_per_address: one at least");
        }
        match (self.scanner, &self.clamd) {
            (Some(Scanner::None), None) | (None, Some(_)) => {}
            (None, None) => return invalid("scanner: clamd is needed, or scanner = \"none\" where none is wanted"),
            (Some(Scanner::None), Some(_)) => return invalid("scanner: there is none, and clamd is one"),
        }
        if self.public_url.is_some() && self.origins().is_empty() {
            return invalid("public_url: https:// and a host name are needed, and nothing behind them but a port");
        }
        if self.smtp.is_some() && self.public_url.is_none() {
            return invalid("smtp: public_url is needed as well, since mails hold links");
        }
        if self.mail_from.is_some() && self.smtp.is_none() {
            return invalid("mail_from: without smtp no mails are sent");
        }
        if !self.tsa.starts_with("http://") && !self.tsa.starts_with("https://") {
            return invalid("tsa: an http:// or https:// address is needed");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        listen = "127.0.0.1:8443"
        database = "sqlite:/var/lib/isds/isds.db"
        objects = "file:/var/lib/isds/objects"
        master_key = "/etc/isds/master.key"
        tsa = "http://tsa.example.test/tsr"
        trust = "/etc/isds/trust.pem"
        scanner = "none"
        [seal]
        certificate = "/etc/isds/seal.pem"
        key = "/etc/isds/seal.key"
    "#;

    fn load(text: &str) -> Result<Config, ConfigError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("isds.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(&path)
    }

    #[test]
    fn a_whole_configuration() {
        let config = load(GOOD).unwrap();
        assert_eq!(config.seal.scheme, SealScheme::RsaPss);
        assert!(!config.test_clock);
        assert_eq!(config.prices.postal_message, 1000);
        let scanned = load(&GOOD.replace("scanner = \"none\"", "clamd = \"/run/clamav/clamd.ctl\"")).unwrap();
        assert_eq!(scanned.clamd, Some(ClamdAddress::Unix("/run/clamav/clamd.ctl".into())));
        let dearer = load(&(GOOD.to_owned() + "\n[prices]\npostal_message = 1500")).unwrap();
        assert_eq!(
            (dearer.prices.postal_message, dearer.prices.large_postal_message),
            (1500, 1000)
        );
    }

    /// Names of the keys of a table, as the file's reader knows them: it lists them where it meets one that it does not know.
    fn known_keys(before: &str, table: &str) -> std::collections::BTreeSet<String> {
        let text = format!("{before}\n{table}\nno_key_is_called_so = 1\n");
        let error = toml::from_str::<Config>(&text).unwrap_err();
        let message = error.message().to_owned();
        let (_, listed) = message.split_once("expected").unwrap();
        listed.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    /// The example of the operators' document.
    fn example() -> String {
        let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
        let text = std::fs::read_to_string(document).unwrap();
        let (_, rest) = text.split_once("```toml\n").unwrap();
        rest.split_once("```").unwrap().0.to_owned()
    }

    #[test]
    fn the_document_names_every_key_and_no_other() {
        let example = example();
        let parsed: toml::Table = toml::from_str(&example).unwrap();
        let names = |table: &toml::Table| table.keys().cloned().collect::<std::collections::BTreeSet<_>>();
        let mut known = known_keys("", "");
        // Has a sentence of its own, since it is nothing for an installation that serves.
        assert!(known.remove("test_clock"));
        // One key in place of another stands in the comment on that.
        known.retain(|key| parsed.contains_key(key) || !example.contains(&format!(" {key} = ")));
        assert_eq!(names(&parsed), known);
        for (name, value) in &parsed {
            let Some(table) = value.as_table() else { continue };
            assert_eq!(names(table), known_keys("", &format!("[{name}]")), "[{name}]");
        }
        // And it is one that is taken.
        let config: Config = toml::from_str(&example).unwrap();
        config.check().unwrap();
    }

    #[test]
    fn secrets_stand_in_files_or_in_the_environment() {
        let mut config = load(&GOOD.replace(
            "sqlite:/var/lib/isds/isds.db",
            "postgres://isds:${file:/dev/null}@db.example.test/isds",
        ));
        assert!(
            matches!(config, Err(ConfigError::Reference("database", _))),
            "{config:?}"
        );
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("password"), "p@ss\n").unwrap();
        let reference = format!(
            "postgres://isds:${{file:{}/password}}@db.example.test/isds",
            folder.path().display()
        );
        config = load(&GOOD.replace("sqlite:/var/lib/isds/isds.db", &reference));
        assert_eq!(config.unwrap().database, "postgres://isds:p%40ss@db.example.test/isds");
    }

    #[test]
    fn what_is_half_or_unknown_is_refused() {
        for (from, to, says) in [
            ("scanner = \"none\"", "", "scanner"),
            ("scanner = \"none\"", "scanner = \"clamd\"", "clamd"),
            ("scanner = \"none\"", "clamd = \"3310\"", "HOST:PORT"),
            (
                "scanner = \"none\"",
                "scanner = \"none\"\nclamd = \"127.0.0.1:3310\"",
                "scanner",
            ),
            ("scanner = \"none\"", "scanner = \"none\"\nscaner = 1", "scaner"),
            ("127.0.0.1", "0.0.0.0", "tls"),
            ("http://tsa", "ftp://tsa", "tsa"),
            (
                "scanner = \"none\"",
                "scanner = \"none\"\npublic_url = \"http://schranky.example\"",
                "public_url",
            ),
            (
                "scanner = \"none\"",
                "scanner = \"none\"\npublic_url = \"https://schranky.example/mailbox\"",
                "public_url",
            ),
            (
                "[seal]",
                "trusted_proxies = [\"10.0.0.0/8\", \"proxy.example.test\"]\n[seal]",
                "proxy.example.test",
            ),
            ("[seal]", "parallel_calls = 4001\n[seal]", "parallel_calls"),
            ("[seal]", "metrics = \"127.0.0.1:8443\"\n[seal]", "metrics"),
            (
                "[seal]",
                "connections_per_address = 0\n[seal]",
                "connections_per_address",
            ),
            ("key = \"/etc/isds/seal.key\"", "", "key"),
            (
                "[seal]",
                "large_message_bytes = 20971519\n[seal]",
                "large_message_bytes",
            ),
            (
                "[seal]",
                "large_message_bytes = 1073741825\n[seal]",
                "large_message_bytes",
            ),
            ("[seal]", "drain_seconds = 301\n[seal]", "drain_seconds"),
            ("[seal]", "otlp = \"collector:4318\"\n[seal]", "otlp"),
            (
                "[seal]",
                "[postgresql]\nconnections = 1\n[seal]",
                "postgresql.connections",
            ),
            ("[seal]", "[postgresql]\nwait_seconds = 0\n[seal]", "postgresql"),
            ("[seal]", "[postgresql]\nwait = 1\n[seal]", "wait"),
            ("[seal]", "[prices]\npostal_message = 0\n[seal]", "prices"),
            ("[seal]", "[prices]\npostal_mesage = 1\n[seal]", "postal_mesage"),
        ] {
            let error = load(&GOOD.replace(from, to)).unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
        }
        assert!(matches!(
            Config::load(Path::new("/nonexistent")),
            Err(ConfigError::Unreadable(..))
        ));
    }
}
