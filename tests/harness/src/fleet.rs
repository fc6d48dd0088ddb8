//! Several `isds serve` nodes over one database and one store of objects, with the demo directory in them.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{
    AuthorityServer, DemoOptions, Error, Result, http,
    postgres::{VERSIONS, newest_binaries, psql},
    service::{Service, built_binary},
};

/// What the nodes stand on.
#[derive(Debug, Default)]
pub struct FleetOptions {
    /// `postgres://…` of an empty database, through which the nodes reach it.
    pub database: String,
    /// Where objects lie; a folder of the fleet's own where it is `None`.
    pub objects: Option<String>,
    /// How many nodes start.
    pub nodes: usize,
    /// More keys of the configuration, before its first table: lines of TOML. `scanner` is "none" unless they say
    /// otherwise, by `clamd`.
    pub lines: String,
    /// Environment of all nodes.
    pub variables: Vec<(String, String)>,
}

/// The nodes, with their timestamp authority. Dropping it kills them.
#[derive(Debug)]
pub struct Fleet {
    // Order matters: the nodes end before the folder goes.
    nodes: Vec<Node>,
    authority: AuthorityServer,
    folder: TempDir,
}

/// One node.
#[derive(Debug)]
pub struct Node {
    service: Service,
    binary: PathBuf,
    config: PathBuf,
    variables: Vec<(String, String)>,
}

impl Fleet {
    /// Fills the database and the objects with the demo directory and starts the nodes.
    ///
    /// # Errors
    /// Those of the demo, and those of [`Node::start`].
    pub fn start(options: FleetOptions) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("isds-fleet-")
            .tempdir()
            .map_err(Error::io("make the fleet's folder"))?;
        let objects = options
            .objects
            .unwrap_or_else(|| format!("file:{}", folder.path().join("objects").display()));
        fill(folder.path(), &options.database, &objects)?;
        let data = folder.path().join("data");
        let authority = AuthorityServer::start(&data.join("keys/tsa.cert.pem"), &data.join("keys/tsa.key.pem"))?;
        let mut fleet = Self {
            nodes: Vec::new(),
            authority,
            folder,
        };
        let scanner = if options
            .lines
            .lines()
            .any(|line| line.starts_with("scanner") || line.starts_with("clamd"))
        {
            ""
        } else {
            "scanner = \"none\"\n"
        };
        for number in 0..options.nodes {
            let config = Config {
                database: &options.database,
                objects: &objects,
                tsa: &fleet.authority.url(),
                lines: &format!("{scanner}{}", options.lines),
            };
            let node = Node::new(number, fleet.folder.path(), &config, options.variables.clone())?;
            fleet.nodes.push(node);
        }
        for node in &mut fleet.nodes {
            node.start()?;
        }
        Ok(fleet)
    }

    /// A node.
    #[must_use]
    pub fn node(&self, number: usize) -> &Node {
        &self.nodes[number]
    }

    /// A node, to be killed or started.
    pub fn node_mut(&mut self, number: usize) -> &mut Node {
        &mut self.nodes[number]
    }

    /// All nodes.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Their timestamp authority.
    #[must_use]
    pub fn authority(&self) -> &AuthorityServer {
        &self.authority
    }

    /// Root of seals and timestamps (PEM).
    #[must_use]
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("data/trust/ca.pem")
    }

    /// The folder that holds keys, configurations, logs and, unless they are elsewhere, objects.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Winds legal time forward through a node; answers when what fell due is done.
    ///
    /// # Errors
    /// [`Error::Http`] for an answer other than 200.
    pub fn advance(&self, number: usize, seconds: i64) -> Result<()> {
        let body = format!("{{\"advance_seconds\":{seconds}}}");
        let headers = [("Content-Type", "application/json")];
        let answer = http::post(
            self.nodes[number].address(),
            "/test/clock",
            &headers,
            body.as_bytes(),
            Duration::from_secs(120),
        )?;
        if answer.status == 200 {
            Ok(())
        } else {
            Err(Error::Http("the test clock was refused"))
        }
    }
}

impl Node {
    fn new(number: usize, folder: &Path, config: &Config<'_>, variables: Vec<(String, String)>) -> Result<Self> {
        let service = Service::new("a node", None, folder.join(format!("node-{number}.log")))?;
        let file = folder.join(format!("node-{number}.toml"));
        fs::write(&file, config.text(folder, service.address())).map_err(Error::io("write a configuration"))?;
        Ok(Self {
            service,
            binary: built_binary()?,
            config: file,
            variables,
        })
    }

    /// Starts it and waits until it is ready. The port is the same for the node's whole life.
    ///
    /// # Errors
    /// [`Error::Died`], [`Error::NotReady`].
    pub fn start(&mut self) -> Result<()> {
        let command = self.command();
        self.service.launch(command)
    }

    /// Starts it and does not wait until it is ready.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn spawn(&mut self) -> Result<()> {
        let command = self.command();
        self.service.spawn(command)
    }

    /// Waits until it is ready.
    ///
    /// # Errors
    /// [`Error::Died`], [`Error::NotReady`].
    pub fn await_ready(&mut self) -> Result<()> {
        self.service.await_ready(Instant::now())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(["serve", "--config"])
            .arg(&self.config)
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Environment of its next start.
    pub fn set_variable(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.service.address()
    }

    /// Its configuration.
    #[must_use]
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// The binary that runs.
    #[must_use]
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// The process: its log, memory, descriptors, signals.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Whether it was started and not ended by the test.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.service.runs()
    }

    /// Ends it with SIGKILL.
    ///
    /// # Errors
    /// [`Error::NotRunning`] when it is down already, also when it died by itself.
    pub fn kill_hard(&mut self) -> Result<()> {
        self.service.kill_hard()
    }

    /// Ends it as an operator would (SIGTERM). How it ended, where it went by itself.
    ///
    /// # Errors
    /// [`Error::NotRunning`] when it is down already.
    pub fn terminate(&mut self) -> Result<Option<ExitStatus>> {
        self.service.terminate()
    }
}

struct Config<'a> {
    database: &'a str,
    objects: &'a str,
    tsa: &'a str,
    lines: &'a str,
}

impl Config<'_> {
    fn text(&self, folder: &Path, listen: SocketAddr) -> String {
        let Self {
            database,
            objects,
            tsa,
            lines,
        } = self;
        let at = |name: &str| folder.join("data").join(name).display().to_string();
        format!(
            "listen = \"{listen}\"\ndatabase = \"{database}\"\nobjects = \"{objects}\"\nmaster_key = \"{}\"\n\
             tsa = \"{tsa}\"\ntrust = \"{}\"\ntest_clock = true\n{lines}\n[seal]\ncertificate = \"{}\"\nkey = \"{}\"\n",
            at("master.key"),
            at("trust/ca.pem"),
            at("keys/seal.cert.pem"),
            at("keys/seal.key.pem"),
        )
    }
}

/// A demo fills the stores and goes; what it wrote is taken for an installation's own, which `isds serve` would refuse
/// to do with a demo's.
fn fill(folder: &Path, database: &str, objects: &str) -> Result<()> {
    let mut demo = DemoOptions::default()
        .folder(folder)
        .database(database)
        .argument("--objects")
        .argument(objects)
        .start()?;
    demo.terminate()?;
    let bin = newest_binaries(Path::new(VERSIONS))?;
    psql(&bin, database, "DELETE FROM installation WHERE key = 'mark'").map(drop)
}
