//! `UploadAttachment` (bulletins 2168 and 2175): an attachment for large messages, stored as it comes.

use isds_core::status::Status;
use isds_core::{AttachmentUpload, Refusal};
use wire::forms::uploaded;
use wire::reader::Element;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let mut upload = None;
    let read = read(call, &mut upload).await;
    let upload = match (read, upload) {
        (Ok(()), Some(upload)) => upload.accept().await?,
        (Ok(()), None) => return Err(Refusal::about(Status::INVALID_STRUCTURE, "chybí dmFile.").into()),
        (Err(stop), upload) => {
            if let Some(upload) = upload {
                upload.abandon().await;
            }
            return Err(stop);
        }
    };
    let mut response = call.response();
    uploaded(response.payload(), &upload);
    Ok(Answer::xml(response.status(Status::OK)))
}

async fn read<'a>(call: &mut Call<'a>, upload: &mut Option<AttachmentUpload<'a>>) -> Result<(), Stop> {
    while let Some(element) = call.request.reader().next_child().await? {
        match (element.contract_name(), &upload) {
            ("dmFile", None) => read_file(call, &element, upload).await?,
            ("dmFile", Some(_)) => {
                return Err(Refusal::about(Status::INVALID_STRUCTURE, "dmFile je uvedeno dvakrát.").into());
            }
            _ => call.request.reader().skip().await?,
        }
    }
    call.request.finish().await?;
    Ok(())
}

async fn read_file<'a>(
    call: &mut Call<'a>,
    element: &Element,
    upload: &mut Option<AttachmentUpload<'a>>,
) -> Result<(), Stop> {
    let attribute = |name: &str| element.attribute(name).map(str::to_owned);
    let begun = call
        .isds
        .upload_attachment(call.caller, attribute("dmMimeType"), attribute("dmFileDescr"));
    let upload = upload.insert(begun.await?);
    let reader = call.request.reader();
    let mut content_read = false;
    while let Some(child) = reader.next_child().await? {
        match child.contract_name() {
            "dmEncodedContent" if content_read => return Err(document("dmFile má více než jeden obsah.").into()),
            "dmEncodedContent" => {
                content_read = true;
                while let Some(bytes) = reader.content().await? {
                    upload.write(bytes).await?;
                }
            }
            _ => reader.skip().await?,
        }
    }
    if content_read {
        Ok(())
    } else {
        Err(document("dmFile nemá obsah.").into())
    }
}

fn document(detail: &str) -> Refusal {
    Refusal::about(Status::INVALID_DOCUMENT, detail)
}
