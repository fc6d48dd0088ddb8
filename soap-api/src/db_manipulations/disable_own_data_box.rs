//! `DisableOwnDataBox` (XSD `tOwnerInfoInput`): the first generation.

use isds_core::status::Status;

use super::reading::{BoxRequest, Naming};
use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let request = BoxRequest::read(call, Naming::Inside("dbOwnerInfo"), &[]).await?;
    let number = call
        .isds
        .disable_own_data_box(
            call.caller,
            call.operation,
            request.box_id.as_deref(),
            &request.approval,
        )
        .await?;
    Ok(Answer::xml(call.response().reference(Some(number)).status(Status::OK)))
}
