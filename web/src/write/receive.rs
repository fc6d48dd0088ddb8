//! The form as it comes in: text fields, and files that stream on into the draft while they are read.

use axum::body::{Body, Bytes};
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, header};
use isds_core::ports::Draft;
use isds_core::{DraftError, Failure};

use super::fields::{Errors, MessageForm};
use super::save::{self, Opened};
use crate::page::{InBox, PageError};
use crate::received::{FileError, base_name, pour, text};

/// Most bytes of text fields.
const MOST_TEXT: usize = 256 * 1024;
/// Most text fields: fifty recipients and the rest.
const MOST_FIELDS: usize = 200;
/// Most files of one form.
const MOST_FILES: usize = 100;

/// What came in.
#[derive(Default)]
pub(super) struct Received {
    pub(super) pairs: Vec<(String, String)>,
    /// The draft that took the files.
    pub(super) draft: Option<Draft>,
    /// It was made for them, with this version of its content.
    pub(super) made: Option<i64>,
    pub(super) file_errors: Vec<FileError>,
    /// How many files were taken.
    pub(super) files: usize,
}

/// The form's two shapes.
pub(super) enum Incoming {
    Pairs(Vec<(String, String)>),
    Parts(Multipart),
}

impl Incoming {
    pub(super) async fn of(headers: &HeaderMap, request: Request<Body>) -> Result<Self, PageError> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        match kind.and_then(|kind| kind.split(';').next()).map(str::trim) {
            Some("application/x-www-form-urlencoded") => {
                let body: Bytes = axum::body::to_bytes(request.into_body(), MOST_TEXT)
                    .await
                    .map_err(|_| PageError::TooLarge)?;
                let pairs: Vec<_> = serde_html_form::from_bytes(&body).map_err(|_| PageError::WrongForm)?;
                if pairs.len() > MOST_FIELDS {
                    return Err(PageError::TooLarge);
                }
                Ok(Self::Pairs(pairs))
            }
            Some("multipart/form-data") => Multipart::from_request(request, &())
                .await
                .map(Self::Parts)
                .map_err(|_| PageError::WrongForm),
            _ => Err(PageError::WrongForm),
        }
    }

    /// Text fields alone, for somebody who may not leave files: they are read away, up to what a message may have.
    pub(super) async fn text_only(self, most: u64) -> Result<Vec<(String, String)>, PageError> {
        match self {
            Self::Pairs(pairs) => Ok(pairs),
            Self::Parts(mut parts) => {
                let mut typed = Text::default();
                let mut left = most;
                while let Some(mut field) = parts.next_field().await.map_err(|_| PageError::WrongForm)? {
                    if field.file_name().is_none() {
                        typed.add(field).await?;
                        continue;
                    }
                    while let Some(bytes) = field.chunk().await.map_err(|_| PageError::WrongForm)? {
                        left = left.checked_sub(bytes.len() as u64).ok_or(PageError::TooLarge)?;
                    }
                }
                Ok(typed.pairs)
            }
        }
    }

    /// The whole form. Files go into the draft that the fields before them name, or into a new one; the token of the
    /// form stands before all of them. Where the form breaks off, what it made is taken back.
    pub(super) async fn receive(self, in_box: &InBox) -> Result<Received, PageError> {
        match self {
            Self::Pairs(pairs) => {
                check_token(in_box, &pairs)?;
                Ok(Received {
                    pairs,
                    ..Received::default()
                })
            }
            Self::Parts(mut parts) => {
                let mut received = Received::default();
                match read(in_box, &mut parts, &mut received).await {
                    Ok(()) => Ok(received),
                    Err(error) => {
                        if matches!(error, PageError::StaleForm { .. }) {
                            let most = in_box.site.isds.limits.large_message_bytes;
                            read_away(&mut parts, most).await?;
                        }
                        take_back(in_box, &received).await?;
                        Err(error)
                    }
                }
            }
        }
    }
}

