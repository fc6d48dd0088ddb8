//! Search by free text: what counts as a word, when two words are forms of one, and what of a found text is marked.
//!
//! The same functions make the rows of the index, the terms of a query and the marks of an answer, so the three cannot
//! disagree. [`ANALYSIS_VERSION`] grows whenever they would make other rows of the same box.

mod highlight;
mod stem;
mod trigrams;
mod words;

pub use highlight::{HIGHLIGHT_END, HIGHLIGHT_START, highlight};
pub use trigrams::trigrams;
pub use words::{Term, Word, folded, terms_of_word, words};

use crate::data_box::DataBox;
use crate::ids::BoxId;
use crate::text::fold_case;

/// Version of the analysis. A box whose index rows were made by another one is indexed anew.
pub const ANALYSIS_VERSION: i16 = 1;

/// Most words of one box that are indexed; longer names exist, but nobody searches by their two hundredth word.
const MAX_WORDS: usize = 200;

/// Where a word of a box stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// In the name of the holder.
    Name,
    /// In the address.
    Address,
}

/// A term under which a box is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IndexedTerm {
    /// Stem.
    pub term: Term,
    /// Where the word stands.
    pub place: Place,
}

/// What the index holds of one box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedBox {
    /// Box.
    pub id: BoxId,
    /// Its terms, each once, in order.
    pub terms: Vec<IndexedTerm>,
    /// Trigrams of the name of the firm in lower case, by which FindDataBox2 finds parts of it.
    pub firm_parts: Vec<String>,
    /// Number of words of the name: the more of them a search names, the better it fits.
    pub name_words: u16,
}

impl IndexedBox {
    /// The terms of a box: of the name as answers show it, and of the address with the part of the municipality, which
    /// the address on one line leaves out.
    #[must_use]
    pub fn of(data_box: &DataBox) -> Self {
        let name = data_box.holder_name();
        let address = data_box.address.one_line();
        let district = data_box.address.district.as_deref().unwrap_or_default();
        let mut terms = Vec::new();
        let mut name_words = 0;
        for (place, text) in [
            (Place::Name, name.as_str()),
            (Place::Address, address.as_str()),
            (Place::Address, district),
        ] {
            for word in words(text).take(MAX_WORDS) {
                if place == Place::Name {
                    name_words += 1;
                }
                terms.extend(terms_of_word(&word.text).map(|term| IndexedTerm { term, place }));
            }
        }
        terms.sort_unstable();
        terms.dedup();
        Self {
            id: data_box.id,
            terms,
            firm_parts: trigrams(&fold_case(data_box.firm_name.as_deref().unwrap_or_default())),
            name_words,
        }
    }
}

/// Part of a box in which words are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// Name or address.
    Anywhere,
    /// The name alone.
    Name,
    /// The address alone.
    Address,
}

/// One word of a query: a box fits where it holds any of the terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchedWord {
    /// Terms, the one with diacritics first.
    pub terms: Vec<Term>,
}

/// The different words of a text to search for.
///
/// A word written with diacritics is looked for with them. One without is looked for both ways: that is the one
/// direction in which the search forgives (manual V 2.2).
#[must_use]
pub fn searched_words(text: &str) -> Vec<SearchedWord> {
    let mut found: Vec<SearchedWord> = Vec::new();
    for word in words(text) {
        let plain = folded(&word.text) == word.text;
        let terms = terms_of_word(&word.text).filter(|term| plain || !term.folded).collect();
        let word = SearchedWord { terms };
        if !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

#[cfg(test)]
mod tests;
