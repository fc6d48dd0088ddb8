//! Keeping an element as it was written, so that it can stand in another document.

use std::borrow::Cow;

use quick_xml::Writer;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{NamespaceResolver, PrefixDeclaration};

use super::ReadError;

/// Longest element that is kept, in bytes: `dmXMLContent` is made for forms, not for files.
pub const MAX_RECORDED: usize = 1024 * 1024;

/// Keeps the first element that comes by, with the namespace declarations that are in scope where it stands.
#[derive(Default)]
pub(super) struct Recorder {
    bytes: Vec<u8>,
    open: usize,
    done: bool,
}

impl Recorder {
    /// Looks at the next event.
    pub fn see(&mut self, event: &Event<'_>, resolver: &NamespaceResolver) -> Result<(), ReadError> {
        if self.done {
            return Ok(());
        }
        match event {
            Event::Start(start) if self.open == 0 => self.write(Event::Start(with_scope(start, resolver)))?,
            Event::Empty(start) if self.open == 0 => {
                self.done = true;
                self.write(Event::Empty(with_scope(start, resolver)))?;
            }
            _ if self.open == 0 => return Ok(()),
            event => self.write(event.borrow())?,
        }
        match event {
            Event::Start(_) => self.open += 1,
            Event::End(_) => {
                self.open -= 1;
                self.done = self.open == 0;
            }
            _ => {}
        }
        if self.bytes.len() > MAX_RECORDED {
            Err(ReadError::TokenTooLong)
        } else {
            Ok(())
        }
    }

    /// What was kept.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn write(&mut self, event: Event<'_>) -> Result<(), ReadError> {
        Writer::new(&mut self.bytes)
            .write_event(event)
            .map_err(|_| ReadError::Malformed("element"))
    }
}

/// The start tag with every declaration in scope; one that it has itself comes first in scope and is not repeated.
fn with_scope<'a>(start: &BytesStart<'a>, resolver: &NamespaceResolver) -> BytesStart<'a> {
    let mut whole = start.clone();
    for (prefix, namespace) in resolver.bindings() {
        let name = match prefix {
            PrefixDeclaration::Default => Cow::Borrowed("xmlns"),
            PrefixDeclaration::Named(prefix) => Cow::Owned(format!("xmlns:{prefix}")),
        };
        let declared = start
            .attributes()
            .flatten()
            .any(|attribute| attribute.key.as_ref() == name);
        if !declared {
            whole.push_attribute((&*name, namespace.0));
        }
    }
    whole
}
