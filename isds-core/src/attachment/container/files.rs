//! The files of an archive one behind another, as readers meet them that begin at its beginning.

use super::content::Window;
use super::directory::Entry;
use super::headers::{DESCRIPTOR, Extra, Header, LOCAL, LOCAL_LENGTH, Numbers, STORED, parts};
use super::{Fault, Stop};

/// Compares the entries with the headers of the files, which have to fill the archive from the first byte to
/// `directory`: so no two of them share bytes, and nothing hides between them.
pub(super) async fn compare(window: &mut Window<'_>, entries: &[Entry], directory: u64) -> Result<(), Stop> {
    let mut in_order: Vec<&Entry> = entries.iter().collect();
    in_order.sort_unstable_by_key(|entry| entry.offset);
    if in_order.first().map_or(directory, |first| first.offset) != 0 {
        return Err(Fault::Broken("something lies before the first file").into());
    }
    let nexts = in_order.iter().skip(1).map(|entry| entry.offset).chain([directory]);
    for (entry, next) in in_order.iter().zip(nexts) {
        compare_one(window, entry, next).await?;
    }
    Ok(())
}

async fn compare_one(window: &mut Window<'_>, entry: &Entry, next: u64) -> Result<(), Stop> {
    let mut numbers = Numbers(window.at(entry.offset, LOCAL_LENGTH).await?);
    if numbers.u32() != LOCAL {
        return Err(Fault::Broken("no file where the directory says").into());
    }
    let _needed = numbers.u16();
    let (flags, method, _changed) = (numbers.u16(), numbers.u16(), numbers.u32());
    let (crc, mut packed, mut unpacked) = (numbers.u32(), u64::from(numbers.u32()), u64::from(numbers.u32()));
    let (name, extra) = (numbers.u16(), numbers.u16());
    let length = LOCAL_LENGTH + usize::from(name) + usize::from(extra);
    let (name, extra) = parts(window.at(entry.offset, length).await?, LOCAL_LENGTH, name, extra);
    let extra = Extra::parse(extra)?;
    extra.widen(&mut [&mut unpacked, &mut packed])?;
    let local = Header {
        flags,
        method,
        crc,
        packed,
        unpacked,
    };
    local.check(&extra)?;
    let other_name = extra.unicode_name.is_some() && extra.unicode_name != entry.unicode_name.as_deref();
    if name != entry.name || other_name || method != entry.header.method {
        return Err(Fault::Broken("a file is not what the directory says").into());
    }
    let leaves_out = local.agree(&entry.header)?;
    let end = (entry.offset + length as u64).checked_add(entry.header.packed);
    let behind = end.and_then(|end| next.checked_sub(end));
    let behind = behind.ok_or(Fault::Broken("two files share bytes"))?;
    // Readers from the beginning expect lengths behind the content where the local header says so, others never look.
    match (local.has_descriptor(), behind) {
        (_, 0) if !leaves_out => Ok(()),
        (true, 12 | 16 | 20 | 24) => {
            let descriptor = window.at(next - behind, behind as usize).await?;
            Ok(check_descriptor(descriptor, &entry.header)?)
        }
        _ => Err(Fault::Broken("something lies between two files").into()),
    }
}

impl Header {
    /// Whether the local header leaves something to what follows the content. It may say nothing else than the entry.
    fn agree(&self, entry: &Self) -> Result<bool, Fault> {
        let descriptor = self.has_descriptor();
        if descriptor && self.method == STORED && self.packed == 0 && entry.packed != 0 {
            return Err(Fault::NoLength);
        }
        let pairs = [
            (u64::from(self.crc), u64::from(entry.crc)),
            (self.packed, entry.packed),
            (self.unpacked, entry.unpacked),
        ];
        let mut leaves_out = false;
        for (local, said) in pairs.into_iter().filter(|(local, said)| local != said) {
            if !descriptor || local != 0 {
                return Err(Fault::Broken("a file is not what the directory says"));
            }
            leaves_out |= said != 0;
        }
        Ok(leaves_out)
    }
}

/// The lengths behind a content, with or without a mark before them, in 32 or 64 bits.
fn check_descriptor(bytes: &[u8], entry: &Header) -> Result<(), Fault> {
    let mut numbers = Numbers(bytes);
    let marked = matches!(bytes.len(), 16 | 24);
    if marked && numbers.u32() != DESCRIPTOR {
        return Err(Fault::Broken("something lies between two files"));
    }
    let crc = numbers.u32();
    let (packed, unpacked) = match bytes.len() {
        12 | 16 => (u64::from(numbers.u32()), u64::from(numbers.u32())),
        _ => (numbers.u64(), numbers.u64()),
    };
    if (crc, packed, unpacked) == (entry.crc, entry.packed, entry.unpacked) {
        Ok(())
    } else {
        Err(Fault::Broken("something lies between two files"))
    }
}
