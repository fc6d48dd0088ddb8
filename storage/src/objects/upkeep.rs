//! Looking after all objects of a folder: what there is, and putting it under another master key.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{BoxStream, StreamExt};
use isds_core::ids::ObjectId;
use isds_core::ports::{Found, ObjectUpkeep, StoreError, StoreResult, StoredObject};
use isds_core::time::Timestamp;
use openssl::rand::rand_bytes;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::format::{Damaged, HEADER_LEN, Layout, ObjectKey, bears_wrapping, key_id};
use super::local::{Folder, LocalObjects, blocking, remove};
use super::place::{KEY_LABEL, change_label};
use super::read::{Reader, read_exact_at};
use super::seal_stream::SealStream;
use super::{is_identifier, unavailable};

/// Names of a listing that wait to be taken.
const LISTED: usize = 256;
/// Sealed bytes that are gathered before they are written.
const GATHERED: usize = 256 * 1024;

/// What became of putting an object under the current master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rewrapped {
    /// It was under it.
    Already,
    /// It is now.
    Done,
    /// There is no such object any more.
    Gone,
}

/// Putting objects under another master key, beside whoever reads and removes them.
#[async_trait]
pub trait KeyRotation: ObjectUpkeep {
    /// Puts an object under the current master key. Whatever happens in between, it can be read with the former one or
    /// with the current one; what is removed meanwhile stays removed, as far as the storage can see to that.
    async fn rewrap(&self, id: &ObjectId) -> StoreResult<Rewrapped>;

    /// Takes note that no object is under another key than the current one.
    async fn forget_other_keys(&self) -> StoreResult<()>;
}

#[async_trait]
impl ObjectUpkeep for LocalObjects {
    async fn list_part(&self, part: u8) -> StoreResult<BoxStream<'static, StoreResult<Found>>> {
        let folder = self.folder.root.join(hex::encode([part]));
        let (sender, receiver) = tokio::sync::mpsc::channel(LISTED);
        tokio::task::spawn_blocking(move || {
            let listed = list(&folder, |found| sender.blocking_send(Ok(found)).is_ok());
            if let Err(error) = listed {
                // Nobody listens any more where this fails.
                let _ = sender.blocking_send(Err(unavailable(error)));
            }
        });
        let found = futures::stream::unfold(receiver, |mut receiver| async {
            receiver.recv().await.map(|found| (found, receiver))
        });
        Ok(found.boxed())
    }

    async fn remove_leftover(&self, name: &str) -> StoreResult<()> {
        if !is_leftover(name) {
            return Ok(());
        }
        let path = self.folder.root.join(&name[..2]).join(name);
        blocking(move || remove(&path).map_err(unavailable)).await
    }
}

#[async_trait]
impl KeyRotation for LocalObjects {
    async fn rewrap(&self, id: &ObjectId) -> StoreResult<Rewrapped> {
        let (folder, id) = (Arc::clone(&self.folder), id.clone());
        blocking(move || match folder.rewrap(&id) {
            Err(StoreError::MissingObject(_)) => Ok(Rewrapped::Gone),
            rewrapped => rewrapped,
        })
        .await
    }

    async fn forget_other_keys(&self) -> StoreResult<()> {
        let folder = Arc::clone(&self.folder);
        blocking(move || {
            let name = folder.keys.current_name();
            change_label(&folder.root, KEY_LABEL, &*folder.sync, |_| Ok(name)).map_err(unavailable)
        })
        .await
    }
}

/// Hands on what lies in the folder, until it is not taken any more.
fn list(folder: &Path, mut take: impl FnMut(Found) -> bool) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let metadata = match entry.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            metadata => metadata?,
        };
        let written = Timestamp(metadata.mtime().saturating_mul(1_000_000) + metadata.mtime_nsec() / 1000);
        let found = if is_identifier(&name) {
            Found::Object(StoredObject {
                id: ObjectId(name),
                length: Layout::of_file(metadata.len()).ok().map(|layout| layout.plain),
                written,
            })
        } else if is_leftover(&name) {
            Found::Leftover { name, written }
        } else {
            continue;
        };
        if !take(found) {
            break;
        }
    }
    Ok(())
}

