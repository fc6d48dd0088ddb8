//! `CreateMultipleMessage` (XSD `tMultipleMessageCreateInput`, manual M 2.2).
//!
//! Envelope and recipients are judged as soon as both are read, before any attachment.

use isds_core::status::Status;
use isds_core::{MultipleSubmission, RecipientDraft};
use wire::forms::multiple_status;
use wire::reader::Fields;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

use super::create_message::{read_envelope, read_files, structure};

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let mut multiple = None;
    let read = read(call, &mut multiple).await;
    let multiple = match (read, multiple) {
        (Ok(()), Some(multiple)) => multiple,
        (Ok(()), None) => return Err(structure("chybí dmRecipients nebo dmEnvelope.").into()),
        (Err(stop), multiple) => {
            if let Some(multiple) = multiple {
                multiple.abandon().await;
            }
            return Err(stop);
        }
    };
    let outcomes = multiple.accept().await?;
    let status = if outcomes.iter().all(Result::is_ok) {
        Status::OK
    } else {
        Status::SOME_NOT_SENT
    };
    let mut response = call.response();
    multiple_status(response.payload(), &outcomes);
    Ok(Answer::xml(response.status(status)))
}

/// Ends before the attachments where there is nobody to send them to.
async fn read<'a>(call: &mut Call<'a>, multiple: &mut Option<MultipleSubmission<'a>>) -> Result<(), Stop> {
    let (mut recipients, mut envelope, mut files_read) = (None, None, false);
    while let Some(element) = call.request.reader().next_child().await? {
        match element.contract_name() {
            "dmRecipients" if recipients.is_none() => recipients = Some(read_recipients(call).await?),
            "dmEnvelope" if envelope.is_none() => envelope = Some(read_envelope(call, &element).await?),
            "dmFiles" if !files_read => {
                files_read = true;
                match multiple.as_mut().map(MultipleSubmission::submission) {
                    Some(Some(submission)) => read_files(call, submission).await?,
                    Some(None) => return Ok(()),
                    None => return Err(structure("dmRecipients a dmEnvelope mají stát před dmFiles.").into()),
                }
            }
            name @ ("dmRecipients" | "dmEnvelope" | "dmFiles") => {
                return Err(structure(&format!("{name} je uvedeno dvakrát.")).into());
            }
            _ => call.request.reader().skip().await?,
        }
        if multiple.is_none()
            && let (Some(recipients), Some(envelope)) = (&recipients, &envelope)
        {
            let (isds, caller) = (call.isds, call.caller);
            let judged = isds.create_multiple_message(caller, recipients.clone(), envelope.clone());
            *multiple = Some(judged.await?);
        }
    }
    call.request.finish().await?;
    Ok(())
}

async fn read_recipients(call: &mut Call<'_>) -> Result<Vec<RecipientDraft>, Stop> {
    let reader = call.request.reader();
    let mut recipients = Vec::new();
    while let Some(element) = reader.next_child().await? {
        // One too many is enough to be refused for; a request may name thousands.
        if element.contract_name() != "dmRecipient" || recipients.len() > RecipientDraft::MOST {
            reader.skip().await?;
            continue;
        }
        let names = [
            "dbIDRecipient",
            "dmRecipientOrgUnit",
            "dmRecipientOrgUnitNum",
            "dmToHands",
        ];
        let mut fields = Fields::read(reader, &names).await?;
        recipients.push(RecipientDraft {
            box_id: fields.take("dbIDRecipient"),
            org_unit: fields.take("dmRecipientOrgUnit"),
            org_unit_num: fields.integer("dmRecipientOrgUnitNum")?,
            to_hands: fields.take("dmToHands"),
        });
    }
    Ok(recipients)
}
