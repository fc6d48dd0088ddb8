//! A message, or its envelope, as it is returned.

use isds_core::message::{Message, SideOf};
use isds_core::splice::Splice;

use crate::Writer;
use crate::names::{V20_MESSAGE, V20_SENT_MESSAGE, XSI};

use super::{LARGE, dm_dm, start_of_kind};

/// Which sealed document of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    /// Received, from `SignedMessageDownload`.
    Received,
    /// Sent, from `SignedSentMessageDownload`.
    Sent,
}

/// `dmReturnedMessage` (XSD `tReturnedMessage`) with the prefix `q`: what stands before `dmDm`, its fixed bytes, and
/// what stands after.
#[must_use]
pub fn returned_message(message: &Message, side: SideOf) -> Splice {
    let mut head = Writer::new("q");
    start_of_message(&mut head, "dmReturnedMessage", message);
    let mut tail = Writer::new("q");
    hash(&mut tail, &message.content.sha256);
    tail.nillable("dmQTimestamp", message.timestamp_token.as_deref().map(Base64));
    times_status_size(&mut tail, message, side);
    tail.end("dmReturnedMessage");
    Splice::default()
        .then(head.finish())
        .then_segments(&message.content.segments)
        .then(tail.finish())
}

/// The document that is sealed (ZFO): the same in a namespace of its own, without declaration and status.
#[must_use]
pub fn message_document(message: &Message, sealed: Sealed) -> Splice {
    let (namespace, side) = match sealed {
        Sealed::Received => (V20_MESSAGE, SideOf::Recipient),
        Sealed::Sent => (V20_SENT_MESSAGE, SideOf::Sender),
    };
    let mut head = Writer::new("q");
    head.start_with("MessageDownloadResponse", &[("xmlns:q", namespace), ("xmlns:xsi", XSI)]);
    let mut tail = Writer::new("q");
    tail.end("MessageDownloadResponse");
    Splice::default()
        .then(head.finish())
        .then_splice(returned_message(message, side))
        .then(tail.finish())
}

/// `dmReturnedMessageEnvelope` (XSD `tReturnedMessageEnvelope`) with the prefix `q`.
pub fn returned_message_envelope(writer: &mut Writer, message: &Message, side: SideOf) {
    start_of_message(writer, "dmReturnedMessageEnvelope", message);
    dm_dm::without_files(writer, message.id, &message.envelope);
    hash(writer, &message.content.sha256);
    timestamp(writer, message);
    times_status_size(writer, message, side);
    writer.end("dmReturnedMessageEnvelope");
}

/// A large message says that it is one, and how many attachments it has.
fn start_of_message(writer: &mut Writer, name: &str, message: &Message) {
    let number = message.content.attachment_count.to_string();
    let large = [LARGE, ("attsNum", number.as_str())];
    let more = if message.is_large() { large.as_slice() } else { &[] };
    start_of_kind(writer, name, message.kind, more);
}

/// `dmHash` (XSD `tHash`).
pub fn hash(writer: &mut Writer, sha256: &[u8; 32]) {
    writer
        .start_with("dmHash", &[("algorithm", "SHA-256")])
        .base64_text(sha256)
        .end("dmHash");
}

/// `dmQTimestamp` where it is not nillable: empty as long as there is none.
pub(super) fn timestamp(writer: &mut Writer, message: &Message) {
    writer.base64("dmQTimestamp", message.timestamp_token.as_deref().unwrap_or_default());
}

/// Times and state of the message as this side sees them in a document.
pub(super) fn times_status(writer: &mut Writer, message: &Message, side: SideOf) {
    writer
        .nillable("dmDeliveryTime", message.state.delivered_in)
        .nillable("dmAcceptanceTime", message.state.accepted)
        .element("dmMessageStatus", message.state.document(side));
}

fn times_status_size(writer: &mut Writer, message: &Message, side: SideOf) {
    times_status(writer, message, side);
    writer.element("dmAttachmentSize", message.content.attachment_size_kb);
}

struct Base64<'a>(&'a [u8]);

impl std::fmt::Display for Base64<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&base64_simd::STANDARD.encode_to_string(self.0))
    }
}
