//! What a document says of itself, as the page tells it.

use isds_core::examination::{DocumentKind, Examination, ToldAttachment, ToldContent};
use isds_core::time::Timestamp;

use crate::amounts::size;
use crate::page::Page;
use crate::seal_report::SealReport;

/// One attachment.
pub(super) struct Attachment {
    pub(super) name: String,
    pub(super) mime: String,
    pub(super) size: String,
}

/// The document.
pub(super) struct Document {
    pub(super) heading: String,
    pub(super) is_delivery_info: bool,
    pub(super) dm_id: String,
    pub(super) subject: String,
    /// Label and text: sender, recipient and what else the envelope says.
    pub(super) facts: Vec<(String, String)>,
    pub(super) state: String,
    pub(super) delivered: Option<Timestamp>,
    pub(super) accepted: Option<Timestamp>,
    pub(super) attachments: Vec<Attachment>,
    pub(super) attachments_not_listed: u64,
    /// Time and description.
    pub(super) events: Vec<(Timestamp, String)>,
    pub(super) hash: String,
    pub(super) hash_algorithm: String,
}

/// The report.
pub(super) struct Told {
    pub(super) file_name: String,
    pub(super) seal: SealReport,
    pub(super) document: Option<Document>,
}

impl Told {
    pub(super) fn of(page: &Page, file_name: String, examination: &Examination) -> Self {
        Self {
            file_name,
            seal: SealReport::of(examination, page.words),
            document: examination.content.as_ref().map(|content| document(page, content)),
        }
    }
}

fn document(page: &Page, content: &ToldContent) -> Document {
    let heading = match content.kind {
        DocumentKind::Received => "verify-received",
        DocumentKind::Sent => "verify-sent",
        DocumentKind::DeliveryInfo => "verify-delivery-info",
    };
    let listed = content.attachments.len() as u64;
    Document {
        heading: page.t(heading).into_owned(),
        is_delivery_info: content.kind == DocumentKind::DeliveryInfo,
        dm_id: content.dm_id.clone(),
        subject: content.value("dmAnnotation").unwrap_or_default().to_owned(),
        facts: facts(page, content),
        state: state(page, content.status),
        delivered: content.delivery_time,
        accepted: content.acceptance_time,
        attachments: content.attachments.iter().map(|file| attachment(page, file)).collect(),
        attachments_not_listed: content.attachment_count.saturating_sub(listed),
        events: content
            .events
            .iter()
            .map(|event| (event.time, event.description.clone()))
            .collect(),
        hash: hex(&content.hash),
        hash_algorithm: content.hash_algorithm.clone(),
    }
}

/// What the envelope says beside the subject; empty fields are left out.
fn facts(page: &Page, content: &ToldContent) -> Vec<(String, String)> {
    let value = |name: &str| content.value(name).unwrap_or_default();
    let party = |name: &str, id: &str| match (value(name), value(id)) {
        (name, "") => name.to_owned(),
        ("", id) => id.to_owned(),
        (name, id) => format!("{name} ({id})"),
    };
    let references = |number: &str, ident: &str| {
        [value(number), value(ident)]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" / ")
    };
    let yes = |name: &str| match value(name) {
        "true" | "1" => page.t("verify-yes").into_owned(),
        _ => String::new(),
    };
    let facts = [
        ("verify-sender", party("dmSender", "dbIDSender")),
        ("verify-sender-address", value("dmSenderAddress").to_owned()),
        ("verify-recipient", party("dmRecipient", "dbIDRecipient")),
        ("verify-recipient-address", value("dmRecipientAddress").to_owned()),
        ("verify-to-hands", value("dmToHands").to_owned()),
        (
            "verify-sender-reference",
            references("dmSenderRefNumber", "dmSenderIdent"),
        ),
        (
            "verify-recipient-reference",
            references("dmRecipientRefNumber", "dmRecipientIdent"),
        ),
        ("verify-legal-title", legal_title(page, content)),
        ("verify-personal", yes("dmPersonalDelivery")),
    ];
    facts
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(label, text)| (page.t(label).into_owned(), text))
        .collect()
}

fn legal_title(page: &Page, content: &ToldContent) -> String {
    let part = |name: &str, before: &str| match content.value(name) {
        Some(value) if !value.is_empty() => format!("{before}{value}"),
        _ => String::new(),
    };
    let law = part("dmLegalTitleLaw", "");
    let year = part("dmLegalTitleYear", "/");
    let number = if law.is_empty() {
        String::new()
    } else {
        page.tv("verify-law", "number", format!("{law}{year}")).into_owned()
    };
    let parts = [
        part("dmLegalTitleSect", "§ "),
        part("dmLegalTitlePar", page.t("verify-law-paragraph").as_ref()),
        part("dmLegalTitlePoint", page.t("verify-law-point").as_ref()),
        number,
    ];
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn state(page: &Page, status: u8) -> String {
    const KNOWN: [&str; 10] = [
        "verify-state-1",
        "verify-state-2",
        "verify-state-3",
        "verify-state-4",
        "verify-state-5",
        "verify-state-6",
        "verify-state-7",
        "verify-state-8",
        "verify-state-9",
        "verify-state-10",
    ];
    let known = usize::from(status).checked_sub(1).and_then(|index| KNOWN.get(index));
    known.map_or_else(String::new, |key| page.t(key).into_owned())
}

fn attachment(page: &Page, file: &ToldAttachment) -> Attachment {
    Attachment {
        name: file.file_name.clone(),
        mime: file.mime_type.clone(),
        size: file
            .bytes
            .map_or_else(String::new, |bytes| size(bytes, page.language())),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
