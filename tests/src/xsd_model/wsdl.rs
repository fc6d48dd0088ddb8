//! WSDL 1.1 with the SOAP 1.1 and SOAP 1.2 bindings.

use std::collections::BTreeMap;

use roxmltree::{Document, Node};

use super::schema::Schema;
use super::xml::{children, only_attributes, optional_qname, qname, required, unsupported, unsupported_child};
use super::{ModelError, QName, WSDL};

/// Namespaces of the two bindings, with the names they go by in differences.
const PROTOCOLS: [(&str, &str); 2] = [
    ("http://schemas.xmlsoap.org/wsdl/soap/", "SOAP 1.1"),
    ("http://schemas.xmlsoap.org/wsdl/soap12/", "SOAP 1.2"),
];

/// One WSDL document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wsdl {
    /// `name` of the definitions.
    pub name: String,
    /// `targetNamespace`.
    pub target_namespace: String,
    /// Inline schemas by target namespace.
    pub schemas: BTreeMap<String, Schema>,
    /// Parts of each message, in order.
    pub messages: BTreeMap<String, Vec<Part>>,
    /// Operations of each port type.
    pub port_types: BTreeMap<String, BTreeMap<String, Operation>>,
    /// Bindings.
    pub bindings: BTreeMap<String, Binding>,
    /// Ports of each service.
    pub services: BTreeMap<String, BTreeMap<String, Port>>,
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// The element it consists of.
    pub element: Option<QName>,
    /// The type it has, where no element is named.
    pub ty: Option<QName>,
}

/// An operation of a port type: the message of each of `input`, `output` and `fault …`.
pub type Operation = BTreeMap<String, QName>;

/// A binding of a port type to SOAP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The port type.
    pub port_type: QName,
    /// `SOAP 1.1` or `SOAP 1.2`.
    pub protocol: String,
    /// `document` or `rpc`; operations may override it.
    pub style: String,
    /// The transport's identifier.
    pub transport: String,
    /// Operations.
    pub operations: BTreeMap<String, BoundOperation>,
}

/// An operation in a binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundOperation {
    /// `soapAction`; absent and empty are told apart, since some stacks send no header at all for the former.
    pub soap_action: Option<String>,
    /// `style`, that of the binding where absent.
    pub style: String,
    /// How the body is written, by `input` and `output`.
    pub bodies: BTreeMap<String, BodyUse>,
}

/// A `soap:body`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyUse {
    /// `use`, `literal` where absent.
    pub usage: String,
    /// `namespace`.
    pub namespace: Option<String>,
    /// `encodingStyle`.
    pub encoding: Option<String>,
    /// `parts`.
    pub parts: Option<String>,
}

/// A port of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The binding.
    pub binding: QName,
    /// `SOAP 1.1` or `SOAP 1.2`, by the namespace of the address.
    pub protocol: String,
    /// The address; not part of the comparison.
    pub location: String,
}

impl Wsdl {
    /// Reads a WSDL document.
    ///
    /// # Errors
    /// [`ModelError`] if the text is not XML, or not a WSDL that the model can hold.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let document = Document::parse(text)?;
        let root = document.root_element();
        if !root.has_tag_name((WSDL, "definitions")) {
            return Err(unsupported(root, "a root other than wsdl:definitions"));
        }
        only_attributes(root, &["name", "targetNamespace"])?;
        let mut wsdl = Self {
            name: root.attribute("name").unwrap_or_default().to_owned(),
            target_namespace: required(root, "targetNamespace")?.to_owned(),
            schemas: BTreeMap::new(),
            messages: BTreeMap::new(),
            port_types: BTreeMap::new(),
            bindings: BTreeMap::new(),
            services: BTreeMap::new(),
        };
        for child in wsdl_children(root) {
            let taken = match wsdl_name(child)? {
                "types" => wsdl.add_schemas(child)?,
                "message" => insert(&mut wsdl.messages, child, message(child)?)?,
                "portType" => insert(&mut wsdl.port_types, child, port_type(child)?)?,
                "binding" => insert(&mut wsdl.bindings, child, binding(child)?)?,
                "service" => insert(&mut wsdl.services, child, service(child)?)?,
                _ => return Err(unsupported_child(child)),
            };
            if taken {
                return Err(unsupported(child, "a second component of the same name"));
            }
        }
        Ok(wsdl)
    }

    fn add_schemas(&mut self, types: Node<'_, '_>) -> Result<bool, ModelError> {
        let mut taken = false;
        for child in wsdl_children(types) {
            let schema = Schema::read(child)?;
            taken |= self.schemas.insert(schema.target_namespace.clone(), schema).is_some();
        }
        Ok(taken)
    }
}

/// Children other than documentation.
fn wsdl_children<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    children(node).filter(|child| !child.has_tag_name((WSDL, "documentation")))
}

/// Local name of an element of WSDL itself.
fn wsdl_name<'a>(node: Node<'a, '_>) -> Result<&'a str, ModelError> {
    if node.tag_name().namespace() == Some(WSDL) {
        Ok(node.tag_name().name())
    } else {
        Err(unsupported_child(node))
    }
}

/// Protocol and local name of an element of one of the SOAP bindings.
fn soap_name<'a>(node: Node<'a, '_>) -> Option<(&'static str, &'a str)> {
    let namespace = node.tag_name().namespace()?;
    let (_, protocol) = PROTOCOLS.iter().find(|(known, _)| *known == namespace)?;
    Some((protocol, node.tag_name().name()))
}

