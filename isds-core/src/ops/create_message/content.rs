//! Fixing the bytes of a message: hashing them as they pass and laying them down in objects.

use base64_simd::STANDARD;
use bytes::Bytes;
use futures::TryStreamExt;
use sha2::Digest;

use crate::attachment::container::ContainerContent;
use crate::ids::ObjectId;
use crate::message::Segment;
use crate::ports::{ObjectWriter, Objects, StoreResult};

use super::hashes::Hashes;

/// Raw bytes up to which attachments stand in one object with the rest: in base64, with room for the envelope, 256 kB.
/// Above it, attachments are objects of their own.
const RAW_LIMIT: usize = 180 * 1024;

/// How many literal bytes are hashed before others have their turn.
const LITERAL_STEP: usize = 64 * 1024;

/// What came of the content.
pub(super) struct Built {
    /// One for each head, in their order.
    pub documents: Vec<Document>,
    /// Objects that were written, all of which every document needs.
    pub written: Vec<ObjectId>,
}

/// The fixed bytes of one message.
pub(super) struct Document {
    pub segments: Vec<Segment>,
    pub sha256: [u8; 32],
    pub sha3_256: [u8; 32],
}

/// A piece of the document in its order.
enum Piece {
    /// `length` bytes of the literals gathered so far.
    Literal(usize),
    /// Literal bytes that became too many to be kept, in an object. Several pieces may lie in one, which is `own` to the
    /// first of them alone.
    Placed {
        object: ObjectId,
        offset: u64,
        length: u64,
        own: bool,
    },
    /// Raw bytes of an attachment, kept in memory while the whole is small.
    Raw(Vec<u8>),
    /// An attachment that lies in an object of this length.
    Object { object: ObjectId, length: u64, own: bool },
}

/// Takes raw attachments with their heads and tails in order, and hashes the documents that they make. The documents of
/// one call differ in their heads alone: all else is stored once, and each step of the content goes through the hashes
/// of all of them, so that nothing is read back.
pub(super) struct ContentBuilder<'a> {
    objects: &'a dyn Objects,
    heads: Vec<Vec<u8>>,
    literals: Vec<u8>,
    pieces: Vec<Piece>,
    hashes: Hashes,
    /// Raw bytes kept in memory.
    held: usize,
    /// The attachment being written, once attachments go to objects.
    writer: Option<(Box<dyn ObjectWriter>, u64)>,
    spilled: bool,
}

impl<'a> ContentBuilder<'a> {
    /// Documents with these heads. While they are small, they are kept together.
    pub fn new(objects: &'a dyn Objects, heads: Vec<Vec<u8>>) -> Self {
        Self {
            objects,
            hashes: Hashes::of(&heads),
            heads,
            literals: Vec::new(),
            pieces: Vec::new(),
            held: 0,
            writer: None,
            spilled: false,
        }
    }

    /// As [`new`](Self::new), with every attachment in an object of its own, however small it is.
    pub fn of_objects(objects: &'a dyn Objects, heads: Vec<Vec<u8>>) -> Self {
        Self {
            spilled: true,
            ..Self::new(objects, heads)
        }
    }

    /// Adds bytes that stand in the document as they are.
    pub fn literal(&mut self, bytes: &[u8]) {
        self.hashes.literal(bytes);
        self.literals.extend_from_slice(bytes);
        match self.pieces.last_mut() {
            Some(Piece::Literal(length)) => *length += bytes.len(),
            _ => self.pieces.push(Piece::Literal(bytes.len())),
        }
    }

    /// As [`literal`](Self::literal), for bytes of any number.
    pub async fn long_literal(&mut self, bytes: &[u8]) -> StoreResult<()> {
        for step in bytes.chunks(LITERAL_STEP) {
            self.literal(step);
            if self.heads.len() > 1 {
                tokio::task::yield_now().await;
            }
        }
        if self.literals.len() > RAW_LIMIT {
            self.place_literals().await?;
        }
        Ok(())
    }

    /// Literal bytes gathered so far become an object: a message of nothing but XML may have as many as one of files.
    async fn place_literals(&mut self) -> StoreResult<()> {
        let literals = Bytes::from(std::mem::take(&mut self.literals));
        let object = self.objects.put(literals).await?;
        let (mut offset, mut own) = (0, true);
        for piece in &mut self.pieces {
            if let Piece::Literal(length) = *piece {
                let length = length as u64;
                *piece = Piece::Placed {
                    object: object.clone(),
                    offset,
                    length,
                    own: std::mem::take(&mut own),
                };
                offset += length;
            }
        }
        Ok(())
    }

