//! Waiting until a file system has forgotten what was deleted.
//!
//! ext4 takes an inode again only five minutes after its file was deleted (six, where the table of inodes was not written yet),
//! and until then every new file looks at each of them. After a run or a test that left ten thousand files behind and
//! removed them, a third of the processors' time went into that, and it is not what is measured here.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::Outcome;

/// What a new file may take, half of them: an idle ext4 takes a fifth of it.
const QUICK: Duration = Duration::from_micros(100);
/// After so long it is not what was deleted.
const LONGEST: Duration = Duration::from_secs(400);
const BETWEEN: Duration = Duration::from_secs(5);
/// New files of one look, each in a folder of its own. They stay: deleted, they would be what the next look comes upon.
const FILES: usize = 32;

/// Returns when new files are made quickly in the folders below `objects`, where messages will lie.
///
/// # Errors
/// Where none can be made.
pub fn wait(objects: &Path) -> Outcome<()> {
    let begin = Instant::now();
    let mut said = false;
    loop {
        let took = time_of_a_file(objects, begin)?;
        if took < QUICK {
            return Ok(());
        }
        if begin.elapsed() > LONGEST {
            eprintln!("  a new file takes {took:?} on this file system, and does not get quicker");
            return Ok(());
        }
        if !said {
            eprintln!("  waiting for the file system, which looks over what was deleted in the last minutes");
            said = true;
        }
        crate::pause(BETWEEN);
    }
}

/// The median.
fn time_of_a_file(objects: &Path, begin: Instant) -> Outcome<Duration> {
    let look = begin.elapsed().as_millis();
    let mut times = Vec::new();
    for folder in 0..FILES {
        let path = objects.join(format!("{folder:02x}")).join(format!("bench-{look}"));
        let start = Instant::now();
        File::create_new(path)?;
        times.push(start.elapsed());
    }
    times.sort();
    Ok(times[FILES / 2])
}
