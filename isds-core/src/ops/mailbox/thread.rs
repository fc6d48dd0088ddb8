//! Messages of one case: those that share a reference number or a file mark, whoever wrote it.

use std::collections::BTreeSet;

use crate::error::Failure;
use crate::ids::MessageId;
use crate::mailbox::{MailboxList, MailboxRow, reference_term, references};
use crate::message::SideOf;
use crate::operation::Operation;
use crate::ports::{CandidateQuery, Direction, Lead, MessageRecord};
use crate::principal::Principal;
use crate::time::Timestamp;

use super::super::Isds;
use super::list::may_open;
use super::waiting::waits_for;

/// Most messages of a case that are told, from each list.
const MESSAGES: u64 = 200;
/// Most messages looked at that are newer than the index reaches.
const NOT_INDEXED: u64 = 1_000;

/// Messages of a case.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// Received and sent ones, newest first.
    pub rows: Vec<MailboxRow>,
    /// There are more than were told.
    pub more: bool,
}

impl Isds {
    /// Messages of the caller's box, sent and received, with one of these reference numbers or file marks. Delivers
    /// nothing, and leaves out what waits.
    ///
    /// # Errors
    /// 1004.
    pub async fn messages_of_case(&self, caller: &Principal, marks: &[&str]) -> Result<Case, Failure> {
        let own = caller.authorize(Operation::GetListOfReceivedMessages)?;
        let wanted: BTreeSet<String> = marks.iter().filter_map(|mark| reference_term(mark)).collect();
        let mut case = Case::default();
        if wanted.is_empty() {
            return Ok(case);
        }
        for side in [SideOf::Recipient, SideOf::Sender] {
            let list = MailboxList { box_id: own.id, side };
            let (records, more) = self.records_of_case(list, &wanted).await?;
            case.more |= more;
            let shown = records.into_iter().filter(|record| {
                let arrived = side == SideOf::Sender || record.state.delivered_in.is_some();
                arrived && !(side == SideOf::Recipient && waits_for(caller, own, record))
            });
            for mut row in self.mailbox_rows(list, shown.collect()).await? {
                row.may_open = may_open(caller, &row.record, side);
                case.rows.push(row);
            }
        }
        case.rows
            .sort_by_key(|row| (row.record.state.list_time(), row.record.id));
        case.rows.reverse();
        // A message to oneself stands in both lists.
        case.rows.dedup_by_key(|row| row.record.id);
        Ok(case)
    }

    async fn records_of_case(
        &self,
        list: MailboxList,
        wanted: &BTreeSet<String>,
    ) -> Result<(Vec<MessageRecord>, bool), Failure> {
        let index = self.searched_index(list).await?;
        let query = |lead, from, limit| CandidateQuery {
            list,
            lead,
            from,
            to: Timestamp(i64::MAX),
            after: None,
            direction: Direction::Older,
            limit,
        };
        let terms = Lead::Terms(index.id, wanted.iter().cloned().collect());
        let found = self
            .store
            .list_candidates(&query(terms, Timestamp(i64::MIN), MESSAGES))
            .await?;
        let newer = self
            .store
            .list_candidates(&query(Lead::Live, index.high.time, NOT_INDEXED))
            .await?;
        let known: BTreeSet<MessageId> = found.records.iter().map(|record| record.id).collect();
        let is_of_case = |record: &MessageRecord| {
            references(&record.envelope)
                .filter_map(reference_term)
                .any(|term| wanted.contains(&term))
        };
        let mut records = found.records;
        records.extend(
            newer
                .records
                .into_iter()
                .filter(|record| !known.contains(&record.id) && is_of_case(record)),
        );
        Ok((records, !found.ended || !newer.ended))
    }
}
