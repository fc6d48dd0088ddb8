//! Objects in a folder and in a bucket: what is written is read, nothing is read that was not written, nothing is lost in
//! a power cut.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod alike;
mod bucket;
mod crash;
mod damage;
mod faults;
mod recorder;
mod rotation;
mod roundtrip;

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use isds_core::ids::ObjectId;
use isds_core::ports::{Objects, StoreResult};
use storage::objects::{MasterKey, open};

/// Objects in a folder of their own.
struct Fixture {
    objects: Arc<dyn Objects>,
    key: MasterKey,
    folder: tempfile::TempDir,
}

impl Fixture {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = MasterKey::generate().unwrap();
        let objects = open(&url(folder.path()), key.clone()).await.unwrap();
        Self { objects, key, folder }
    }

    /// The file that holds the object.
    fn file(&self, id: &ObjectId) -> std::path::PathBuf {
        self.folder.path().join(&id.0[..2]).join(&id.0)
    }

    /// How many files lie in the folders of the objects.
    fn files(&self) -> usize {
        let folders = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path());
        folders
            .filter(|path| path.is_dir())
            .map(|path| std::fs::read_dir(path).unwrap().count())
            .sum()
    }
}

fn url(folder: &Path) -> String {
    format!("file:{}", folder.display())
}

/// Bytes in which no chunk is like another.
fn pattern(length: usize) -> Bytes {
    (0..length)
        .map(|n| (n ^ (n >> 8) ^ (n >> 16).wrapping_mul(31)) as u8)
        .collect()
}

async fn read(objects: &Arc<dyn Objects>, id: &ObjectId, offset: u64, length: u64) -> StoreResult<Vec<u8>> {
    let mut all = Vec::new();
    let mut stream = objects.read(id, offset, length).await?;
    while let Some(piece) = stream.try_next().await? {
        assert!(
            !piece.is_empty() && piece.len() <= 256 * 1024,
            "a piece of {}",
            piece.len()
        );
        all.extend_from_slice(&piece);
    }
    Ok(all)
}

/// Writes through the streaming writer, in pieces of `step` bytes.
async fn stream_in(objects: &Arc<dyn Objects>, bytes: &[u8], step: usize) -> ObjectId {
    let mut writer = objects.create().await.unwrap();
    for piece in bytes.chunks(step) {
        writer.write(piece).await.unwrap();
    }
    let (id, length) = writer.finish().await.unwrap();
    assert_eq!(length, bytes.len() as u64);
    id
}