    pub fn begin_file(&mut self, head: &[u8]) {
        self.literal(head);
        if !self.spilled {
            self.pieces.push(Piece::Raw(Vec::new()));
        }
    }

    pub async fn write(&mut self, bytes: &[u8]) -> StoreResult<()> {
        self.hash(bytes).await;
        if !self.spilled {
            if self.held + bytes.len() <= RAW_LIMIT {
                if let Some(Piece::Raw(raw)) = self.pieces.last_mut() {
                    raw.extend_from_slice(bytes);
                }
                self.held += bytes.len();
                return Ok(());
            }
            self.spill().await?;
        }
        let (mut writer, length) = match self.writer.take() {
            Some(open) => open,
            None => (self.objects.create().await?, 0),
        };
        match writer.write(bytes).await {
            Ok(()) => {
                self.writer = Some((writer, length + bytes.len() as u64));
                Ok(())
            }
            Err(error) => {
                // The first error is the one that tells; what is left over is found as an orphan.
                drop(writer.abort().await);
                Err(error)
            }
        }
    }

    /// Hashing for many documents takes a while, in which others have their turn.
    async fn hash(&mut self, raw: &[u8]) {
        self.hashes.raw(raw);
        if self.heads.len() > 1 {
            tokio::task::yield_now().await;
        }
    }

    /// Adds an attachment that lies in an object already: it is read once, for the hashes.
    pub async fn add_object(&mut self, head: &[u8], object: &ObjectId, length: u64, tail: &[u8]) -> StoreResult<()> {
        self.literal(head);
        let mut raw = self.objects.read(object, 0, length).await?;
        while let Some(bytes) = raw.try_next().await? {
            self.hash(&bytes).await;
        }
        self.hashes.end_of_raw();
        self.pieces.push(Piece::Object {
            object: object.clone(),
            length,
            own: false,
        });
        self.literal(tail);
        Ok(())
    }

    /// The message is large: attachments held so far become objects, the one being written goes on into one.
    async fn spill(&mut self) -> StoreResult<()> {
        self.spilled = true;
        let open = match self.pieces.pop() {
            Some(Piece::Raw(raw)) => raw,
            Some(other) => {
                self.pieces.push(other);
                Vec::new()
            }
            None => Vec::new(),
        };
        for piece in &mut self.pieces {
            if let Piece::Raw(raw) = piece {
                let raw = std::mem::take(raw);
                let length = raw.len() as u64;
                *piece = Piece::Object {
                    object: self.objects.put(Bytes::from(raw)).await?,
                    length,
                    own: true,
                };
            }
        }
        if !open.is_empty() {
            let mut writer = self.objects.create().await?;
            writer.write(&open).await?;
            self.writer = Some((writer, open.len() as u64));
        }
        Ok(())
    }

    /// Ends the attachment; answers where it lies, if it has an object of its own by now.
    pub async fn end_file(&mut self, tail: &[u8]) -> StoreResult<Option<(ObjectId, u64)>> {
        self.hashes.end_of_raw();
        let mut content = None;
        if let Some((writer, _)) = self.writer.take() {
            let (object, length) = writer.finish().await?;
            content = Some((object.clone(), length));
            self.pieces.push(Piece::Object {
                object,
                length,
                own: true,
            });
        }
        self.literal(tail);
        Ok(content)
    }

    /// Content of the attachment that ended last: in its object, if it has one, or in memory.
    pub fn ended<'s>(&'s self, object: Option<&'s (ObjectId, u64)>) -> ContainerContent<'s> {
        if let Some((id, length)) = object {
            return ContainerContent::Object {
                objects: self.objects,
                id,
                length: *length,
            };
        }
        let held = self.pieces.iter().rev().find_map(|piece| match piece {
            Piece::Raw(raw) => Some(raw.as_slice()),
            _ => None,
        });
        ContainerContent::Held(held.unwrap_or_default())
    }

