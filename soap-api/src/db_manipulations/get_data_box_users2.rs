//! `GetDataBoxUsers2` (XSD `tIdDBInput` and `tGetDBUsers2Output`, manual S 2.7).

use isds_core::status::Status;
use wire::forms::user_info;

use super::user_request::UserRequest;
use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let request = UserRequest::read(call).await?;
    let users = call
        .isds
        .get_data_box_users(call.caller, request.box_id.as_deref())
        .await?;
    let mut response = call.response();
    let payload = response.payload();
    payload.start("dbUsers");
    for user in &users {
        user_info(payload, user);
    }
    payload.end("dbUsers");
    Ok(Answer::xml(response.status(Status::OK)))
}
