//! moto: a bucket in the memory of a Python process.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::BUCKET;
use crate::error::{Error, Result};
use crate::{free_port, http};

/// It wants to see a signature, and does not check it.
const SIGNED: &str =
    "AWS4-HMAC-SHA256 Credential=isds/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00";

#[derive(Debug)]
pub(super) struct Moto {
    port: u16,
    server: Child,
}

impl Moto {
    /// Starts it in this Python, which has moto.
    pub(super) fn start(python: &Path) -> Result<Self> {
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
        let started = Self { port, server };
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

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn names(&self, folder: &str) -> Result<Vec<String>> {
        let answer = self.ask("GET", &format!("?list-type=2&prefix={folder}/"), &[])?.text();
        let keys = answer
            .split("<Key>")
            .skip(1)
            .filter_map(|rest| rest.split_once("</Key>"));
        Ok(keys.map(|(key, _)| key.to_owned()).collect())
    }

    pub(super) fn content(&self, name: &str) -> Result<Vec<u8>> {
        self.ask("GET", &format!("/{name}"), &[]).map(|answer| answer.body)
    }

    pub(super) fn put(&self, name: &str, content: &[u8]) -> Result<()> {
        self.ask("PUT", &format!("/{name}"), content).map(drop)
    }

    pub(super) fn remove(&self, name: &str) -> Result<()> {
        self.ask("DELETE", &format!("/{name}"), &[]).map(drop)
    }

    fn ask(&self, method: &str, path: &str, body: &[u8]) -> Result<http::Response> {
        let path = format!("/{BUCKET}{path}");
        let headers = [("Content-Type", "application/octet-stream"), ("Authorization", SIGNED)];
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let answer = http::request(address, method, &path, &headers, body, Duration::from_secs(20))?;
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

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