    /// Lays down what is no object yet: the heads, and after them what stands between the attachments, all in one
    /// object. Of a single small message that is the whole document.
    pub async fn finish(mut self, tail: &[u8]) -> StoreResult<Built> {
        self.literal(tail);
        let mut frame = self.heads.concat();
        let (common, mut written) = self.lay_out(&mut frame);
        let frame = match self.objects.put(Bytes::from(frame)).await {
            Ok(frame) => frame,
            // No row names the others: a disk that is full must not stay so for a message that came to nothing.
            Err(error) => {
                remove(self.objects, &written).await;
                return Err(error);
            }
        };
        written.push(frame.clone());
        let mut at = 0;
        let mut documents = Vec::with_capacity(self.heads.len());
        for (head, (sha256, sha3)) in self.heads.iter().zip(self.hashes.documents) {
            let length = head.len() as u64;
            let mut segments = vec![Segment::Literal {
                object: frame.clone(),
                offset: at,
                length,
            }];
            at += length;
            for laid in &common {
                laid.append_to(&mut segments, &frame);
            }
            documents.push(Document {
                segments,
                sha256: sha256.finalize().into(),
                sha3_256: sha3.finalize().into(),
            });
        }
        Ok(Built { documents, written })
    }

    /// Where the pieces after the head lie, with what is no object appended to `frame`; and which objects are new.
    fn lay_out(&self, frame: &mut Vec<u8>) -> (Vec<Laid>, Vec<ObjectId>) {
        let (mut common, mut written, mut literals) = (Vec::new(), Vec::new(), self.literals.as_slice());
        for piece in &self.pieces {
            let offset = frame.len() as u64;
            match piece {
                Piece::Literal(length) => {
                    let (now, later) = literals.split_at(*length);
                    frame.extend_from_slice(now);
                    literals = later;
                }
                Piece::Raw(raw) => STANDARD.encode_append(raw, frame),
                Piece::Placed {
                    object,
                    offset,
                    length,
                    own,
                } => {
                    common.push(Laid::Literal {
                        object: object.clone(),
                        offset: *offset,
                        length: *length,
                    });
                    if *own {
                        written.push(object.clone());
                    }
                    continue;
                }
                Piece::Object { object, length, own } => {
                    common.push(Laid::Object(object.clone(), *length));
                    if *own {
                        written.push(object.clone());
                    }
                    continue;
                }
            }
            common.push(Laid::Frame {
                offset,
                length: frame.len() as u64 - offset,
            });
        }
        (common, written)
    }

    /// Removes what was written. What cannot be removed now is an orphan for the consistency check, not a message.
    pub async fn abandon(mut self) {
        if let Some((writer, _)) = self.writer.take() {
            drop(writer.abort().await);
        }
        let own: Vec<ObjectId> = self.pieces.into_iter().filter_map(Piece::into_own_object).collect();
        remove(self.objects, &own).await;
    }
}

impl Piece {
    fn into_own_object(self) -> Option<ObjectId> {
        match self {
            Self::Object { object, own: true, .. } | Self::Placed { object, own: true, .. } => Some(object),
            _ => None,
        }
    }
}

/// Where a piece of the content lies that all documents have.
enum Laid {
    /// In the object of the heads.
    Frame { offset: u64, length: u64 },
    /// In an object of literal bytes.
    Literal { object: ObjectId, offset: u64, length: u64 },
    /// An attachment in an object of its own.
    Object(ObjectId, u64),
}

impl Laid {
    fn append_to(&self, segments: &mut Vec<Segment>, frame: &ObjectId) {
        match (self, segments.last_mut()) {
            (
                Self::Frame { offset, length },
                Some(Segment::Literal {
                    object,
                    offset: before,
                    length: so_far,
                }),
            ) if object == frame && *before + *so_far == *offset => *so_far += length,
            (Self::Frame { offset, length }, _) => segments.push(Segment::Literal {
                object: frame.clone(),
                offset: *offset,
                length: *length,
            }),
            (Self::Literal { object, offset, length }, _) => segments.push(Segment::Literal {
                object: object.clone(),
                offset: *offset,
                length: *length,
            }),
            (Self::Object(object, length), _) => segments.push(Segment::Base64 {
                object: object.clone(),
                offset: 0,
                length: *length,
            }),
        }
    }
}

/// Removes objects of a message that came to nothing.
pub(super) async fn remove(objects: &dyn Objects, own: &[ObjectId]) {
    for object in own {
        if let Err(error) = objects.delete(object).await {
            tracing::warn!(error = %crate::error::Chain(&error), "object of an abandoned message stays");
        }
    }
}

#[cfg(test)]
mod tests;
