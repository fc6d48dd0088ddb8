//! `UpdateDataBoxDescr2` (XSD `tUpdateDBInput2`, manual S 2.3).

use isds_core::status::Status;

use super::reading::{BoxRequest, Naming};
use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let request = BoxRequest::read(call, Naming::Id, &[]).await?;
    let number = call
        .isds
        .update_data_box_descr(
            call.caller,
            call.operation,
            request.box_id.as_deref(),
            &request.holder,
            &request.approval,
        )
        .await?;
    Ok(Answer::xml(call.response().reference(Some(number)).status(Status::OK)))
}
