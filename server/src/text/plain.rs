//! Text of a file that is text, whatever its encoding.

use encoding_rs::{Encoding, ISO_8859_2, UTF_8, WINDOWS_1250};

/// Letters that stand elsewhere in the two old Czech encodings: Š Ť Ž š ť ž.
const OF_WINDOWS: [u8; 6] = [0x8A, 0x8D, 0x8E, 0x9A, 0x9D, 0x9E];
const OF_ISO: [u8; 6] = [0xA9, 0xAB, 0xAE, 0xB9, 0xBB, 0xBE];

/// The text, without the tags of what is HTML or XML.
pub(super) fn text(file: &[u8]) -> String {
    // A byte order mark decides, if there is one.
    let (text, _, _) = encoding(file).decode(file);
    let begins = text.trim_start();
    if begins.starts_with('<') {
        without_tags(&text)
    } else {
        text.into_owned()
    }
}

fn encoding(file: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(file).is_ok() {
        return UTF_8;
    }
    let count = |letters: &[u8]| file.iter().filter(|byte| letters.contains(byte)).count();
    if count(&OF_ISO) > count(&OF_WINDOWS) {
        ISO_8859_2
    } else {
        WINDOWS_1250
    }
}

/// What stands between tags; a tag parts words.
fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len() / 2);
    let mut in_tag = false;
    for character in text.chars() {
        match character {
            '<' => {
                in_tag = true;
                plain.push(' ');
            }
            '>' if in_tag => in_tag = false,
            other if !in_tag => plain.push(other),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_encodings_are_guessed() {
        let words = "Příliš žluťoučký kůň úpěl ďábelské ódy. Šťastné žně.";
        assert_eq!(text(words.as_bytes()), words);
        for encoding in [WINDOWS_1250, ISO_8859_2] {
            assert_eq!(text(&encoding.encode(words).0), words, "{}", encoding.name());
        }
        let mut utf_16 = vec![0xFF, 0xFE];
        utf_16.extend(words.encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(text(&utf_16), words);
    }

    #[test]
    fn tags_are_left_out() {
        assert_eq!(
            text(b"<html><b>one</b><i>two</i>")
                .split_whitespace()
                .collect::<Vec<_>>(),
            ["one", "two"]
        );
        assert_eq!(text(b"1 < 2 and 3 > 2"), "1 < 2 and 3 > 2");
    }
}
