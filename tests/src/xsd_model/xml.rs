//! Reading attributes of a node, with errors that say where.

use roxmltree::Node;

use super::{ModelError, QName, XSD};

/// Child elements, without comments and text.
pub(super) fn children<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

/// Whether the node is the element `local` of XML Schema.
pub(super) fn is_xsd(node: Node<'_, '_>, local: &str) -> bool {
    node.has_tag_name((XSD, local))
}

/// Where the node stands: the names of its ancestors and its own, `complexType(tHash)/simpleContent/extension`.
pub(super) fn at(node: Node<'_, '_>) -> String {
    let mut steps: Vec<String> = node
        .ancestors()
        .filter(Node::is_element)
        .map(|element| {
            let tag = element.tag_name().name();
            element
                .attribute("name")
                .map_or_else(|| tag.to_owned(), |name| format!("{tag}({name})"))
        })
        .collect();
    steps.reverse();
    steps.join("/")
}

/// The error for a construct without a place in the model.
pub(super) fn unsupported(node: Node<'_, '_>, what: impl Into<String>) -> ModelError {
    ModelError::Unsupported {
        at: at(node),
        what: what.into(),
    }
}

/// The error for a child element without a place in the model.
pub(super) fn unsupported_child(child: Node<'_, '_>) -> ModelError {
    unsupported(
        child.parent().unwrap_or(child),
        format!("child {}", child.tag_name().name()),
    )
}

/// Refuses attributes in no namespace that the caller does not read.
pub(super) fn only_attributes(node: Node<'_, '_>, known: &[&str]) -> Result<(), ModelError> {
    match node
        .attributes()
        .find(|a| a.namespace().is_none() && !known.contains(&a.name()))
    {
        Some(attribute) => Err(unsupported(node, format!("attribute {}", attribute.name()))),
        None => Ok(()),
    }
}

/// An attribute that must be there.
pub(super) fn required<'a>(node: Node<'a, '_>, name: &str) -> Result<&'a str, ModelError> {
    node.attribute(name).ok_or_else(|| ModelError::Missing {
        at: at(node),
        name: format!("attribute {name}"),
    })
}

/// An `xs:boolean` attribute, false where absent.
pub(super) fn boolean(node: Node<'_, '_>, name: &str) -> Result<bool, ModelError> {
    match node.attribute(name) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(value) => Err(bad_value(node, name, value)),
    }
}

/// `form` or one of the form defaults: true for `qualified`.
pub(super) fn qualified(node: Node<'_, '_>, name: &str, default: bool) -> Result<bool, ModelError> {
    match node.attribute(name) {
        None => Ok(default),
        Some("qualified") => Ok(true),
        Some("unqualified") => Ok(false),
        Some(value) => Err(bad_value(node, name, value)),
    }
}

/// The error for a value outside its type.
pub(super) fn bad_value(node: Node<'_, '_>, name: &str, value: &str) -> ModelError {
    ModelError::Value {
        at: at(node),
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

/// Expands a prefixed name in an attribute value by the declarations in scope.
pub(super) fn qname(node: Node<'_, '_>, value: &str) -> Result<QName, ModelError> {
    let unresolved = || ModelError::Unresolved {
        at: at(node),
        name: format!("the prefix of {value}"),
    };
    match value.split_once(':') {
        Some((prefix, local)) => Ok(QName::new(
            node.lookup_namespace_uri(Some(prefix)).ok_or_else(unresolved)?,
            local,
        )),
        None => Ok(QName::new(node.lookup_namespace_uri(None).unwrap_or_default(), value)),
    }
}

/// [`qname`] of an attribute that may be absent.
pub(super) fn optional_qname(node: Node<'_, '_>, name: &str) -> Result<Option<QName>, ModelError> {
    node.attribute(name).map(|value| qname(node, value)).transpose()
}
