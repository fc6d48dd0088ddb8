//! The push reader: markup is collected tag by tag, text goes by.

use quick_xml::escape::unescape;
use quick_xml::events::BytesStart;
use quick_xml::name::{NamespaceResolver, QName, ResolveResult};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::markup::Markup;
use super::node::Node;
use super::{SealedContent, SealedContentError, SealedEvent, SealedFile, SealedKind};

/// Elements that may be open at once; the schema needs six.
const MAX_DEPTH: usize = 64;
/// Events of one delivery info.
const MAX_EVENTS: usize = 1000;
/// Files that are listed; more are only counted.
const MAX_FILES: usize = 1000;
/// Characters of a file's name and of its type that are kept: they are shown and nothing else.
const MAX_ATTRIBUTE: usize = 512;

/// The digests over `dmDm`, side by side since the algorithm is named only afterwards.
#[derive(Default)]
struct Digests {
    sha1: Sha1,
    sha256: Sha256,
    sha512: Sha512,
}

impl Digests {
    fn update(&mut self, bytes: &[u8]) {
        self.sha1.update(bytes);
        self.sha256.update(bytes);
        self.sha512.update(bytes);
    }

    fn of(self, algorithm: &str) -> Option<Vec<u8>> {
        match algorithm {
            "SHA-1" => Some(self.sha1.finalize().to_vec()),
            "SHA-256" => Some(self.sha256.finalize().to_vec()),
            "SHA-512" => Some(self.sha512.finalize().to_vec()),
            _ => None,
        }
    }
}

/// Reads a sealed document that is pushed in slices of any size.
pub struct SealedContentReader {
    /// Empty while text goes by.
    markup: Markup,
    open: Vec<(String, Node)>,
    namespaces: NamespaceResolver,
    kind: Option<SealedKind>,
    seen: Vec<Node>,
    /// Bytes of a kept value; they become text when the value ends, since a slice may cut a character.
    kept: Vec<u8>,
    digests: Option<Digests>,
    found: Found,
}

#[derive(Default)]
struct Found {
    dm_id: Option<String>,
    hash_algorithm: Option<String>,
    hash: Option<Vec<u8>>,
    timestamp: Option<Vec<u8>>,
    delivery_time: Option<i64>,
    acceptance_time: Option<i64>,
    status: Option<u8>,
    event_time: Option<i64>,
    event_description: Option<String>,
    events: Vec<SealedEvent>,
    envelope: Vec<(&'static str, String)>,
    files: Vec<SealedFile>,
    file_count: u64,
    /// Letters of base64 in the file that is open, white space and padding left out; none before its content.
    letters: Option<u64>,
}

impl Default for SealedContentReader {
    fn default() -> Self {
        Self::new()
    }
}

impl SealedContentReader {
    /// A reader before its first byte.
    pub fn new() -> Self {
        Self {
            markup: Markup::default(),
            open: Vec::new(),
            namespaces: NamespaceResolver::default(),
            kind: None,
            seen: Vec::new(),
            kept: Vec::new(),
            digests: None,
            found: Found::default(),
        }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// As soon as the bytes cannot be a sealed document; the reader must not be used afterwards.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<(), SealedContentError> {
        while !bytes.is_empty() {
            if self.markup.is_empty() {
                let end = memchr::memchr(b'<', bytes).unwrap_or(bytes.len());
                let (text, rest) = bytes.split_at(end);
                self.take_text(text)?;
                bytes = rest;
                if let Some((&first, rest)) = bytes.split_first() {
                    self.markup.push(first)?;
                    bytes = rest;
                }
                continue;
            }
            let Some((&byte, rest)) = bytes.split_first() else {
                break;
            };
            bytes = rest;
            if self.markup.push(byte)? {
                let markup = self.markup.take();
                self.take_markup(&markup)?;
                self.markup.reuse(markup);
            }
        }
        Ok(())
    }

