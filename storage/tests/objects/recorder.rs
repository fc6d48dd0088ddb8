//! A disk that keeps only what was synced.
//!
//! It stands where the calls that sync stand, and notes at each what would be on the disk from then on: the bytes of a
//! file (by inode, so that a later name finds them), the names of a folder. After a 'crash' it rebuilds from its notes
//! alone what a strict file system may leave: a name only where its folder was synced after the name was given, bytes
//! only as they were when the file was synced.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use storage::objects::{DiskSync, Fsync};

/// What is left out, to show that leaving it out is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forget {
    Nothing,
    Files,
    Folders,
}

#[derive(Default)]
struct Notes {
    files: HashMap<u64, Vec<u8>>,
    folders: HashMap<u64, Vec<(String, u64, bool)>>,
    syncs: usize,
}

/// See the module.
pub struct Recorder {
    forget: Mutex<Forget>,
    notes: Mutex<Notes>,
}

impl Recorder {
    /// A disk on which `base` and its names are already.
    pub fn new(base: &Path, forget: Forget) -> Self {
        let recorder = Self {
            forget: Mutex::new(Forget::Nothing),
            notes: Mutex::default(),
        };
        recorder.sync_folder(base).unwrap();
        recorder.forget(forget);
        recorder
    }

    /// From now on.
    pub fn forget(&self, forget: Forget) {
        *self.forget.lock().unwrap() = forget;
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap()
    }

    pub fn syncs(&self) -> usize {
        self.notes().syncs
    }

    /// Puts into `into` what `base` holds after a power cut.
    pub fn crash(&self, base: &Path, into: &Path) {
        rebuild(&self.notes(), std::fs::metadata(base).unwrap().ino(), into);
    }
}

fn rebuild(notes: &Notes, folder: u64, into: &Path) {
    for (name, inode, is_folder) in notes.folders.get(&folder).into_iter().flatten() {
        let path = into.join(name);
        if *is_folder {
            std::fs::create_dir(&path).unwrap();
            rebuild(notes, *inode, &path);
        } else {
            // A name whose bytes were never synced: the file is there, and empty.
            std::fs::write(path, notes.files.get(inode).map_or(&[][..], Vec::as_slice)).unwrap();
        }
    }
}

impl DiskSync for Recorder {
    fn sync_file(&self, file: &File, path: &Path) -> io::Result<()> {
        if *self.forget.lock().unwrap() == Forget::Files {
            return Ok(());
        }
        Fsync.sync_file(file, path)?;
        let (inode, bytes) = (file.metadata()?.ino(), std::fs::read(path)?);
        let mut notes = self.notes();
        notes.syncs += 1;
        notes.files.insert(inode, bytes);
        Ok(())
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        if *self.forget.lock().unwrap() == Forget::Folders {
            return Ok(());
        }
        Fsync.sync_folder(folder)?;
        let mut notes = self.notes();
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            names.push((
                entry.file_name().into_string().unwrap(),
                std::os::unix::fs::DirEntryExt::ino(&entry),
                kind.is_dir(),
            ));
        }
        notes.syncs += 1;
        notes.folders.insert(std::fs::metadata(folder)?.ino(), names);
        Ok(())
    }
}
