//! Calls about messages: `/DS/dz`, `/DS/dx`, `/DS/vodz`, `/DS/arch`.

use super::Call;
use super::callers::Caller;
use super::ground::Ground;
use crate::common::{file, message};

fn id(id: &str) -> String {
    format!("<dmID>{id}</dmID>")
}

/// Whom a caller writes to.
fn recipient(caller: &Caller) -> &'static str {
    if caller.target == "zivna27" {
        "mesta2j"
    } else {
        "nvak22s"
    }
}

/// `CreateMultipleMessage` to one recipient.
fn multiple(to: &str) -> String {
    format!(
        "<dmRecipients><dmRecipient><dbIDRecipient>{to}</dbIDRecipient><dmToHands/></dmRecipient></dmRecipients>\
         <dmEnvelope><dmAnnotation>Výzva</dmAnnotation></dmEnvelope><dmFiles>{}</dmFiles>",
        file("a.txt", "main", "YWhvag==")
    )
}

pub async fn calls(ground: &Ground, operation: &'static str, caller: &Caller) -> Option<Vec<Call>> {
    let things = ground.things(caller);
    let to = recipient(caller);
    let one = |inside: String| vec![("", inside)];
    let received = || {
        vec![
            ("", id(&things.received)),
            ("for the addressee in person", id(&things.personal)),
        ]
    };
    let either_side = || vec![("received", id(&things.received)), ("sent", id(&things.sent))];
    Some(match operation {
        "CreateMessage" => one(message(to, "Výzva", &file("a.txt", "main", "YWhvag=="))),
        "CreateMultipleMessage" => one(multiple(to)),
        "MessageDownload" | "SignedMessageDownload" | "MessageEnvelopeDownload" => received(),
        "SignedSentMessageDownload" | "SentMessageEnvelopeDownload" => one(id(&things.sent)),
        "AuthenticateMessage" | "AuthenticateBigMessage" | "ArchiveISDSDocument" => {
            one(format!("<dmMessage>{}</dmMessage>", ground.sealed))
        }
        "Re-signISDSDocument" => one(format!("<dmDoc>{}</dmDoc>", ground.old_seal)),
        "DummyOperation" => one(String::new()),
        "VerifyMessage" | "GetDeliveryInfo" | "GetSignedDeliveryInfo" | "GetMessageAuthor" | "GetMessageAuthor2" => {
            either_side()
        }
        "MarkMessageAsDownloaded" => one(id(&ground.received(caller).await)),
        "EraseMessage" => one(id(&ground.in_vault(caller).await) + "<dmIncoming>true</dmIncoming>"),
        "GetListOfReceivedMessages" | "GetListOfSentMessages" | "GetMessageStateChanges" => one(String::new()),
        "GetListOfErasedMessages" => {
            one("<dmYear>2026</dmYear><dmMessageType>SENT</dmMessageType><dmOutFormat>XML</dmOutFormat>".into())
        }
        "PickUpAsyncResponse" => one(format!(
            "<asyncID>{}</asyncID><asyncReqType>LIST_ERASED</asyncReqType>",
            things.order
        )),
        "RegisterForNotifications" => one("<action>1</action>".into()),
        "GetListForNotifications" => {
            one("<ntfFromTime>2026-01-01T00:00:00</ntfFromTime><ntfScope>ALL</ntfScope>".into())
        }
        "SuspMessageReport" => one(id(&things.from_a_firm) + "<allowComplete>false</allowComplete>"),
        "UploadAttachment" => one(
            "<dmFile dmMimeType=\"text/plain\" dmFileDescr=\"a.txt\"><dmEncodedContent>YWhvag==</dmEncodedContent>\
             </dmFile>"
                .into(),
        ),
        "CreateBigMessage" => one(message(to, "Velká", &things.upload)),
        "DownloadAttachment" => vec![
            ("received", id(&things.large_received) + "<attNum>0</attNum>"),
            ("sent", id(&things.large_sent) + "<attNum>0</attNum>"),
        ],
        "BigMessageDownload" | "SignedBigMessageDownload" => one(id(&things.large_received)),
        "SignedSentBigMessageDownload" => one(id(&things.large_sent)),
        _ => return None,
    })
}
