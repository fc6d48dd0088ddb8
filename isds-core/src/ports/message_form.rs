//! How messages are written.

use super::{ErasedListWriter, ListFormat};
use crate::ids::MessageId;
use crate::message::SideOf;
use crate::system_message::{SystemMessage, SystemMessageForm};

/// One attachment as its element's start tag describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentHead {
    /// `dmMimeType` as it was sent: a type, a suffix, or nothing.
    pub mime_type: String,
    /// `dmFileMetaType`.
    pub meta_type: crate::attachment::MetaType,
    /// `dmFileDescr`, the file name.
    pub file_name: String,
    /// `dmFileGuid`.
    pub guid: Option<String>,
    /// `dmUpFileGuid`.
    pub up_guid: Option<String>,
    /// `dmFormat`.
    pub format: Option<String>,
}

/// How an attachment stands in its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentForm {
    /// As base64 (`dmEncodedContent`).
    Encoded,
    /// As one XML element (`dmXMLContent`).
    Xml,
}

/// Where an attachment stands in the fixed bytes of its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentPlace {
    /// Its start tag.
    pub head: AttachmentHead,
    /// How its content stands there.
    pub form: ContentForm,
    /// First byte of the content, as it stands there.
    pub offset: u64,
    /// Number of bytes of the content, as it stands there.
    pub length: u64,
    /// Number of bytes of the attachment itself.
    pub bytes: u64,
}

/// Bytes that are not those of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the bytes of a message: {0}")]
pub struct NotAMessage(pub &'static str);

/// Finds the attachments in the fixed bytes of a message, which are given to it in their order.
pub trait AttachmentFinder: Send {
    /// The next bytes.
    ///
    /// # Errors
    /// As soon as the bytes cannot be those of a message.
    fn literal(&mut self, bytes: &[u8]) -> Result<(), NotAMessage>;
    /// The next bytes are the base64 form of this many bytes, which need not be read.
    ///
    /// # Errors
    /// Where no attachment is open.
    fn encoded(&mut self, raw: u64) -> Result<(), NotAMessage>;
    /// The attachments, in their order.
    ///
    /// # Errors
    /// Where the bytes end early.
    fn finish(self: Box<Self>) -> Result<Vec<AttachmentPlace>, NotAMessage>;
}

/// How the fixed bytes of a message are written. `wire` implements it: the domain knows no XML, only that the bytes of
/// a message are head, files (each head, content, tail) and tail, written once.
pub trait MessageForm: Send + Sync {
    /// From the start tag of `dmDm` to the start tag of `dmFiles`.
    fn head(&self, id: MessageId, envelope: &crate::envelope::Envelope) -> Vec<u8>;
    /// From the start tag of `dmFile` to its content.
    fn file_head(&self, head: &AttachmentHead, content: ContentForm) -> Vec<u8>;
    /// From the end of the content to the end tag of `dmFile`.
    fn file_tail(&self, content: ContentForm) -> &'static [u8];
    /// From the end tag of `dmFiles` to that of `dmDm`.
    fn tail(&self) -> &'static [u8];
    /// Reads what was written so.
    fn attachment_finder(&self) -> Box<dyn AttachmentFinder>;
    /// The two attachments of a system message.
    fn system_message(&self, message: &SystemMessage) -> SystemMessageForm;
    /// A compressed list of erased messages as one side sees them, ordered on this day.
    ///
    /// # Errors
    /// Those of the compression, which works in memory.
    fn erased_list(
        &self,
        format: ListFormat,
        side: SideOf,
        day: jiff::civil::Date,
    ) -> std::io::Result<Box<dyn ErasedListWriter>>;
}