fn insert<V>(map: &mut BTreeMap<String, V>, node: Node<'_, '_>, value: V) -> Result<bool, ModelError> {
    Ok(map.insert(required(node, "name")?.to_owned(), value).is_some())
}

fn message(node: Node<'_, '_>) -> Result<Vec<Part>, ModelError> {
    only_attributes(node, &["name"])?;
    wsdl_children(node)
        .map(|child| match wsdl_name(child)? {
            "part" => {
                only_attributes(child, &["name", "element", "type"])?;
                Ok(Part {
                    name: required(child, "name")?.to_owned(),
                    element: optional_qname(child, "element")?,
                    ty: optional_qname(child, "type")?,
                })
            }
            _ => Err(unsupported_child(child)),
        })
        .collect()
}

fn port_type(node: Node<'_, '_>) -> Result<BTreeMap<String, Operation>, ModelError> {
    only_attributes(node, &["name"])?;
    let mut operations = BTreeMap::new();
    for child in wsdl_children(node) {
        if wsdl_name(child)? != "operation" {
            return Err(unsupported_child(child));
        }
        only_attributes(child, &["name"])?;
        let mut operation = Operation::new();
        for direction in wsdl_children(child) {
            // Names of input and output say nothing on the wire, and are not used in this contract.
            let label = match wsdl_name(direction)? {
                label @ ("input" | "output") => {
                    only_attributes(direction, &["message"])?;
                    label.to_owned()
                }
                "fault" => format!("fault {}", required(direction, "name")?),
                _ => return Err(unsupported_child(direction)),
            };
            if operation
                .insert(label, qname(direction, required(direction, "message")?)?)
                .is_some()
            {
                return Err(unsupported(direction, "a second message of the same direction"));
            }
        }
        if insert(&mut operations, child, operation)? {
            return Err(unsupported(child, "an overloaded operation"));
        }
    }
    Ok(operations)
}

fn binding(node: Node<'_, '_>) -> Result<Binding, ModelError> {
    only_attributes(node, &["name", "type"])?;
    let mut parts = wsdl_children(node);
    let soap = parts.next().ok_or_else(|| unsupported(node, "an empty binding"))?;
    let Some((protocol, "binding")) = soap_name(soap) else {
        return Err(unsupported_child(soap));
    };
    only_attributes(soap, &["style", "transport"])?;
    let style = soap.attribute("style").unwrap_or("document");
    let mut operations = BTreeMap::new();
    for child in parts {
        if wsdl_name(child)? != "operation" {
            return Err(unsupported_child(child));
        }
        if insert(&mut operations, child, bound_operation(child, protocol, style)?)? {
            return Err(unsupported(child, "an overloaded operation"));
        }
    }
    Ok(Binding {
        port_type: qname(node, required(node, "type")?)?,
        protocol: protocol.to_owned(),
        style: style.to_owned(),
        transport: required(soap, "transport")?.to_owned(),
        operations,
    })
}

fn bound_operation(node: Node<'_, '_>, protocol: &str, style: &str) -> Result<BoundOperation, ModelError> {
    only_attributes(node, &["name"])?;
    let mut operation = BoundOperation {
        soap_action: None,
        style: style.to_owned(),
        bodies: BTreeMap::new(),
    };
    for child in wsdl_children(node) {
        if soap_name(child) == Some((protocol, "operation")) {
            only_attributes(child, &["soapAction", "style"])?;
            operation.soap_action = child.attribute("soapAction").map(str::to_owned);
            operation.style = child.attribute("style").unwrap_or(style).to_owned();
            continue;
        }
        let direction @ ("input" | "output") = wsdl_name(child)? else {
            return Err(unsupported_child(child));
        };
        only_attributes(child, &[])?;
        let mut bodies = wsdl_children(child);
        let body = match (bodies.next(), bodies.next()) {
            (Some(body), None) if soap_name(body) == Some((protocol, "body")) => body,
            _ => return Err(unsupported(child, "anything but one body of the binding's protocol")),
        };
        only_attributes(body, &["use", "namespace", "encodingStyle", "parts"])?;
        let text = |name| body.attribute(name).map(str::to_owned);
        let usage = BodyUse {
            usage: text("use").unwrap_or_else(|| "literal".to_owned()),
            namespace: text("namespace"),
            encoding: text("encodingStyle"),
            parts: text("parts"),
        };
        if operation.bodies.insert(direction.to_owned(), usage).is_some() {
            return Err(unsupported(child, "a second body of the same direction"));
        }
    }
    Ok(operation)
}

fn service(node: Node<'_, '_>) -> Result<BTreeMap<String, Port>, ModelError> {
    only_attributes(node, &["name"])?;
    let mut ports = BTreeMap::new();
    for child in wsdl_children(node) {
        if wsdl_name(child)? != "port" {
            return Err(unsupported_child(child));
        }
        only_attributes(child, &["name", "binding"])?;
        let mut addresses = wsdl_children(child);
        let (address, protocol) = match (addresses.next(), addresses.next()) {
            (Some(address), None) => match soap_name(address) {
                Some((protocol, "address")) => (address, protocol),
                _ => return Err(unsupported_child(address)),
            },
            _ => return Err(unsupported(child, "a port without exactly one address")),
        };
        let port = Port {
            binding: qname(child, required(child, "binding")?)?,
            protocol: protocol.to_owned(),
            location: required(address, "location")?.to_owned(),
        };
        if insert(&mut ports, child, port)? {
            return Err(unsupported(child, "a second port of the same name"));
        }
    }
    Ok(ports)
}
