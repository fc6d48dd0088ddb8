//! The whole road with the content in a bucket: a demo on it, which touches no bucket but its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, Instant};

use e2e::harness::{BucketServer, Demo, DemoOptions, PrivateCluster, http, pause};
use e2e::persona::{Letter, Persona, upload_body};
use e2e::sealed;

const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];
const FOLDER: &str = "isds/demo";
/// More than a part of an upload, so that it goes in several.
const LARGE: usize = 21 << 20;

fn demo_on(bucket: &BucketServer) -> DemoOptions {
    DemoOptions::default()
        .argument("--objects")
        .argument(bucket.url(FOLDER))
}

fn post(demo: &Demo, path: &str, body: &str) {
    let answer = http::post(demo.address(), path, JSON, body.as_bytes(), Duration::from_secs(120)).unwrap();
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
}

/// Lists until the message is there and delivered.
fn deliver(recipient: &mut Persona, id: &str) {
    let begin = Instant::now();
    while !recipient
        .list_received(50)
        .unwrap()
        .iter()
        .any(|r| r.id == id && r.status == 6)
    {
        assert!(begin.elapsed().as_secs() < 30, "message {id} is not delivered");
        pause();
    }
}

/// The objects in the bucket, without labels.
fn objects(bucket: &BucketServer) -> BTreeSet<String> {
    let labels = [format!("{FOLDER}/demo-id"), format!("{FOLDER}/master-key-id")];
    let names: BTreeSet<String> = bucket.names(FOLDER).unwrap().into_iter().collect();
    assert!(labels.iter().all(|label| names.contains(label)), "{names:?}");
    names.into_iter().filter(|name| !labels.contains(name)).collect()
}

/// A small message and a large one: sent, listed, downloaded with seal; again after a restart. Answers their objects.
fn walk(demo: &mut Demo, bucket: &BucketServer) -> BTreeSet<String> {
    let first = objects(bucket);
    assert!(!first.is_empty(), "the demo's own messages lie in the bucket");
    let (mut sender, mut recipient) = (
        Persona::new(demo.address(), "mesto01"),
        Persona::new(demo.address(), "novak01"),
    );
    let small = sender
        .send(&Letter::new("nvak22s", "malá zpráva").of_size(400_000))
        .unwrap();
    let line = b"Vazeni, v priloze zasilame podklady k Vasemu podani.\n";
    let content: Vec<u8> = line.iter().copied().cycle().take(LARGE).collect();
    let uploaded = sender.upload(&upload_body(&content)).unwrap();
    let large = sender.send_large("nvak22s", "velká zpráva", &uploaded).unwrap();
    deliver(&mut recipient, &small);
    deliver(&mut recipient, &large);
    let before = (
        recipient.download_signed(&small).unwrap(),
        recipient.download_signed_large(&large).unwrap(),
    );
    assert!(before.1.len() > LARGE / 3 * 4);
    let verified = recipient.of_message("/DS/dx", "VerifyMessage", &large).unwrap();
    assert!(verified.contains(&sealed::dm_dm_hash(&before.1)), "{verified}");
    let theirs: BTreeSet<String> = objects(bucket).difference(&first).cloned().collect();
    assert!(theirs.len() >= 4, "{theirs:?}");

    demo.kill_hard().unwrap();
    demo.restart().unwrap();
    let mut recipient = Persona::new(demo.address(), "novak01");
    let again = recipient.download_signed(&small).unwrap();
    assert!(sealed::dm_dm(&again).is_some());
    assert_eq!(sealed::dm_dm(&again), sealed::dm_dm(&before.0));
    let again = recipient.download_signed_large(&large).unwrap();
    assert_eq!(sealed::dm_dm(&again), sealed::dm_dm(&before.1));
    theirs
}

fn reset(demo: &Demo, bucket: &BucketServer, theirs: &str) {
    bucket.put(theirs, b"somebody else's").unwrap();
    post(demo, "/test/reset", "{}");
    let fresh = objects(bucket);
    assert!(!fresh.is_empty());
    assert_eq!(bucket.content(theirs).unwrap(), b"somebody else's");
    let mut newcomer = Persona::new(demo.address(), "novak01");
    assert_eq!(newcomer.list_received(100).unwrap(), []);
}

#[test]
fn a_demo_on_a_bucket() {
    let bucket = BucketServer::start().unwrap();
    let mut demo = demo_on(&bucket).start().unwrap();
    let sent = walk(&mut demo, &bucket);
    assert!(!demo.data().join("objects").exists());

    // Time takes the messages from both sides; what nobody needs is removed after its grace (real time), which passes here.
    post(
        &demo,
        "/test/clock",
        &format!("{{\"advance_seconds\":{}}}", 400 * 86_400),
    );
    let begin = Instant::now();
    while !objects(&bucket).is_disjoint(&sent) {
        assert!(
            begin.elapsed().as_secs() < 30,
            "freed objects stay: {:?}",
            objects(&bucket)
        );
        let_grace_pass(&demo);
        post(&demo, "/test/clock", "{\"advance_seconds\":1}");
    }
    reset(&demo, &bucket, "isds/other/demo-id");
}

fn let_grace_pass(demo: &Demo) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let url = format!("sqlite:{}", demo.data().join("isds.db").display());
        let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
        sqlx::query("UPDATE freed_objects SET freed = 0")
            .execute(&pool)
            .await
            .unwrap();
        pool.close().await;
    });
}

#[test]
fn a_demo_on_postgresql_and_a_bucket() {
    let cluster = PrivateCluster::start().unwrap();
    let url = cluster.create_database("bucket").unwrap();
    let bucket = BucketServer::moto().unwrap();
    let mut demo = demo_on(&bucket).database(&url).start().unwrap();
    walk(&mut demo, &bucket);
    reset(&demo, &bucket, "isds/demonstration");
}

#[test]
fn a_demo_touches_no_bucket_but_its_own() {
    let bucket = BucketServer::start().unwrap();
    let demo = demo_on(&bucket).start().unwrap();
    let kept = objects(&bucket);
    bucket.put("isds/files/letter.txt", b"not a demo's").unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    // Another demo's, and one in which something lies.
    for folder in [FOLDER, "isds/files", "isds"] {
        let output = Command::new(demo.binary())
            .args(["demo", "--listen", "127.0.0.1:0", "--data"])
            .arg(elsewhere.path().join("data"))
            .args(["--objects", &bucket.url(folder)])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && said.contains("a demo touches no others"),
            "{folder}: {said}"
        );
    }
    assert_eq!(objects(&bucket), kept);
    assert_eq!(bucket.names("isds/files").unwrap(), ["isds/files/letter.txt"]);
}
