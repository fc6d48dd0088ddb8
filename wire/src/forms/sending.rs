//! What sending answers: numbers of several messages, and uploads.

use isds_core::Refusal;
use isds_core::ids::MessageId;
use isds_core::message::StoredAttachment;
use isds_core::ports::Upload;
use isds_core::status::Status;

use crate::Writer;

/// `dmMultipleStatus` (XSD `tMultipleStatus`): for each recipient a number or the reason why there is none.
pub fn multiple_status(writer: &mut Writer, outcomes: &[Result<MessageId, Refusal>]) {
    writer.start("dmMultipleStatus");
    for outcome in outcomes {
        writer.start("dmSingleStatus");
        let (code, text) = match outcome {
            Ok(id) => {
                writer.element("dmID", id);
                (Status::OK.code(), Status::OK.text().to_owned())
            }
            Err(refusal) => (refusal.status().code(), refusal.text()),
        };
        writer
            .start("dmStatus")
            .element("dmStatusCode", code)
            .element("dmStatusMessage", text)
            .end("dmStatus")
            .end("dmSingleStatus");
    }
    writer.end("dmMultipleStatus");
}

/// `dmAttID` and both hashes of an upload (XSD `UploadAttachmentResponse`).
pub fn uploaded(writer: &mut Writer, upload: &Upload) {
    writer.element("dmAttID", upload.id.0);
    for (name, (algorithm, hash)) in ["dmAttHash1", "dmAttHash2"].into_iter().zip(upload.hashes()) {
        writer
            .start_with(name, &[("AttHashAlg", algorithm)])
            .text(hash)
            .end(name);
    }
}

/// From the start tag of `dmFile` to its content (XSD `DownloadAttachmentResponse`).
pub fn attachment_start(writer: &mut Writer, attachment: &StoredAttachment) {
    let attributes = [
        ("dmFileMetaType", attachment.meta_type.name()),
        ("dmMimeType", &attachment.mime_type),
        ("dmFileDescr", &attachment.file_name),
    ];
    writer.start_with("dmFile", &attributes).start("dmEncodedContent");
}

/// From the end of the content to the end tag of `dmFile`.
pub fn attachment_end(writer: &mut Writer) {
    writer.end("dmEncodedContent").end("dmFile");
}
