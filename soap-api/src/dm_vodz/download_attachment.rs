//! `DownloadAttachment` (bulletin 2175): one attachment of a large message.

use isds_core::Refusal;
use isds_core::message::Segment;
use isds_core::splice::Splice;
use isds_core::status::Status;
use wire::forms::{attachment_end, attachment_start};

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let fields = call.fields(&["dmID", "attNum"]).await?;
    let id = fields.message_id("dmID")?;
    let number = fields
        .integer("attNum")?
        .ok_or_else(|| Refusal::about(Status::INVALID_STRUCTURE, "chybí attNum."))?;
    let attachment = call.isds.download_attachment(call.caller, id, number).await?;
    let mut response = call.response();
    attachment_start(response.payload(), &attachment);
    let head = response.split();
    attachment_end(response.payload());
    let tail = response.status(Status::OK);
    let content = attachment.content.map(|(object, length)| Segment::Literal {
        object,
        offset: 0,
        length,
    });
    Ok(Answer::xml(head)
        .then_base64(Splice::default().then_segments(content.as_slice()))
        .of_type(attachment.mime_type)
        .then(Splice::default().then(tail)))
}
