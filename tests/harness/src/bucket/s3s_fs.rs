//! s3s-fs: a bucket in a folder, each object a file under its name. What a test does behind the server's back, it does there.

use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{ACCESS_KEY, BUCKET, SECRET};
use crate::error::{Error, Result};
use crate::free_port;
use crate::guard::{Guard, end, pause, tail};

const READY_WITHIN: Duration = Duration::from_secs(30);
/// How often another port is tried, when somebody else took the one that was free a moment ago.
const PORTS: usize = 3;

#[derive(Debug)]
pub(super) struct S3sFs {
    // Order matters: the server ends before the guard does, which removes the folder.
    process: Option<Child>,
    guard: Guard,
    program: PathBuf,
    folder: PathBuf,
    port: u16,
}

impl S3sFs {
    pub(super) fn start(program: &Path, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder.join("root").join(BUCKET)).map_err(Error::io("make the bucket"))?;
        let mut server = Self {
            process: None,
            guard: Guard::new("KILL", Some(folder))?,
            program: program.to_owned(),
            folder: folder.to_owned(),
            port: free_port()?,
        };
        for _ in 1..PORTS {
            match server.serve() {
                Err(Error::Died { .. }) => server.port = free_port()?,
                served => return served.map(|()| server),
            }
        }
        server.serve().map(|()| server)
    }

    /// Begins to listen, with what is there.
    pub(super) fn serve(&mut self) -> Result<()> {
        let log = self.folder.join("log");
        let output = fs::File::options()
            .create(true)
            .append(true)
            .open(&log)
            .map_err(Error::io("open the log of the bucket"))?;
        let errors = output.try_clone().map_err(Error::io("open the log of the bucket"))?;
        let process = Command::new(&self.program)
            .args(["--host", "127.0.0.1", "--port", &self.port.to_string()])
            .args(["--access-key", ACCESS_KEY, "--secret-key", SECRET])
            .arg(self.folder.join("root"))
            .env("RUST_LOG", "error")
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .map_err(Error::io("start the server of the bucket"))?;
        self.guard.watch(Some(process.id()))?;
        let process = self.process.insert(process);
        let (what, begun) = ("s3s-fs".to_owned(), Instant::now());
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            if let Some(status) = process.try_wait().map_err(Error::io("look after the bucket"))? {
                self.process = None;
                self.guard.watch(None)?;
                let status = status.to_string();
                let log = tail(&log, 4_000);
                return Err(Error::Died { what, status, log });
            }
            if begun.elapsed() > READY_WITHIN {
                let (after, log) = (READY_WITHIN, tail(&log, 4_000));
                return Err(Error::NotReady { what, after, log });
            }
            pause();
        }
        Ok(())
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn kill_hard(&mut self) -> Result<()> {
        let mut process = self.process.take().ok_or(Error::NotRunning("the bucket"))?;
        process.kill().map_err(Error::io("kill the bucket"))?;
        process.wait().map_err(Error::io("wait for the bucket"))?;
        self.guard.watch(None)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join("root").join(BUCKET).join(name)
    }

    pub(super) fn names(&self, folder: &str) -> Result<Vec<String>> {
        let mut names = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(self.path(&folder)) {
                // One that holds nothing is none.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                entries => entries.map_err(Error::io("list the bucket"))?,
            };
            for entry in entries {
                let entry = entry.map_err(Error::io("list the bucket"))?;
                let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
                if entry.path().is_dir() {
                    folders.push(name);
                } else {
                    names.push(name);
                }
            }
        }
        names.sort();
        Ok(names)
    }

    pub(super) fn content(&self, name: &str) -> Result<Vec<u8>> {
        fs::read(self.path(name)).map_err(Error::io(format!("read {name} of the bucket")))
    }

    pub(super) fn put(&self, name: &str, content: &[u8]) -> Result<()> {
        let path = self.path(name);
        let folder = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, content))
            .map_err(Error::io(format!("write {name} of the bucket")))
    }

    pub(super) fn remove(&self, name: &str) -> Result<()> {
        fs::remove_file(self.path(name)).map_err(Error::io(format!("remove {name} of the bucket")))
    }
}

impl Drop for S3sFs {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            // It has nothing to tidy up.
            end(process, Signal::KILL, Duration::from_secs(5));
        }
    }
}
