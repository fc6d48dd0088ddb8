//! Forms with files (`multipart/form-data`): the token of the form comes first, and nothing is kept of a form without it.

use axum::extract::multipart::{Field, Multipart};

use crate::page::{InBox, PageError};
use crate::received::{base_name, text};

/// Most bytes of a text field.
const MOST_TEXT: usize = 4 * 1024;
/// Most parts of a form: as many files as a job takes, and a few fields.
const MOST_PARTS: usize = 20_010;

/// A form that is coming in.
pub(super) struct Incoming {
    parts: Multipart,
    seen: usize,
    proven: bool,
}

/// The next part of a form.
pub(super) enum Part<'f> {
    Text(String, String),
    File(String, Box<Field<'f>>),
}

impl Incoming {
    pub fn new(parts: Multipart) -> Self {
        Self {
            parts,
            seen: 0,
            proven: false,
        }
    }

    /// The next part. A file without a name is what browsers send for a field in which none was chosen.
    pub async fn next(&mut self, in_box: &InBox) -> Result<Option<Part<'_>>, PageError> {
        self.seen += 1;
        if self.seen > MOST_PARTS {
            return Err(PageError::TooLarge);
        }
        let field = self.parts.next_field().await.map_err(|_| PageError::WrongForm)?;
        let Some(field) = field else {
            return if self.proven {
                Ok(None)
            } else {
                Err(PageError::ForeignForm)
            };
        };
        if let Some(name) = field.file_name() {
            if !self.proven {
                return Err(PageError::ForeignForm);
            }
            let name = base_name(name);
            return Ok(Some(Part::File(name, Box::new(field))));
        }
        let name = field.name().unwrap_or_default().to_owned();
        let value = text(field, MOST_TEXT).await?;
        if name == "csrf" {
            if !in_box.is_own_form(&value) {
                return Err(PageError::ForeignForm);
            }
            self.proven = true;
        }
        Ok(Some(Part::Text(name, value)))
    }
}
