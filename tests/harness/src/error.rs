//! The one error of the harness. Tests unwrap it, so its text has to say what to do.

use std::{error::Error as _, fmt, io, path::PathBuf, time::Duration};

/// What went wrong around a test, never inside the code under test.
#[derive(thiserror::Error)]
pub enum Error {
    /// A file, process or socket operation failed.
    #[error("could not {what}")]
    Io {
        /// The operation, as the end of 'could not …'.
        what: String,
        /// The system's answer.
        source: io::Error,
    },
    /// There is no PostgreSQL server on this machine.
    #[error("no PostgreSQL server found below /usr/lib/postgresql; install it (Debian: apt-get install postgresql)")]
    NoPostgres,
    /// The tests run as root, PostgreSQL refuses to, and there is nobody to run it as.
    #[error("PostgreSQL does not run as root and this machine has neither a user 'postgres' nor a user 'nobody'")]
    NoUnprivilegedUser,
    /// A database name that would need quoting.
    #[error("a test database name has 1 to 40 characters a-z, 0-9 and _, and {0:?} does not")]
    DatabaseName(String),
    /// The engine that tests are to run on is none.
    #[error(
        "ISDS_TEST_DATABASE is {0:?}; it is sqlite, postgres, or the postgres:// URL of a database in a running cluster"
    )]
    Engine(String),
    /// The cluster that the tests of a process share could not be started.
    #[error("{0}")]
    Shared(String),
    /// A tool ran and failed.
    #[error("{tool} failed ({status}):\n{output}")]
    Tool {
        /// The tool's file name.
        tool: String,
        /// Its exit status in words.
        status: String,
        /// What it printed.
        output: String,
    },
    /// A server ended before it was ready.
    #[error("{what} ended while starting ({status}); its log:\n{log}")]
    Died {
        /// Which server.
        what: String,
        /// Its exit status in words.
        status: String,
        /// The end of its log.
        log: String,
    },
    /// A server did not become ready.
    #[error("{what} was not ready after {after:?}; its log:\n{log}")]
    NotReady {
        /// Which server.
        what: String,
        /// How long the harness waited.
        after: Duration,
        /// The end of its log.
        log: String,
    },
    /// The binary under test has not been built.
    #[error("{} does not exist; build it (cargo build -p server --bin isds) or name it in ISDS_BIN", .0.display())]
    NoBinary(PathBuf),
    /// The server's answer is not HTTP, or too large.
    #[error("the answer is not the HTTP that this client reads: {0}")]
    Http(&'static str),
    /// The process asked about is not running.
    #[error("{0} is not running")]
    NotRunning(&'static str),
    /// The kernel's account of a process lacks a field.
    #[error("/proc/{pid}/status has no {field}")]
    NoSuchField {
        /// The process.
        pid: u32,
        /// The field.
        field: &'static str,
    },
}

/// What `unwrap` prints: the sentence and the log in it as they are, then the causes.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut cause = self.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// A result of the harness.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Adapter for `map_err`: says what could not be done.
    pub fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            what: what.into(),
            source,
        }
    }
}
