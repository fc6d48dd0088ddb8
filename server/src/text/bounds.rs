//! What the process that reads a stranger's file may use.

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};

/// Address space in bytes: a file of 20 MB and what it unfolds to. What needs more ends the process.
const MEMORY: u64 = 768 * 1024 * 1024;
/// Seconds of computing.
const SECONDS: u64 = 8;
/// Open files: the three that it begins with, and a few that libraries may want.
const FILES: u64 = 8;

/// Limits this process, for good. It can write no file and leaves no memory image behind.
pub(super) fn set() -> io::Result<()> {
    let limits = [
        (Resource::As, MEMORY),
        (Resource::Cpu, SECONDS),
        (Resource::Nofile, FILES),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ];
    for (resource, most) in limits {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}
