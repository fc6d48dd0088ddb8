//! Words of a text, and the terms that stand for them.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::stem::{Alphabet, stem};

/// Longest word that is looked at, in characters; what follows is cut on both sides of the comparison.
const MAX_WORD: usize = 64;

/// A word and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Lower case, composed (NFC).
    pub text: String,
    /// First byte in the text.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

/// The stem of a word, with its diacritics or folded. One of each kind stands for every word in the index.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term {
    /// Text of the stem.
    pub stem: String,
    /// Diacritics were left out before the stem was taken.
    pub folded: bool,
}

/// The two terms of a word.
pub fn terms_of_word(word: &str) -> impl Iterator<Item = Term> + use<> {
    [
        Term {
            stem: stem(word, Alphabet::Czech),
            folded: false,
        },
        Term {
            stem: stem(&folded(word), Alphabet::Folded),
            folded: true,
        },
    ]
    .into_iter()
}

/// A text without diacritics.
#[must_use]
pub fn folded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.nfd().filter(|character| !is_combining_mark(*character)) {
        match character {
            'ł' => plain.push('l'),
            'đ' => plain.push('d'),
            'ø' => plain.push('o'),
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            other => plain.push(other),
        }
    }
    plain
}

/// The words of a text, in order: runs of letters and digits. Single letters that follow each other are one word, so
/// that `s.r.o.`, `s. r. o.` and `sro` are the same; so are the two groups of a postal code.
pub fn words(text: &str) -> impl Iterator<Item = Word> {
    let mut runs = runs(text).peekable();
    std::iter::from_fn(move || {
        let mut word = runs.next()?;
        while let Some(next) = runs.next_if(|next| belongs_together(text, &word, next)) {
            word.text.push_str(&next.text);
            word.end = next.end;
        }
        Some(word)
    })
}

fn runs(text: &str) -> impl Iterator<Item = Word> {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (start, _) = rest.by_ref().find(|(_, character)| is_letter(*character))?;
        let mut end = text.len();
        while let Some((at, character)) = rest.peek() {
            if !is_letter(*character) {
                end = *at;
                break;
            }
            rest.next();
        }
        let text = text[start..end].to_lowercase().nfc().take(MAX_WORD).collect();
        Some(Word { text, start, end })
    })
}

/// A mark that is written after its letter belongs to the word as well.
fn is_letter(character: char) -> bool {
    character.is_alphanumeric() || is_combining_mark(character)
}

fn belongs_together(text: &str, word: &Word, next: &Word) -> bool {
    let between = &text[word.end..next.start];
    let digits = |word: &Word, count: usize| word.text.len() == count && word.text.bytes().all(|b| b.is_ascii_digit());
    if digits(word, 3) && digits(next, 2) {
        return between == " ";
    }
    let single = |word: &str| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
    };
    // What was put together so far has as many letters as its single ones.
    let abbreviation = single(&word.text)
        || text[word.start..word.end]
            .split(['.', ' '])
            .filter(|p| !p.is_empty())
            .all(single);
    abbreviation && single(&next.text) && between.chars().all(|c| matches!(c, '.' | ' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        words(text).map(|word| word.text).collect()
    }

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        assert_eq!(
            texts("Strojírny VZOR, Dlouhá 1117/7"),
            ["strojírny", "vzor", "dlouhá", "1117", "7"]
        );
        assert_eq!(texts(" .,;-– "), [""; 0]);
        assert_eq!(texts(""), [""; 0]);
        assert_eq!(texts("a"), ["a"]);
        assert_eq!(texts(&"x".repeat(100))[0].len(), 64);
    }

    #[test]
    fn abbreviations_are_one_word_however_they_are_written() {
        for text in ["Vzor s.r.o.", "Vzor, s. r. o.", "Vzor SRO", "vzor s r.o"] {
            assert_eq!(texts(text), ["vzor", "sro"], "{text}");
        }
        assert_eq!(texts("Vzorová banka, a.s."), ["vzorová", "banka", "as"]);
        assert_eq!(texts("dům dětí a mládeže"), ["dům", "dětí", "a", "mládeže"]);
        assert_eq!(texts("a, b"), ["a", "b"]);
    }

    #[test]
    fn a_postal_code_is_one_word() {
        assert_eq!(texts("664 51 Šlapanice"), ["66451", "šlapanice"]);
        assert_eq!(texts("66451"), ["66451"]);
        assert_eq!(texts("664, 51"), ["664", "51"]);
        assert_eq!(texts("1664 51"), ["1664", "51"]);
    }

    #[test]
    fn words_tell_where_they_stand() {
        let text = "Žluťoučký (kůň)";
        let found: Vec<_> = words(text).map(|word| &text[word.start..word.end]).collect();
        assert_eq!(found, ["Žluťoučký", "kůň"]);
    }

    #[test]
    fn decomposed_letters_are_the_same() {
        assert_eq!(texts("R\u{30C}eha\u{301}c\u{30C}ek"), ["řeháček"]);
        assert_eq!(
            folded("příliš žluťoučký kůň úpěl ďábelské ódy łß"),
            "prilis zlutoucky kun upel dabelske ody lss"
        );
    }
}
