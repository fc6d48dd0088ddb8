//! What somebody wants to see of a list.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::envelope::MessageKind;
use crate::ids::BoxId;
use crate::message::SideOf;
use crate::ports::{Lead, MessageRecord};
use crate::time::{Timestamp, start_of_day};

use super::TagId;
use super::terms::{CONTENT, counterpart, counterpart_term, envelope_words, kind_term, personal_term, search_prefixes};

/// Group of states, or of what is noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ListGroup {
    /// Everything that is in the list.
    #[default]
    All,
    /// Delivered and not read.
    Unread,
    /// With something to be done.
    ToDo,
    /// Sent and not delivered, or never to be.
    Undelivered,
    /// In the vault.
    Vault,
    /// Erased: the envelope is left.
    Erased,
}

impl ListGroup {
    /// What a page of it is made from where nothing else is asked for.
    #[must_use]
    pub fn lead(self) -> Lead {
        match self {
            Self::All => Lead::Live,
            Self::Unread => Lead::Unread,
            Self::ToDo => Lead::Tasks,
            Self::Undelivered => Lead::Open,
            Self::Vault => Lead::Vault,
            Self::Erased => Lead::Erased,
        }
    }

    /// Whether a message in this state is in it. What is to be done is no state.
    #[must_use]
    pub fn holds(self, status: i16, side: SideOf) -> bool {
        match (self, side) {
            (Self::All | Self::ToDo, SideOf::Recipient) => (4..=7).contains(&status),
            (Self::All | Self::ToDo, SideOf::Sender) => (1..=8).contains(&status),
            (Self::Unread, SideOf::Recipient) => status == 6,
            (Self::Undelivered, SideOf::Sender) => matches!(status, 3 | 4 | 8),
            (Self::Unread, SideOf::Sender) | (Self::Undelivered, SideOf::Recipient) => false,
            (Self::Vault, _) => status == 10,
            (Self::Erased, _) => status == 9,
        }
    }
}

/// Group of kinds of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KindGroup {
    /// Public.
    Public,
    /// Postal (PDZ), of whatever kind.
    Postal,
    /// Of the system.
    System,
    /// Large (VoDZ).
    Large,
}

/// What of a list is wanted; every part narrows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MailboxFilter {
    /// Group of states.
    pub group: ListGroup,
    /// Kind.
    pub kind: Option<KindGroup>,
    /// For personal delivery alone.
    pub personal: bool,
    /// From this day on.
    pub from: Option<Date>,
    /// Up to and including this day.
    pub to: Option<Date>,
    /// Box on the other side.
    pub counterpart: Option<BoxId>,
    /// Tag.
    pub tag: Option<TagId>,
    /// Words, all of which have to be there.
    pub text: String,
}

impl MailboxFilter {
    /// The times between which messages may lie.
    #[must_use]
    pub fn interval(&self) -> (Timestamp, Timestamp) {
        let from = self.from.map_or(Timestamp(i64::MIN), start_of_day);
        let to = self
            .to
            .and_then(|day| day.tomorrow().ok())
            .map_or(Timestamp(i64::MAX), |day| start_of_day(day).plus_micros(-1));
        (from, to)
    }

    /// Something beside the group is asked for.
    #[must_use]
    pub fn narrows(&self) -> bool {
        let everything = Self {
            group: self.group,
            ..Self::default()
        };
        *self != everything
    }

    /// Terms one of which a message has to have, besides the words.
    pub(crate) fn exact_terms(&self) -> Vec<String> {
        let mut terms: Vec<String> = self.counterpart.map(counterpart_term).into_iter().collect();
        terms.extend(self.kind.map(kind_term));
        if self.personal {
            terms.push(personal_term());
        }
        terms
    }

    /// Whether what lists show of a message fits: all but words, tag and task.
    pub(crate) fn fits(&self, record: &MessageRecord, side: SideOf) -> bool {
        let kind = self.kind.is_none_or(|group| match group {
            KindGroup::Public => record.kind == MessageKind::Public,
            KindGroup::Postal => record.kind.is_postal(),
            KindGroup::System => record.kind == MessageKind::System,
            KindGroup::Large => record.large,
        });
        kind && (!self.personal || record.envelope.personal_delivery())
            && self
                .counterpart
                .is_none_or(|wanted| counterpart(&record.envelope, side) == wanted)
    }

    /// The words, as beginnings of terms.
    pub(crate) fn prefixes(&self) -> Vec<String> {
        search_prefixes(&self.text)
    }
}

