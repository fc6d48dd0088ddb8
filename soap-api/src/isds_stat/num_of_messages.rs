//! `NumOfMessages` (XSD `tNumOfMessagesOutput`).

use isds_core::status::Status;
use wire::forms::statistic;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let kind = call.fields(&["statType"]).await?.integer("statType")?;
    let (count, time) = call.isds.num_of_messages(call.caller, kind).await?;
    let mut response = call.response();
    statistic(response.payload(), Some(count), time);
    Ok(Answer::xml(response.status(Status::OK)))
}
