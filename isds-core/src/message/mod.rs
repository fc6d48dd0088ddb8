//! An accepted data message: its phase, its two sides, and what moves it on.

mod state;
mod transition;

use serde::{Deserialize, Serialize};

pub use state::{MessageState, Phase, RecipientSide, Side, SideOf};
pub use transition::{Change, Input, StateChange, TransitionError, apply};

use crate::attachment::MetaType;
use crate::envelope::{Envelope, MessageKind};
use crate::ids::{BoxId, MessageId, ObjectId};
use crate::ports::AttachmentHead;
use crate::time::Timestamp;

/// A piece of the fixed bytes of `dmDm`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Segment {
    /// `length` bytes of an object from `offset` on, as they are.
    Literal {
        /// Object that holds them.
        object: ObjectId,
        /// First byte.
        offset: u64,
        /// Number of bytes.
        length: u64,
    },
    /// The base64 form (padded, without line breaks, fixed for ever) of `length` bytes of an object.
    Base64 {
        /// Object that holds the raw attachment.
        object: ObjectId,
        /// First byte.
        offset: u64,
        /// Number of raw bytes.
        length: u64,
    },
}

impl Segment {
    /// Object that the segment needs.
    #[must_use]
    pub fn object(&self) -> &ObjectId {
        match self {
            Self::Literal { object, .. } | Self::Base64 { object, .. } => object,
        }
    }

    /// First byte of the object that the segment needs, and number of bytes.
    #[must_use]
    pub fn range(&self) -> (u64, u64) {
        match self {
            Self::Literal { offset, length, .. } | Self::Base64 { offset, length, .. } => (*offset, *length),
        }
    }
}

/// Where the content of a message lies and what it hashes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The bytes of `dmDm`, in order.
    pub segments: Vec<Segment>,
    /// SHA-256 of the bytes of `dmDm`: `dmHash`.
    pub sha256: [u8; 32],
    /// SHA3-256 of the same bytes, kept beside it against the day when SHA-256 falls.
    pub sha3_256: [u8; 32],
    /// Number of attachments.
    pub attachment_count: i64,
    /// `dmAttachmentSize`: size of the attachments in base64, in kilobytes, rounded up.
    pub attachment_size_kb: i64,
    /// Each attachment of a large message (VoDZ); of an ordinary one nothing.
    pub large: Option<Vec<StoredAttachment>>,
}

/// An attachment of a large message, which is downloaded by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAttachment {
    /// `dmFileMetaType`.
    pub meta_type: MetaType,
    /// `dmMimeType`.
    pub mime_type: String,
    /// `dmFileDescr`.
    pub file_name: String,
    /// Object that holds it and its length in bytes; none where it is empty.
    pub content: Option<(ObjectId, u64)>,
}

impl StoredAttachment {
    /// The attachment with this head.
    #[must_use]
    pub fn of(head: &AttachmentHead, content: Option<(ObjectId, u64)>) -> Self {
        Self {
            meta_type: head.meta_type,
            mime_type: head.mime_type.clone(),
            file_name: head.file_name.clone(),
            content,
        }
    }
}

/// Verdict of the scanner on a message's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScanVerdict {
    /// No scanner is installed; the message went on unscanned.
    NotScanned,
    /// Nothing found.
    Clean,
    /// Malware found.
    Infected,
}

/// A message as the system keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Number.
    pub id: MessageId,
    /// Fixed envelope.
    pub envelope: Envelope,
    /// Kind.
    pub kind: MessageKind,
    /// Content.
    pub content: Content,
    /// RFC 3161 token over `dmHash` (DER), once obtained: `dmQTimestamp`.
    pub timestamp_token: Option<Vec<u8>>,
    /// Verdict of the scanner, once given.
    pub scan: Option<ScanVerdict>,
    /// The administrator of the system keeps the recipient from downloading it. No part of the state, whose changes are
    /// computed from a version: nobody's change may lift it.
    pub withheld: bool,
    /// Phase, sides and times.
    pub state: MessageState,
    /// Grows with every change; a change is written only over the version it was computed from.
    pub version: i64,
}

impl Message {
    /// Which side of the message belongs to `box_id`; where both do, the recipient's comes first.
    #[must_use]
    pub fn side_of(&self, box_id: BoxId) -> Option<SideOf> {
        if self.envelope.recipient == box_id {
            Some(SideOf::Recipient)
        } else if self.envelope.sender == box_id {
            Some(SideOf::Sender)
        } else {
            None
        }
    }

    /// A large message (VoDZ), which has services of its own.
    #[must_use]
    pub fn is_large(&self) -> bool {
        self.content.large.is_some()
    }

    /// `dmDeliveryTime`.
    #[must_use]
    pub fn delivery_time(&self) -> Option<Timestamp> {
        self.state.delivered_in
    }
}
