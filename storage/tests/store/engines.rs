//! The engines, and how to reach one database several times.

use std::str::FromStr;
use std::sync::Arc;

use harness::PrivateCluster;
use isds_core::ports::Store;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;

/// One empty database.
pub struct Backend {
    pub store: Arc<dyn Store>,
    pub url: String,
    // The folder goes with the last owner.
    _folder: Option<TempDir>,
}

impl Backend {
    /// Opens the same database once more, as another process would.
    pub async fn again(&self) -> Arc<dyn Store> {
        storage::connect(&self.url).await.unwrap()
    }

    async fn open(url: String, folder: Option<TempDir>) -> Self {
        Self {
            store: storage::connect(&url).await.unwrap(),
            url,
            _folder: folder,
        }
    }
}

pub async fn sqlite() -> Backend {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("isds.db").display());
    Backend::open(url, Some(folder)).await
}

pub async fn postgres() -> Backend {
    let url = tokio::task::spawn_blocking(|| {
        PrivateCluster::shared()
            .expect("a private PostgreSQL cluster")
            .fresh_database()
            .unwrap()
    });
    Backend::open(url.await.unwrap(), None).await
}

/// A connection of the test's own, whose statements are nobody's business (`plans`).
async fn own_sqlite(url: &str) -> SqliteConnection {
    let options = SqliteConnectOptions::from_str(url).unwrap().disable_statement_logging();
    SqliteConnection::connect_with(&options).await.unwrap()
}

pub async fn own_postgres(url: &str) -> PgConnection {
    let options = PgConnectOptions::from_str(url).unwrap().disable_statement_logging();
    PgConnection::connect_with(&options).await.unwrap()
}

/// Runs SQL behind the store's back.
pub async fn execute(url: &str, sql: &'static str) {
    if url.starts_with("sqlite:") {
        let mut db = own_sqlite(url).await;
        sqlx::query(sql).execute(&mut db).await.unwrap();
    } else {
        let mut db = own_postgres(url).await;
        sqlx::query(sql).execute(&mut db).await.unwrap();
    }
}

/// A number, read behind the store's back.
pub async fn count(url: &str, sql: &'static str) -> i64 {
    if url.starts_with("sqlite:") {
        let mut db = own_sqlite(url).await;
        sqlx::query_scalar(sql).fetch_one(&mut db).await.unwrap()
    } else {
        let mut db = own_postgres(url).await;
        sqlx::query_scalar(sql).fetch_one(&mut db).await.unwrap()
    }
}
