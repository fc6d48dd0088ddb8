//! `PickUpAsyncResponse` (XSD `tPickUpAsyncOutput`): fetches what was ordered.

use isds_core::Refusal;
use isds_core::message::Segment;
use isds_core::ports::ErasedListId;
use isds_core::splice::Splice;
use isds_core::status::Status;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

/// The one kind of order that the contract knows.
const LIST_ERASED: &str = "LIST_ERASED";

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let fields = call.fields(&["asyncID", "asyncReqType"]).await?;
    if fields.text("asyncReqType").map(str::trim) != Some(LIST_ERASED) {
        return Err(Refusal::about(Status::INVALID_STRUCTURE, "asyncReqType je LIST_ERASED.").into());
    }
    // An identifier that we never gave out is one of an order that nobody made.
    let id = fields
        .text("asyncID")
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0);
    let (object, length) = call.isds.pick_up_erased_list(call.caller, ErasedListId(id)).await?;
    let mut response = call.response();
    response
        .payload()
        .element("asyncReqType", LIST_ERASED)
        .start("asyncResponse");
    let head = response.split();
    response.payload().end("asyncResponse");
    let file = Splice::default().then_segments(&[Segment::Literal {
        object,
        offset: 0,
        length,
    }]);
    Ok(Answer::xml(head)
        .then_base64(file)
        .then(Splice::default().then(response.status(Status::OK))))
}
