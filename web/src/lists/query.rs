//! What the address of a list asks for, and addresses made of it. Filters live there and nowhere else.

use isds_core::ids::{BoxId, MessageId};
use isds_core::mailbox::{KindGroup, ListGroup, MailboxFilter, PageStart, TagId};
use isds_core::message::SideOf;
use isds_core::ports::ListPosition;
use isds_core::time::Timestamp;
use jiff::civil::Date;

/// Longest text that is searched for, in characters.
const MAX_TEXT: usize = 200;

/// The query of a list's address, as it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ListQuery {
    pub(crate) q: String,
    pub(crate) show: String,
    pub(crate) kind: String,
    pub(crate) personal: bool,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) who: String,
    pub(crate) tag: String,
    /// Which side, where a page has both.
    pub(crate) side: String,
    /// Only what is delivered already: nobody asks to be asked.
    pub(crate) delivered: bool,
    pub(crate) after: String,
    pub(crate) before: String,
}

/// What of it could not be understood.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Mistakes {
    pub(crate) from: bool,
    pub(crate) to: bool,
    pub(crate) who: bool,
    /// The interval ends before it begins.
    pub(crate) interval: bool,
}

impl Mistakes {
    pub(crate) fn any(self) -> bool {
        self != Self::default()
    }
}

impl ListQuery {
    pub(crate) fn parse(query: Option<&str>) -> Self {
        let mut parsed = Self::default();
        let fields: Vec<(String, String)> = serde_html_form::from_str(query.unwrap_or("")).unwrap_or_default();
        for (name, value) in fields {
            let value: String = value.trim().chars().take(MAX_TEXT).collect();
            match name.as_str() {
                "q" => parsed.q = value,
                "show" => parsed.show = value,
                "kind" => parsed.kind = value,
                "personal" => parsed.personal = value == "1",
                "from" => parsed.from = value,
                "to" => parsed.to = value,
                "who" => parsed.who = value,
                "tag" => parsed.tag = value,
                "side" => parsed.side = value,
                "delivered" => parsed.delivered = value == "1",
                "after" => parsed.after = value,
                "before" => parsed.before = value,
                _ => {}
            }
        }
        parsed
    }

    /// Something beside words is asked for.
    pub(crate) fn refines(&self) -> bool {
        let texts = [&self.show, &self.kind, &self.from, &self.to, &self.who, &self.tag];
        self.personal || texts.into_iter().any(|text| !text.is_empty())
    }

    /// What is wanted of a list; `fixed` is the group of a page that shows one group alone.
    pub(crate) fn filter(&self, side: SideOf, fixed: Option<ListGroup>) -> (MailboxFilter, Mistakes) {
        let from = date(&self.from);
        let to = date(&self.to);
        let who = Some(self.who.to_ascii_lowercase()).filter(|who| !who.is_empty());
        let counterpart: Option<BoxId> = who.as_deref().and_then(|who| who.parse().ok());
        let mistakes = Mistakes {
            from: from.is_none() && !self.from.is_empty(),
            to: to.is_none() && !self.to.is_empty(),
            who: who.is_some() && counterpart.is_none(),
            interval: matches!((from, to), (Some(from), Some(to)) if from > to),
        };
        let group = match (self.show.as_str(), side) {
            ("unread", SideOf::Recipient) => ListGroup::Unread,
            ("undelivered", SideOf::Sender) => ListGroup::Undelivered,
            ("todo", _) => ListGroup::ToDo,
            _ => ListGroup::All,
        };
        let kind = match self.kind.as_str() {
            "public" => Some(KindGroup::Public),
            "postal" => Some(KindGroup::Postal),
            "system" => Some(KindGroup::System),
            "large" => Some(KindGroup::Large),
            _ => None,
        };
        let filter = MailboxFilter {
            group: fixed.unwrap_or(group),
            kind,
            personal: self.personal,
            from,
            to,
            counterpart,
            tag: self.tag.parse().ok().map(TagId),
            text: self.q.clone(),
        };
        (filter, mistakes)
    }

    /// Where the page begins.
    pub(crate) fn start(&self) -> PageStart {
        match (place(&self.after), place(&self.before)) {
            (Some(after), _) => PageStart::After(after),
            (None, Some(before)) => PageStart::Before(before),
            (None, None) => PageStart::Top,
        }
    }

    /// The address of the page behind a place.
    pub(crate) fn older(&self, path: &str, at: ListPosition) -> String {
        self.address(path, &[("after", &written(at))])
    }

