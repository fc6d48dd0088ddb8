//! Records of a ZIP archive (APPNOTE 6.3, section 4.3), as they stand in its bytes.

use super::Fault;

/// The local header of a file.
pub(super) const LOCAL: u32 = 0x0403_4B50;
/// The header of a file in the directory.
pub(super) const CENTRAL: u32 = 0x0201_4B50;
/// The end of the directory.
pub(super) const END: u32 = 0x0605_4B50;
/// The end of the directory with 64-bit numbers.
pub(super) const END_64: u32 = 0x0606_4B50;
/// Where that lies.
pub(super) const LOCATOR_64: u32 = 0x0706_4B50;
/// Lengths and checksum behind a content. At the beginning of a file it marks the first part of a split archive.
pub(super) const DESCRIPTOR: u32 = 0x0807_4B50;

pub(super) const LOCAL_LENGTH: usize = 30;
pub(super) const CENTRAL_LENGTH: usize = 46;
pub(super) const END_LENGTH: usize = 22;
pub(super) const END_64_LENGTH: usize = 56;
pub(super) const LOCATOR_64_LENGTH: usize = 20;

/// Stored as it is.
pub(super) const STORED: u16 = 0;
/// Compressed with Deflate.
pub(super) const DEFLATED: u16 = 8;
/// In place of a method: encrypted with AES, the method stands in an extra field.
const AES: u16 = 99;

/// Reads numbers one after another; beyond the end they are 0, since callers ask for records of known length.
pub(super) struct Numbers<'a>(pub &'a [u8]);

impl Numbers<'_> {
    fn take(&mut self, length: usize) -> u64 {
        let (now, later) = self.0.split_at(length.min(self.0.len()));
        self.0 = later;
        now.iter()
            .rev()
            .fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }

    pub fn u16(&mut self) -> u16 {
        self.take(2) as u16
    }

    pub fn u32(&mut self) -> u32 {
        self.take(4) as u32
    }

    pub fn u64(&mut self) -> u64 {
        self.take(8)
    }
}

/// What both headers of a file say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub flags: u16,
    pub method: u16,
    pub crc: u32,
    /// Bytes in the archive.
    pub packed: u64,
    /// Bytes of the file.
    pub unpacked: u64,
}

impl Header {
    /// Lengths and checksum stand behind the content, where the local header may leave them out.
    pub fn has_descriptor(&self) -> bool {
        self.flags & (1 << 3) != 0
    }

    /// What nobody could open: encrypted, or compressed in a way that not every program knows. ISO/IEC 21320-1, and
    /// with it every program that reads archives, has these two methods.
    pub fn check(&self, extra: &Extra<'_>) -> Result<(), Fault> {
        const ENCRYPTED: u16 = 1 | (1 << 6) | (1 << 13);
        if self.flags & ENCRYPTED != 0 || self.method == AES || extra.encrypted {
            return Err(Fault::Encrypted);
        }
        const PATCH: u16 = 1 << 5;
        if self.flags & PATCH != 0 || !matches!(self.method, STORED | DEFLATED) {
            return Err(Fault::Unsupported);
        }
        Ok(())
    }
}

/// What matters of the extra fields of a header.
#[derive(Debug, Default)]
pub(super) struct Extra<'a> {
    /// Numbers that do not fit in the header.
    pub zip64: Option<&'a [u8]>,
    /// Another name, which readers that know this field take instead of the header's.
    pub unicode_name: Option<&'a [u8]>,
    pub encrypted: bool,
}

impl<'a> Extra<'a> {
    pub fn parse(mut bytes: &'a [u8]) -> Result<Self, Fault> {
        let mut extra = Self::default();
        // Some writers pad the field with zeros that make no record.
        while bytes.len() >= 4 {
            let mut numbers = Numbers(bytes);
            let (kind, length) = (numbers.u16(), usize::from(numbers.u16()));
            let value = bytes.get(4..4 + length).ok_or(Fault::Broken("an extra field is cut"))?;
            let twice = match kind {
                0x0001 => extra.zip64.replace(value).is_some(),
                // Version 1, the checksum of the header's name, the name.
                0x7075 => extra.unicode_name.replace(value.get(5..).unwrap_or_default()).is_some(),
                0x0017 | 0x9901 => {
                    extra.encrypted = true;
                    false
                }
                _ => false,
            };
            if twice {
                return Err(Fault::Broken("an extra field stands twice"));
            }
            bytes = &bytes[4 + length..];
        }
        if bytes.iter().any(|byte| *byte != 0) {
            return Err(Fault::Broken("bytes behind the extra fields"));
        }
        Ok(extra)
    }

    /// Takes the numbers that the header has left to this field, in the order in which they stand there.
    pub fn widen(&self, numbers: &mut [&mut u64]) -> Result<(), Fault> {
        let mut wide = self.zip64.unwrap_or_default();
        for number in numbers {
            if **number == u64::from(u32::MAX) {
                if wide.len() < 8 {
                    return Err(Fault::Broken("a 64-bit number is missing"));
                }
                **number = Numbers(wide).u64();
                wide = &wide[8..];
            }
        }
        Ok(())
    }
}

/// The variable parts behind a header of `fixed` bytes, whose lengths are these.
pub(super) fn parts(record: &[u8], fixed: usize, name: u16, extra: u16) -> (&[u8], &[u8]) {
    let rest = record.get(fixed..).unwrap_or_default();
    let (name, rest) = rest.split_at(usize::from(name).min(rest.len()));
    let (extra, _) = rest.split_at(usize::from(extra).min(rest.len()));
    (name, extra)
}
