//! What only a bucket knows: credentials, and a server that goes away and comes back.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use harness::BucketServer;
use isds_core::ports::{Objects, StoreError};
use storage::Error;
use storage::objects::{MasterKey, open};

use crate::{pattern, read, stream_in};

/// More than a part of an upload.
const LARGE: usize = 9_000_000;

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

/// The server checks every signature: with the right secret all is well, with another one nothing is.
#[tokio::test]
async fn requests_are_signed_with_the_secret() {
    let bucket = Bucket::new().await;
    let id = stream_in(&bucket.objects, &pattern(LARGE), 700_000).await;
    assert!(read(&bucket.objects, &id, 70_000, 200_000).await.is_ok());
    let url = bucket.server.url("isds/one");
    std::fs::write(url.rsplit('=').next().unwrap(), "isds:guess").unwrap();
    let refused = open(&url, bucket.key.clone()).await;
    assert!(matches!(refused, Err(Error::Bucket(_))), "{:?}", refused.err());
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

/// The server is killed while it is written to. What was answered is there and whole; what was not is no object.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_and_comes_back() {
    let Bucket {
        mut server,
        objects,
        key,
    } = Bucket::new().await;
    let before = stream_in(&objects, &pattern(LARGE), 700_000).await;
    let writer = Arc::clone(&objects);
    let small = tokio::spawn(async move {
        let mut done = Vec::new();
        while let Ok(id) = writer.put(pattern(LARGE / 3)).await {
            done.push(id);
        }
        done
    });
    let bytes = pattern(LARGE);
    let (most, rest) = bytes.split_at(LARGE / 3 * 2);
    let mut large = objects.create().await.unwrap();
    large.write(most).await.unwrap();
    tokio::task::block_in_place(|| server.kill_hard().unwrap());
    let ended = match large.write(rest).await {
        Ok(()) => large.finish().await.map(drop),
        Err(error) => Err(error),
    };
    assert!(matches!(ended, Err(StoreError::Unavailable(_))), "{ended:?}");
    let small = small.await.unwrap();
    tokio::task::block_in_place(|| server.restart().unwrap());
    for id in &small {
        assert!(read(&objects, id, 0, (LARGE / 3) as u64).await.unwrap() == pattern(LARGE / 3));
    }
    let after = open(&server.url("isds/one"), key).await.unwrap();
    for id in [before, stream_in(&objects, &bytes, 700_000).await] {
        assert!(read(&after, &id, 0, LARGE as u64).await.unwrap() == bytes);
    }
}
