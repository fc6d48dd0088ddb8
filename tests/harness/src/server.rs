//! A running `isds demo`: started, watched, killed, measured.

use std::{
    env,
    ffi::OsString,
    fs,
    net::{Ipv4Addr, SocketAddr},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::{
    Error, Result, free_port,
    guard::{Guard, end, pause, tail},
    http,
};

const READY_WITHIN: Duration = Duration::from_secs(60);
const LOG_SHOWN: usize = 16_000;

/// How to start a demo; [`DemoOptions::default`] is a new folder, SQLite and local objects.
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
        let guard = Guard::new("KILL", temporary.as_ref().map(TempDir::path))?;
        let mut demo = Demo {
            process: None,
            guard,
            _temporary: temporary,
            binary,
            root,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            arguments: self.arguments,
            variables: self.variables,
            started_in: Duration::ZERO,
        };
        let mut tries = 5;
        loop {
            demo.address.set_port(free_port()?);
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
    // Order matters: the server ends before the guard does, the guard before the folder goes.
    process: Option<Child>,
    guard: Guard,
    _temporary: Option<TempDir>,
    binary: PathBuf,
    root: PathBuf,
    address: SocketAddr,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
    started_in: Duration,
}

/// Resident memory of a process, in bytes, as the kernel accounts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Now (`VmRSS`).
    pub resident: u64,
    /// The most since the start or the last [`Demo::reset_peak`] (`VmHWM`).
    pub peak: u64,
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
        self.address
    }

    /// The address as a URL without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
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
        self.root.join("server.log")
    }

    /// The binary that runs.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// How long the last start took until the server was ready.
    pub fn started_in(&self) -> Duration {
        self.started_in
    }

    /// Its process id.
    ///
    /// # Errors
    /// [`Error::NotRunning`] after [`Demo::kill_hard`] or [`Demo::terminate`].
    pub fn pid(&self) -> Result<u32> {
        self.process
            .as_ref()
            .map(Child::id)
            .ok_or(Error::NotRunning("the demo"))
    }

    /// Ends it with SIGKILL.
    ///
    /// # Errors
    /// [`Error::NotRunning`] when it is down already, also when it died by itself.
    pub fn kill_hard(&mut self) -> Result<()> {
        let mut process = self.process.take().ok_or(Error::NotRunning("the demo"))?;
        let died = process.try_wait().map_err(Error::io("look after the demo"))?.is_some();
        process.kill().map_err(Error::io("kill the demo"))?;
        process.wait().map_err(Error::io("wait for the demo"))?;
        self.guard.watch(None)?;
        if died {
            Err(Error::NotRunning("the demo"))
        } else {
            Ok(())
        }
    }

    /// Ends it as an operator would (SIGTERM), up to ten seconds.
    ///
    /// # Errors
    /// [`Error::NotRunning`] when it is down already.
    pub fn terminate(&mut self) -> Result<()> {
        let mut process = self.process.take().ok_or(Error::NotRunning("the demo"))?;
        end(&mut process, Signal::TERM, Duration::from_secs(10));
        self.guard.watch(None)
    }

    /// Starts it again on the same folder and port; a running one is killed first.
    ///
    /// # Errors
    /// As [`DemoOptions::start`].
    pub fn restart(&mut self) -> Result<()> {
        if self.process.is_some() {
            self.kill_hard()?;
        }
        self.launch()
    }

    /// Its resident memory.
    ///
    /// # Errors
    /// [`Error::NotRunning`], [`Error::NoSuchField`].
    pub fn memory(&self) -> Result<Memory> {
        let pid = self.pid()?;
        let status = fs::read_to_string(format!("/proc/{pid}/status")).map_err(Error::io("read the demo's memory"))?;
        let field = |field: &'static str| {
            status
                .lines()
                .find_map(|line| {
                    line.strip_prefix(field)?
                        .strip_prefix(':')?
                        .trim()
                        .strip_suffix(" kB")?
                        .parse()
                        .ok()
                })
                .map(|kilobytes: u64| kilobytes * 1024)
                .ok_or(Error::NoSuchField { pid, field })
        };
        Ok(Memory {
            resident: field("VmRSS")?,
            peak: field("VmHWM")?,
        })
    }

    /// Sets the peak back to what is resident now, so that the next reading is the growth of one act.
    ///
    /// # Errors
    /// [`Error::NotRunning`], [`Error::Io`].
    pub fn reset_peak(&self) -> Result<()> {
        // proc(5), clear_refs: 5 resets the peak resident set size to the current value.
        fs::write(format!("/proc/{}/clear_refs", self.pid()?), "5").map_err(Error::io("reset the demo's memory peak"))
    }

    fn launch(&mut self) -> Result<()> {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.log())
            .map_err(Error::io("open the log"))?;
        let errors = log.try_clone().map_err(Error::io("open the log"))?;
        let begun = Instant::now();
        let process = Command::new(&self.binary)
            .arg("demo")
            .arg("--data")
            .arg(self.data())
            .args(["--listen", &self.address.to_string()])
            .args(&self.arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .map_err(Error::io(format!("start {}", self.binary.display())))?;
        let pid = process.id();
        self.process = Some(process);
        self.guard.watch(Some(pid))?;
        self.await_ready(begun)
    }

    fn await_ready(&mut self, begun: Instant) -> Result<()> {
        let log = self.log();
        let what = || "isds demo".to_owned();
        let process = self.process.as_mut().ok_or(Error::NotRunning("the demo"))?;
        loop {
            if let Some(status) = process.try_wait().map_err(Error::io("look after the demo"))? {
                self.process = None;
                self.guard.watch(None)?;
                return Err(Error::Died {
                    what: what(),
                    status: status.to_string(),
                    log: tail(&log, LOG_SHOWN),
                });
            }
            let answer = http::get(self.address, "/health/ready", Duration::from_secs(2));
            if answer.is_ok_and(|answer| answer.status == 200) {
                self.started_in = begun.elapsed();
                return Ok(());
            }
            if begun.elapsed() >= READY_WITHIN {
                return Err(Error::NotReady {
                    what: what(),
                    after: READY_WITHIN,
                    log: tail(&log, LOG_SHOWN),
                });
            }
            pause();
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "--- the end of the server's log ---\n{}\n---",
                tail(&self.log(), LOG_SHOWN)
            );
        }
        if let Some(mut process) = self.process.take() {
            end(&mut process, Signal::KILL, Duration::from_secs(10));
            // The guard may be gone when the whole process is being torn down; the server is ended either way.
            let _ = self.guard.watch(None);
        }
    }
}

/// `ISDS_BIN`, or the `isds` beside the folder of the running test binary (`target/PROFILE/deps`).
fn built_binary() -> Result<PathBuf> {
    let binary = match env::var_os("ISDS_BIN") {
        Some(named) => PathBuf::from(named),
        None => {
            let test = env::current_exe().map_err(Error::io("find the test binary"))?;
            test.ancestors().nth(2).unwrap_or(Path::new("")).join("isds")
        }
    };
    if binary.is_file() {
        Ok(binary)
    } else {
        Err(Error::NoBinary(binary))
    }
}
