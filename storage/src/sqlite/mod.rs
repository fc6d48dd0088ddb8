//! SQLite: one connection that writes, a few that read, WAL, and a sync for every commit.

mod changes;
#[cfg(test)]
mod mailbox_plans;
mod places;
#[cfg(test)]
mod plans;
#[expect(
    clippy::duplicate_mod,
    reason = "what a schema says of itself is read alike on both engines"
)]
#[path = "../schema.rs"]
mod schema;
#[cfg(test)]
mod search_plans;
#[expect(
    clippy::duplicate_mod,
    reason = "the shared statements are compiled once for each engine"
)]
#[path = "../shared/mod.rs"]
mod shared;
mod statements;

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use isds_core::time::Timestamp;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Pool, Transaction};
use tokio::sync::Mutex;

use crate::Error;

/// The engine that `shared` is compiled for.
pub(crate) type Db = sqlx::Sqlite;

/// How long a statement waits for another process (a backup, a second program) that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a caller waits for a connection. Writers stand in one queue, so it is longer than a statement may take.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);
/// Reading connections: more than two cores can use, since reads wait for the disk now and then.
const READERS: u32 = 4;

/// Everything in one SQLite file.
pub(crate) struct SqlStore {
    read: Pool<Db>,
    write: Pool<Db>,
    places: places::Places,
    /// Message numbers taken from the database and not given out yet.
    numbers: Mutex<statements::Numbers>,
}

impl SqlStore {
    /// Opens or makes the file at `path` and brings its schema up to date.
    pub(crate) async fn open(path: &str) -> Result<Self, Error> {
        if path.is_empty() || path.starts_with(':') || path.contains('\0') {
            return Err(Error::Url("a SQLite database is a file: sqlite:PATH"));
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL syncs the log at every commit; NORMAL would lose the last commits in a power cut.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .statement_cache_capacity(200);
        let pool = || {
            PoolOptions::<Db>::new()
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .idle_timeout(None)
                .max_lifetime(None)
        };
        let _lock = lock_for_migration(path).await?;
        // BEGIN IMMEDIATE on a single connection: a transaction that reads first and writes later fails at once where
        // another writes, whatever the busy timeout.
        let write = pool()
            .max_connections(1)
            .connect_with(options.clone())
            .await
            .map_err(Error::Open)?;
        let mut connection = write.acquire().await.map_err(Error::Open)?;
        let mut migrator = sqlx::migrate!("../migrations/sqlite");
        schema::check(&mut connection, &migrator).await?;
        migrator.set_ignore_missing(true);
        // `run` over a pool or connection makes a future that cannot be spawned; this is what it calls.
        migrator
            .run_direct(None, &mut *connection, false)
            .await
            .map_err(Error::Migrate)?;
        drop(connection);
        let read_options = options.create_if_missing(false).pragma("query_only", "ON");
        let read = pool()
            .max_connections(READERS)
            .connect_with(read_options)
            .await
            .map_err(Error::Open)?;
        Ok(Self {
            read,
            write,
            places: places::Places::of(Path::new(path)),
            numbers: Mutex::default(),
        })
    }

    fn pools(&self) -> [&Pool<Db>; 2] {
        [&self.read, &self.write]
    }

    /// A file has no clock of its own.
    async fn clock(&self) -> sqlx::Result<Option<Timestamp>> {
        sqlx::query("SELECT 1").execute(&self.read).await?;
        Ok(None)
    }

    async fn close_pools(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    fn reader(&self) -> &Pool<Db> {
        &self.read
    }

    fn writer(&self) -> &Pool<Db> {
        &self.write
    }

    async fn begin(&self) -> sqlx::Result<Transaction<'static, Db>> {
        self.write.begin_with("BEGIN IMMEDIATE").await
    }
}

/// Migrations take no lock on SQLite, so two processes that start on the same file would both run them. The file beside
/// the database stays; the lock goes with the handle.
async fn lock_for_migration(path: &str) -> Result<File, Error> {
    let path = Path::new(path).with_added_extension("lock");
    let locked = tokio::task::spawn_blocking(move || {
        let file = File::options().create(true).append(true).open(path)?;
        file.lock()?;
        Ok(file)
    });
    let what = "the lock beside the database cannot be taken";
    match locked.await {
        Ok(locked) => locked.map_err(Error::io(what)),
        Err(ended) => Err(Error::io(what)(std::io::Error::other(ended))),
    }
}

#[cfg(test)]
mod tests {
    use sqlx::AssertSqlSafe;

    use super::*;

    async fn pragma(pool: &Pool<Db>, name: &str) -> String {
        let sql = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
    }

    /// What a power cut may not take stands and falls with these settings.
    #[tokio::test]
    async fn connections_are_set_up_for_durability() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqlStore::open(folder.path().join("isds.db").to_str().unwrap())
            .await
            .unwrap();
        for pool in [&store.write, &store.read] {
            assert_eq!(pragma(pool, "journal_mode").await, "wal");
            assert_eq!(pragma(pool, "synchronous").await, "2", "FULL");
            assert_eq!(pragma(pool, "foreign_keys").await, "1");
        }
        assert_eq!(pragma(&store.read, "query_only").await, "1");
        assert_eq!(store.write.options().get_max_connections(), 1);
    }
}
