//! `GetDataBoxAddress` (XSD `tGetAddressOutput`, bulletin 2170).

use isds_core::status::Status;
use wire::forms::box_address;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let fields = call.fields(&["dbID"]).await?;
    let address = call
        .isds
        .data_box_address(call.caller, fields.text("dbID").unwrap_or_default())
        .await?;
    let mut response = call.response();
    box_address(response.payload(), Some(&address));
    Ok(Answer::xml(response.status(Status::OK)))
}
