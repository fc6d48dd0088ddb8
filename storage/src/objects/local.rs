//! Objects in a folder.
//!
//! Large objects are multipart uploads of `object_store`. Small ones are written, and all are read, by this module
//! itself: `LocalFileSystem` writes a small file under a second name first, and hands out a file in small blocks, each
//! through the blocking pool. Its own syncing stays off: the syncs go through [`DiskSync`], behind which a test can
//! stand.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use isds_core::ids::ObjectId;
use isds_core::ports::{ObjectWriter, Objects, StoreError, StoreResult};
use object_store::local::LocalFileSystem;

use super::disk::{DiskSync, create_folders};
use super::keys::MasterKeys;
use super::place::{KEY_LABEL, add_label, change_label};
use super::read::read;
use super::seal_stream::seal_whole;
use super::write::Writer;
use super::{is_identifier, unavailable};
use crate::Error;

/// The folder with what reading and writing it needs.
pub(super) struct Folder {
    pub(super) root: PathBuf,
    pub(super) keys: MasterKeys,
    pub(super) sync: Arc<dyn DiskSync>,
}

impl Folder {
    /// Makes what is missing: the folder, and in it the 256 that the objects lie in. Made beforehand, they cost no sync
    /// when an object is written.
    pub(super) async fn open(root: PathBuf, keys: MasterKeys, sync: Arc<dyn DiskSync>) -> Result<Self, Error> {
        let what = "the folder of the objects cannot be used";
        let opened = tokio::task::spawn_blocking(move || {
            let root = create_folders(&root, &*sync).map_err(Error::io(what))?;
            let folder = Self { root, keys, sync };
            folder.prepare().map_err(Error::io(what))?;
            folder.check_keys()?;
            Ok(folder)
        });
        opened
            .await
            .unwrap_or_else(|ended| Err(Error::io(what)(io::Error::other(ended))))
    }

    fn prepare(&self) -> io::Result<()> {
        for byte in 0..=255_u8 {
            match std::fs::create_dir(self.root.join(hex::encode([byte]))) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        // Even where none is new: whoever made them may have died before they were synced.
        self.sync.sync_folder(&self.root)
    }

    /// Without this, a lost key file would be replaced in silence and every old object be called damaged.
    fn check_keys(&self) -> Result<(), Error> {
        let what = "the label of the objects cannot be written";
        add_label(&self.root, KEY_LABEL, &self.keys.current_name(), &*self.sync).map_err(Error::io(what))?;
        change_label(&self.root, KEY_LABEL, &*self.sync, |said| {
            self.keys.label(said).ok_or(Error::OtherMasterKey)
        })
    }

    /// Where the object lies; none for what is not an identifier of ours and must not become a path.
    pub(super) fn path(&self, id: &ObjectId) -> Option<PathBuf> {
        is_identifier(&id.0).then(|| self.root.join(&id.0[..2]).join(&id.0))
    }

    /// Writes a whole object and syncs it. It is written in its place at once: nobody knows its name before this
    /// returns, so nobody can find it half written.
    pub(super) fn write(&self, id: &ObjectId, sealed: &[u8]) -> StoreResult<()> {
        let path = self.path(id).ok_or_else(|| StoreError::MissingObject(id.clone()))?;
        let written = File::options()
            .write(true)
            .create_new(true)
            .open(&path)
            .and_then(|mut file| {
                file.write_all(sealed)?;
                self.sync_object(&file, &path)
            });
        written.map_err(|error| {
            let _ = std::fs::remove_file(&path);
            unavailable(error)
        })
    }

    fn remove_all(&self) -> io::Result<()> {
        for byte in 0..=255_u8 {
            for entry in std::fs::read_dir(self.root.join(hex::encode([byte])))? {
                remove(&entry?.path())?;
            }
        }
        Ok(())
    }

    /// Syncs an object that was written by other means.
    pub(super) fn sync_written(&self, id: &ObjectId) -> StoreResult<()> {
        let path = self.path(id).ok_or_else(|| StoreError::MissingObject(id.clone()))?;
        File::open(&path)
            .and_then(|file| self.sync_object(&file, &path))
            .map_err(|error| {
                let _ = std::fs::remove_file(&path);
                unavailable(error)
            })
    }

    pub(super) fn sync_object(&self, file: &File, path: &Path) -> io::Result<()> {
        self.sync.sync_file(file, path)?;
        path.parent().map_or(Ok(()), |folder| self.sync.sync_folder(folder))
    }
}

pub(super) fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Runs what blocks where it may block.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> StoreResult<T> + Send + 'static,
) -> StoreResult<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|ended| Err(unavailable(ended)))
}

/// Where `object_store` finds the object below the root.
pub(super) fn location(id: &ObjectId) -> object_store::path::Path {
    object_store::path::Path::from_iter([&id.0[..2], id.0.as_str()])
}

/// Objects in a folder.
pub(super) struct LocalObjects {
    pub(super) folder: Arc<Folder>,
    store: Arc<LocalFileSystem>,
}

impl LocalObjects {
    pub(super) fn new(folder: Folder) -> Result<Self, Error> {
        let store = LocalFileSystem::new_with_prefix(&folder.root)
            .map_err(|error| Error::io("the folder of the objects cannot be used")(io::Error::other(error)))?;
        Ok(Self {
            folder: Arc::new(folder),
            store: Arc::new(store),
        })
    }
}

#[async_trait]
impl Objects for LocalObjects {
    /// Small messages all come through here, so it is one visit to the blocking pool: encryption, file and both syncs.
    /// `LocalFileSystem::put` would write under a second name, rename, and need another visit for the syncs.
    async fn put(&self, bytes: Bytes) -> StoreResult<ObjectId> {
        let folder = Arc::clone(&self.folder);
        blocking(move || {
            let (id, key) = folder.keys.new_object()?;
            let sealed = seal_whole(&key, &bytes)?;
            folder.write(&id, &sealed)?;
            Ok(id)
        })
        .await
    }

    async fn create(&self) -> StoreResult<Box<dyn ObjectWriter>> {
        Ok(Box::new(Writer::new(
            Arc::clone(&self.folder),
            Arc::clone(&self.store),
        )?))
    }

    async fn read(
        &self,
        id: &ObjectId,
        offset: u64,
        length: u64,
    ) -> StoreResult<BoxStream<'static, StoreResult<Bytes>>> {
        read(Arc::clone(&self.folder), id.clone(), offset, length).await
    }

    async fn delete(&self, id: &ObjectId) -> StoreResult<()> {
        let Some(path) = self.folder.path(id) else {
            return Ok(());
        };
        blocking(move || remove(&path).map_err(unavailable)).await
    }

    /// Removes unfinished uploads too, which `LocalFileSystem` would not list.
    async fn clear(&self) -> StoreResult<()> {
        let folder = Arc::clone(&self.folder);
        blocking(move || folder.remove_all().map_err(unavailable)).await
    }
}
