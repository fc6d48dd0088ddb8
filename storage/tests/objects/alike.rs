//! One set of cases for objects in a folder and in a bucket: they behave alike. Buckets are on two servers that nobody here
//! wrote; the first checks signatures, the other one conditions.

use std::sync::Arc;

use harness::BucketServer;
use isds_core::ids::ObjectId;
use isds_core::ports::{Objects, StoreError};
use storage::Error;
use storage::objects::{MasterKey, open};

use crate::{pattern, read, stream_in, url};

const CHUNK: usize = 65_536;
/// Sealed bytes of a part of an upload, and the plain ones in them.
const PART: usize = 81 * CHUNK;

/// Where objects lie.
enum Place {
    Folder(tempfile::TempDir),
    Bucket(BucketServer),
}

impl Place {
    fn folder() -> Self {
        Self::Folder(tempfile::tempdir().unwrap())
    }

    async fn s3s_fs() -> Self {
        let server = tokio::task::spawn_blocking(|| BucketServer::start().unwrap());
        Self::Bucket(server.await.unwrap())
    }

    async fn moto() -> Self {
        let server = tokio::task::spawn_blocking(|| BucketServer::moto().unwrap());
        Self::Bucket(server.await.unwrap())
    }

    fn url(&self, name: &str) -> String {
        match self {
            Self::Folder(folder) => url(&folder.path().join(name)),
            Self::Bucket(server) => server.url(&format!("isds/{name}")),
        }
    }

    async fn open(&self, key: &MasterKey) -> Arc<dyn Objects> {
        open(&self.url("one"), key.clone()).await.unwrap()
    }
}

macro_rules! alike {
    ($($case:ident),* $(,)?) => {
        mod in_a_folder {
            $(#[tokio::test] async fn $case() { super::$case(&super::Place::folder()).await; })*
        }
        mod in_a_bucket {
            $(#[tokio::test] async fn $case() { super::$case(&super::Place::s3s_fs().await).await; })*
        }
        mod in_a_bucket_of_moto {
            $(#[tokio::test] async fn $case() { super::$case(&super::Place::moto().await).await; })*
        }
    };
}

alike!(
    what_is_written_is_read,
    large_objects_go_in_parts,
    ranges,
    removed_and_missing_objects,
    clearing_takes_what_is_ours_and_leaves_others_alone,
    another_master_key_is_refused,
    many_at_once,
);

async fn what_is_written_is_read(place: &Place) {
    let key = MasterKey::generate().unwrap();
    let objects = place.open(&key).await;
    for length in [0, 1, 15_000, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK + 1, 700_017] {
        let bytes = pattern(length);
        let whole = objects.put(bytes.clone()).await.unwrap();
        let streamed = stream_in(&objects, &bytes, 10_000).await;
        for id in [whole, streamed] {
            assert_eq!(read(&objects, &id, 0, length as u64).await.unwrap(), bytes, "{length}");
        }
    }
    // Another node, and this one after a restart.
    let again = place.open(&key).await;
    let id = objects.put(pattern(9)).await.unwrap();
    assert_eq!(read(&again, &id, 0, 9).await.unwrap(), pattern(9));
}

async fn large_objects_go_in_parts(place: &Place) {
    let objects = place.open(&MasterKey::generate().unwrap()).await;
    for length in [PART - 1, PART, PART + 1, 3 * PART + 12_345] {
        let bytes = pattern(length);
        let id = stream_in(&objects, &bytes, 700_001).await;
        assert!(
            read(&objects, &id, 0, length as u64).await.unwrap() == bytes,
            "{length}"
        );
    }
}

async fn ranges(place: &Place) {
    let objects = place.open(&MasterKey::generate().unwrap()).await;
    let bytes = pattern(9 * CHUNK + 17);
    let id = objects.put(bytes.clone()).await.unwrap();
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
            let range = read(&objects, &id, from as u64, (to - from) as u64).await;
            assert_eq!(range.unwrap(), bytes[from..to], "{from}..{to}");
        }
    }
    let beyond = read(&objects, &id, 1, bytes.len() as u64).await;
    assert!(matches!(beyond, Err(StoreError::DamagedObject(_))));
}

async fn removed_and_missing_objects(place: &Place) {
    let objects = place.open(&MasterKey::generate().unwrap()).await;
    let id = objects.put(pattern(10)).await.unwrap();
    objects.delete(&id).await.unwrap();
    objects.delete(&id).await.unwrap();
    for missing in [id, ObjectId("../../master-key-id".into()), ObjectId(String::new())] {
        let gone = read(&objects, &missing, 0, 1).await;
        assert!(matches!(gone, Err(StoreError::MissingObject(_))), "{missing}");
        objects.delete(&missing).await.unwrap();
    }
    let mut given_up = objects.create().await.unwrap();
    given_up.write(&pattern(2 * PART)).await.unwrap();
    given_up.abort().await.unwrap();
}

async fn clearing_takes_what_is_ours_and_leaves_others_alone(place: &Place) {
    let key = MasterKey::generate().unwrap();
    let objects = place.open(&key).await;
    let other = open(&place.url("two"), MasterKey::generate().unwrap()).await.unwrap();
    let mine = objects.put(pattern(5)).await.unwrap();
    let theirs = other.put(pattern(6)).await.unwrap();
    objects.clear().await.unwrap();
    assert!(matches!(
        read(&objects, &mine, 0, 5).await,
        Err(StoreError::MissingObject(_))
    ));
    assert_eq!(read(&other, &theirs, 0, 6).await.unwrap(), pattern(6));
    place.open(&key).await;
}

async fn another_master_key_is_refused(place: &Place) {
    let key = MasterKey::generate().unwrap();
    place.open(&key).await;
    let other = open(&place.url("one"), MasterKey::generate().unwrap()).await;
    assert!(matches!(other, Err(Error::OtherMasterKey)));
    place.open(&key).await;
}

/// Several nodes write, read and remove at the same time; each finds its own.
async fn many_at_once(place: &Place) {
    let key = MasterKey::generate().unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for node in 0..4 {
        let objects = place.open(&key).await;
        tasks.spawn(async move {
            for turn in 0..6 {
                let bytes = pattern(20_000 * (turn + 1) + node);
                let id = objects.put(bytes.clone()).await.unwrap();
                assert_eq!(read(&objects, &id, 0, bytes.len() as u64).await.unwrap(), bytes);
                if turn % 2 == 1 {
                    objects.delete(&id).await.unwrap();
                }
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
}
