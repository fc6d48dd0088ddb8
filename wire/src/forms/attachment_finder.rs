//! Finding the attachments in the fixed bytes of a message.
//!
//! Only what [`DmDmForm`](super::DmDmForm) wrote is read: its own tags by their exact names. The XML that a sender put
//! into an attachment is passed over by its depth.

use isds_core::attachment::MetaType;
use isds_core::ports::{AttachmentFinder, AttachmentHead, AttachmentPlace, ContentForm, NotAMessage};
use quick_xml::escape::unescape;
use quick_xml::events::BytesStart;

use crate::sealed_content::Markup;

/// `dmDm`, `dmFiles`, `dmFile`, and the content in it.
const IN_FILES: usize = 2;
const IN_FILE: usize = 3;
const IN_CONTENT: usize = 4;

/// Reads `dmDm` as it passes.
#[derive(Default)]
pub(super) struct Finder {
    markup: Markup,
    /// Bytes that went by.
    position: u64,
    depth: usize,
    /// `dmFiles` is open.
    files: bool,
    done: bool,
    file: Option<AttachmentHead>,
    content: Option<OpenContent>,
    found: Vec<AttachmentPlace>,
}

/// The content that is open.
struct OpenContent {
    form: ContentForm,
    offset: u64,
    /// Signs of padding at the end of base64.
    padding: u64,
    /// Bytes of what was said to stand there encoded.
    raw: Option<u64>,
}

impl AttachmentFinder for Finder {
    fn literal(&mut self, mut bytes: &[u8]) -> Result<(), NotAMessage> {
        while !bytes.is_empty() {
            if self.markup.is_empty() {
                let end = memchr::memchr(b'<', bytes).unwrap_or(bytes.len());
                let (text, rest) = bytes.split_at(end);
                self.text(text);
                bytes = rest;
            }
            let Some((&byte, rest)) = bytes.split_first() else {
                break;
            };
            bytes = rest;
            self.position += 1;
            let ended = self
                .markup
                .push(byte)
                .map_err(|_| NotAMessage("markup that was never written"))?;
            if ended {
                let markup = self.markup.take();
                self.take_markup(&markup)?;
                self.markup.reuse(markup);
            }
        }
        Ok(())
    }

    fn encoded(&mut self, raw: u64) -> Result<(), NotAMessage> {
        let open = self.content.as_mut().filter(|_| self.depth == IN_CONTENT);
        match open {
            Some(open) if open.form == ContentForm::Encoded && self.markup.is_empty() => {
                open.raw = Some(open.raw.unwrap_or(0) + raw);
                self.position += raw.div_ceil(3) * 4;
                Ok(())
            }
            _ => Err(NotAMessage("an object outside an attachment")),
        }
    }

    fn finish(self: Box<Self>) -> Result<Vec<AttachmentPlace>, NotAMessage> {
        if self.done && self.depth == 0 && self.markup.is_empty() {
            Ok(self.found)
        } else {
            Err(NotAMessage("it ends early"))
        }
    }
}

impl Finder {
    fn text(&mut self, text: &[u8]) {
        self.position += text.len() as u64;
        let Some(open) = &mut self.content else { return };
        if self.depth == IN_CONTENT && !text.is_empty() {
            let padding = text.iter().rev().take_while(|octet| **octet == b'=').count() as u64;
            let all = padding == text.len() as u64;
            open.padding = if all { open.padding + padding } else { padding };
        }
    }

    fn take_markup(&mut self, markup: &[u8]) -> Result<(), NotAMessage> {
        match markup {
            [b'<', b'?' | b'!', ..] => Ok(()),
            [b'<', b'/', ..] => self.end_tag(markup.len() as u64),
            [b'<', inner @ .., b'/', b'>'] => {
                self.start_tag(inner)?;
                self.end_tag(0)
            }
            [b'<', inner @ .., b'>'] => self.start_tag(inner),
            _ => Err(NotAMessage("a tag that was never written")),
        }
    }

