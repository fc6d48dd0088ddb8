//! `NewAccessData` (XSD `tNewAccDataInput` and `tNewAccDataOutput`).

use isds_core::status::Status;

use super::user_request::UserRequest;
use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let request = UserRequest::read(call).await?;
    let (number, access) = call
        .isds
        .new_access_data(
            call.caller,
            call.operation,
            request.box_id.as_deref(),
            &request.described_user(),
            &request.approval,
        )
        .await?;
    let mut response = call.response().reference(Some(number));
    response
        .payload()
        .element("dbUserID", &access.login)
        .element("dbAccessDataId", &access.code);
    Ok(Answer::xml(response.status(Status::OK)))
}
