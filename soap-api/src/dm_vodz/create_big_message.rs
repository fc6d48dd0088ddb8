//! `CreateBigMessage` (XSD `tBigMessageInput`, bulletin 2175): a large message of uploaded attachments, and small ones
//! that come along.
//!
//! As in `CreateMessage` the envelope is judged before any attachment.

use isds_core::status::Status;
use isds_core::{Refusal, Submission, UploadedAttachment};
use wire::reader::Element;

use crate::answer::Answer;
use crate::call::Call;
use crate::dm_operations::create_message::{attachment, read_envelope, read_file, structure};
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let mut submission = None;
    let read = read(call, &mut submission).await;
    let submission = match (read, submission) {
        (Ok(()), Some(submission)) => submission,
        (Ok(()), None) => return Err(structure("chybí dmEnvelope.").into()),
        (Err(stop), submission) => {
            if let Some(submission) = submission {
                submission.abandon().await;
            }
            return Err(stop);
        }
    };
    let id = submission.accept().await?;
    let mut response = call.response();
    response.payload().element("dmID", id);
    Ok(Answer::xml(response.status(Status::OK)))
}

async fn read<'a>(call: &mut Call<'a>, submission: &mut Option<Submission<'a>>) -> Result<(), Stop> {
    let mut files_read = false;
    while let Some(element) = call.request.reader().next_child().await? {
        match (element.contract_name(), &mut *submission) {
            ("dmEnvelope", None) => {
                let draft = read_envelope(call, &element).await?;
                *submission = Some(call.isds.create_big_message(call.caller, draft).await?);
            }
            ("dmEnvelope", Some(_)) => return Err(structure("dmEnvelope je uvedeno dvakrát.").into()),
            ("dmFiles", Some(_)) if files_read => return Err(structure("dmFiles je uvedeno dvakrát.").into()),
            ("dmFiles", Some(submission)) => {
                files_read = true;
                read_files(call, submission).await?;
            }
            ("dmFiles", None) => return Err(structure("dmEnvelope má stát před dmFiles.").into()),
            _ => call.request.reader().skip().await?,
        }
    }
    call.request.finish().await?;
    Ok(())
}

/// First one uploaded attachment or more, then those that come along.
async fn read_files(call: &mut Call<'_>, submission: &mut Submission<'_>) -> Result<(), Stop> {
    let (mut uploaded, mut inline) = (false, false);
    while let Some(element) = call.request.reader().next_child().await? {
        match element.contract_name() {
            "dmExtFile" if inline => return Err(structure("dmExtFile má stát před dmFile.").into()),
            "dmExtFile" => {
                uploaded = true;
                submission.add_uploaded(reference(&element)).await?;
                call.request.reader().skip().await?;
            }
            "dmFile" if !uploaded => return Err(structure("chybí dmExtFile.").into()),
            "dmFile" => {
                inline = true;
                read_file(call, submission, attachment(&element)).await?;
            }
            _ => call.request.reader().skip().await?,
        }
    }
    if uploaded {
        Ok(())
    } else {
        Err(Refusal::of(Status::NO_DOCUMENT).into())
    }
}

fn reference(element: &Element) -> UploadedAttachment {
    let attribute = |name: &str| element.attribute(name).map(str::to_owned);
    UploadedAttachment {
        meta_type: attribute("dmFileMetaType"),
        id: attribute("dmAttID"),
        first_hash: attribute("dmAttHash1"),
        first_algorithm: attribute("dmAttHash1Alg"),
        second_hash: attribute("dmAttHash2"),
        second_algorithm: attribute("dmAttHash2Alg"),
        guid: attribute("dmFileGuid"),
        up_guid: attribute("dmUpFileGuid"),
    }
}
