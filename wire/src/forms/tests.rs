use super::*;

use isds_core::DeliveryInfo;
use isds_core::attachment::MetaType;
use isds_core::envelope::EnvelopeDraft;
use isds_core::event::{Event, EventKind};
use isds_core::ids::ObjectId;
use isds_core::message::{Content, Message, MessageState, Phase, Segment, SideOf};
use isds_core::ports::{AttachmentHead, ContentForm, MessageForm};
use isds_core::time::Timestamp;

fn envelope_of_test() -> Envelope {
    Envelope {
        sender: "mesta2j".parse().unwrap(),
        sender_name: "Město Vzorov".into(),
        sender_address: "Náměstí 1, 10000 Vzorov, CZ".into(),
        sender_type: 10,
        recipient: "nvak22s".parse().unwrap(),
        recipient_name: "Jan Novák".into(),
        recipient_address: "Dlouhá 2, 10000 Vzorov, CZ".into(),
        ambiguous_recipient: false,
        draft: EnvelopeDraft {
            annotation: Some("Výzva <A & B>".into()),
            legal_title_law: Some(500),
            sender_ident: Some("ZN \"1\"".into()),
            personal_delivery: Some(false),
            allow_subst_delivery: Some(true),
            ..EnvelopeDraft::default()
        },
    }
}

fn message_of_test() -> Message {
    let at = |text: &str| Some(Timestamp::parse(text).unwrap());
    Message {
        id: MessageId(1001),
        envelope: envelope_of_test(),
        kind: MessageKind::Public,
        content: Content {
            segments: vec![Segment::Literal {
                object: ObjectId("0".repeat(32)),
                offset: 0,
                length: 7,
            }],
            sha256: [0xAB; 32],
            sha3_256: [0; 32],
            attachment_count: 1,
            attachment_size_kb: 12,
            large: None,
        },
        timestamp_token: Some(b"token".to_vec()),
        scan: None,
        withheld: false,
        state: MessageState {
            phase: Phase::Accepted,
            delivered_in: at("2026-06-01T08:00:01.250Z"),
            accepted: at("2026-06-02T09:00:00Z"),
            ..MessageState::submitted(at("2026-06-01T08:00:00Z").unwrap())
        },
        version: 4,
    }
}

const ENVELOPE: &str = "<p:dmID>1001</p:dmID><p:dbIDSender>mesta2j</p:dbIDSender>\
    <p:dmSender>Město Vzorov</p:dmSender><p:dmSenderAddress>Náměstí 1, 10000 Vzorov, CZ</p:dmSenderAddress>\
    <p:dmSenderType>10</p:dmSenderType><p:dmRecipient>Jan Novák</p:dmRecipient>\
    <p:dmRecipientAddress>Dlouhá 2, 10000 Vzorov, CZ</p:dmRecipientAddress>\
    <p:dmAmbiguousRecipient>false</p:dmAmbiguousRecipient>\
    <p:dmSenderOrgUnit xsi:nil=\"true\"></p:dmSenderOrgUnit>\
    <p:dmSenderOrgUnitNum xsi:nil=\"true\"></p:dmSenderOrgUnitNum>\
    <p:dbIDRecipient>nvak22s</p:dbIDRecipient>\
    <p:dmRecipientOrgUnit xsi:nil=\"true\"></p:dmRecipientOrgUnit>\
    <p:dmRecipientOrgUnitNum xsi:nil=\"true\"></p:dmRecipientOrgUnitNum>\
    <p:dmToHands xsi:nil=\"true\"></p:dmToHands>\
    <p:dmAnnotation>Výzva &lt;A &amp; B&gt;</p:dmAnnotation>\
    <p:dmRecipientRefNumber xsi:nil=\"true\"></p:dmRecipientRefNumber>\
    <p:dmSenderRefNumber xsi:nil=\"true\"></p:dmSenderRefNumber>\
    <p:dmRecipientIdent xsi:nil=\"true\"></p:dmRecipientIdent>\
    <p:dmSenderIdent>ZN \"1\"</p:dmSenderIdent>\
    <p:dmLegalTitleLaw>500</p:dmLegalTitleLaw>\
    <p:dmLegalTitleYear xsi:nil=\"true\"></p:dmLegalTitleYear>\
    <p:dmLegalTitleSect xsi:nil=\"true\"></p:dmLegalTitleSect>\
    <p:dmLegalTitlePar xsi:nil=\"true\"></p:dmLegalTitlePar>\
    <p:dmLegalTitlePoint xsi:nil=\"true\"></p:dmLegalTitlePoint>\
    <p:dmPersonalDelivery>false</p:dmPersonalDelivery>\
    <p:dmAllowSubstDelivery>true</p:dmAllowSubstDelivery>";

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// The fixed bytes: whoever changes them breaks the hash of every message that is written twice.
#[test]
fn dm_dm_is_written_as_it_always_was() {
    assert_eq!(
        text(DmDmForm.head(MessageId(1001), &envelope_of_test())),
        format!("<p:dmDm xmlns:p=\"http://isds.czechpoint.cz/v20\">{ENVELOPE}<p:dmFiles>")
    );
    let mut head = AttachmentHead {
        mime_type: "application/pdf".into(),
        meta_type: MetaType::Main,
        file_name: "smlouva \"A\" & <B>.pdf".into(),
        guid: None,
        up_guid: None,
        format: None,
    };
    assert_eq!(
        text(DmDmForm.file_head(&head, ContentForm::Encoded)),
        "<p:dmFile dmMimeType=\"application/pdf\" dmFileDescr=\"smlouva &quot;A&quot; &amp; &lt;B&gt;.pdf\" \
         dmFileMetaType=\"main\"><p:dmEncodedContent>"
    );
    head.guid = Some("1".into());
    head.up_guid = Some("0".into());
    head.format = Some("f".into());
    assert!(
        text(DmDmForm.file_head(&head, ContentForm::Encoded))
            .contains("\"main\" dmFileGuid=\"1\" dmUpFileGuid=\"0\" dmFormat=\"f\">")
    );
    assert_eq!(
        DmDmForm.file_tail(ContentForm::Encoded),
        b"</p:dmEncodedContent></p:dmFile>"
    );
    assert_eq!(DmDmForm.tail(), b"</p:dmFiles></p:dmDm>");
}

