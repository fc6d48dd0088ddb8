//! Pages of a list: filtered, searched, in both directions, with bounded work whatever the filter.
//!
//! A page is led by the narrowest of what was asked for that has an index; the rest is looked at message by message.
//! What is newer than the search index reaches is walked through. After a certain number of messages the page ends even
//! if it is not full, and says how far it came.

use std::collections::{HashMap, HashSet};

use crate::data_box::DataBox;
use crate::error::Failure;
use crate::ids::MessageId;
use crate::mailbox::filter::{in_content, missing_words};
use crate::mailbox::{
    ListGroup, MailboxFilter, MailboxIndex, MailboxList, MailboxPage, MailboxRow, PageStart, Tag, TagId, Task,
};
use crate::message::{Phase, SideOf};
use crate::operation::Operation;
use crate::ports::{CandidateQuery, Direction, Lead, ListPosition, MessageRecord};
use crate::principal::Principal;
use crate::privileges::Privileges;
use crate::time::Timestamp;

use super::super::Isds;
use super::names::NotIndexed;
use super::waiting::waits_for;

/// Most messages looked at for one page.
const BUDGET: u64 = 2_000;
/// The same where words are looked for, which costs more with each message.
const BUDGET_FOR_WORDS: u64 = 1_000;
/// Most of them read at once.
const BATCH: u64 = 1_000;

/// Everything that decides which messages a page holds.
pub(super) struct View<'a> {
    pub(super) caller: &'a Principal,
    own: &'a DataBox,
    pub(super) list: MailboxList,
    filter: &'a MailboxFilter,
    pub(super) prefixes: Vec<String>,
    pub(super) index: Option<MailboxIndex>,
    lead: Lead,
}

/// What a walk came to.
struct Gathered {
    records: Vec<MessageRecord>,
    /// The budget was spent here.
    cut_off: Option<ListPosition>,
}

impl Isds {
    /// A page of one of the caller's lists. Delivers nothing: received messages that the caller's login would deliver
    /// are left out until it does.
    ///
    /// # Errors
    /// 1004.
    pub async fn mailbox_page(
        &self,
        caller: &Principal,
        side: SideOf,
        filter: &MailboxFilter,
        start: PageStart,
        size: usize,
    ) -> Result<MailboxPage, Failure> {
        self.mailbox_page_of(&[caller], side, filter, start, size).await
    }

    /// A page of the lists of several boxes as one, each seen by its own caller.
    ///
    /// # Errors
    /// 1004 where one of the callers may not see lists.
    pub async fn mailbox_page_of(
        &self,
        callers: &[&Principal],
        side: SideOf,
        filter: &MailboxFilter,
        start: PageStart,
        size: usize,
    ) -> Result<MailboxPage, Failure> {
        let direction = match start {
            PageStart::Before(_) => Direction::Newer,
            PageStart::Top | PageStart::After(_) => Direction::Older,
        };
        let after = match start {
            PageStart::Top => None,
            PageStart::After(place) | PageStart::Before(place) => Some(place),
        };
        let mut page = MailboxPage::default();
        let mut rows = Vec::new();
        // Where one of the lists was cut off, nothing behind that place may be shown of the others.
        let mut cut_off: Option<ListPosition> = None;
        let mut not_indexed = NotIndexed::default();
        for caller in callers {
            let own = caller.authorize(operation_of(side, filter.group))?;
            let view = self.view(caller, own, side, filter).await?;
            let gathered = self.gather(&view, after, direction, size + 1, &mut not_indexed).await?;
            if let Some(place) = gathered.cut_off {
                let first = cut_off.is_none_or(|known| before(place, known, direction));
                cut_off = if first { Some(place) } else { cut_off };
            }
            rows.extend(self.rows(&view, gathered.records).await?);
        }
        rows.sort_by_key(|row| key(row.record.position()));
        if direction == Direction::Older {
            rows.reverse();
        }
        if let Some(place) = cut_off {
            rows.retain(|row| !before(place, row.record.position(), direction));
        }
        let more = rows.len() > size;
        rows.truncate(size);
        let last = rows.last().map(|row| row.record.position());
        let behind = if more { last } else { cut_off };
        if direction == Direction::Newer {
            rows.reverse();
        }
        if direction == Direction::Newer && behind.is_none() && rows.len() < size {
            // The top is reached with room left: it is shown as whoever comes from above sees it.
            return Box::pin(self.mailbox_page_of(callers, side, filter, PageStart::Top, size)).await;
        }
        let top = rows.first().map(|row| row.record.position());
        let bottom = rows.last().map(|row| row.record.position());
        match direction {
            Direction::Older => {
                page.older = behind;
                page.newer = after.map(|after| top.unwrap_or(after));
                page.cut_off_at = if more { None } else { cut_off.map(|place| place.time) };
            }
            Direction::Newer => {
                page.newer = behind;
                page.older = bottom.or(after);
            }
        }
        page.names_incomplete = not_indexed.names_left_out;
        page.text_incomplete = not_indexed.text_left_out;
        page.rows = rows;
        Ok(page)
    }

