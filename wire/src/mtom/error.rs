//! Why a package could not be read.

use std::io;

/// What is wrong with a MIME package or with the way in which an envelope refers to it. None of these repeats the
/// request's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MtomError {
    /// The outer `Content-Type` has `type="application/soap+xml"`: a package without XOP.
    #[error("the outer media type names SOAP 1.2 as the type of the root part, not XOP")]
    OuterTypeSoap,
    /// The outer `Content-Type` is no `multipart/related` whose root part is a XOP document, or cannot be read.
    #[error("the outer media type is not that of a XOP package")]
    OuterType,
    /// No boundary, or one that RFC 2046 does not allow (1 to 70 characters).
    #[error("the boundary is missing or malformed")]
    Boundary,
    /// No boundary in the whole body, or nothing but the last one.
    #[error("the package has no root part")]
    NoRoot,
    /// The first part is not the one that `start` names.
    #[error("the first part is not the one named by start")]
    Start,
    /// The root part is no XOP document of SOAP 1.2 in UTF-8.
    #[error("the root part is not a XOP document of SOAP 1.2")]
    RootType,
    /// The envelope in the root part is of SOAP 1.1.
    #[error("the envelope of the package is of SOAP 1.1")]
    Soap11,
    /// A boundary is followed by something else than the end of its line.
    #[error("a boundary is followed by something else than the end of its line")]
    Delimiter,
    /// The body ends without the last boundary.
    #[error("the package ends without its last boundary")]
    Truncated,
    /// The head of a part is no list of headers, has one of those that matter twice, or too long.
    #[error("the head of a part is malformed or too long")]
    Head,
    /// More than white space, by far, before the first or after the last boundary.
    #[error("too many bytes outside of all parts")]
    Outside,
    /// A part is a package itself.
    #[error("a part is a package itself")]
    Nested,
    /// A `Content-Transfer-Encoding` other than 7bit, 8bit, binary and, for content, base64.
    #[error("a part is in an unknown transfer encoding")]
    TransferEncoding,
    /// The part that comes next is not the one that the `Include` names: it is missing, or in another order.
    #[error("the next part is not the one that the Include names")]
    WrongPart,
    /// Two parts, or two `Include`s, with one name.
    #[error("a part is named or referred to twice")]
    Twice,
    /// A part to which no `Include` refers.
    #[error("no Include refers to a part")]
    Unreferenced,
    /// More parts than a message has attachments.
    #[error("the package has too many parts")]
    TooManyParts,
    /// The envelope goes on too long after its first `Include`.
    #[error("the envelope goes on too long after its first Include")]
    LongRest,
    /// An `Include` without a `cid:` reference.
    #[error("an Include has no cid reference")]
    Href,
    /// An `Include` in a place that takes no binary content.
    #[error("an Include stands where no binary content is taken")]
    Misplaced,
    /// An `Include` that is not the only child of its element.
    #[error("an Include is not alone in its element")]
    NotAlone,
    /// An `Include` in a request that is no package.
    #[error("an Include stands in a request that is no package")]
    NoPackage,
}

impl From<MtomError> for io::Error {
    fn from(error: MtomError) -> Self {
        Self::new(io::ErrorKind::InvalidData, error)
    }
}

impl MtomError {
    /// The error inside one of reading, where it is one of these.
    pub(crate) fn inside(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }
}
