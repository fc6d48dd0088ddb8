//! WSDL 1.1 and XSD 1.0 documents as component models, and the comparison of two of them.
//!
//! Two documents with different text can declare the same contract. What a client sees of it is kept: names, types,
//! order, occurrence, facets, `nillable`, qualification of local names, attributes and their use, derivation, and the
//! `xmime` annotations that choose MTOM; of a WSDL the messages, parts, operations, bindings, actions and ports. What it
//! does not see is dropped: text layout, order of global components, comments, documentation, prefixes, addresses.
//!
//! Group references are replaced by what they refer to, and a sequence that stands exactly once inside another is
//! dissolved in it. A repeated sequence of one element is *not* taken for a repeated element: both accept the same
//! documents, but code generators make different interfaces of them.
//!
//! A construct that the model has no place for is an error ([`ModelError::Unsupported`]), never skipped: whatever the
//! reader overlooked, the comparison would pass.

mod compare;
mod particle;
mod schema;
#[cfg(test)]
mod tests;
mod wsdl;
mod xml;

use std::fmt;

pub use compare::{Difference, compare_schemas, compare_wsdls};
pub use particle::{Element, Particle, Term};
pub use schema::{Attribute, ComplexType, Derivation, Schema, SimpleType, Type, TypeUse};
pub use wsdl::{Binding, BodyUse, BoundOperation, Operation, Part, Port, Wsdl};

/// Namespace of XML Schema itself.
pub const XSD: &str = "http://www.w3.org/2001/XMLSchema";
/// Namespace of WSDL 1.1.
pub const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";

/// Why a document could not be turned into a model.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The text is not well-formed, or has a document type declaration.
    #[error("the document is not well-formed XML")]
    Xml(#[from] roxmltree::Error),
    /// The document uses something the model has no place for.
    #[error("{at}: the model has no place for {what}")]
    Unsupported {
        /// Where in the document.
        at: String,
        /// The element or attribute.
        what: String,
    },
    /// A reference leads nowhere.
    #[error("{at}: {name} is not defined")]
    Unresolved {
        /// Where in the document.
        at: String,
        /// What is referred to.
        name: String,
    },
    /// A required attribute or child is missing.
    #[error("{at}: {name} is missing")]
    Missing {
        /// Where in the document.
        at: String,
        /// The attribute or child.
        name: String,
    },
    /// An attribute has a value outside its type.
    #[error("{at}: {name} cannot be {value:?}")]
    Value {
        /// Where in the document.
        at: String,
        /// The attribute.
        name: String,
        /// Its value.
        value: String,
    },
}

/// An expanded name: a prefix means nothing outside its document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct QName {
    /// The namespace, empty for none.
    pub namespace: String,
    /// The local part.
    pub local: String,
}

impl QName {
    /// Puts a name together from its parts.
    pub fn new(namespace: impl Into<String>, local: impl Into<String>) -> Self {
        Self {
            namespace: namespace.into(),
            local: local.into(),
        }
    }
}

impl fmt::Display for QName {
    /// `xs:string` for names of XML Schema, `{namespace}local` for others, `local` without a namespace.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.namespace.as_str() {
            XSD => write!(f, "xs:{}", self.local),
            "" => f.write_str(&self.local),
            namespace => write!(f, "{{{namespace}}}{}", self.local),
        }
    }
}
