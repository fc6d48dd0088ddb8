//! `AddDataBoxUser2` (XSD `tAddDBUserInput2` and `tAddDBUserOutput2`, manual S 2.4).

use isds_core::status::Status;

use super::user_request::UserRequest;
use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let request = UserRequest::read(call).await?;
    let (number, access) = call
        .isds
        .add_data_box_user(
            call.caller,
            call.operation,
            request.box_id.as_deref(),
            request.draft.as_ref(),
            &request.approval,
        )
        .await?;
    let mut response = call.response().reference(Some(number));
    response
        .payload()
        .nillable("dbID", request.answered_box())
        .element("dbAccessDataId", &access.code);
    Ok(Answer::xml(response.status(Status::OK)))
}
