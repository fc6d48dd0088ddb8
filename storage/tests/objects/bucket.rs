//! Objects in a bucket behave as those in a folder, over a server that nobody here wrote.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use harness::BucketServer;
use isds_core::ids::ObjectId;
use isds_core::ports::{Objects, StoreError};
use storage::Error;
use storage::objects::{MasterKey, open};

use crate::{pattern, read, stream_in};

const CHUNK: usize = 65_536;
/// Sealed bytes of a part of an upload, and the plain ones in them.
const PART: usize = 81 * CHUNK;

struct Bucket {
    server: BucketServer,
    key: MasterKey,
    objects: Arc<dyn Objects>,
}

impl Bucket {
    async fn new() -> Self {
        let server = tokio::task::spawn_blocking(|| BucketServer::start().unwrap());
        let server = server.await.unwrap();
        let key = MasterKey::generate().unwrap();
        let objects = open(&server.url("isds/one"), key.clone()).await.unwrap();
        Self { server, key, objects }
    }
}

#[tokio::test]
async fn what_is_written_is_read() {
    let bucket = Bucket::new().await;
    for length in [0, 1, 15_000, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK + 1, 700_017] {
        let bytes = pattern(length);
        let whole = bucket.objects.put(bytes.clone()).await.unwrap();
        let streamed = stream_in(&bucket.objects, &bytes, 10_000).await;
        for id in [whole, streamed] {
            assert_eq!(
                read(&bucket.objects, &id, 0, length as u64).await.unwrap(),
                bytes,
                "{length}"
            );
        }
    }
    // Another node, and this one after a restart.
    let again = open(&bucket.server.url("isds/one"), bucket.key.clone()).await.unwrap();
    let id = bucket.objects.put(pattern(9)).await.unwrap();
    assert_eq!(read(&again, &id, 0, 9).await.unwrap(), pattern(9));
}

#[tokio::test]
async fn large_objects_go_in_parts() {
    let bucket = Bucket::new().await;
    for length in [PART - 1, PART, PART + 1, 3 * PART + 12_345] {
        let bytes = pattern(length);
        let id = stream_in(&bucket.objects, &bytes, 700_001).await;
        assert_eq!(
            read(&bucket.objects, &id, 0, length as u64).await.unwrap(),
            bytes,
            "{length}"
        );
    }
}

#[tokio::test]
async fn ranges() {
    let bucket = Bucket::new().await;
    let bytes = pattern(9 * CHUNK + 17);
    let id = bucket.objects.put(bytes.clone()).await.unwrap();
    let borders = [
        0,
        1,
        CHUNK - 1,
        CHUNK,
        4 * CHUNK + 3,
        9 * CHUNK,
        9 * CHUNK + 16,
        bytes.len(),
    ];
    for from in borders {
        for to in borders.into_iter().filter(|to| *to >= from) {
            let range = read(&bucket.objects, &id, from as u64, (to - from) as u64).await;
            assert_eq!(range.unwrap(), bytes[from..to], "{from}..{to}");
        }
    }
    let beyond = read(&bucket.objects, &id, 1, bytes.len() as u64).await;
    assert!(matches!(beyond, Err(StoreError::DamagedObject(_))));
}

#[tokio::test]
async fn removed_and_missing_objects() {
    let bucket = Bucket::new().await;
    let id = bucket.objects.put(pattern(10)).await.unwrap();
    bucket.objects.delete(&id).await.unwrap();
    bucket.objects.delete(&id).await.unwrap();
    for missing in [id, ObjectId("../../master-key-id".into()), ObjectId(String::new())] {
        let gone = read(&bucket.objects, &missing, 0, 1).await;
        assert!(matches!(gone, Err(StoreError::MissingObject(_))), "{missing}");
        bucket.objects.delete(&missing).await.unwrap();
    }
    let mut given_up = bucket.objects.create().await.unwrap();
    given_up.write(&pattern(2 * PART)).await.unwrap();
    given_up.abort().await.unwrap();
}

#[tokio::test]
async fn clearing_takes_what_is_ours_and_leaves_others_alone() {
    let bucket = Bucket::new().await;
    let other = open(&bucket.server.url("isds/two"), MasterKey::generate().unwrap())
        .await
        .unwrap();
    let (mine, theirs) = (bucket.objects.put(pattern(5)).await, other.put(pattern(6)).await);
    let (mine, theirs) = (mine.unwrap(), theirs.unwrap());
    bucket.objects.clear().await.unwrap();
    assert!(matches!(
        read(&bucket.objects, &mine, 0, 5).await,
        Err(StoreError::MissingObject(_))
    ));
    assert_eq!(read(&other, &theirs, 0, 6).await.unwrap(), pattern(6));
    let again = open(&bucket.server.url("isds/one"), bucket.key.clone()).await;
    assert!(again.is_ok(), "whose key it is stays known");
}

#[tokio::test]
async fn another_master_key_is_refused() {
    let bucket = Bucket::new().await;
    let other = open(&bucket.server.url("isds/one"), MasterKey::generate().unwrap()).await;
    assert!(matches!(other, Err(Error::OtherMasterKey)));
}

#[tokio::test]
async fn credentials_that_others_can_read_are_refused() {
    let bucket = Bucket::new().await;
    let url = bucket.server.url("isds/one");
    let file = url.rsplit('=').next().unwrap();
    for (mode, text) in [(0o644, "isds:tests"), (0o600, "isds"), (0o600, ":")] {
        std::fs::write(file, text).unwrap();
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).unwrap();
        let refused = open(&url, bucket.key.clone()).await;
        assert!(matches!(refused, Err(Error::Credentials)), "{mode:o} {text}");
    }
}

#[tokio::test]
async fn a_server_that_is_gone_is_unavailable() {
    let bucket = Bucket::new().await;
    let id = bucket.objects.put(pattern(10)).await.unwrap();
    let Bucket { server, objects, .. } = bucket;
    drop(server);
    let put = objects.put(pattern(10)).await;
    assert!(matches!(put, Err(StoreError::Unavailable(_))));
    assert!(matches!(
        read(&objects, &id, 0, 10).await,
        Err(StoreError::Unavailable(_))
    ));
}
