//! The envelope in words, with the contract's names for those who know them.

use std::borrow::Cow;

use isds_core::envelope::MessageKind;
use isds_core::message::{Message, SideOf};

use crate::page::times;
use crate::words::Words;

/// A field of the envelope.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) label: Cow<'static, str>,
    /// Nothing where the sender left it empty.
    pub(super) value: Option<String>,
    /// Its element in the contract.
    pub(super) element: &'static str,
}

/// The fields in the contract's order.
pub(super) fn fields(message: &Message, side: SideOf, words: Words) -> Vec<Field> {
    let (envelope, draft, state) = (&message.envelope, &message.envelope.draft, &message.state);
    let yes_no = |is: bool| Some(words.text(if is { "messages-yes" } else { "messages-no" }).into_owned());
    let number = |number: Option<i64>| number.map(|number| number.to_string());
    let time = |at| times::exact(at, words.0);
    let fields: [(&'static str, Option<String>); 34] = [
        ("dmID", Some(message.id.to_string())),
        ("dmAnnotation", draft.annotation.clone()),
        ("dmType", Some(kind(message.kind, words).into_owned())),
        ("dbIDSender", Some(envelope.sender.to_string())),
        ("dmSender", Some(envelope.sender_name.clone())),
        ("dmSenderAddress", Some(envelope.sender_address.clone())),
        ("dmSenderType", Some(envelope.sender_type.to_string())),
        ("dmSenderOrgUnit", draft.sender_org_unit.clone()),
        ("dmSenderOrgUnitNum", number(draft.sender_org_unit_num)),
        ("dbIDRecipient", Some(envelope.recipient.to_string())),
        ("dmRecipient", Some(envelope.recipient_name.clone())),
        ("dmRecipientAddress", Some(envelope.recipient_address.clone())),
        ("dmAmbiguousRecipient", yes_no(envelope.ambiguous_recipient)),
        ("dmRecipientOrgUnit", draft.recipient_org_unit.clone()),
        ("dmRecipientOrgUnitNum", number(draft.recipient_org_unit_num)),
        ("dmToHands", draft.to_hands.clone()),
        ("dmSenderRefNumber", draft.sender_ref_number.clone()),
        ("dmSenderIdent", draft.sender_ident.clone()),
        ("dmRecipientRefNumber", draft.recipient_ref_number.clone()),
        ("dmRecipientIdent", draft.recipient_ident.clone()),
        ("dmLegalTitleLaw", number(draft.legal_title_law)),
        ("dmLegalTitleYear", number(draft.legal_title_year)),
        ("dmLegalTitleSect", draft.legal_title_sect.clone()),
        ("dmLegalTitlePar", draft.legal_title_par.clone()),
        ("dmLegalTitlePoint", draft.legal_title_point.clone()),
        ("dmPersonalDelivery", yes_no(envelope.personal_delivery())),
        ("dmAllowSubstDelivery", yes_no(envelope.allow_subst_delivery())),
        ("dmVODZ", yes_no(message.is_large())),
        ("dmMessageStatus", Some(state_text(message, side, words).into_owned())),
        ("dmDeliveryTime", state.delivered_in.map(time)),
        ("dmAcceptanceTime", state.accepted.map(time)),
        (
            "dmAttachmentSize",
            Some(format!("{} kB", message.content.attachment_size_kb)),
        ),
        (
            "dmHash",
            Some(format!("SHA-256 {}", hexadecimal(&message.content.sha256))),
        ),
        ("dmQTimestamp", yes_no(message.timestamp_token.is_some())),
    ];
    let labelled = fields.into_iter().map(|(element, value)| Field {
        label: words.text(&format!("messages-field-{element}")),
        value: value.filter(|value| !value.is_empty()),
        element,
    });
    labelled.collect()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What kind of message it is.
pub(super) fn kind(kind: MessageKind, words: Words) -> Cow<'static, str> {
    words.text(match kind {
        MessageKind::Public => "messages-kind-public",
        MessageKind::System => "messages-kind-system",
        MessageKind::Contract | MessageKind::Credit | MessageKind::Subsidised(_) => "messages-kind-postal",
        MessageKind::Reply => "messages-kind-reply",
        MessageKind::Initiating { .. } => "messages-kind-initiating",
    })
}

/// The state as this side sees it.
pub(super) fn state_text(message: &Message, side: SideOf, words: Words) -> Cow<'static, str> {
    let number = message.state.wire(side);
    words.text(match number {
        1 => "messages-state-1",
        2 => "messages-state-2",
        3 => "messages-state-3",
        4 => "messages-state-4",
        5 => "messages-state-5",
        6 => "messages-state-6",
        7 => "messages-state-7",
        8 => "messages-state-8",
        9 => "messages-state-9",
        _ => "messages-state-10",
    })
}

/// The subject, or that there is none.
pub(super) fn subject(message: &Message, words: Words) -> String {
    let given = message
        .envelope
        .draft
        .annotation
        .clone()
        .filter(|text| !text.trim().is_empty());
    given.unwrap_or_else(|| words.text("messages-no-subject").into_owned())
}
