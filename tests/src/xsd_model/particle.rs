//! Content models: elements and wildcards in sequences and choices (XSD 1.0 part 1, section 3.9).

use std::collections::BTreeMap;

use roxmltree::Node;

use super::schema::{Reader, TypeUse};
use super::xml::{
    bad_value, boolean, children, is_xsd, only_attributes, optional_qname, qualified, required, unsupported,
    unsupported_child,
};
use super::{ModelError, QName, XSD};

/// A term with its occurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Particle {
    /// `minOccurs`.
    pub min: u32,
    /// `maxOccurs`; `None` is unbounded.
    pub max: Option<u32>,
    /// What occurs.
    pub term: Term,
}

/// What a particle repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// A local element declaration.
    Element(Box<Element>),
    /// A reference to a global element.
    Reference(QName),
    /// A wildcard.
    Any {
        /// `namespace`, `##any` where absent.
        namespace: String,
        /// `processContents`, `strict` where absent.
        process: String,
    },
    /// All, in this order.
    Sequence(Vec<Particle>),
    /// One of these.
    Choice(Vec<Particle>),
    /// All, in any order.
    All(Vec<Particle>),
}

/// An element declaration, local or global.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// The name as it stands in a document: with a namespace if global or qualified.
    pub name: QName,
    /// Its type; `xs:anyType` where none is given.
    pub ty: TypeUse,
    /// `nillable`.
    pub nillable: bool,
    /// `default`.
    pub default: Option<String>,
    /// `fixed`.
    pub fixed: Option<String>,
    /// Attributes of other vocabularies, such as `xmime:expectedContentTypes`.
    pub foreign: BTreeMap<QName, String>,
}

impl Particle {
    /// Whether the term stands here exactly once.
    fn once(&self) -> bool {
        self.min == 1 && self.max == Some(1)
    }
}

impl<'a, 'i> Reader<'a, 'i> {
    /// Whether the node is one that [`Reader::particle`] reads as the content of a type.
    pub(super) fn is_model(node: Node<'_, '_>) -> bool {
        ["sequence", "choice", "all", "group"]
            .iter()
            .any(|name| is_xsd(node, name))
    }

    /// Reads a particle. `open` names the groups being expanded, so that a circle ends as an error.
    pub(super) fn particle(&self, node: Node<'a, 'i>, open: &mut Vec<String>) -> Result<Particle, ModelError> {
        let (min, max) = occurrence(node)?;
        if node.tag_name().namespace() != Some(XSD) {
            return Err(unsupported_child(node));
        }
        let term = match node.tag_name().name() {
            "element" => match optional_qname(node, "ref")? {
                Some(name) => {
                    only_attributes(node, &["ref", "minOccurs", "maxOccurs"])?;
                    Term::Reference(name)
                }
                None => Term::Element(Box::new(self.element(node, false)?)),
            },
            "any" => {
                only_attributes(node, &["namespace", "processContents", "minOccurs", "maxOccurs", "id"])?;
                Term::Any {
                    namespace: node.attribute("namespace").unwrap_or("##any").to_owned(),
                    process: node.attribute("processContents").unwrap_or("strict").to_owned(),
                }
            }
            "group" => self.group(node, open)?,
            "sequence" => Term::Sequence(self.members(node, open, |term| match term {
                Term::Sequence(inner) => Ok(inner),
                other => Err(other),
            })?),
            "choice" => Term::Choice(self.members(node, open, |term| match term {
                Term::Choice(inner) => Ok(inner),
                other => Err(other),
            })?),
            "all" => Term::All(self.members(node, open, Err)?),
            _ => return Err(unsupported_child(node)),
        };
        Ok(Particle { min, max, term })
    }

    /// Members of a compositor. `dissolve` says which members that occur once are replaced by their own members.
    fn members(
        &self,
        node: Node<'a, 'i>,
        open: &mut Vec<String>,
        dissolve: impl Fn(Term) -> Result<Vec<Particle>, Term>,
    ) -> Result<Vec<Particle>, ModelError> {
        only_attributes(node, &["minOccurs", "maxOccurs", "id"])?;
        let mut members = Vec::new();
        for child in children(node).filter(|child| !is_xsd(*child, "annotation")) {
            let particle = self.particle(child, open)?;
            if particle.once() {
                match dissolve(particle.term) {
                    Ok(inner) => members.extend(inner),
                    Err(term) => members.push(Particle { term, ..particle }),
                }
            } else {
                members.push(particle);
            }
        }
        Ok(members)
    }

    /// What a reference to a model group stands for. The group's own compositor always occurs once.
    fn group(&self, node: Node<'a, 'i>, open: &mut Vec<String>) -> Result<Term, ModelError> {
        only_attributes(node, &["ref", "minOccurs", "maxOccurs", "id"])?;
        let name = super::xml::qname(node, required(node, "ref")?)?;
        let definition = self.group_definition(node, &name)?;
        if open.contains(&name.local) {
            return Err(unsupported(node, format!("the group {} inside itself", name.local)));
        }
        open.push(name.local);
        let model = self.group_model(definition, open);
        open.pop();
        Ok(model?.term)
    }

    /// The content model of a group definition.
    pub(super) fn group_model(&self, node: Node<'a, 'i>, open: &mut Vec<String>) -> Result<Particle, ModelError> {
        only_attributes(node, &["name", "id"])?;
        let mut models = children(node).filter(|child| !is_xsd(*child, "annotation"));
        match (models.next(), models.next()) {
            (Some(model), None) => self.particle(model, open),
            _ => Err(unsupported(node, "a group that is not one compositor")),
        }
    }

    /// An element declaration.
    pub(super) fn element(&self, node: Node<'a, 'i>, global: bool) -> Result<Element, ModelError> {
        only_attributes(
            node,
            &[
                "name",
                "type",
                "nillable",
                "default",
                "fixed",
                "form",
                "minOccurs",
                "maxOccurs",
                "id",
            ],
        )?;
        let in_namespace = global || qualified(node, "form", self.elements_qualified)?;
        let namespace = if in_namespace { self.target.as_str() } else { "" };
        let foreign = node
            .attributes()
            .filter_map(|a| a.namespace().map(|ns| (QName::new(ns, a.name()), a.value().to_owned())))
            .collect();
        Ok(Element {
            name: QName::new(namespace, required(node, "name")?),
            ty: self.type_of(node, "anyType")?,
            nillable: boolean(node, "nillable")?,
            default: node.attribute("default").map(str::to_owned),
            fixed: node.attribute("fixed").map(str::to_owned),
            foreign,
        })
    }
}

/// `minOccurs` and `maxOccurs`, 1 where absent.
fn occurrence(node: Node<'_, '_>) -> Result<(u32, Option<u32>), ModelError> {
    let number = |name: &str| match node.attribute(name) {
        None => Ok(1),
        Some(value) => value.parse::<u32>().map_err(|_| bad_value(node, name, value)),
    };
    let max = if node.attribute("maxOccurs") == Some("unbounded") {
        None
    } else {
        Some(number("maxOccurs")?)
    };
    Ok((number("minOccurs")?, max))
}
