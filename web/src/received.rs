//! Files that come in with a form, and those that were not taken.

use std::future::Future;
use std::pin::pin;

use axum::extract::multipart::Field;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use isds_core::{AttachmentUpload, DraftUpload, Failure};

use crate::page::PageError;

/// Why a file was not taken.
#[derive(Debug, Clone)]
pub(crate) struct FileError {
    pub(crate) name: String,
    pub(crate) text: String,
    /// The text is one of the table, which is Czech.
    pub(crate) czech: bool,
}

/// The last part of a path, which some browsers send whole.
pub(crate) fn base_name(name: &str) -> String {
    name.rsplit(['/', '\\']).next().unwrap_or_default().trim().to_owned()
}

/// A text field of at most so many bytes.
pub(crate) async fn text(mut field: Field<'_>, most: usize) -> Result<String, PageError> {
    let mut value = Vec::new();
    while let Some(bytes) = field.chunk().await.map_err(|_| PageError::WrongForm)? {
        if value.len() + bytes.len() > most {
            return Err(PageError::TooLarge);
        }
        value.extend_from_slice(&bytes);
    }
    String::from_utf8(value).map_err(|_| PageError::WrongForm)
}

/// An attachment on its way into the system.
pub(crate) trait OpenUpload: Send {
    fn write(&mut self, bytes: &[u8]) -> impl Future<Output = Result<(), Failure>> + Send;

    fn abandon(self) -> impl Future<Output = ()> + Send;
}

impl OpenUpload for DraftUpload<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        DraftUpload::write(self, bytes).await
    }

    async fn abandon(self) {
        DraftUpload::abandon(self).await;
    }
}

impl OpenUpload for AttachmentUpload<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        AttachmentUpload::write(self, bytes).await
    }

    async fn abandon(self) {
        AttachmentUpload::abandon(self).await;
    }
}

/// Why a file did not come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    BrokenOff,
    /// Longer than anything that is read away.
    TooLong,
}

impl From<Unread> for PageError {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::BrokenOff => Self::WrongForm,
            Unread::TooLong => Self::TooLarge,
        }
    }
}

/// Streams a file into an upload; answers the upload, or why it was refused. The rest of one that is refused is read away:
/// browsers take an answer only after they have sent everything.
pub(crate) async fn pour<U, R, S, E>(source: S, opened: Result<U, R>, most: u64) -> Result<Result<U, R>, Unread>
where
    U: OpenUpload,
    R: From<Failure>,
    S: Stream<Item = Result<Bytes, E>>,
{
    let mut source = pin!(source);
    let (mut open, mut left) = (opened, most);
    loop {
        let read = match source.next().await {
            None => return Ok(open),
            Some(Err(_)) => Err(Unread::BrokenOff),
            Some(Ok(bytes)) if bytes.len() as u64 > left => Err(Unread::TooLong),
            Some(Ok(bytes)) => Ok(bytes),
        };
        let written = match (read, &mut open) {
            (Err(unread), _) => {
                if let Ok(upload) = open {
                    upload.abandon().await;
                }
                return Err(unread);
            }
            (Ok(bytes), open) => {
                left -= bytes.len() as u64;
                match open {
                    Ok(upload) => upload.write(&bytes).await,
                    Err(_) => Ok(()),
                }
            }
        };
        if let Err(failure) = written
            && let Ok(upload) = std::mem::replace(&mut open, Err(failure.into()))
        {
            upload.abandon().await;
        }
    }
}