    fn start_tag(&mut self, inner: &[u8]) -> Result<(), NotAMessage> {
        self.depth += 1;
        match self.depth {
            IN_FILES => self.files = inner == b"p:dmFiles",
            IN_FILE if self.files => self.file = Some(file_head(inner)?),
            IN_CONTENT if self.files => {
                let form = match inner {
                    b"p:dmEncodedContent" => ContentForm::Encoded,
                    b"p:dmXMLContent" => ContentForm::Xml,
                    _ => return Err(NotAMessage("another content of an attachment")),
                };
                self.content = Some(OpenContent {
                    form,
                    offset: self.position,
                    padding: 0,
                    raw: None,
                });
            }
            _ => {}
        }
        Ok(())
    }

    /// `tag` bytes of the end tag went by already.
    fn end_tag(&mut self, tag: u64) -> Result<(), NotAMessage> {
        let depth = self.depth;
        self.depth = depth.checked_sub(1).ok_or(NotAMessage("an end tag without a start"))?;
        match depth {
            IN_CONTENT if self.files => self.end_content(tag),
            IN_FILES => {
                self.done |= self.files;
                self.files = false;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn end_content(&mut self, tag: u64) -> Result<(), NotAMessage> {
        let (Some(open), Some(head)) = (self.content.take(), self.file.take()) else {
            return Err(NotAMessage("two contents of one attachment"));
        };
        let length = self.position - tag - open.offset;
        let bytes = match (open.form, open.raw) {
            (ContentForm::Xml, _) => length,
            (ContentForm::Encoded, Some(raw)) => raw,
            (ContentForm::Encoded, None) => (length / 4 * 3).saturating_sub(open.padding),
        };
        self.found.push(AttachmentPlace {
            head,
            form: open.form,
            offset: open.offset,
            length,
            bytes,
        });
        Ok(())
    }
}

fn file_head(inner: &[u8]) -> Result<AttachmentHead, NotAMessage> {
    const NAME: &str = "p:dmFile";
    const WRONG: NotAMessage = NotAMessage("the head of an attachment");
    let text = std::str::from_utf8(inner).map_err(|_| WRONG)?;
    if text.split_ascii_whitespace().next() != Some(NAME) {
        return Err(WRONG);
    }
    let start = BytesStart::from_content(text, NAME.len());
    let attribute = |name: &str| {
        let found = start.try_get_attribute(name).map_err(|_| WRONG)?;
        let value = found.map(|found| unescape(&found.value).map(std::borrow::Cow::into_owned));
        value.transpose().map_err(|_| WRONG)
    };
    let meta_type = attribute("dmFileMetaType")?.as_deref().and_then(MetaType::from_name);
    Ok(AttachmentHead {
        mime_type: attribute("dmMimeType")?.unwrap_or_default(),
        meta_type: meta_type.ok_or(WRONG)?,
        file_name: attribute("dmFileDescr")?.unwrap_or_default(),
        guid: attribute("dmFileGuid")?,
        up_guid: attribute("dmUpFileGuid")?,
        format: attribute("dmFormat")?,
    })
}

#[cfg(test)]
mod tests {
    use isds_core::ports::MessageForm;

    use super::super::DmDmForm;
    use super::*;

    fn head(name: &str, meta_type: MetaType) -> AttachmentHead {
        AttachmentHead {
            mime_type: "text/plain".into(),
            meta_type,
            file_name: name.into(),
            guid: None,
            up_guid: Some("g<&>\"'".into()),
            format: None,
        }
    }

    /// The start of a message without an envelope.
    const START: &[u8] = br#"<p:dmDm xmlns:p="http://isds.czechpoint.cz/v20"><p:dmID>1</p:dmID><p:dmFiles>"#;

    fn file(head: &AttachmentHead, form: ContentForm, content: &[u8]) -> Vec<u8> {
        [&DmDmForm.file_head(head, form), content, DmDmForm.file_tail(form)].concat()
    }

    #[test]
    fn every_attachment_is_where_its_bytes_are() {
        let heads = [
            head("a \"<&'> ž.txt", MetaType::Main),
            head("b.xml", MetaType::Enclosure),
            head("c.txt", MetaType::Meta),
            head("empty.txt", MetaType::Signature),
        ];
        let xml = b"<x:y xmlns:x='u'><!-- </p:dmXMLContent> --><p:dmFile/><![CDATA[</x:y>]]>text<z a='>'/></x:y>";
        let contents: [(ContentForm, &[u8], u64); 4] = [
            (ContentForm::Encoded, b"QUJDRA==", 4),
            (ContentForm::Xml, xml, xml.len() as u64),
            (ContentForm::Encoded, b"QUI=", 2),
            (ContentForm::Encoded, b"", 0),
        ];
        let mut bytes = START.to_vec();
        for (head, (form, content, _)) in heads.iter().zip(contents) {
            bytes.extend(file(head, form, content));
        }
        bytes.extend(DmDmForm.tail());
        for step in [1, 3, 50, bytes.len()] {
            let mut finder = DmDmForm.attachment_finder();
            for piece in bytes.chunks(step) {
                finder.literal(piece).unwrap();
            }
            let found = finder.finish().unwrap();
            assert_eq!(found.len(), 4);
            for ((place, head), (form, content, raw)) in found.iter().zip(&heads).zip(contents) {
                assert_eq!((&place.head, place.form, place.bytes), (head, form, raw), "step {step}");
                let from = usize::try_from(place.offset).unwrap();
                assert_eq!(&bytes[from..from + usize::try_from(place.length).unwrap()], content);
            }
        }
    }

    #[test]
    fn an_object_is_counted_and_not_read() {
        let heads = [head("a", MetaType::Main), head("b", MetaType::Enclosure)];
        let mut finder = DmDmForm.attachment_finder();
        let first = [START, &DmDmForm.file_head(&heads[0], ContentForm::Encoded)].concat();
        finder.literal(&first).unwrap();
        finder.encoded(1_000_001).unwrap();
        finder.literal(DmDmForm.file_tail(ContentForm::Encoded)).unwrap();
        finder.literal(&file(&heads[1], ContentForm::Encoded, b"QUJD")).unwrap();
        finder.literal(DmDmForm.tail()).unwrap();
        let found = finder.finish().unwrap();
        assert_eq!(
            (found[0].offset, found[0].length, found[0].bytes),
            (first.len() as u64, 1_333_336, 1_000_001)
        );
        let before =
            DmDmForm.file_head(&heads[1], ContentForm::Encoded).len() + DmDmForm.file_tail(ContentForm::Encoded).len();
        assert_eq!(found[1].offset, first.len() as u64 + 1_333_336 + before as u64);
        assert_eq!(found[1].bytes, 3);
    }

    #[test]
    fn what_was_never_written_is_refused() {
        for bytes in [
            b"<p:dmDm><p:dmFiles><p:dmFile dmFileMetaType='main'>".as_slice(),
            b"</p:dmDm>",
            b"<p:dmDm><p:dmFiles><p:dmFile></p:dmFile></p:dmFiles></p:dmDm>",
            b"<p:dmDm><p:dmFiles><p:other dmFileMetaType='main'/></p:dmFiles></p:dmDm>",
            b"<p:dmDm></p:dmDm>",
            b"",
        ] {
            let mut finder = DmDmForm.attachment_finder();
            let read = finder.literal(bytes);
            assert!(
                read.is_err() || finder.finish().is_err(),
                "{}",
                String::from_utf8_lossy(bytes)
            );
        }
        let mut finder = DmDmForm.attachment_finder();
        finder.literal(START).unwrap();
        assert!(finder.encoded(3).is_err());
    }
}
