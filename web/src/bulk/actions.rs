//! The buttons of a job.

use axum::extract::Path;
use axum::response::Response;
use isds_core::BulkError;
use isds_core::bulk::BulkAction;

use super::job::action_of;
use super::{Named, address, back};
use crate::page::{InBox, Notice, PageError, Posted};

#[derive(serde::Deserialize)]
pub(super) struct Form {
    action: String,
    /// The version of the job that the page showed.
    version: Option<i64>,
}

pub(super) async fn act(
    in_box: InBox,
    Path(named): Path<Named>,
    Posted(form): Posted<Form>,
) -> Result<Response, PageError> {
    let (isds, caller) = (&in_box.site.isds, &in_box.principal);
    let id = named.job()?;
    let action = action_of(&form.action).ok_or(PageError::WrongForm)?;
    let to = address(&in_box, id, "");
    let done: Result<(), BulkError> = match action {
        BulkAction::Remove => isds.remove_bulk_job(caller, id).await,
        action => isds.bulk_action(caller, id, action, form.version).await,
    };
    if let Err(error) = done {
        if action.sends() && matches!(error, BulkError::Changed) {
            return Ok(in_box
                .page()
                .redirect(&to, Notice::failed("bulk-changed-before-sending")));
        }
        return back(&in_box, &to, error);
    }
    let notice = match action {
        BulkAction::Check => "bulk-done-check",
        BulkAction::Try => "bulk-done-try",
        BulkAction::Cancel => "bulk-done-cancel",
        BulkAction::Start => "bulk-done-start",
        BulkAction::Pause => "bulk-done-pause",
        BulkAction::Resume => "bulk-done-resume",
        BulkAction::Stop => "bulk-done-stop",
        BulkAction::Retry => "bulk-done-retry",
        BulkAction::Remove => "bulk-done-remove",
        BulkAction::Edit => "bulk-saved",
    };
    let to = match action {
        BulkAction::Remove => format!("/b/{}/bulk", in_box.data_box.id),
        _ => to,
    };
    Ok(in_box.page().redirect(&to, Notice::done(notice)))
}
