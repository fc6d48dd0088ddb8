//! `Re-signISDSDocument` (XSD `tResignDocOutput`, manual M 2.3.3).

use std::sync::Arc;

use isds_core::splice::Splice;
use isds_core::status::Status;

use super::{SEALED_TYPE, authenticate_message};
use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let file = authenticate_message::document(call, "dmDoc").await?;
    let resigned = call.isds.resign_document(call.caller, Arc::new(file)).await?;
    let mut response = call.response();
    response.payload().start("dmResultDoc");
    let head = response.split();
    response
        .payload()
        .end("dmResultDoc")
        .element("dmValidTo", resigned.valid_to);
    let tail = response.status(Status::OK);
    Ok(Answer::xml(head)
        .then_base64(resigned.splice)
        .of_type(SEALED_TYPE)
        .then(Splice::default().then(tail)))
}
