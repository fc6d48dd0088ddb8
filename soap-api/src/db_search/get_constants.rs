//! `GetConstants` (XSD `GetConstants` and `tGetConstsOutput`).

use isds_core::status::Status;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let fields = call.fields(&["constDate"]).await?;
    let constants = call.isds.get_constants(call.caller, fields.text("constDate"))?;
    let mut response = call.response();
    let payload = response.payload();
    payload.start("constRecords");
    for constant in constants {
        payload
            .start("constRecord")
            .element("cName", constant.name)
            .element("cValue", constant.value)
            .element("cFrom", constant.from)
            .element("cTo", constant.to)
            .end("constRecord");
    }
    payload.end("constRecords");
    Ok(Answer::xml(response.status(Status::OK)))
}
