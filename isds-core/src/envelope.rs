//! Envelope of a data message: what the sender gives, and what is fixed once the message is accepted.

use serde::{Deserialize, Serialize};

use crate::error::Refusal;
use crate::ids::BoxId;
use crate::postal::{REPLY_LIFE_SECONDS, SubsidyKind};
use crate::status::Status;
use crate::text::clean;
use crate::time::Timestamp;

/// Longest subject, in characters (`dmAnnotation`).
pub const MAX_ANNOTATION: usize = 255;
/// Longest reference number or file mark, in characters.
pub const MAX_REFERENCE: usize = 50;
/// Longest `dmToHands`, in characters (manual M 2.1).
pub const MAX_TO_HANDS: usize = 30;
/// Longest name and address of sender and recipient in an envelope, by the XSD.
pub const MAX_NAME: usize = 100;
/// Longest of the other texts, which the contract leaves unbounded.
const MAX_FREE_TEXT: usize = 255;

/// What the sender writes on the envelope (XSD group `gMessageEnvelopeSub` and what `CreateMessage` adds to it).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EnvelopeDraft {
    /// `dmSenderOrgUnit`.
    pub sender_org_unit: Option<String>,
    /// `dmSenderOrgUnitNum`.
    pub sender_org_unit_num: Option<i64>,
    /// `dbIDRecipient`, as the caller wrote it.
    pub recipient: Option<String>,
    /// `dmRecipientOrgUnit`.
    pub recipient_org_unit: Option<String>,
    /// `dmRecipientOrgUnitNum`.
    pub recipient_org_unit_num: Option<i64>,
    /// `dmToHands`.
    pub to_hands: Option<String>,
    /// `dmAnnotation`, the subject.
    pub annotation: Option<String>,
    /// `dmRecipientRefNumber`.
    pub recipient_ref_number: Option<String>,
    /// `dmSenderRefNumber`.
    pub sender_ref_number: Option<String>,
    /// `dmRecipientIdent`.
    pub recipient_ident: Option<String>,
    /// `dmSenderIdent`.
    pub sender_ident: Option<String>,
    /// `dmLegalTitleLaw`.
    pub legal_title_law: Option<i64>,
    /// `dmLegalTitleYear`.
    pub legal_title_year: Option<i64>,
    /// `dmLegalTitleSect`.
    pub legal_title_sect: Option<String>,
    /// `dmLegalTitlePar`.
    pub legal_title_par: Option<String>,
    /// `dmLegalTitlePoint`.
    pub legal_title_point: Option<String>,
    /// `dmPersonalDelivery`.
    pub personal_delivery: Option<bool>,
    /// `dmAllowSubstDelivery`.
    pub allow_subst_delivery: Option<bool>,
    /// `dmPublishOwnID`.
    pub publish_own_id: Option<bool>,
    /// `dmPublishOwnID/@IdLevel`, a set of bits.
    pub id_level: Option<i64>,
    /// `dmEnvelope/@dmType`: what kind of message the sender wants.
    pub message_type: Option<String>,
}

impl EnvelopeDraft {
    /// Cleans every text and checks the limits.
    ///
    /// # Errors
    /// 2007 naming the field that is too long.
    pub fn normalize(mut self) -> Result<Self, Refusal> {
        let limited: [(&str, &mut Option<String>, usize); 13] = [
            ("dmAnnotation", &mut self.annotation, MAX_ANNOTATION),
            ("dmToHands", &mut self.to_hands, MAX_TO_HANDS),
            ("dmRecipientRefNumber", &mut self.recipient_ref_number, MAX_REFERENCE),
            ("dmSenderRefNumber", &mut self.sender_ref_number, MAX_REFERENCE),
            ("dmRecipientIdent", &mut self.recipient_ident, MAX_REFERENCE),
            ("dmSenderIdent", &mut self.sender_ident, MAX_REFERENCE),
            ("dmSenderOrgUnit", &mut self.sender_org_unit, MAX_FREE_TEXT),
            ("dmRecipientOrgUnit", &mut self.recipient_org_unit, MAX_FREE_TEXT),
            ("dmLegalTitleSect", &mut self.legal_title_sect, MAX_FREE_TEXT),
            ("dmLegalTitlePar", &mut self.legal_title_par, MAX_FREE_TEXT),
            ("dmLegalTitlePoint", &mut self.legal_title_point, MAX_FREE_TEXT),
            ("dbIDRecipient", &mut self.recipient, MAX_FREE_TEXT),
            ("dmType", &mut self.message_type, MAX_FREE_TEXT),
        ];
        for (name, field, limit) in limited {
            let Some(text) = field.as_deref() else { continue };
            let cleaned = clean(text).into_owned();
            if cleaned.chars().count() > limit {
                return Err(Refusal::about(
                    Status::INVALID_STRUCTURE,
                    format!("{name} má nejvýše {limit} znaků."),
                ));
            }
            *field = Some(cleaned).filter(|text| !text.is_empty());
        }
        Ok(self)
    }
}

