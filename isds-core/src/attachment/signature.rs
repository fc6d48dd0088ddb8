//! What a file is, judged by its first bytes.

/// What content must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentKind {
    /// `%PDF-` within the first kilobyte, where readers look for it.
    Pdf,
    /// Text in any encoding: no control characters but white space, or Unicode with a byte order mark.
    Text,
    /// Rich text.
    Rtf,
    /// Compound file of the older office formats; some of them are RTF under another name.
    Ole,
    /// ZIP archive.
    Zip,
    /// GIF image.
    Gif,
    /// JPEG image.
    Jpeg,
    /// PNG image.
    Png,
    /// TIFF image.
    Tiff,
    /// ISO base media file (MP4, HEIF).
    IsoMedia,
    /// MPEG program or transport stream, or elementary video.
    MpegVideo,
    /// MPEG audio frames, possibly behind an ID3 tag.
    MpegAudio,
    /// RIFF wave.
    Wave,
    /// DER, or its PEM form.
    DerOrPem,
    /// DER or BER of a sealed message, or the ZIP that forms of the filler are.
    DerOrZip,
    /// `AutoCAD` drawing.
    Dwg,
    /// Formats without a signature: anything that is no program.
    AnyButProgram,
}

/// How many bytes are looked at.
const WINDOW: usize = 4096;

/// Keeps the beginning of a content.
#[derive(Debug, Default)]
pub(super) struct Sniffer {
    head: Vec<u8>,
}

impl Sniffer {
    pub fn feed(&mut self, bytes: &[u8]) {
        let missing = WINDOW - self.head.len();
        self.head.extend_from_slice(&bytes[..missing.min(bytes.len())]);
    }

    /// Whether the beginning is one of the wanted kind.
    pub fn fits(&self, kind: ContentKind) -> bool {
        use ContentKind as K;
        let head = self.head.as_slice();
        let starts = |signatures: &[&[u8]]| signatures.iter().any(|s| head.starts_with(s));
        match kind {
            K::Pdf => find(&head[..head.len().min(1024)], b"%PDF-"),
            K::Text => is_text(head),
            K::Rtf => starts(&[b"{\\rtf"]),
            K::Ole => starts(&[b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", b"{\\rtf"]),
            K::Zip => starts(&[b"PK\x03\x04", b"PK\x05\x06"]),
            K::Gif => starts(&[b"GIF87a", b"GIF89a"]),
            K::Jpeg => starts(&[b"\xFF\xD8\xFF"]),
            K::Png => starts(&[b"\x89PNG\r\n\x1A\n"]),
            K::Tiff => starts(&[b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"]),
            K::IsoMedia => head.get(4..8) == Some(b"ftyp"),
            K::MpegVideo => starts(&[b"\0\0\x01\xBA", b"\0\0\x01\xB3", b"\x47"]),
            K::MpegAudio => starts(&[b"ID3"]) || matches!(head, [0xFF, second, ..] if second & 0xE0 == 0xE0),
            K::Wave => starts(&[b"RIFF"]) && head.get(8..12) == Some(b"WAVE"),
            K::DerOrPem => starts(&[b"\x30", b"-----BEGIN "]),
            K::DerOrZip => starts(&[b"\x30", b"PK\x03\x04"]),
            K::Dwg => starts(&[b"AC10"]),
            K::AnyButProgram => !is_program(head),
        }
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

fn is_text(head: &[u8]) -> bool {
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
        return true;
    }
    head.iter()
        .all(|byte| *byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1A | 0x1B))
}

fn is_program(head: &[u8]) -> bool {
    [
        &b"MZ"[..],
        b"\x7FELF",
        b"#!",
        b"\xCA\xFE\xBA\xBE",
        b"\xCF\xFA\xED\xFE",
        b"\xFE\xED\xFA\xCF",
    ]
    .iter()
    .any(|signature| head.starts_with(signature))
}
