//! Schema documents and their types (XSD 1.0 part 1).

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::{Document, Node};

use super::particle::{Element, Particle};
use super::xml::{
    at, boolean, children, is_xsd, only_attributes, optional_qname, qname, qualified, required, unsupported,
    unsupported_child,
};
use super::{ModelError, QName, XSD};

/// The components that one schema document declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// `targetNamespace`, empty for none.
    pub target_namespace: String,
    /// Whether `elementFormDefault` is `qualified`. Its effect is part of every local element's name.
    pub elements_qualified: bool,
    /// `schemaLocation` of each include.
    pub includes: BTreeSet<String>,
    /// Namespace and `schemaLocation` of each import.
    pub imports: BTreeSet<(String, String)>,
    /// Global elements.
    pub elements: BTreeMap<String, Element>,
    /// Global types.
    pub types: BTreeMap<String, Type>,
    /// Model groups.
    pub groups: BTreeMap<String, Particle>,
    /// Attribute groups.
    pub attribute_groups: BTreeMap<String, BTreeMap<QName, Attribute>>,
}

/// A type where it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeUse {
    /// By name.
    Named(QName),
    /// Declared on the spot.
    Inline(Box<Type>),
}

/// A type definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Text only.
    Simple(SimpleType),
    /// With attributes or children.
    Complex(Box<ComplexType>),
}

/// A restriction of a simple type; lists and unions have no place here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimpleType {
    /// What is restricted.
    pub base: TypeUse,
    /// Values by facet. Only `enumeration` and `pattern` may have several; their order says nothing.
    pub facets: BTreeMap<String, BTreeSet<String>>,
}

/// A complex type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComplexType {
    /// `mixed`.
    pub mixed: bool,
    /// `abstract`.
    pub is_abstract: bool,
    /// What it derives from, if anything.
    pub derivation: Option<Derivation>,
    /// Its own content model, without that of the base.
    pub model: Option<Particle>,
    /// Facets of a restricted simple content.
    pub facets: BTreeMap<String, BTreeSet<String>>,
    /// Its own attributes, those of attribute groups included.
    pub attributes: BTreeMap<QName, Attribute>,
}

/// How a complex type derives from its base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derivation {
    /// `simpleContent/extension` and the like.
    pub method: String,
    /// The base type.
    pub base: QName,
}

/// An attribute declaration with its use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its type; `xs:anySimpleType` where none is given.
    pub ty: TypeUse,
    /// `use`: `optional`, `required` or `prohibited`.
    pub usage: String,
    /// `default`.
    pub default: Option<String>,
    /// `fixed`.
    pub fixed: Option<String>,
}

impl Schema {
    /// Reads a schema document.
    ///
    /// # Errors
    /// [`ModelError`] if the text is not XML, or not a schema that the model can hold.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let document = Document::parse(text)?;
        Self::read(document.root_element())
    }

    /// Reads the `xs:schema` element.
    pub(super) fn read(root: Node<'_, '_>) -> Result<Self, ModelError> {
        Reader::new(root)?.schema()
    }
}

/// What is needed all over one document while it is read.
pub(super) struct Reader<'a, 'i> {
    root: Node<'a, 'i>,
    pub(super) target: String,
    pub(super) elements_qualified: bool,
    attributes_qualified: bool,
    /// Without includes every name of the target namespace must be found in this very document.
    closed: bool,
}

impl<'a, 'i> Reader<'a, 'i> {
    fn new(root: Node<'a, 'i>) -> Result<Self, ModelError> {
        if !is_xsd(root, "schema") {
            return Err(unsupported(root, "a root other than xs:schema"));
        }
        only_attributes(
            root,
            &[
                "targetNamespace",
                "elementFormDefault",
                "attributeFormDefault",
                "version",
                "id",
            ],
        )?;
        Ok(Self {
            root,
            target: root.attribute("targetNamespace").unwrap_or_default().to_owned(),
            elements_qualified: qualified(root, "elementFormDefault", false)?,
            attributes_qualified: qualified(root, "attributeFormDefault", false)?,
            closed: !children(root).any(|child| is_xsd(child, "include")),
        })
    }

