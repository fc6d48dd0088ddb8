//! A server that nobody here wrote (moto) and that speaks the protocol of S3, with one bucket in its memory.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::toolkit::tool;
use crate::{free_port, http};

const BUCKET: &str = "messages";
/// Whoever asks has to show some key; which one is all the same to the server.
const CREDENTIALS: &str = "isds:tests\n";
/// The server wants to see a signature, and does not check it.
const SIGNED: &str =
    "AWS4-HMAC-SHA256 Credential=isds/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00";

/// A running server; ends with the value.
pub struct BucketServer {
    port: u16,
    folder: tempfile::TempDir,
    server: Child,
}

impl BucketServer {
    /// Starts one.
    ///
    /// # Errors
    /// [`Error::Tool`] where it is not set up or does not start, [`Error::Io`].
    pub fn start() -> Result<Self> {
        Self::start_with(&tool("ISDS_S3_PYTHON", "s3/bin/python")?)
    }

    /// Starts one in this Python, which has moto.
    ///
    /// # Errors
    /// As [`BucketServer::start`].
    pub fn start_with(python: &Path) -> Result<Self> {
        let folder = tempfile::tempdir().map_err(Error::io("make the folder of the credentials"))?;
        let mut file = fs::File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(folder.path().join("credentials"))
            .map_err(Error::io("write the credentials"))?;
        file.write_all(CREDENTIALS.as_bytes())
            .map_err(Error::io("write the credentials"))?;
        let port = free_port()?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../clients/s3/serve.py");
        let mut server = Command::new(python)
            .arg(script)
            .arg(port.to_string())
            .arg(BUCKET)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(Error::io("start the server of the bucket"))?;
        let said = server.stdout.take();
        let started = Self { port, folder, server };
        let mut line = String::new();
        if let Some(said) = said {
            BufReader::new(said)
                .read_line(&mut line)
                .map_err(Error::io("wait for the server of the bucket"))?;
        }
        if line.trim() == "ready" {
            Ok(started)
        } else {
            Err(Error::Tool {
                tool: "moto".to_owned(),
                status: "did not start".to_owned(),
                output: line,
            })
        }
    }

    /// The address of a folder in the bucket: `s3://…`.
    #[must_use]
    pub fn url(&self, folder: &str) -> String {
        let credentials = self.folder.path().join("credentials");
        format!(
            "s3://{BUCKET}/{folder}?endpoint=http://127.0.0.1:{}&credentials={}",
            self.port,
            credentials.display()
        )
    }

    /// The names of what lies in a folder of the bucket.
    ///
    /// # Errors
    /// Those of the request.
    pub fn names(&self, folder: &str) -> Result<Vec<String>> {
        let answer = self.ask("GET", &format!("?list-type=2&prefix={folder}/"), &[])?.text();
        let keys = answer
            .split("<Key>")
            .skip(1)
            .filter_map(|rest| rest.split_once("</Key>"));
        Ok(keys.map(|(key, _)| key.to_owned()).collect())
    }

    /// What lies under a name.
    ///
    /// # Errors
    /// Those of the request.
    pub fn content(&self, name: &str) -> Result<Vec<u8>> {
        self.ask("GET", &format!("/{name}"), &[]).map(|answer| answer.body)
    }

    /// Puts something under a name, whatever lies there.
    ///
    /// # Errors
    /// Those of the request.
    pub fn put(&self, name: &str, content: &[u8]) -> Result<()> {
        self.ask("PUT", &format!("/{name}"), content).map(drop)
    }

    /// Removes what lies under a name.
    ///
    /// # Errors
    /// Those of the request.
    pub fn remove(&self, name: &str) -> Result<()> {
        self.ask("DELETE", &format!("/{name}"), &[]).map(drop)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    fn ask(&self, method: &str, path: &str, body: &[u8]) -> Result<http::Response> {
        let path = format!("/{BUCKET}{path}");
        let headers = [("Content-Type", "application/octet-stream"), ("Authorization", SIGNED)];
        let answer = http::request(self.address(), method, &path, &headers, body, Duration::from_secs(20))?;
        if answer.status < 300 {
            Ok(answer)
        } else {
            Err(Error::Tool {
                tool: format!("{method} {path}"),
                status: answer.status.to_string(),
                output: answer.text(),
            })
        }
    }
}

impl Drop for BucketServer {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
