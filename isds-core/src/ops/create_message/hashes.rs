//! Both hashes of messages whose bytes pass.

use base64_simd::STANDARD;
use sha2::{Digest, Sha256};
use sha3::Sha3_256;

/// Hashes of several documents that differ in their heads alone, fed at once.
pub(super) struct Hashes {
    pub documents: Vec<(Sha256, Sha3_256)>,
    /// Up to two raw bytes that do not yet make a group of base64.
    carry: Vec<u8>,
    encoded: Vec<u8>,
}

impl Hashes {
    /// Of documents that begin so.
    pub fn of(heads: &[Vec<u8>]) -> Self {
        let begun = |head: &Vec<u8>| (Sha256::new_with_prefix(head), Sha3_256::new_with_prefix(head));
        Self {
            documents: heads.iter().map(begun).collect(),
            carry: Vec::new(),
            encoded: Vec::with_capacity(32_768),
        }
    }

    /// Adds bytes that stand in the documents as they are.
    pub fn literal(&mut self, bytes: &[u8]) {
        for (sha256, sha3) in &mut self.documents {
            sha256.update(bytes);
            sha3.update(bytes);
        }
    }

    /// Adds bytes that stand in the documents in base64.
    pub fn raw(&mut self, mut bytes: &[u8]) {
        if !self.carry.is_empty() {
            let missing = (3 - self.carry.len()).min(bytes.len());
            self.carry.extend_from_slice(&bytes[..missing]);
            bytes = &bytes[missing..];
            if self.carry.len() < 3 {
                return;
            }
            let group = std::mem::take(&mut self.carry);
            self.encode(&group);
        }
        let whole = bytes.len() - bytes.len() % 3;
        for step in bytes[..whole].chunks(3 * 8192) {
            self.encode(step);
        }
        self.carry.extend_from_slice(&bytes[whole..]);
    }

    /// The base64 ends here.
    pub fn end_of_raw(&mut self) {
        let rest = std::mem::take(&mut self.carry);
        self.encode(&rest);
    }

    fn encode(&mut self, raw: &[u8]) {
        let mut encoded = std::mem::take(&mut self.encoded);
        encoded.clear();
        STANDARD.encode_append(raw, &mut encoded);
        self.literal(&encoded);
        self.encoded = encoded;
    }
}
