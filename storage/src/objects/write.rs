//! Writing an object whose length nobody knows beforehand into a folder.

use std::sync::Arc;

use async_trait::async_trait;
use isds_core::ids::ObjectId;
use isds_core::ports::{ObjectWriter, StoreResult};
use object_store::local::LocalFileSystem;
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload};

use super::format::SEALED_CHUNK;
use super::local::{Folder, blocking, location};
use super::seal_stream::SealStream;
use super::unavailable;

/// Sealed bytes that are collected before they are written. What never grows so long is written whole, as small objects
/// are.
const PART: usize = 4 * SEALED_CHUNK;

/// Plain bytes come in, sealed ones go out; at most a chunk and a part are held.
pub(super) struct Writer {
    folder: Arc<Folder>,
    store: Arc<LocalFileSystem>,
    id: ObjectId,
    stream: SealStream,
    upload: Option<Box<dyn MultipartUpload>>,
}

impl Writer {
    pub(super) fn new(folder: Arc<Folder>, store: Arc<LocalFileSystem>) -> StoreResult<Self> {
        let (id, key) = folder.keys.new_object()?;
        Ok(Self {
            folder,
            store,
            id,
            stream: SealStream::new(key),
            upload: None,
        })
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
        let (folder, id, length) = (Arc::clone(&self.folder), self.id.clone(), self.stream.length);
        if self.upload.is_none() {
            let sealed = std::mem::take(&mut self.stream.sealed);
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
