//! The attachments of a kept message: what they are, and their bytes, taken out of the fixed bytes of the message.

use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use futures::stream::{BoxStream, StreamExt};

use crate::error::Failure;
use crate::message::{Message, Segment};
use crate::ports::{AttachmentPlace, ContentForm, NotAMessage, StoreError, StoreResult};
use crate::splice::{Splice, base64_len};

use super::Isds;

/// Bytes of an attachment as they come.
pub type AttachmentBytes = BoxStream<'static, StoreResult<Bytes>>;

impl Isds {
    /// The attachments of a message, in their order. Whether the caller may see them is judged before.
    ///
    /// # Errors
    /// Failures of the object storage.
    pub async fn kept_attachments(&self, message: &Message) -> Result<Arc<[AttachmentPlace]>, Failure> {
        if let Some(places) = self.sealed_forms.places(message.id) {
            return Ok(places);
        }
        let places: Arc<[AttachmentPlace]> = self.find_attachments(message).await?.into();
        self.sealed_forms.keep_places(message.id, Arc::clone(&places));
        Ok(places)
    }

    /// Reads what is literal once; objects that hold an attachment are not touched.
    async fn find_attachments(&self, message: &Message) -> StoreResult<Vec<AttachmentPlace>> {
        let nonsense = |wrong: NotAMessage| StoreError::Inconsistent(format!("message {}: {wrong}", message.id));
        let mut finder = self.form.attachment_finder();
        for segment in &message.content.segments {
            match segment {
                Segment::Literal { object, offset, length } => {
                    let mut literal = self.objects.read(object, *offset, *length).await?;
                    while let Some(piece) = literal.try_next().await? {
                        finder.literal(&piece).map_err(nonsense)?;
                    }
                }
                Segment::Base64 { length, .. } => finder.encoded(*length).map_err(nonsense)?,
            }
        }
        finder.finish().map_err(nonsense)
    }

    /// The bytes of one attachment as they were sent, never held whole.
    ///
    /// # Errors
    /// Failures of the object storage, here and in the stream.
    pub async fn attachment_bytes(
        &self,
        message: &Message,
        place: &AttachmentPlace,
    ) -> Result<AttachmentBytes, Failure> {
        let pieces = slice(&message.content.segments, place.offset, place.length).ok_or_else(|| {
            StoreError::Inconsistent(format!("message {}: an attachment stands across an object", message.id))
        })?;
        Ok(match (place.form, pieces.as_slice()) {
            // The usual case of what is large: the object holds the attachment itself.
            (ContentForm::Encoded, [Segment::Base64 { object, offset, length }]) => {
                self.objects.read(object, *offset, *length).await?
            }
            (ContentForm::Encoded, _) => decoded(self.read(&pieces)),
            (ContentForm::Xml, _) => self.read(&pieces),
        })
    }

    fn read(&self, pieces: &[Segment]) -> AttachmentBytes {
        Splice::default()
            .then_segments(pieces)
            .stream(Arc::clone(&self.objects))
    }
}

/// The segments of these bytes. None where they begin or end inside an object's base64, which nothing here does.
fn slice(segments: &[Segment], offset: u64, length: u64) -> Option<Vec<Segment>> {
    let (mut position, end) = (0, offset.checked_add(length)?);
    let mut slice = Vec::new();
    for segment in segments {
        let own = match segment {
            Segment::Literal { length, .. } => *length,
            Segment::Base64 { length, .. } => base64_len(*length),
        };
        let (from, to) = (offset.max(position), end.min(position + own));
        if from < to {
            slice.push(match segment {
                Segment::Literal { object, offset: at, .. } => Segment::Literal {
                    object: object.clone(),
                    offset: at + (from - position),
                    length: to - from,
                },
                Segment::Base64 { .. } if to - from == own => segment.clone(),
                Segment::Base64 { .. } => return None,
            });
        }
        position += own;
    }
    (end <= position).then_some(slice)
}

/// What the base64 (padded, without line breaks) of a stream stands for.
fn decoded(encoded: AttachmentBytes) -> AttachmentBytes {
    let decode = |(mut encoded, mut rest): (AttachmentBytes, Vec<u8>)| async move {
        while let Some(piece) = encoded.try_next().await? {
            rest.extend_from_slice(&piece);
            let whole = rest.len() - rest.len() % 4;
            if whole > 0 {
                let raw = base64_simd::STANDARD
                    .decode_to_vec(&rest[..whole])
                    .map_err(|_| StoreError::Inconsistent("an attachment is not base64".into()))?;
                rest.drain(..whole);
                return Ok(Some((Bytes::from(raw), (encoded, rest))));
            }
        }
        if rest.is_empty() {
            Ok(None)
        } else {
            Err(StoreError::Inconsistent(
                "the base64 of an attachment ends early".into(),
            ))
        }
    };
    futures::stream::try_unfold((encoded, Vec::new()), decode).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ObjectId;

    fn object(name: &str) -> ObjectId {
        ObjectId(name.into())
    }

    fn literal(offset: u64, length: u64) -> Segment {
        Segment::Literal {
            object: object("00000000000000000000000000000001"),
            offset,
            length,
        }
    }

    #[test]
    fn a_slice_is_of_the_bytes_asked_for() {
        let encoded = Segment::Base64 {
            object: object("00000000000000000000000000000002"),
            offset: 5,
            length: 10,
        };
        let segments = [literal(100, 50), encoded.clone(), literal(7, 20)];
        assert_eq!(slice(&segments, 10, 20), Some(vec![literal(110, 20)]));
        assert_eq!(slice(&segments, 50, 16), Some(vec![encoded.clone()]));
        assert_eq!(
            slice(&segments, 40, 27),
            Some(vec![literal(140, 10), encoded, literal(7, 1)])
        );
        assert_eq!(slice(&segments, 66, 20), Some(vec![literal(7, 20)]));
        assert_eq!(slice(&segments, 30, 0), Some(vec![]));
        assert_eq!(slice(&segments, 51, 4), None, "inside the base64 of an object");
        assert_eq!(slice(&segments, 80, 10), None, "past the end");
        assert_eq!(slice(&segments, u64::MAX, 2), None);
    }

    #[tokio::test]
    async fn base64_is_decoded_however_it_is_cut() {
        let raw: Vec<u8> = (0..=250).collect();
        let encoded = base64_simd::STANDARD.encode_to_string(&raw);
        for step in [1, 2, 3, 5, 64, 1000] {
            let pieces: Vec<_> = encoded
                .as_bytes()
                .chunks(step)
                .map(|piece| Ok(Bytes::copy_from_slice(piece)))
                .collect();
            let decoded: Vec<Bytes> = decoded(futures::stream::iter(pieces).boxed())
                .try_collect()
                .await
                .unwrap();
            assert_eq!(decoded.concat(), raw, "step {step}");
        }
        for wrong in ["QUJ", "QUJ*", "QQ==QQ=="] {
            let pieces = [Ok(Bytes::from_static(wrong.as_bytes()))];
            let decoded = decoded(futures::stream::iter(pieces).boxed())
                .try_collect::<Vec<Bytes>>()
                .await;
            assert!(decoded.is_err(), "{wrong}");
        }
    }
}
