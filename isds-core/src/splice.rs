//! Documents put together from bytes at hand and pieces of objects, never held whole.

use std::any::Any;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};

use crate::message::Segment;
use crate::ports::{Objects, StoreError, StoreResult};

/// A piece of a document.
#[derive(Debug, Clone)]
pub enum Part {
    /// Bytes at hand.
    Bytes(Bytes),
    /// A piece of an object.
    Segment(Segment),
    /// A piece of a file, which nobody writes to any more.
    File {
        /// File.
        file: Arc<File>,
        /// First byte.
        offset: u64,
        /// Number of bytes.
        length: u64,
    },
    /// No bytes; something that is kept until all before it has been read.
    Kept(Arc<dyn Any + Send + Sync>),
}

/// A document as an ordered list of pieces; its length is known before anything is read.
#[derive(Debug, Clone, Default)]
pub struct Splice {
    parts: Vec<Part>,
}

/// How many raw bytes are turned into base64 at once; a multiple of three, so that no padding falls inside.
const BASE64_STEP: usize = 3 * 16 * 1024;

/// How many bytes of a file are read at once.
const FILE_STEP: u64 = 128 * 1024;

impl Splice {
    /// Adds bytes.
    #[must_use]
    pub fn then(mut self, bytes: impl Into<Bytes>) -> Self {
        self.parts.push(Part::Bytes(bytes.into()));
        self
    }

    /// Adds the pieces of a message's content.
    #[must_use]
    pub fn then_segments(mut self, segments: &[Segment]) -> Self {
        self.parts.extend(segments.iter().cloned().map(Part::Segment));
        self
    }

    /// Adds a piece of a file, which must not be written to any more.
    #[must_use]
    pub fn then_file(mut self, file: Arc<File>, offset: u64, length: u64) -> Self {
        self.parts.push(Part::File { file, offset, length });
        self
    }

    /// Keeps something, such as a place in a queue, until the document has been read to here or was given up.
    #[must_use]
    pub fn then_keeping(mut self, kept: Arc<dyn Any + Send + Sync>) -> Self {
        self.parts.push(Part::Kept(kept));
        self
    }

    /// Adds another document.
    #[must_use]
    pub fn then_splice(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self
    }

    /// Number of bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.parts.iter().map(part_len).sum()
    }

    /// Has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads the document from beginning to end.
    pub fn stream(self, objects: Arc<dyn Objects>) -> BoxStream<'static, StoreResult<Bytes>> {
        futures::stream::iter(self.parts)
            .then(move |part| read_part(part, Arc::clone(&objects)))
            .try_flatten()
            .boxed()
    }

    /// The whole document in memory, for those known to be small.
    ///
    /// # Errors
    /// Those of the object storage.
    pub async fn collect(self, objects: Arc<dyn Objects>) -> StoreResult<Vec<u8>> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.len()).unwrap_or(0));
        let mut stream = self.stream(objects);
        while let Some(piece) = stream.try_next().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }
}

fn part_len(part: &Part) -> u64 {
    match part {
        Part::Bytes(bytes) => bytes.len() as u64,
        Part::Segment(Segment::Literal { length, .. }) | Part::File { length, .. } => *length,
        Part::Segment(Segment::Base64 { length, .. }) => base64_len(*length),
        Part::Kept(_) => 0,
    }
}

/// Length of the padded base64 form of `raw` bytes.
#[must_use]
pub fn base64_len(raw: u64) -> u64 {
    raw.div_ceil(3) * 4
}

async fn read_part(part: Part, objects: Arc<dyn Objects>) -> StoreResult<BoxStream<'static, StoreResult<Bytes>>> {
    match part {
        Part::Bytes(bytes) => Ok(futures::stream::iter([Ok(bytes)]).boxed()),
        Part::Segment(Segment::Literal { object, offset, length }) => objects.read(&object, offset, length).await,
        Part::Segment(Segment::Base64 { object, offset, length }) => {
            let raw = objects.read(&object, offset, length).await?;
            Ok(base64_stream(raw).boxed())
        }
        Part::File { file, offset, length } => Ok(file_stream(file, offset, length).boxed()),
        Part::Kept(_) => Ok(futures::stream::empty().boxed()),
    }
}

/// A piece of a file, read on threads that may wait.
fn file_stream(
    file: Arc<File>,
    offset: u64,
    length: u64,
) -> impl futures::Stream<Item = Result<Bytes, StoreError>> + Send {
    futures::stream::try_unfold((offset, length), move |(offset, left)| {
        let file = Arc::clone(&file);
        async move {
            if left == 0 {
                return Ok(None);
            }
            let count = left.min(FILE_STEP);
            let read = tokio::task::spawn_blocking(move || {
                let mut bytes = vec![0; usize::try_from(count).unwrap_or(usize::MAX)];
                file.read_exact_at(&mut bytes, offset).map(|()| bytes)
            });
            let bytes = match read.await {
                Ok(Ok(bytes)) => bytes,
                Ok(Err(error)) => return Err(StoreError::Unavailable(Box::new(error))),
                Err(error) => return Err(StoreError::Unavailable(Box::new(error))),
            };
            Ok(Some((Bytes::from(bytes), (offset + count, left - count))))
        }
    })
}

/// The base64 form (padded, no line breaks) of a stream, whose pieces may have any length.
pub fn base64_stream(
    raw: BoxStream<'static, StoreResult<Bytes>>,
) -> impl futures::Stream<Item = Result<Bytes, StoreError>> + Send {
    futures::stream::unfold(
        (raw, Vec::<u8>::new(), false),
        |(mut raw, mut pending, done)| async move {
            if done {
                return None;
            }
            loop {
                match raw.next().await {
                    Some(Err(error)) => return Some((Err(error), (raw, pending, true))),
                    Some(Ok(piece)) => {
                        pending.extend_from_slice(&piece);
                        let whole = pending.len() - pending.len() % 3;
                        if whole >= BASE64_STEP || (whole > 0 && piece.len() >= BASE64_STEP) {
                            let encoded = encode(&pending[..whole]);
                            pending.drain(..whole);
                            return Some((Ok(encoded), (raw, pending, false)));
                        }
                    }
                    None => {
                        let encoded = encode(&pending);
                        return Some((Ok(encoded), (raw, Vec::new(), true)));
                    }
                }
            }
        },
    )
}

fn encode(raw: &[u8]) -> Bytes {
    Bytes::from(base64_simd::STANDARD.encode_to_string(raw))
}
