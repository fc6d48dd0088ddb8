//! Marks around the words of an answer that were found.

use super::SearchedWord;
use super::words::{terms_of_word, words};

/// What stands before a marked word (manual V 2.2).
pub const HIGHLIGHT_START: &str = "|$*HL_START*$|";
/// What stands after a marked word.
pub const HIGHLIGHT_END: &str = "|$*HL_END*$|";

/// The text with marks around each of its words that was searched for.
#[must_use]
pub fn highlight(text: &str, searched: &[SearchedWord]) -> String {
    let mut marked = String::with_capacity(text.len() + 64);
    let mut done = 0;
    for word in words(text) {
        let fits = terms_of_word(&word.text).any(|term| searched.iter().any(|s| s.terms.contains(&term)));
        if fits {
            marked.push_str(&text[done..word.start]);
            marked.push_str(HIGHLIGHT_START);
            marked.push_str(&text[word.start..word.end]);
            marked.push_str(HIGHLIGHT_END);
            done = word.end;
        }
    }
    marked.push_str(&text[done..]);
    marked
}
