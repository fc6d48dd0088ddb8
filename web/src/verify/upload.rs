//! The upload, judged while it passes.

use std::time::Duration;

use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Request};
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, stream};
use isds_core::Limits;
use isds_core::examination::Examination;
use isds_core::ports::StoreResult;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};

use super::places::{Places, Refused};
use crate::page::{PageError, Visitor};

/// How long an upload may take: 140 MB over a slow line. Whoever dawdles gives the place back.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// How long nothing may come of an upload.
const STANDSTILL: Duration = Duration::from_secs(30);
/// Bytes a second of the slowest line that a place is kept for, beyond [`STANDSTILL`].
const SLOWEST: u64 = 16 * 1024;
/// How long the rest of a refused upload is read away.
const REFUSED_LONGEST: Duration = Duration::from_secs(60);
/// What a sealed document has beside its attachments: envelope, events, seal, timestamps, with much room.
const FRAME_BYTES: u64 = 2 << 20;
/// Longest form token.
const TOKEN_BYTES: usize = 200;
/// Fields that are looked at: the token, the file, and what a browser may add.
const FIELDS: usize = 4;
/// Chunks on their way from the network to the examination.
const CHUNKS: usize = 4;
/// Longest file name that is shown again.
const NAME_CHARACTERS: usize = 120;