const AROUND: &str = "<q:dmHash algorithm=\"SHA-256\">q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=</q:dmHash>\
    <q:dmQTimestamp>dG9rZW4=</q:dmQTimestamp>\
    <q:dmDeliveryTime>2026-06-01T10:00:01.250+02:00</q:dmDeliveryTime>\
    <q:dmAcceptanceTime>2026-06-02T11:00:00.000+02:00</q:dmAcceptanceTime>\
    <q:dmMessageStatus>6</q:dmMessageStatus>";

/// Objects of which only one is ever read.
struct OneObject;

#[async_trait::async_trait]
impl isds_core::ports::Objects for OneObject {
    async fn put(&self, _: bytes::Bytes) -> isds_core::ports::StoreResult<ObjectId> {
        unreachable!("nothing is written here")
    }
    async fn create(&self) -> isds_core::ports::StoreResult<Box<dyn isds_core::ports::ObjectWriter>> {
        unreachable!("nothing is written here")
    }
    async fn read(
        &self,
        _: &ObjectId,
        _: u64,
        _: u64,
    ) -> isds_core::ports::StoreResult<futures::stream::BoxStream<'static, isds_core::ports::StoreResult<bytes::Bytes>>>
    {
        Ok(Box::pin(futures::stream::iter([Ok(bytes::Bytes::from_static(
            b"<dmDm/>",
        ))])))
    }
    async fn delete(&self, _: &ObjectId) -> isds_core::ports::StoreResult<()> {
        Ok(())
    }
    async fn clear(&self) -> isds_core::ports::StoreResult<()> {
        Ok(())
    }
}

fn whole(splice: isds_core::splice::Splice) -> String {
    use futures::FutureExt;
    let length = splice.len();
    let bytes = splice
        .collect(std::sync::Arc::new(OneObject))
        .now_or_never()
        .unwrap()
        .unwrap();
    assert_eq!(bytes.len() as u64, length);
    text(bytes)
}

#[test]
fn sealed_documents_have_their_own_namespaces() {
    let message = message_of_test();
    for (sealed, namespace) in [(Sealed::Received, "message"), (Sealed::Sent, "SentMessage")] {
        assert_eq!(
            whole(message_document(&message, sealed)),
            format!(
                "<q:MessageDownloadResponse xmlns:q=\"http://isds.czechpoint.cz/v20/{namespace}\" \
                 xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><q:dmReturnedMessage><dmDm/>{AROUND}\
                 <q:dmAttachmentSize>12</q:dmAttachmentSize></q:dmReturnedMessage></q:MessageDownloadResponse>"
            )
        );
    }
}

#[test]
fn each_side_sees_its_own_state() {
    let mut message = message_of_test();
    message.state.recipient.read = true;
    let status = |side: SideOf| whole(returned_message(&message, side));
    assert!(status(SideOf::Recipient).contains("<q:dmMessageStatus>7<"));
    assert!(status(SideOf::Sender).contains("<q:dmMessageStatus>6<"));
}

#[test]
fn what_is_not_there_yet_is_nil_where_it_may_be() {
    let mut message = message_of_test();
    message.timestamp_token = None;
    message.state.accepted = None;
    message.kind = MessageKind::Contract;
    let returned = whole(returned_message(&message, SideOf::Recipient));
    assert!(returned.starts_with("<q:dmReturnedMessage dmType=\"K\">"));
    assert!(returned.contains("<q:dmQTimestamp xsi:nil=\"true\"></q:dmQTimestamp>"));
    assert!(returned.contains("<q:dmAcceptanceTime xsi:nil=\"true\"></q:dmAcceptanceTime>"));
    let mut writer = Writer::new("q");
    returned_message_envelope(&mut writer, &message, SideOf::Recipient);
    assert!(text(writer.finish()).contains("<q:dmQTimestamp></q:dmQTimestamp>"));
}

#[test]
fn delivery_info_has_the_envelope_and_its_events() {
    let message = message_of_test();
    let time = message.state.submitted;
    let info = DeliveryInfo {
        message,
        side: SideOf::Sender,
        events: vec![
            Event {
                kind: EventKind::Submitted,
                time,
            },
            Event {
                kind: EventKind::DeliveredIn,
                time,
            },
        ],
    };
    let document = text(delivery_document(&info));
    let head = format!(
        "<q:GetDeliveryInfoResponse xmlns:q=\"http://isds.czechpoint.cz/v20/delivery\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><q:dmDelivery>\
         <p:dmDm xmlns:p=\"http://isds.czechpoint.cz/v20\">{ENVELOPE}</p:dmDm>{AROUND}<q:dmEvents><q:dmEvent>\
         <q:dmEventTime>2026-06-01T10:00:00.000+02:00</q:dmEventTime>\
         <q:dmEventDescr>EV0: Datová zpráva byla podána.</q:dmEventDescr></q:dmEvent>"
    );
    assert!(document.starts_with(&head), "{document}");
    assert!(document.ends_with("</q:dmEvent></q:dmEvents></q:dmDelivery></q:GetDeliveryInfoResponse>"));
}
