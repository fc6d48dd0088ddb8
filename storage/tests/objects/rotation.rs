//! One master key takes another's place, in a folder and in a bucket, beside whoever reads and removes.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use harness::BucketServer;
use isds_core::ids::ObjectId;
use isds_core::ports::{Found, Objects, StoreError};
use storage::Error;
use storage::objects::{
    KeyRotation, MasterKey, MasterKeys, Rewrapped, open, open_for_upkeep, open_for_upkeep_with, open_with,
};

use crate::recorder::{Forget, Recorder};
use crate::{pattern, read, stream_in, url};

/// From nothing to several parts of an upload.
const LENGTHS: [usize; 6] = [0, 1, 65_536, 700_017, 81 * 65_536, 12_000_000];

fn key() -> MasterKey {
    MasterKey::generate().unwrap()
}

async fn all_of(objects: &Arc<dyn KeyRotation>) -> Vec<ObjectId> {
    let mut ids = Vec::new();
    for part in 0..=255 {
        let found: Vec<Found> = objects.list_part(part).await.unwrap().try_collect().await.unwrap();
        for found in found {
            match found {
                Found::Object(object) => ids.push(object.id),
                Found::Leftover { name, .. } => assert!(name.is_empty(), "{name} was left"),
            }
        }
    }
    ids
}

async fn assert_whole(objects: &Arc<dyn Objects>, written: &[(ObjectId, Bytes)]) {
    for (id, bytes) in written {
        assert!(
            read(objects, id, 0, bytes.len() as u64).await.unwrap() == *bytes,
            "{id}"
        );
        let middle = bytes.len() as u64 / 2;
        assert!(read(objects, id, middle, 1.min(middle)).await.is_ok(), "{id}");
    }
}

