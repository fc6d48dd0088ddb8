//! Sealing bytes of which nobody knows beforehand how many they will be.

use isds_core::ports::StoreResult;

use super::format::{CHUNK, ObjectKey};
use super::unavailable;

/// Plain bytes come in, sealed ones gather; at most a chunk of plain ones is held besides.
pub(super) struct SealStream {
    key: ObjectKey,
    /// Number of the chunk that is being filled.
    index: u32,
    /// Its bytes. A full chunk waits until more comes, since only then is it known not to be the last one.
    chunk: Vec<u8>,
    /// What is ready to be written, the header first.
    pub(super) sealed: Vec<u8>,
    /// How many plain bytes came in.
    pub(super) length: u64,
}

impl SealStream {
    pub(super) fn new(key: ObjectKey) -> Self {
        let sealed = key.header().to_vec();
        Self {
            key,
            index: 0,
            chunk: Vec::new(),
            sealed,
            length: 0,
        }
    }

    /// Takes bytes away from `bytes` until none are left, or `part` sealed ones have gathered; whether the latter. The
    /// last part is never ready here: [`end`](Self::end) makes it.
    pub(super) fn take(&mut self, bytes: &mut &[u8], part: usize) -> StoreResult<bool> {
        while !bytes.is_empty() {
            if self.chunk.len() == CHUNK {
                self.seal_chunk(false)?;
                if self.sealed.len() >= part {
                    return Ok(true);
                }
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            self.length += now.len() as u64;
            *bytes = later;
        }
        Ok(false)
    }

    /// Seals the last chunk.
    pub(super) fn end(&mut self) -> StoreResult<()> {
        self.seal_chunk(true)
    }

    /// What has gathered; room for as much is made again.
    pub(super) fn take_sealed(&mut self) -> Vec<u8> {
        let room = self.sealed.capacity();
        std::mem::replace(&mut self.sealed, Vec::with_capacity(room))
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
}

/// An object of more than 2³² chunks, 256 TiB.
#[derive(Debug, thiserror::Error)]
#[error("an object cannot be that long")]
struct TooLong;

/// The sealed form of a whole object.
pub(super) fn seal_whole(key: &ObjectKey, bytes: &[u8]) -> StoreResult<Vec<u8>> {
    let chunks = bytes.len().div_ceil(CHUNK).max(1);
    let mut sealed = Vec::with_capacity(key.header().len() + bytes.len() + chunks * 16);
    sealed.extend_from_slice(key.header());
    for index in 0..chunks {
        let chunk = &bytes[index * CHUNK..bytes.len().min((index + 1) * CHUNK)];
        let number = u32::try_from(index).map_err(unavailable)?;
        key.seal(number, index + 1 == chunks, chunk, &mut sealed)
            .map_err(unavailable)?;
    }
    Ok(sealed)
}
