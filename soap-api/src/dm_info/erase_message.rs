//! `EraseMessage` (XSD `tEraseMessageIntput`, manual M 2.9).

use isds_core::Refusal;
use isds_core::message::SideOf;
use isds_core::status::Status;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let fields = call.fields(&["dmID", "dmIncoming"]).await?;
    let id = fields.message_id("dmID")?;
    let incoming = fields
        .boolean("dmIncoming")?
        .ok_or_else(|| Refusal::about(Status::INVALID_STRUCTURE, "chybí dmIncoming."))?;
    let side = if incoming { SideOf::Recipient } else { SideOf::Sender };
    call.isds.erase_message(call.caller, id, side).await?;
    Ok(call.done())
}
