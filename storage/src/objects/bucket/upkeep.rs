//! Looking after all objects of a bucket: what there is, and putting it under another master key.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use futures::stream::{BoxStream, StreamExt};
use isds_core::ids::ObjectId;
use isds_core::ports::{Found, ObjectUpkeep, StoreError, StoreResult, StoredObject};
use isds_core::time::Timestamp;
use object_store::{MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutPayload};

use super::super::format::{Damaged, HEADER_LEN, Layout, ObjectKey, bears_wrapping, key_id};
use super::super::place::KEY_LABEL;
use super::super::seal_stream::SealStream;
use super::super::unavailable;
use super::super::upkeep::{KeyRotation, Rewrapped};
use super::read::{Refused, get, read, take_header};
use super::write::PART;
use super::{Bucket, BucketObjects, version_of};

/// How often an object is begun with anew that others change at the same time.
const TRIES: u32 = 5;

#[async_trait]
impl ObjectUpkeep for BucketObjects {
    /// Uploads that never ended are not listed; the bucket's own rule removes them.
    async fn list_part(&self, part: u8) -> StoreResult<BoxStream<'static, StoreResult<Found>>> {
        let bucket = Arc::clone(&self.bucket);
        let folder = bucket.at.place_of(&hex::encode([part]));
        let listed = bucket.at.store.list(Some(&folder));
        let found = listed.map_err(unavailable).try_filter_map(move |meta| {
            let object = bucket.at.object_at(&meta.location).map(|id| {
                Found::Object(StoredObject {
                    id,
                    length: Layout::of_file(meta.size).ok().map(|layout| layout.plain),
                    written: Timestamp(meta.last_modified.timestamp_micros()),
                })
            });
            async move { Ok(object) }
        });
        Ok(found.boxed())
    }

    async fn remove_leftover(&self, _name: &str) -> StoreResult<()> {
        Ok(())
    }
}

#[async_trait]
impl KeyRotation for BucketObjects {
    /// A bucket changes no bytes in the middle of an object, so it is written again: whole, or in parts where it is
    /// large. Nothing is decrypted, unless the object is of version 1.
    async fn rewrap(&self, id: &ObjectId) -> StoreResult<Rewrapped> {
        for _ in 0..TRIES {
            match self.bucket.try_rewrap(id).await {
                Err(Refused::Changed(_)) => {}
                Err(Refused::For(StoreError::MissingObject(_))) => return Ok(Rewrapped::Gone),
                Err(Refused::For(error)) => return Err(error),
                Ok(rewrapped) => return Ok(rewrapped),
            }
        }
        Err(StoreError::Conflict)
    }

    async fn forget_other_keys(&self) -> StoreResult<()> {
        let name = self.bucket.keys.current_name();
        let changed = self.bucket.at.change_label(KEY_LABEL, |_| Ok(name.clone())).await;
        changed.map_err(unavailable)
    }
}

impl Bucket {
    async fn try_rewrap(self: &Arc<Self>, id: &ObjectId) -> Result<Rewrapped, Refused> {
        let damaged = |_: Damaged| StoreError::DamagedObject(id.clone());
        let beginning = get(self, id, Some(0..HEADER_LEN as u64), None).await?;
        let meta = beginning.meta.clone();
        let mut source = beginning.into_stream();
        let header = take_header(id, &mut source, &mut BytesMut::new()).await?;
        if key_id(&header).map_err(damaged)? == self.keys.current().id() {
            return Ok(Rewrapped::Already);
        }
        let mut key = ObjectKey::open(&self.keys, id, &header).map_err(damaged)?;
        let sealed = if bears_wrapping(&header) {
            key.wrap(self.keys.current()).map_err(unavailable)?;
            let mut source = get(self, id, None, meta.e_tag.clone()).await?.into_stream();
            let mut waiting = BytesMut::from(key.header());
            let mut behind = BytesMut::new();
            take_header(id, &mut source, &mut behind).await?;
            waiting.extend_from_slice(&behind);
            let first = futures::stream::iter([Ok(waiting.freeze())]);
            first.chain(source.map_err(unavailable)).boxed()
        } else {
            let length = Layout::of_file(meta.size).map_err(damaged)?.plain;
            let key = ObjectKey::generate(self.keys.current(), id).map_err(unavailable)?;
            sealed_anew(key, read(Arc::clone(self), id.clone(), 0, length).await?)
        };
        self.replace(id, &meta, sealed).await?;
        Ok(Rewrapped::Done)
    }

