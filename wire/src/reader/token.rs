//! Tokens of a request, owned, with namespaces resolved and references replaced.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::name::{NamespaceResolver, ResolveResult};

use crate::names::Namespace;

use super::{MAX_ATTRIBUTES, ReadError};

/// What comes next.
pub(super) enum Token {
    /// An element begins.
    Open(Element),
    /// The open element ends.
    Close,
    /// Text, or the character that a reference stands for.
    Text(String),
    /// What carries nothing: comment, processing instruction, declaration.
    Skip,
    /// The source has ended.
    End,
}

/// Start of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its namespace.
    pub namespace: Namespace,
    /// Its name without prefix.
    pub name: String,
    /// Its attributes without namespace declarations.
    pub attributes: Vec<Attribute>,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its namespace; none for one without prefix.
    pub namespace: Namespace,
    /// Its name without prefix.
    pub name: String,
    /// Its value, normalised.
    pub value: String,
}

impl Element {
    /// The name, where the element belongs to the contract; an empty text where it is foreign, which fits no name.
    #[must_use]
    pub fn contract_name(&self) -> &str {
        if self.namespace.is_contract() { &self.name } else { "" }
    }

    /// Whether it is an `xop:Include`, which stands for the bytes of another part.
    pub(super) fn is_include(&self) -> bool {
        self.namespace == Namespace::Xop && self.name == "Include"
    }

    /// The attribute's value, where it is there and not empty.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|attribute| attribute.namespace.is_contract() && attribute.name == name)
            .map(|attribute| attribute.value.as_str())
            .filter(|value| !value.is_empty())
    }
}

/// The token that an event means, and whether the element it opens was written as an empty tag.
pub(super) fn from_event(
    event: &Event<'_>,
    resolver: &NamespaceResolver,
    begun: bool,
) -> Result<(Token, bool), ReadError> {
    let token = match event {
        Event::Start(start) => Token::Open(element(start, resolver)?),
        Event::Empty(start) => return Ok((Token::Open(element(start, resolver)?), true)),
        Event::End(_) => Token::Close,
        Event::Text(text) => Token::Text(checked(text.xml10_content().into_owned())?),
        Event::CData(text) => Token::Text(checked(text.xml10_content().into_owned())?),
        Event::GeneralRef(reference) => Token::Text(resolve(reference)?.to_string()),
        Event::Comment(_) | Event::PI(_) => Token::Skip,
        Event::Decl(declaration) if !begun => declared(declaration)?,
        Event::Decl(_) => return Err(ReadError::Malformed("declaration inside the document")),
        Event::DocType(_) => return Err(ReadError::DocumentType),
        Event::Eof => Token::End,
    };
    Ok((token, false))
}

fn declared(declaration: &BytesDecl<'_>) -> Result<Token, ReadError> {
    let version = declaration.version().map_err(|_| ReadError::Malformed("declaration"))?;
    if version != "1.0" {
        return Err(ReadError::Malformed("not XML 1.0"));
    }
    match declaration.encoding() {
        None => Ok(Token::Skip),
        Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("us-ascii") => {
            Ok(Token::Skip)
        }
        Some(_) => Err(ReadError::Encoding),
    }
}

fn element(start: &BytesStart<'_>, resolver: &NamespaceResolver) -> Result<Element, ReadError> {
    let (namespace, name) = resolver.resolve_element(start.name());
    let namespace = known(&namespace)?;
    let name = name.as_ref().to_owned();
    if !is_name(&name) {
        return Err(ReadError::Malformed("name of an element"));
    }
    let mut attributes = Vec::new();
    for (number, attribute) in start.attributes().enumerate() {
        if number == MAX_ATTRIBUTES {
            return Err(ReadError::TokenTooLong);
        }
        let attribute = attribute.map_err(|_| ReadError::Malformed("attribute"))?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let (namespace, name) = resolver.resolve_attribute(attribute.key);
        let namespace = known(&namespace)?;
        let name = name.as_ref().to_owned();
        if !is_name(&name) || attribute.value.contains('<') {
            return Err(ReadError::Malformed("attribute"));
        }
        let value = attribute
            .normalized_value(XmlVersion::Explicit1_0)
            .map_err(|_| ReadError::Malformed("entity"))?
            .into_owned();
        attributes.push(Attribute {
            namespace,
            name,
            value: checked(value)?,
        });
    }
    Ok(Element {
        namespace,
        name,
        attributes,
    })
}

fn known(namespace: &ResolveResult<'_>) -> Result<Namespace, ReadError> {
    match namespace {
        ResolveResult::Unbound => Ok(Namespace::Absent),
        ResolveResult::Bound(namespace) => Ok(Namespace::of(namespace.0)),
        ResolveResult::Unknown(_) => Err(ReadError::Malformed("undeclared prefix")),
    }
}

/// The five entities of XML and character references; there is no declaration that could make others.
fn resolve(reference: &BytesRef<'_>) -> Result<char, ReadError> {
    let character = match reference.resolve_char_ref() {
        Ok(Some(character)) => Some(character).filter(|c| is_xml_character(*c)),
        Ok(None) => match &**reference {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "apos" => Some('\''),
            "quot" => Some('"'),
            _ => None,
        },
        Err(_) => None,
    };
    character.ok_or(ReadError::Malformed("entity"))
}

/// XML 1.0, production 2.
fn is_xml_character(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

fn checked(text: String) -> Result<String, ReadError> {
    if text.chars().all(is_xml_character) {
        Ok(text)
    } else {
        Err(ReadError::Malformed("character"))
    }
}

/// A name without colon (Namespaces in XML, production 4), with the letters outside ASCII not looked at closely.
fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && characters.all(|c| c.is_alphanumeric() || !c.is_ascii() || matches!(c, '_' | '-' | '.'))
}
