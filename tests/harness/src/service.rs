//! A server process of ours on a loopback port: started until it is ready, watched, killed, measured.

use std::{
    env, fs,
    net::{Ipv4Addr, SocketAddr},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::Signal;

use crate::{
    Error, Result, free_port,
    guard::{Guard, end, pause, send, tail},
    http,
};

const READY_WITHIN: Duration = Duration::from_secs(60);
/// How long a server may take to end when it is asked to: a drain and the calls under way.
const ENDS_WITHIN: Duration = Duration::from_secs(40);
const LOG_SHOWN: usize = 16_000;

/// The process. Dropping it kills the server; a test that panics sees the end of its log.
#[derive(Debug)]
pub struct Service {
    // Order matters: the server ends before the guard does, and with the guard the folder goes.
    process: Option<Child>,
    guard: Guard,
    name: &'static str,
    address: SocketAddr,
    log: PathBuf,
    started_in: Duration,
}

/// Resident memory of a process, in bytes, as the kernel accounts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Now (`VmRSS`).
    pub resident: u64,
    /// The most since the start or the last [`Service::reset_peak`] (`VmHWM`).
    pub peak: u64,
}

impl Service {
    /// One that does not run yet. `folder` is removed when the test process goes without having ended it.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn new(name: &'static str, folder: Option<&Path>, log: PathBuf) -> Result<Self> {
        Ok(Self {
            process: None,
            guard: Guard::new("KILL", folder)?,
            name,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?)),
            log,
            started_in: Duration::ZERO,
        })
    }

    /// Another port, after somebody else has taken the one that was free a moment ago.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn choose_address(&mut self) -> Result<()> {
        self.address.set_port(free_port()?);
        Ok(())
    }

    /// Where it listens, or is to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it printed, over all its starts.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// How long the last start took until it was ready.
    pub fn started_in(&self) -> Duration {
        self.started_in
    }

    /// Whether it was started and not ended by the test.
    pub fn runs(&self) -> bool {
        self.process.is_some()
    }

    /// Its process id.
    ///
    /// # Errors
    /// [`Error::NotRunning`].
    pub fn pid(&self) -> Result<u32> {
        self.process.as_ref().map(Child::id).ok_or(Error::NotRunning(self.name))
    }

    /// Starts it and waits until `/health/ready` says so.
    ///
    /// # Errors
    /// [`Error::Died`] and [`Error::NotReady`] with the end of its log.
    pub fn launch(&mut self, command: Command) -> Result<()> {
        let begun = Instant::now();
        self.spawn(command)?;
        self.await_ready(begun)
    }

    /// Starts it and does not wait.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn spawn(&mut self, mut command: Command) -> Result<()> {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(&self.log)
            .map_err(Error::io("open the log"))?;
        let errors = log.try_clone().map_err(Error::io("open the log"))?;
        let process = command
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .map_err(Error::io(format!("start {}", self.name)))?;
        let pid = process.id();
        self.process = Some(process);
        self.guard.watch(Some(pid))
    }

    /// Waits until it is ready.
    ///
    /// # Errors
    /// As [`Service::launch`].
    pub fn await_ready(&mut self, begun: Instant) -> Result<()> {
        let process = self.process.as_mut().ok_or(Error::NotRunning(self.name))?;
        loop {
            if let Some(status) = process
                .try_wait()
                .map_err(Error::io(format!("look after {}", self.name)))?
            {
                self.process = None;
                self.guard.watch(None)?;
                return Err(Error::Died {
                    what: self.name.to_owned(),
                    status: status.to_string(),
                    log: tail(&self.log, LOG_SHOWN),
                });
            }
            let answer = http::get(self.address, "/health/ready", Duration::from_secs(2));
            if answer.is_ok_and(|answer| answer.status == 200) {
                self.started_in = begun.elapsed();
                return Ok(());
            }
            if begun.elapsed() >= READY_WITHIN {
                return Err(Error::NotReady {
                    what: self.name.to_owned(),
                    after: READY_WITHIN,
                    log: tail(&self.log, LOG_SHOWN),
                });
            }
            pause();
        }
    }

    /// Ends it with SIGKILL.
    ///
    /// # Errors
    /// [`Error::NotRunning`] when it is down already, also when it died by itself.
    pub fn kill_hard(&mut self) -> Result<()> {
        let mut process = self.process.take().ok_or(Error::NotRunning(self.name))?;
        let problem = |what: &str| Error::io(format!("{what} {}", self.name));
        let died = process.try_wait().map_err(problem("look after"))?.is_some();
        process.kill().map_err(problem("kill"))?;
        process.wait().map_err(problem("wait for"))?;
        self.guard.watch(None)?;
        if died {
            Err(Error::NotRunning(self.name))
        } else {
            Ok(())
        }
    }

    /// Ends it as an operator would (SIGTERM); killed where it does not go. How it ended, where it went by itself.
    ///
    /// # Errors
    /// [`Error::NotRunning`] when it is down already.
    pub fn terminate(&mut self) -> Result<Option<ExitStatus>> {
        let mut process = self.process.take().ok_or(Error::NotRunning(self.name))?;
        let status = end(&mut process, Signal::TERM, ENDS_WITHIN);
        self.guard.watch(None)?;
        Ok(status)
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// [`Error::NotRunning`], [`Error::Io`].
    pub fn signal(&self, signal: Signal) -> Result<()> {
        send(self.pid()?, signal).map_err(Error::io(format!("send {} a signal", self.name)))
    }

    /// Its resident memory.
    ///
    /// # Errors
    /// [`Error::NotRunning`], [`Error::NoSuchField`].
    pub fn memory(&self) -> Result<Memory> {
        let pid = self.pid()?;
        let status = fs::read_to_string(format!("/proc/{pid}/status"))
            .map_err(Error::io(format!("read the memory of {}", self.name)))?;
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

    /// How many files and sockets it holds open.
    ///
    /// # Errors
    /// [`Error::NotRunning`], [`Error::Io`].
    pub fn open_descriptors(&self) -> Result<usize> {
        let folder = format!("/proc/{}/fd", self.pid()?);
        Ok(fs::read_dir(folder)
            .map_err(Error::io(format!("read the descriptors of {}", self.name)))?
            .count())
    }

    /// Sets the peak back to what is resident now, so that the next reading is the growth of one act.
    ///
    /// # Errors
    /// [`Error::NotRunning`], [`Error::Io`].
    pub fn reset_peak(&self) -> Result<()> {
        // proc(5), clear_refs: 5 resets the peak resident set size to the current value.
        fs::write(format!("/proc/{}/clear_refs", self.pid()?), "5")
            .map_err(Error::io(format!("reset the memory peak of {}", self.name)))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "--- the end of the log of {} ---\n{}\n---",
                self.name,
                tail(&self.log, LOG_SHOWN)
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
pub(crate) fn built_binary() -> Result<PathBuf> {
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