/// Which of the words what a list shows of a message does not hold.
pub(crate) fn missing_words<'a>(prefixes: &'a [String], record: &MessageRecord, side: SideOf) -> Vec<&'a str> {
    if prefixes.is_empty() {
        return Vec::new();
    }
    let words = envelope_words(record, side);
    let holds = |prefix: &str| words.iter().any(|word| word.starts_with(prefix));
    prefixes
        .iter()
        .map(String::as_str)
        .filter(|prefix| !holds(prefix))
        .collect()
}

/// Whether all of the words stand in the attachments.
pub(crate) fn in_content(missing: &[&str], terms: &[String]) -> bool {
    let content: BTreeSet<&str> = terms.iter().filter_map(|term| term.strip_prefix(CONTENT)).collect();
    missing.iter().all(|prefix| {
        content
            .range(*prefix..)
            .next()
            .is_some_and(|term| term.starts_with(*prefix))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::{Envelope, EnvelopeDraft};
    use crate::ids::MessageId;
    use crate::message::MessageState;

    fn record() -> MessageRecord {
        MessageRecord {
            id: MessageId(1_000_077),
            envelope: Envelope {
                sender: "mesta2j".parse().unwrap(),
                sender_name: "Město Vzorov".into(),
                sender_address: "Náměstí 1".into(),
                sender_type: 10,
                recipient: "nvak22s".parse().unwrap(),
                recipient_name: "Jan Novák".into(),
                recipient_address: String::new(),
                ambiguous_recipient: false,
                draft: EnvelopeDraft {
                    annotation: Some("Rozhodnutí o stavbě".into()),
                    sender_ref_number: Some("MV-77/2026".into()),
                    personal_delivery: Some(true),
                    ..EnvelopeDraft::default()
                },
            },
            kind: MessageKind::Public,
            attachment_size_kb: 1,
            large: false,
            state: MessageState::submitted(Timestamp(0)),
        }
    }

    fn missing(text: &str, side: SideOf) -> Vec<String> {
        let prefixes = search_prefixes(text);
        let missing = missing_words(&prefixes, &record(), side);
        missing.into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn words_are_found_by_their_beginning_on_the_side_of_the_viewer() {
        for text in [
            "",
            "ROZHOD",
            "stavbe rozhodnuti",
            "mv-77/2026",
            "1000077",
            "vzorov",
            "mesta2j",
        ] {
            assert_eq!(missing(text, SideOf::Recipient), [""; 0], "{text}");
        }
        // One's own name is on everything and finds nothing; the other side's does.
        assert_eq!(missing("novák", SideOf::Recipient), ["novak"]);
        assert_eq!(missing("novák", SideOf::Sender), [""; 0]);
        assert_eq!(missing("rozhodnuti garaz", SideOf::Recipient), ["garaz"]);
        assert_eq!(missing("#p *x tavbe", SideOf::Recipient), ["p", "x", "tavbe"]);
    }

    #[test]
    fn what_is_missing_may_stand_in_the_attachments() {
        let terms: Vec<String> = ["*garaz", "*plan", "rozhodnuti"].map(str::to_owned).into();
        assert!(in_content(&["gar", "plan"], &terms));
        assert!(
            !in_content(&["gar", "rozhod"], &terms),
            "words of the envelope are not marked"
        );
        assert!(in_content(&[], &terms));
    }

    #[test]
    fn every_condition_narrows() {
        let filter = |adapt: fn(&mut MailboxFilter)| {
            let mut filter = MailboxFilter::default();
            adapt(&mut filter);
            filter.fits(&record(), SideOf::Recipient)
        };
        assert!(filter(|_| {}));
        assert!(filter(|filter| filter.personal = true));
        assert!(filter(|filter| filter.kind = Some(KindGroup::Public)));
        assert!(!filter(|filter| filter.kind = Some(KindGroup::Postal)));
        assert!(!filter(|filter| filter.kind = Some(KindGroup::Large)));
        assert!(filter(|filter| filter.counterpart = "mesta2j".parse().ok()));
        assert!(
            !filter(|filter| filter.counterpart = "nvak22s".parse().ok()),
            "the other side, not one's own"
        );
        let mut days = MailboxFilter::default();
        assert!(!days.narrows());
        days.from = "2026-03-29".parse().ok();
        days.to = "2026-03-29".parse().ok();
        assert!(days.narrows());
        let (from, to) = days.interval();
        assert_eq!(
            to.0 - from.0,
            23 * 3_600_000_000 - 1,
            "the day on which the clocks go forward"
        );
    }
}
