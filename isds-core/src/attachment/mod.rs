//! Rules for attachments (contract, section 7): what may be sent, and that a file is what it says it is.

pub mod container;
mod formats;
mod signature;

use serde::{Deserialize, Serialize};

use crate::envelope::MAX_ANNOTATION;
use crate::error::{Failure, Refusal};
use crate::ops::AttachmentDraft;
use crate::ports::AttachmentHead;
use crate::status::Status;
use crate::text::clean;

use container::ContainerContent;
pub use formats::{FORMATS, Format};
use signature::Sniffer;

/// Longest file name, in characters (`dmFileDescr`).
pub const MAX_FILE_NAME: usize = MAX_ANNOTATION;
/// Longest MIME type, GUID or format, in characters; the contract leaves them unbounded.
const MAX_ATTRIBUTE: usize = 255;

/// Kind of a document within a message (`dmFileMetaType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MetaType {
    /// The document itself.
    Main,
    /// An enclosure to it.
    Enclosure,
    /// A detached signature.
    Signature,
    /// Metadata.
    Meta,
}

impl MetaType {
    const NAMES: [(Self, &'static str); 4] = [
        (Self::Main, "main"),
        (Self::Enclosure, "enclosure"),
        (Self::Signature, "signature"),
        (Self::Meta, "meta"),
    ];

    /// Name in the contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("", |(_, name)| name)
    }

    /// Kind with the name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, n)| *n == name).map(|(kind, _)| *kind)
    }
}

/// `dmAttachmentSize`: kilobytes of what is inside the element `dmFiles`, rounded. The contract says only 'in kilobytes, rounded'; of
/// the readings that were tried this one fits the sealed messages of the real system.
#[must_use]
pub fn size_in_kilobytes(files_bytes: u64) -> i64 {
    i64::try_from((files_bytes + 512) / 1024).unwrap_or(i64::MAX)
}

/// Refuses a MIME type that is empty or none at all, such as a bare suffix. Services for ordinary messages take both for
/// the sake of old clients; those for large ones never did.
///
/// # Errors
/// 2035.
pub fn require_mime_type(mime_type: Option<&str>) -> Result<(), Refusal> {
    let is_type = mime_type
        .and_then(|value| value.trim().split_once('/'))
        .is_some_and(|(kind, subtype)| !kind.is_empty() && !subtype.is_empty());
    if is_type {
        Ok(())
    } else {
        Err(Refusal::of(Status::MIME_TYPE_MISSING))
    }
}

/// Judges one attachment: its head at once, its content as it passes.
#[derive(Debug)]
pub struct AttachmentCheck {
    head: AttachmentHead,
    format: &'static Format,
    sniffer: Sniffer,
    length: u64,
}

impl AttachmentCheck {
    /// Checks name, suffix and MIME type.
    ///
    /// An empty MIME type, or one that is only a suffix, is taken: clients of old send both.
    ///
    /// # Errors
    /// 2007 for a missing or too long attribute, 1214 for a suffix or MIME type that is not allowed.
    pub fn begin(draft: AttachmentDraft) -> Result<Self, Refusal> {
        let meta_type = draft.meta_type.as_deref().unwrap_or("");
        let meta_type = MetaType::from_name(meta_type).ok_or_else(|| {
            Refusal::about(
                Status::INVALID_STRUCTURE,
                "dmFileMetaType je main, enclosure, signature nebo meta.",
            )
        })?;
        let file_name = bounded("dmFileDescr", draft.file_name, MAX_FILE_NAME)?
            .ok_or_else(|| Refusal::about(Status::INVALID_STRUCTURE, "chybí název souboru (dmFileDescr)."))?;
        let mime_type = bounded("dmMimeType", draft.mime_type, MAX_ATTRIBUTE)?;
        let suffix = suffix_of(&file_name);
        let format =
            formats::find(&suffix).ok_or_else(|| format_refusal("Soubory tohoto typu nelze posílat", &file_name))?;
        let given = mime_type.as_deref().map(str::to_lowercase).unwrap_or_default();
        let agrees = given.is_empty() || formats::find(&given) == Some(format) || format.mime_types.contains(&&*given);
        if !agrees {
            return Err(format_refusal("Typ MIME neodpovídá příponě souboru", &file_name));
        }
        let head = AttachmentHead {
            // As it was sent, as the real system keeps it.
            mime_type: mime_type.unwrap_or_default(),
            meta_type,
            file_name,
            guid: bounded("dmFileGuid", draft.guid, MAX_ATTRIBUTE)?,
            up_guid: bounded("dmUpFileGuid", draft.up_guid, MAX_ATTRIBUTE)?,
            format: bounded("dmFormat", draft.format, MAX_ATTRIBUTE)?,
        };
        Ok(Self {
            head,
            format,
            sniffer: Sniffer::default(),
            length: 0,
        })
    }

    /// The head as resolved.
    #[must_use]
    pub fn head(&self) -> &AttachmentHead {
        &self.head
    }

    /// Counts against the limit of containers.
    #[must_use]
    pub fn is_container(&self) -> bool {
        self.format.container.is_some()
    }

    /// Judges what is inside a container, once its content is complete; nothing of other formats.
    ///
    /// Comes before [`finish`](Self::finish), which would find a part of a split archive only to be no archive.
    ///
    /// # Errors
    /// 1214 as [`container::examine`]; failures of the object storage.
    pub async fn examine_container(&self, content: ContainerContent<'_>) -> Result<(), Failure> {
        if let Some(kind) = self.format.container {
            container::examine(kind, content, &self.head.file_name).await?;
        }
        Ok(())
    }

