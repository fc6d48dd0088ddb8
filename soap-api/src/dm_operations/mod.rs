//! `dm_operations.wsdl`, served at `/DS/dz`.

pub(crate) mod authenticate_message;
pub(crate) mod create_message;
pub(crate) mod create_multiple_message;
pub(crate) mod dummy_operation;
pub(crate) mod message_download;
pub(crate) mod re_sign_isds_document;
pub(crate) mod signed_message_download;
pub(crate) mod signed_sent_message_download;

use isds_core::Sealed;
use isds_core::splice::Splice;
use isds_core::status::Status;

use crate::answer::Answer;
use crate::call::Call;

/// Media type of sealed documents.
pub(crate) const SEALED_TYPE: &str = "application/vnd.software602.filler.form-xml-zip";

/// Answers a sealed document as `dmSignature`.
pub(crate) fn signature(call: &Call<'_>, sealed: Sealed, status: Status) -> Answer {
    let mut response = call.response();
    response.payload().start("dmSignature");
    let head = response.split();
    response.payload().end("dmSignature");
    let tail = response.status(status);
    Answer::xml(head)
        .then_base64(sealed.splice)
        .of_type(SEALED_TYPE)
        .then(Splice::default().then(tail))
}

/// Answers the sealed form of a message; 0005 says that the seal carries no timestamp.
pub(crate) fn message_signature(call: &Call<'_>, sealed: Sealed) -> Answer {
    let status = if sealed.stamped {
        Status::OK
    } else {
        Status::NO_TIMESTAMP
    };
    signature(call, sealed, status)
}
