//! Recipients, attachments, kinds of messages and sums as pages show them.

use isds_core::box_type::BoxType;
use isds_core::envelope::{InitiatingState, MessageKind};
use isds_core::ports::Upload;
use isds_core::postal::{Means, Title};
use isds_core::{Prospect, RecipientSummary};

use crate::page::Page;
use crate::words::{Language, Words};

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
            size: size(words, upload.length),
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
    let price = money(page.words, payment.amount);
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

/// An amount of hellers.
pub(super) fn money(words: Words, hellers: i64) -> String {
    let (crowns, rest) = (hellers / 100, hellers % 100);
    match words.0 {
        Language::Cs => format!("{crowns},{rest:02}\u{A0}Kč"),
        Language::En => format!("CZK\u{A0}{crowns}.{rest:02}"),
    }
}

/// A size as people say it.
pub(super) fn size(words: Words, bytes: u64) -> String {
    let (value, unit) = match bytes {
        0..1024 => return format!("{bytes}\u{A0}B"),
        1024..1_048_576 => (bytes * 10 / 1024, "kB"),
        _ => (bytes * 10 / 1_048_576, "MB"),
    };
    let point = match words.0 {
        Language::Cs => ',',
        Language::En => '.',
    };
    if value >= 1000 || value % 10 == 0 {
        format!("{}\u{A0}{unit}", value / 10)
    } else {
        format!("{}{point}{}\u{A0}{unit}", value / 10, value % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_sizes_are_said_in_both_languages() {
        let (czech, english) = (Words(Language::Cs), Words(Language::En));
        assert_eq!(money(czech, 1000), "10,00\u{A0}Kč");
        assert_eq!(money(english, 1205), "CZK\u{A0}12.05");
        assert_eq!(size(czech, 900), "900\u{A0}B");
        assert_eq!(size(czech, 1536), "1,5\u{A0}kB");
        assert_eq!(size(english, 1_048_576 * 3 / 2), "1.5\u{A0}MB");
        assert_eq!(size(czech, 1_048_576 * 100), "100\u{A0}MB");
        assert_eq!(size(czech, 2048), "2\u{A0}kB");
    }
}
