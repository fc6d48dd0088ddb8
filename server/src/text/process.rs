//! The process that takes text out of a file, as the server starts it.

use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use isds_core::{TextExtractor, TextFormat};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::time::timeout;

use super::MAX_TEXT;

/// This very binary, even if its file has been replaced meanwhile.
const SELF: &str = "/proc/self/exe";
/// Longest time for one file.
const MAX_TIME: Duration = Duration::from_secs(12);

/// Reads each file in a process of its own.
#[derive(Debug, Clone)]
pub struct SeparateProcess {
    program: String,
}

impl Default for SeparateProcess {
    fn default() -> Self {
        Self { program: SELF.into() }
    }
}

#[async_trait]
impl TextExtractor for SeparateProcess {
    async fn text(&self, format: TextFormat, file: Vec<u8>) -> Option<String> {
        match timeout(MAX_TIME, self.run(format, &file)).await {
            Ok(Ok(text)) => text,
            Ok(Err(error)) => {
                tracing::warn!(%error, format = format.name(), "the process that reads files cannot be used");
                None
            }
            // The process is ended with the future that waited for it.
            Err(_) => {
                tracing::warn!(
                    format = format.name(),
                    bytes = file.len(),
                    "a file took too long to be read"
                );
                None
            }
        }
    }
}

impl SeparateProcess {
    async fn run(&self, format: TextFormat, file: &[u8]) -> std::io::Result<Option<String>> {
        let mut child = Command::new(&self.program)
            .args(["extract-text", format.name()])
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Ok(None);
        };
        let mut text = Vec::new();
        let write = async {
            // One that ended early no longer reads; what it answered says whether that matters.
            let _ = stdin.write_all(file).await;
            drop(stdin);
        };
        let mut stdout = stdout.take(MAX_TEXT as u64 + 1);
        let (_, read) = tokio::join!(write, stdout.read_to_end(&mut text));
        read?;
        let whole = text.len() <= MAX_TEXT;
        if !whole {
            child.start_kill()?;
        }
        let ended = child.wait().await?;
        Ok((ended.success() && whole).then(|| String::from_utf8_lossy(&text).into_owned()))
    }
}
