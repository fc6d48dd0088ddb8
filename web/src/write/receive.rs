//! The form as it comes in: text fields, and files that stream on into the draft while they are read.

use axum::body::{Body, Bytes};
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, header};
use isds_core::ports::Draft;
use isds_core::{DraftError, Failure};

use super::fields::{Errors, MessageForm};
use super::save;
use crate::page::{InBox, PageError};

/// Most bytes of text fields.
const MOST_TEXT: usize = 256 * 1024;
/// Most text fields: fifty recipients and the rest.
const MOST_FIELDS: usize = 200;
/// Most files of one form.
const MOST_FILES: usize = 100;

/// Why a file was not taken.
#[derive(Debug, Clone)]
pub(super) struct FileError {
    pub(super) name: String,
    pub(super) text: String,
    /// The text is one of the table, which is Czech.
    pub(super) czech: bool,
}

/// What came in.
#[derive(Default)]
pub(super) struct Received {
    pub(super) pairs: Vec<(String, String)>,
    /// The draft that took the files.
    pub(super) draft: Option<Draft>,
    /// It was made for them.
    pub(super) created: bool,
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
                let mut text = Text::default();
                let mut left = most;
                while let Some(mut field) = parts.next_field().await.map_err(|_| PageError::WrongForm)? {
                    if field.file_name().is_none() {
                        text.add(field).await?;
                        continue;
                    }
                    while let Some(bytes) = field.chunk().await.map_err(|_| PageError::WrongForm)? {
                        left = left.checked_sub(bytes.len() as u64).ok_or(PageError::TooLarge)?;
                    }
                }
                Ok(text.pairs)
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
                        if let Some(draft) = received.draft.filter(|_| received.created) {
                            in_box.site.isds.remove_draft(&in_box.principal, draft.id).await?;
                        }
                        Err(error)
                    }
                }
            }
        }
    }
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
    async fn add(&mut self, mut field: Field<'_>) -> Result<(), PageError> {
        let name = field.name().unwrap_or_default().to_owned();
        let mut value = Vec::new();
        while let Some(bytes) = field.chunk().await.map_err(|_| PageError::WrongForm)? {
            self.bytes += bytes.len();
            if self.bytes > MOST_TEXT {
                return Err(PageError::TooLarge);
            }
            value.extend_from_slice(&bytes);
        }
        let value = String::from_utf8(value).map_err(|_| PageError::WrongForm)?;
        self.pairs.push((name, value));
        if self.pairs.len() > MOST_FIELDS {
            return Err(PageError::TooLarge);
        }
        Ok(())
    }
}

async fn read(in_box: &InBox, parts: &mut Multipart, received: &mut Received) -> Result<(), PageError> {
    let mut text = Text::default();
    let mut files = 0;
    while let Some(field) = parts.next_field().await.map_err(|_| PageError::WrongForm)? {
        let Some(name) = field.file_name().map(base_name) else {
            text.add(field).await?;
            received.pairs.clone_from(&text.pairs);
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
            check_token(in_box, &text.pairs)?;
            let mut errors = Errors::default();
            let form = MessageForm::of(&text.pairs);
            let content = form.content(in_box.page().words, &mut errors);
            let content = if errors.is_empty() { content } else { Default::default() };
            let (draft, created) = save::open_or_create(in_box, &form, content).await?;
            received.draft = Some(draft);
            received.created = created;
        }
        if let Some(draft) = &received.draft {
            match take(in_box, draft, &name, field).await? {
                None => received.files += 1,
                Some(error) => received.file_errors.push(error),
            }
        }
    }
    if received.draft.is_none() {
        check_token(in_box, &text.pairs)?;
    }
    Ok(())
}

/// The last part of a path, which some browsers send whole.
pub(super) fn base_name(name: &str) -> String {
    name.rsplit(['/', '\\']).next().unwrap_or_default().trim().to_owned()
}

/// Streams a file into the draft; answers why it was not taken. The rest of one that is refused is read away: browsers
/// take an answer only after they have sent everything.
pub(super) async fn take(
    in_box: &InBox,
    draft: &Draft,
    name: &str,
    mut field: Field<'_>,
) -> Result<Option<FileError>, PageError> {
    let isds = &in_box.site.isds;
    let mut left = isds.limits.large_message_bytes.saturating_mul(2);
    let mut refused = None;
    let mut upload = match isds.upload_to_draft(&in_box.principal, draft.id, name).await {
        Ok(upload) => Some(upload),
        Err(error) => {
            refused = Some(told(in_box, name, error)?);
            None
        }
    };
    loop {
        let bytes = match field.chunk().await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => break,
            Err(_) => {
                if let Some(upload) = upload {
                    upload.abandon().await;
                }
                return Err(PageError::WrongForm);
            }
        };
        left = left.checked_sub(bytes.len() as u64).ok_or(PageError::TooLarge)?;
        let Some(open) = &mut upload else { continue };
        if let Err(failure) = open.write(&bytes).await {
            if let Some(upload) = upload.take() {
                upload.abandon().await;
            }
            refused = Some(told(in_box, name, failure.into())?);
        }
    }
    let Some(upload) = upload else { return Ok(refused) };
    match upload.accept().await {
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
