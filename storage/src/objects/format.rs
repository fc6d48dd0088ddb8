//! The bytes of an encrypted object (`docs/object-format.md`).

use isds_core::ids::ObjectId;
use openssl::aes::{AesKey, unwrap_key, wrap_key};
use openssl::error::ErrorStack;
use openssl::rand::rand_bytes;
use openssl::symm::{Cipher, Crypter, Mode};
use zeroize::Zeroizing;

use super::key::{KEY_ID_LEN, KEY_LEN, MasterKey};
use super::keys::MasterKeys;

/// Plain bytes of a chunk; only the last has fewer.
pub(super) const CHUNK: usize = 64 * 1024;
/// Length of a chunk's authentication tag.
const TAG: usize = 16;
/// Bytes of a full chunk in the file.
pub(super) const SEALED_CHUNK: usize = CHUNK + TAG;
/// Bytes before the first chunk.
pub(super) const HEADER_LEN: usize = 64;

const MAGIC: [u8; 7] = *b"ISDSOBJ";
/// What is written. In version 1 the whole header was authenticated with every chunk, so the data key could not be wrapped
/// anew.
const VERSION: u8 = 2;
const FIRST_VERSION: u8 = 1;
/// Data key wrapped by AES-256 key wrap (RFC 3394), chunks by AES-256-GCM.
const ALGORITHM: u8 = 1;
const WRAPPED_LEN: usize = KEY_LEN + 8;
const KEY_ID_AT: usize = 16;
const WRAPPED_AT: usize = KEY_ID_AT + KEY_ID_LEN;
const ID_LEN: usize = 16;
const _: () = assert!(
    WRAPPED_AT + WRAPPED_LEN == HEADER_LEN,
    "the header is as long as its parts"
);

/// The bytes are not those of the object.
#[derive(Debug)]
pub(super) struct Damaged;

/// What the chunks of one object are sealed with.
pub(super) struct ObjectKey {
    key: Zeroizing<[u8; KEY_LEN]>,
    header: [u8; HEADER_LEN],
    /// What of the header never changes, and the identifier: authenticated with every chunk, so neither a changed header
    /// nor an object in the place of another goes unnoticed. Key wrap authenticates the rest of the header itself.
    context: Vec<u8>,
}

impl ObjectKey {
    /// A new data key for the object `id`.
    pub(super) fn generate(master: &MasterKey, id: &ObjectId) -> Result<Self, ErrorStack> {
        let mut key = Zeroizing::new([0; KEY_LEN]);
        rand_bytes(key.as_mut_slice())?;
        let mut header = [0; HEADER_LEN];
        header[..MAGIC.len()].copy_from_slice(&MAGIC);
        header[MAGIC.len()] = VERSION;
        header[MAGIC.len() + 1] = ALGORITHM;
        let mut new = Self {
            key,
            header,
            context: context(&header, id),
        };
        new.wrap(master)?;
        Ok(new)
    }

    /// Wraps the data key under a master key. What was written in version 1 does not bear it: see [`bears_wrapping`].
    pub(super) fn wrap(&mut self, master: &MasterKey) -> Result<(), ErrorStack> {
        self.header[KEY_ID_AT..WRAPPED_AT].copy_from_slice(&master.id());
        // Neither call fails with lengths that are right; the length is all that they check.
        AesKey::new_encrypt(master.bytes())
            .and_then(|wrapping| wrap_key(&wrapping, None, &mut self.header[WRAPPED_AT..], self.key.as_slice()))
            .map(drop)
            .map_err(|_| ErrorStack::get())
    }

    /// The data key in the header of the object `id`.
    pub(super) fn open(keys: &MasterKeys, id: &ObjectId, header: &[u8; HEADER_LEN]) -> Result<Self, Damaged> {
        let master = keys.find(&key_id(header)?).ok_or(Damaged)?;
        let mut key = Zeroizing::new([0; KEY_LEN]);
        AesKey::new_decrypt(master.bytes())
            .and_then(|wrapping| unwrap_key(&wrapping, None, key.as_mut_slice(), &header[WRAPPED_AT..]))
            .map_err(|_| Damaged)?;
        Ok(Self {
            key,
            header: *header,
            context: context(header, id),
        })
    }

    pub(super) fn header(&self) -> &[u8] {
        &self.header
    }

    /// Appends the sealed form of a chunk to `out`.
    pub(super) fn seal(&self, index: u32, last: bool, plain: &[u8], out: &mut Vec<u8>) -> Result<(), ErrorStack> {
        let mut crypter = self.crypter(Mode::Encrypt, index, last)?;
        let start = out.len();
        // Room for the tag is room enough for what OpenSSL asks beyond the length of the input (one block, here 1).
        out.resize(start + plain.len() + TAG, 0);
        let written = crypter.update(plain, &mut out[start..])?;
        crypter.finalize(&mut out[start + written..])?;
        crypter.get_tag(&mut out[start + plain.len()..])
    }

