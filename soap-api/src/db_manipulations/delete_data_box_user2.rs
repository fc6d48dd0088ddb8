//! `DeleteDataBoxUser2` (XSD `tDelDBUserInput2`, manual S 2.5).

use super::user_request::UserRequest;
use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let request = UserRequest::read(call).await?;
    let number = call
        .isds
        .delete_data_box_user(
            call.caller,
            call.operation,
            request.box_id.as_deref(),
            &request.user_by_id(),
            &request.approval,
        )
        .await?;
    Ok(call.done_as(Some(number)))
}
