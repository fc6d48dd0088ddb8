//! `GetListForNotifications` (XSD `tListForNotifOutput`): what was delivered into the box, without delivering it.

use isds_core::Refusal;
use isds_core::status::Status;
use wire::forms::notifications;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let fields = call.fields(&["ntfFromTime", "ntfScope"]).await?;
    // Who may not call is told so first, whatever the call says.
    call.caller.authorize(call.operation)?;
    let from = fields
        .time("ntfFromTime")?
        .ok_or_else(|| Refusal::about(Status::INVALID_STRUCTURE, "chybí ntfFromTime."))?;
    let scope = fields.text("ntfScope").unwrap_or("").trim();
    let list = call.isds.list_for_notifications(call.caller, from, scope).await?;
    let mut response = call.response();
    notifications(response.payload(), &list);
    Ok(Answer::xml(response.status(Status::OK)))
}
