//! The allowed formats: suffixes, MIME types, and what their content looks like (manual M, chapter 3; bulletins B2172,
//! B2175, B2224).

use super::container::ContainerKind;
use super::signature::ContentKind;

/// An allowed format.
#[derive(Debug, PartialEq, Eq)]
pub struct Format {
    /// Suffixes in lower case.
    pub suffixes: &'static [&'static str],
    /// MIME types; the first is taken where the sender gives none.
    pub mime_types: &'static [&'static str],
    /// What the content must look like.
    pub content: ContentKind,
    /// Which container of other files it is. A message has at most ten of them.
    pub container: Option<ContainerKind>,
}

const fn format(
    suffixes: &'static [&'static str],
    mime_types: &'static [&'static str],
    content: ContentKind,
) -> Format {
    Format {
        suffixes,
        mime_types,
        content,
        container: None,
    }
}

const fn container(
    suffixes: &'static [&'static str],
    mime_types: &'static [&'static str],
    kind: ContainerKind,
) -> Format {
    Format {
        suffixes,
        mime_types,
        content: ContentKind::Zip,
        container: Some(kind),
    }
}

use ContentKind as K;

/// The table. Anything that is not in it is refused.
pub const FORMATS: &[Format] = &[
    format(&["pdf"], &["application/pdf"], K::Pdf),
    format(&["txt"], &["text/plain"], K::Text),
    format(&["csv"], &["text/csv"], K::Text),
    format(&["xml", "xsd", "gml", "gfs"], &["application/xml", "text/xml"], K::Text),
    format(
        &["fo"],
        &["application/vnd.software602.filler.form+xml", "application/xml"],
        K::Text,
    ),
    format(&["htm", "html"], &["text/html"], K::Text),
    format(&["isdoc"], &["text/isdoc"], K::Text),
    format(&["isdocx"], &["text/isdocx"], K::Zip),
    format(&["json"], &["application/json"], K::Text),
    format(&["rtf"], &["application/rtf", "text/rtf", "application/msword"], K::Rtf),
    format(
        &["edi"],
        &[
            "application/edifact",
            "application/edi-x12",
            "application/edi-consent",
            "text/plain",
            "text/xml",
            "application/xml",
        ],
        K::Text,
    ),
    format(&["doc"], &["application/msword"], K::Ole),
    format(&["xls"], &["application/vnd.ms-excel"], K::Ole),
    format(&["ppt"], &["application/vnd.ms-powerpoint"], K::Ole),
    format(
        &["docx"],
        &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
        K::Zip,
    ),
    format(
        &["xlsx"],
        &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
        K::Zip,
    ),
    format(
        &["pptx"],
        &["application/vnd.openxmlformats-officedocument.presentationml.presentation"],
        K::Zip,
    ),
    format(&["odt"], &["application/vnd.oasis.opendocument.text"], K::Zip),
    format(&["ods"], &["application/vnd.oasis.opendocument.spreadsheet"], K::Zip),
    format(&["odp"], &["application/vnd.oasis.opendocument.presentation"], K::Zip),
    format(&["gif"], &["image/gif"], K::Gif),
    format(&["jpg", "jpeg", "jfif"], &["image/jpeg", "image/pjpeg"], K::Jpeg),
    format(&["png"], &["image/png", "image/x-png"], K::Png),
    format(&["tif", "tiff"], &["image/tiff"], K::Tiff),
    format(&["heic"], &["image/heic", "image/heic-sequence"], K::IsoMedia),
    format(&["heif"], &["image/heif", "image/heif-sequence"], K::IsoMedia),
    format(&["mp4"], &["video/mp4", "audio/mp4"], K::IsoMedia),
    format(&["m4p"], &["audio/mp4", "video/mp4"], K::IsoMedia),
    format(&["m4a"], &["audio/mp4"], K::IsoMedia),
    format(&["m4v"], &["video/mp4"], K::IsoMedia),
    format(
        &["mpeg", "mpeg1", "mpeg2", "mpg"],
        &["video/mpeg", "video/mpeg1", "video/mpeg2", "video/mpg"],
        K::MpegVideo,
    ),
    format(&["mp2", "mp3"], &["audio/mpeg"], K::MpegAudio),
    format(&["wav"], &["audio/wav", "audio/wave", "audio/x-wav"], K::Wave),
    format(&["cer", "crt", "der"], &["application/x-x509-ca-cert"], K::DerOrPem),
    format(
        &["p7b"],
        &[
            "application/pkcs7-certificates",
            "application/x-pkcs7-certificates",
            "application/pkcs7-mime",
        ],
        K::DerOrPem,
    ),
    format(
        &["p7c", "p7m", "pk7"],
        &["application/pkcs7-mime", "application/x-pkcs7-mime"],
        K::DerOrPem,
    ),
    format(&["p7f"], &["application/pkcs7-signature"], K::DerOrPem),
    format(
        &["p7s"],
        &["application/pkcs7-signature", "application/x-pkcs7-signature"],
        K::DerOrPem,
    ),
    format(&["tst", "tsr"], &["application/timestamp-reply"], K::DerOrPem),
    format(
        &["zfo"],
        &["application/vnd.software602.filler.form-xml-zip"],
        K::DerOrZip,
    ),
    format(&["dwg"], &["image/vnd.dwg"], K::Dwg),
    format(
        &["dbf", "dgn", "prj", "qix", "sbn", "sbx", "shp", "shx", "ddd"],
        &["application/octet-stream"],
        K::AnyButProgram,
    ),
    container(
        &["zip"],
        &[
            "application/zip",
            "application/x-compressed",
            "application/x-zip-compressed",
        ],
        ContainerKind::Zip,
    ),
    container(
        &["asice", "sce"],
        &["application/vnd.etsi.asic-e+zip"],
        ContainerKind::AsicExtended,
    ),
    container(
        &["asics", "scs"],
        &["application/vnd.etsi.asic-s+zip"],
        ContainerKind::AsicSimple,
    ),
];

/// The format with the suffix (lower case).
pub(super) fn find(suffix: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.suffixes.contains(&suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_stands_once_and_has_a_mime_type() {
        let mut seen = std::collections::HashSet::new();
        for format in FORMATS {
            assert!(!format.mime_types.is_empty());
            for suffix in format.suffixes {
                assert!(seen.insert(suffix), "{suffix}");
                assert_eq!(*suffix, suffix.to_lowercase());
            }
        }
        assert!(seen.len() >= 70, "{} suffixes", seen.len());
    }
}
