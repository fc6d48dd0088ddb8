//! The directory at the end of an archive: where it lies, and what it says of each file.

use super::content::Window;
use super::headers::{
    CENTRAL, CENTRAL_LENGTH, DESCRIPTOR, END, END_64, END_64_LENGTH, END_LENGTH, Extra, Header, LOCAL, LOCATOR_64,
    LOCATOR_64_LENGTH, Numbers, STORED, parts,
};
use super::names::{Path, Tree};
use super::{ContainerKind, Fault, Inside, MAX_UNPACKED, Stop};

/// Longest directory, in bytes. A thousand files with long names and comments take a tenth of it.
const MAX_DIRECTORY: u64 = 4 * 1024 * 1024;
/// How many times its length Deflate makes a content at most: 258 bytes of two bits.
const MAX_RATIO: u64 = 1032;

/// Where the directory lies.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub begin: u64,
    end: u64,
    /// How many entries it says that it has.
    count: u64,
}

/// A file or folder, as the directory describes it.
#[derive(Debug)]
pub(super) struct Entry {
    /// Name in the bytes of the archive.
    pub name: Vec<u8>,
    /// The other name that readers may take.
    pub unicode_name: Option<Vec<u8>>,
    pub path: Path,
    pub header: Header,
    /// Where its local header lies.
    pub offset: u64,
}

/// The directory as read.
pub(super) struct Directory {
    /// In its own order.
    pub entries: Vec<Entry>,
    pub inside: Inside,
}

/// Finds the directory by the record at the very end.
pub(super) async fn locate(window: &mut Window<'_>) -> Result<Place, Stop> {
    let length = window.len();
    if length < END_LENGTH as u64 {
        return Err(Fault::NoArchive.into());
    }
    let first = Numbers(window.at(0, 4).await?).u32();
    if first == DESCRIPTOR {
        return Err(Fault::Split.into());
    }
    // A comment of up to 65 535 bytes may stand behind the record.
    let tail_begin = length.saturating_sub(END_LENGTH as u64 + u64::from(u16::MAX));
    let tail = window.at(tail_begin, (length - tail_begin) as usize).await?;
    let Some(at) = tail.windows(4).rposition(|bytes| bytes == END.to_le_bytes()) else {
        let cut = first == LOCAL;
        return Err(if cut {
            Fault::Broken("no end of the directory")
        } else {
            Fault::NoArchive
        }
        .into());
    };
    let mut numbers = Numbers(&tail[at + 4..]);
    let (disk, directory_disk) = (numbers.u16(), numbers.u16());
    let (count_here, count) = (numbers.u16(), numbers.u16());
    let (size, begin) = (u64::from(numbers.u32()), u64::from(numbers.u32()));
    let comment = usize::from(numbers.u16());
    if tail.len() != at + END_LENGTH + comment {
        return Err(Fault::Broken("the end of the directory is not the end").into());
    }
    let at = tail_begin + at as u64;
    let wide = [disk, directory_disk, count_here, count].contains(&u16::MAX)
        || [size, begin].contains(&u64::from(u32::MAX))
        || begin + size != at;
    let narrow = End {
        disk: u32::from(disk),
        directory_disk: u32::from(directory_disk),
        count_here: u64::from(count_here),
        count: u64::from(count),
        size,
        begin,
        at,
    };
    let end = match wide {
        true => locate_wide(window, &narrow).await?.unwrap_or(narrow),
        false => narrow,
    };
    if end.disk != 0 || end.directory_disk != 0 || end.count_here != end.count {
        return Err(Fault::Split.into());
    }
    if !matches!(first, LOCAL | END) {
        return Err(Fault::NoArchive.into());
    }
    if end.begin.checked_add(end.size) != Some(end.at) {
        return Err(Fault::Broken("the directory is not where its end says").into());
    }
    Ok(Place {
        begin: end.begin,
        end: end.at,
        count: end.count,
    })
}

/// What the end of the directory says, in either of its forms.
struct End {
    disk: u32,
    directory_disk: u32,
    count_here: u64,
    count: u64,
    size: u64,
    begin: u64,
    /// Where the record itself lies.
    at: u64,
}

/// The form with 64-bit numbers, if there is one. What the narrow form says too has to agree.
async fn locate_wide(window: &mut Window<'_>, narrow: &End) -> Result<Option<End>, Stop> {
    let Some(locator_at) = narrow.at.checked_sub(LOCATOR_64_LENGTH as u64) else {
        return Ok(None);
    };
    let mut numbers = Numbers(window.at(locator_at, LOCATOR_64_LENGTH).await?);
    if numbers.u32() != LOCATOR_64 {
        return Ok(None);
    }
    let (disk, at, disks) = (numbers.u32(), numbers.u64(), numbers.u32());
    if disk != 0 || disks > 1 {
        return Err(Fault::Split.into());
    }
    let mut numbers = Numbers(window.at(at, END_64_LENGTH).await?);
    if numbers.u32() != END_64 {
        return Err(Fault::Broken("the 64-bit end of the directory is not there").into());
    }
    let length = numbers.u64();
    let (_versions, disk, directory_disk) = (numbers.u32(), numbers.u32(), numbers.u32());
    let (count_here, count, size, begin) = (numbers.u64(), numbers.u64(), numbers.u64(), numbers.u64());
    if length > END_64_LENGTH as u64 - 12 {
        // Version 2 of the record: the directory itself may be compressed or encrypted.
        return Err(Fault::Unsupported.into());
    }
    if length < END_64_LENGTH as u64 - 12 || at + END_64_LENGTH as u64 != locator_at {
        return Err(Fault::Broken("the 64-bit end of the directory is not there").into());
    }
    let agree = |narrow: u64, wide: u64, most: u64| narrow == most || narrow == wide;
    let (most_16, most_32) = (u64::from(u16::MAX), u64::from(u32::MAX));
    let agrees = agree(narrow.count_here, count_here, most_16)
        && agree(narrow.count, count, most_16)
        && agree(narrow.size, size, most_32)
        && agree(narrow.begin, begin, most_32)
        && agree(u64::from(narrow.disk), u64::from(disk), most_16)
        && agree(u64::from(narrow.directory_disk), u64::from(directory_disk), most_16);
    if !agrees {
        return Err(Fault::Broken("the two ends of the directory differ").into());
    }
    Ok(Some(End {
        disk,
        directory_disk,
        count_here,
        count,
        size,
        begin,
        at,
    }))
}