/// Kind of a message as callers see it (`dmType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MessageKind {
    /// Public message (`V`): an authority is on one side at least.
    Public,
    /// Postal message under a contract (`K`).
    Contract,
    /// Message of the system (`V`, from a system box).
    System,
    /// Postal message paid from the sender's credit (`E`).
    Credit,
    /// Postal message that replies to an initiating one, whose sender pays for it (`O`).
    Reply,
    /// Postal message that somebody else pays for (`G`, `Z`, `D`).
    Subsidised(SubsidyKind),
    /// Postal message that invites a reply at its sender's expense (`I`, `Y`, `X`; where somebody else paid for it
    /// `A`, `B`, `C`).
    Initiating {
        /// Somebody else paid for it.
        subsidised: bool,
        /// What became of the invitation.
        state: InitiatingState,
    },
}

/// What became of an initiating message's invitation to reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum InitiatingState {
    /// It may be replied to.
    Open,
    /// A reply was sent.
    Used,
    /// Nobody replied within 90 days. Never stored: it is told by the time, see [`MessageKind::at`].
    Expired,
}

impl MessageKind {
    /// The letter written as `dmType` (manual M 2.7.2).
    #[must_use]
    pub fn letter(self) -> char {
        use InitiatingState::{Expired, Open, Used};
        match self {
            Self::Public | Self::System => 'V',
            Self::Contract => 'K',
            Self::Credit => 'E',
            Self::Reply => 'O',
            Self::Subsidised(kind) => kind.letter(),
            Self::Initiating { subsidised, state } => match (subsidised, state) {
                (false, Open) => 'I',
                (false, Used) => 'Y',
                (false, Expired) => 'X',
                (true, Open) => 'A',
                (true, Used) => 'B',
                (true, Expired) => 'C',
            },
        }
    }

    /// An initiating message that was just sent.
    #[must_use]
    pub fn initiating(subsidised: bool) -> Self {
        Self::Initiating {
            subsidised,
            state: InitiatingState::Open,
        }
    }

    /// Neither public nor of the system: `dmType` is written.
    #[must_use]
    pub fn is_postal(self) -> bool {
        !matches!(self, Self::Public | Self::System)
    }

    /// The kind as it is at `now`: an invitation to reply ends 90 days after its message was submitted, at that very
    /// instant, whether or not anything else happens then.
    #[must_use]
    pub fn at(self, submitted: Timestamp, now: Timestamp) -> Self {
        match self {
            Self::Initiating {
                subsidised,
                state: InitiatingState::Open,
            } if now >= submitted.plus_seconds(REPLY_LIFE_SECONDS) => Self::Initiating {
                subsidised,
                state: InitiatingState::Expired,
            },
            other => other,
        }
    }
}

/// Envelope of an accepted message: fixed for ever, since it stands inside the hashed bytes (XSD group
/// `gMessageEnvelope`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// `dbIDSender`.
    pub sender: BoxId,
    /// `dmSender`, at most 100 characters.
    pub sender_name: String,
    /// `dmSenderAddress`, at most 100 characters.
    pub sender_address: String,
    /// `dmSenderType`, the fine code.
    pub sender_type: i32,
    /// `dbIDRecipient`.
    pub recipient: BoxId,
    /// `dmRecipient`, at most 100 characters.
    pub recipient_name: String,
    /// `dmRecipientAddress`, at most 100 characters.
    pub recipient_address: String,
    /// `dmAmbiguousRecipient`: always false today, kept as it was fixed.
    pub ambiguous_recipient: bool,
    /// The rest as the sender wrote it; `recipient` in it is no longer used.
    pub draft: EnvelopeDraft,
}

impl Envelope {
    /// For the recipient's own hands.
    #[must_use]
    pub fn personal_delivery(&self) -> bool {
        self.draft.personal_delivery.unwrap_or(false)
    }

    /// Fiction of delivery is allowed.
    #[must_use]
    pub fn allow_subst_delivery(&self) -> bool {
        self.draft.allow_subst_delivery.unwrap_or(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_counted_in_characters_after_cleaning() {
        let fits = EnvelopeDraft {
            annotation: Some("ž".repeat(255) + "\u{200B}"),
            ..EnvelopeDraft::default()
        };
        assert_eq!(fits.normalize().unwrap().annotation.unwrap().chars().count(), 255);
        let long = EnvelopeDraft {
            annotation: Some("ž".repeat(256)),
            ..EnvelopeDraft::default()
        };
        assert_eq!(long.normalize().unwrap_err().status(), Status::INVALID_STRUCTURE);
        let long = EnvelopeDraft {
            sender_ref_number: Some("x".repeat(51)),
            ..EnvelopeDraft::default()
        };
        assert!(long.normalize().unwrap_err().text().contains("dmSenderRefNumber"));
    }

    #[test]
    fn what_is_empty_after_cleaning_was_not_given() {
        let draft = EnvelopeDraft {
            to_hands: Some("\u{200B}".into()),
            ..EnvelopeDraft::default()
        };
        assert_eq!(draft.normalize().unwrap().to_hands, None);
    }
}
