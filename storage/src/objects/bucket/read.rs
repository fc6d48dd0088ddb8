//! Reading a range of an object in a bucket, chunk by chunk as it comes.

use std::ops::Range;
use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use futures::TryStreamExt;
use futures::stream::{BoxStream, StreamExt};
use isds_core::ids::ObjectId;
use isds_core::ports::{StoreError, StoreResult};
use object_store::{GetOptions, GetResult, ObjectStore};

use super::super::format::{CHUNK, Damaged, HEADER_LEN, Layout, ObjectKey, SEALED_CHUNK};
use super::super::unavailable;
use super::Bucket;

/// An object being read: plain bytes `position..end` are still to come.
struct Reader {
    source: BoxStream<'static, object_store::Result<Bytes>>,
    /// Sealed bytes that came and belong to no whole chunk yet.
    waiting: BytesMut,
    id: ObjectId,
    key: ObjectKey,
    layout: Layout,
    position: u64,
    end: u64,
}

/// Plain bytes `offset..offset + length` of the object.
pub(super) async fn read(
    bucket: Arc<Bucket>,
    id: ObjectId,
    offset: u64,
    length: u64,
) -> StoreResult<BoxStream<'static, StoreResult<Bytes>>> {
    let reader = open(&bucket, id, offset, length).await?;
    let pieces = futures::stream::unfold(Some(reader), |reader| async move {
        let mut reader = reader.filter(|reader| reader.position < reader.end)?;
        Some(match reader.next().await {
            Ok(bytes) => (Ok(bytes), Some(reader)),
            Err(error) => (Err(error), None),
        })
    });
    Ok(pieces.boxed())
}

/// How often reading begins anew where the object was sealed anew between two requests.
const TRIES: u32 = 3;

async fn open(bucket: &Bucket, id: ObjectId, offset: u64, length: u64) -> StoreResult<Reader> {
    for _ in 1..TRIES {
        match try_open(bucket, &id, offset, length).await {
            Err(Refused::Changed(_)) => {}
            Err(Refused::For(error)) => return Err(error),
            Ok(reader) => return Ok(reader),
        }
    }
    try_open(bucket, &id, offset, length)
        .await
        .map_err(|refused| match refused {
            Refused::Changed(error) => unavailable(error),
            Refused::For(error) => error,
        })
}

/// Why an object cannot be read.
pub(super) enum Refused {
    /// It is not the one that was asked for first any more.
    Changed(object_store::Error),
    /// Anything else.
    For(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::For(error)
    }
}

/// From the beginning of an object one request brings the header and the chunks; from its middle there are two.
async fn try_open(bucket: &Bucket, id: &ObjectId, offset: u64, length: u64) -> Result<Reader, Refused> {
    let damaged = |_: Damaged| StoreError::DamagedObject(id.clone());
    let end = offset.checked_add(length).ok_or_else(|| damaged(Damaged))?;
    let first = offset / CHUNK as u64;
    let sealed_end = Layout::offset(end.div_ceil(CHUNK as u64).max(1));
    let until = if first == 0 { sealed_end } else { HEADER_LEN as u64 };
    let beginning = get(bucket, id, Some(0..until), None).await?;
    let layout = Layout::of_file(beginning.meta.size).map_err(damaged)?;
    // Whoever asks knows how long the object was when it was written.
    if end > layout.plain {
        return Err(damaged(Damaged).into());
    }
    let e_tag = beginning.meta.e_tag.clone();
    let mut source = beginning.into_stream();
    let mut waiting = BytesMut::new();
    let header = take_header(id, &mut source, &mut waiting).await?;
    let key = ObjectKey::open(&bucket.keys, id, &header).map_err(damaged)?;
    if first > 0 && offset < end {
        waiting.clear();
        let range = Some(Layout::offset(first)..sealed_end);
        source = get(bucket, id, range, e_tag).await?.into_stream();
    }
    Ok(Reader {
        source,
        waiting,
        id: id.clone(),
        key,
        layout,
        position: offset,
        end,
    })
}

/// The header at the beginning of a stream; what came behind it waits.
pub(super) async fn take_header(
    id: &ObjectId,
    source: &mut BoxStream<'static, object_store::Result<Bytes>>,
    waiting: &mut BytesMut,
) -> StoreResult<[u8; HEADER_LEN]> {
    while waiting.len() < HEADER_LEN {
        match source.try_next().await.map_err(unavailable)? {
            Some(piece) => waiting.extend_from_slice(&piece),
            None => return Err(StoreError::DamagedObject(id.clone())),
        }
    }
    let mut header = [0; HEADER_LEN];
    waiting.copy_to_slice(&mut header);
    Ok(header)
}

/// A range of an object, or all of it; of the one with this tag, where one is given.
pub(super) async fn get(
    bucket: &Bucket,
    id: &ObjectId,
    range: Option<Range<u64>>,
    if_match: Option<String>,
) -> Result<GetResult, Refused> {
    if !super::is_ours(id) {
        return Err(StoreError::MissingObject(id.clone()).into());
    }
    let options = GetOptions {
        range: range.map(Into::into),
        if_match,
        ..GetOptions::default()
    };
    let got = bucket.at.store.get_opts(&bucket.at.location(id), options).await;
    got.map_err(|error| match error {
        object_store::Error::NotFound { .. } => StoreError::MissingObject(id.clone()).into(),
        object_store::Error::Precondition { .. } => Refused::Changed(error),
        error => unavailable(error).into(),
    })
}

impl Reader {
    /// The plain bytes of the next chunk that were asked for.
    async fn next(&mut self) -> StoreResult<Bytes> {
        let damaged = || StoreError::DamagedObject(self.id.clone());
        let chunk = CHUNK as u64;
        let index = self.position / chunk;
        let length = self.layout.sealed_len(index);
        while self.waiting.len() < length {
            match self.source.try_next().await.map_err(unavailable)? {
                Some(piece) => self.waiting.extend_from_slice(&piece),
                None => return Err(damaged()),
            }
        }
        let sealed = self.waiting.split_to(length);
        let mut plain = Vec::with_capacity(SEALED_CHUNK);
        let last = index + 1 == self.layout.chunks;
        u32::try_from(index)
            .map_err(|_| Damaged)
            .and_then(|number| self.key.unseal(number, last, &sealed, &mut plain))
            .map_err(|_| damaged())?;
        let stop = self.end.min((index + 1) * chunk);
        let skip = usize::try_from(self.position - index * chunk).unwrap_or(usize::MAX);
        let take = usize::try_from(stop - self.position).unwrap_or(usize::MAX);
        self.position = stop;
        Ok(Bytes::from(plain).slice(skip..skip + take))
    }
}
