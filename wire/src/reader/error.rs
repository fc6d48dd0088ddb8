//! Why a request could not be read.

use std::io;
use std::sync::Arc;

use isds_core::Refusal;

use crate::mtom::MtomError;

/// Why a request could not be read. No variant carries the request's own text, so neither an answer nor a log line can
/// echo it; [`Refused`](Self::Refused) carries what the domain would say and is bounded by it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    /// Not well-formed XML 1.0 with namespaces.
    #[error("the request is not well-formed XML: {0}")]
    Malformed(&'static str),
    /// It ends in the middle.
    #[error("the request ends before its document does")]
    Truncated,
    /// A document type declaration; those are how XML is made to grow or to read files.
    #[error("the request has a document type declaration")]
    DocumentType,
    /// Another encoding than UTF-8 is declared.
    #[error("the request is not declared as UTF-8")]
    Encoding,
    /// More levels than any request of the contract has.
    #[error("the request is nested too deeply")]
    TooDeep,
    /// More elements than any request of the contract has.
    #[error("the request has too many elements")]
    TooManyElements,
    /// One text, tag or comment, or the number of attributes, is over its limit.
    #[error("a part of the request is too long")]
    TokenTooLong,
    /// The whole is over its limit.
    #[error("the request is too large")]
    TooLarge,
    /// A document, but no SOAP envelope.
    #[error("the request is not a SOAP envelope")]
    NotSoap,
    /// An envelope of a version that is neither 1.1 nor 1.2.
    #[error("the envelope is of an unknown version of SOAP")]
    VersionMismatch,
    /// A header block that would have to be understood.
    #[error("a header block that must be understood is not")]
    MustUnderstand,
    /// No body, more than one, or not exactly one element in it.
    #[error("the envelope does not have one body with one element")]
    Body,
    /// The package around the envelope is wrong, or does not fit it.
    #[error("the MIME package is wrong")]
    Mtom(#[from] MtomError),
    /// The bytes stopped coming.
    #[error("the request could not be received")]
    Io(#[source] Arc<io::Error>),
    /// Read well, but not what the operation takes.
    #[error("the request was refused")]
    Refused(#[from] Refusal),
}

impl ReadError {
    /// From an error of the source, where packages tell what is wrong with them as well.
    pub(super) fn from_io(error: Arc<io::Error>) -> Self {
        MtomError::inside(&error).map_or(Self::Io(error), Self::Mtom)
    }

    /// From an error of the parser, of which only the kind is kept: its text can repeat the input.
    pub(super) fn from_xml(error: quick_xml::Error) -> Self {
        use quick_xml::Error;
        use quick_xml::errors::SyntaxError;
        match error {
            Error::Io(error) => Self::from_io(error),
            Error::Syntax(
                SyntaxError::UnclosedTag
                | SyntaxError::UnclosedComment
                | SyntaxError::UnclosedCData
                | SyntaxError::UnclosedPI
                | SyntaxError::UnclosedXmlDecl
                | SyntaxError::UnclosedSingleQuotedAttributeValue
                | SyntaxError::UnclosedDoubleQuotedAttributeValue,
            ) => Self::Truncated,
            Error::Syntax(SyntaxError::UnclosedDoctype) => Self::DocumentType,
            Error::Syntax(_) => Self::Malformed("syntax"),
            Error::IllFormed(_) => Self::Malformed("tags do not match"),
            Error::InvalidAttr(_) => Self::Malformed("attribute"),
            Error::Encoding(_) => Self::Malformed("not UTF-8"),
            Error::Escape(_) => Self::Malformed("entity"),
            Error::Namespace(_) => Self::Malformed("namespace"),
        }
    }
}
