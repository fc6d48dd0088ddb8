//! The XML inside a sealed message or delivery info (ZFO), read as it streams by: what it says of itself, and the digest over the
//! exact bytes of `dmDm`.
//!
//! A pull reader would hold a 27 MB base64 text node as one event, so this one is pushed slices and keeps only tags and the few
//! short values it was made for. `dmHash` (its algorithm and value) comes after the bytes it covers; the usual algorithms run side by side.

mod markup;
mod node;
mod reader;
#[cfg(test)]
mod tests;

pub(crate) use markup::Markup;
pub use reader::SealedContentReader;

/// Why bytes are not the content of a sealed message or delivery info.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealedContentError {
    /// The root element, its namespace or the element below it is another.
    #[error("not a sealed message or delivery info")]
    OtherDocument,
    /// A document type declaration, or another declaration that XML allows only inside one.
    #[error("a document type declaration is refused")]
    DocumentType,
    /// Another encoding than UTF-8.
    #[error("not in UTF-8")]
    Encoding,
    /// More levels than the schema can need.
    #[error("nested too deeply")]
    TooDeep,
    /// A part is larger than it can sensibly be.
    #[error("{0} is too large")]
    TooLarge(&'static str),
    /// Not well-formed XML.
    #[error("malformed XML: {0}")]
    Malformed(&'static str),
    /// The data end inside an element.
    #[error("the XML ends too early")]
    Truncated,
    /// An element that has to be there is not, or is empty.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// An element that may be there once is there again.
    #[error("{0} stands twice")]
    Duplicate(&'static str),
    /// The value of an element is not of its type.
    #[error("{0} has an unreadable value")]
    Value(&'static str),
}

/// Which of the three sealed documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealedKind {
    /// `MessageDownloadResponse` in `…/v20/message`: a message as its recipient gets it.
    Received,
    /// `MessageDownloadResponse` in `…/v20/SentMessage`: a message as its sender gets it.
    Sent,
    /// `GetDeliveryInfoResponse` in `…/v20/delivery`.
    DeliveryInfo,
}

impl SealedKind {
    const ALL: [Self; 3] = [Self::Received, Self::Sent, Self::DeliveryInfo];

    /// Namespace of everything outside `dmDm`.
    pub fn namespace(self) -> &'static str {
        match self {
            Self::Received => "http://isds.czechpoint.cz/v20/message",
            Self::Sent => "http://isds.czechpoint.cz/v20/SentMessage",
            Self::DeliveryInfo => "http://isds.czechpoint.cz/v20/delivery",
        }
    }

    /// Local name of the root element.
    pub fn root(self) -> &'static str {
        match self {
            Self::Received | Self::Sent => "MessageDownloadResponse",
            Self::DeliveryInfo => "GetDeliveryInfoResponse",
        }
    }

    /// Local name of the one element in the root.
    pub fn wrapper(self) -> &'static str {
        match self {
            Self::Received | Self::Sent => "dmReturnedMessage",
            Self::DeliveryInfo => "dmDelivery",
        }
    }
}

/// `dmEvent` of a delivery info.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedEvent {
    /// `dmEventTime`, microseconds of UTC.
    pub time: i64,
    /// `dmEventDescr`, such as `EV1: …`.
    pub description: String,
}

/// `dmFile` of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedFile {
    /// `dmFileDescr`, cut where it is longer than a name can be.
    pub file_name: String,
    /// `dmMimeType`.
    pub mime_type: String,
    /// `dmFileMetaType`.
    pub meta_type: String,
    /// Number of bytes that `dmEncodedContent` stands for; none where the content is XML.
    pub bytes: Option<u64>,
}

/// What a sealed document says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedContent {
    /// Which document it is.
    pub kind: SealedKind,
    /// `dmID`.
    pub dm_id: String,
    /// `dmHash/@algorithm`, such as `SHA-256`.
    pub hash_algorithm: String,
    /// `dmHash`, decoded.
    pub hash: Vec<u8>,
    /// The digest over the bytes of `dmDm` by the algorithm of `dmHash`; `None` for a delivery info (its `dmDm` lacks the files the
    /// hash covers) and for an algorithm that was not computed.
    pub computed_hash: Option<Vec<u8>>,
    /// `dmQTimestamp`, decoded; the bytes may be padded with zeros after the token, as the real system did.
    pub timestamp: Option<Vec<u8>>,
    /// `dmDeliveryTime`, microseconds of UTC.
    pub delivery_time: Option<i64>,
    /// `dmAcceptanceTime`, microseconds of UTC.
    pub acceptance_time: Option<i64>,
    /// `dmMessageStatus`, 1 to 10.
    pub status: u8,
    /// Elements of the envelope that have a value, in the document's order.
    pub envelope: Vec<(&'static str, String)>,
    /// `dmFiles`, the first thousand of them.
    pub files: Vec<SealedFile>,
    /// How many there are.
    pub file_count: u64,
    /// `dmEvents`, in their order.
    pub events: Vec<SealedEvent>,
}
