//! `MessageDownload` (XSD `tMessDownOutput`, manual M 2.4.1).

use isds_core::message::SideOf;
use isds_core::splice::Splice;
use isds_core::status::Status;
use wire::forms::returned_message;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let id = call.fields(&["dmID"]).await?.message_id("dmID")?;
    let message = call.isds.received_message(call.caller, call.operation, id).await?;
    let mut response = call.response();
    let head = response.split();
    let tail = response.status(Status::OK);
    let message = returned_message(&message, SideOf::Recipient);
    Ok(Answer::xml(head).then(message).then(Splice::default().then(tail)))
}
