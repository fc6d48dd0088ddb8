//! PostgreSQL: one pool, every frequent operation one round trip.

mod accept;
mod changes;
mod gathered;
#[cfg(test)]
mod mailbox_plans;
mod places;
#[cfg(test)]
mod plans;
mod remembered;
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
mod together;
mod watch;

use std::str::FromStr;
use std::time::{Duration, Instant};

use isds_core::time::Timestamp;
use sqlx::pool::PoolOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, Pool, Transaction};

use crate::error::last_broken;
use crate::{Error, PostgresOptions};

/// The engine that `shared` is compiled for.
pub(crate) type Db = sqlx::Postgres;

/// A connection that lay unused for so long is asked whether it still stands before it is used.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// Every statement of ours finds few rows by a key. On a new database the planner takes the tables for small, prefers
/// to read them whole, and keeps the prepared plan until the next ANALYZE, while the tables grow: transitions would
/// become slower with every message (`plans.rs` shows it). So it is left only nested loops over indexes where there is
/// one; and since no value of a parameter then makes another plan better, none is made anew for each call. `jit` would be
/// switched on by the price it puts on a whole scan where there is none; processes that help would be started for an index
/// that is large since much in it is dead, and starting them takes longer than reading what is asked for.
const PLANNER: [(&str, &str); 6] = [
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("plan_cache_mode", "force_generic_plan"),
    ("jit", "off"),
    ("max_parallel_workers_per_gather", "0"),
];

const CLOCK: &str = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";

/// Everything in one PostgreSQL database.
pub(crate) struct SqlStore {
    pool: Pool<Db>,
    places: places::Places,
    gathered: gathered::Gathered,
    _watch: watch::Watch,
}

impl SqlStore {
    #[cfg(test)]
    pub(crate) async fn open(url: &str) -> Result<Self, Error> {
        Self::open_with(url, &PostgresOptions::default()).await
    }

    /// Connects and brings the schema up to date.
    pub(crate) async fn open_with(url: &str, settings: &PostgresOptions) -> Result<Self, Error> {
        // sqlx's own text of the error may repeat the address with its password.
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| Error::Url("the address of the database is not a postgres:// URL"))?
            .application_name(&settings.application_name())
            .statement_cache_capacity(200);
        migrate(&options).await?;
        let options = options.options(PLANNER).options([
            ("statement_timeout", milliseconds(settings.statement)),
            (
                "idle_in_transaction_session_timeout",
                milliseconds(settings.idle_in_transaction),
            ),
        ]);
        let server = watch::Server::of(&options)
            .await
            .map_err(Error::io("the database server cannot be found"))?;
        let watched = server.clone();
        let pool = PoolOptions::<Db>::new()
            .max_connections(settings.connections)
            .acquire_timeout(settings.wait)
            // The built-in test asks before every use: a round trip for each. See `TRUSTED_FOR`.
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    // One that was made before another of them broke has met the same end, most likely.
                    let made = Instant::now().checked_sub(meta.age);
                    if meta.idle_for > TRUSTED_FOR || made <= last_broken() {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .after_connect(move |_, _| {
                watched.keep_asking();
                Box::pin(async { Ok(()) })
            })
            .connect_with(options.clone())
            .await
            .map_err(Error::Open)?;
        warn_unless_durable(&pool).await?;
        Ok(Self {
            _watch: server.watch(&pool),
            pool,
            places: places::Places::new(options),
            gathered: gathered::Gathered::default(),
        })
    }

    fn pools(&self) -> [&Pool<Db>; 1] {
        [&self.pool]
    }

    async fn clock(&self) -> sqlx::Result<Option<Timestamp>> {
        sqlx::query_scalar::<Db, i64>(CLOCK)
            .fetch_one(&self.pool)
            .await
            .map(|micros| Some(Timestamp(micros)))
    }

    async fn close_pools(&self) {
        self.pool.close().await;
    }

    fn reader(&self) -> &Pool<Db> {
        &self.pool
    }

    fn writer(&self) -> &Pool<Db> {
        &self.pool
    }

    async fn begin(&self) -> sqlx::Result<Transaction<'static, Db>> {
        self.pool.begin().await
    }
}

fn milliseconds(limit: Duration) -> String {
    format!("{}ms", limit.as_millis())
}

/// On a connection of its own: a migration may take longer than a statement may otherwise. sqlx holds an advisory lock
/// meanwhile, so that of several nodes one migrates and the others wait.
async fn migrate(options: &PgConnectOptions) -> Result<(), Error> {
    let mut connection = sqlx::PgConnection::connect_with(options).await.map_err(Error::Open)?;
    let mut migrator = sqlx::migrate!("../migrations/postgres");
    schema::check(&mut connection, &migrator).await?;
    migrator.set_ignore_missing(true);
    // `run` over a pool or connection makes a future that cannot be spawned; this is what it calls.
    migrator
        .run_direct(None, &mut connection, false)
        .await
        .map_err(Error::Migrate)?;
    // Once more: a newer program may have been at it while the lock was waited for.
    schema::check(&mut connection, &migrator).await?;
    connection.close().await.map_err(Error::Open)
}

/// What is said to be accepted must survive a power cut; a server set up otherwise breaks that word silently.
async fn warn_unless_durable(pool: &Pool<Db>) -> Result<(), Error> {
    let (fsync, commit) = sqlx::query_as::<Db, (String, String)>(
        "SELECT current_setting('fsync'), current_setting('synchronous_commit')",
    )
    .fetch_one(pool)
    .await
    .map_err(Error::Open)?;
    if fsync != "on" || commit == "off" {
        tracing::warn!(
            fsync,
            synchronous_commit = commit,
            "the database is not durable: a crash may lose messages"
        );
    }
    Ok(())
}