/// Removes the draft that a form has made which broke off, unless somebody wrote into it meanwhile.
async fn take_back(in_box: &InBox, received: &Received) -> Result<(), PageError> {
    let (Some(draft), Some(made)) = (&received.draft, received.made) else {
        return Ok(());
    };
    let isds = &in_box.site.isds;
    match isds.draft(&in_box.principal, draft.id).await {
        Ok(now) if now.version.content == made => {
            isds.remove_draft(&in_box.principal, draft.id).await?;
        }
        Ok(_) | Err(DraftError::NotFound) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Browsers take an answer only after they have sent everything.
async fn read_away(parts: &mut Multipart, most: u64) -> Result<(), PageError> {
    let mut left = most;
    while let Some(mut field) = parts.next_field().await.map_err(|_| PageError::WrongForm)? {
        while let Some(bytes) = field.chunk().await.map_err(|_| PageError::WrongForm)? {
            left = left.checked_sub(bytes.len() as u64).ok_or(PageError::TooLarge)?;
        }
    }
    Ok(())
}

/// Refuses a form whose token is not the visitor's; what was typed is shown again to be sent.
pub(super) fn check_token(in_box: &InBox, pairs: &[(String, String)]) -> Result<(), PageError> {
    let shown = pairs
        .iter()
        .find(|(name, _)| name == "csrf")
        .map_or("", |(_, token)| token);
    if in_box.is_own_form(shown) {
        return Ok(());
    }
    Err(PageError::StaleForm {
        address: in_box.page().here.split('?').next().unwrap_or_default().to_owned(),
        fields: pairs.to_vec(),
    })
}

#[derive(Default)]
struct Text {
    pairs: Vec<(String, String)>,
    bytes: usize,
}

impl Text {
    async fn add(&mut self, field: Field<'_>) -> Result<(), PageError> {
        let name = field.name().unwrap_or_default().to_owned();
        let value = text(field, MOST_TEXT - self.bytes).await?;
        self.bytes += value.len();
        self.pairs.push((name, value));
        if self.pairs.len() > MOST_FIELDS {
            return Err(PageError::TooLarge);
        }
        Ok(())
    }
}

async fn read(in_box: &InBox, parts: &mut Multipart, received: &mut Received) -> Result<(), PageError> {
    let mut typed = Text::default();
    let (mut files, mut foreign) = (0, false);
    while let Some(field) = parts.next_field().await.map_err(|_| PageError::WrongForm)? {
        let Some(name) = field.file_name().map(base_name) else {
            typed.add(field).await?;
            received.pairs.clone_from(&typed.pairs);
            continue;
        };
        // A field for files with none chosen.
        if name.is_empty() {
            continue;
        }
        files += 1;
        if files > MOST_FILES {
            return Err(PageError::TooLarge);
        }
        if received.draft.is_none() {
            // Nothing is kept of files from who knows where.
            check_token(in_box, &typed.pairs)?;
            let mut errors = Errors::default();
            let form = MessageForm::of(&typed.pairs);
            let content = form.content(in_box.page().words, &mut errors);
            let content = if errors.is_empty() { content } else { Default::default() };
            let (draft, opened) = save::open_or_create(in_box, &form, content).await?;
            received.made = (opened == Opened::Made).then_some(draft.version.content);
            foreign = opened == Opened::Before;
            received.draft = Some(draft);
        }
        if foreign {
            let most = in_box.site.isds.limits.large_message_bytes;
            received.file_errors.push(passed_by(in_box, name, field, most).await?);
        } else if let Some(draft) = &received.draft {
            match take(in_box, draft, &name, field).await? {
                None => received.files += 1,
                Some(error) => received.file_errors.push(error),
            }
        }
    }
    if received.draft.is_none() {
        check_token(in_box, &typed.pairs)?;
    }
    Ok(())
}

/// A file for a draft that the form made before and has not seen since: it belongs into the draft as it is now.
async fn passed_by(in_box: &InBox, name: String, mut field: Field<'_>, most: u64) -> Result<FileError, PageError> {
    let mut left = most;
    while let Some(bytes) = field.chunk().await.map_err(|_| PageError::WrongForm)? {
        left = left.checked_sub(bytes.len() as u64).ok_or(PageError::TooLarge)?;
    }
    Ok(FileError {
        name,
        text: in_box.page().t("write-file-form-used").into_owned(),
        czech: false,
    })
}

/// Streams a file into the draft; answers why it was not taken.
pub(super) async fn take(
    in_box: &InBox,
    draft: &Draft,
    name: &str,
    field: Field<'_>,
) -> Result<Option<FileError>, PageError> {
    let isds = &in_box.site.isds;
    let most = isds.limits.large_message_bytes.saturating_mul(2);
    let opened = isds.upload_to_draft(&in_box.principal, draft.id, name).await;
    let accepted = match pour(field, opened, most).await? {
        Ok(upload) => upload.accept().await,
        Err(error) => Err(error),
    };
    match accepted {
        Ok(_) => Ok(None),
        Err(error) => Ok(Some(told(in_box, name, error)?)),
    }
}

/// What is told of a file that was refused; failures of ours stop everything.
fn told(in_box: &InBox, name: &str, error: DraftError) -> Result<FileError, PageError> {
    let words = in_box.page().words;
    let (text, czech) = match error {
        DraftError::Failure(Failure::Refused(refusal)) => (refusal.text(), true),
        DraftError::NotFound => (words.text("write-file-no-draft").into_owned(), false),
        DraftError::BeingSent(_) => (words.text("write-being-sent").into_owned(), false),
        other => return Err(other.into()),
    };
    Ok(FileError {
        name: name.to_owned(),
        text,
        czech,
    })
}
