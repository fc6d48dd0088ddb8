//! Installations that the previous version wrote, with messages in them: this version brings them up to date, serves every
//! message, and finds the chain of their records unbroken.
//!
//! `fixtures/upgrade/NNNN` was written by the version whose last migration was NNNN: the demo's directory and messages, a
//! message that was delivered, one that waits, and one whose attachment is an object of its own (SQLite).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use e2e::harness::{Demo, DemoOptions, PrivateCluster, pause};
use e2e::persona::{Letter, Persona};
use sqlx::Connection;

const PATIENCE: Duration = Duration::from_secs(60);

/// What an older version left behind.
fn fixture(engine: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/upgrade/0021")
        .join(engine)
}

/// A folder with everything but the database.
fn folder(engine: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("data");
    std::fs::create_dir(&data).unwrap();
    for name in ["objects", "master.key", "demo-id"] {
        let from = fixture(engine).join(name);
        let copied = Command::new("cp")
            .arg("--recursive")
            .arg(from)
            .arg(&data)
            .status()
            .unwrap();
        assert!(copied.success());
    }
    // A key that others may read is not taken, and a checkout knows no such rights.
    std::fs::set_permissions(data.join("master.key"), Permissions::from_mode(0o600)).unwrap();
    root
}

fn is_up_to_date_and_served(demo: &Demo, engine: &str, database: &str) {
    let address = demo.address();
    let mut subjects = BTreeSet::new();
    let mut sealed = Vec::new();
    let mut last = 0;
    // What waits is delivered by whoever lists.
    for login in ["novak01", "kraj01", "mesto01", "firma01"] {
        let mut reader = Persona::new(address, login);
        for record in reader.list_received(100).unwrap() {
            sealed.push(reader.download_signed(&record.id).unwrap());
            subjects.insert(record.subject);
            reader.delivery_info(&record.id).unwrap();
            last = last.max(record.id.parse::<i64>().unwrap());
        }
        for record in reader.list_sent(100).unwrap() {
            sealed.push(reader.download_signed_sent(&record.id).unwrap());
            subjects.insert(record.subject);
        }
    }
    for subject in ["Dorucena", "Ceka", "Odpoved"] {
        assert!(subjects.contains(subject), "{subject}: {subjects:?}");
    }
    assert_eq!(subjects.contains("Velka"), engine == "sqlite");
    assert!(sealed.len() > 8, "{}", sealed.len());

    // Old timestamps lead to the old root.
    let place = tempfile::tempdir().unwrap();
    let roots = [
        std::fs::read(demo.ca()).unwrap(),
        std::fs::read(fixture(engine).join("ca.pem")).unwrap(),
    ];
    let trust = place.path().join("trust.pem");
    std::fs::write(&trust, roots.concat()).unwrap();
    let files: Vec<PathBuf> = (0..sealed.len())
        .map(|n| place.path().join(format!("{n}.zfo")))
        .collect();
    for (file, sealed) in files.iter().zip(&sealed) {
        std::fs::write(file, sealed).unwrap();
    }
    let output = Command::new(demo.binary())
        .args(["verify", "--trust"])
        .arg(&trust)
        .args(&files)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert_eq!(said.matches("valid and trusted").count(), files.len());

    // And it goes on: another message, another record, the same chain.
    let id = Persona::new(address, "mesto01")
        .send(&Letter::new("kraj227", "Nova"))
        .unwrap();
    assert!(id.parse::<i64>().unwrap() > last, "{id} after {last}");
    let end = Instant::now() + PATIENCE;
    loop {
        let output = Command::new(demo.binary())
            .args(["audit", "verify", "--database", database])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}");
        if !said.contains(" over 0 records") && !said.contains(" 0 batches of calls") {
            break;
        }
        assert!(Instant::now() < end, "nothing is sealed: {said}");
        pause();
    }
}

#[test]
fn sqlite() {
    let root = folder("sqlite");
    let file = root.path().join("data/isds.db");
    let written = std::fs::read_to_string(fixture("sqlite").join("database.sql")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(&file)
            .foreign_keys(false)
            .create_if_missing(true);
        let mut db = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(written))
            .execute(&mut db)
            .await
            .unwrap();
        db.close().await.unwrap();
    });
    let demo = DemoOptions::default().folder(root.path()).start().unwrap();
    is_up_to_date_and_served(&demo, "sqlite", &format!("sqlite:{}", file.display()));
}

#[test]
fn postgresql() {
    let root = folder("postgres");
    let cluster = PrivateCluster::shared().unwrap();
    let url = cluster.fresh_database().unwrap();
    let restored = Command::new(cluster.bin().join("psql"))
        .args([
            "--quiet",
            "--no-psqlrc",
            "--set=ON_ERROR_STOP=1",
            "--dbname",
            &url,
            "--file",
        ])
        .arg(fixture("postgres").join("database.sql"))
        .output()
        .unwrap();
    assert!(
        restored.status.success(),
        "{}",
        String::from_utf8_lossy(&restored.stderr)
    );
    let demo = DemoOptions::default()
        .folder(root.path())
        .database(&url)
        .start()
        .unwrap();
    is_up_to_date_and_served(&demo, "postgres", &url);
}
