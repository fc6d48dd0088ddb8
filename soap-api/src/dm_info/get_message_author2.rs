//! `GetMessageAuthor2`: as much of the author as `IdLevel` published.

use isds_core::status::Status;
use wire::forms::message_author2;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let id = call.fields(&["dmID"]).await?.message_id("dmID")?;
    let author = call.isds.message_author(call.caller, call.operation, id).await?;
    let mut response = call.response();
    message_author2(response.payload(), &author);
    Ok(Answer::xml(response.status(Status::OK)))
}
