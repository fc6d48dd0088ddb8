//! `VerifyMessage` (XSD `tMessageVerifyOutput`).

use isds_core::status::Status;
use wire::forms::hash;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let id = call.fields(&["dmID"]).await?.message_id("dmID")?;
    let sha256 = call.isds.verify_message(call.caller, id).await?;
    let mut response = call.response();
    hash(response.payload(), &sha256);
    Ok(Answer::xml(response.status(Status::OK)))
}
