//! `CreateMessage` (XSD `tMessageCreateInput`, manual M 2.1).
//!
//! The envelope is judged as soon as it is read, before any attachment; attachments are decoded as they come. The
//! message is accepted only once the request was read to its end.

use isds_core::Refusal;
use isds_core::envelope::EnvelopeDraft;
use isds_core::operation::Operation;
use isds_core::status::Status;
use isds_core::{AttachmentDraft, Submission};
use wire::reader::{Element, Fields, integer};

use crate::answer::Answer;
use crate::call::Call;
use crate::dm_vodz::create_big_message;
use crate::stop::Stop;

/// Children of `dmEnvelope`; `dmOVM` has been without meaning since 2017 and is passed over.
const ENVELOPE: [&str; 19] = [
    "dmSenderOrgUnit",
    "dmSenderOrgUnitNum",
    "dbIDRecipient",
    "dmRecipientOrgUnit",
    "dmRecipientOrgUnitNum",
    "dmToHands",
    "dmAnnotation",
    "dmRecipientRefNumber",
    "dmSenderRefNumber",
    "dmRecipientIdent",
    "dmSenderIdent",
    "dmLegalTitleLaw",
    "dmLegalTitleYear",
    "dmLegalTitleSect",
    "dmLegalTitlePar",
    "dmLegalTitlePoint",
    "dmPersonalDelivery",
    "dmAllowSubstDelivery",
    "dmPublishOwnID",
];

/// Serves `CreateBigMessage` as well, whose request differs only in what stands in `dmFiles`.
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
                *submission = Some(match call.operation {
                    Operation::CreateBigMessage => call.isds.create_big_message(call.caller, draft).await?,
                    _ => call.isds.create_message(call.caller, draft).await?,
                });
            }
            ("dmEnvelope", Some(_)) => return Err(structure("dmEnvelope je uvedeno dvakrát.").into()),
            ("dmFiles", Some(_)) if files_read => return Err(structure("dmFiles je uvedeno dvakrát.").into()),
            ("dmFiles", Some(submission)) => {
                files_read = true;
                match call.operation {
                    Operation::CreateBigMessage => create_big_message::read_files(call, submission).await?,
                    _ => read_files(call, submission).await?,
                }
            }
            // Attachments are judged by the envelope, and cannot wait for it without being kept.
            ("dmFiles", None) => return Err(structure("dmEnvelope má stát před dmFiles.").into()),
            _ => call.request.reader().skip().await?,
        }
    }
    call.request.finish().await?;
    Ok(())
}

pub(crate) async fn read_envelope(call: &mut Call<'_>, element: &Element) -> Result<EnvelopeDraft, Stop> {
    let reader = call.request.reader();
    let mut fields = Fields::default();
    let mut id_level = None;
    while let Some(child) = reader.next_child().await? {
        match ENVELOPE.iter().find(|name| **name == child.contract_name()) {
            Some(name) => {
                if *name == "dmPublishOwnID" {
                    id_level = child
                        .attribute("IdLevel")
                        .map(|level| integer("IdLevel", level))
                        .transpose()?;
                }
                fields.add(name, reader.text(name).await?)?;
            }
            None => reader.skip().await?,
        }
    }
    Ok(EnvelopeDraft {
        sender_org_unit: fields.take("dmSenderOrgUnit"),
        sender_org_unit_num: fields.integer("dmSenderOrgUnitNum")?,
        recipient: fields.take("dbIDRecipient"),
        recipient_org_unit: fields.take("dmRecipientOrgUnit"),
        recipient_org_unit_num: fields.integer("dmRecipientOrgUnitNum")?,
        to_hands: fields.take("dmToHands"),
        annotation: fields.take("dmAnnotation"),
        recipient_ref_number: fields.take("dmRecipientRefNumber"),
        sender_ref_number: fields.take("dmSenderRefNumber"),
        recipient_ident: fields.take("dmRecipientIdent"),
        sender_ident: fields.take("dmSenderIdent"),
        legal_title_law: fields.integer("dmLegalTitleLaw")?,
        legal_title_year: fields.integer("dmLegalTitleYear")?,
        legal_title_sect: fields.take("dmLegalTitleSect"),
        legal_title_par: fields.take("dmLegalTitlePar"),
        legal_title_point: fields.take("dmLegalTitlePoint"),
        personal_delivery: fields.boolean("dmPersonalDelivery")?,
        allow_subst_delivery: fields.boolean("dmAllowSubstDelivery")?,
        publish_own_id: fields.boolean("dmPublishOwnID")?,
        id_level,
        message_type: element.attribute("dmType").map(str::to_owned),
    })
}

pub(super) async fn read_files(call: &mut Call<'_>, submission: &mut Submission<'_>) -> Result<(), Stop> {
    while let Some(element) = call.request.reader().next_child().await? {
        if element.contract_name() == "dmFile" {
            read_file(call, submission, attachment(&element)).await?;
        } else {
            call.request.reader().skip().await?;
        }
    }
    Ok(())
}

pub(crate) fn attachment(element: &Element) -> AttachmentDraft {
    let attribute = |name: &str| element.attribute(name).map(str::to_owned);
    AttachmentDraft {
        mime_type: attribute("dmMimeType"),
        meta_type: attribute("dmFileMetaType"),
        file_name: attribute("dmFileDescr"),
        guid: attribute("dmFileGuid"),
        up_guid: attribute("dmUpFileGuid"),
        format: attribute("dmFormat"),
    }
}

pub(crate) async fn read_file(
    call: &mut Call<'_>,
    submission: &mut Submission<'_>,
    head: AttachmentDraft,
) -> Result<(), Stop> {
    let reader = call.request.reader();
    let mut head = Some(head);
    while let Some(child) = reader.next_child().await? {
        match (child.contract_name(), head.take()) {
            ("dmEncodedContent", Some(head)) => {
                submission.begin_attachment(head).await?;
                while let Some(bytes) = reader.content().await? {
                    submission.write(bytes).await?;
                }
                submission.end_attachment().await?;
            }
            ("dmXMLContent", Some(head)) => {
                let element = reader.child_as_written().await?;
                submission.add_xml_attachment(head, &element).await?;
            }
            ("dmEncodedContent" | "dmXMLContent", None) => {
                return Err(document("dmFile má více než jeden obsah.").into());
            }
            (_, unread) => {
                head = unread;
                reader.skip().await?;
            }
        }
    }
    match head {
        None => Ok(()),
        Some(_) => Err(document("dmFile nemá obsah.").into()),
    }
}

pub(crate) fn structure(detail: &str) -> Refusal {
    Refusal::about(Status::INVALID_STRUCTURE, detail)
}

fn document(detail: &str) -> Refusal {
    Refusal::about(Status::INVALID_DOCUMENT, detail)
}