    /// Writes these sealed bytes over the object that `meta` describes, and over no other.
    async fn replace(
        &self,
        id: &ObjectId,
        meta: &ObjectMeta,
        mut sealed: BoxStream<'static, StoreResult<Bytes>>,
    ) -> Result<(), Refused> {
        let _place = self.place().await?;
        let location = self.at.location(id);
        let mut part = Vec::new();
        while part.len() < PART {
            match sealed.try_next().await? {
                Some(piece) => part.extend_from_slice(&piece),
                None => {
                    let mode = PutMode::Update(version_of(meta));
                    let put = self
                        .at
                        .store
                        .put_opts(&location, PutPayload::from(part), mode.into())
                        .await;
                    return put.map(drop).map_err(|error| refused(id, error));
                }
            }
        }
        let mut upload = self.at.store.put_multipart(&location).await.map_err(unavailable)?;
        match self.replace_in_parts(id, meta, &mut *upload, part, sealed).await {
            Ok(()) => Ok(()),
            Err(refused) => {
                // What stays behind where this fails too is for the bucket's own rule of unfinished uploads.
                let _ = upload.abort().await;
                Err(refused)
            }
        }
    }

    /// The end of an upload takes no condition here, so it is looked at just before. What is removed at that very moment is
    /// there again, as an object that nothing names.
    async fn replace_in_parts(
        &self,
        id: &ObjectId,
        meta: &ObjectMeta,
        upload: &mut dyn MultipartUpload,
        mut part: Vec<u8>,
        mut sealed: BoxStream<'static, StoreResult<Bytes>>,
    ) -> Result<(), Refused> {
        while let Some(piece) = sealed.try_next().await? {
            if part.len() >= PART {
                let full = std::mem::replace(&mut part, Vec::with_capacity(PART));
                upload.put_part(PutPayload::from(full)).await.map_err(unavailable)?;
            }
            part.extend_from_slice(&piece);
        }
        upload.put_part(PutPayload::from(part)).await.map_err(unavailable)?;
        let now = self
            .at
            .store
            .head(&meta.location)
            .await
            .map_err(|error| refused(id, error))?;
        if now.e_tag != meta.e_tag {
            return Err(StoreError::Conflict.into());
        }
        upload.complete().await.map_err(unavailable)?;
        Ok(())
    }
}

fn refused(id: &ObjectId, error: object_store::Error) -> Refused {
    match error {
        object_store::Error::NotFound { .. } => StoreError::MissingObject(id.clone()).into(),
        object_store::Error::Precondition { .. } => Refused::Changed(error),
        error => unavailable(error).into(),
    }
}

/// The sealed form of what comes.
fn sealed_anew(
    key: ObjectKey,
    plain: BoxStream<'static, StoreResult<Bytes>>,
) -> BoxStream<'static, StoreResult<Bytes>> {
    let beginning = Some((SealStream::new(key), plain));
    futures::stream::try_unfold(beginning, |state| async {
        let Some((mut seal, mut plain)) = state else {
            return Ok(None);
        };
        match plain.try_next().await? {
            Some(piece) => {
                let mut rest = &piece[..];
                while seal.take(&mut rest, usize::MAX)? {}
                Ok(Some((Bytes::from(seal.take_sealed()), Some((seal, plain)))))
            }
            None => {
                seal.end()?;
                Ok(Some((Bytes::from(seal.take_sealed()), None)))
            }
        }
    })
    .boxed()
}
