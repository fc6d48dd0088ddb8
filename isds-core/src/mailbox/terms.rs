//! Under which terms a message is found in a list.
//!
//! Words are folded by case and diacritics and compared by their beginnings. Words of attachments begin with a mark of
//! their own, since not everybody who sees a list may read the messages in it. Terms that are no words begin with `#`.

use std::collections::BTreeSet;

use crate::envelope::{Envelope, MessageKind};
use crate::ids::BoxId;
use crate::message::SideOf;
use crate::ports::MessageRecord;
use crate::search::{folded, words};
use crate::text::fold_case;

use super::KindGroup;

/// Mark of the words of attachments.
pub(crate) const CONTENT: char = '*';

/// Longest term, in characters; words are compared up to here.
const MAX_TERM: usize = 32;
/// Most different words of the attachments of one message.
const MAX_CONTENT_TERMS: usize = 3_000;
/// Most words that a search may name.
const MAX_WORDS: usize = 10;

/// Whether a term stands for a word of an attachment.
#[must_use]
pub fn is_content_term(term: &str) -> bool {
    term.starts_with(CONTENT)
}

fn plain(word: &str) -> String {
    if word.is_ascii() {
        return word.chars().take(MAX_TERM).collect();
    }
    folded(word).chars().take(MAX_TERM).collect()
}

/// The different words of what somebody searches for, as beginnings of terms.
#[must_use]
pub fn search_prefixes(text: &str) -> Vec<String> {
    let mut prefixes: Vec<String> = Vec::new();
    for word in words(text).take(4 * MAX_WORDS) {
        let prefix = plain(&word.text);
        if !prefix.is_empty() && !prefixes.contains(&prefix) && prefixes.len() < MAX_WORDS {
            prefixes.push(prefix);
        }
    }
    prefixes
}

pub(super) fn counterpart(envelope: &Envelope, side: SideOf) -> BoxId {
    match side {
        SideOf::Recipient => envelope.sender,
        SideOf::Sender => envelope.recipient,
    }
}

pub(super) fn counterpart_name(envelope: &Envelope, side: SideOf) -> &str {
    match side {
        SideOf::Recipient => &envelope.sender_name,
        SideOf::Sender => &envelope.recipient_name,
    }
}

pub(crate) fn counterpart_term(id: BoxId) -> String {
    format!("#c:{id}")
}

pub(crate) fn personal_term() -> String {
    "#p".to_owned()
}

pub(crate) fn kind_term(group: KindGroup) -> String {
    let name = match group {
        KindGroup::Public => "v",
        KindGroup::Postal => "pdz",
        KindGroup::System => "s",
        KindGroup::Large => "big",
    };
    format!("#k:{name}")
}

/// The term of a reference number or file mark: whatever its case and spaces.
#[must_use]
pub fn reference_term(reference: &str) -> Option<String> {
    let text: String = fold_case(reference).split_whitespace().collect();
    (!text.is_empty()).then(|| format!("#r:{text}"))
}

/// Reference numbers and file marks of a message, its sender's and its recipient's.
pub fn references(envelope: &Envelope) -> impl Iterator<Item = &str> {
    let draft = &envelope.draft;
    [
        &draft.sender_ref_number,
        &draft.sender_ident,
        &draft.recipient_ref_number,
        &draft.recipient_ident,
    ]
    .into_iter()
    .filter_map(|text| text.as_deref())
    .filter(|text| !text.trim().is_empty())
}

/// Words of what a list shows of a message, folded; some may come twice.
pub(super) fn envelope_words(record: &MessageRecord, side: SideOf) -> Vec<String> {
    let envelope = &record.envelope;
    let draft = &envelope.draft;
    let other = counterpart(envelope, side);
    let (number, other_id) = (record.id.to_string(), other.to_string());
    let texts = [
        draft.annotation.as_deref().unwrap_or_default(),
        counterpart_name(envelope, side),
        draft.to_hands.as_deref().unwrap_or_default(),
        draft.sender_org_unit.as_deref().unwrap_or_default(),
        draft.recipient_org_unit.as_deref().unwrap_or_default(),
        &number,
        &other_id,
    ];
    texts
        .into_iter()
        .chain(references(envelope))
        .flat_map(words)
        .map(|word| plain(&word.text))
        .filter(|term| !term.is_empty())
        .collect()
}

/// Terms of what a list shows of a message.
#[must_use]
pub fn envelope_terms(record: &MessageRecord, side: SideOf) -> BTreeSet<String> {
    let envelope = &record.envelope;
    let other = counterpart(envelope, side);
    let mut terms: BTreeSet<String> = envelope_words(record, side).into_iter().collect();
    terms.extend(references(envelope).filter_map(reference_term));
    terms.insert(counterpart_term(other));
    if envelope.personal_delivery() {
        terms.insert(personal_term());
    }
    terms.insert(kind_term(match record.kind {
        MessageKind::System => KindGroup::System,
        kind if kind.is_postal() => KindGroup::Postal,
        _ => KindGroup::Public,
    }));
    if record.large {
        terms.insert(kind_term(KindGroup::Large));
    }
    terms
}

/// Terms of texts that only readers of the message may find it by: names and text of attachments.
#[must_use]
pub fn content_terms<'a>(texts: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    for word in texts.flat_map(words) {
        let word = plain(&word.text);
        if !word.is_empty() && terms.len() < MAX_CONTENT_TERMS {
            terms.insert(format!("{CONTENT}{word}"));
        }
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches_are_folded_and_bounded() {
        assert_eq!(search_prefixes("Žluťoučký KŮŇ kun"), ["zlutoucky", "kun"]);
        assert_eq!(search_prefixes("č. j. MV-123/2026"), ["cj", "mv", "123", "2026"]);
        assert_eq!(search_prefixes("  \u{0}%_*#c:mesta2j "), ["c", "mesta2j"]);
        let many: Vec<String> = (0..50).map(|n| format!("slovo{n}")).collect();
        assert_eq!(search_prefixes(&many.join(" ")).len(), MAX_WORDS);
        assert_eq!(search_prefixes(&"a".repeat(500))[0].len(), MAX_TERM);
    }

    #[test]
    fn references_are_compared_without_case_and_spaces() {
        assert_eq!(reference_term("MV- 123 /2026"), reference_term("mv-123/2026"));
        assert_eq!(reference_term("  "), None);
    }

    #[test]
    fn words_of_attachments_are_marked_and_bounded() {
        let terms = content_terms(["Příloha č. 1.pdf", "text"].into_iter());
        assert!(terms.contains("*priloha") && terms.contains("*text"), "{terms:?}");
        let long: String = (0..10_000).map(|n| format!("w{n} ")).collect();
        assert_eq!(content_terms([long.as_str()].into_iter()).len(), MAX_CONTENT_TERMS);
    }
}
