//! Errors of the domain: a refusal is an answer to the caller, a failure is ours and only logged.

use std::error::Error as StdError;
use std::fmt;

use crate::status::Status;

/// The answer to a caller whose request the rules do not allow: a status of the table and its completed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: Status,
    detail: Option<String>,
}

/// How many characters of a caller's own input an answer may repeat.
const MAX_DETAIL: usize = 120;

impl Refusal {
    /// A refusal whose text needs no completion.
    #[must_use]
    pub fn of(status: Status) -> Self {
        Self { status, detail: None }
    }

    /// A refusal whose text is completed by `detail`, which is cut at 120 characters: an answer never echoes at length.
    #[must_use]
    pub fn about(status: Status, detail: impl AsRef<str>) -> Self {
        let detail = crate::text::clean(crate::text::truncate(detail.as_ref(), MAX_DETAIL)).into_owned();
        Self {
            status,
            detail: Some(detail),
        }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// Completed text for the caller.
    #[must_use]
    pub fn text(&self) -> String {
        self.status.text().replace("{}", self.detail.as_deref().unwrap_or(""))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused with {}", self.status.code())
    }
}

impl StdError for Refusal {}

/// Why an operation did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The rules do not allow it; the caller is told.
    #[error("the request was refused")]
    Refused(#[from] Refusal),
    /// A part that it needs failed; the caller is told only a reference.
    #[error("{0}")]
    Broken(&'static str, #[source] Box<dyn StdError + Send + Sync>),
}

impl Failure {
    /// A refusal without completion.
    #[must_use]
    pub fn refused(status: Status) -> Self {
        Self::Refused(Refusal::of(status))
    }

    /// The row of a bulk job was not to be sent any more, or another carries the sending of the draft on.
    #[must_use]
    pub fn is_withdrawn(&self) -> bool {
        match self {
            Self::Refused(_) => false,
            Self::Broken(_, source) => matches!(source.downcast_ref(), Some(crate::ports::StoreError::RowWithdrawn)),
        }
    }
}

impl From<crate::ports::StoreError> for Failure {
    fn from(error: crate::ports::StoreError) -> Self {
        match error {
            crate::ports::StoreError::Unpaid(gone) => Self::refused(gone.status()),
            crate::ports::StoreError::UploadGone => Self::refused(Status::NO_UPLOAD),
            error => Self::Broken("storage failed", Box::new(error)),
        }
    }
}

/// Writes an error with all its sources in one line, for logs only.
pub struct Chain<'a>(pub &'a (dyn StdError + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}