    /// The address of the page before a place.
    pub(crate) fn newer(&self, path: &str, at: ListPosition) -> String {
        self.address(path, &[("before", &written(at))])
    }

    /// The address of the first page.
    pub(crate) fn first(&self, path: &str) -> String {
        self.address(path, &[])
    }

    fn address(&self, path: &str, more: &[(&str, &str)]) -> String {
        let flag = |set: bool| if set { "1" } else { "" };
        let mut fields = vec![
            ("q", self.q.as_str()),
            ("show", &self.show),
            ("kind", &self.kind),
            ("personal", flag(self.personal)),
            ("from", &self.from),
            ("to", &self.to),
            ("who", &self.who),
            ("tag", &self.tag),
            ("side", &self.side),
            ("delivered", flag(self.delivered)),
        ];
        fields.extend(more);
        fields.retain(|(_, value)| !value.is_empty());
        match serde_html_form::to_string(&fields) {
            Ok(query) if !query.is_empty() => format!("{path}?{query}"),
            _ => path.to_owned(),
        }
    }
}

/// A day as browsers send it, or as people write it (24. 12. 2026).
pub(crate) fn date(text: &str) -> Option<Date> {
    if let Ok(date) = text.parse() {
        return Some(date);
    }
    let mut parts = text.split('.').map(str::trim);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn written(place: ListPosition) -> String {
    format!("{}.{}", place.time.0, place.id.0)
}

fn place(text: &str) -> Option<ListPosition> {
    let (time, id) = text.split_once('.')?;
    Some(ListPosition {
        time: Timestamp(time.parse().ok()?),
        id: MessageId(id.parse().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_says_comes_back() {
        let query = ListQuery::parse(Some(
            "q=rozhodnut%C3%AD+%26&show=unread&kind=postal&personal=1&from=2026-01-02&to=3.+2.+2026&who=MESTA2J&tag=7&unknown=1",
        ));
        let (filter, mistakes) = query.filter(SideOf::Recipient, None);
        assert!(!mistakes.any());
        assert_eq!(filter.group, ListGroup::Unread);
        assert_eq!(filter.kind, Some(KindGroup::Postal));
        assert_eq!(filter.from, Some(Date::constant(2026, 1, 2)));
        assert_eq!(filter.to, Some(Date::constant(2026, 2, 3)));
        assert_eq!(filter.counterpart.unwrap().as_str(), "mesta2j");
        assert_eq!((filter.tag, filter.text.as_str()), (Some(TagId(7)), "rozhodnutí &"));
        let again = query.first("/b/nvak22s/received");
        assert_eq!(ListQuery::parse(again.split_once('?').map(|(_, query)| query)), query);
    }

    #[test]
    fn places_are_told_in_the_address() {
        let at = ListPosition {
            time: Timestamp(1_790_000_000_000_000),
            id: MessageId(1_000_007),
        };
        let query = ListQuery::default();
        let older = query.older("/b/nvak22s/sent", at);
        assert_eq!(older, "/b/nvak22s/sent?after=1790000000000000.1000007");
        assert_eq!(
            ListQuery::parse(older.split_once('?').map(|(_, query)| query)).start(),
            PageStart::After(at)
        );
        let newer = query.newer("/x", at);
        assert_eq!(
            ListQuery::parse(newer.split_once('?').map(|(_, query)| query)).start(),
            PageStart::Before(at)
        );
    }

    #[test]
    fn nonsense_is_told_and_harmless() {
        let query = ListQuery::parse(Some(
            "from=yesterday&to=31.2.2026&who=..%2F&after=1&before=x.y&tag=abc&show=%00",
        ));
        let (filter, mistakes) = query.filter(SideOf::Sender, None);
        assert!(mistakes.from && mistakes.to && mistakes.who && !mistakes.interval);
        assert_eq!(filter, MailboxFilter::default());
        assert_eq!(query.start(), PageStart::Top);
        let backwards = ListQuery::parse(Some("from=2026-02-01&to=2026-01-01"));
        assert!(backwards.filter(SideOf::Sender, None).1.interval);
        assert_eq!(
            ListQuery::parse(Some(&format!("q={}", "a".repeat(5000)))).q.len(),
            MAX_TEXT
        );
        assert_eq!(
            ListQuery::parse(Some("show=unread"))
                .filter(SideOf::Sender, None)
                .0
                .group,
            ListGroup::All
        );
    }
}
