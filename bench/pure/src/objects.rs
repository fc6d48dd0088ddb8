//! Objects that are all the same, in memory.

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use isds_core::ids::ObjectId;
use isds_core::ports::{ObjectWriter, Objects, StoreError, StoreResult};

/// Pieces in which an object is read, as a disk gives them out.
const PIECE: usize = 64 * 1024;

/// What every object holds.
pub struct Fixed(pub Bytes);

fn only_read<T>() -> StoreResult<T> {
    Err(StoreError::Inconsistent("objects that are only read".to_owned()))
}

#[async_trait]
impl Objects for Fixed {
    async fn put(&self, _: Bytes) -> StoreResult<ObjectId> {
        only_read()
    }

    async fn create(&self) -> StoreResult<Box<dyn ObjectWriter>> {
        only_read()
    }

    async fn read(
        &self,
        _: &ObjectId,
        offset: u64,
        length: u64,
    ) -> StoreResult<BoxStream<'static, StoreResult<Bytes>>> {
        let range = usize::try_from(offset).ok().zip(usize::try_from(offset + length).ok());
        let Some((from, to)) = range.filter(|(from, to)| from <= to && *to <= self.0.len()) else {
            return Err(StoreError::Inconsistent("a piece that is not there".to_owned()));
        };
        let content = self.0.slice(from..to);
        let pieces: Vec<_> = (0..content.len())
            .step_by(PIECE)
            .map(|at| Ok(content.slice(at..content.len().min(at + PIECE))))
            .collect();
        Ok(stream::iter(pieces).boxed())
    }

    async fn delete(&self, _: &ObjectId) -> StoreResult<()> {
        only_read()
    }

    async fn clear(&self) -> StoreResult<()> {
        only_read()
    }
}
