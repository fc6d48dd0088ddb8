//! Where objects lie, as a place with labels: small readable texts that say whose the objects are and under which key.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use openssl::rand::rand_bytes;

use super::bucket::Connection;
use super::disk::{DiskSync, Fsync, create_folders};
use super::folder;
use super::key::MasterKey;
use super::keys::MasterKeys;
use crate::Error;

/// Says under which master key the objects were written.
pub(super) const KEY_LABEL: &str = "master-key-id";

/// A folder, or a folder of a bucket, looked at before objects are kept in it.
pub struct Place(Kind);

enum Kind {
    Folder(PathBuf),
    Bucket(Connection),
}

impl Place {
    /// The place that `file:DIR` or `s3://BUCKET…` names; nothing is made or asked yet.
    ///
    /// # Errors
    /// [`Error`] where the address is wrong, or the credentials of the bucket are.
    pub fn at(url: &str) -> Result<Self, Error> {
        if url.starts_with("s3:") {
            return Connection::open(url).map(|at| Self(Kind::Bucket(at)));
        }
        folder(url).map(|folder| Self(Kind::Folder(folder)))
    }

    /// Nothing lies here, of whomever it is.
    ///
    /// # Errors
    /// [`Error`] where it cannot be found out.
    pub async fn is_empty(&self) -> Result<bool, Error> {
        match &self.0 {
            Kind::Folder(folder) => match std::fs::read_dir(folder) {
                Ok(mut entries) => Ok(entries.next().is_none()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
                Err(error) => Err(unusable(error)),
            },
            Kind::Bucket(at) => at.is_empty().await,
        }
    }

    /// What a label says; none where there is none.
    ///
    /// # Errors
    /// [`Error`] where it cannot be read.
    pub async fn label(&self, name: &str) -> Result<Option<String>, Error> {
        match &self.0 {
            Kind::Folder(folder) => read_label(folder, name).map_err(unusable),
            Kind::Bucket(at) => at.label(name).await,
        }
    }

    /// Puts a label where there is none, whole or not at all; one that is there stays. Answers what stands.
    ///
    /// # Errors
    /// [`Error`] where it can be neither written nor read.
    pub async fn claim_label(&self, name: &str, text: &str) -> Result<Option<String>, Error> {
        match &self.0 {
            Kind::Folder(folder) => {
                let folder = create_folders(folder, &Fsync).map_err(unusable)?;
                add_label(&folder, name, text, &Fsync).map_err(unusable)?;
            }
            Kind::Bucket(at) => at.add_label(name, text).await?,
        }
        self.label(name).await
    }
}

impl Place {
    /// The key that objects were under first, of those that they may be under.
    ///
    /// # Errors
    /// [`Error`] where it cannot be found out, [`Error::OtherMasterKey`] where it is none of these.
    pub async fn eldest_key<'k>(&self, keys: &'k MasterKeys) -> Result<&'k MasterKey, Error> {
        let label = self.label(KEY_LABEL).await?.unwrap_or_default();
        match label.split_ascii_whitespace().next() {
            Some(name) => keys.named(name).ok_or(Error::OtherMasterKey),
            None => Ok(keys.current()),
        }
    }
}

fn unusable(error: io::Error) -> Error {
    Error::io("the folder of the objects cannot be used")(error)
}

pub(super) fn read_label(folder: &Path, name: &str) -> io::Result<Option<String>> {
    match std::fs::read(folder.join(name)) {
        Ok(text) => Ok(Some(String::from_utf8_lossy(text.trim_ascii_end()).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a label where there is none, under another name first: a crash in between would leave half of it. It is synced
/// even where it was there: whoever wrote it may have died before.
pub(super) fn add_label(folder: &Path, name: &str, text: &str, sync: &dyn DiskSync) -> io::Result<()> {
    let path = folder.join(name);
    if !path.exists() {
        let draft = write_draft(&path, text, sync)?;
        // Of several at once, one has put its label there; the others take that one.
        let linked = match std::fs::hard_link(&draft, &path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        };
        // What came of the link matters, not whether the draft could be removed.
        let _ = std::fs::remove_file(&draft);
        linked?;
    }
    sync.sync_file(&File::open(&path)?, &path)?;
    sync.sync_folder(folder)
}

/// Writes what `text` makes of a label over it, unless it is the same; nobody else does meanwhile.
pub(super) fn change_label(
    folder: &Path,
    name: &str,
    sync: &dyn DiskSync,
    text: impl FnOnce(&str) -> Result<String, Error>,
) -> Result<(), Error> {
    let lock = File::open(folder).map_err(unusable)?;
    lock.lock().map_err(unusable)?;
    let said = read_label(folder, name).map_err(unusable)?.unwrap_or_default();
    let new = text(&said)?;
    if new == said {
        return Ok(());
    }
    let path = folder.join(name);
    let replaced = write_draft(&path, &new, sync).and_then(|draft| {
        std::fs::rename(&draft, &path)?;
        sync.sync_folder(folder)
    });
    replaced.map_err(unusable)
}

/// The text under a name of its own.
fn write_draft(path: &Path, text: &str, sync: &dyn DiskSync) -> io::Result<PathBuf> {
    let mut suffix = [0; 8];
    rand_bytes(&mut suffix)?;
    let draft = path.with_added_extension(hex::encode(suffix));
    let mut file = File::options().write(true).create_new(true).open(&draft)?;
    writeln!(file, "{text}")?;
    sync.sync_file(&file, &draft)?;
    Ok(draft)
}
