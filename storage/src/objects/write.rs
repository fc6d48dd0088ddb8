//! Writing an object whose length nobody knows beforehand.

use std::sync::Arc;

use async_trait::async_trait;
use isds_core::ids::ObjectId;
use isds_core::ports::{ObjectWriter, StoreResult};
use object_store::local::LocalFileSystem;
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload};

use super::format::{CHUNK, ObjectKey, SEALED_CHUNK};
use super::local::{Folder, blocking, location, unavailable};

/// Sealed bytes that are collected before they are written. What never grows so long is written whole, as small objects
/// are.
const PART: usize = 4 * SEALED_CHUNK;

/// Plain bytes come in, sealed ones go out; at most a chunk and a part are held.
pub(super) struct Writer {
    folder: Arc<Folder>,
    store: Arc<LocalFileSystem>,
    id: ObjectId,
    key: ObjectKey,
    /// Number of the chunk that is being filled.
    index: u32,
    /// Its bytes. A full chunk waits until more comes, since only then is it known not to be the last one.
    chunk: Vec<u8>,
    sealed: Vec<u8>,
    length: u64,
    upload: Option<Box<dyn MultipartUpload>>,
}

impl Writer {
    pub(super) fn new(folder: Arc<Folder>, store: Arc<LocalFileSystem>) -> StoreResult<Self> {
        let (id, key) = folder.new_object()?;
        let sealed = key.header().to_vec();
        Ok(Self {
            folder,
            store,
            id,
            key,
            index: 0,
            chunk: Vec::new(),
            sealed,
            length: 0,
            upload: None,
        })
    }

    fn seal_chunk(&mut self, last: bool) -> StoreResult<()> {
        self.key
            .seal(self.index, last, &self.chunk, &mut self.sealed)
            .map_err(unavailable)?;
        self.chunk.clear();
        if !last {
            self.index = self.index.checked_add(1).ok_or_else(|| unavailable(TooLong))?;
        }
        Ok(())
    }

    async fn upload_part(&mut self) -> StoreResult<()> {
        let upload = match &mut self.upload {
            Some(upload) => upload,
            none => none.insert(
                self.store
                    .put_multipart(&location(&self.id))
                    .await
                    .map_err(unavailable)?,
            ),
        };
        let part = std::mem::replace(&mut self.sealed, Vec::with_capacity(PART + SEALED_CHUNK));
        upload.put_part(PutPayload::from(part)).await.map_err(unavailable)
    }
}

/// An object of more than 2³² chunks, 256 TiB.
#[derive(Debug, thiserror::Error)]
#[error("an object cannot be that long")]
struct TooLong;

#[async_trait]
impl ObjectWriter for Writer {
    async fn write(&mut self, mut bytes: &[u8]) -> StoreResult<()> {
        self.length += bytes.len() as u64;
        while !bytes.is_empty() {
            if self.chunk.len() == CHUNK {
                self.seal_chunk(false)?;
                if self.sealed.len() >= PART {
                    self.upload_part().await?;
                }
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> StoreResult<(ObjectId, u64)> {
        self.seal_chunk(true)?;
        let (folder, id, length) = (Arc::clone(&self.folder), self.id.clone(), self.length);
        if self.upload.is_none() {
            let sealed = std::mem::take(&mut self.sealed);
            return blocking(move || folder.write(&id, &sealed).map(|()| (id, length))).await;
        }
        self.upload_part().await?;
        if let Some(mut upload) = self.upload.take() {
            upload.complete().await.map_err(unavailable)?;
        }
        // `complete` gave the file its name; who cares for a power cut is we.
        blocking(move || folder.sync_written(&id).map(|()| (id, length))).await
    }

    async fn abort(mut self: Box<Self>) -> StoreResult<()> {
        match self.upload.take() {
            Some(mut upload) => upload.abort().await.map_err(unavailable),
            None => Ok(()),
        }
    }
}
