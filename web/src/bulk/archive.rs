//! Files of the rows that come together in one ZIP.
//!
//! The archive lies in a file without a name while its members become files of the job, one after another. Who made it is
//! not trusted: the directory is bounded before it is kept in memory, what a member claims of its length counts for
//! nothing, and no name leads anywhere.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use axum::extract::multipart::Field;
use bytes::Bytes;
use futures::stream;
use isds_core::bulk::MAX_ROW_FILES;
use tokio::sync::{Semaphore, mpsc};
use zip::ZipArchive;

use super::files::{Job, take};
use crate::page::PageError;
use crate::received::{FileError, base_name};

/// Most bytes of an archive.
pub(super) const MOST_BYTES: u64 = 1 << 30;
/// How much of one that is too large is read away: browsers take an answer only after they have sent everything.
const READ_AWAY: u64 = 4 << 30;
/// Most bytes of its members together.
const MOST_EXPANDED: u64 = 4 << 30;
/// Most bytes of its directory: as many names of usual length as there may be files.
const MOST_DIRECTORY: u64 = 4 << 20;
/// How often larger than packed a member may be, once it is larger than [`RATIO_FREE`]: what deflates better was made to.
const MOST_RATIO: u64 = 200;
const RATIO_FREE: u64 = 1 << 20;
/// Longest name of a member that is looked at.
const MOST_NAME: usize = 1000;
/// How many members that were not taken are named.
const MOST_TOLD: usize = 50;
/// Bytes of a member that are on their way at once.
const STEP: usize = 64 * 1024;
/// How many archives are taken in at once.
const MOST_AT_ONCE: usize = 4;

static PLACES: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(MOST_AT_ONCE));

/// What is wrong with an archive or a member of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    TooLarge,
    NoArchive,
    TooManyMembers,
    Expanded,
    Name,
    NoFile,
    Locked,
    Ratio,
    Damaged,
}

impl Fault {
    fn key(self) -> &'static str {
        match self {
            Self::TooLarge => "bulk-archive-large",
            Self::NoArchive => "bulk-archive-none",
            Self::TooManyMembers => "bulk-archive-many",
            Self::Expanded => "bulk-archive-expanded",
            Self::Name => "bulk-archive-name",
            Self::NoFile => "bulk-archive-no-file",
            Self::Locked => "bulk-archive-locked",
            Self::Ratio => "bulk-archive-ratio",
            Self::Damaged => "bulk-archive-damaged",
        }
    }

    fn told(self, job: &Job<'_>, name: &str) -> FileError {
        FileError {
            name: isds_core::text::truncate(name, 100).to_owned(),
            text: job.in_box.page().t(self.key()).into_owned(),
            czech: false,
        }
    }
}

/// What came of an archive.
#[derive(Default)]
pub(super) struct Unpacked {
    /// How many of its files the job has now.
    pub added: u32,
    /// Those that were not taken, the first of them.
    pub errors: Vec<FileError>,
    /// How many more were not taken.
    pub untold: u32,
}

impl Unpacked {
    fn refused(error: FileError) -> Self {
        Self {
            errors: vec![error],
            ..Self::default()
        }
    }

    fn tell(&mut self, error: FileError) {
        if self.errors.len() < MOST_TOLD {
            self.errors.push(error);
        } else {
            self.untold += 1;
        }
    }
}

/// Takes the files of an archive into a job.
pub(super) async fn unpack(job: &Job<'_>, name: &str, field: Field<'_>) -> Result<Unpacked, PageError> {
    let _place = PLACES.try_acquire().map_err(|_| PageError::TooMany(60))?;
    let Some(file) = spool(field).await? else {
        return Ok(Unpacked::refused(Fault::TooLarge.told(job, name)));
    };
    let (members, mut coming) = mpsc::channel(1);
    let reading = tokio::task::spawn_blocking(move || read(file, &members));
    let mut unpacked = Unpacked::default();
    while let Some(member) = coming.recv().await {
        match member {
            Member::Refused(name, fault) => unpacked.tell(fault.told(job, &name)),
            Member::Coming(name, content) => match take(job, &name, arriving(content), false).await {
                Ok(None) => unpacked.added += 1,
                Ok(Some(error)) => unpacked.tell(error),
                Err(PageError::WrongForm) => unpacked.tell(Fault::Damaged.told(job, &name)),
                Err(error) => return Err(error),
            },
        }
    }
    match reading.await {
        Ok(Ok(())) => Ok(unpacked),
        Ok(Err(fault)) => {
            unpacked.tell(fault.told(job, name));
            Ok(unpacked)
        }
        Err(error) => Err(PageError::Broken("an archive could not be read", Box::new(error))),
    }
}

/// The archive in a file without a name; none where it is too large.
async fn spool(mut field: Field<'_>) -> Result<Option<File>, PageError> {
    let broken = |error: io::Error| PageError::Broken("an archive could not be kept", Box::new(error));
    let joined = |error: tokio::task::JoinError| PageError::Broken("an archive could not be kept", Box::new(error));
    let mut file = tokio::task::spawn_blocking(tempfile::tempfile)
        .await
        .map_err(joined)?
        .map_err(broken)?;
    let mut length = 0_u64;
    while let Some(bytes) = field.chunk().await.map_err(|_| PageError::WrongForm)? {
        length += bytes.len() as u64;
        if length > READ_AWAY {
            return Err(PageError::TooLarge);
        }
        if length > MOST_BYTES {
            continue;
        }
        file = tokio::task::spawn_blocking(move || file.write_all(&bytes).map(|()| file))
            .await
            .map_err(joined)?
            .map_err(broken)?;
    }
    Ok((length <= MOST_BYTES).then_some(file))
}

