//! The letter of a bulk message: a text that becomes an attachment.

use serde::{Deserialize, Serialize};

use crate::text::clean;

/// What the letter is sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum LetterForm {
    /// Plain text in UTF-8, with the mark by which old programs know it.
    #[default]
    Text,
    /// A page of HTML without anything from elsewhere.
    Html,
    /// No letter: the files say it all.
    None,
}

/// A letter with everything filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Name of the file.
    pub file_name: String,
    /// Its MIME type.
    pub mime_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Characters that file names cannot have somewhere.
const NOT_IN_NAMES: &[char] = &['/', '\\', ':', '*', '?', '"', '<', '>', '|'];

impl LetterForm {
    /// The letter `body` called `name`; none where there is to be none.
    #[must_use]
    pub fn write(self, name: &str, subject: &str, body: &str) -> Option<Letter> {
        let (suffix, mime_type, bytes) = match self {
            Self::None => return None,
            Self::Text => ("txt", "text/plain", text(body)),
            Self::Html => ("html", "text/html", html(subject, body)),
        };
        let name = clean(name).replace(NOT_IN_NAMES, "_");
        let name = name.trim().trim_matches('.');
        let known = name.to_lowercase().ends_with(&format!(".{suffix}"));
        let file_name = match name {
            "" => format!("dopis.{suffix}"),
            name if known => name.to_owned(),
            name => format!("{name}.{suffix}"),
        };
        Some(Letter {
            file_name,
            mime_type,
            bytes,
        })
    }
}

/// Lines as every program ends them.
fn text(body: &str) -> Vec<u8> {
    let mut text = String::from("\u{FEFF}");
    for line in body.lines() {
        text.push_str(&clean(line));
        text.push_str("\r\n");
    }
    text.into_bytes()
}

/// Paragraphs between empty lines.
fn html(subject: &str, body: &str) -> Vec<u8> {
    let mut page = String::from("<!DOCTYPE html>\n<html lang=\"cs\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
    escape(&clean(subject), &mut page);
    page.push_str("</title>\n</head>\n<body>\n");
    let body: Vec<_> = body.lines().map(clean).collect();
    for paragraph in body.split(|line| line.trim().is_empty()).filter(|p| !p.is_empty()) {
        page.push_str("<p>");
        for (at, line) in paragraph.iter().enumerate() {
            if at > 0 {
                page.push_str("<br>\n");
            }
            escape(line, &mut page);
        }
        page.push_str("</p>\n");
    }
    page.push_str("</body>\n</html>\n");
    page.into_bytes()
}

fn escape(text: &str, into: &mut String) {
    for character in text.chars() {
        match character {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            '\'' => into.push_str("&#39;"),
            other => into.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_cannot_become_markup() {
        let letter = LetterForm::Html
            .write(
                "dopis",
                "<b>",
                "Vážený <script>alert('1')</script>\n\ndruhý & odstavec\ndruhý řádek",
            )
            .unwrap();
        let page = String::from_utf8(letter.bytes).unwrap();
        assert!(!page.contains("<script>") && !page.contains("<b>"));
        assert!(page.contains("<p>Vážený &lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;</p>"));
        assert!(page.contains("<p>druhý &amp; odstavec<br>\ndruhý řádek</p>"));
    }

    #[test]
    fn names_of_letters() {
        let name = |form: LetterForm, name: &str| form.write(name, "", "").unwrap().file_name;
        assert_eq!(name(LetterForm::Text, ""), "dopis.txt");
        assert_eq!(name(LetterForm::Text, "../výzva č. 5/2026"), "_výzva č. 5_2026.txt");
        assert_eq!(name(LetterForm::Html, "Výzva.HTML"), "Výzva.HTML");
        assert_eq!(name(LetterForm::Text, "a\u{202E}txt.exe"), "atxt.exe.txt");
        assert_eq!(LetterForm::None.write("x", "", ""), None);
    }

    #[test]
    fn a_text_has_its_mark_and_its_lines() {
        let letter = LetterForm::Text.write("a", "", "první\ndruhý\r\n").unwrap();
        assert_eq!(letter.bytes, "\u{FEFF}první\r\ndruhý\r\n".as_bytes());
    }
}