/// Reads the directory, up to the first entry that breaks a rule: more than the rules allow is never read.
pub(super) async fn read(window: &mut Window<'_>, place: &Place, kind: ContainerKind) -> Result<Directory, Stop> {
    let (mut entries, mut tree, mut unpacked) = (Vec::new(), Tree::default(), 0_u64);
    let mut at = place.begin;
    while at < place.end {
        if at - place.begin > MAX_DIRECTORY {
            return Err(Fault::Broken("the directory is too long").into());
        }
        let (entry, length) = read_entry(window, at).await?;
        at += length;
        if at > place.end {
            return Err(Fault::Broken("an entry reaches out of the directory").into());
        }
        entry.path.check(kind)?;
        if let Some(name) = &entry.unicode_name {
            Path::parse(name, true)?.check(kind)?;
        }
        tree.add(&entry.path)?;
        unpacked = unpacked.saturating_add(entry.header.unpacked);
        if unpacked > MAX_UNPACKED {
            return Err(Fault::TooLarge.into());
        }
        entry.check_lengths()?;
        entries.push(entry);
    }
    if place.count != entries.len() as u64 {
        return Err(Fault::Broken("the directory has not as many entries as it says").into());
    }
    let inside = Inside {
        files: tree.files,
        folders: tree.folders,
        unpacked,
    };
    Ok(Directory { entries, inside })
}

/// The entry at `at` and its length.
async fn read_entry(window: &mut Window<'_>, at: u64) -> Result<(Entry, u64), Stop> {
    let mut numbers = Numbers(window.at(at, CENTRAL_LENGTH).await?);
    if numbers.u32() != CENTRAL {
        return Err(Fault::Broken("an entry of the directory is none").into());
    }
    let (made_by, _needed) = (numbers.u16(), numbers.u16());
    let (flags, method, _changed) = (numbers.u16(), numbers.u16(), numbers.u32());
    let (crc, mut packed, mut unpacked) = (numbers.u32(), u64::from(numbers.u32()), u64::from(numbers.u32()));
    let (name, extra, comment) = (numbers.u16(), numbers.u16(), numbers.u16());
    let (disk, _internal, external) = (numbers.u16(), numbers.u16(), numbers.u32());
    let mut offset = u64::from(numbers.u32());

    let fixed_and_parts = CENTRAL_LENGTH + usize::from(name) + usize::from(extra);
    let record = window.at(at, fixed_and_parts).await?;
    let (name, extra) = parts(record, CENTRAL_LENGTH, name, extra);
    let extra = Extra::parse(extra)?;
    extra.widen(&mut [&mut unpacked, &mut packed, &mut offset])?;
    let header = Header {
        flags,
        method,
        crc,
        packed,
        unpacked,
    };
    header.check(&extra)?;
    if !matches!(disk, 0 | u16::MAX) {
        return Err(Fault::Split.into());
    }
    if !is_file_or_folder(made_by, external) {
        return Err(Fault::Broken("an entry that is neither file nor folder").into());
    }
    let entry = Entry {
        path: Path::parse(name, flags & (1 << 11) != 0)?,
        name: name.to_vec(),
        unicode_name: extra.unicode_name.map(<[u8]>::to_vec),
        header,
        offset,
    };
    Ok((entry, (fixed_and_parts + usize::from(comment)) as u64))
}

/// Links and devices have no place in a message. Only systems that have them say so.
fn is_file_or_folder(made_by: u16, external: u32) -> bool {
    const UNIX: u16 = 3;
    const MAC_OS: u16 = 19;
    const KIND: u32 = 0o170_000;
    const FILE: u32 = 0o100_000;
    const FOLDER: u32 = 0o040_000;
    !matches!(made_by >> 8, UNIX | MAC_OS) || matches!((external >> 16) & KIND, 0 | FILE | FOLDER)
}

impl Entry {
    /// Lengths that no honest writer gives. Whether a compressed file is really as long as this says, only unpacking
    /// would show; what unpacks stops at the length, or at the checksum that then does not fit.
    fn check_lengths(&self) -> Result<(), Fault> {
        let Header { packed, unpacked, .. } = self.header;
        let possible = match self.header.method {
            STORED => packed == unpacked,
            _ => unpacked <= packed.saturating_mul(MAX_RATIO),
        };
        if !possible || (self.path.folder && unpacked != 0) {
            return Err(Fault::Broken("an impossible length"));
        }
        Ok(())
    }
}
