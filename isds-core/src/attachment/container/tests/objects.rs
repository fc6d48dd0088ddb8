//! Containers that lie in the object storage.

use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};

use super::{archive, inside, stored};
use crate::attachment::container::{ContainerContent, ContainerKind, examine};
use crate::ids::ObjectId;
use crate::ports::{ObjectWriter, Objects, StoreError, StoreResult};

/// One object, and how much was read of it at once.
struct One {
    content: Bytes,
    reads: Mutex<Vec<u64>>,
    broken: bool,
}

fn no_such() -> StoreError {
    StoreError::Inconsistent("there is one object, which is only read".into())
}

#[async_trait]
impl Objects for One {
    async fn put(&self, _bytes: Bytes) -> StoreResult<ObjectId> {
        Err(no_such())
    }

    async fn create(&self) -> StoreResult<Box<dyn ObjectWriter>> {
        Err(no_such())
    }

    async fn read(
        &self,
        _id: &ObjectId,
        offset: u64,
        length: u64,
    ) -> StoreResult<BoxStream<'static, StoreResult<Bytes>>> {
        if self.broken {
            return Err(no_such());
        }
        self.reads.lock().unwrap().push(length);
        let piece = self.content.slice(offset as usize..(offset + length) as usize);
        // In pieces, as storages answer.
        let middle = piece.len() / 2;
        Ok(stream::iter([Ok(piece.slice(..middle)), Ok(piece.slice(middle..))]).boxed())
    }

    async fn delete(&self, _id: &ObjectId) -> StoreResult<()> {
        Err(no_such())
    }

    async fn clear(&self) -> StoreResult<()> {
        Err(no_such())
    }
}

async fn judge(objects: &One) -> Result<super::Inside, crate::Failure> {
    let content = ContainerContent::Object {
        objects,
        id: &ObjectId("x".into()),
        length: objects.content.len() as u64,
    };
    examine(ContainerKind::Zip, content, "příloha.zip").await
}

#[tokio::test]
async fn small_pieces_are_read_and_few_of_them() {
    let files: Vec<(String, Vec<u8>)> = (0..1000).map(|i| (format!("{i}.txt"), vec![b'a'; 4000])).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(n, c)| (n.as_str(), c.as_slice())).collect();
    let objects = One {
        content: archive(&files, stored()).into(),
        reads: Mutex::default(),
        broken: false,
    };
    let found = judge(&objects).await.map_err(|failure| failure.to_string());
    assert_eq!(found, inside(1000, 0, 4_000_000));
    let reads = objects.reads.into_inner().unwrap();
    assert!(reads.len() < 80, "{} reads", reads.len());
    assert!(reads.iter().all(|length| *length <= 66_000), "{reads:?}");
}

#[tokio::test]
async fn a_storage_that_fails_is_no_refusal() {
    let objects = One {
        content: archive(&[("a.txt", &b"ano"[..])], stored()).into(),
        reads: Mutex::default(),
        broken: true,
    };
    assert!(matches!(judge(&objects).await, Err(crate::Failure::Broken(..))));
}