enum Member {
    Coming(String, mpsc::Receiver<Result<Bytes, Fault>>),
    Refused(String, Fault),
}

fn arriving(content: mpsc::Receiver<Result<Bytes, Fault>>) -> impl stream::Stream<Item = Result<Bytes, Fault>> {
    stream::unfold(content, |mut content| async move {
        let bytes = content.recv().await?;
        Some((bytes, content))
    })
}

/// A file of whose directory only so much is read.
struct Bounded {
    file: File,
    left: Arc<AtomicU64>,
}

impl Read for Bounded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(into)?;
        let left = self.left.load(Ordering::Relaxed);
        let left = left.checked_sub(read as u64);
        let left = left.ok_or_else(|| io::Error::other("the directory of the archive is too long"))?;
        self.left.store(left, Ordering::Relaxed);
        Ok(read)
    }
}

impl Seek for Bounded {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Hands the members of an archive on, one after another. Ends early where nobody takes them any more.
fn read(file: File, members: &mpsc::Sender<Member>) -> Result<(), Fault> {
    let left = Arc::new(AtomicU64::new(MOST_DIRECTORY));
    let bounded = Bounded {
        file,
        left: Arc::clone(&left),
    };
    let mut archive = ZipArchive::new(bounded).map_err(|_| Fault::NoArchive)?;
    // From here on what comes out is counted.
    left.store(u64::MAX, Ordering::Relaxed);
    if archive.len() as u64 > MAX_ROW_FILES {
        return Err(Fault::TooManyMembers);
    }
    let mut room = MOST_EXPANDED;
    for place in 0..archive.len() {
        let member = match Entry::of(&mut archive, place) {
            Ok(None) => continue,
            Ok(Some(name)) => {
                let (sender, content) = mpsc::channel(2);
                if members.blocking_send(Member::Coming(name, content)).is_err() {
                    return Ok(());
                }
                expand(&mut archive, place, &sender, &mut room)?;
                continue;
            }
            Err((name, fault)) => Member::Refused(name, fault),
        };
        if members.blocking_send(member).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

struct Entry;

impl Entry {
    /// Name of the file at a place; none for a folder and for what programs for archives add by themselves.
    fn of(archive: &mut ZipArchive<Bounded>, place: usize) -> Result<Option<String>, (String, Fault)> {
        let unnamed = |fault| (String::new(), fault);
        let entry = archive.by_index_raw(place).map_err(|_| unnamed(Fault::Damaged))?;
        let path = entry.name().map_err(|_| unnamed(Fault::Name))?.into_owned();
        if path.len() > MOST_NAME {
            return Err((path, Fault::Name));
        }
        if entry.is_dir() || path.starts_with("__MACOSX/") || path.ends_with(".DS_Store") {
            return Ok(None);
        }
        let name = base_name(&path);
        if name.is_empty() || !is_inside(&path) {
            return Err((path, Fault::Name));
        }
        if entry.is_symlink() {
            return Err((name, Fault::NoFile));
        }
        if entry.encrypted() {
            return Err((name, Fault::Locked));
        }
        if is_overblown(entry.size(), entry.compressed_size()) {
            return Err((name, Fault::Ratio));
        }
        Ok(Some(name))
    }
}

/// A path that leads to nowhere but below the archive.
fn is_inside(path: &str) -> bool {
    let absolute = path.starts_with(['/', '\\']) || path.get(1..2) == Some(":");
    !absolute && !path.contains('\0') && path.split(['/', '\\']).all(|part| part != "..")
}

fn is_overblown(expanded: u64, packed: u64) -> bool {
    expanded > RATIO_FREE && expanded / MOST_RATIO > packed
}

/// Sends the content of a member. What is wrong with it ends it alone; only the room of all of them ends everything.
fn expand(
    archive: &mut ZipArchive<Bounded>,
    place: usize,
    sender: &mpsc::Sender<Result<Bytes, Fault>>,
    room: &mut u64,
) -> Result<(), Fault> {
    let Ok(mut entry) = archive.by_index(place) else {
        drop(sender.blocking_send(Err(Fault::Damaged)));
        return Ok(());
    };
    let packed = entry.compressed_size();
    let mut expanded = 0_u64;
    loop {
        let mut piece = vec![0; STEP];
        let read = match entry.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(_) => {
                drop(sender.blocking_send(Err(Fault::Damaged)));
                return Ok(());
            }
        };
        piece.truncate(read);
        expanded += read as u64;
        if is_overblown(expanded, packed) {
            drop(sender.blocking_send(Err(Fault::Ratio)));
            return Ok(());
        }
        let Some(left) = room.checked_sub(read as u64) else {
            drop(sender.blocking_send(Err(Fault::Expanded)));
            return Err(Fault::Expanded);
        };
        *room = left;
        // Nobody takes it any more: it was refused, and the next one comes.
        if sender.blocking_send(Ok(piece.into())).is_err() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_nowhere_but_below_the_archive() {
        for inside in ["a.pdf", "složka/a.pdf", "a/b/c..pdf", "..a/b.pdf"] {
            assert!(is_inside(inside), "{inside}");
        }
        for outside in [
            "../a.pdf",
            "a/../../b.pdf",
            "/etc/passwd",
            "\\a.pdf",
            "C:\\a.pdf",
            "c:a",
            "a\\..\\b",
            "a\0.pdf",
        ] {
            assert!(!is_inside(outside), "{outside}");
        }
    }

    #[test]
    fn what_deflates_too_well_was_made_to() {
        assert!(!is_overblown(1 << 20, 1));
        assert!(!is_overblown(20 << 20, 110_000));
        assert!(is_overblown(20 << 20, 20_000));
        assert!(is_overblown(u64::MAX, 1 << 30));
    }
}
