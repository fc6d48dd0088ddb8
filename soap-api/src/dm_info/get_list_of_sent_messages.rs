//! `GetListOfSentMessages` (XSD `tListOfMessOutput`, manual M 2.8).

use isds_core::message::SideOf;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let request = super::list_request(call).await?;
    let records = call.isds.list_sent_messages(call.caller, &request).await?;
    Ok(super::records(call, request.first_ordinal(), records, SideOf::Sender))
}
