//! `RegisterForNotifications`: applications with a certificate only.

use isds_core::Refusal;
use isds_core::status::Status;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let fields = call.fields(&["action"]).await?;
    // Who may not call is told so first, whatever the call says.
    call.caller.authorize(call.operation)?;
    let action = fields
        .integer("action")?
        .ok_or_else(|| Refusal::about(Status::INVALID_STRUCTURE, "chybí action."))?;
    call.isds.register_for_notifications(call.caller, action).await?;
    Ok(call.done())
}
