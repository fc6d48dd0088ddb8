//! Large pages of memory for PostgreSQL, which takes them where the machine has some. A database server with gigabytes of
//! buffers has them: with pages of 4 kB each place of a large index costs several more places in the tables of pages.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::Outcome;

/// How many pages the machine keeps for it.
const KEPT: &str = "/proc/sys/vm/nr_hugepages";
/// What the kept cluster shares among its processes, in kB: 6 GB of buffers and what belongs to them.
const NEEDED_KB: u64 = 6_600 << 10;

/// Pages that are kept while this lives, and how many there were before.
pub struct HugePages {
    before: u64,
    marker: PathBuf,
}

impl HugePages {
    /// Has the machine keep enough of them; nothing where it may not be asked or has no room. `marker`: file that tells the
    /// next run how many there were, where this one is killed.
    pub fn keep(marker: PathBuf) -> Outcome<Option<Self>> {
        let Ok(now) = number(Path::new(KEPT)) else {
            return Ok(None);
        };
        let before = number(&marker).unwrap_or(now);
        let wanted = before + NEEDED_KB.div_ceil(page_kb()?);
        fs::write(&marker, before.to_string())?;
        if fs::write(KEPT, wanted.to_string()).is_err() {
            fs::remove_file(&marker)?;
            return Ok(None);
        }
        // Where there is no room for all, those that were found are given back at once.
        let pages = Self { before, marker };
        Ok((number(Path::new(KEPT))? == wanted).then_some(pages))
    }
}

impl Drop for HugePages {
    fn drop(&mut self) {
        if let Err(error) = fs::write(KEPT, self.before.to_string()).and_then(|()| fs::remove_file(&self.marker)) {
            eprintln!("  {KEPT} stays as it is: {error}");
        }
    }
}

fn number(file: &Path) -> io::Result<u64> {
    fs::read_to_string(file)?.trim().parse().map_err(io::Error::other)
}

fn page_kb() -> Outcome<u64> {
    let meminfo = fs::read_to_string("/proc/meminfo")?;
    let size = meminfo.lines().find_map(|line| line.strip_prefix("Hugepagesize:"));
    let size = size.ok_or("the machine does not say how large its pages are")?;
    Ok(size.trim().trim_end_matches(" kB").parse()?)
}
