//! The contract's structures as bytes.

mod attachment_finder;
mod box_list;
mod delivery;
mod directory;
mod dm_dm;
mod erased_list;
mod message_info;
mod public_list;
mod records;
mod returned;
mod search;
mod sending;
mod system_message;

pub use box_list::BoxListForm;
pub use delivery::{delivery, delivery_document};
pub use directory::{no_owner_info, no_owner_info_1, owner_info, owner_info_1, user_info, user_info_1};
pub use dm_dm::DmDmForm;
pub use message_info::{message_author, message_author2, notifications, statistic};
pub use public_list::{Generation, PublicListForm, error_response, holder_response, holders_response};
pub use records::{record, state_change};
pub use returned::{Sealed, hash, message_document, returned_message, returned_message_envelope};
pub use search::{activity, box_address, found_owner_info_1, personal_owner_info, search_results2, search_results3};
pub use sending::{attachment_end, attachment_start, multiple_status, uploaded};

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
/// the real samples. After it `more` attributes.
fn start_of_kind(writer: &mut Writer, name: &str, kind: MessageKind, more: &[(&str, &str)]) {
    let mut letter = [0; 4];
    let kind = [("dmType", &*kind.letter().encode_utf8(&mut letter))]
        .into_iter()
        .filter(|_| kind.is_postal());
    let attributes: Vec<_> = kind.chain(more.iter().copied()).collect();
    writer.start_with(name, &attributes);
}

/// What marks a message as a large one.
const LARGE: (&str, &str) = ("dmVODZ", "true");

#[cfg(test)]
mod tests;
