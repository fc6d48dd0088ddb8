//! A running `isds demo`: started, watched, killed, measured.

use std::{
    ffi::OsString,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tempfile::TempDir;

use crate::{
    Error, Result, TestDatabase,
    database::objects_from_environment,
    service::{Memory, Service, built_binary},
};

/// How to start a demo; [`DemoOptions::default`] is a new folder, SQLite and local objects, unless the environment says
/// otherwise ([`ENGINE`](crate::database::ENGINE), [`OBJECTS`](crate::database::OBJECTS)).
#[derive(Debug, Default)]
pub struct DemoOptions {
    binary: Option<PathBuf>,
    folder: Option<PathBuf>,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
}

impl DemoOptions {
    /// Starts another binary than the `isds` that was built with the tests.
    #[must_use]
    pub fn binary(mut self, binary: impl Into<PathBuf>) -> Self {
        self.binary = Some(binary.into());
        self
    }

    /// Keeps data and log in a folder of the caller's (it must exist) instead of a temporary one.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Adds an argument after those that the harness sets (`--data`, `--listen`).
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// `--database URL`.
    #[must_use]
    pub fn database(self, url: &str) -> Self {
        self.argument("--database").argument(url)
    }

    /// Sets an environment variable for the server only.
    #[must_use]
    pub fn variable(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Starts the demo and waits until it is ready.
    ///
    /// # Errors
    /// [`Error::NoBinary`], [`Error::Died`] and [`Error::NotReady`] with the end of the server's log.
    pub fn start(self) -> Result<Demo> {
        let binary = self.binary.map_or_else(built_binary, Ok)?;
        let temporary = match self.folder {
            Some(_) => None,
            None => Some(
                tempfile::Builder::new()
                    .prefix("isds-demo-")
                    .tempdir()
                    .map_err(Error::io("make a demo folder"))?,
            ),
        };
        let root = self
            .folder
            .or_else(|| temporary.as_ref().map(|dir| dir.path().to_owned()))
            .unwrap_or_default();
        let mut arguments = self.arguments;
        let names = |option: &str| arguments.iter().any(|argument| argument == option);
        let (database, objects) = (names("--database"), names("--objects"));
        let database = if database {
            None
        } else {
            TestDatabase::from_environment()?
        };
        if let Some(database) = &database {
            arguments.extend(["--database".into(), database.url().into()]);
        }
        if let Some(objects) = objects_from_environment().filter(|_| !objects) {
            arguments.extend(["--objects".into(), objects.into()]);
        }
        let service = Service::new(
            "the demo",
            temporary.as_ref().map(TempDir::path),
            root.join("server.log"),
        )?;
        let mut demo = Demo {
            service,
            _database: database,
            _temporary: temporary,
            binary,
            root,
            arguments,
            variables: self.variables,
        };
        let mut tries = 5;
        loop {
            demo.service.choose_address()?;
            match demo.launch() {
                Err(Error::Died { log, .. }) if tries > 1 && log.contains("Address already in use") => tries -= 1,
                other => return other.map(|()| demo),
            }
        }
    }
}

/// A demo of the test's own. Dropping it kills the server; a temporary folder goes with it.
#[derive(Debug)]
pub struct Demo {
    // Order matters: the server ends before what it stands on goes.
    service: Service,
    _database: Option<TestDatabase>,
    _temporary: Option<TempDir>,
    binary: PathBuf,
    root: PathBuf,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
}

impl Demo {
    /// Starts a demo in a folder of its own.
    ///
    /// # Errors
    /// As [`DemoOptions::start`].
    pub fn start() -> Result<Self> {
        DemoOptions::default().start()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.service.address()
    }

    /// The address as a URL without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The folder that it was given as `--data`.
    pub fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// The demo's certificate authority, root of seals and timestamps (PEM).
    pub fn ca(&self) -> PathBuf {
        self.data().join("trust/ca.pem")
    }

    /// What the server printed, over all its starts.
    pub fn log(&self) -> PathBuf {
        self.service.log().to_owned()
    }

    /// The binary that runs.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// How long the last start took until the server was ready.
    pub fn started_in(&self) -> Duration {
        self.service.started_in()
    }

    /// Its process id.
    ///
    /// # Errors
    /// [`Error::NotRunning`] after [`Demo::kill_hard`] or [`Demo::terminate`].
    pub fn pid(&self) -> Result<u32> {
        self.service.pid()
    }

    /// Ends it with SIGKILL.
    ///
    /// # Errors
    /// [`Error::NotRunning`] when it is down already, also when it died by itself.
    pub fn kill_hard(&mut self) -> Result<()> {
        self.service.kill_hard()
    }

    /// Ends it as an operator would (SIGTERM), up to ten seconds.
    ///
    /// # Errors
    /// [`Error::NotRunning`] when it is down already.
    pub fn terminate(&mut self) -> Result<()> {
        self.service.terminate().map(|_| ())
    }

    /// Starts it again on the same folder and port; a running one is killed first.
    ///
    /// # Errors
    /// As [`DemoOptions::start`].
    pub fn restart(&mut self) -> Result<()> {
        if self.service.runs() {
            self.kill_hard()?;
        }
        self.launch()
    }

    /// Its resident memory.
    ///
    /// # Errors
    /// [`Error::NotRunning`], [`Error::NoSuchField`].
    pub fn memory(&self) -> Result<Memory> {
        self.service.memory()
    }

    /// Sets the peak back to what is resident now, so that the next reading is the growth of one act.
    ///
    /// # Errors
    /// [`Error::NotRunning`], [`Error::Io`].
    pub fn reset_peak(&self) -> Result<()> {
        self.service.reset_peak()
    }

    fn launch(&mut self) -> Result<()> {
        let mut command = Command::new(&self.binary);
        command
            .arg("demo")
            .arg("--data")
            .arg(self.data())
            .args(["--listen", &self.address().to_string()])
            .args(&self.arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.root);
        self.service.launch(command)
    }
}
