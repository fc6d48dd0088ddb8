//! Opening a database: by several at once, where there is none, and what happens when it goes away later.

use std::time::{Duration, Instant};

use harness::PrivateCluster;
use isds_core::ids::BoxId;
use isds_core::ports::StoreError;
use isds_core::time::Timestamp;
use sqlx::Connection;
use sqlx::migrate::Migrate;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_goes_and_comes_back() {
    let mut cluster = PrivateCluster::start().unwrap();
    let url = cluster.fresh_database().unwrap();
    let store = storage::connect(&url).await.unwrap();
    let first = store.next_message_id().await.unwrap();
    store.set_mark("kept").await.unwrap();
    cluster.kill_hard().unwrap();

    let begun = Instant::now();
    let unavailable = |error: &StoreError| matches!(error, StoreError::Unavailable(_));
    let nobody: BoxId = "nvak22s".parse().unwrap();
    let (ping, login, number, found, jobs, failed) = tokio::join!(
        store.ping(),
        store.lookup_login("novak01"),
        store.next_message_id(),
        store.lookup_box(nobody),
        store.claim_jobs(Timestamp(0), Timestamp(1), 1),
        store.record_failed_login("novak01", [192, 0, 2, 1].into(), Timestamp(0)),
    );
    assert!(unavailable(&ping.unwrap_err()));
    assert!(unavailable(&login.unwrap_err()));
    assert!(unavailable(&number.unwrap_err()));
    assert!(unavailable(&found.unwrap_err()));
    assert!(unavailable(&jobs.unwrap_err()));
    assert!(unavailable(&failed.unwrap_err()));
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    assert!(storage::connect(&url).await.is_err());

    cluster.restart().unwrap();
    store.ping().await.unwrap();
    // What was answered before is still true.
    assert_eq!(store.mark().await.unwrap().as_deref(), Some("kept"));
    assert!(store.next_message_id().await.unwrap() > first);
}

#[tokio::test]
async fn addresses_that_name_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let missing = format!("sqlite:{}/no/such/folder/isds.db", folder.path().display());
    for url in [
        "",
        "sqlite:",
        "sqlite::memory:",
        "mysql://localhost/x",
        "/tmp/x.db",
        "postgres://[",
        &missing,
    ] {
        let Err(error) = storage::connect(url).await else {
            panic!("{url} was opened")
        };
        assert!(!error.to_string().contains("localhost"), "{error}");
    }
}

/// A file that is no database is left as it is.
#[tokio::test]
async fn a_foreign_file_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.txt");
    std::fs::write(&path, "Vážená paní, ".repeat(1000)).unwrap();
    assert!(storage::connect(&format!("sqlite:{}", path.display())).await.is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "Vážená paní, ".repeat(1000));
}

/// Nodes that start together on an empty database: one makes the schema, the others wait for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_open_an_empty_database_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = tokio::task::spawn_blocking(|| PrivateCluster::shared().unwrap());
    let postgres = cluster.await.unwrap().fresh_database().unwrap();
    for url in [format!("sqlite:{}/isds.db", folder.path().display()), postgres] {
        let openings: Vec<_> = (0..5)
            .map(|_| {
                let url = url.clone();
                tokio::spawn(async move { storage::connect(&url).await })
            })
            .collect();
        for opening in openings {
            opening.await.unwrap().unwrap().ping().await.unwrap();
        }
    }
}

/// Who starts while another migrates waits until it has ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_is_waited_for() {
    let cluster = tokio::task::spawn_blocking(|| PrivateCluster::shared().unwrap())
        .await
        .unwrap();
    let url = cluster.fresh_database().unwrap();
    let mut other = sqlx::PgConnection::connect(&url).await.unwrap();
    other.lock().await.unwrap();
    let opening = tokio::spawn({
        let url = url.clone();
        async move { storage::connect(&url).await }
    });
    let waiting = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let begun = Instant::now();
    while sqlx::query_scalar::<_, i64>(waiting)
        .fetch_one(&mut other)
        .await
        .unwrap()
        == 0
    {
        assert!(!opening.is_finished() && begun.elapsed() < Duration::from_secs(20));
    }
    let tables = "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(
        sqlx::query_scalar::<_, i64>(tables)
            .fetch_one(&mut other)
            .await
            .unwrap(),
        0
    );
    other.unlock().await.unwrap();
    opening.await.unwrap().unwrap().ping().await.unwrap();
}
