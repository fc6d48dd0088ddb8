//! The differences of two component models, each with the path of the component.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::particle::{Element, Particle, Term};
use super::schema::{Attribute, ComplexType, Schema, SimpleType, Type, TypeUse};
use super::wsdl::{Binding, Wsdl};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// File, component and property: `dbTypes.xsd/type:tStatus/dbStatusCode/@nillable`.
    pub path: String,
    /// What the reference has.
    pub reference: String,
    /// What the other one has.
    pub ours: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: the reference has {}, ours {}",
            self.path, self.reference, self.ours
        )
    }
}

/// Compares two schema documents; `path` begins the path of every difference.
///
/// A type that the reference declares inline may have a name in ours, if its structure is the same. The other way round
/// is a difference: a name in the reference is an interface of generated code.
pub fn compare_schemas(path: &str, reference: &Schema, ours: &Schema) -> Vec<Difference> {
    let mut comparison = Comparison {
        ours,
        helpers: BTreeSet::new(),
        found: Vec::new(),
    };
    comparison.schemas(path, reference);
    comparison.found
}

/// Compares two WSDL documents; `path` begins the path of every difference. Addresses are left out.
pub fn compare_wsdls(path: &str, reference: &Wsdl, ours: &Wsdl) -> Vec<Difference> {
    let mut found = Vec::new();
    value(&mut found, path, "@name", &reference.name, &ours.name);
    value(
        &mut found,
        path,
        "@targetNamespace",
        &reference.target_namespace,
        &ours.target_namespace,
    );
    for (at, a, b) in pairs(
        &mut found,
        &format!("{path}/types"),
        "schema:",
        &reference.schemas,
        &ours.schemas,
    ) {
        // Nothing local stands beside the include, so that this has no effect on components; tools look at it anyway.
        value(
            &mut found,
            &at,
            "@elementFormDefault",
            form(a.elements_qualified),
            form(b.elements_qualified),
        );
        found.extend(compare_schemas(&at, a, b));
    }
    for (at, a, b) in pairs(&mut found, path, "message:", &reference.messages, &ours.messages) {
        let names = |parts: &[super::wsdl::Part]| parts.iter().map(|part| part.name.clone()).collect::<Vec<_>>();
        value(&mut found, &at, "@parts", names(a).join(" "), names(b).join(" "));
        for (a, b) in a.iter().zip(b).filter(|(a, b)| a.name == b.name) {
            let at = format!("{at}/part:{}", a.name);
            value(
                &mut found,
                &at,
                "@element",
                optional(a.element.as_ref()),
                optional(b.element.as_ref()),
            );
            value(
                &mut found,
                &at,
                "@type",
                optional(a.ty.as_ref()),
                optional(b.ty.as_ref()),
            );
        }
    }
    for (at, a, b) in pairs(&mut found, path, "portType:", &reference.port_types, &ours.port_types) {
        for (at, a, b) in pairs(&mut found, &at, "operation:", a, b) {
            for (at, a, b) in pairs(&mut found, &at, "", a, b) {
                value(&mut found, &at, "@message", a, b);
            }
        }
    }
    for (at, a, b) in pairs(&mut found, path, "binding:", &reference.bindings, &ours.bindings) {
        bindings(&mut found, &at, a, b);
    }
    for (at, a, b) in pairs(&mut found, path, "service:", &reference.services, &ours.services) {
        for (at, a, b) in pairs(&mut found, &at, "port:", a, b) {
            value(&mut found, &at, "@binding", &a.binding, &b.binding);
            value(&mut found, &at, "@protocol", &a.protocol, &b.protocol);
        }
    }
    found
}

