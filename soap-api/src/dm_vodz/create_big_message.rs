//! `CreateBigMessage` (XSD `tBigMessageInput`, bulletin 2175): a large message of uploaded attachments, and small ones
//! that come along.
//!
//! The request is that of `CreateMessage`, which reads it; what is its own stands in `dmFiles`.

use isds_core::status::Status;
use isds_core::{Refusal, Submission, UploadedAttachment};
use wire::reader::Element;

use crate::call::Call;
use crate::dm_operations::create_message::{attachment, read_file, structure};
use crate::stop::Stop;

/// First one uploaded attachment or more, then those that come along.
pub(crate) async fn read_files(call: &mut Call<'_>, submission: &mut Submission<'_>) -> Result<(), Stop> {
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
