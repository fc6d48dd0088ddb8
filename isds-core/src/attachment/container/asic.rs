//! The form of ASiC containers (ETSI EN 319 162-1, clauses 4.3 and 4.4, annex A). Signatures are not verified: whoever
//! receives them does that.

use super::content::Window;
use super::directory::Entry;
use super::headers::{LOCAL_LENGTH, STORED};
use super::{ContainerKind, Fault, Stop};

const SIMPLE: &str = "application/vnd.etsi.asic-s+zip";
const EXTENDED: &str = "application/vnd.etsi.asic-e+zip";
/// Longest media type, in bytes (RFC 6838, section 4.2: twice 127 and the slash).
const MAX_MEDIA_TYPE: u64 = 255;

/// Checks that the container has signed files, and signatures or timestamps where the standard puts them.
pub(super) async fn check(window: &mut Window<'_>, entries: &[Entry], kind: ContainerKind) -> Result<(), Stop> {
    let files = || entries.iter().filter(|entry| !entry.path.folder);
    if let Some(entry) = files().find(|entry| entry.path.text == "mimetype") {
        check_media_type(window, entry, kind).await?;
    }
    let signed: Vec<&str> = files()
        .map(|entry| entry.path.text.as_str())
        .filter(|path| *path != "mimetype" && !path.starts_with("META-INF/"))
        .collect();
    let meta: Vec<String> = files()
        .filter_map(|entry| entry.path.text.strip_prefix("META-INF/"))
        .map(str::to_lowercase)
        .collect();
    let of = |evidence: Evidence| meta.iter().any(|name| Evidence::of(name) == Some(evidence));
    match kind {
        ContainerKind::AsicSimple if signed.len() != 1 || signed.iter().any(|path| path.contains('/')) => {
            return Err(Fault::Asic("ASiC-S signs one file, which lies at the top").into());
        }
        _ if signed.is_empty() => return Err(Fault::Asic("no signed file").into()),
        _ => {}
    }
    let complete = match kind {
        ContainerKind::AsicSimple => of(Evidence::Xml) || of(Evidence::Detached),
        // Only signatures in XML name the files that they sign; for the others a manifest does.
        _ => of(Evidence::Xml) || (of(Evidence::Detached) && of(Evidence::Manifest)),
    };
    if complete {
        Ok(())
    } else {
        Err(Fault::Asic("no signature, timestamp or evidence record").into())
    }
}

/// Kinds of files in `META-INF`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Evidence {
    /// Signatures in XML (`XAdES`).
    Xml,
    /// `CAdES` signature, timestamp token or evidence record.
    Detached,
    /// List of the files that one of those is about.
    Manifest,
}

impl Evidence {
    /// By its name in lower case, in which the standard leaves only parts free.
    fn of(name: &str) -> Option<Self> {
        let (stem, suffix) = name.rsplit_once('.')?;
        match suffix {
            "xml" if stem.starts_with("asic") && stem.contains("manifest") => Some(Self::Manifest),
            "xml" if stem.contains("signatures") => Some(Self::Xml),
            "p7s" if stem.contains("signature") => Some(Self::Detached),
            "tst" if stem.contains("timestamp") => Some(Self::Detached),
            "ers" | "xml" if stem.contains("evidencerecord") => Some(Self::Detached),
            _ => None,
        }
    }
}

/// The file `mimetype` comes first and can be read without unpacking. It holds the type of the container, or that of
/// what is signed; the type of the other container would contradict the name of this one.
async fn check_media_type(window: &mut Window<'_>, entry: &Entry, kind: ContainerKind) -> Result<(), Stop> {
    let length = entry.header.packed;
    if entry.offset != 0 || entry.header.method != STORED || length > MAX_MEDIA_TYPE {
        return Err(Fault::Asic("mimetype is not the first file, or compressed, or too long").into());
    }
    let begin = LOCAL_LENGTH + entry.name.len();
    let header = window.at(0, begin).await?;
    if header[28..30] != [0, 0] {
        return Err(Fault::Asic("mimetype has an extra field").into());
    }
    let bytes = window.at(begin as u64, length as usize).await?;
    let media_type = std::str::from_utf8(bytes).map(str::trim).unwrap_or_default();
    let other = match kind {
        ContainerKind::AsicSimple => EXTENDED,
        _ => SIMPLE,
    };
    let is_type = media_type
        .split_once('/')
        .is_some_and(|(kind, subtype)| !kind.is_empty() && !subtype.is_empty());
    if is_type && media_type != other {
        Ok(())
    } else {
        Err(Fault::Asic("mimetype has another type").into())
    }
}
