//! `MessageEnvelopeDownload` (XSD `tMessEnvelDownOutput`, manual M 2.4.4).

use isds_core::message::SideOf;
use isds_core::status::Status;
use wire::forms::returned_message_envelope;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let id = call.fields(&["dmID"]).await?.message_id("dmID")?;
    let message = call.isds.message_envelope(call.caller, id).await?;
    let mut response = call.response();
    returned_message_envelope(response.payload(), &message, SideOf::Recipient);
    Ok(Answer::xml(response.status(Status::OK)))
}
