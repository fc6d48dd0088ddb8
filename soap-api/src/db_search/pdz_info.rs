//! `PDZInfo` (XSD `tPDZInfoInput` and `tPDZInfoOutput`, manual V 2.5).

use isds_core::status::Status;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let fields = call.fields(&["PDZSender"]).await?;
    let rules = call
        .isds
        .pdz_info(call.caller, fields.text("PDZSender").unwrap_or_default())
        .await?;
    let mut response = call.response();
    let payload = response.payload();
    payload.start("dbPDZRecords");
    for rule in rules {
        payload
            .start("dbPDZRecord")
            .element("PDZType", rule.title)
            .nillable("PDZRecip", rule.recipient)
            .element("PDZPayer", rule.payer)
            .nillable("PDZExpire", rule.expires)
            .nillable("PDZCnt", rule.count)
            .nillable("ODZIdent", rule.identifier)
            .end("dbPDZRecord");
    }
    payload.end("dbPDZRecords");
    Ok(Answer::xml(response.status(Status::OK)))
}
