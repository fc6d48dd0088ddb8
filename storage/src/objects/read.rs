//! Reading a range of an object, a few chunks at a time.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt};
use isds_core::ids::ObjectId;
use isds_core::ports::{StoreError, StoreResult};

use super::format::{CHUNK, Damaged, HEADER_LEN, Layout, ObjectKey, SEALED_CHUNK};
use super::local::{Folder, blocking};
use super::unavailable;

/// Chunks that are read and decrypted in one visit to the blocking pool: 256 KiB.
const CHUNKS_AT_ONCE: u64 = 4;

/// An object being read: plain bytes `position..end` are still to come.
pub(super) struct Reader {
    file: File,
    id: ObjectId,
    key: ObjectKey,
    layout: Layout,
    position: u64,
    end: u64,
}

/// Plain bytes `offset..offset + length` of the object. Small ones are read in a single visit to the blocking pool.
pub(super) async fn read(
    folder: Arc<Folder>,
    id: ObjectId,
    offset: u64,
    length: u64,
) -> StoreResult<BoxStream<'static, StoreResult<Bytes>>> {
    let (first, reader) = blocking(move || {
        let mut reader = Reader::open(&folder, id, offset, length)?;
        Ok((reader.next()?, reader))
    })
    .await?;
    let first = futures::stream::iter((!first.is_empty()).then_some(Ok(first)));
    let rest = futures::stream::unfold(Some(reader), |reader| async move {
        let mut reader = reader.filter(|reader| reader.position < reader.end)?;
        let read = blocking(move || Ok((reader.next()?, reader))).await;
        Some(match read {
            Ok((bytes, reader)) => (Ok(bytes), Some(reader)),
            Err(error) => (Err(error), None),
        })
    });
    Ok(first.chain(rest).boxed())
}

impl Reader {
    pub(super) fn open(folder: &Folder, id: ObjectId, offset: u64, length: u64) -> StoreResult<Self> {
        let missing = || StoreError::MissingObject(id.clone());
        let damaged = |_: Damaged| StoreError::DamagedObject(id.clone());
        let file = File::open(folder.path(&id).ok_or_else(missing)?).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => missing(),
            _ => unavailable(error),
        })?;
        let layout = Layout::of_file(file.metadata().map_err(unavailable)?.len()).map_err(damaged)?;
        let mut header = [0; HEADER_LEN];
        read_exact_at(&file, &mut header, 0, &id)?;
        let key = ObjectKey::open(&folder.keys, &id, &header).map_err(damaged)?;
        // Whoever asks knows how long the object was when it was written.
        let end = offset
            .checked_add(length)
            .filter(|end| *end <= layout.plain)
            .ok_or_else(|| damaged(Damaged))?;
        Ok(Self {
            file,
            id,
            key,
            layout,
            position: offset,
            end,
        })
    }

    /// The next bytes, at most [`CHUNKS_AT_ONCE`] chunks; empty at the end.
    pub(super) fn next(&mut self) -> StoreResult<Bytes> {
        if self.position == self.end {
            return Ok(Bytes::new());
        }
        let chunk = CHUNK as u64;
        let first = self.position / chunk;
        let after = self.end.div_ceil(chunk).min(first + CHUNKS_AT_ONCE);
        let stop = self.end.min(after * chunk);
        let capacity = usize::try_from((after - first) * chunk)
            .unwrap_or(CHUNK)
            .min(CHUNK * CHUNKS_AT_ONCE as usize);
        let mut plain = Vec::with_capacity(capacity + 1);
        let mut sealed = vec![0; SEALED_CHUNK];
        for index in first..after {
            let sealed = &mut sealed[..self.layout.sealed_len(index)];
            read_exact_at(&self.file, sealed, Layout::offset(index), &self.id)?;
            let last = index + 1 == self.layout.chunks;
            u32::try_from(index)
                .map_err(|_| Damaged)
                .and_then(|index| self.key.unseal(index, last, sealed, &mut plain))
                .map_err(|_| StoreError::DamagedObject(self.id.clone()))?;
        }
        let skip = usize::try_from(self.position - first * chunk).unwrap_or(usize::MAX);
        let length = usize::try_from(stop - self.position).unwrap_or(usize::MAX);
        self.position = stop;
        Ok(Bytes::from(plain).slice(skip..skip + length))
    }
}

pub(super) fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64, id: &ObjectId) -> StoreResult<()> {
    file.read_exact_at(buffer, offset).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => StoreError::DamagedObject(id.clone()),
        _ => unavailable(error),
    })
}
