//! Why a store cannot be opened, and what its later failures mean to the domain.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use isds_core::ports::{StoreError, StoreFailures};
use sqlx::error::ErrorKind;

/// A store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is neither `sqlite:PATH` nor `postgres://…`, or (objects) not `file:DIR`. It may hold a password, so
    /// it is not repeated here.
    #[error("{0}")]
    Url(&'static str),
    /// The database cannot be reached or opened.
    #[error("the database cannot be opened")]
    Open(#[source] sqlx::Error),
    /// The schema cannot be brought up to date.
    #[error("the schema of the database cannot be brought up to date")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// A newer program has changed the schema so that this one can no longer work on it.
    #[error("the schema of the database is of a newer version, beside which this one cannot work")]
    Newer,
    /// A file or folder cannot be used.
    #[error("{what}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What came of it.
        #[source]
        source: std::io::Error,
    },
    /// The master key of the objects is no key.
    #[error("the file of the master key must hold exactly 64 hexadecimal digits")]
    MasterKey,
    /// The master key of the objects can be read by others.
    #[error("the file of the master key must not be readable by group or others")]
    MasterKeyMode,
    /// The objects in the folder were written under another master key.
    #[error("the objects were written under another master key")]
    OtherMasterKey,
    /// The bucket cannot be opened.
    #[error("the bucket of the objects cannot be used")]
    Bucket(#[source] object_store::Error),
    /// The credentials of the bucket are none, or others can read them.
    #[error("the file of the bucket's credentials holds ACCESS-KEY:SECRET and is readable by its owner only")]
    Credentials,
    /// Randomness could not be had.
    #[error("no randomness")]
    Random(#[source] openssl::error::ErrorStack),
}

impl Error {
    pub(crate) fn io(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}

/// When a connection broke last, of whatever database this process uses.
static BROKEN: Mutex<Option<Instant>> = Mutex::new(None);

/// When a connection broke last. What was connected before is to be tried before it is used.
pub(crate) fn last_broken() -> Option<Instant> {
    *BROKEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The server says that it ends, or that it is not the one that writes (57P.. and 25006 of PostgreSQL).
fn is_leaving(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| code.starts_with("57P") || code == "25006")
}

/// The one place where a failure of sqlx becomes one of the domain.
///
/// What the server refuses for a reason of its own (unreachable, overloaded, shutting down, a standby) is
/// [`StoreError::Unavailable`]; a lost race is [`StoreError::Conflict`]; data that do not fit their columns or cannot be
/// read back are [`StoreError::Inconsistent`]. A statement that is plainly wrong counts as unavailable, since it keeps
/// its source for the log that way.
pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    let error = judged(error);
    let counter = match &error {
        StoreError::Unavailable(_) => &UNAVAILABLE,
        StoreError::Conflict => &CONFLICT,
        _ => &INCONSISTENT,
    };
    counter.fetch_add(1, Ordering::Relaxed);
    error
}

static UNAVAILABLE: AtomicU64 = AtomicU64::new(0);
static CONFLICT: AtomicU64 = AtomicU64::new(0);
static INCONSISTENT: AtomicU64 = AtomicU64::new(0);

/// Failures since the process started.
pub(crate) fn failures() -> StoreFailures {
    StoreFailures {
        unavailable: UNAVAILABLE.load(Ordering::Relaxed),
        conflict: CONFLICT.load(Ordering::Relaxed),
        inconsistent: INCONSISTENT.load(Ordering::Relaxed),
    }
}

fn judged(error: sqlx::Error) -> StoreError {
    use sqlx::Error as E;
    if matches!(error, E::Io(_) | E::Protocol(_)) || is_leaving(&error) {
        *BROKEN.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
    match &error {
        E::ColumnDecode { .. } | E::Decode(_) | E::ColumnNotFound(_) | E::RowNotFound => {
            StoreError::Inconsistent(error.to_string())
        }
        E::Database(refusal) => match refusal.kind() {
            ErrorKind::UniqueViolation => StoreError::Conflict,
            ErrorKind::ForeignKeyViolation | ErrorKind::NotNullViolation | ErrorKind::CheckViolation => {
                StoreError::Inconsistent(error.to_string())
            }
            // PostgreSQL: serialization_failure, deadlock_detected. SQLite has none: it has one writer.
            _ if refusal.code().is_some_and(|code| code == "40001" || code == "40P01") => StoreError::Conflict,
            _ => StoreError::Unavailable(Box::new(error)),
        },
        _ => StoreError::Unavailable(Box::new(error)),
    }
}

/// What a row holds does not fit the domain: names table, column and row, never the value.
pub(crate) fn inconsistent(column: &str, key: impl std::fmt::Display) -> StoreError {
    INCONSISTENT.fetch_add(1, Ordering::Relaxed);
    StoreError::Inconsistent(format!("{column} of {key}"))
}
