//! `CheckDataBox` (XSD `tCheckDBOutput`).

use isds_core::status::Status;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let fields = call.fields(&["dbID"]).await?;
    let state = call
        .isds
        .check_data_box(call.caller, fields.text("dbID").unwrap_or_default())
        .await?;
    let mut response = call.response();
    response.payload().element("dbState", state);
    Ok(Answer::xml(response.status(Status::OK)))
}
