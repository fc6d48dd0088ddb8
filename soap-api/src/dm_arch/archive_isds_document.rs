//! `ArchiveISDSDocument` (bulletins 2194 and 2228): the document comes back with a timestamp more.

use std::sync::Arc;

use isds_core::splice::Splice;
use isds_core::status::Status;

use crate::answer::Answer;
use crate::call::Call;
use crate::dm_operations::{SEALED_TYPE, authenticate_message};
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    // Before the document is received: a hundred megabytes of it would lie here for nothing.
    let slot = call.isds.begin_archiving(call.caller)?;
    let file = authenticate_message::document(call, "dmMessage").await?;
    let archived = call.isds.archive_document(slot, Arc::new(file)).await?;
    let mut response = call.response();
    response.payload().start("dmResultDoc");
    let head = response.split();
    response
        .payload()
        .end("dmResultDoc")
        .element("nextStampTo", archived.next_stamp_to);
    let tail = response.status(Status::OK);
    Ok(Answer::xml(head)
        .then_base64(archived.splice)
        .of_type(SEALED_TYPE)
        .then(Splice::default().then(tail)))
}
