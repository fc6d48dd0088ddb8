//! Where in the document an element stands, hence what it means.

use super::SealedKind;

/// Namespace of `dmDm` and everything below it.
const NS_MESSAGE: &str = "http://isds.czechpoint.cz/v20";
/// Octets of one short value.
pub(super) const MAX_VALUE: usize = 4 * 1024;
/// Octets of `dmQTimestamp` in base64; real ones have about 7 kB.
const MAX_TIMESTAMP: usize = 256 * 1024;

/// The elements that mean something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    Root,
    Wrapper,
    Message,
    MessageId,
    /// An element of the envelope with this name.
    Envelope(&'static str),
    Files,
    File,
    FileContent,
    Hash,
    Timestamp,
    DeliveryTime,
    AcceptanceTime,
    Status,
    Events,
    Event,
    EventTime,
    EventDescription,
    Other,
}

/// XSD group `gMessageEnvelope`, without the number.
const ENVELOPE: [&str; 25] = [
    "dbIDSender",
    "dmSender",
    "dmSenderAddress",
    "dmSenderType",
    "dmRecipient",
    "dmRecipientAddress",
    "dmAmbiguousRecipient",
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
];

impl Node {
    /// The local name; used in errors, never from the input.
    pub fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Wrapper => "dmReturnedMessage or dmDelivery",
            Self::Message => "dmDm",
            Self::MessageId => "dmID",
            Self::Envelope(name) => name,
            Self::Files => "dmFiles",
            Self::File => "dmFile",
            Self::FileContent => "dmEncodedContent",
            Self::Hash => "dmHash",
            Self::Timestamp => "dmQTimestamp",
            Self::DeliveryTime => "dmDeliveryTime",
            Self::AcceptanceTime => "dmAcceptanceTime",
            Self::Status => "dmMessageStatus",
            Self::Events => "dmEvents",
            Self::Event => "dmEvent",
            Self::EventTime => "dmEventTime",
            Self::EventDescription => "dmEventDescr",
            Self::Other => "element",
        }
    }

    /// Octets of text that are kept of it.
    pub fn keeps(self) -> usize {
        match self {
            Self::MessageId
            | Self::Envelope(_)
            | Self::Hash
            | Self::DeliveryTime
            | Self::AcceptanceTime
            | Self::Status
            | Self::EventTime
            | Self::EventDescription => MAX_VALUE,
            Self::Timestamp => MAX_TIMESTAMP,
            Self::Root
            | Self::Wrapper
            | Self::Message
            | Self::Files
            | Self::File
            | Self::FileContent
            | Self::Events
            | Self::Event
            | Self::Other => 0,
        }
    }

    /// What an element of this name inside this one is.
    pub fn child(self, kind: SealedKind, namespace: &str, local: &str) -> Self {
        let own = namespace == kind.namespace();
        match (self, local) {
            (Self::Root, name) if own && name == kind.wrapper() => Self::Wrapper,
            (Self::Wrapper, "dmDm") if namespace == NS_MESSAGE => Self::Message,
            (Self::Message, "dmID") if namespace == NS_MESSAGE => Self::MessageId,
            (Self::Message, "dmFiles") if namespace == NS_MESSAGE => Self::Files,
            (Self::Files, "dmFile") if namespace == NS_MESSAGE => Self::File,
            (Self::File, "dmEncodedContent") if namespace == NS_MESSAGE => Self::FileContent,
            (Self::Message, name) if namespace == NS_MESSAGE => {
                let known = ENVELOPE.into_iter().find(|known| *known == name);
                known.map_or(Self::Other, Self::Envelope)
            }
            (Self::Wrapper, "dmHash") if own => Self::Hash,
            (Self::Wrapper, "dmQTimestamp") if own => Self::Timestamp,
            (Self::Wrapper, "dmDeliveryTime") if own => Self::DeliveryTime,
            (Self::Wrapper, "dmAcceptanceTime") if own => Self::AcceptanceTime,
            (Self::Wrapper, "dmMessageStatus") if own => Self::Status,
            (Self::Wrapper, "dmEvents") if own => Self::Events,
            (Self::Events, "dmEvent") if own => Self::Event,
            (Self::Event, "dmEventTime") if own => Self::EventTime,
            (Self::Event, "dmEventDescr") if own => Self::EventDescription,
            _ => Self::Other,
        }
    }
}