    fn schema(&self) -> Result<Schema, ModelError> {
        let mut schema = Schema {
            target_namespace: self.target.clone(),
            elements_qualified: self.elements_qualified,
            includes: BTreeSet::new(),
            imports: BTreeSet::new(),
            elements: BTreeMap::new(),
            types: BTreeMap::new(),
            groups: BTreeMap::new(),
            attribute_groups: BTreeMap::new(),
        };
        for child in children(self.root) {
            let name = || required(child, "name").map(str::to_owned);
            let taken = match (child.tag_name().namespace(), child.tag_name().name()) {
                (Some(XSD), "annotation") => false,
                (Some(XSD), "include") => !schema.includes.insert(required(child, "schemaLocation")?.to_owned()),
                (Some(XSD), "import") => {
                    let text = |name| child.attribute(name).unwrap_or_default().to_owned();
                    !schema.imports.insert((text("namespace"), text("schemaLocation")))
                }
                (Some(XSD), "element") => schema.elements.insert(name()?, self.element(child, true)?).is_some(),
                (Some(XSD), "simpleType" | "complexType") => {
                    schema.types.insert(name()?, self.type_definition(child)?).is_some()
                }
                (Some(XSD), "group") => {
                    let mut open = vec![name()?];
                    schema
                        .groups
                        .insert(name()?, self.group_model(child, &mut open)?)
                        .is_some()
                }
                (Some(XSD), "attributeGroup") => schema
                    .attribute_groups
                    .insert(name()?, self.attribute_group_content(child)?)
                    .is_some(),
                _ => return Err(unsupported_child(child)),
            };
            if taken {
                return Err(unsupported(child, "a second component of the same name"));
            }
        }
        Ok(schema)
    }

    /// The global component `local` of one of the kinds.
    fn global(&self, kinds: &[&str], local: &str) -> Option<Node<'a, 'i>> {
        children(self.root)
            .find(|child| kinds.iter().any(|kind| is_xsd(*child, kind)) && child.attribute("name") == Some(local))
    }

    pub(super) fn group_definition(&self, node: Node<'a, 'i>, name: &QName) -> Result<Node<'a, 'i>, ModelError> {
        let found = if name.namespace == self.target {
            self.global(&["group"], &name.local)
        } else {
            None
        };
        found.ok_or_else(|| ModelError::Unresolved {
            at: at(node),
            name: format!("group {name}"),
        })
    }

    /// A type by name, which must exist where this document is all there is.
    fn named(&self, node: Node<'a, 'i>, name: QName) -> Result<QName, ModelError> {
        let own = name.namespace == self.target;
        if own && self.closed && self.global(&["simpleType", "complexType"], &name.local).is_none() {
            return Err(ModelError::Unresolved {
                at: at(node),
                name: format!("type {name}"),
            });
        }
        Ok(name)
    }

    /// The type of an element or attribute: by name, inline, or `default` of XML Schema.
    pub(super) fn type_of(&self, node: Node<'a, 'i>, default: &str) -> Result<TypeUse, ModelError> {
        let mut inline = None;
        for child in children(node).filter(|child| !is_xsd(*child, "annotation")) {
            if inline.is_some() || !(is_xsd(child, "simpleType") || is_xsd(child, "complexType")) {
                return Err(unsupported_child(child));
            }
            inline = Some(self.type_definition(child)?);
        }
        match (optional_qname(node, "type")?, inline) {
            (Some(_), Some(_)) => Err(unsupported(node, "a named and an inline type at once")),
            (Some(name), None) => Ok(TypeUse::Named(self.named(node, name)?)),
            (None, Some(ty)) => Ok(TypeUse::Inline(Box::new(ty))),
            (None, None) => Ok(TypeUse::Named(QName::new(XSD, default))),
        }
    }

    fn type_definition(&self, node: Node<'a, 'i>) -> Result<Type, ModelError> {
        if is_xsd(node, "simpleType") {
            self.simple_type(node).map(Type::Simple)
        } else {
            self.complex_type(node)
        }
    }

    fn simple_type(&self, node: Node<'a, 'i>) -> Result<SimpleType, ModelError> {
        only_attributes(node, &["name", "id"])?;
        let mut parts = children(node).filter(|child| !is_xsd(*child, "annotation"));
        let restriction = match (parts.next(), parts.next()) {
            (Some(only), None) if is_xsd(only, "restriction") => only,
            _ => return Err(unsupported(node, "a simple type that is not one restriction")),
        };
        only_attributes(restriction, &["base", "id"])?;
        let mut facets = BTreeMap::new();
        let mut inline = None;
        for child in children(restriction).filter(|child| !is_xsd(*child, "annotation")) {
            if is_xsd(child, "simpleType") && inline.is_none() {
                inline = Some(self.simple_type(child)?);
            } else {
                add_facet(&mut facets, child)?;
            }
        }
        let base = match (optional_qname(restriction, "base")?, inline) {
            (Some(name), None) => TypeUse::Named(self.named(restriction, name)?),
            (None, Some(ty)) => TypeUse::Inline(Box::new(Type::Simple(ty))),
            _ => return Err(unsupported(restriction, "a base other than one type")),
        };
        Ok(SimpleType { base, facets })
    }