    /// Appends the plain form of a sealed chunk to `out`; after an error, what was appended is worth nothing.
    pub(super) fn unseal(&self, index: u32, last: bool, sealed: &[u8], out: &mut Vec<u8>) -> Result<(), Damaged> {
        let (sealed, tag) = sealed.split_last_chunk::<TAG>().ok_or(Damaged)?;
        let start = out.len();
        out.resize(start + sealed.len() + 1, 0);
        let opened = self.crypter(Mode::Decrypt, index, last).and_then(|mut crypter| {
            let written = crypter.update(sealed, &mut out[start..])?;
            crypter.set_tag(tag)?;
            crypter.finalize(&mut out[start + written..])
        });
        out.truncate(start + sealed.len());
        opened.map(drop).map_err(|_| Damaged)
    }

    fn crypter(&self, mode: Mode, index: u32, last: bool) -> Result<Crypter, ErrorStack> {
        // STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015): the number of the chunk and whether it is the last one
        // make the nonce, so chunks cannot be reordered, left out or cut off. The key is used for one object only, so
        // the rest of the nonce may be zero.
        let mut nonce = [0; 12];
        nonce[7..11].copy_from_slice(&index.to_be_bytes());
        nonce[11] = u8::from(last);
        let mut crypter = Crypter::new(Cipher::aes_256_gcm(), mode, self.key.as_slice(), Some(&nonce))?;
        crypter.aad_update(&self.context)?;
        Ok(crypter)
    }
}

/// Which master key the data key of an object is wrapped under.
pub(super) fn key_id(header: &[u8; HEADER_LEN]) -> Result<[u8; KEY_ID_LEN], Damaged> {
    let version = header[MAGIC.len()];
    let known = header.starts_with(&MAGIC)
        && (version == VERSION || version == FIRST_VERSION)
        && header[MAGIC.len() + 1] == ALGORITHM;
    let mut id = [0; KEY_ID_LEN];
    id.copy_from_slice(&header[KEY_ID_AT..WRAPPED_AT]);
    if known { Ok(id) } else { Err(Damaged) }
}

/// Whether the data key of an object with this header can be wrapped under another master key; otherwise the object is
/// sealed anew.
pub(super) fn bears_wrapping(header: &[u8; HEADER_LEN]) -> bool {
    header[MAGIC.len()] != FIRST_VERSION
}

fn context(header: &[u8; HEADER_LEN], id: &ObjectId) -> Vec<u8> {
    let fixed = if bears_wrapping(header) { KEY_ID_AT } else { HEADER_LEN };
    let mut context = vec![0; fixed + ID_LEN];
    context[..fixed].copy_from_slice(&header[..fixed]);
    // Identifiers are 32 hexadecimal digits; the store lets no other in.
    let _ = hex::decode_to_slice(&id.0, &mut context[fixed..]);
    context
}

/// How the plain bytes lie in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// Number of plain bytes.
    pub(super) plain: u64,
    /// Number of chunks, at least one.
    pub(super) chunks: u64,
}

impl Layout {
    /// The layout of a file of `length` bytes.
    pub(super) fn of_file(length: u64) -> Result<Self, Damaged> {
        let body = length.checked_sub(HEADER_LEN as u64).ok_or(Damaged)?;
        let chunks = body.div_ceil(SEALED_CHUNK as u64);
        let last = body - chunks.saturating_sub(1) * SEALED_CHUNK as u64;
        // An empty chunk stands only where the whole object is empty.
        if last < TAG as u64 || (chunks > 1 && last == TAG as u64) || chunks > u64::from(u32::MAX) {
            return Err(Damaged);
        }
        Ok(Self {
            plain: body - chunks * TAG as u64,
            chunks,
        })
    }

    /// Number of bytes in the file of the chunk `index`.
    pub(super) fn sealed_len(&self, index: u64) -> usize {
        let plain = self.plain - index * CHUNK as u64;
        usize::try_from(plain).unwrap_or(CHUNK).min(CHUNK) + TAG
    }

    /// Where in the file the chunk `index` begins.
    pub(super) fn offset(index: u64) -> u64 {
        HEADER_LEN as u64 + index * SEALED_CHUNK as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: char) -> ObjectId {
        ObjectId(digit.to_string().repeat(32))
    }

    fn open(master: &MasterKey, id: &ObjectId, header: &[u8]) -> Result<ObjectKey, Damaged> {
        ObjectKey::open(&master.clone().into(), id, header.try_into().unwrap())
    }

