//! Writing an object whose length nobody knows beforehand into a bucket.

use std::sync::Arc;

use async_trait::async_trait;
use isds_core::ids::ObjectId;
use isds_core::ports::{ObjectWriter, StoreResult};
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload};
use tokio::sync::OwnedSemaphorePermit;

use super::super::format::SEALED_CHUNK;
use super::super::seal_stream::SealStream;
use super::super::unavailable;
use super::Bucket;

/// Sealed bytes of a part of an upload: whole chunks, just over the 5 MiB that S3 asks of every part but the last.
/// One part is on its way at a time.
pub(super) const PART: usize = 81 * SEALED_CHUNK;
const _: () = assert!(PART >= 5 * 1024 * 1024, "S3 takes no smaller parts");

/// Plain bytes come in, sealed ones go out; at most a chunk and a part are held.
pub(super) struct Writer {
    bucket: Arc<Bucket>,
    id: ObjectId,
    stream: SealStream,
    upload: Option<Box<dyn MultipartUpload>>,
    /// The right to hold a part in memory.
    _place: OwnedSemaphorePermit,
}

impl Writer {
    pub(super) async fn new(bucket: Arc<Bucket>) -> StoreResult<Self> {
        let place = bucket.place().await?;
        let (id, key) = bucket.keys.new_object()?;
        Ok(Self {
            bucket,
            id,
            stream: SealStream::new(key),
            upload: None,
            _place: place,
        })
    }

    async fn upload_part(&mut self) -> StoreResult<()> {
        let upload = match &mut self.upload {
            Some(upload) => upload,
            none => {
                let place = self.bucket.at.location(&self.id);
                none.insert(self.bucket.at.store.put_multipart(&place).await.map_err(unavailable)?)
            }
        };
        let part = PutPayload::from(self.stream.take_sealed());
        upload.put_part(part).await.map_err(unavailable)
    }
}

#[async_trait]
impl ObjectWriter for Writer {
    async fn write(&mut self, mut bytes: &[u8]) -> StoreResult<()> {
        while self.stream.take(&mut bytes, PART)? {
            self.upload_part().await?;
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> StoreResult<(ObjectId, u64)> {
        self.stream.end()?;
        let length = self.stream.length;
        if self.upload.is_none() {
            let sealed = std::mem::take(&mut self.stream.sealed);
            self.bucket.put_sealed(&self.id, sealed).await?;
            return Ok((self.id, length));
        }
        let completed = match self.upload_part().await {
            Ok(()) => match &mut self.upload {
                Some(upload) => upload.complete().await.map(drop).map_err(unavailable),
                None => Ok(()),
            },
            Err(error) => Err(error),
        };
        match completed {
            Ok(()) => Ok((self.id, length)),
            Err(error) => {
                // What stays behind where this fails too is for the bucket's own rule of unfinished uploads.
                if let Some(mut upload) = self.upload.take() {
                    let _ = upload.abort().await;
                }
                Err(error)
            }
        }
    }

    async fn abort(mut self: Box<Self>) -> StoreResult<()> {
        match self.upload.take() {
            Some(mut upload) => upload.abort().await.map_err(unavailable),
            None => Ok(()),
        }
    }
}
