//! `GetDeliveryInfo` (XSD `tDeliveryMessageOutput`, manual M 2.6.1).

use isds_core::status::Status;
use wire::forms::delivery;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let id = call.fields(&["dmID"]).await?.message_id("dmID")?;
    let info = call.isds.delivery_info(call.caller, call.operation, id).await?;
    let mut response = call.response();
    delivery(response.payload(), &info);
    Ok(Answer::xml(response.status(Status::OK)))
}
