//! `DeleteDataBox2` (XSD `tDeleteDBInput2`, manual S 2.2).

use super::reading::{BoxRequest, Naming};
use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let request = BoxRequest::read(call, Naming::Id, &["dbOwnerTerminationDate"]).await?;
    let (status, number) = call
        .isds
        .delete_data_box(
            call.caller,
            call.operation,
            request.box_id.as_deref(),
            request.fields.text("dbOwnerTerminationDate"),
            &request.approval,
        )
        .await?;
    Ok(Answer::xml(call.response().reference(Some(number)).status(status)))
}
