//! Servers that nobody here wrote and that speak the protocol of S3, with one bucket each.
//!
//! The first is **s3s-fs**: it checks every signature, keeps objects on the disk, and so outlives its own death. The second
//! opinion is **moto**, which keeps them in its memory. What s3s-fs (0.14.1) lacks, and moto is asked about:
//!
//! - a read on the condition that the object is still the one that was seen before (`If-Match`): the condition is ignored;
//! - a put on a condition looks first and writes later, so of two at the same moment both may succeed, and a put on the
//!   condition `If-Match` may bring back what is removed meanwhile;
//! - the end of an upload that was ended already is refused as one of somebody else's (403, not 404);
//! - a listing walks through the whole bucket, and names no tags of objects.
//!
//! What moto lacks: it checks no signature, loses everything when it ends, and answers one request after the other.

mod moto;
mod s3s_fs;

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::error::{Error, Result};
use crate::toolkit::tool;

use self::moto::Moto;
use self::s3s_fs::S3sFs;

const BUCKET: &str = "messages";
const ACCESS_KEY: &str = "isds";
const SECRET: &str = "tests";

/// A running server; ends with the value, or with the test process.
#[derive(Debug)]
pub struct BucketServer {
    // Order matters: the server ends before its folder goes.
    server: Server,
    folder: tempfile::TempDir,
}

#[derive(Debug)]
enum Server {
    OnDisk(S3sFs),
    InMemory(Moto),
}

impl BucketServer {
    /// Starts one that keeps its objects on the disk: s3s-fs.
    ///
    /// # Errors
    /// [`Error::Tool`] where it is not set up, [`Error::Died`], [`Error::NotReady`], [`Error::Io`].
    pub fn start() -> Result<Self> {
        Self::start_with(&tool("ISDS_S3S_FS", "bin/s3s-fs")?)
    }

    /// The same, of this program.
    ///
    /// # Errors
    /// As [`BucketServer::start`].
    pub fn start_with(program: &Path) -> Result<Self> {
        let folder = folder()?;
        let server = S3sFs::start(program, folder.path())?;
        Ok(Self {
            server: Server::OnDisk(server),
            folder,
        })
    }

    /// Starts the second opinion, which keeps its objects in memory: moto.
    ///
    /// # Errors
    /// [`Error::Tool`] where it is not set up or does not start, [`Error::Io`].
    pub fn moto() -> Result<Self> {
        let folder = folder()?;
        let server = Moto::start(&tool("ISDS_S3_PYTHON", "s3/bin/python")?)?;
        Ok(Self {
            server: Server::InMemory(server),
            folder,
        })
    }

    /// The address of a folder in the bucket: `s3://…`.
    #[must_use]
    pub fn url(&self, folder: &str) -> String {
        let credentials = self.folder.path().join("credentials");
        format!(
            "s3://{BUCKET}/{folder}?endpoint=http://{}&credentials={}",
            self.address(),
            credentials.display()
        )
    }

    /// The names of what lies in a folder of the bucket.
    ///
    /// # Errors
    /// Those of the request.
    pub fn names(&self, folder: &str) -> Result<Vec<String>> {
        match &self.server {
            Server::OnDisk(server) => server.names(folder),
            Server::InMemory(server) => server.names(folder),
        }
    }

    /// What lies under a name.
    ///
    /// # Errors
    /// Those of the request.
    pub fn content(&self, name: &str) -> Result<Vec<u8>> {
        match &self.server {
            Server::OnDisk(server) => server.content(name),
            Server::InMemory(server) => server.content(name),
        }
    }

    /// Puts something under a name, whatever lies there.
    ///
    /// # Errors
    /// Those of the request.
    pub fn put(&self, name: &str, content: &[u8]) -> Result<()> {
        match &self.server {
            Server::OnDisk(server) => server.put(name, content),
            Server::InMemory(server) => server.put(name, content),
        }
    }

    /// Removes what lies under a name.
    ///
    /// # Errors
    /// Those of the request.
    pub fn remove(&self, name: &str) -> Result<()> {
        match &self.server {
            Server::OnDisk(server) => server.remove(name),
            Server::InMemory(server) => server.remove(name),
        }
    }

    /// Ends it with SIGKILL, in the middle of whatever it does.
    ///
    /// # Errors
    /// [`Error::NotRunning`]; [`Error::Tool`] of the one that keeps its objects in memory.
    pub fn kill_hard(&mut self) -> Result<()> {
        self.on_disk()?.kill_hard()
    }

    /// Starts it again after [`kill_hard`](Self::kill_hard), where it was and with what it had.
    ///
    /// # Errors
    /// As [`BucketServer::start`].
    pub fn restart(&mut self) -> Result<()> {
        self.on_disk()?.serve()
    }

    fn on_disk(&mut self) -> Result<&mut S3sFs> {
        match &mut self.server {
            Server::OnDisk(server) => Ok(server),
            Server::InMemory(_) => Err(Error::Tool {
                tool: "moto".to_owned(),
                status: "would lose its objects".to_owned(),
                output: String::new(),
            }),
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        let port = match &self.server {
            Server::OnDisk(server) => server.port(),
            Server::InMemory(server) => server.port(),
        };
        SocketAddr::from((Ipv4Addr::LOCALHOST, port))
    }
}

/// A folder with the credentials that isds shows, which nobody else may read.
fn folder() -> Result<tempfile::TempDir> {
    let folder = tempfile::Builder::new()
        .prefix("isds-bucket-")
        .tempdir()
        .map_err(Error::io("make the folder of a bucket"))?;
    let mut file = fs::File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(folder.path().join("credentials"))
        .map_err(Error::io("write the credentials"))?;
    writeln!(file, "{ACCESS_KEY}:{SECRET}").map_err(Error::io("write the credentials"))?;
    Ok(folder)
}