    async fn view<'a>(
        &self,
        caller: &'a Principal,
        own: &'a DataBox,
        side: SideOf,
        filter: &'a MailboxFilter,
    ) -> Result<View<'a>, Failure> {
        let list = MailboxList { box_id: own.id, side };
        let prefixes = filter.prefixes();
        let exact = filter.exact_terms();
        let base = filter.group.lead();
        let index = if prefixes.is_empty() && exact.is_empty() {
            None
        } else {
            Some(self.searched_index(list).await?)
        };
        let mut leads = Vec::new();
        if base != Lead::Live {
            leads.push(base.clone());
        }
        leads.extend(filter.tag.map(Lead::Tag));
        if let Some(index) = index {
            leads.extend(exact.into_iter().map(|term| Lead::Terms(index.id, vec![term])));
        }
        let mut view = View {
            caller,
            own,
            list,
            filter,
            prefixes,
            index,
            lead: base,
        };
        if let Some(lead) = self.narrowest(&view, leads).await? {
            view.lead = lead;
        }
        Ok(view)
    }

    /// Up to `wanted` messages that fit, in the direction.
    async fn gather(
        &self,
        view: &View<'_>,
        mut after: Option<ListPosition>,
        direction: Direction,
        wanted: usize,
        not_indexed: &mut NotIndexed,
    ) -> Result<Gathered, Failure> {
        let mut records = Vec::new();
        let mut budget = if view.prefixes.is_empty() {
            BUDGET
        } else {
            BUDGET_FOR_WORDS
        };
        let mut batch = wanted as u64;
        loop {
            let (lead, until) = view.stretch(after, direction);
            let (from, to) = view.filter.interval();
            let found = self
                .store
                .list_candidates(&CandidateQuery {
                    list: view.list,
                    lead,
                    from,
                    to,
                    after,
                    direction,
                    limit: batch.min(budget).max(1),
                })
                .await?;
            let within: Vec<MessageRecord> = match until {
                Some(end) => found
                    .records
                    .into_iter()
                    .filter(|record| !before(end, record.position(), direction))
                    .collect(),
                None => found.records,
            };
            let looked_at = within.len() as u64;
            for record in self.fitting(view, within, not_indexed).await? {
                records.push(record);
                if records.len() == wanted {
                    return Ok(Gathered { records, cut_off: None });
                }
            }
            let past_end = until.is_some_and(|end| found.last.is_none_or(|last| before(end, last, direction)));
            match (until, found.last) {
                // The stretch is done, and another lead goes on behind its end.
                (Some(end), _) if past_end || found.ended => after = Some(end),
                (None, _) if found.ended => return Ok(Gathered { records, cut_off: None }),
                (_, Some(last)) => after = Some(last),
                (_, None) => return Ok(Gathered { records, cut_off: None }),
            }
            budget = budget.saturating_sub(looked_at.max(1));
            if budget == 0 {
                return Ok(Gathered {
                    records,
                    cut_off: after,
                });
            }
            batch = (batch * 4).min(BATCH);
        }
    }

    /// Those of the candidates that fit everything that was asked for.
    async fn fitting(
        &self,
        view: &View<'_>,
        candidates: Vec<MessageRecord>,
        not_indexed: &mut NotIndexed,
    ) -> Result<Vec<MessageRecord>, Failure> {
        let mut candidates: Vec<MessageRecord> = candidates
            .into_iter()
            .filter(|record| view.shows(record) && view.filter.fits(record, view.list.side))
            .collect();
        let ids = |records: &[MessageRecord]| records.iter().map(|record| record.id).collect::<Vec<_>>();
        if let Some(tag) = view.filter.tag.filter(|tag| view.lead != Lead::Tag(*tag)) {
            let tagged = self.store.tags_of(view.list, &ids(&candidates)).await?;
            let tagged: HashSet<MessageId> = tagged
                .into_iter()
                .filter(|(_, of)| *of == tag)
                .map(|(id, _)| id)
                .collect();
            candidates.retain(|record| tagged.contains(&record.id));
        }
        if view.filter.group == ListGroup::ToDo && view.lead != Lead::Tasks {
            let tasks = self.store.tasks_of(view.list, &ids(&candidates)).await?;
            let open: HashSet<MessageId> = tasks
                .into_iter()
                .filter(|(_, task)| !task.done)
                .map(|(id, _)| id)
                .collect();
            candidates.retain(|record| open.contains(&record.id));
        }
        if view.prefixes.is_empty() {
            return Ok(candidates);
        }
        let missing: HashMap<MessageId, Vec<&str>> = candidates
            .iter()
            .map(|record| (record.id, missing_words(&view.prefixes, record, view.list.side)))
            .filter(|(_, missing)| !missing.is_empty())
            .collect();
        let to_open: Vec<MessageId> = candidates
            .iter()
            .filter(|record| missing.contains_key(&record.id) && view.may_read_content(record))
            .map(|record| record.id)
            .collect();
        let mut terms = match view.index {
            Some(index) if !to_open.is_empty() => self.store.indexed_terms(index.id, &to_open).await?,
            _ => HashMap::new(),
        };
        let newer: Vec<MessageId> = to_open.into_iter().filter(|id| !terms.contains_key(id)).collect();
        if !newer.is_empty() {
            not_indexed.text_left_out |= view.index.is_some_and(|index| index.content);
            terms.extend(self.names_of(newer, not_indexed).await?);
        }
        candidates.retain(|record| match missing.get(&record.id) {
            None => true,
            Some(missing) => terms.get(&record.id).is_some_and(|terms| in_content(missing, terms)),
        });
        Ok(candidates)
    }

    async fn rows(&self, view: &View<'_>, records: Vec<MessageRecord>) -> Result<Vec<MailboxRow>, Failure> {
        let rows = self.mailbox_rows(view.list, records).await?;
        Ok(rows
            .into_iter()
            .map(|mut row| {
                row.may_open = view.may_open(&row.record);
                row
            })
            .collect())
    }

    /// Records with what is noted on them; nobody may open them yet.
    pub(super) async fn mailbox_rows(
        &self,
        list: MailboxList,
        records: Vec<MessageRecord>,
    ) -> Result<Vec<MailboxRow>, Failure> {
        let now = self.clock.legal();
        let ids: Vec<MessageId> = records.iter().map(|record| record.id).collect();
        let tagged = self.store.tags_of(list, &ids).await?;
        let known = if tagged.is_empty() {
            Vec::new()
        } else {
            self.store.list_tags(list.box_id).await?
        };
        let mut tasks: HashMap<MessageId, Task> = self.store.tasks_of(list, &ids).await?.into_iter().collect();
        let tags = |id: MessageId| -> Vec<Tag> {
            let has = |tag: &&Tag| tagged.contains(&(id, tag.id));
            known.iter().filter(has).cloned().collect()
        };
        Ok(records
            .into_iter()
            .map(|record| MailboxRow {
                list,
                status: record.state.wire(list.side),
                may_open: false,
                tags: tags(record.id),
                task: tasks.remove(&record.id),
                record: record.at(now),
            })
            .collect())
    }
}

