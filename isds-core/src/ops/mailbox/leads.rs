//! What leads the walk to a page of a list: the narrowest of what was asked for that has an index.

use crate::error::Failure;
use crate::mailbox::{CONTENT, MailboxIndex, MailboxIndexId, MailboxList};
use crate::ports::Lead;
use crate::principal::Principal;
use crate::privileges::Privileges;

use super::super::Isds;
use super::list::View;

/// How far leads are counted before the narrowest is taken.
const FEW: u64 = 2_000;
/// Most terms that the beginning of a word is expanded to; one that begins more leads nothing.
const EXPANSIONS: u64 = 48;
/// Most words that are expanded, the longest of them: each costs as many questions as it has expansions, twice.
const EXPANDED_WORDS: usize = 4;
/// A word of fewer characters is expanded only where nothing else leads: it begins nearly everything.
const SHORT: usize = 3;
/// A lead with fewer messages than this is narrow enough: no other is looked for.
const NARROW: u64 = 100;
/// How far an index may lie behind the present before it is asked to go on, in legal seconds. It ends a minute behind by
/// itself.
const STALE_SECONDS: i64 = 90;

impl Isds {
    /// The lead with the fewest messages: of these, and of the words. None where there is none.
    pub(super) async fn narrowest(&self, view: &View<'_>, mut leads: Vec<Lead>) -> Result<Option<Lead>, Failure> {
        if view.prefixes.is_empty() && leads.len() < 2 {
            return Ok(leads.pop());
        }
        let mut narrowest: Option<(u64, Lead)> = None;
        let narrow = async |narrowest: &mut Option<(u64, Lead)>, lead: Lead| -> Result<(), Failure> {
            let count = self.store.count_candidates(view.list, &lead, FEW).await?;
            if narrowest.as_ref().is_none_or(|(fewest, _)| count < *fewest) {
                *narrowest = Some((count, lead));
            }
            Ok(())
        };
        for lead in leads {
            narrow(&mut narrowest, lead).await?;
        }
        for word in expanded_words(&view.prefixes) {
            let Some(index) = view.index else { break };
            let fewest = narrowest.as_ref().map_or(u64::MAX, |(fewest, _)| *fewest);
            if fewest < NARROW || (is_short(word) && fewest < u64::MAX) {
                break;
            }
            if let Some(lead) = self.lead_of_word(index.id, word, view.caller).await? {
                narrow(&mut narrowest, lead).await?;
            }
        }
        Ok(narrowest.map(|(_, lead)| lead))
    }

    /// The index of a list that is searched, which is asked to go on where it lies behind.
    pub(super) async fn searched_index(&self, list: MailboxList) -> Result<MailboxIndex, Failure> {
        let stale = self.clock.legal().plus_seconds(-STALE_SECONDS);
        match self.store.mailbox_index(list).await? {
            Some(index) if index.high.time > stale => Ok(index),
            _ => Ok(self.store.want_mailbox_index(list, self.clock.real()).await?),
        }
    }

    /// The terms that a word may stand for; none where there are too many.
    async fn lead_of_word(
        &self,
        index: MailboxIndexId,
        prefix: &str,
        caller: &Principal,
    ) -> Result<Option<Lead>, Failure> {
        let mut terms = self.store.expand_term(index, prefix, EXPANSIONS + 1).await?;
        if reads_content(caller) {
            let content = format!("{CONTENT}{prefix}");
            terms.extend(self.store.expand_term(index, &content, EXPANSIONS + 1).await?);
        }
        let few = terms.len() as u64 <= EXPANSIONS;
        Ok(few.then_some(Lead::Terms(index, terms)))
    }
}

/// The words that may lead, the longest first: the longer a word, the fewer messages it is likely to be in.
fn expanded_words(prefixes: &[String]) -> Vec<&str> {
    let mut words: Vec<&str> = prefixes.iter().map(String::as_str).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    words.truncate(EXPANDED_WORDS);
    words
}

fn is_short(word: &str) -> bool {
    word.chars().count() < SHORT
}

fn reads_content(caller: &Principal) -> bool {
    caller.privileges.may_read(false) || caller.privileges.allows(Privileges::CREATE_DM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_words_lead_and_only_a_few_of_them() {
        let words = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
        assert_eq!(
            expanded_words(&words("o na rozhodnuti stavba")),
            ["rozhodnuti", "stavba", "na", "o"]
        );
        assert_eq!(expanded_words(&words("a b c d e f g h i j")), ["a", "b", "c", "d"]);
        assert_eq!(expanded_words(&[]), [""; 0]);
        for (word, short) in [("o", true), ("č1", true), ("dph", false), ("žák", false)] {
            assert_eq!(is_short(word), short, "{word}");
        }
    }
}
