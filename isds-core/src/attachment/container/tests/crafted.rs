//! Archives written by hand, field by field.

/// A file, in both of its headers.
#[derive(Clone)]
pub struct Crafted {
    pub name: Vec<u8>,
    pub local_name: Vec<u8>,
    pub flags: u16,
    pub local_flags: u16,
    pub method: u16,
    pub local_method: u16,
    /// Bytes as they lie in the archive.
    pub packed: Vec<u8>,
    pub unpacked: u32,
    /// Lengths in the local header, if other ones: packed, unpacked.
    pub local_lengths: Option<(u32, u32)>,
    /// What stands behind the content.
    pub behind: Vec<u8>,
    pub extra: Vec<u8>,
    pub local_extra: Vec<u8>,
    pub made_by: u16,
    pub external: u32,
    pub disk: u16,
    /// Where the directory says that the file lies, if elsewhere.
    pub offset: Option<u32>,
}

/// Checksum of every crafted file: nobody computes it.
pub const CRC: u32 = 0x1234_5678;

impl Crafted {
    pub fn stored(name: &[u8], content: &[u8]) -> Self {
        Self {
            name: name.to_vec(),
            local_name: name.to_vec(),
            flags: 1 << 11,
            local_flags: 1 << 11,
            method: 0,
            local_method: 0,
            packed: content.to_vec(),
            unpacked: content.len() as u32,
            local_lengths: None,
            behind: Vec::new(),
            extra: Vec::new(),
            local_extra: Vec::new(),
            made_by: 0,
            external: 0,
            disk: 0,
            offset: None,
        }
    }

    /// A file that is said to be compressed. Nobody unpacks it.
    pub fn deflated(name: &[u8], packed: usize, unpacked: u32) -> Self {
        Self {
            method: 8,
            local_method: 8,
            unpacked,
            ..Self::stored(name, &vec![0; packed])
        }
    }

    /// Lengths and checksum behind the content, none before it.
    pub fn with_descriptor(self) -> Self {
        let lengths = [0x0807_4B50, CRC, self.packed.len() as u32, self.unpacked];
        Self {
            flags: self.flags | 8,
            local_flags: self.local_flags | 8,
            local_lengths: Some((0, 0)),
            behind: lengths.iter().flat_map(|number| number.to_le_bytes()).collect(),
            ..self
        }
    }
}

pub fn craft(files: &[Crafted]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for file in files {
        let (packed, unpacked) = (file.packed.len() as u32, file.unpacked);
        let offset = file.offset.unwrap_or(bytes.len() as u32);
        let (local_packed, local_unpacked) = file.local_lengths.unwrap_or((packed, unpacked));
        bytes.extend(b"PK\x03\x04\x14\0");
        short(&mut bytes, &[file.local_flags, file.local_method, 0, 0]);
        long(&mut bytes, &[CRC, local_packed, local_unpacked]);
        short(
            &mut bytes,
            &[file.local_name.len() as u16, file.local_extra.len() as u16],
        );
        for part in [&file.local_name, &file.local_extra, &file.packed, &file.behind] {
            bytes.extend(part);
        }
        directory.extend(b"PK\x01\x02");
        short(&mut directory, &[file.made_by, 20, file.flags, file.method, 0, 0]);
        long(&mut directory, &[CRC, packed, unpacked]);
        let (name, extra) = (file.name.len() as u16, file.extra.len() as u16);
        short(&mut directory, &[name, extra, 0, file.disk, 0]);
        long(&mut directory, &[file.external, offset]);
        directory.extend(&file.name);
        directory.extend(&file.extra);
    }
    let begin = bytes.len() as u32;
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06");
    let count = files.len() as u16;
    short(&mut bytes, &[0, 0, count, count]);
    long(&mut bytes, &[directory.len() as u32, begin]);
    short(&mut bytes, &[0]);
    bytes
}

fn short(to: &mut Vec<u8>, numbers: &[u16]) {
    to.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn long(to: &mut Vec<u8>, numbers: &[u32]) {
    to.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

/// The archive (without a comment) with an end in 64 bits, to which the narrow one leaves everything.
pub fn widened(archive: &[u8]) -> Vec<u8> {
    let at = archive.len() - 22;
    let number = |from: usize, length: usize| {
        let bytes = &archive[at + from..at + from + length];
        bytes
            .iter()
            .rev()
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    let (count, size, begin) = (number(10, 2), number(12, 4), number(16, 4));
    let mut wide = archive[..at].to_vec();
    wide.extend(b"PK\x06\x06");
    wide.extend(44_u64.to_le_bytes());
    wide.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [count, count, size, begin] {
        wide.extend(number.to_le_bytes());
    }
    wide.extend(b"PK\x06\x07\0\0\0\0");
    wide.extend((at as u64).to_le_bytes());
    wide.extend([1, 0, 0, 0]);
    wide.extend(b"PK\x05\x06\0\0\0\0");
    wide.extend([0xFF; 12]);
    wide.extend([0, 0]);
    wide
}
