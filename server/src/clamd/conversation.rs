//! One conversation with ClamAV's daemon: a command that ends with NUL, content in pieces each after its length, an answer
//! that ends with NUL.

use std::io;

use bytes::Bytes;
use futures::TryStreamExt;
use futures::stream::BoxStream;
use isds_core::ports::{FileVerdict, StoreError, StoreResult};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::{Duration, timeout};

use super::ClamdAddress;

/// How long a connection may take to come about.
const CONNECTING: Duration = Duration::from_secs(5);
/// How long an answer is waited for that may have come before the connection was cut.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Longest piece of content in one go.
const PIECE: usize = 64 << 10;
/// Longest answer: names of findings are short.
const ANSWER: u64 = 4096;
/// How much of a strange answer is repeated in the log.
const QUOTED: usize = 200;

/// Why a conversation came to no verdict.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Nobody listens there.
    #[error("it cannot be reached")]
    Unreachable(#[source] io::Error),
    /// The connection broke.
    #[error("the connection broke after {1} bytes of the file")]
    Broken(#[source] io::Error, u64),
    /// It says nothing.
    #[error("it says nothing")]
    Silent,
    /// What it says is no answer.
    #[error("it answers what is no answer: {0:?}")]
    Nonsense(String),
    /// It says that it failed.
    #[error("it says: {0:?}")]
    Failed(String),
    /// More than its `StreamMaxLength`.
    #[error("the file is larger than its StreamMaxLength")]
    TooLarge,
    /// The content cannot be read.
    #[error("the content cannot be read")]
    Content(#[source] StoreError),
}

trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

async fn connect(address: &ClamdAddress) -> Result<Box<dyn Connection>, Trouble> {
    let connecting = async {
        Ok::<Box<dyn Connection>, io::Error>(match address {
            ClamdAddress::Tcp(address) => Box::new(TcpStream::connect(address).await?),
            ClamdAddress::Unix(path) => Box::new(UnixStream::connect(path).await?),
        })
    };
    match timeout(CONNECTING, connecting).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(Trouble::Unreachable(error)),
        Err(_) => Err(Trouble::Unreachable(io::ErrorKind::TimedOut.into())),
    }
}

/// `VERSION`.
pub async fn version(address: &ClamdAddress) -> Result<String, Trouble> {
    let mut connection = connect(address).await?;
    let broken = |error| Trouble::Broken(error, 0);
    connection.write_all(b"zVERSION\0").await.map_err(broken)?;
    let answer = answer(&mut connection, 0).await?;
    if answer.starts_with("ClamAV") {
        Ok(answer)
    } else {
        Err(Trouble::Nonsense(answer))
    }
}

/// `INSTREAM`: the verdict on a file.
pub async fn scan(address: &ClamdAddress, content: BoxStream<'_, StoreResult<Bytes>>) -> Result<FileVerdict, Trouble> {
    let (mut from, mut to) = tokio::io::split(connect(address).await?);
    let mut sent = 0;
    let early = {
        let mut sending = std::pin::pin!(send(&mut to, content, &mut sent));
        tokio::select! {
            biased;
            done = &mut sending => done.map(|()| None),
            // It speaks before the end: mostly to say that it takes no more.
            said = answer(&mut from, 0) => said.map(Some),
        }
    };
    let said = match early {
        Ok(None) => answer(&mut from, sent).await?,
        Ok(Some(said)) => return early_verdict(&said),
        Err(trouble @ Trouble::Broken(..)) => match timeout(LAST_WORDS, answer(&mut from, sent)).await {
            Ok(Ok(said)) => return early_verdict(&said),
            _ => return Err(trouble),
        },
        Err(trouble) => return Err(trouble),
    };
    verdict(&said)
}

/// Before the end of a file nothing of it is clean.
fn early_verdict(said: &str) -> Result<FileVerdict, Trouble> {
    match verdict(said)? {
        FileVerdict::Clean => Err(Trouble::Nonsense(said.to_owned())),
        found => Ok(found),
    }
}

async fn send(
    to: &mut (impl AsyncWrite + Unpin),
    mut content: BoxStream<'_, StoreResult<Bytes>>,
    sent: &mut u64,
) -> Result<(), Trouble> {
    let mut buffer = Vec::with_capacity(PIECE + 4);
    write(to, b"zINSTREAM\0", *sent).await?;
    while let Some(bytes) = content.try_next().await.map_err(Trouble::Content)? {
        for piece in bytes.chunks(PIECE) {
            buffer.clear();
            // No piece is longer than PIECE.
            let length = u32::try_from(piece.len()).unwrap_or(u32::MAX);
            buffer.extend_from_slice(&length.to_be_bytes());
            buffer.extend_from_slice(piece);
            write(to, &buffer, *sent).await?;
            *sent += piece.len() as u64;
        }
    }
    write(to, &[0; 4], *sent).await
}

async fn write(to: &mut (impl AsyncWrite + Unpin), bytes: &[u8], sent: u64) -> Result<(), Trouble> {
    to.write_all(bytes).await.map_err(|error| Trouble::Broken(error, sent))
}

/// What it says, up to the NUL or to the end of the connection.
async fn answer(from: &mut (impl AsyncRead + Unpin), sent: u64) -> Result<String, Trouble> {
    let mut said = Vec::new();
    let mut from = from.take(ANSWER);
    loop {
        let before = said.len();
        let read = from.read_buf(&mut said).await;
        let ends = said[before..].contains(&0);
        match read {
            Ok(_) if ends => break,
            Ok(0) if said.is_empty() => {
                return Err(Trouble::Broken(io::ErrorKind::UnexpectedEof.into(), sent));
            }
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => return Err(Trouble::Broken(error, sent)),
        }
    }
    let text = said.split(|byte| *byte == 0).next().unwrap_or_default();
    let text: String = String::from_utf8_lossy(text).chars().take(QUOTED).collect();
    Ok(text.trim_end().to_owned())
}

fn verdict(said: &str) -> Result<FileVerdict, Trouble> {
    if let Some(result) = said.strip_prefix("stream: ") {
        if result == "OK" {
            return Ok(FileVerdict::Clean);
        }
        if let Some(finding) = result.strip_suffix(" FOUND") {
            return Ok(FileVerdict::Found(finding.to_owned()));
        }
    }
    if said.contains("size limit exceeded") {
        Err(Trouble::TooLarge)
    } else if said.ends_with("ERROR") {
        Err(Trouble::Failed(said.to_owned()))
    } else {
        Err(Trouble::Nonsense(said.to_owned()))
    }
}
