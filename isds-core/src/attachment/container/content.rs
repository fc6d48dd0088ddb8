//! Reading the content of a container by ranges, wherever it lies.

use futures::TryStreamExt;

use super::{Fault, Stop};
use crate::ids::ObjectId;
use crate::ports::Objects;

/// Where the content of a container lies.
#[derive(Clone, Copy)]
pub enum ContainerContent<'a> {
    /// In memory.
    Held(&'a [u8]),
    /// In an object that is finished.
    Object {
        /// Where the object lies.
        objects: &'a dyn Objects,
        /// The object.
        id: &'a ObjectId,
        /// Its length in bytes.
        length: u64,
    },
}

impl ContainerContent<'_> {
    fn len(&self) -> u64 {
        match self {
            Self::Held(bytes) => bytes.len() as u64,
            Self::Object { length, .. } => *length,
        }
    }
}

/// Headers of small files lie close together: one read serves many of them.
const STEP: usize = 64 * 1024;

/// A piece of a content, moved along by what is asked for.
pub(super) struct Window<'a> {
    content: ContainerContent<'a>,
    step: usize,
    begin: u64,
    held: Vec<u8>,
}

impl<'a> Window<'a> {
    pub fn over(content: ContainerContent<'a>) -> Self {
        Self::in_pieces(content, STEP)
    }

    /// Reads `step` bytes at once, or as many as are asked for.
    pub fn in_pieces(content: ContainerContent<'a>, step: usize) -> Self {
        Self {
            content,
            step,
            begin: 0,
            held: Vec::new(),
        }
    }

    /// Length of the whole content.
    pub fn len(&self) -> u64 {
        self.content.len()
    }

    /// The bytes at `offset`, all of them: an archive that points beyond its end is broken.
    pub async fn at(&mut self, offset: u64, length: usize) -> Result<&[u8], Stop> {
        let end = offset.checked_add(length as u64).filter(|end| *end <= self.len());
        let end = end.ok_or(Fault::Broken("a record lies beyond the end"))?;
        let held = self.begin..self.begin + self.held.len() as u64;
        if offset < held.start || end > held.end {
            self.move_to(offset, length).await?;
        }
        let from = usize::try_from(offset - self.begin).unwrap_or(usize::MAX);
        let piece = self.held.get(from..).and_then(|rest| rest.get(..length));
        Ok(piece.ok_or(Fault::Broken("the content ends early"))?)
    }

    async fn move_to(&mut self, offset: u64, length: usize) -> Result<(), Stop> {
        let length = (self.len() - offset).min(length.max(self.step) as u64);
        self.begin = offset;
        self.held.clear();
        match self.content {
            ContainerContent::Held(bytes) => {
                let from = usize::try_from(offset).unwrap_or(usize::MAX);
                let rest = bytes.get(from..).unwrap_or_default();
                let length = usize::try_from(length).unwrap_or(usize::MAX).min(rest.len());
                self.held.extend_from_slice(&rest[..length]);
            }
            ContainerContent::Object { objects, id, .. } => {
                let mut pieces = objects.read(id, offset, length).await?;
                while let Some(piece) = pieces.try_next().await? {
                    self.held.extend_from_slice(&piece);
                }
            }
        }
        Ok(())
    }
}
