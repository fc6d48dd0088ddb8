//! Evidence of a job in one archive: a summary, the results, and the signed delivery info of every message. It is made as
//! it goes out; nothing of it is held longer than one delivery info is long.

use std::io::Write;
use std::sync::{Arc, LazyLock};

use axum::body::Body;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use isds_core::bulk::BulkRowState;
use isds_core::ids::MessageId;
use isds_core::operation::Operation;
use isds_core::principal::Principal;
use isds_core::splice::Splice;
use isds_core::{BulkError, Failure};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wire::ZipStream;
use wire::forms::delivery_document;

use super::Named;
use super::export::{Rows, exact, header as csv_header, line};
use super::shown::{Numbers, phase_key, state_key};
use crate::Site;
use crate::page::{InBox, PageError};
use crate::words::Words;

/// How many archives are made at once: each seals thousands of documents.
const AT_ONCE: usize = 4;
/// Bytes that are gathered before they go out.
const PIECE: usize = 32 * 1024;

static ARCHIVES: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(AT_ONCE)));

struct Archive {
    site: Arc<Site>,
    caller: Principal,
    words: Words,
    zip: Option<ZipStream>,
    rows: Rows,
    at: Place,
    _permit: OwnedSemaphorePermit,
}

/// What is written next.
enum Place {
    Summary(String),
    Results,
    ResultLines,
    DeliveryInfos,
}

#[derive(Debug, thiserror::Error)]
enum ArchiveError {
    #[error(transparent)]
    Bulk(#[from] BulkError),
    #[error("the archive cannot be written")]
    Zip(#[from] std::io::Error),
}

impl From<Failure> for ArchiveError {
    fn from(failure: Failure) -> Self {
        Self::Bulk(failure.into())
    }
}

pub(super) async fn archive(in_box: InBox, Path(named): Path<Named>) -> Result<Response, PageError> {
    let isds = &in_box.site.isds;
    let job = isds.bulk_job(&in_box.principal, named.job()?).await?;
    // Said before the first byte, since nothing can be said after it.
    in_box
        .principal
        .authorize(Operation::GetSignedDeliveryInfo)
        .map_err(Failure::from)?;
    let permit = Arc::clone(&ARCHIVES).try_acquire_owned();
    let permit = permit.map_err(|_| PageError::TooMany(30))?;
    let words = in_box.page().words;
    let summary = summary(&in_box, words, &job).await?;
    let name = format!("attachment; filename=\"hromadne-odeslani-{}.zip\"", job.id.0);
    let archive = Archive {
        site: Arc::clone(&in_box.site),
        caller: in_box.principal.clone(),
        words,
        zip: Some(ZipStream::new(isds.clock.legal().local_date())),
        rows: Rows::of(&in_box, job, i64::MAX),
        at: Place::Summary(summary),
        _permit: permit,
    };
    let pieces = stream::try_unfold(archive, |archive| async move {
        archive.next().await.inspect_err(|error| {
            tracing::error!(error = %isds_core::error::Chain(error), "evidence of a bulk job breaks off");
        })
    });
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// What was sent, by whom, when, and what became of it.
async fn summary(in_box: &InBox, words: Words, job: &isds_core::bulk::BulkJob) -> Result<String, PageError> {
    let isds = &in_box.site.isds;
    let numbers = Numbers::of(&isds.bulk_tally(&in_box.principal, job.id).await?);
    let mut lines = vec![words.text("bulk-evidence-title").into_owned(), String::new()];
    let mut pair = |key: &str, value: String| lines.push(format!("{}: {value}", words.text(key)));
    pair("bulk-evidence-name", job.name.clone());
    pair(
        "bulk-evidence-box",
        format!("{} ({})", in_box.data_box.holder_name(), in_box.data_box.id),
    );
    pair("bulk-evidence-author", job.actor_name.clone());
    pair("bulk-evidence-state", words.text(state_key(job.state)).into_owned());
    pair("bulk-evidence-created", exact(job.created));
    for (key, time) in [
        ("bulk-evidence-started", job.started),
        ("bulk-evidence-ended", job.ended),
    ] {
        if let Some(time) = time {
            pair(key, exact(time));
        }
    }
    pair("bulk-evidence-made", exact(isds.clock.legal()));
    for (key, count) in [
        ("bulk-evidence-rows", job.rows),
        ("bulk-row-sent", numbers.sent),
        ("bulk-row-refused", numbers.refused),
        ("bulk-row-ready", numbers.ready),
        ("bulk-row-unaddressed", numbers.unaddressed),
        ("bulk-row-faulty", numbers.faulty),
        ("bulk-row-left-out", numbers.left_out),
    ] {
        pair(key, count.to_string());
    }
    for (phase, count) in isds.bulk_messages(&in_box.principal, job.id).await? {
        let text = words.text(phase_key(phase));
        lines.push(format!("– {text}: {count}"));
    }
    lines.push(String::new());
    lines.push(words.text("bulk-evidence-note").into_owned());
    lines.push(String::new());
    Ok(format!("\u{FEFF}{}", lines.join("\r\n")))
}

impl Archive {
    /// The next piece of the archive.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, ArchiveError> {
        let Some(mut zip) = self.zip.take() else {
            return Ok(None);
        };
        let mut piece = Vec::new();
        while piece.len() < PIECE {
            let more = self.step(&mut zip).await?;
            piece.extend(zip.take());
            if !more {
                piece.extend(zip.finish()?);
                return Ok(Some((Bytes::from(piece), self)));
            }
        }
        self.zip = Some(zip);
        Ok(Some((Bytes::from(piece), self)))
    }

    /// Writes a little more; whether there is more to write.
    async fn step(&mut self, zip: &mut ZipStream) -> Result<bool, ArchiveError> {
        match &self.at {
            Place::Summary(text) => {
                zip.file(&self.words.text("bulk-evidence-summary-file"))?;
                zip.write_all(text.as_bytes())?;
                self.at = Place::Results;
            }
            Place::Results => {
                zip.file(&self.words.text("bulk-evidence-results-file"))?;
                zip.write_all(&csv_header(self.words, &self.rows.job))?;
                self.at = Place::ResultLines;
            }
            Place::ResultLines => match self.rows.next().await? {
                Some(row) => zip.write_all(&line(self.words, &row))?,
                None => {
                    self.rows.again(BulkRowState::Sent.bit());
                    self.at = Place::DeliveryInfos;
                }
            },
            Place::DeliveryInfos => match self.rows.next().await? {
                None => return Ok(false),
                Some(row) => {
                    if let Some(message) = row.message {
                        let folder = self.words.text("bulk-evidence-folder");
                        zip.file(&format!("{folder}/{:05}_{}.zfo", row.number, message.id))?;
                        zip.write_all(&self.delivery_info(message.id).await?)?;
                    }
                }
            },
        }
        Ok(true)
    }

    /// The signed delivery info of a message, as the contract's service gives it.
    async fn delivery_info(&self, id: MessageId) -> Result<Vec<u8>, Failure> {
        let isds = &self.site.isds;
        let info = isds
            .delivery_info(&self.caller, Operation::GetSignedDeliveryInfo, id)
            .await?;
        let document = Splice::default().then(delivery_document(&info));
        let sealed = isds.seal(document, false).await?;
        Ok(sealed.splice.collect(Arc::clone(&isds.objects)).await?)
    }
}
