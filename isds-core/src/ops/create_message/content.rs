//! Fixing the bytes of a message: hashing them as they pass and laying them down in objects.

use base64_simd::STANDARD;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use sha3::Sha3_256;

use crate::ids::ObjectId;
use crate::message::Segment;
use crate::ports::{ObjectWriter, Objects, StoreError, StoreResult};

/// Up to this length the whole `dmDm` is one literal in one object; above it, attachments are objects of their own.
const WHOLE_LIMIT: usize = 256 * 1024;
/// Raw bytes that fit into [`WHOLE_LIMIT`] in base64, with room for the envelope.
const RAW_LIMIT: usize = 180 * 1024;

/// What came of the content.
pub(super) struct Built {
    pub segments: Vec<Segment>,
    pub sha256: [u8; 32],
    pub sha3_256: [u8; 32],
}

/// A piece of the document in its order.
enum Piece {
    /// `length` bytes of the literals gathered so far.
    Literal(usize),
    /// Raw bytes of an attachment, kept in memory while the whole is small.
    Raw(Vec<u8>),
    /// An attachment that was written as an object.
    Object(ObjectId, u64),
}

/// Takes heads, raw attachments and tails in order; hashes the document that they make.
pub(super) struct ContentBuilder<'a> {
    objects: &'a dyn Objects,
    literals: Vec<u8>,
    pieces: Vec<Piece>,
    hashes: Hashes,
    /// Raw bytes kept in memory.
    held: usize,
    /// The attachment being written, once attachments go to objects.
    writer: Option<(Box<dyn ObjectWriter>, u64)>,
    spilled: bool,
}

struct Hashes {
    sha256: Sha256,
    sha3: Sha3_256,
    /// Up to two raw bytes that do not yet make a group of base64.
    carry: Vec<u8>,
    encoded: Vec<u8>,
}

impl Hashes {
    /// Adds bytes that stand in the document as they are.
    pub fn literal(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.sha3.update(bytes);
    }

    fn raw(&mut self, mut bytes: &[u8]) {
        if !self.carry.is_empty() {
            let missing = (3 - self.carry.len()).min(bytes.len());
            self.carry.extend_from_slice(&bytes[..missing]);
            bytes = &bytes[missing..];
            if self.carry.len() < 3 {
                return;
            }
            let group = std::mem::take(&mut self.carry);
            self.encode(&group);
        }
        let whole = bytes.len() - bytes.len() % 3;
        for step in bytes[..whole].chunks(3 * 8192) {
            self.encode(step);
        }
        self.carry.extend_from_slice(&bytes[whole..]);
    }

    fn end_of_raw(&mut self) {
        let rest = std::mem::take(&mut self.carry);
        self.encode(&rest);
    }

    fn encode(&mut self, raw: &[u8]) {
        self.encoded.clear();
        STANDARD.encode_append(raw, &mut self.encoded);
        self.sha256.update(&self.encoded);
        self.sha3.update(&self.encoded);
    }
}

impl<'a> ContentBuilder<'a> {
    pub fn new(objects: &'a dyn Objects, head: &[u8]) -> Self {
        let hashes = Hashes {
            sha256: Sha256::new(),
            sha3: Sha3_256::new(),
            carry: Vec::new(),
            encoded: Vec::with_capacity(32_768),
        };
        let mut builder = Self {
            objects,
            literals: Vec::new(),
            pieces: Vec::new(),
            hashes,
            held: 0,
            writer: None,
            spilled: false,
        };
        builder.literal(head);
        builder
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

    pub fn begin_file(&mut self, head: &[u8]) {
        self.literal(head);
        if !self.spilled {
            self.pieces.push(Piece::Raw(Vec::new()));
        }
    }

    pub async fn write(&mut self, bytes: &[u8]) -> StoreResult<()> {
        self.hashes.raw(bytes);
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
                *piece = Piece::Object(self.objects.put(Bytes::from(raw)).await?, length);
            }
        }
        if !open.is_empty() {
            let mut writer = self.objects.create().await?;
            writer.write(&open).await?;
            self.writer = Some((writer, open.len() as u64));
        }
        Ok(())
    }

    pub async fn end_file(&mut self, tail: &[u8]) -> StoreResult<()> {
        self.hashes.end_of_raw();
        if let Some((writer, _)) = self.writer.take() {
            let (object, length) = writer.finish().await?;
            self.pieces.push(Piece::Object(object, length));
        }
        self.literal(tail);
        Ok(())
    }

    pub async fn finish(mut self, tail: &[u8]) -> StoreResult<Built> {
        self.literal(tail);
        let segments = if self.spilled {
            self.finish_large().await?
        } else {
            self.finish_whole().await?
        };
        Ok(Built {
            segments,
            sha256: self.hashes.sha256.finalize().into(),
            sha3_256: self.hashes.sha3.finalize().into(),
        })
    }

    async fn finish_whole(&mut self) -> StoreResult<Vec<Segment>> {
        let mut whole = Vec::with_capacity(WHOLE_LIMIT.min(self.literals.len() + self.held * 2));
        let mut at = 0;
        for piece in &self.pieces {
            match piece {
                Piece::Literal(length) => {
                    whole.extend_from_slice(&self.literals[at..at + length]);
                    at += length;
                }
                Piece::Raw(raw) => STANDARD.encode_append(raw, &mut whole),
                Piece::Object(object, _) => {
                    return Err(StoreError::Inconsistent(format!(
                        "object {object} in a message held in memory"
                    )));
                }
            }
        }
        let length = whole.len() as u64;
        let object = self.objects.put(Bytes::from(whole)).await?;
        Ok(vec![Segment::Literal {
            object,
            offset: 0,
            length,
        }])
    }

    async fn finish_large(&mut self) -> StoreResult<Vec<Segment>> {
        let frame = self
            .objects
            .put(Bytes::from(std::mem::take(&mut self.literals)))
            .await?;
        let mut at = 0;
        let mut segments = Vec::with_capacity(self.pieces.len());
        for piece in std::mem::take(&mut self.pieces) {
            match piece {
                Piece::Literal(length) => {
                    let length = length as u64;
                    segments.push(Segment::Literal {
                        object: frame.clone(),
                        offset: at,
                        length,
                    });
                    at += length;
                }
                Piece::Object(object, length) => segments.push(Segment::Base64 {
                    object,
                    offset: 0,
                    length,
                }),
                Piece::Raw(_) => {
                    return Err(StoreError::Inconsistent(
                        "an attachment held in memory in a large message".into(),
                    ));
                }
            }
        }
        Ok(segments)
    }

    /// Removes what was written. What cannot be removed now is an orphan for the consistency check, not a message.
    pub async fn abandon(mut self) {
        if let Some((writer, _)) = self.writer.take() {
            drop(writer.abort().await);
        }
        for piece in &self.pieces {
            if let Piece::Object(object, _) = piece
                && let Err(error) = self.objects.delete(object).await
            {
                tracing::warn!(error = %crate::error::Chain(&error), "object of an abandoned message stays");
            }
        }
    }
}