    /// Ends the document.
    ///
    /// # Errors
    /// When it is incomplete.
    pub fn finish(self) -> Result<SealedContent, SealedContentError> {
        use SealedContentError::Missing;
        let (Some(kind), true, true) = (self.kind, self.open.is_empty(), self.markup.is_empty()) else {
            return Err(SealedContentError::Truncated);
        };
        let found = self.found;
        let digests = self.digests.ok_or(Missing("dmDm"))?;
        let hash_algorithm = found.hash_algorithm.ok_or(Missing("dmHash"))?;
        let computed_hash = match kind {
            SealedKind::Received | SealedKind::Sent => digests.of(&hash_algorithm),
            SealedKind::DeliveryInfo => None,
        };
        Ok(SealedContent {
            kind,
            dm_id: found.dm_id.ok_or(Missing("dmID"))?,
            hash: found.hash.ok_or(Missing("dmHash"))?,
            hash_algorithm,
            computed_hash,
            timestamp: found.timestamp,
            delivery_time: found.delivery_time,
            acceptance_time: found.acceptance_time,
            status: found.status.ok_or(Missing("dmMessageStatus"))?,
            envelope: found.envelope,
            files: found.files,
            file_count: found.file_count,
            events: found.events,
        })
    }

    fn node(&self) -> Option<Node> {
        self.open.last().map(|(_, node)| *node)
    }

    fn in_message(&self) -> bool {
        self.open.iter().any(|(_, node)| *node == Node::Message)
    }

    fn take_text(&mut self, text: &[u8]) -> Result<(), SealedContentError> {
        if text.is_empty() {
            return Ok(());
        }
        if self.in_message()
            && let Some(digests) = &mut self.digests
        {
            digests.update(text);
        }
        let Some(node) = self.node() else {
            // Around the root only white space may stand. A byte order mark would be the only exception, and the real system writes none.
            let blank = text.iter().all(u8::is_ascii_whitespace);
            return if blank {
                Ok(())
            } else {
                Err(SealedContentError::Malformed("text outside the root element"))
            };
        };
        self.keep(node, text)
    }

    fn keep(&mut self, node: Node, text: &[u8]) -> Result<(), SealedContentError> {
        if let (Node::FileContent, Some(letters)) = (node, &mut self.found.letters) {
            let counts = |octet: &&u8| !octet.is_ascii_whitespace() && **octet != b'=';
            *letters += text.iter().filter(counts).count() as u64;
        }
        if node.keeps() == 0 {
            return Ok(());
        }
        if self.kept.len() + text.len() > node.keeps() {
            return Err(SealedContentError::TooLarge(node.name()));
        }
        self.kept.extend_from_slice(text);
        Ok(())
    }

    fn take_markup(&mut self, markup: &[u8]) -> Result<(), SealedContentError> {
        let before = self.in_message();
        let during = self.apply_markup(&markup[1..markup.len() - 1])?;
        // From the `<` of the start tag of `dmDm` to the `>` of its end tag.
        if let (true, Some(digests)) = (before || during, &mut self.digests) {
            digests.update(markup);
        }
        Ok(())
    }

    /// Takes what stands between `<` and `>`; answers whether `dmDm` is open after it, or was opened and closed by it.
    fn apply_markup(&mut self, inner: &[u8]) -> Result<bool, SealedContentError> {
        match inner.first() {
            Some(b'?') => self.processing_instruction(inner)?,
            Some(b'!') => {
                if let Some(cdata) = inner
                    .strip_prefix(b"![CDATA[")
                    .and_then(|rest| rest.strip_suffix(b"]]"))
                {
                    let node = self
                        .node()
                        .ok_or(SealedContentError::Malformed("text outside the root element"))?;
                    // What stands in a CDATA section is literal, and a kept value is unescaped as a whole when it ends.
                    self.keep(node, text(cdata)?.replace('&', "&amp;").as_bytes())?;
                }
            }
            Some(b'/') => self.end_tag(text(&inner[1..])?.trim_end())?,
            _ => {
                let (tag, is_empty) = match inner.strip_suffix(b"/") {
                    Some(tag) => (text(tag)?, true),
                    None => (text(inner)?, false),
                };
                let name = self.start_tag(tag)?;
                let during = self.in_message();
                if is_empty {
                    self.end_tag(name)?;
                }
                return Ok(during);
            }
        }
        Ok(self.in_message())
    }