fn bindings(found: &mut Vec<Difference>, at: &str, a: &Binding, b: &Binding) {
    value(found, at, "@type", &a.port_type, &b.port_type);
    value(found, at, "@protocol", &a.protocol, &b.protocol);
    value(found, at, "@style", &a.style, &b.style);
    value(found, at, "@transport", &a.transport, &b.transport);
    for (at, a, b) in pairs(found, at, "operation:", &a.operations, &b.operations) {
        value(
            found,
            &at,
            "@soapAction",
            quoted(a.soap_action.as_ref()),
            quoted(b.soap_action.as_ref()),
        );
        value(found, &at, "@style", &a.style, &b.style);
        for (at, a, b) in pairs(found, &at, "", &a.bodies, &b.bodies) {
            value(found, &at, "@use", &a.usage, &b.usage);
            value(
                found,
                &at,
                "@namespace",
                quoted(a.namespace.as_ref()),
                quoted(b.namespace.as_ref()),
            );
            value(
                found,
                &at,
                "@encodingStyle",
                quoted(a.encoding.as_ref()),
                quoted(b.encoding.as_ref()),
            );
            value(found, &at, "@parts", quoted(a.parts.as_ref()), quoted(b.parts.as_ref()));
        }
    }
}

/// A comparison of two schema documents on its way.
struct Comparison<'a> {
    ours: &'a Schema,
    /// Types of ours that stand for inline types of the reference.
    helpers: BTreeSet<String>,
    found: Vec<Difference>,
}