impl View<'_> {
    /// What leads the walk from this place on, and up to where. Terms lead as far as the index reaches; what is newer
    /// is walked through.
    fn stretch(&self, after: Option<ListPosition>, direction: Direction) -> (Lead, Option<ListPosition>) {
        let Some(index) = self.index.filter(|_| matches!(self.lead, Lead::Terms(..))) else {
            return (self.lead.clone(), None);
        };
        let base = || self.filter.group.lead();
        // A place just above the last one that is indexed: what lies behind it going down is the index's.
        let edge = ListPosition {
            time: index.high.time,
            id: MessageId(index.high.id.0.saturating_add(1)),
        };
        match direction {
            Direction::Older if after.is_none_or(|after| key(after) > key(edge)) => (base(), Some(edge)),
            Direction::Newer if after.is_some_and(|after| key(after) >= key(index.high)) => (base(), None),
            Direction::Newer => (self.lead.clone(), Some(index.high)),
            Direction::Older => (self.lead.clone(), None),
        }
    }

    /// Whether the message stands in the list and the group, and the caller may see it without delivering it.
    fn shows(&self, record: &MessageRecord) -> bool {
        let owner = match self.list.side {
            SideOf::Recipient => record.envelope.recipient,
            SideOf::Sender => record.envelope.sender,
        };
        let status = record.state.wire(self.list.side);
        let waits = self.list.side == SideOf::Recipient && waits_for(self.caller, self.own, record);
        owner == self.own.id && self.filter.group.holds(status, self.list.side) && !waits
    }

    fn may_open(&self, record: &MessageRecord) -> bool {
        may_open(self.caller, record, self.list.side)
    }

    /// Whether the caller may have the attachments, and so may find the message by them.
    fn may_read_content(&self, record: &MessageRecord) -> bool {
        let side = self.list.side;
        let is_allowed = side == SideOf::Recipient || self.caller.privileges.allows(Privileges::CREATE_DM);
        !record.state.side(side).erased && is_allowed && self.may_open(record)
    }
}

