//! `SignedSentMessageDownload` (XSD `tSignedMessDownOutput`, manual M 2.4.3).

use isds_core::message::SideOf;
use wire::forms::{Sealed, message_document};

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let id = call.fields(&["dmID"]).await?.message_id("dmID")?;
    let message = call.isds.sent_message(call.caller, call.operation, id).await?;
    let content = || message_document(&message, Sealed::Sent);
    let sealed = call.isds.seal_message(&message, SideOf::Sender, content).await?;
    Ok(super::message_signature(call, sealed))
}
