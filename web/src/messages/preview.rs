//! What of an attachment a page may show, and as what: judged by its suffix, as it was when the message was accepted, and
//! never by what the sender calls its type.

/// How an attachment is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Preview {
    /// In the browser's own reader.
    Pdf,
    /// A picture that every browser knows, of this type.
    Picture(&'static str),
    /// As text, whatever it would be elsewhere: nothing in it is carried out.
    Text,
}

/// Text longer than this is not shown beside a message.
const LONGEST_TEXT: u64 = 2 * 1024 * 1024;
/// Pictures and documents longer than this are not shown by themselves: a phone would fetch all of it.
const LONGEST: u64 = 50 * 1024 * 1024;

impl Preview {
    /// How the attachment with this name is shown; none where it is not.
    pub(super) fn of(file_name: &str, bytes: u64) -> Option<Self> {
        let suffix = file_name.rsplit_once('.')?.1.to_lowercase();
        let preview = match suffix.as_str() {
            "pdf" => Self::Pdf,
            "png" => Self::Picture("image/png"),
            "jpg" | "jpeg" | "jfif" => Self::Picture("image/jpeg"),
            "gif" => Self::Picture("image/gif"),
            "txt" | "csv" | "xml" | "xsd" | "gml" | "gfs" | "htm" | "html" | "json" | "isdoc" | "fo" => Self::Text,
            _ => return None,
        };
        let longest = if preview == Self::Text { LONGEST_TEXT } else { LONGEST };
        (bytes > 0 && bytes <= longest).then_some(preview)
    }

    /// `Content-Type` of the preview. Text that is not UTF-8 is taken for the code page of Czech Windows.
    pub(super) fn media_type(self, beginning: &[u8]) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Picture(media_type) => media_type,
            Self::Text if is_utf8(beginning) => "text/plain; charset=utf-8",
            Self::Text if beginning.starts_with(&[0xff, 0xfe]) => "text/plain; charset=utf-16le",
            Self::Text if beginning.starts_with(&[0xfe, 0xff]) => "text/plain; charset=utf-16be",
            Self::Text => "text/plain; charset=windows-1250",
        }
    }

    /// `Content-Security-Policy` of the preview: an origin of its own, from which nothing is loaded, sent or run, and
    /// which nobody but our pages frames.
    ///
    /// The browser's reader of PDF is a part of the browser and works inside of it; the attribute `sandbox` of a frame
    /// would switch it off.
    pub(super) fn policy(self) -> &'static str {
        match self {
            Self::Pdf => {
                "sandbox; default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; plugin-types application/pdf; frame-ancestors 'self'"
            }
            Self::Picture(_) | Self::Text => {
                "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'"
            }
        }
    }
}

/// A character may be cut at the end.
fn is_utf8(beginning: &[u8]) -> bool {
    match std::str::from_utf8(beginning) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_could_run_is_shown_as_itself() {
        for name in ["a.html", "a.HTM", "a.xml", "a.xsd"] {
            assert_eq!(Preview::of(name, 10), Some(Preview::Text), "{name}");
        }
        for name in [
            "a.svg",
            "a.xhtml",
            "a.js",
            "a",
            "",
            "a.zip",
            "a.pdf.exe",
            "pdf",
            "a.tiff",
            "a.heic",
        ] {
            assert_eq!(Preview::of(name, 10), None, "{name}");
        }
        assert_eq!(Preview::of("a.PDF", 10), Some(Preview::Pdf));
        assert_eq!(Preview::of("a.txt", 3_000_000), None);
        assert_eq!(Preview::of("a.pdf", 0), None);
        for preview in [Preview::Pdf, Preview::Text, Preview::Picture("image/png")] {
            assert!(preview.policy().starts_with("sandbox;"));
            assert!(!preview.policy().contains("allow-scripts"));
        }
    }

    #[test]
    fn text_is_read_in_its_encoding() {
        let read = |bytes: &[u8]| Preview::Text.media_type(bytes);
        assert_eq!(read("žluťoučký".as_bytes()), "text/plain; charset=utf-8");
        assert_eq!(
            read(&"žluťoučký".as_bytes()[..1]),
            "text/plain; charset=utf-8",
            "cut inside a letter"
        );
        assert_eq!(read(b"\x9elu\x9dou\xe8k\xfd"), "text/plain; charset=windows-1250");
        assert_eq!(read(b"\xff\xfea\0"), "text/plain; charset=utf-16le");
    }
}
