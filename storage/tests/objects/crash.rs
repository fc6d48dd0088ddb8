//! What `put` and `finish` returned survives a power cut; a store that forgot a sync would be found out.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use isds_core::ids::ObjectId;
use isds_core::ports::Objects;
use storage::objects::{MasterKey, open, open_with};

use crate::recorder::{Forget, Recorder};
use crate::{pattern, read, stream_in, url};

/// The folder of the objects below the base, several levels of which do not exist yet.
const BELOW: &str = "data/of/objects";

/// Small and large, put and streamed, several at once.
async fn write_some(objects: &Arc<dyn Objects>) -> Vec<(ObjectId, Bytes)> {
    let writers: Vec<_> = (0..24)
        .map(|n: usize| {
            let objects = Arc::clone(objects);
            tokio::spawn(async move {
                let bytes = pattern([10, 15_000, 70_000, 1_200_000][n % 4] + n);
                let id = match n % 3 {
                    0 => stream_in(&objects, &bytes, 50_000).await,
                    _ => objects.put(bytes.clone()).await.unwrap(),
                };
                (id, bytes)
            })
        })
        .collect();
    let mut written = Vec::new();
    for writer in writers {
        written.push(writer.await.unwrap());
    }
    written
}

/// Writes objects, cuts the power, and answers how many of them are whole afterwards, and of how many.
async fn survivors(forget: Forget) -> (usize, usize) {
    let (base, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let key = MasterKey::generate().unwrap();
    let recorder = Arc::new(Recorder::new(base.path(), forget));
    let place = |base: &Path| url(&base.join(BELOW));
    let objects = open_with(&place(base.path()), key.clone(), recorder.clone())
        .await
        .unwrap();
    let written = write_some(&objects).await;
    // One is still being written when the power goes.
    let mut unfinished = objects.create().await.unwrap();
    unfinished.write(&pattern(2_000_000)).await.unwrap();

    recorder.crash(base.path(), after.path());
    // A folder whose mark of the master key was lost half way is not opened at all: everything is lost.
    let Ok(objects) = open(&place(after.path()), key).await else {
        return (0, written.len());
    };
    let mut whole = 0;
    for (id, bytes) in &written {
        if read(&objects, id, 0, bytes.len() as u64)
            .await
            .is_ok_and(|found| found == *bytes)
        {
            whole += 1;
        }
    }
    (whole, written.len())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_answered_survives_a_power_cut() {
    let (whole, written) = survivors(Forget::Nothing).await;
    assert_eq!(whole, written);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_does_not_sync_files_is_found_out() {
    assert_eq!(survivors(Forget::Files).await.0, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_does_not_sync_folders_is_found_out() {
    assert_eq!(survivors(Forget::Folders).await.0, 0);
}

/// The folders of the objects are made beforehand: an object costs its own sync and that of its folder, no more.
#[tokio::test]
async fn an_object_costs_two_syncs() {
    let base = tempfile::tempdir().unwrap();
    let recorder = Arc::new(Recorder::new(base.path(), Forget::Nothing));
    let key = MasterKey::generate().unwrap();
    let objects = open_with(&url(base.path()), key, recorder.clone()).await.unwrap();
    let before = recorder.syncs();
    objects.put(pattern(15_000)).await.unwrap();
    stream_in(&objects, &pattern(1_000_000), 9_999).await;
    assert_eq!(recorder.syncs() - before, 4);
}

/// A process that died between making the folders and syncing them leaves them to the next one.
#[tokio::test]
async fn folders_left_unsynced_are_synced_by_the_next() {
    let (base, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let key = MasterKey::generate().unwrap();
    let (forgetful, recorder) = (
        Recorder::new(base.path(), Forget::Folders),
        Arc::new(Recorder::new(base.path(), Forget::Nothing)),
    );
    let place = |base: &Path| url(&base.join(BELOW));
    drop(
        open_with(&place(base.path()), key.clone(), Arc::new(forgetful))
            .await
            .unwrap(),
    );
    let objects = open_with(&place(base.path()), key.clone(), recorder.clone())
        .await
        .unwrap();
    let id = objects.put(pattern(100)).await.unwrap();
    recorder.crash(base.path(), after.path());
    let objects = open(&place(after.path()), key).await.unwrap();
    assert_eq!(read(&objects, &id, 0, 100).await.unwrap(), pattern(100));
}
