//! A real ClamAV daemon with a signature of the tests' own: no network, no database of others.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{
    fmt::Write as _,
    io::{Read, Write},
};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::guard::{Guard, end, pause, send, tail};
use crate::{Error, Result};

const READY_WITHIN: Duration = Duration::from_secs(60);
const PROGRAM: &str = "/usr/sbin/clamd";

/// What the tests' signature finds, wherever it stands in a file.
pub const EVIL: &str = "VZOR-SKODLIVEHO-KODU";
/// What it is called.
pub const FINDING: &str = "Vzor.Evil";

/// The daemon, on a Unix socket in a folder of its own. It ends with the value, or with the test process.
#[derive(Debug)]
pub struct Clamd {
    // Order matters: the daemon ends before the guard does, the guard before the folder goes.
    process: Option<Child>,
    guard: Guard,
    folder: TempDir,
}

impl Clamd {
    /// Starts one that takes files of up to this many megabytes, and looks into all of them.
    ///
    /// # Errors
    /// [`Error::Tool`] where it is not installed, [`Error::Died`], [`Error::NotReady`], [`Error::Io`].
    pub fn start(megabytes: u32) -> Result<Self> {
        let mut clamd = Self::stopped()?;
        clamd.configure(megabytes, megabytes)?;
        clamd.serve()?;
        Ok(clamd)
    }

    /// One that does not run yet.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn stopped() -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("isds-clamd-")
            .tempdir()
            .map_err(Error::io("make the folder of the scanner"))?;
        let io = Error::io("set the scanner up");
        let root = folder.path();
        let made = fs::create_dir(root.join("signatures"))
            .and_then(|()| fs::create_dir(root.join("tmp")))
            .and_then(|()| fs::write(root.join("signatures/vzor.ndb"), signatures()));
        made.map_err(io)?;
        let guard = Guard::new("KILL", Some(root))?;
        Ok(Self {
            process: None,
            guard,
            folder,
        })
    }

    /// How large a file it takes from its next start on, and how large one it looks into, in megabytes.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn configure(&self, takes: u32, looks_into: u32) -> Result<()> {
        fs::write(
            self.folder.path().join("clamd.conf"),
            configuration(&self.folder, takes, looks_into),
        )
        .map_err(Error::io("configure the scanner"))
    }

    /// Begins to listen.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn serve(&mut self) -> Result<()> {
        let process = Command::new(PROGRAM)
            .arg("--foreground")
            .arg("--config-file")
            .arg(self.folder.path().join("clamd.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| Error::Tool {
                tool: PROGRAM.to_owned(),
                status: "cannot be started (Debian: clamav-daemon)".to_owned(),
                output: error.to_string(),
            })?;
        self.guard.watch(Some(process.id()))?;
        let process = self.process.insert(process);
        let (log, begun) = (self.folder.path().join("log"), Instant::now());
        let what = || "clamd".to_owned();
        while !ping(&self.folder.path().join("socket")) {
            if let Some(status) = process.try_wait().map_err(Error::io("look after the scanner"))? {
                self.process = None;
                return Err(Error::Died {
                    what: what(),
                    status: status.to_string(),
                    log: tail(&log, 4_000),
                });
            }
            if begun.elapsed() > READY_WITHIN {
                return Err(Error::NotReady {
                    what: what(),
                    after: READY_WITHIN,
                    log: tail(&log, 4_000),
                });
            }
            pause();
        }
        Ok(())
    }

    /// Where it listens, as `--clamd` takes it.
    #[must_use]
    pub fn address(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// Ends it with SIGKILL, in the middle of whatever it does.
    ///
    /// # Errors
    /// [`Error::NotRunning`], [`Error::Io`].
    pub fn kill_hard(&mut self) -> Result<()> {
        let mut process = self.process.take().ok_or(Error::NotRunning("the scanner"))?;
        process.kill().map_err(Error::io("kill the scanner"))?;
        process.wait().map_err(Error::io("wait for the scanner"))?;
        self.guard.watch(None)
    }

    /// Has it accept connections and say nothing, until [`go_on`](Self::go_on).
    ///
    /// # Errors
    /// [`Error::NotRunning`], [`Error::Io`].
    pub fn hang(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// Ends [`hang`](Self::hang).
    ///
    /// # Errors
    /// As there.
    pub fn go_on(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let process = self.process.as_ref().ok_or(Error::NotRunning("the scanner"))?;
        send(process.id(), signal).map_err(Error::io("signal the scanner"))
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            // It has nothing to tidy up, and a stopped one would not hear of it.
            end(process, Signal::KILL, Duration::from_secs(5));
        }
    }
}

/// Name, any file, anywhere, bytes: the evil of the tests, and the test file of EICAR as far as a signature needs it.
fn signatures() -> String {
    let hex = |text: &str| {
        text.bytes().fold(String::new(), |mut hex, byte| {
            // Writing to a string does not fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    };
    let eicar = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR", "-STANDARD-ANTIVIRUS-TEST-FILE!"].concat();
    format!("{FINDING}:0:*:{}\nVzor.Eicar:0:0:{}\n", hex(EVIL), hex(&eicar))
}

fn configuration(folder: &TempDir, takes: u32, looks_into: u32) -> String {
    let root = folder.path().display();
    format!(
        "LocalSocket {root}/socket\n\
         FixStaleSocket yes\n\
         DatabaseDirectory {root}/signatures\n\
         TemporaryDirectory {root}/tmp\n\
         LogFile {root}/log\n\
         LogTime yes\n\
         User root\n\
         MaxThreads 4\n\
         SelfCheck 0\n\
         StreamMaxLength {takes}M\n\
         MaxFileSize {looks_into}M\n\
         MaxScanSize {}M\n",
        u64::from(looks_into) * 4
    )
}

fn ping(socket: &std::path::Path) -> bool {
    let answer = || {
        let mut connection = UnixStream::connect(socket)?;
        connection.set_read_timeout(Some(Duration::from_secs(5)))?;
        connection.write_all(b"zPING\0")?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    answer().is_ok_and(|answer| answer == "PONG\0")
}
