//! A server that nobody here wrote (moto) and that speaks the protocol of S3, with one bucket in its memory.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::error::{Error, Result};
use crate::free_port;
use crate::toolkit::tool;

const BUCKET: &str = "messages";
/// Whoever asks has to show some key; which one is all the same to the server.
const CREDENTIALS: &str = "isds:tests\n";

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
        let mut server = Command::new(tool("ISDS_S3_PYTHON", "s3/bin/python")?)
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
}

impl Drop for BucketServer {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
