//! `Content-Type`, of a package and of a part (RFC 2045, section 5.1).

use super::{MtomError, XOP_MEDIA_TYPE};

/// Longest value that is looked at, in bytes.
const MAX_LENGTH: usize = 2 * 1024;
/// Most parameters.
const MAX_PARAMETERS: usize = 16;

/// A media type with its parameters.
///
/// Values that are not quoted may hold what RFC 2045 wants quoted: clients write `type=application/xop+xml` and
/// `start=<root>` as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType {
    essence: String,
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads a header's value; nothing where it is malformed, has a parameter with two values, or is too long.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        if value.len() > MAX_LENGTH {
            return None;
        }
        let (essence, mut rest) = value.split_once(';').unwrap_or((value, ""));
        let essence = essence.trim().to_ascii_lowercase();
        if !is_media_type(&essence) {
            return None;
        }
        let mut parameters: Vec<(String, String)> = Vec::new();
        loop {
            rest = rest.trim_start_matches([' ', '\t', ';']);
            if rest.is_empty() {
                return Some(Self { essence, parameters });
            }
            let (name, after) = rest.split_once('=')?;
            let name = name.trim().to_ascii_lowercase();
            let (value, after) = parameter_value(after.trim_start_matches([' ', '\t']))?;
            if !is_token(&name) {
                return None;
            }
            match parameters.iter().find(|(other, _)| *other == name) {
                // Some clients write the character set twice.
                Some((_, other)) if *other == value => {}
                None if parameters.len() < MAX_PARAMETERS => parameters.push((name, value)),
                Some(_) | None => return None,
            }
            rest = after;
        }
    }

    /// Whether it is this one (lower case), whatever its parameters.
    #[must_use]
    pub fn is(&self, essence: &str) -> bool {
        self.essence == essence
    }

    /// Whether it is a package of parts, of whatever kind.
    #[must_use]
    pub fn is_multipart(&self) -> bool {
        self.essence.starts_with("multipart/")
    }

    /// A parameter's value, by its name in lower case.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the text is in UTF-8, as all of the contract's is.
    #[must_use]
    pub fn is_utf8(&self) -> bool {
        self.parameter("charset")
            .is_none_or(|name| name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("us-ascii"))
    }
}

/// The value that stands here, and what follows it from the next `;` on.
fn parameter_value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, _) = text.split_once(';').unwrap_or((text, ""));
        return Some((value.trim_end().to_owned(), &text[value.len()..]));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => {
                let rest = quoted[at + 1..].trim_start_matches([' ', '\t']);
                return (rest.is_empty() || rest.starts_with(';')).then_some((value, rest));
            }
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

/// `type/subtype` of two tokens.
pub(super) fn is_media_type(text: &str) -> bool {
    text.split_once('/')
        .is_some_and(|(main, sub)| is_token(main) && is_token(sub))
}

/// RFC 2045, section 5.1.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&b))
}

/// What the `Content-Type` of a request says about its package (RFC 2387, section 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    pub(super) boundary: String,
    /// Name of the root part, without angle brackets.
    pub(super) start: Option<String>,
}

impl Related {
    /// Reads what it says.
    ///
    /// # Errors
    /// [`MtomError::OuterTypeSoap`], [`MtomError::OuterType`], [`MtomError::Boundary`].
    pub fn of(media_type: &MediaType) -> Result<Self, MtomError> {
        if !media_type.is("multipart/related") {
            return Err(MtomError::OuterType);
        }
        // Its own parameters may follow, as in `application/soap+xml; action=…`.
        let root = media_type.parameter("type").and_then(|value| value.split(';').next());
        match root.map(str::trim) {
            Some(root) if root.eq_ignore_ascii_case(XOP_MEDIA_TYPE) => {}
            Some(root) if root.eq_ignore_ascii_case("application/soap+xml") => return Err(MtomError::OuterTypeSoap),
            _ => return Err(MtomError::OuterType),
        }
        let boundary = media_type.parameter("boundary").filter(|text| is_boundary(text));
        Ok(Self {
            boundary: boundary.ok_or(MtomError::Boundary)?.to_owned(),
            start: media_type.parameter("start").map(|id| bare_id(id).to_owned()),
        })
    }
}

/// RFC 2046, section 5.1.1.
fn is_boundary(text: &str) -> bool {
    (1..=70).contains(&text.len())
        && !text.ends_with(' ')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&b))
}

/// A `Content-ID` without its angle brackets, which some clients leave out in `start`.
pub(super) fn bare_id(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('<')
        .and_then(|text| text.strip_suffix('>'))
        .unwrap_or(text)
}