    /// Raw bytes seen.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.length
    }

    /// No byte was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Looks at the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        self.sniffer.feed(bytes);
    }

    /// Judges the content as a whole.
    ///
    /// # Errors
    /// 1214 where the content is not what the name says.
    pub fn finish(self) -> Result<(), Refusal> {
        if self.sniffer.fits(self.format.content) {
            Ok(())
        } else {
            Err(format_refusal(
                "Obsah souboru nebyl identifikován.",
                &self.head.file_name,
            ))
        }
    }
}

fn format_refusal(rule: &str, file_name: &str) -> Refusal {
    Refusal::about(Status::ATTACHMENT_FORMAT, format!("{rule}: {file_name}"))
}

fn bounded(name: &str, value: Option<String>, limit: usize) -> Result<Option<String>, Refusal> {
    let Some(value) = value else { return Ok(None) };
    let cleaned = clean(&value).trim().to_owned();
    if cleaned.chars().count() > limit {
        return Err(Refusal::about(
            Status::INVALID_STRUCTURE,
            format!("{name} má nejvýše {limit} znaků."),
        ));
    }
    Ok(Some(cleaned).filter(|text| !text.is_empty()))
}

/// The format that a file's suffix stands for; none where files of that name may not be sent.
#[must_use]
pub fn format_of(file_name: &str) -> Option<&'static Format> {
    formats::find(&suffix_of(file_name))
}

/// The suffix in lower case, without the dot; empty where there is none.
fn suffix_of(file_name: &str) -> String {
    file_name
        .rsplit_once('.')
        .map(|(_, suffix)| suffix.to_lowercase())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(name: &str, mime: &str) -> AttachmentDraft {
        AttachmentDraft {
            mime_type: Some(mime.into()),
            meta_type: Some("main".into()),
            file_name: Some(name.into()),
            ..AttachmentDraft::default()
        }
    }

    fn judge(name: &str, mime: &str, content: &[u8]) -> Result<String, String> {
        let mut check = AttachmentCheck::begin(draft(name, mime)).map_err(|r| r.text())?;
        for piece in content.chunks(7) {
            check.feed(piece);
        }
        let mime = check.head().mime_type.clone();
        check.finish().map_err(|r| r.text())?;
        Ok(mime)
    }

    #[test]
    fn what_is_what_it_says() {
        assert_eq!(
            judge("a.pdf", "application/pdf", b"%PDF-1.7\n..."),
            Ok("application/pdf".into())
        );
        assert_eq!(judge("A.PDF", "", b"%PDF-1.7\n..."), Ok(String::new()));
        assert_eq!(judge("a.pdf", "pdf", b"%PDF-1.7\n..."), Ok("pdf".into()));
        assert_eq!(
            judge("a.txt", "text/plain", "žluťoučký kůň".as_bytes()),
            Ok("text/plain".into())
        );
        assert_eq!(judge("a.txt", "text/plain", b""), Ok("text/plain".into()));
        assert_eq!(
            judge("foto.jpeg", "image/jpeg", b"\xFF\xD8\xFF\xE0\0\x10JFIF"),
            Ok("image/jpeg".into())
        );
        assert_eq!(
            judge("a.docx", "", b"PK\x03\x04......[Content_Types].xml"),
            Ok(String::new())
        );
    }

    #[test]
    fn what_lies_is_refused() {
        for (name, mime, content) in [
            ("a.pdf", "application/pdf", &b"MZ\x90\0"[..]),
            ("a.txt", "text/plain", b"MZ\x90\0\x03\0\0\0"),
            ("a.png", "image/png", b"%PDF-1.7"),
            ("a.docx", "", b"%PDF-1.7"),
        ] {
            assert!(
                judge(name, mime, content)
                    .unwrap_err()
                    .starts_with("Obsah souboru nebyl identifikován."),
                "{name}"
            );
        }
        assert!(
            judge("a.pdf", "image/png", b"%PDF-1.7")
                .unwrap_err()
                .starts_with("Typ MIME")
        );
    }

    #[test]
    fn forbidden_and_missing_suffixes() {
        for name in ["a.exe", "a.rar", "a.7z", "a", "a.", "pdf"] {
            assert!(
                judge(name, "", b"x").unwrap_err().starts_with("Soubory tohoto typu"),
                "{name}"
            );
        }
    }

    #[test]
    fn heads_are_bounded() {
        let long = draft(&format!("{}.pdf", "x".repeat(252)), "");
        assert_eq!(
            AttachmentCheck::begin(long).unwrap_err().status(),
            Status::INVALID_STRUCTURE
        );
        let no_name = AttachmentDraft {
            file_name: None,
            ..draft("", "")
        };
        assert_eq!(
            AttachmentCheck::begin(no_name).unwrap_err().status(),
            Status::INVALID_STRUCTURE
        );
        let no_meta = AttachmentDraft {
            meta_type: Some("hlavní".into()),
            ..draft("a.pdf", "")
        };
        assert_eq!(
            AttachmentCheck::begin(no_meta).unwrap_err().status(),
            Status::INVALID_STRUCTURE
        );
    }

    #[test]
    fn size_as_in_real_messages() {
        assert_eq!([342, 265_908, 511, 512].map(size_in_kilobytes), [0, 260, 0, 1]);
    }
}
