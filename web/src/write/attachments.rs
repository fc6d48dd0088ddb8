//! One file at a time, sent by the script that shows how far it got.

use std::sync::Arc;

use axum::extract::FromRequest;
use axum::extract::{FromRequestParts, Multipart, Path, Request, State};
use axum::response::Response;
use isds_core::operation::Operation;

use super::form::draft_id;
use super::receive::{Received, take};
use super::save;
use crate::Site;
use crate::page::{InBox, PageError};

/// The token comes in a header, so that nothing of the body has to be read to know it.
pub(super) async fn upload(State(site): State<Arc<Site>>, request: Request) -> Result<Response, PageError> {
    let (mut parts, body) = request.into_parts();
    let in_box = InBox::from_request_parts(&mut parts, &site).await?;
    let Path((_, draft)) = Path::<(String, String)>::from_request_parts(&mut parts, &site)
        .await
        .map_err(|_| PageError::NoSuchPage)?;
    in_box
        .principal
        .authorize(Operation::CreateMessage)
        .map_err(|_| PageError::NoRight)?;
    in_box.check_header_token()?;
    let draft = site.isds.draft(&in_box.principal, draft_id(&draft)?).await?;
    let mut form = Multipart::from_request(Request::from_parts(parts, body), &())
        .await
        .map_err(|_| PageError::WrongForm)?;
    let mut received = Received::default();
    let field = form.next_field().await.map_err(|_| PageError::WrongForm)?;
    let field = field.ok_or(PageError::WrongForm)?;
    let name = field
        .file_name()
        .map(crate::received::base_name)
        .ok_or(PageError::WrongForm)?;
    match take(&in_box, &draft, &name, field).await? {
        None => received.files += 1,
        Some(error) => received.file_errors.push(error),
    }
    received.draft = Some(draft);
    save::uploaded(&in_box, received).await
}