/// Whether a message of a list can be opened by the caller: a sent one by everybody who sees the list, what became of it
/// being told; a received one once it is delivered, by those who may read it.
pub(super) fn may_open(caller: &Principal, record: &MessageRecord, side: SideOf) -> bool {
    match side {
        SideOf::Recipient => {
            record.state.phase == Phase::Accepted && caller.privileges.may_read(record.envelope.personal_delivery())
        }
        SideOf::Sender => true,
    }
}

/// What a caller has to be allowed.
fn operation_of(side: SideOf, group: ListGroup) -> Operation {
    match (side, group) {
        (_, ListGroup::Erased) => Operation::GetListOfErasedMessages,
        (SideOf::Recipient, _) => Operation::GetListOfReceivedMessages,
        (SideOf::Sender, _) => Operation::GetListOfSentMessages,
    }
}

fn key(place: ListPosition) -> (Timestamp, MessageId) {
    (place.time, place.id)
}

/// Whether `one` comes before `other` in the direction.
fn before(one: ListPosition, other: ListPosition, direction: Direction) -> bool {
    match direction {
        Direction::Older => key(one) > key(other),
        Direction::Newer => key(one) < key(other),
    }
}

/// Which tags a box has, for filters and rows.
impl Isds {
    /// Tags of the caller's box, by name.
    ///
    /// # Errors
    /// 1004.
    pub async fn mailbox_tags(&self, caller: &Principal) -> Result<Vec<Tag>, Failure> {
        let own = caller.authorize(Operation::GetListOfReceivedMessages)?;
        Ok(self.store.list_tags(own.id).await?)
    }

    /// The tag of the caller's box with this key.
    pub(super) async fn own_tag(&self, caller: &Principal, id: TagId) -> Result<Option<Tag>, Failure> {
        let tags = self.mailbox_tags(caller).await?;
        Ok(tags.into_iter().find(|tag| tag.id == id))
    }
}
