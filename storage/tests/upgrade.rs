//! A database that the first version wrote is brought up to date with what is in it: its boxes are found and have a
//! history.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use std::path::Path;

use isds_core::box_state::BoxState;
use isds_core::ports::{Audience, BEGINNING_OF_RECORDS, BoxQuery, BoxStateChange, Reach, Store, WordQuery};
use isds_core::search::{Within, searched_words};
use isds_core::time::Timestamp;
use sqlx::migrate::Migrator;
use sqlx::{Connection, Executor};

/// Two boxes as the first version wrote them.
const BOXES: &str = "INSERT INTO boxes (box_id, box_type, state, firm_name, address_city, open_addressing, postal_contract, \
     aifo_known, firm_name_folded, city_folded) VALUES \
     ('firma2x', 20, 1, 'Strojírny Vzor, s.r.o.', 'Šlapanice', 0, 0, 0, 'strojírny vzor, s.r.o.', 'šlapanice'), \
     ('zrus22r', 20, 2, 'Zrušená, s.r.o.', 'Vzorov', 0, 0, 0, 'zrušená, s.r.o.', 'vzorov')";

/// The migrations of an engine up to the first.
async fn first_version(engine: &str) -> Migrator {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(engine);
    let mut migrator = Migrator::new(folder).await.unwrap();
    migrator.migrations.to_mut().truncate(1);
    assert_eq!(migrator.migrations[0].version, 1);
    migrator
}

async fn words(store: &dyn Store, text: &str) -> usize {
    let query = WordQuery {
        words: searched_words(text),
        within: Within::Anywhere,
        reach: Reach {
            audience: Audience::Authority,
            types: Vec::new(),
            accessible_since: Timestamp(i64::MAX),
        },
        limit: 10,
    };
    store.match_words(&query).await.unwrap().len()
}

async fn assert_boxes_are_known(url: &str) {
    let store = storage::connect(url).await.unwrap();
    let part = BoxQuery {
        firm_name_part: Some("rojír".into()),
        limit: 10,
        ..BoxQuery::default()
    };
    assert_eq!(
        store.find_boxes(&part).await.unwrap().boxes.len(),
        1,
        "before it is indexed"
    );
    assert_eq!(words(&*store, "strojírny").await, 0);
    let mut after = None;
    while let Some(last) = store.index_boxes(after, 1).await.unwrap() {
        after = Some(last);
    }
    assert_eq!(words(&*store, "strojírna šlapanicích").await, 1);
    assert_eq!(store.find_boxes(&part).await.unwrap().boxes.len(), 1);
    let states = store.list_box_states("zrus22r".parse().unwrap()).await.unwrap();
    let expected = [BoxStateChange {
        state: BoxState::TemporarilyDisabled,
        since: BEGINNING_OF_RECORDS,
    }];
    assert_eq!(states, expected);
}

#[tokio::test]
async fn sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("isds.db");
    let url = format!("sqlite:{}", path.display());
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true);
    let mut db = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    first_version("sqlite")
        .await
        .run_direct(None, &mut db, false)
        .await
        .unwrap();
    db.execute(BOXES).await.unwrap();
    db.close().await.unwrap();
    assert_boxes_are_known(&url).await;
}

#[tokio::test]
async fn postgres() {
    let cluster = tokio::task::spawn_blocking(|| harness::PrivateCluster::shared().unwrap());
    let url = cluster.await.unwrap().fresh_database().unwrap();
    let mut db = sqlx::PgConnection::connect(&url).await.unwrap();
    first_version("postgres")
        .await
        .run_direct(None, &mut db, false)
        .await
        .unwrap();
    db.execute(BOXES).await.unwrap();
    db.close().await.unwrap();
    assert_boxes_are_known(&url).await;
}
