//! `GetDataBoxUsers2` (XSD `tIdDBInput` and `tGetDBUsers2Output`, manual S 2.7).

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
    Ok(Answer::of_pages(call.response(), "dbUsers", users, user_info))
}
