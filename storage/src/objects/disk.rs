//! The calls that make what was written survive a power cut, and the folders they are made for.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Syncing, as a trait so that a test can stand behind it and drop, at a 'crash', what was never synced.
pub trait DiskSync: Send + Sync {
    /// Returns once the bytes of `file`, which lies at `path`, are on the disk.
    ///
    /// # Errors
    /// What the system says; the bytes may then be lost, even where a second try succeeds.
    fn sync_file(&self, file: &File, path: &Path) -> io::Result<()>;

    /// Returns once the names in `folder` are on the disk: a synced file without its name is lost all the same.
    ///
    /// # Errors
    /// As [`sync_file`](Self::sync_file).
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
}

/// The system's own calls.
#[derive(Debug, Clone, Copy)]
pub struct Fsync;

impl DiskSync for Fsync {
    fn sync_file(&self, file: &File, _path: &Path) -> io::Result<()> {
        file.sync_all()
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }
}

/// Makes `folder` and what is missing above it, and syncs all of them whether they are new or not: whoever made them
/// may have died before they were synced.
pub(super) fn create_folders(folder: &Path, sync: &dyn DiskSync) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let folder = folder.canonicalize()?;
    for above in folder.ancestors() {
        match sync.sync_folder(above) {
            // Not even readable, so not made by this program.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied && above != folder => {}
            synced => synced?,
        }
    }
    Ok(folder)
}
