//! `PDZSendInfo` (XSD `tPDZSendInput` and `tPDZSendOutput`, manual V 2.6).

use isds_core::status::Status;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let fields = call.fields(&["dbId", "PDZType"]).await?;
    let possible = call
        .isds
        .pdz_send_info(
            call.caller,
            fields.text("dbId").unwrap_or_default(),
            fields.text("PDZType"),
        )
        .await?;
    let mut response = call.response();
    response.payload().element("PDZsiResult", possible);
    Ok(Answer::xml(response.status(Status::OK)))
}
