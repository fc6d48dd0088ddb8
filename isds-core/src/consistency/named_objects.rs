//! The objects that the database names, however many they are: kept in a file, looked at in 256 parts.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crate::ids::ObjectId;

/// Bytes of a record: identifier, how much of the object was read, whether its absence is to be told.
const RECORD: usize = 16 + 8 + 1;
/// Records of a part that go to the file together.
const BLOCK: usize = 128 * RECORD;
/// Parts, by the first byte of the identifier.
const PARTS: usize = 256;

/// What is known of an object that the database names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    /// How many of its bytes, from the first on, were read and found good.
    pub(super) read: u64,
    /// Nobody has looked yet whether it is there.
    pub(super) unseen: bool,
}

/// An object that need not be looked at.
pub(super) const TRUSTED: Named = Named {
    read: u64::MAX,
    unseen: false,
};

/// Objects with what is known of them. Memory does not grow with their number, but for eight bytes in 128 of them.
pub(super) struct NamedObjects {
    file: File,
    waiting: Vec<Vec<u8>>,
    /// Where the blocks of each part begin in the file.
    blocks: Vec<Vec<u64>>,
    end: u64,
}

impl NamedObjects {
    /// None yet. The file is empty and nobody else's.
    pub(super) fn new(file: File) -> Self {
        Self {
            file,
            waiting: vec![Vec::new(); PARTS],
            blocks: vec![Vec::new(); PARTS],
            end: 0,
        }
    }

    /// Takes note of an object. What is no identifier of ours can be no object either, and is answered with false.
    pub(super) fn add(&mut self, id: &ObjectId, named: Named) -> io::Result<bool> {
        let mut record = [0; RECORD];
        if hex::decode_to_slice(&id.0, &mut record[..16]).is_err() {
            return Ok(false);
        }
        record[16..24].copy_from_slice(&named.read.to_be_bytes());
        record[24] = u8::from(named.unseen);
        let part = usize::from(record[0]);
        self.waiting[part].extend_from_slice(&record);
        if self.waiting[part].len() == BLOCK {
            self.file.write_all_at(&self.waiting[part], self.end)?;
            self.blocks[part].push(self.end);
            self.end += BLOCK as u64;
            self.waiting[part].clear();
        }
        Ok(true)
    }

    /// The objects of a part. Of one that is named several times the most that is known.
    pub(super) fn part(&self, part: u8) -> io::Result<HashMap<String, Named>> {
        let mut found = HashMap::new();
        let mut block = vec![0; BLOCK];
        for start in &self.blocks[usize::from(part)] {
            self.file.read_exact_at(&mut block, *start)?;
            gather(&block, &mut found);
        }
        gather(&self.waiting[usize::from(part)], &mut found);
        Ok(found)
    }
}

fn gather(records: &[u8], found: &mut HashMap<String, Named>) {
    for record in records.chunks_exact(RECORD) {
        let mut read = [0; 8];
        read.copy_from_slice(&record[16..24]);
        let named = Named {
            read: u64::from_be_bytes(read),
            unseen: record[24] != 0,
        };
        found
            .entry(hex::encode(&record[..16]))
            .and_modify(|known| {
                known.read = known.read.max(named.read);
                known.unseen &= named.unseen;
            })
            .or_insert(named);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_many_and_the_most_of_each() {
        let folder = std::env::temp_dir().join(format!("isds-named-objects-{}", std::process::id()));
        let file = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&folder)
            .unwrap();
        std::fs::remove_file(&folder).unwrap();
        let mut named = NamedObjects::new(file);
        let id = |n: u32| ObjectId(format!("{:02x}{n:030x}", n % 7));
        for n in 0..5000 {
            let known = Named {
                read: u64::from(n),
                unseen: true,
            };
            assert!(named.add(&id(n), known).unwrap());
        }
        assert!(named.add(&id(77), Named { read: 3, unseen: false }).unwrap());
        assert!(!named.add(&ObjectId("../x".into()), TRUSTED).unwrap());
        let parts: Vec<_> = (0..=255).map(|part| named.part(part).unwrap()).collect();
        assert_eq!(parts.iter().map(HashMap::len).sum::<usize>(), 5000);
        assert_eq!(
            parts[0][&id(77).0],
            Named {
                read: 77,
                unseen: false
            }
        );
        assert_eq!(
            parts[3][&id(4028).0],
            Named {
                read: 4028,
                unseen: true
            }
        );
    }
}