/// When an object was written says which database may name it.
fn keep_time(file: &File, new: &File) -> io::Result<()> {
    new.set_modified(file.metadata()?.modified()?)
}

/// Uploads lie under the name of their object with a number behind it until they end.
fn is_leftover(name: &str) -> bool {
    name.split_once('#')
        .is_some_and(|(id, number)| is_identifier(id) && number.bytes().all(|digit| digit.is_ascii_digit()))
}

impl Folder {
    /// The object is written under another name first, with the same chunks behind another header, and takes the place of
    /// what was there once it is on the disk.
    fn rewrap(&self, id: &ObjectId) -> StoreResult<Rewrapped> {
        let missing = || StoreError::MissingObject(id.clone());
        let damaged = |_: Damaged| StoreError::DamagedObject(id.clone());
        let path = self.path(id).ok_or_else(missing)?;
        let mut file = File::open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => missing(),
            _ => unavailable(error),
        })?;
        let mut header = [0; HEADER_LEN];
        read_exact_at(&file, &mut header, 0, id)?;
        if key_id(&header).map_err(damaged)? == self.keys.current().id() {
            return Ok(Rewrapped::Already);
        }
        let mut key = ObjectKey::open(&self.keys, id, &header).map_err(damaged)?;
        let mut number = [0; 4];
        rand_bytes(&mut number).map_err(unavailable)?;
        let draft = path.with_file_name(format!("{}#{}", id.0, u32::from_be_bytes(number)));
        let mut new = File::options()
            .write(true)
            .create_new(true)
            .open(&draft)
            .map_err(unavailable)?;
        let written = if bears_wrapping(&header) {
            key.wrap(self.keys.current()).map_err(unavailable).and_then(|()| {
                let copied = new
                    .write_all(key.header())
                    .and_then(|()| file.seek(SeekFrom::Start(HEADER_LEN as u64)))
                    .and_then(|_| io::copy(&mut file, &mut new));
                copied.map(drop).map_err(unavailable)
            })
        } else {
            self.seal_anew(id, &file, &mut new)
        };
        let replaced = written
            .and_then(|()| keep_time(&file, &new).map_err(unavailable))
            .and_then(|()| self.sync.sync_file(&new, &draft).map_err(unavailable))
            .and_then(|()| self.replace(id, &draft, &path));
        // Either what was written and did not get its place, or what had it before.
        let _ = std::fs::remove_file(&draft);
        replaced.map(|()| Rewrapped::Done)
    }

    /// Version 1 binds the chunks to the header: they are sealed under a data key of their own.
    fn seal_anew(&self, id: &ObjectId, file: &File, new: &mut File) -> StoreResult<()> {
        let length = file.metadata().map_err(unavailable)?.len();
        let plain = Layout::of_file(length)
            .map_err(|_| StoreError::DamagedObject(id.clone()))?
            .plain;
        let mut reader = Reader::open(self, id.clone(), 0, plain)?;
        let mut stream = SealStream::new(ObjectKey::generate(self.keys.current(), id).map_err(unavailable)?);
        loop {
            let piece = reader.next()?;
            if piece.is_empty() {
                break;
            }
            let mut rest = &piece[..];
            while stream.take(&mut rest, GATHERED)? {
                new.write_all(&stream.take_sealed()).map_err(unavailable)?;
            }
        }
        stream.end()?;
        new.write_all(&stream.take_sealed()).map_err(unavailable)
    }

    /// Exchanges the two names: an object that was removed meanwhile does not come back. Where the file system knows no
    /// exchange, it is looked at just before.
    fn replace(&self, id: &ObjectId, draft: &Path, path: &Path) -> StoreResult<()> {
        match renameat_with(CWD, draft, CWD, path, RenameFlags::EXCHANGE) {
            Ok(()) => {}
            Err(Errno::NOENT) => return Err(StoreError::MissingObject(id.clone())),
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                if !path.exists() {
                    return Err(StoreError::MissingObject(id.clone()));
                }
                std::fs::rename(draft, path).map_err(unavailable)?;
            }
            Err(error) => return Err(unavailable(io::Error::from(error))),
        }
        match path.parent() {
            Some(folder) => self.sync.sync_folder(folder).map_err(unavailable),
            None => Ok(()),
        }
    }
}
