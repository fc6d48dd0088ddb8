//! Which engine an address means.

use std::sync::Arc;
use std::time::Duration;

use isds_core::ports::Store;

use crate::{Error, postgres, sqlite};

/// What a process takes of a PostgreSQL server, and how long it waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresOptions {
    /// Most connections at once.
    pub connections: u32,
    /// How long a caller waits for a connection before it is told that the database is unavailable.
    pub wait: Duration,
    /// How long a statement may take.
    pub statement: Duration,
    /// How long a transaction may lie idle: one that its owner forgot must not hold its locks for ever.
    pub idle_in_transaction: Duration,
    /// What the process calls itself among its fellows; the server shows it beside its connections.
    pub node: Option<String>,
}

impl Default for PostgresOptions {
    /// More connections than a node with a few cores can keep busy, few enough for several nodes under the server's
    /// default of 100. No statement of ours takes as long as 30 seconds on a healthy server.
    fn default() -> Self {
        Self {
            connections: 24,
            wait: Duration::from_secs(5),
            statement: Duration::from_secs(30),
            idle_in_transaction: Duration::from_secs(30),
            node: None,
        }
    }
}

impl PostgresOptions {
    pub(crate) fn application_name(&self) -> String {
        match &self.node {
            Some(node) => format!("isds {node}"),
            None => "isds".to_owned(),
        }
    }
}

/// Opens the database at `sqlite:PATH` or `postgres://…`, makes it where SQLite finds none, and brings its schema up to
/// date. Several processes may do so at once.
///
/// # Errors
/// [`Error`] where the address is wrong, the database cannot be reached, or its schema is newer than this program.
pub async fn connect(url: &str) -> Result<Arc<dyn Store>, Error> {
    connect_with(url, &PostgresOptions::default()).await
}

/// The same with settings of one's own, which SQLite has no use for.
///
/// # Errors
/// As [`connect`].
pub async fn connect_with(url: &str, options: &PostgresOptions) -> Result<Arc<dyn Store>, Error> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        return Ok(Arc::new(sqlite::SqlStore::open(path).await?));
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Arc::new(postgres::SqlStore::open_with(url, options).await?));
    }
    Err(Error::Url("the address of a database is sqlite:PATH or postgres://…"))
}
