//! Attachments: one to keep, one to look at, all in an archive. None is ever held whole.

use std::io::Write;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use isds_core::message::Message;
use isds_core::ports::{AttachmentPlace, StoreError, StoreResult};
use isds_core::{AttachmentBytes, Isds};
use wire::ZipStream;

use super::names::{Disposition, disposition, safe_name, unique_names};
use super::number;
use super::preview::Preview;
use super::show::closed;
use crate::page::{InBox, PageError};

/// Bytes by which the encoding of a text is told.
const BEGINNING: usize = 64 * 1024;

/// An attachment as its address names it.
struct Asked {
    message: Message,
    place: AttachmentPlace,
    /// From 1.
    number: usize,
}

async fn asked(own: &InBox, id: &str, wanted: &str) -> Result<Asked, PageError> {
    let isds = &own.site.isds;
    let (message, _) = isds
        .message_to_read(&own.principal, number(id)?)
        .await
        .map_err(closed)?;
    let wanted: usize = wanted.parse().map_err(|_| PageError::NoSuchPage)?;
    let places = isds.kept_attachments(&message).await?;
    let place = wanted.checked_sub(1).and_then(|index| places.get(index));
    let place = place.cloned().ok_or(PageError::NoSuchPage)?;
    Ok(Asked {
        message,
        place,
        number: wanted,
    })
}

/// To keep: whatever it is, the browser stores it.
pub(super) async fn download(
    own: InBox,
    Path((_, id, wanted)): Path<(String, String, String)>,
) -> Result<Response, PageError> {
    let Asked { message, place, number } = asked(&own, &id, &wanted).await?;
    let bytes = own.site.isds.attachment_bytes(&message, &place).await?;
    let name = safe_name(&place.head.file_name, number);
    let mut answer = file(
        "application/octet-stream",
        &disposition(Disposition::Attachment, &name),
        Body::from_stream(bytes),
    );
    answer
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(place.bytes));
    Ok(answer)
}

/// To look at: from an origin of its own, in which nothing runs.
pub(super) async fn view(
    own: InBox,
    Path((_, id, wanted)): Path<(String, String, String)>,
) -> Result<Response, PageError> {
    let Asked { message, place, number } = asked(&own, &id, &wanted).await?;
    let preview = Preview::of(&place.head.file_name, place.bytes).ok_or(PageError::NoSuchPage)?;
    let bytes = own.site.isds.attachment_bytes(&message, &place).await?;
    let (beginning, bytes) = with_beginning(bytes).await?;
    let name = safe_name(&place.head.file_name, number);
    let mut answer = file(
        preview.media_type(&beginning),
        &disposition(Disposition::Inline, &name),
        Body::from_stream(bytes),
    );
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(place.bytes));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(preview.policy()),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(answer)
}

/// The first bytes of a stream, and the whole stream.
async fn with_beginning(mut bytes: AttachmentBytes) -> StoreResult<(Vec<u8>, AttachmentBytes)> {
    let mut pieces: Vec<Bytes> = Vec::new();
    while pieces.iter().map(Bytes::len).sum::<usize>() < BEGINNING {
        match bytes.try_next().await? {
            Some(piece) => pieces.push(piece),
            None => break,
        }
    }
    let mut beginning = pieces.concat();
    beginning.truncate(BEGINNING);
    let whole = futures::stream::iter(pieces.into_iter().map(Ok)).chain(bytes).boxed();
    Ok((beginning, whole))
}

/// All of them in one archive.
pub(super) async fn archive(own: InBox, Path((_, id)): Path<(String, String)>) -> Result<Response, PageError> {
    let id = number(&id)?;
    let isds = &own.site.isds;
    let (message, _) = isds.message_to_read(&own.principal, id).await.map_err(closed)?;
    let places = isds.kept_attachments(&message).await?;
    let names = unique_names(places.iter().map(|place| place.head.file_name.as_str()));
    let packing = Packing {
        isds: Arc::clone(isds),
        archive: Some(ZipStream::new(message.state.submitted.local_date())),
        files: places.iter().cloned().zip(names).rev().collect(),
        message,
        open: None,
    };
    let name = disposition(Disposition::Attachment, &format!("prilohy-{id}.zip"));
    let packed = futures::stream::try_unfold(packing, pack);
    Ok(file("application/zip", &name, Body::from_stream(packed)))
}

/// An archive being written.
struct Packing {
    isds: Arc<Isds>,
    message: Message,
    /// Those to come, the next one last.
    files: Vec<(AttachmentPlace, String)>,
    /// None once it ended.
    archive: Option<ZipStream>,
    open: Option<AttachmentBytes>,
}

/// The next bytes of the archive.
async fn pack(mut packing: Packing) -> Result<Option<(Bytes, Packing)>, StoreError> {
    let broken = |error: std::io::Error| StoreError::Unavailable(Box::new(error));
    loop {
        let Some(archive) = &mut packing.archive else {
            return Ok(None);
        };
        let next = match &mut packing.open {
            Some(open) => open.try_next().await?,
            None => None,
        };
        if let Some(piece) = next {
            archive.write_all(&piece).map_err(broken)?;
        } else if let Some((place, name)) = packing.files.pop() {
            archive.file(&name).map_err(broken)?;
            let bytes = packing.isds.attachment_bytes(&packing.message, &place).await;
            packing.open = Some(bytes.map_err(|error| StoreError::Unavailable(Box::new(error)))?);
        } else if let Some(archive) = packing.archive.take() {
            let last = archive.finish().map_err(broken)?;
            return Ok(Some((Bytes::from(last), packing)));
        }
        let ready = packing.archive.as_mut().map(ZipStream::take).unwrap_or_default();
        if !ready.is_empty() {
            return Ok(Some((Bytes::from(ready), packing)));
        }
    }
}

/// A file as an answer.
pub(super) fn file(media_type: &'static str, disposition: &str, body: Body) -> Response {
    let mut answer = body.into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    // It is ASCII without controls, whatever the sender called the file.
    if let Ok(disposition) = HeaderValue::from_str(disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Opened by itself, nothing in it is carried out either.
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'"),
    );
    answer
}