/// The whole way: the new key beside the former one, half of the objects, a new beginning, the end.
async fn rotates(url: &str) {
    let (former, current) = (key(), key());
    let before = open(url, former.clone()).await.unwrap();
    let mut written = Vec::new();
    for length in LENGTHS {
        let bytes = pattern(length);
        written.push((stream_in(&before, &bytes, 300_000).await, bytes));
    }
    let keys = MasterKeys::new(current.clone(), vec![former.clone()]);
    assert!(matches!(open(url, current.clone()).await, Err(Error::OtherMasterKey)));
    // What knows both keys and writes with the former one does not stand in the way.
    let ready = MasterKeys::new(former.clone(), vec![current.clone()]);
    let ready = open(url, ready).await.unwrap();
    let objects = open_for_upkeep(url, keys.clone()).await.unwrap();
    written.push((objects.put(pattern(77)).await.unwrap(), pattern(77)));
    written.push((ready.put(pattern(78)).await.unwrap(), pattern(78)));
    // From now on either key alone would not do.
    for alone in [&former, &current] {
        assert!(matches!(open(url, alone.clone()).await, Err(Error::OtherMasterKey)));
    }
    let reader = Arc::clone(&objects) as Arc<dyn Objects>;
    let (large, bytes) = &written[5];
    let mut begun = reader.read(large, 100_000, 11_000_000).await.unwrap();
    let mut got = begun.try_next().await.unwrap().unwrap().to_vec();
    let ids = all_of(&objects).await;
    assert_eq!(ids.len(), written.len());
    for id in &ids[..ids.len() / 2] {
        objects.rewrap(id).await.unwrap();
    }
    drop(objects);
    assert_whole(&ready, &written).await;

    let objects = open_for_upkeep(url, keys).await.unwrap();
    let mut done = Vec::new();
    for id in &ids {
        done.push(objects.rewrap(id).await.unwrap());
    }
    assert!(done[..ids.len() / 2].iter().all(|done| *done == Rewrapped::Already));
    for id in all_of(&objects).await {
        assert_eq!(objects.rewrap(&id).await.unwrap(), Rewrapped::Already);
    }
    objects.forget_other_keys().await.unwrap();
    while let Some(piece) = begun.try_next().await.unwrap() {
        got.extend_from_slice(&piece);
    }
    assert!(got == bytes[100_000..11_100_000]);
    assert_whole(&open(url, current).await.unwrap(), &written).await;
    assert!(matches!(open(url, former).await, Err(Error::OtherMasterKey)));
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    rotates(&url(folder.path())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_bucket() {
    let server = tokio::task::spawn_blocking(|| BucketServer::start().unwrap())
        .await
        .unwrap();
    rotates(&server.url("isds/one")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_bucket_of_moto() {
    let server = tokio::task::spawn_blocking(|| BucketServer::moto().unwrap())
        .await
        .unwrap();
    rotates(&server.url("isds/one")).await;
}

/// What is removed while it is put under another key stays removed.
async fn does_not_bring_back(url: &str) {
    let (former, current) = (key(), key());
    let before = open(url, former.clone()).await.unwrap();
    let mut ids = Vec::new();
    for n in 0..60 {
        ids.push(before.put(pattern(50_000 + n)).await.unwrap());
    }
    let objects = open_for_upkeep(url, MasterKeys::new(current, vec![former]))
        .await
        .unwrap();
    for id in &ids {
        let (rotation, removal) = (Arc::clone(&objects), Arc::clone(&objects));
        let (one, other) = (id.clone(), id.clone());
        let rotated = tokio::spawn(async move { rotation.rewrap(&one).await });
        let removed = tokio::spawn(async move { removal.delete(&other).await });
        rotated.await.unwrap().unwrap();
        removed.await.unwrap().unwrap();
    }
    assert_eq!(all_of(&objects).await, []);
    assert_eq!(objects.rewrap(&ids[0]).await.unwrap(), Rewrapped::Gone);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_removed_meanwhile_stays_removed_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    does_not_bring_back(&url(folder.path())).await;
}

/// On moto: s3s-fs looks at the condition of a put before it writes, not when.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_removed_meanwhile_stays_removed_in_a_bucket() {
    let server = tokio::task::spawn_blocking(|| BucketServer::moto().unwrap())
        .await
        .unwrap();
    does_not_bring_back(&server.url("isds/one")).await;
}

/// An object of version 1, made by another program from docs/object-format.md: its chunks know their header.
const VERSION_1: &str = "495344534f424a0101000000000000008382d6bb64fd90d617b4a06bc6b6518ed02faa5be8b74a6dcc28e959517181d5397893911e0744f0de726e8450a850d18de93d974902aafac4d973b521939d94301959641e8d257c94661ef1b4aa124bff";

fn first_key(folder: &Path) -> MasterKey {
    let file = folder.join("first.key");
    std::fs::write(&file, "000102030405060708090a0b0c0d0e0f".repeat(2)).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    MasterKey::load(&file).unwrap()
}

async fn seals_version_1_anew(url: &str, former: MasterKey, place: impl FnOnce(&ObjectId, Vec<u8>)) -> ObjectId {
    let id = ObjectId("c".repeat(32));
    let before = open(url, former.clone()).await.unwrap();
    place(&id, hex::decode(VERSION_1).unwrap());
    let text = "dmDm první verze".as_bytes();
    let length = text.len() as u64;
    assert_eq!(read(&before, &id, 0, length).await.unwrap(), text);
    let current = key();
    let keys = MasterKeys::new(current.clone(), vec![former]);
    let objects = open_for_upkeep(url, keys).await.unwrap();
    assert_eq!(objects.rewrap(&id).await.unwrap(), Rewrapped::Done);
    objects.forget_other_keys().await.unwrap();
    let after = open(url, current).await.unwrap();
    assert_eq!(read(&after, &id, 0, length).await.unwrap(), text);
    id
}

#[tokio::test]
async fn version_1_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let objects = folder.path().join("objects");
    let file = |id: &ObjectId| -> PathBuf { objects.join(&id.0[..2]).join(&id.0) };
    let former = first_key(folder.path());
    let place = |id: &ObjectId, bytes: Vec<u8>| std::fs::write(file(id), bytes).unwrap();
    let id = seals_version_1_anew(&url(&objects), former, place).await;
    assert_eq!(std::fs::read(file(&id)).unwrap()[7], 2, "in the version of today");
}

#[tokio::test(flavor = "multi_thread")]
async fn version_1_in_a_bucket() {
    let folder = tempfile::tempdir().unwrap();
    let server = tokio::task::spawn_blocking(|| BucketServer::start().unwrap())
        .await
        .unwrap();
    let name = |id: &ObjectId| format!("isds/one/{}/{id}", &id.0[..2]);
    let put = |id: &ObjectId, bytes: Vec<u8>| tokio::task::block_in_place(|| server.put(&name(id), &bytes).unwrap());
    let id = seals_version_1_anew(&server.url("isds/one"), first_key(folder.path()), put).await;
    let now = tokio::task::block_in_place(|| server.content(&name(&id)).unwrap());
    assert_eq!(now[7], 2, "in the version of today");
}

/// How many of some objects are whole after the power went in the middle of a rotation.
async fn survivors(forget: Forget) -> (usize, usize) {
    let (base, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (former, current) = (key(), key());
    let recorder = Arc::new(Recorder::new(base.path(), Forget::Nothing));
    let before = open_with(&url(base.path()), former.clone(), recorder.clone())
        .await
        .unwrap();
    let mut written = Vec::new();
    for n in 0..12 {
        let bytes = pattern(30_000 * n);
        written.push((before.put(bytes.clone()).await.unwrap(), bytes));
    }
    let keys = MasterKeys::new(current, vec![former]);
    recorder.forget(forget);
    let objects = open_for_upkeep_with(&url(base.path()), keys.clone(), recorder.clone())
        .await
        .unwrap();
    for (id, _) in &written[..8] {
        assert_eq!(objects.rewrap(id).await.unwrap(), Rewrapped::Done);
    }
    recorder.crash(base.path(), after.path());
    let Ok(objects) = open(&url(after.path()), keys).await else {
        return (0, written.len());
    };
    let mut whole = 0;
    for (id, bytes) in &written {
        let found = read(&objects, id, 0, bytes.len() as u64).await;
        whole += usize::from(found.is_ok_and(|found| found == *bytes));
    }
    (whole, written.len())
}

#[tokio::test]
async fn a_power_cut_in_its_middle_loses_nothing() {
    let (whole, written) = survivors(Forget::Nothing).await;
    assert_eq!(whole, written);
    let (whole, written) = survivors(Forget::Files).await;
    assert!(whole < written, "a rotation that does not sync files is found out");
}

#[tokio::test]
async fn a_damaged_header_stays_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (former, current) = (key(), key());
    let before = open(&url(folder.path()), former.clone()).await.unwrap();
    let id = before.put(pattern(100)).await.unwrap();
    let file = folder.path().join(&id.0[..2]).join(&id.0);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    let objects = open_for_upkeep(&url(folder.path()), MasterKeys::new(current, vec![former]))
        .await
        .unwrap();
    assert!(matches!(objects.rewrap(&id).await, Err(StoreError::DamagedObject(_))));
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
}
