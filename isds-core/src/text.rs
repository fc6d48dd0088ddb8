//! Cleaning of text that callers send (manual M 1.3.4).

use std::borrow::Cow;

/// What becomes of one character.
enum Fate {
    Keep,
    Space,
    Drop,
}

/// The manual prints the range of dropped control characters as U+0079–U+009F; U+0079 is the letter `y`, so it is read
/// as U+007F. The control characters below the space, other than tabulator and line ends, cannot stand in XML 1.0 at
/// all and are dropped as well.
fn fate(character: char) -> Fate {
    match character {
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{202F}' | '\u{00A0}' => Fate::Space,
        '\u{0000}'..='\u{001F}'
        | '\u{007F}'..='\u{009F}'
        | '\u{00AD}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2061}'..='\u{206F}'
        | '\u{FFFE}'
        | '\u{FFFF}' => Fate::Drop,
        _ => Fate::Keep,
    }
}

/// Cleans one input string: white space of all kinds becomes a space, invisible and direction-changing characters go.
/// `<` and `>` are kept, as the manual says.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| matches!(fate(c), Fate::Keep)) {
        return Cow::Borrowed(text);
    }
    let cleaned = text.chars().filter_map(|c| match fate(c) {
        Fate::Keep => Some(c),
        Fate::Space => Some(' '),
        Fate::Drop => None,
    });
    Cow::Owned(cleaned.collect())
}

/// The first `limit` characters of `text`.
#[must_use]
pub fn truncate(text: &str, limit: usize) -> &str {
    match text.char_indices().nth(limit) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

/// Lower case, for comparisons that do not distinguish it.
#[must_use]
pub fn fold_case(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleans_as_the_manual_says() {
        assert_eq!(clean("a\tb\r\nc\u{A0}d\u{202F}e"), "a b  c d e");
        assert_eq!(clean("x\u{200B}\u{AD}\u{202E}\u{2066}\u{7F}\u{85}y"), "xy");
        assert_eq!(clean("yz <Žluťoučký> kůň"), "yz <Žluťoučký> kůň");
        assert!(matches!(clean("nic k čištění"), Cow::Borrowed(_)));
    }

    #[test]
    fn truncates_by_characters() {
        assert_eq!(truncate("žluť", 2), "žl");
        assert_eq!(truncate("žluť", 9), "žluť");
    }
}
