//! Reading a package from memory, for fuzzing, for the replay of what fuzzing found, and for the tests here.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::FutureExt;
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};

use crate::reader::{ReadError, Request, read_on};

use super::framing::poll_read;
use super::{MediaType, MtomError, Related};

/// Hands out at most so many bytes at a time.
pub(super) struct Pieces<'a> {
    pub bytes: &'a [u8],
    pub step: usize,
}

impl AsyncBufRead for Pieces<'_> {
    fn poll_fill_buf(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        Poll::Ready(Ok(&this.bytes[..this.bytes.len().min(this.step)]))
    }

    fn consume(mut self: Pin<&mut Self>, amount: usize) {
        self.bytes = &self.bytes[amount..];
    }
}

impl AsyncRead for Pieces<'_> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        poll_read(self, cx, buf)
    }
}

/// Reads a package to its end as the server would read an unknown operation, in pieces of `step` bytes, and gives out
/// what its content elements hold, one after another.
///
/// # Errors
/// Whatever is wrong with it.
pub fn read_package_for_check(content_type: &str, body: &[u8], step: usize) -> Result<Vec<u8>, ReadError> {
    let media_type = MediaType::parse(content_type).ok_or(MtomError::OuterType)?;
    let related = Related::of(&media_type)?;
    let source = Pieces {
        bytes: body,
        step: step.max(1),
    };
    let mut content = Vec::new();
    let read = async {
        let mut request = Request::open_package(source, u64::MAX, &related).await?;
        read_on(&mut request, |bytes| content.extend_from_slice(bytes)).await
    };
    // A slice is always ready, so the future never waits.
    read.now_or_never().unwrap_or(Err(ReadError::Truncated))?;
    Ok(content)
}
