//! `GetDataBoxActivityStatus` (XSD `tGetDBStatusInput`, manual V 2.9). Clients leave out `baFrom` and `baTo`, though the
//! XSD wants them.

use isds_core::status::Status;
use wire::forms::activity;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let fields = call.fields(&["dbID", "baFrom", "baTo"]).await?;
    let found = call
        .isds
        .data_box_activity(
            call.caller,
            fields.text("dbID").unwrap_or_default(),
            fields.time("baFrom")?,
            fields.time("baTo")?,
        )
        .await?;
    let mut response = call.response();
    activity(response.payload(), &found);
    Ok(Answer::xml(response.status(Status::OK)))
}
