//! The master key, under which the keys of the objects are wrapped.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use isds_core::ids::ObjectId;
use isds_core::ports::StoreResult;
use openssl::rand::rand_bytes;
use openssl::sha::Sha256;
use zeroize::Zeroizing;

use super::disk::{DiskSync, Fsync};
use super::format::ObjectKey;
use super::unavailable;
use crate::Error;

/// Length of the master key and of the data keys, for AES-256.
pub(super) const KEY_LEN: usize = 32;
/// Length of a key's identifier.
pub(super) const KEY_ID_LEN: usize = 8;
/// Set apart from any other hash of the same key.
const KEY_ID_LABEL: &[u8] = b"isds master key identifier";

/// The master key: 256 bits, wiped from memory when dropped.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; KEY_LEN]>);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey")
    }
}

impl MasterKey {
    /// A new key.
    ///
    /// # Errors
    /// [`Error::Random`].
    pub fn generate() -> Result<Self, Error> {
        let mut key = Zeroizing::new([0; KEY_LEN]);
        rand_bytes(key.as_mut_slice()).map_err(Error::Random)?;
        Ok(Self(key))
    }

    /// Reads the key at `path` (64 hexadecimal digits); where there is none, makes one that only the owner can read.
    /// Either way it is on the disk before this returns: with the key, every object would be lost.
    ///
    /// # Errors
    /// [`Error::MasterKey`] and [`Error::MasterKeyMode`] where the file is not as it should be, [`Error::Io`].
    pub fn load_or_create(path: &Path) -> Result<Self, Error> {
        let key = match Self::load(path) {
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Self::generate()?.store(path)?;
                // Of several processes that start at once, one has put its key there; all use that one.
                Self::load(path)?
            }
            loaded => loaded?,
        };
        sync_name(path).map_err(Error::io("the file of the master key cannot be synced"))?;
        Ok(key)
    }

    /// Reads the key at `path`.
    ///
    /// # Errors
    /// As [`load_or_create`](Self::load_or_create), and [`Error::Io`] where there is none.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let cannot = "the file of the master key cannot be read";
        let mut file = File::open(path).map_err(Error::io(cannot))?;
        if file.metadata().map_err(Error::io(cannot))?.mode() & 0o077 != 0 {
            return Err(Error::MasterKeyMode);
        }
        // One line end is allowed; the buffer never grows, so no copy of the key stays behind.
        let mut text = Zeroizing::new([0; 2 * KEY_LEN + 3]);
        let mut length = 0;
        loop {
            match file.read(&mut text[length..]).map_err(Error::io(cannot))? {
                0 => break,
                read => length += read,
            }
        }
        if length == text.len() {
            return Err(Error::MasterKey);
        }
        let mut key = Zeroizing::new([0; KEY_LEN]);
        hex::decode_to_slice(text[..length].trim_ascii_end(), key.as_mut_slice()).map_err(|_| Error::MasterKey)?;
        Ok(Self(key))
    }

    /// Writes the key under a name of its own first, so that nobody ever reads half a key, and never over another key.
    fn store(&self, path: &Path) -> Result<(), Error> {
        let cannot = "the file of the master key cannot be made";
        let mut suffix = [0; 8];
        rand_bytes(&mut suffix).map_err(Error::Random)?;
        let draft = path.with_added_extension(hex::encode(suffix));
        let mut text = Zeroizing::new([0; 2 * KEY_LEN]);
        hex::encode_to_slice(self.0.as_slice(), text.as_mut_slice()).map_err(|_| Error::MasterKey)?;
        let file = File::options().write(true).create_new(true).mode(0o600).open(&draft);
        let linked = file.and_then(|mut file| {
            file.write_all(text.as_slice())?;
            Fsync.sync_file(&file, &draft)?;
            match std::fs::hard_link(&draft, path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                linked => linked,
            }
        });
        // What came of the link matters, not whether the draft could be removed.
        let _ = std::fs::remove_file(&draft);
        linked.map_err(Error::io(cannot))
    }

    /// An identifier that nothing else has, with the data key for it.
    pub(super) fn new_object(&self) -> StoreResult<(ObjectId, ObjectKey)> {
        let mut bytes = [0; 16];
        rand_bytes(&mut bytes).map_err(unavailable)?;
        let id = ObjectId(hex::encode(bytes));
        let key = ObjectKey::generate(self, &id).map_err(unavailable)?;
        Ok((id, key))
    }

    #[cfg(test)]
    pub(super) fn from_hex(text: &str) -> Result<Self, Error> {
        let mut key = Zeroizing::new([0; KEY_LEN]);
        hex::decode_to_slice(text, key.as_mut_slice()).map_err(|_| Error::MasterKey)?;
        Ok(Self(key))
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_LEN] {
        &self.0
    }

    /// Tells master keys apart without telling anything about them.
    pub(super) fn id(&self) -> [u8; KEY_ID_LEN] {
        let mut hash = Sha256::new();
        hash.update(KEY_ID_LABEL);
        hash.update(self.0.as_slice());
        let digest = hash.finish();
        let mut id = [0; KEY_ID_LEN];
        id.copy_from_slice(&digest[..KEY_ID_LEN]);
        id
    }
}

/// Whoever put the name there may have died before it was synced. A folder that cannot be read is the operator's own.
fn sync_name(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    match Fsync.sync_folder(folder) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        synced => synced,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn is_made_once_and_only_for_the_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let made = MasterKey::load_or_create(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(MasterKey::load_or_create(&path).unwrap().bytes(), made.bytes());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_ne!(MasterKey::generate().unwrap().id(), made.id());
    }

    #[test]
    fn refuses_what_is_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let good = "0".repeat(64);
        for (text, fits) in [
            (String::new(), false),
            ("0".repeat(63), false),
            ("0".repeat(65), false),
            ("0".repeat(200), false),
            ("g".repeat(64), false),
            (good.clone(), true),
            (good.clone() + "\n", true),
            (good.clone() + "\n\n\n\n", false),
        ] {
            std::fs::write(&path, &text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            assert_eq!(MasterKey::load_or_create(&path).is_ok(), fits, "{text:?}");
        }
        std::fs::write(&path, good).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(MasterKey::load_or_create(&path), Err(Error::MasterKeyMode)));
    }

    #[test]
    fn several_at_once_agree_on_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let keys: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| MasterKey::load_or_create(&path).unwrap().id()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let kept = MasterKey::load_or_create(&path).unwrap().id();
        assert!(keys.iter().all(|id| *id == kept));
    }
}
