//! A node that starts on a database of an older version indexes the boxes in it while it serves.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use e2e::harness::{Demo, DemoOptions, PrivateCluster, http, pause};
use isds_core::ids::BoxId;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;

/// The last version that knew no search by words.
const BEFORE_THE_SEARCH: i64 = 4;
/// More boxes than the node looks at in one turn.
const BOXES: usize = 1100;
/// Identity of a demo, and the mark of a database that it has filled.
const DEMO: &str = "00000000000000aa";
const MARK: &str = "INSERT INTO installation (key, value) VALUES ('mark', 'demo 00000000000000aa')";

/// The migrations up to the search.
async fn older(engine: &str) -> Migrator {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(engine);
    let mut migrator = Migrator::new(folder).await.unwrap();
    migrator
        .migrations
        .to_mut()
        .retain(|migration| migration.version <= BEFORE_THE_SEARCH);
    migrator
}

/// Boxes as that version wrote them, each with a word of its own.
fn boxes() -> String {
    let letters = b"abcdefghij";
    let mut rows: Vec<String> = (0..BOXES)
        .map(|n| {
            let data: String = format!("{n:06}")
                .bytes()
                .map(|digit| char::from(letters[usize::from(digit - b'0')]))
                .collect();
            let id = BoxId::from_data(&data).unwrap();
            let name = format!("Strojírna v{n}");
            format!(
                "('{id}', 20, 1, '{name}', '{n:08}', 'Šlapanice', 0, 0, 0, '{n}', '{}')",
                name.to_lowercase()
            )
        })
        .collect();
    // A newer node gives these of the directory an application and credit.
    for (id, name) in [("mesta2j", "Vzorov"), ("firma2x", "Vzor")] {
        rows.push(format!(
            "('{id}', 20, 1, '{name}', NULL, NULL, 0, 0, 0, NULL, '{}')",
            name.to_lowercase()
        ));
    }
    format!(
        "INSERT INTO boxes (box_id, box_type, state, firm_name, ic, address_city, open_addressing, postal_contract, \
         aifo_known, ic_number, firm_name_folded) VALUES {}",
        rows.join(", ")
    )
}

/// Starts a node in a folder that is marked as this demo's.
fn start(folder: &TempDir, database: &str) -> Demo {
    let data = folder.path().join("data");
    for marked in [data.clone(), data.join("objects")] {
        fs::create_dir_all(&marked).unwrap();
        fs::write(marked.join("demo-id"), DEMO).unwrap();
    }
    DemoOptions::default()
        .folder(folder.path())
        .database(database)
        .start()
        .unwrap()
}

fn found(demo: &Demo, inside: &str) -> usize {
    let body =
        format!("<SearchSubjectRequest xmlns=\"http://seznam.gov.cz/ovm/ws/v1\">{inside}</SearchSubjectRequest>");
    let headers = [("Content-Type", "text/xml")];
    let answer = http::post(
        demo.address(),
        "/sds/ws/call",
        &headers,
        body.as_bytes(),
        Duration::from_secs(10),
    );
    let answer = answer.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text().matches("<ISDS>").count()
}

fn assert_boxes_become_known(demo: &Demo) {
    assert_eq!(found(demo, "<Ico>1099</Ico>"), 1, "a number is known without an index");
    let begun = Instant::now();
    // The last one in the order of the walk.
    let last = format!("<Nazev>strojírny v{}</Nazev>", BOXES - 1);
    while found(demo, &last) == 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "the last box is not indexed");
        pause();
    }
    for n in [0, 1, 499, 500, 501, 999, 1000] {
        assert_eq!(found(demo, &format!("<Nazev>strojírna v{n}</Nazev>")), 1, "{n}");
    }
    assert_eq!(
        found(demo, "<Mesto>Šlapanicích</Mesto>"),
        100,
        "as many as one answer holds"
    );
}

#[test]
fn on_sqlite() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("older.db");
    let fill = async {
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true);
        let mut db = SqliteConnection::connect_with(&options).await.unwrap();
        older("sqlite").await.run_direct(None, &mut db, false).await.unwrap();
        db.execute(AssertSqlSafe(boxes())).await.unwrap();
        db.execute(MARK).await.unwrap();
        db.close().await.unwrap();
    };
    tokio::runtime::Runtime::new().unwrap().block_on(fill);
    assert_boxes_become_known(&start(&folder, &format!("sqlite:{}", path.display())));
}

#[test]
fn on_postgres() {
    let folder = TempDir::new().unwrap();
    let cluster = PrivateCluster::start().unwrap();
    let url = cluster.create_database("indexing").unwrap();
    let fill = async {
        let mut db = PgConnection::connect(&url).await.unwrap();
        older("postgres").await.run_direct(None, &mut db, false).await.unwrap();
        db.execute(AssertSqlSafe(boxes())).await.unwrap();
        db.execute(MARK).await.unwrap();
        db.close().await.unwrap();
    };
    tokio::runtime::Runtime::new().unwrap().block_on(fill);
    assert_boxes_become_known(&start(&folder, &url));
}
