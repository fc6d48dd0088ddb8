//! Where pieces of a message end up, with a storage that may be full.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use futures::stream::BoxStream;

use super::*;
use crate::ports::StoreError;

/// Whole objects in memory, as many as fit.
struct Shelf {
    places: usize,
    objects: Mutex<BTreeMap<String, Bytes>>,
}

impl Shelf {
    fn of(places: usize) -> Self {
        Self {
            places,
            objects: Mutex::default(),
        }
    }

    fn bytes(&self, segments: &[Segment]) -> Vec<u8> {
        let objects = self.objects.lock().unwrap();
        let piece = |segment: &Segment| match segment {
            Segment::Literal { object, offset, length } => {
                objects[&object.0][*offset as usize..(offset + length) as usize].to_vec()
            }
            Segment::Base64 { object, .. } => STANDARD.encode_to_string(&objects[&object.0]).into_bytes(),
        };
        segments.iter().flat_map(piece).collect()
    }
}

fn full() -> StoreError {
    StoreError::Inconsistent("the shelf is full".into())
}

#[async_trait]
impl Objects for Shelf {
    async fn put(&self, bytes: Bytes) -> StoreResult<ObjectId> {
        let mut objects = self.objects.lock().unwrap();
        if objects.len() == self.places {
            return Err(full());
        }
        let id = format!("{}", objects.len());
        objects.insert(id.clone(), bytes);
        Ok(ObjectId(id))
    }

    async fn create(&self) -> StoreResult<Box<dyn ObjectWriter>> {
        Err(full())
    }

    async fn read(&self, _: &ObjectId, _: u64, _: u64) -> StoreResult<BoxStream<'static, StoreResult<Bytes>>> {
        Err(full())
    }

    async fn delete(&self, id: &ObjectId) -> StoreResult<()> {
        self.objects.lock().unwrap().remove(&id.0);
        Ok(())
    }

    async fn clear(&self) -> StoreResult<()> {
        Err(full())
    }
}

/// Two messages with two long pieces of XML and a small file between them.
async fn built(shelf: &Shelf) -> StoreResult<Built> {
    let mut builder = ContentBuilder::new(shelf, vec![b"<one>".to_vec(), b"<other>".to_vec()]);
    builder.long_literal(&[b'x'; RAW_LIMIT]).await?;
    builder.begin_file(b"<file>");
    builder.write(b"raw").await?;
    builder.end_file(b"</file>").await?;
    builder.long_literal(&[b'y'; RAW_LIMIT]).await?;
    builder.finish(b"</end>").await
}

#[tokio::test]
async fn long_literals_are_laid_down_before_the_end() {
    let shelf = Shelf::of(9);
    let built = built(&shelf).await.unwrap();
    assert_eq!(
        built.written.len(),
        2,
        "the literals so far, and the rest with the heads"
    );
    for (head, document) in ["<one>", "<other>"].into_iter().zip(&built.documents) {
        let (x, y) = ("x".repeat(RAW_LIMIT), "y".repeat(RAW_LIMIT));
        let whole = format!("{head}{x}<file>cmF3</file>{y}</end>");
        assert!(shelf.bytes(&document.segments) == whole.as_bytes());
        assert_eq!(document.sha256, <[u8; 32]>::from(sha2::Sha256::digest(&whole)));
        assert_eq!(document.sha3_256, <[u8; 32]>::from(sha3::Sha3_256::digest(&whole)));
    }
}

#[tokio::test]
async fn what_cannot_be_laid_down_whole_leaves_nothing() {
    let shelf = Shelf::of(1);
    assert!(built(&shelf).await.is_err());
    assert!(shelf.objects.lock().unwrap().is_empty());
}