    fn complex_type(&self, node: Node<'a, 'i>) -> Result<Type, ModelError> {
        only_attributes(node, &["name", "mixed", "abstract", "id"])?;
        let mut ty = ComplexType {
            mixed: boolean(node, "mixed")?,
            is_abstract: boolean(node, "abstract")?,
            derivation: None,
            model: None,
            facets: BTreeMap::new(),
            attributes: BTreeMap::new(),
        };
        for child in children(node) {
            if is_xsd(child, "simpleContent") || is_xsd(child, "complexContent") {
                only_attributes(child, &["mixed", "id"])?;
                ty.mixed |= boolean(child, "mixed")?;
                for method in children(child).filter(|part| !is_xsd(*part, "annotation")) {
                    if ty.derivation.is_some() || !(is_xsd(method, "extension") || is_xsd(method, "restriction")) {
                        return Err(unsupported_child(method));
                    }
                    only_attributes(method, &["base", "id"])?;
                    ty.derivation = Some(Derivation {
                        method: format!("{}/{}", child.tag_name().name(), method.tag_name().name()),
                        base: self.named(method, qname(method, required(method, "base")?)?)?,
                    });
                    let facets = is_xsd(child, "simpleContent") && is_xsd(method, "restriction");
                    for part in children(method) {
                        self.complex_part(&mut ty, part, facets)?;
                    }
                }
            } else {
                self.complex_part(&mut ty, child, false)?;
            }
        }
        Ok(Type::Complex(Box::new(ty)))
    }

    /// One part of a complex type or of its derivation: content model, attribute, or facet where these may stand.
    fn complex_part(&self, ty: &mut ComplexType, part: Node<'a, 'i>, facets: bool) -> Result<(), ModelError> {
        if is_xsd(part, "annotation") {
            Ok(())
        } else if Self::is_model(part) {
            match ty.model.replace(self.particle(part, &mut Vec::new())?) {
                Some(_) => Err(unsupported(part, "a second content model")),
                None => Ok(()),
            }
        } else if facets && !is_xsd(part, "attribute") && !is_xsd(part, "attributeGroup") {
            add_facet(&mut ty.facets, part)
        } else {
            self.add_attributes(&mut ty.attributes, part)
        }
    }

    fn attribute_group_content(&self, node: Node<'a, 'i>) -> Result<BTreeMap<QName, Attribute>, ModelError> {
        let mut attributes = BTreeMap::new();
        for child in children(node).filter(|child| !is_xsd(*child, "annotation")) {
            // A group inside a group has not been met; refusing it makes a circle impossible.
            if !is_xsd(child, "attribute") {
                return Err(unsupported_child(child));
            }
            self.add_attributes(&mut attributes, child)?;
        }
        Ok(attributes)
    }

    fn add_attributes(&self, into: &mut BTreeMap<QName, Attribute>, node: Node<'a, 'i>) -> Result<(), ModelError> {
        if is_xsd(node, "attributeGroup") {
            let name = qname(node, required(node, "ref")?)?;
            let definition = self
                .global(&["attributeGroup"], &name.local)
                .filter(|_| name.namespace == self.target)
                .ok_or_else(|| ModelError::Unresolved {
                    at: at(node),
                    name: format!("attributeGroup {name}"),
                })?;
            into.extend(self.attribute_group_content(definition)?);
            return Ok(());
        }
        if !is_xsd(node, "attribute") {
            return Err(unsupported_child(node));
        }
        only_attributes(node, &["name", "type", "use", "default", "fixed", "form", "id"])?;
        let namespace = if qualified(node, "form", self.attributes_qualified)? {
            self.target.as_str()
        } else {
            ""
        };
        let attribute = Attribute {
            ty: self.type_of(node, "anySimpleType")?,
            usage: node.attribute("use").unwrap_or("optional").to_owned(),
            default: node.attribute("default").map(str::to_owned),
            fixed: node.attribute("fixed").map(str::to_owned),
        };
        match into.insert(QName::new(namespace, required(node, "name")?), attribute) {
            Some(_) => Err(unsupported(node, "a second attribute of the same name")),
            None => Ok(()),
        }
    }
}

/// Adds one facet; only enumerations and patterns may stand several times.
fn add_facet(facets: &mut BTreeMap<String, BTreeSet<String>>, node: Node<'_, '_>) -> Result<(), ModelError> {
    const FACETS: [&str; 12] = [
        "enumeration",
        "pattern",
        "length",
        "minLength",
        "maxLength",
        "whiteSpace",
        "minInclusive",
        "maxInclusive",
        "minExclusive",
        "maxExclusive",
        "totalDigits",
        "fractionDigits",
    ];
    let name = node.tag_name().name();
    if node.tag_name().namespace() != Some(XSD) || !FACETS.contains(&name) {
        return Err(unsupported_child(node));
    }
    only_attributes(node, &["value", "id"])?;
    let values = facets.entry(name.to_owned()).or_default();
    if !values.is_empty() && name != "enumeration" && name != "pattern" {
        return Err(unsupported(node, format!("a second {name}")));
    }
    values.insert(required(node, "value")?.to_owned());
    Ok(())
}
