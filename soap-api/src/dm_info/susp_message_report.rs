//! `SuspMessageReport` (bulletins of 2025).

use isds_core::status::Status;
use isds_core::{Refusal, SuspicionDraft};

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let names = &["dmID", "repName", "repMail", "repTel", "allowComplete", "note"];
    let mut fields = call.fields(names).await?;
    // Who may not call is told so first, whatever the call says.
    call.caller.authorize(call.operation)?;
    let id = fields.message_id("dmID")?;
    let allow_complete = fields
        .boolean("allowComplete")?
        .ok_or_else(|| Refusal::about(Status::INVALID_STRUCTURE, "chybí allowComplete."))?;
    let draft = SuspicionDraft {
        name: fields.take("repName"),
        mail: fields.take("repMail"),
        telephone: fields.take("repTel"),
        allow_complete,
        note: fields.take("note"),
    };
    call.isds.report_suspicious_message(call.caller, id, draft).await?;
    Ok(call.done())
}
