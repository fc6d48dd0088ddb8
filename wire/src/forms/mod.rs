//! The contract's structures as bytes.

mod delivery;
mod directory;
mod dm_dm;
mod records;
mod returned;

pub use delivery::{delivery, delivery_document};
pub use directory::{no_owner_info, owner_info, user_info};
pub use dm_dm::DmDmForm;
pub use records::{record, state_change};
pub use returned::{Sealed, hash, message_document, returned_message, returned_message_envelope};

use isds_core::envelope::{Envelope, MessageKind};
use isds_core::ids::MessageId;

use crate::Writer;

/// XSD group `gMessageEnvelope`, in order, with the writer's prefix.
fn envelope(writer: &mut Writer, id: MessageId, envelope: &Envelope) {
    let draft = &envelope.draft;
    writer
        .element("dmID", id)
        .element("dbIDSender", envelope.sender)
        .element("dmSender", &envelope.sender_name)
        .element("dmSenderAddress", &envelope.sender_address)
        .element("dmSenderType", envelope.sender_type)
        .element("dmRecipient", &envelope.recipient_name)
        .element("dmRecipientAddress", &envelope.recipient_address)
        .element("dmAmbiguousRecipient", envelope.ambiguous_recipient)
        .nillable("dmSenderOrgUnit", draft.sender_org_unit.as_ref())
        .nillable("dmSenderOrgUnitNum", draft.sender_org_unit_num)
        .element("dbIDRecipient", envelope.recipient)
        .nillable("dmRecipientOrgUnit", draft.recipient_org_unit.as_ref())
        .nillable("dmRecipientOrgUnitNum", draft.recipient_org_unit_num)
        .nillable("dmToHands", draft.to_hands.as_ref())
        .nillable("dmAnnotation", draft.annotation.as_ref())
        .nillable("dmRecipientRefNumber", draft.recipient_ref_number.as_ref())
        .nillable("dmSenderRefNumber", draft.sender_ref_number.as_ref())
        .nillable("dmRecipientIdent", draft.recipient_ident.as_ref())
        .nillable("dmSenderIdent", draft.sender_ident.as_ref())
        .nillable("dmLegalTitleLaw", draft.legal_title_law)
        .nillable("dmLegalTitleYear", draft.legal_title_year)
        .nillable("dmLegalTitleSect", draft.legal_title_sect.as_ref())
        .nillable("dmLegalTitlePar", draft.legal_title_par.as_ref())
        .nillable("dmLegalTitlePoint", draft.legal_title_point.as_ref())
        .element("dmPersonalDelivery", envelope.personal_delivery())
        .element("dmAllowSubstDelivery", envelope.allow_subst_delivery());
}

/// Start tag with `dmType`, which only postal messages carry: no attribute means a public message, and so it stands in
/// the real samples.
fn start_of_kind(writer: &mut Writer, name: &str, kind: MessageKind) {
    match kind {
        MessageKind::Public | MessageKind::System => writer.start(name),
        MessageKind::Contract => writer.start_with(name, &[("dmType", kind.letter().encode_utf8(&mut [0; 4]))]),
    };
}

#[cfg(test)]
mod tests;
