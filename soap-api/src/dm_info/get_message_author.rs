//! `GetMessageAuthor` (XSD `tGetAuthorOutput`, manual M 2.8).

use isds_core::status::Status;
use wire::forms::message_author;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let id = call.fields(&["dmID"]).await?.message_id("dmID")?;
    let author = call.isds.message_author(call.caller, call.operation, id).await?;
    let mut response = call.response();
    message_author(response.payload(), &author);
    Ok(Answer::xml(response.status(Status::OK)))
}