/// Why there is no examination.
#[derive(Debug, thiserror::Error)]
pub(super) enum UploadError {
    /// Too many documents are judged just now, or came from one address.
    #[error("no place")]
    NoPlace(Refused),
    /// No file was chosen, or an empty one.
    #[error("no file")]
    NoFile,
    /// Larger than any sealed document.
    #[error("too large")]
    TooLarge,
    /// It took too long.
    #[error("too slow")]
    TooSlow,
    /// The form is of a page that was opened before signing in or out, or of nobody's.
    #[error("not a form of this visitor's")]
    Stale,
    /// Anything else that other pages have as well.
    #[error(transparent)]
    Page(#[from] PageError),
}

/// Largest sealed document: attachments in base64, and what is around them.
pub(super) fn largest_document(limits: &Limits) -> u64 {
    limits.large_message_bytes.div_ceil(3) * 4 + FRAME_BYTES
}

/// Reads the form and examines the file in it. Its name comes with the report.
pub(super) async fn examine(
    visitor: &Visitor,
    places: &Places,
    request: Request,
    largest: u64,
) -> Result<(String, Examination), UploadError> {
    match timeout(LONGEST, read_form(visitor, places, request, largest)).await {
        Ok(examined) => examined,
        Err(_) => Err(UploadError::TooSlow),
    }
}

/// A place is taken only when the file begins, and for a form of ours: who sends anything else keeps nobody waiting.
async fn read_form(
    visitor: &Visitor,
    places: &Places,
    request: Request,
    largest: u64,
) -> Result<(String, Examination), UploadError> {
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| PageError::WrongForm)?;
    let mut is_own = visitor.is_own_form(visitor.header_token());
    let mut examined = None;
    let mut broken = None;
    for _ in 0..FIELDS {
        let next = timeout(STANDSTILL, form.next_field());
        let next = next.await.map_err(|_| UploadError::TooSlow)?;
        let Some(mut field) = next.map_err(|_| PageError::WrongForm)? else {
            break;
        };
        let name = field.name().unwrap_or("").to_owned();
        if name == "csrf" {
            is_own |= visitor.is_own_form(&short_text(&mut field).await?);
        } else if name == "document" && is_own && examined.is_none() {
            let file_name = shown_name(field.file_name().unwrap_or(""));
            let now = visitor.site.isds.clock.real();
            let _place = match places.take(visitor.connection.address, now) {
                Ok(place) => place,
                Err(refused) => {
                    // Who is refused while still sending would see a broken connection instead of the page.
                    let _ = timeout(REFUSED_LONGEST, pass(&mut field, largest, |_| async { false })).await;
                    broken = Some(UploadError::NoPlace(refused));
                    break;
                }
            };
            match examine_field(visitor, &mut field, largest).await {
                Ok(examination) => examined = Some((file_name, examination)),
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
        } else {
            // Without the token nothing is looked at; it is read away all the same, so that the answer arrives.
            pass(&mut field, largest, |_| async { true }).await?;
        }
    }
    match (is_own, broken, examined) {
        (false, ..) => Err(UploadError::Stale),
        (_, Some(error), _) => Err(error),
        (_, None, Some(examined)) => Ok(examined),
        (_, None, None) => Err(UploadError::NoFile),
    }
}

async fn examine_field(visitor: &Visitor, field: &mut Field<'_>, largest: u64) -> Result<Examination, UploadError> {
    let (sender, receiver) = mpsc::channel(CHUNKS);
    let examination = visitor.site.isds.authenticator.examine(document(receiver));
    let reading = async move {
        // The sender goes with this block: that is the document's end.
        pass(field, largest, |chunk| {
            let sender = &sender;
            // An examination that has seen enough takes no more; the rest is read away.
            async move { sender.send(Ok(chunk)).await.is_ok() }
        })
        .await
    };
    let (read, examination) = tokio::join!(reading, examination);
    if read? == 0 {
        return Err(UploadError::NoFile);
    }
    examination
        .map_err(|error| PageError::Broken("a document could not be examined", Box::new(error)))
        .map_err(UploadError::Page)
}

/// Hands each chunk of a field on as long as somebody takes them, and reads to the field's end in any case. The answer is
/// the number of bytes.
async fn pass<F>(field: &mut Field<'_>, largest: u64, mut take: impl FnMut(Bytes) -> F) -> Result<u64, UploadError>
where
    F: Future<Output = bool>,
{
    let mut seen = 0_u64;
    let mut wanted = true;
    let begun = Instant::now();
    loop {
        let due = begun + STANDSTILL + Duration::from_secs(seen / SLOWEST);
        let chunk = match timeout_at(due.min(Instant::now() + STANDSTILL), field.chunk()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => break,
            Ok(Err(_)) => return Err(PageError::WrongForm.into()),
            Err(_) => return Err(UploadError::TooSlow),
        };
        seen += chunk.len() as u64;
        if seen > largest.saturating_mul(2) {
            break;
        }
        // Who sends more than there may be is told so, unless it is very much more: a connection that is cut says nothing.
        wanted = wanted && seen <= largest && take(chunk).await;
    }
    if seen > largest {
        Err(UploadError::TooLarge)
    } else {
        Ok(seen)
    }
}

fn document(receiver: mpsc::Receiver<StoreResult<Bytes>>) -> BoxStream<'static, StoreResult<Bytes>> {
    stream::unfold(receiver, |mut receiver| async move {
        let chunk = receiver.recv().await?;
        Some((chunk, receiver))
    })
    .boxed()
}

async fn short_text(field: &mut Field<'_>) -> Result<String, UploadError> {
    let mut text = Vec::new();
    loop {
        let next = timeout(STANDSTILL, field.chunk()).await;
        let next = next.map_err(|_| UploadError::TooSlow)?;
        let Some(chunk) = next.map_err(|_| PageError::WrongForm)? else {
            break;
        };
        if text.len() + chunk.len() > TOKEN_BYTES {
            return Err(PageError::WrongForm.into());
        }
        text.extend_from_slice(&chunk);
    }
    String::from_utf8(text).map_err(|_| PageError::WrongForm.into())
}

/// The file's name without folders and what cannot be seen; cut where it is long.
fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    last.chars().filter(|c| !c.is_control()).take(NAME_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_short_and_without_folders() {
        assert_eq!(shown_name("C:\\Dopisy\\../DZ_1.zfo"), "DZ_1.zfo");
        assert_eq!(shown_name("a\u{0}\r\nb.zfo"), "ab.zfo");
        assert_eq!(shown_name(&"ž".repeat(500)).chars().count(), NAME_CHARACTERS);
    }

    #[test]
    fn the_largest_document_holds_the_largest_message() {
        let largest = largest_document(&Limits::default());
        assert!(largest > 100 * 1024 * 1024 * 4 / 3 && largest < 145 << 20);
    }
}
