//! Writing XML the way the real system does: no white space between elements, one prefix at a time, absent values as
//! `<p:x xsi:nil="true"></p:x>`.

use std::fmt::{self, Display, Write};

/// Writes elements into memory. Element names carry the current prefix; `xsi` must be declared on the root.
#[derive(Debug, Clone)]
pub struct Writer {
    out: Vec<u8>,
    prefix: &'static str,
}

impl Writer {
    /// A writer whose elements have this prefix, or none where it is empty.
    #[must_use]
    pub fn new(prefix: &'static str) -> Self {
        Self {
            out: Vec::with_capacity(1024),
            prefix,
        }
    }

    /// From here on, elements have this prefix.
    pub fn set_prefix(&mut self, prefix: &'static str) {
        self.prefix = prefix;
    }

    /// Adds bytes as they are.
    pub fn raw(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.out.extend_from_slice(bytes.as_ref());
        self
    }

    fn name(&mut self, name: &str) -> &mut Self {
        if !self.prefix.is_empty() {
            self.raw(self.prefix).raw(":");
        }
        self.raw(name)
    }

    /// Start tag without attributes.
    pub fn start(&mut self, name: &str) -> &mut Self {
        self.raw("<").name(name).raw(">")
    }

    /// Start tag with attributes, whose names are written as they are.
    pub fn start_with(&mut self, name: &str, attributes: &[(&str, &str)]) -> &mut Self {
        self.raw("<").name(name);
        for (attribute, value) in attributes {
            self.raw(" ").raw(attribute).raw("=\"");
            // Writing into memory does not fail.
            let _ = Escaped {
                out: &mut self.out,
                attribute: true,
            }
            .write_str(value);
            self.raw("\"");
        }
        self.raw(">")
    }

    /// End tag.
    pub fn end(&mut self, name: &str) -> &mut Self {
        self.raw("</").name(name).raw(">")
    }

    /// Escaped text.
    pub fn text(&mut self, value: impl Display) -> &mut Self {
        // Writing into memory fails only where `Display` itself does, and none of those written here does.
        let _ = write!(
            Escaped {
                out: &mut self.out,
                attribute: false
            },
            "{value}"
        );
        self
    }

    /// Element with a value.
    pub fn element(&mut self, name: &str, value: impl Display) -> &mut Self {
        self.start(name).text(value).end(name)
    }

    /// Element with a value, nil where there is none.
    pub fn nillable(&mut self, name: &str, value: Option<impl Display>) -> &mut Self {
        match value {
            Some(value) => self.element(name, value),
            None => self.raw("<").name(name).raw(" xsi:nil=\"true\">").end(name),
        }
    }

    /// Element with bytes in base64 on one line.
    pub fn base64(&mut self, name: &str, bytes: &[u8]) -> &mut Self {
        self.start(name).base64_text(bytes).end(name)
    }

    /// Bytes in base64 on one line.
    pub fn base64_text(&mut self, bytes: &[u8]) -> &mut Self {
        base64_simd::STANDARD.encode_append(bytes, &mut self.out);
        self
    }

    /// What was written.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.out
    }
}

/// Replaces what cannot stand in text or in an attribute. Characters that XML 1.0 does not have are left out: a document
/// with one of them could not be read by anybody.
struct Escaped<'a> {
    out: &'a mut Vec<u8>,
    attribute: bool,
}

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // 0xEF begins U+FFFE and U+FFFF, which XML does not have.
        if !text
            .bytes()
            .any(|b| b < b' ' || b == 0xEF || matches!(b, b'&' | b'<' | b'>' | b'"'))
        {
            self.out.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        let mut utf8 = [0; 4];
        for character in text.chars() {
            let replacement = match character {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                // A reader turns a bare one into a line feed.
                '\r' => "&#13;",
                '"' if self.attribute => "&quot;",
                // A reader turns bare ones in an attribute into spaces.
                '\n' if self.attribute => "&#10;",
                '\t' if self.attribute => "&#9;",
                '\n' | '\t' => character.encode_utf8(&mut utf8),
                '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => "",
                other => other.encode_utf8(&mut utf8),
            };
            self.out.extend_from_slice(replacement.as_bytes());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_would_not_come_back() {
        let mut writer = Writer::new("p");
        writer.element("a", "<&>\"'\r\n\t\u{1}\u{FFFE}ž😀");
        writer.start_with("b", &[("x", "<&>\"'\r\n\t\u{1}ž")]).end("b");
        assert_eq!(
            String::from_utf8(writer.finish()).unwrap(),
            "<p:a>&lt;&amp;&gt;\"'&#13;\n\tž😀</p:a><p:b x=\"&lt;&amp;&gt;&quot;'&#13;&#10;&#9;ž\"></p:b>"
        );
    }

    #[test]
    fn writes_nil_as_the_real_system() {
        let mut writer = Writer::new("p");
        writer
            .nillable("x", None::<&str>)
            .nillable("y", Some(5))
            .base64("z", b"ab");
        assert_eq!(
            writer.finish(),
            b"<p:x xsi:nil=\"true\"></p:x><p:y>5</p:y><p:z>YWI=</p:z>"
        );
    }
}