impl Comparison<'_> {
    fn schemas(&mut self, path: &str, reference: &Schema) {
        let ours = self.ours;
        value(
            &mut self.found,
            path,
            "@targetNamespace",
            &reference.target_namespace,
            &ours.target_namespace,
        );
        value(
            &mut self.found,
            path,
            "@include",
            listed(&reference.includes),
            listed(&ours.includes),
        );
        let imports = |schema: &Schema| schema.imports.iter().map(|(ns, at)| format!("{ns} {at}")).collect();
        value(
            &mut self.found,
            path,
            "@import",
            listed(&imports(reference)),
            listed(&imports(ours)),
        );
        for (at, a, b) in pairs(&mut self.found, path, "element:", &reference.elements, &ours.elements) {
            self.elements(&at, a, b);
        }
        for (at, a, b) in pairs(&mut self.found, path, "group:", &reference.groups, &ours.groups) {
            self.models(&at, a, b);
        }
        for (at, a, b) in pairs(
            &mut self.found,
            path,
            "attributeGroup:",
            &reference.attribute_groups,
            &ours.attribute_groups,
        ) {
            self.attributes(&at, a, b);
        }
        // Last, and the types of ours alone after all others: by then it is known which of them are helpers.
        for (name, a) in &reference.types {
            let at = format!("{path}/type:{name}");
            match ours.types.get(name) {
                Some(b) => self.types(&at, a, b),
                None => value(&mut self.found, &at, "", "it", "nothing"),
            }
        }
        for name in ours.types.keys() {
            if !reference.types.contains_key(name) && !self.helpers.contains(name) {
                value(&mut self.found, &format!("{path}/type:{name}"), "", "nothing", "it");
            }
        }
    }

    fn elements(&mut self, at: &str, a: &Element, b: &Element) {
        value(&mut self.found, at, "@name", &a.name, &b.name);
        value(&mut self.found, at, "@nillable", a.nillable, b.nillable);
        value(
            &mut self.found,
            at,
            "@default",
            quoted(a.default.as_ref()),
            quoted(b.default.as_ref()),
        );
        value(
            &mut self.found,
            at,
            "@fixed",
            quoted(a.fixed.as_ref()),
            quoted(b.fixed.as_ref()),
        );
        for (at, a, b) in pairs(&mut self.found, at, "@", &a.foreign, &b.foreign) {
            value(&mut self.found, &at, "", a, b);
        }
        self.type_uses(at, &a.ty, &b.ty);
    }

    fn type_uses(&mut self, at: &str, a: &TypeUse, b: &TypeUse) {
        match (a, b) {
            (TypeUse::Named(a), TypeUse::Named(b)) => value(&mut self.found, at, "@type", a, b),
            (TypeUse::Inline(a), TypeUse::Inline(b)) => self.types(at, a, b),
            (TypeUse::Named(a), TypeUse::Inline(_)) => value(&mut self.found, at, "@type", a, "an inline type"),
            (TypeUse::Inline(a), TypeUse::Named(b)) => {
                let own = b.namespace == self.ours.target_namespace;
                match self.ours.types.get(&b.local).filter(|_| own) {
                    Some(helper) => {
                        self.helpers.insert(b.local.clone());
                        self.types(at, a, helper);
                    }
                    None => value(&mut self.found, at, "@type", "an inline type", b),
                }
            }
        }
    }

    fn types(&mut self, at: &str, a: &Type, b: &Type) {
        match (a, b) {
            (Type::Simple(a), Type::Simple(b)) => self.simple_types(at, a, b),
            (Type::Complex(a), Type::Complex(b)) => self.complex_types(at, a, b),
            (Type::Simple(_), Type::Complex(_)) => {
                value(&mut self.found, at, "@kind", "a simple type", "a complex one");
            }
            (Type::Complex(_), Type::Simple(_)) => {
                value(&mut self.found, at, "@kind", "a complex type", "a simple one");
            }
        }
    }

    fn simple_types(&mut self, at: &str, a: &SimpleType, b: &SimpleType) {
        self.type_uses(&format!("{at}/@base"), &a.base, &b.base);
        self.facets(at, &a.facets, &b.facets);
    }

    fn complex_types(&mut self, at: &str, a: &ComplexType, b: &ComplexType) {
        value(&mut self.found, at, "@mixed", a.mixed, b.mixed);
        value(&mut self.found, at, "@abstract", a.is_abstract, b.is_abstract);
        let derivation = |ty: &ComplexType| {
            ty.derivation
                .as_ref()
                .map_or_else(|| "none".to_owned(), |d| format!("{} of {}", d.method, d.base))
        };
        value(&mut self.found, at, "@derivation", derivation(a), derivation(b));
        self.facets(at, &a.facets, &b.facets);
        match (&a.model, &b.model) {
            (Some(a), Some(b)) => self.models(at, a, b),
            (None, None) => {}
            (Some(_), None) => value(&mut self.found, at, "@model", "a content model", "none"),
            (None, Some(_)) => value(&mut self.found, at, "@model", "no content model", "one"),
        }
        self.attributes(at, &a.attributes, &b.attributes);
    }

    fn facets(&mut self, at: &str, a: &BTreeMap<String, BTreeSet<String>>, b: &BTreeMap<String, BTreeSet<String>>) {
        for (at, a, b) in pairs(&mut self.found, at, "@", a, b) {
            value(&mut self.found, &at, "", listed(a), listed(b));
        }
    }

    fn attributes<K: Ord + fmt::Display>(&mut self, at: &str, a: &BTreeMap<K, Attribute>, b: &BTreeMap<K, Attribute>) {
        for (at, a, b) in pairs(&mut self.found, at, "attribute:", a, b) {
            value(&mut self.found, &at, "@use", &a.usage, &b.usage);
            value(
                &mut self.found,
                &at,
                "@default",
                quoted(a.default.as_ref()),
                quoted(b.default.as_ref()),
            );
            value(
                &mut self.found,
                &at,
                "@fixed",
                quoted(a.fixed.as_ref()),
                quoted(b.fixed.as_ref()),
            );
            self.type_uses(&at, &a.ty, &b.ty);
        }
    }

    /// A particle and all below it. The compositor of a type is no step of the path; those inside it are.
    fn models(&mut self, at: &str, a: &Particle, b: &Particle) {
        value(&mut self.found, at, "@minOccurs", a.min, b.min);
        value(&mut self.found, at, "@maxOccurs", bound(a.max), bound(b.max));
        match (&a.term, &b.term) {
            (Term::Element(a), Term::Element(b)) => self.elements(at, a, b),
            (Term::Sequence(a), Term::Sequence(b))
            | (Term::Choice(a), Term::Choice(b))
            | (Term::All(a), Term::All(b)) => {
                self.members(at, a, b);
            }
            (Term::Reference(a), Term::Reference(b)) => value(&mut self.found, at, "@ref", a, b),
            (
                Term::Any {
                    namespace: an,
                    process: ap,
                },
                Term::Any {
                    namespace: bn,
                    process: bp,
                },
            ) => {
                value(&mut self.found, at, "@namespace", an, bn);
                value(&mut self.found, at, "@processContents", ap, bp);
            }
            (a, b) => value(&mut self.found, at, "@term", kind(a), kind(b)),
        }
    }

    /// Members of a compositor, paired by label: one missing member is one difference, and the rest is still compared.
    fn members(&mut self, at: &str, a: &[Particle], b: &[Particle]) {
        let (a_labels, b_labels) = (labels(a), labels(b));
        for (i, label) in a_labels.iter().enumerate() {
            let path = format!("{at}/{label}");
            match b_labels.iter().position(|other| other == label) {
                Some(j) => self.models(&path, &a[i], &b[j]),
                None => value(&mut self.found, &path, "", place(&a_labels, i), "nothing"),
            }
        }
        for (j, label) in b_labels
            .iter()
            .enumerate()
            .filter(|(_, label)| !a_labels.contains(label))
        {
            value(
                &mut self.found,
                &format!("{at}/{label}"),
                "",
                "nothing",
                place(&b_labels, j),
            );
        }
        let common = |labels: &[String], others: &[String]| {
            labels
                .iter()
                .filter(|label| others.contains(label))
                .cloned()
                .collect::<Vec<_>>()
                .join(" ")
        };
        value(
            &mut self.found,
            at,
            "@order",
            common(&a_labels, &b_labels),
            common(&b_labels, &a_labels),
        );
    }
}

