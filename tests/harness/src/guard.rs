//! Ends what a test started, even when the test process can no longer do it itself.
//!
//! `Drop` does not run for statics, nor when a test runner kills a test that took too long. A guard is a small shell
//! in a process group of its own that waits on a pipe: when the last writer is gone, so is the test process, and the
//! shell ends the server it was told about and removes its folder.

use std::{
    io::{self, Write},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{Error, Result};

/// Reads the id of the process to end, line by line; the last one counts, 0 is none. At the end of the input it sends
/// the signal, waits up to ten seconds for the process to go, and removes the folder if one was named.
const SCRIPT: &str = r#"
pid=0
while read -r line; do pid=$line; done
if [ "$pid" != 0 ] && kill -s "$1" "$pid" 2>/dev/null; then
  left=100
  while [ "$left" -gt 0 ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; left=$((left - 1)); done
  kill -s KILL "$pid" 2>/dev/null
fi
[ -z "$2" ] || rm -rf -- "$2"
"#;

/// The guard of one server process and, optionally, its folder.
#[derive(Debug)]
pub struct Guard {
    shell: Child,
    orders: Option<ChildStdin>,
}

impl Guard {
    /// Starts a guard that will send `signal` (`QUIT`, `KILL`, …) and then remove `folder`.
    ///
    /// # Errors
    /// [`Error::Io`] when no shell can be started.
    pub fn new(signal: &str, folder: Option<&Path>) -> Result<Self> {
        let mut shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "guard", signal])
            .arg(folder.unwrap_or(Path::new("")))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(Error::io("start the guard of a test server"))?;
        let orders = shell.stdin.take();
        Ok(Self { shell, orders })
    }

    /// From now on the guard answers for `pid`; `None` when there is nothing to end.
    ///
    /// # Errors
    /// [`Error::Io`] when the guard is gone.
    pub fn watch(&mut self, pid: Option<u32>) -> Result<()> {
        let orders = self.orders.as_mut().ok_or(Error::NotRunning("the guard"))?;
        writeln!(orders, "{}", pid.unwrap_or(0)).map_err(Error::io("tell the guard what to watch"))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.orders.take());
        // The guard's own work is bounded, and nobody is left to hear that waiting for it failed.
        let _ = self.shell.wait();
    }
}

/// Sends `signal` to a process that this process started and has not yet waited for.
///
/// # Errors
/// The system's answer, `ESRCH` among them.
pub fn send(pid: u32, signal: Signal) -> io::Result<()> {
    let pid = i32::try_from(pid)
        .ok()
        .and_then(Pid::from_raw)
        .ok_or(io::ErrorKind::InvalidInput)?;
    Ok(kill_process(pid, signal)?)
}

/// The pause between two looks at something that another process brings about; every such loop has a limit.
#[expect(
    clippy::disallowed_methods,
    reason = "what happens in another process sends no event here: it is polled"
)]
pub fn pause() {
    std::thread::sleep(Duration::from_millis(10));
}

/// Waits for a child of ours to end, up to `limit`, then kills it. How it ended, unless it had to be killed.
pub(crate) fn end(child: &mut Child, signal: Signal, limit: Duration) -> Option<ExitStatus> {
    if let Ok(Some(status)) = child.try_wait() {
        return Some(status);
    }
    // What fails here fails because the child is already gone; `wait` below settles it either way.
    let _ = send(child.id(), signal);
    let until = Instant::now() + limit;
    while Instant::now() < until {
        match child.try_wait() {
            Ok(None) => pause(),
            Ok(status) => return status,
            Err(_) => return None,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

/// The last `limit` bytes of a log, for an error text.
pub(crate) fn tail(log: &Path, limit: usize) -> String {
    match std::fs::read(log) {
        Ok(bytes) => String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(limit)..]).into_owned(),
        Err(error) => format!("(no log: {error})"),
    }
}