    #[test]
    fn a_chunk_opens_only_where_it_belongs() {
        let master = MasterKey::generate().unwrap();
        let key = ObjectKey::generate(&master, &id('a')).unwrap();
        let mut sealed = Vec::new();
        key.seal(3, false, b"plain", &mut sealed).unwrap();
        assert_eq!(sealed.len(), 5 + TAG);
        let read = open(&master, &id('a'), key.header()).unwrap();
        let unseal = |key: &ObjectKey, index, last, sealed: &[u8]| {
            let mut plain = Vec::new();
            key.unseal(index, last, sealed, &mut plain).map(|()| plain)
        };
        assert_eq!(unseal(&read, 3, false, &sealed).unwrap(), b"plain");
        assert!(unseal(&read, 2, false, &sealed).is_err());
        assert!(unseal(&read, 3, true, &sealed).is_err());
        assert!(unseal(&read, 3, false, &sealed[..20]).is_err());
        assert!(unseal(&read, 3, false, &[]).is_err());
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(unseal(&read, 3, false, &flipped).is_err(), "bit {bit}");
        }
        // The same bytes under the name of another object.
        let other = open(&master, &id('b'), key.header()).unwrap();
        assert!(unseal(&other, 3, false, &sealed).is_err());
    }

    #[test]
    fn no_bit_of_the_header_may_change() {
        let master = MasterKey::generate().unwrap();
        let key = ObjectKey::generate(&master, &id('a')).unwrap();
        let mut sealed = Vec::new();
        key.seal(0, true, b"", &mut sealed).unwrap();
        for bit in 0..HEADER_LEN * 8 {
            let mut header = key.header().to_vec();
            header[bit / 8] ^= 1 << (bit % 8);
            let opened = open(&master, &id('a'), &header).and_then(|key| key.unseal(0, true, &sealed, &mut Vec::new()));
            assert!(opened.is_err(), "bit {bit}");
        }
        assert!(open(&MasterKey::generate().unwrap(), &id('a'), key.header()).is_err());
    }

    const VERSION_1: &str = "495344534f424a0101000000000000008382d6bb64fd90d617b4a06bc6b6518ed02faa5be8b74a6dcc28e959517181d5\
        397893911e0744f0de726e8450a850d18de93d974902aafac4d973b521939d94301959641e8d257c94661ef1b4aa124b\
        ff";

    #[test]
    fn a_data_key_is_wrapped_anew() {
        let (former, master) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
        let mut key = ObjectKey::generate(&former, &id('a')).unwrap();
        let mut sealed = Vec::new();
        key.seal(0, true, b"plain", &mut sealed).unwrap();
        key.wrap(&master).unwrap();
        let header: [u8; HEADER_LEN] = key.header().try_into().unwrap();
        assert!(open(&former, &id('a'), &header).is_err());
        assert_eq!(key_id(&header).unwrap(), master.id());
        let mut plain = Vec::new();
        let read = open(&master, &id('a'), &header).unwrap();
        read.unseal(0, true, &sealed, &mut plain).unwrap();
        assert_eq!(plain, b"plain");
    }

    /// Made by another program from docs/object-format.md, when there was only version 1.
    #[test]
    fn version_1_stays_readable() {
        let master = MasterKey::from_hex(&"000102030405060708090a0b0c0d0e0f".repeat(2)).unwrap();
        let object = hex::decode(VERSION_1).unwrap();
        let (header, sealed) = object.split_at(HEADER_LEN);
        let key = open(&master, &id('c'), header).unwrap();
        let mut plain = Vec::new();
        key.unseal(0, true, sealed, &mut plain).unwrap();
        assert_eq!(plain, "dmDm první verze".as_bytes());
        assert!(!bears_wrapping(header.try_into().unwrap()));
        for at in 0..HEADER_LEN {
            let mut changed = header.to_vec();
            changed[at] ^= 1;
            let opened = open(&master, &id('c'), &changed).and_then(|key| key.unseal(0, true, sealed, &mut Vec::new()));
            assert!(opened.is_err(), "byte {at}");
        }
    }

    #[test]
    fn layouts() {
        let file = |plain: u64| 64 + plain + 16 * plain.div_ceil(65536).max(1);
        for plain in [0, 1, 65535, 65536, 65537, 131_072, 131_073, 10_000_000_000] {
            let layout = Layout::of_file(file(plain)).unwrap();
            assert_eq!(
                layout,
                Layout {
                    plain,
                    chunks: plain.div_ceil(65536).max(1)
                }
            );
            let last = layout.chunks - 1;
            assert_eq!(Layout::offset(last) + layout.sealed_len(last) as u64, file(plain));
        }
        for impossible in [0, 63, 64, 79, file(65536) + 1, file(65536) + 16] {
            assert!(Layout::of_file(impossible).is_err(), "{impossible}");
        }
    }
}
