//! The fixed bytes of a message.

use std::io;

use isds_core::envelope::Envelope;
use isds_core::ids::MessageId;
use isds_core::message::SideOf;
use isds_core::ports::{AttachmentFinder, AttachmentHead, ContentForm, ErasedListWriter, ListFormat, MessageForm};
use isds_core::system_message::{SystemMessage, SystemMessageForm};
use jiff::civil::Date;

use crate::Writer;
use crate::names::V20;

/// Writes `dmDm` as the real system does: its namespace declared on itself, `xsi` left to the root that will hold it.
/// These bytes are hashed and stamped, so no release may ever write them differently for a message that exists; what
/// exists is kept as bytes and not written again.
#[derive(Debug, Clone, Copy, Default)]
pub struct DmDmForm;

impl MessageForm for DmDmForm {
    fn head(&self, id: MessageId, envelope: &Envelope) -> Vec<u8> {
        let mut writer = Writer::new("p");
        start(&mut writer);
        super::envelope(&mut writer, id, envelope);
        writer.start("dmFiles");
        writer.finish()
    }

    fn file_head(&self, head: &AttachmentHead, content: ContentForm) -> Vec<u8> {
        let mut attributes = vec![
            ("dmMimeType", head.mime_type.as_str()),
            ("dmFileDescr", &head.file_name),
            ("dmFileMetaType", head.meta_type.name()),
        ];
        let optional = [
            ("dmFileGuid", &head.guid),
            ("dmUpFileGuid", &head.up_guid),
            ("dmFormat", &head.format),
        ];
        attributes.extend(
            optional
                .into_iter()
                .filter_map(|(name, value)| Some((name, value.as_deref()?))),
        );
        let mut writer = Writer::new("p");
        let element = match content {
            ContentForm::Encoded => "dmEncodedContent",
            ContentForm::Xml => "dmXMLContent",
        };
        writer.start_with("dmFile", &attributes).start(element);
        writer.finish()
    }

    fn file_tail(&self, content: ContentForm) -> &'static [u8] {
        match content {
            ContentForm::Encoded => b"</p:dmEncodedContent></p:dmFile>",
            ContentForm::Xml => b"</p:dmXMLContent></p:dmFile>",
        }
    }

    fn tail(&self) -> &'static [u8] {
        b"</p:dmFiles></p:dmDm>"
    }

    fn attachment_finder(&self) -> Box<dyn AttachmentFinder> {
        Box::new(super::attachment_finder::Finder::default())
    }

    fn erased_list(&self, format: ListFormat, side: SideOf, day: Date) -> io::Result<Box<dyn ErasedListWriter>> {
        super::erased_list::begin(format, side, day)
    }

    fn system_message(&self, message: &SystemMessage) -> SystemMessageForm {
        super::system_message::form(message)
    }
}

/// Start tag of `dmDm`, with the prefix `p`.
fn start(writer: &mut Writer) {
    writer.start_with("dmDm", &[("xmlns:p", V20)]);
}

/// `dmDm` without `dmFiles`, as envelopes and delivery infos have it; the writer's prefix is `q` before and after.
pub(super) fn without_files(writer: &mut Writer, id: MessageId, envelope: &Envelope) {
    writer.set_prefix("p");
    start(writer);
    super::envelope(writer, id, envelope);
    writer.end("dmDm");
    writer.set_prefix("q");
}
