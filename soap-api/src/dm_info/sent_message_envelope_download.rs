//! `SentMessageEnvelopeDownload` (XSD `tReturnedMessageEnvelope`).

use isds_core::message::SideOf;
use isds_core::status::Status;
use wire::forms::returned_message_envelope;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let id = call.fields(&["dmID"]).await?.message_id("dmID")?;
    let message = call.isds.sent_message_envelope(call.caller, id).await?;
    let mut response = call.response();
    returned_message_envelope(response.payload(), &message, SideOf::Sender);
    Ok(Answer::xml(response.status(Status::OK)))
}
