//! `GetUserInfoFromLogin` (XSD `tGetUserInfoOutput`), the first generation of GetUserInfoFromLogin2.

use isds_core::status::Status;
use wire::forms::user_info_1;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    call.no_fields().await?;
    let user = call.isds.user_info(call.caller).await?;
    let mut response = call.response();
    user_info_1(response.payload(), &user, call.caller.login.as_deref());
    Ok(Answer::xml(response.status(Status::OK)))
}