    fn processing_instruction(&mut self, inner: &[u8]) -> Result<(), SealedContentError> {
        let declaration = inner
            .strip_prefix(b"?xml")
            .filter(|rest| rest.first().is_some_and(u8::is_ascii_whitespace));
        let Some(declaration) = declaration else { return Ok(()) };
        let declaration = text(declaration)?.to_ascii_lowercase();
        let names_utf8 = declaration.contains("\"utf-8\"") || declaration.contains("'utf-8'");
        if declaration.contains("encoding") && !names_utf8 {
            Err(SealedContentError::Encoding)
        } else {
            Ok(())
        }
    }

    fn start_tag<'t>(&mut self, tag: &'t str) -> Result<&'t str, SealedContentError> {
        if self.open.len() == MAX_DEPTH {
            return Err(SealedContentError::TooDeep);
        }
        if self.open.is_empty() && self.kind.is_some() {
            return Err(SealedContentError::Malformed("a second root element"));
        }
        if self.node().is_some_and(|node| node.keeps() > 0) {
            return Err(SealedContentError::Malformed("an element inside a simple value"));
        }
        let name_length = tag
            .find(|letter: char| letter.is_ascii_whitespace())
            .unwrap_or(tag.len());
        let name = &tag[..name_length];
        if name.is_empty() || name.contains(['"', '\'', '=', '/', '&']) {
            return Err(SealedContentError::Malformed("name of an element"));
        }
        let start = BytesStart::from_content(tag, name_length);
        if start.attributes().any(|attribute| attribute.is_err()) {
            return Err(SealedContentError::Malformed("attributes"));
        }
        self.namespaces
            .push(&start)
            .map_err(|_| SealedContentError::Malformed("namespace declaration"))?;
        let node = {
            let (namespace, local) = self.namespaces.resolve_element(QName(name));
            let namespace = match namespace {
                ResolveResult::Bound(namespace) => namespace.0,
                ResolveResult::Unbound => "",
                ResolveResult::Unknown(_) => return Err(SealedContentError::Malformed("undeclared prefix")),
            };
            match (self.open.last(), self.kind) {
                (Some((_, parent)), Some(kind)) => parent.child(kind, namespace, local.as_ref()),
                _ => {
                    let kind = SealedKind::ALL
                        .into_iter()
                        .find(|kind| kind.namespace() == namespace && kind.root() == local.as_ref())
                        .ok_or(SealedContentError::OtherDocument)?;
                    self.kind = Some(kind);
                    Node::Root
                }
            }
        };
        self.open_node(node, &start)?;
        self.open.push((name.to_owned(), node));
        Ok(name)
    }

    fn open_node(&mut self, node: Node, start: &BytesStart<'_>) -> Result<(), SealedContentError> {
        self.kept.clear();
        match node {
            Node::Other => return Ok(()),
            Node::Event => {
                if self.found.events.len() == MAX_EVENTS {
                    return Err(SealedContentError::TooLarge("dmEvents"));
                }
                self.seen
                    .retain(|seen| !matches!(seen, Node::EventTime | Node::EventDescription));
                return Ok(());
            }
            Node::Message => self.digests = Some(Digests::default()),
            Node::File => {
                self.open_file(start);
                return Ok(());
            }
            Node::FileContent => {
                self.found.letters = Some(0);
                return Ok(());
            }
            Node::Hash => {
                let algorithm = start.try_get_attribute("algorithm").ok().flatten();
                let algorithm = algorithm
                    .map(|attribute| attribute.value)
                    .ok_or(SealedContentError::Missing("dmHash/@algorithm"))?;
                if algorithm.is_empty() || algorithm.len() > 32 {
                    return Err(SealedContentError::Value("dmHash/@algorithm"));
                }
                self.found.hash_algorithm = Some(algorithm.into_owned());
            }
            _ => {}
        }
        // Two of them would leave open which one is meant, and another reader might take the other.
        if self.seen.contains(&node) {
            return Err(SealedContentError::Duplicate(node.name()));
        }
        self.seen.push(node);
        Ok(())
    }

    fn open_file(&mut self, start: &BytesStart<'_>) {
        let attribute = |name: &str| {
            let found = start.try_get_attribute(name).ok().flatten()?;
            // What cannot be resolved is shown as it stands.
            let value = unescape(&found.value).unwrap_or(std::borrow::Cow::Borrowed(&found.value));
            Some(value.chars().take(MAX_ATTRIBUTE).collect::<String>())
        };
        self.found.file_count += 1;
        self.found.letters = None;
        if self.found.files.len() < MAX_FILES {
            self.found.files.push(SealedFile {
                file_name: attribute("dmFileDescr").unwrap_or_default(),
                mime_type: attribute("dmMimeType").unwrap_or_default(),
                meta_type: attribute("dmFileMetaType").unwrap_or_default(),
                bytes: None,
            });
        }
    }

    fn close_file(&mut self) {
        // Of the files that are only counted, nothing is told.
        if self.found.file_count == self.found.files.len() as u64
            && let Some(file) = self.found.files.last_mut()
        {
            file.bytes = self.found.letters.map(|letters| letters / 4 * 3 + letters % 4 * 3 / 4);
        }
        self.found.letters = None;
    }

    fn end_tag(&mut self, name: &str) -> Result<(), SealedContentError> {
        let (open, node) = self
            .open
            .pop()
            .ok_or(SealedContentError::Malformed("an end tag without a start"))?;
        if open != name {
            return Err(SealedContentError::Malformed("an end tag of another element"));
        }
        self.namespaces.pop();
        if self.open.len() == 1 && node != Node::Wrapper {
            return Err(SealedContentError::OtherDocument);
        }
        self.close_node(node)
    }

    fn close_node(&mut self, node: Node) -> Result<(), SealedContentError> {
        if node == Node::Event {
            let time = self
                .found
                .event_time
                .take()
                .ok_or(SealedContentError::Missing("dmEventTime"))?;
            let description = self
                .found
                .event_description
                .take()
                .ok_or(SealedContentError::Missing("dmEventDescr"))?;
            self.found.events.push(SealedEvent { time, description });
            return Ok(());
        }
        if node == Node::File {
            self.close_file();
        }
        if node.keeps() == 0 {
            return Ok(());
        }
        let raw = text(&self.kept).map_err(|_| SealedContentError::Value(node.name()))?;
        let unescaped = unescape(raw)
            .map_err(|_| SealedContentError::Value(node.name()))?
            .into_owned();
        self.kept.clear();
        let value = unescaped.trim();
        if value.is_empty() {
            // Nil, empty and missing mean the same in these schemas.
            return Ok(());
        }
        let wrong = || SealedContentError::Value(node.name());
        let base64 = |value: &str| base64_simd::forgiving_decode_to_vec(value.as_bytes()).map_err(|_| wrong());
        let time = |value: &str| {
            value
                .parse::<jiff::Timestamp>()
                .map(jiff::Timestamp::as_microsecond)
                .map_err(|_| wrong())
        };
        let found = &mut self.found;
        match node {
            Node::MessageId => found.dm_id = Some(value.to_owned()),
            Node::Envelope(name) => found.envelope.push((name, value.to_owned())),
            Node::Hash => found.hash = Some(base64(value)?),
            Node::Timestamp => found.timestamp = Some(base64(value)?),
            Node::DeliveryTime => found.delivery_time = Some(time(value)?),
            Node::AcceptanceTime => found.acceptance_time = Some(time(value)?),
            Node::Status => {
                let status = value.parse().ok().filter(|status| (1..=10).contains(status));
                found.status = Some(status.ok_or_else(wrong)?);
            }
            Node::EventTime => found.event_time = Some(time(value)?),
            Node::EventDescription => found.event_description = Some(value.to_owned()),
            Node::Root
            | Node::Wrapper
            | Node::Message
            | Node::Files
            | Node::File
            | Node::FileContent
            | Node::Events
            | Node::Event
            | Node::Other => {}
        }
        Ok(())
    }
}

fn text(bytes: &[u8]) -> Result<&str, SealedContentError> {
    std::str::from_utf8(bytes).map_err(|_| SealedContentError::Encoding)
}
