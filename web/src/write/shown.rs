//! Recipients, attachments, kinds of messages and sums as pages show them.

use isds_core::box_type::BoxType;
use isds_core::envelope::{InitiatingState, MessageKind};
use isds_core::ports::Upload;
use isds_core::postal::{Means, Title};
use isds_core::{Prospect, RecipientSummary};

use crate::amounts::{money, size};
use crate::page::Page;
use crate::words::Words;

/// A recipient that was chosen.
pub(super) struct RecipientRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) kind: String,
    /// What the message will be, or why it cannot be sent.
    pub(super) verdict: String,
    pub(super) refused: bool,
}

/// An attachment of the draft.
pub(super) struct AttachmentRow {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) size: String,
    pub(super) first: bool,
    pub(super) last: bool,
}

pub(super) fn attachments(words: Words, uploads: &[Upload]) -> Vec<AttachmentRow> {
    let last = uploads.len().saturating_sub(1);
    uploads
        .iter()
        .enumerate()
        .map(|(place, upload)| AttachmentRow {
            id: upload.id.0,
            name: upload.file_name.clone(),
            size: size(upload.length, words.0),
            first: place == 0,
            last: place == last,
        })
        .collect()
}

pub(super) fn recipient(page: &Page, prospect: &Prospect, large: bool) -> RecipientRow {
    let (name, address, kind) = match &prospect.summary {
        Some(RecipientSummary {
            name,
            address,
            box_type,
        }) => (name.clone(), address.clone(), kind_of_box(page, *box_type)),
        None => (page.t("write-no-such-box").into_owned(), String::new(), String::new()),
    };
    let (verdict, refused) = match &prospect.title {
        Ok(title) => (verdict(page, title, large), false),
        Err(refusal) => (refusal.text(), true),
    };
    RecipientRow {
        id: prospect.recipient.to_string(),
        name,
        address,
        kind,
        verdict,
        refused,
    }
}

/// What kind of box it is, in words.
pub(super) fn kind_of_box(page: &Page, box_type: BoxType) -> String {
    let text = if box_type.is_ovm() {
        page.t("write-box-authority")
    } else if box_type.is_fo() {
        page.t("write-box-person")
    } else if box_type.is_pfo() {
        page.t("write-box-business")
    } else {
        page.t("write-box-firm")
    };
    text.into_owned()
}

/// What a message will be and who pays for it.
fn verdict(page: &Page, title: &Title, large: bool) -> String {
    let size = if large {
        page.t("write-large-road").into_owned()
    } else {
        String::new()
    };
    let Some(payment) = &title.payment else {
        return format!("{}{size}", page.t("write-kind-public"));
    };
    let price = money(payment.amount, page.language());
    let text = match (title.kind, payment.means) {
        (
            MessageKind::Initiating {
                state: InitiatingState::Open,
                ..
            },
            _,
        ) => page.tv("write-kind-initiating", "price", price),
        (_, Means::Contract) => page.tv("write-kind-contract", "price", price),
        (_, Means::Credit) => page.tv("write-kind-credit", "price", price),
        (_, Means::Subsidy(..)) => page.tv("write-kind-subsidy", "payer", payment.payer),
        (_, Means::Reply(_)) => page.tv("write-kind-reply", "payer", payment.payer),
    };
    format!("{text}{size}")
}