/// Labels of the members of a compositor: local names, kinds for the nameless, numbered from the second of a kind on.
fn labels(members: &[Particle]) -> Vec<String> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    members
        .iter()
        .map(|member| {
            let label = match &member.term {
                Term::Element(element) => element.name.local.as_str(),
                Term::Reference(name) => name.local.as_str(),
                other => kind(other),
            };
            let count = seen.entry(label).or_default();
            *count += 1;
            if *count == 1 {
                label.to_owned()
            } else {
                format!("{label}#{count}")
            }
        })
        .collect()
}

fn kind(term: &Term) -> &'static str {
    match term {
        Term::Element(_) => "element",
        Term::Reference(_) => "reference",
        Term::Any { .. } => "any",
        Term::Sequence(_) => "sequence",
        Term::Choice(_) => "choice",
        Term::All(_) => "all",
    }
}

/// Where a member stands that only one side has.
fn place(labels: &[String], index: usize) -> String {
    match index.checked_sub(1).and_then(|before| labels.get(before)) {
        Some(before) => format!("it after {before}"),
        None => "it in the first place".to_owned(),
    }
}

/// Records a difference of one property, if there is one. An empty `property` means the component itself.
fn value(found: &mut Vec<Difference>, at: &str, property: &str, a: impl fmt::Display, b: impl fmt::Display) {
    let (reference, ours) = (a.to_string(), b.to_string());
    if reference != ours {
        let path = if property.is_empty() {
            at.to_owned()
        } else {
            format!("{at}/{property}")
        };
        found.push(Difference { path, reference, ours });
    }
}

/// What both maps have, with its path; what only one has is recorded.
fn pairs<'m, K: Ord + fmt::Display, V>(
    found: &mut Vec<Difference>,
    at: &str,
    prefix: &str,
    a: &'m BTreeMap<K, V>,
    b: &'m BTreeMap<K, V>,
) -> Vec<(String, &'m V, &'m V)> {
    let path = |key: &K| format!("{at}/{prefix}{key}");
    let mut both = Vec::new();
    for (key, reference) in a {
        match b.get(key) {
            Some(ours) => both.push((path(key), reference, ours)),
            None => value(found, &path(key), "", "it", "nothing"),
        }
    }
    for key in b.keys().filter(|key| !a.contains_key(key)) {
        value(found, &path(key), "", "nothing", "it");
    }
    both
}

fn optional<T: fmt::Display>(value: Option<&T>) -> String {
    value.map_or_else(|| "none".to_owned(), T::to_string)
}

/// Text in quotes, so that empty and absent differ.
fn quoted(value: Option<&String>) -> String {
    value.map_or_else(|| "none".to_owned(), |text| format!("{text:?}"))
}

fn listed(values: &BTreeSet<String>) -> String {
    values
        .iter()
        .map(|text| format!("{text:?}"))
        .collect::<Vec<_>>()
        .join(" ")
}

fn bound(max: Option<u32>) -> String {
    max.map_or_else(|| "unbounded".to_owned(), |max| max.to_string())
}

fn form(qualified: bool) -> &'static str {
    if qualified { "qualified" } else { "unqualified" }
}
