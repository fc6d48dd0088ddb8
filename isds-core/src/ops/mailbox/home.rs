//! What a person finds of a box when they come: what waits, what is to be done, what came last, what others did.

use std::collections::HashMap;

use crate::audit::{AuditAction, AuditActorKind, AuditGroup, AuditId, AuditOutcome, AuditPosition};
use crate::data_box::DataBox;
use crate::error::Failure;
use crate::ids::MessageId;
use crate::mailbox::{ListGroup, MailboxFilter, MailboxList, MailboxRow, OpenTask, PageStart};
use crate::message::SideOf;
use crate::operation::Operation;
use crate::ports::{AuditLead, AuditScan, Lead, MessageRecord};
use crate::principal::Principal;
use crate::time::Timestamp;

use super::super::Isds;
use super::waiting::{Waiting, waits_for};

/// How far unread messages are counted.
const COUNTED: u64 = 1_000;
/// Tasks that are told.
const TASKS: u64 = 10;
/// Last messages that are told, of each list.
const LAST: usize = 5;
/// Records of what was done that are looked at.
const DEEDS_LOOKED_AT: u64 = 200;
/// Deeds of others that are told.
const DEEDS: usize = 5;
/// For how long they are, in days.
const DEED_DAYS: i64 = 30;
const DAY_SECONDS: i64 = 86_400;

/// A task with the message that it is about.
#[derive(Debug, Clone)]
pub struct OverviewTask {
    /// Task.
    pub open: OpenTask,
    /// Message.
    pub record: MessageRecord,
}

/// What somebody else did in the box.
#[derive(Debug, Clone)]
pub struct OthersDeed {
    /// Name; empty for an application or the system.
    pub name: String,
    /// What kind of actor.
    pub kind: AuditActorKind,
    /// What was done.
    pub action: AuditAction,
    /// To which message.
    pub message: Option<MessageId>,
    /// How many, or what else belongs to it.
    pub detail: Option<String>,
    /// Legal time.
    pub at: Timestamp,
}

/// What a person finds of a box.
#[derive(Debug, Clone, Default)]
pub struct BoxOverview {
    /// What waits to be delivered.
    pub waiting: Waiting,
    /// How many messages are delivered and not read, counted up to a thousand.
    pub unread: u64,
    /// What is to be done, the most urgent first.
    pub tasks: Vec<OverviewTask>,
    /// There is more to be done than was told.
    pub more_tasks: bool,
    /// The last messages received and sent.
    pub last: Vec<MailboxRow>,
    /// How many sent messages are not delivered, counted up to a thousand.
    pub undelivered: u64,
    /// What others did here lately.
    pub others: Vec<OthersDeed>,
}

impl Isds {
    /// What the caller finds of their box. Delivers nothing.
    ///
    /// # Errors
    /// 1004 where the caller may not see lists.
    pub async fn box_overview(&self, caller: &Principal) -> Result<BoxOverview, Failure> {
        let data_box = caller.authorize(Operation::GetListOfReceivedMessages)?;
        let own = data_box.id;
        let sent = MailboxList {
            box_id: own,
            side: SideOf::Sender,
        };
        let filter = MailboxFilter {
            group: ListGroup::All,
            ..MailboxFilter::default()
        };
        let mut last = Vec::new();
        for side in [SideOf::Recipient, SideOf::Sender] {
            let page = self.mailbox_page(caller, side, &filter, PageStart::Top, LAST).await?;
            last.extend(page.rows);
        }
        last.sort_by_key(|row| std::cmp::Reverse((row.record.state.list_time(), row.record.id)));
        last.truncate(LAST);
        let mut open = self.store.list_open_tasks(own, TASKS + 1).await?;
        let more_tasks = open.len() as u64 > TASKS;
        open.truncate(usize::try_from(TASKS).unwrap_or(usize::MAX));
        Ok(BoxOverview {
            waiting: self.waiting(caller).await?,
            unread: self.unread_messages(caller).await?,
            tasks: self.with_messages(caller, data_box, open).await?,
            more_tasks,
            last,
            undelivered: self.store.count_candidates(sent, &Lead::Open, COUNTED).await?,
            others: self.deeds_of_others(caller).await?,
        })
    }

    /// How many messages of the caller's box are delivered and not read, counted up to a thousand.
    ///
    /// # Errors
    /// 1004.
    pub async fn unread_messages(&self, caller: &Principal) -> Result<u64, Failure> {
        let own = caller.authorize(Operation::GetListOfReceivedMessages)?.id;
        let list = MailboxList {
            box_id: own,
            side: SideOf::Recipient,
        };
        Ok(self.store.count_candidates(list, &Lead::Unread, COUNTED).await?)
    }

    /// Somebody who may not read a message may note a task on it while it waits for the caller, to whom its subject
    /// would be told before it is delivered.
    async fn with_messages(
        &self,
        caller: &Principal,
        own: &DataBox,
        open: Vec<OpenTask>,
    ) -> Result<Vec<OverviewTask>, Failure> {
        let ids: Vec<MessageId> = open.iter().map(|task| task.message).collect();
        let now = self.clock.legal();
        let records: HashMap<MessageId, MessageRecord> = self
            .store
            .load_records(&ids)
            .await?
            .into_iter()
            .map(|record| (record.id, record.at(now)))
            .collect();
        Ok(open
            .into_iter()
            .filter_map(|open| {
                let record = records.get(&open.message)?.clone();
                let waits = open.side == SideOf::Recipient && waits_for(caller, own, &record);
                (!waits).then_some(OverviewTask { open, record })
            })
            .collect())
    }

    /// What others did with the messages of the caller's box. Who sees the lists sees from them that it was done; who
    /// it was, the people of a box may know of each other.
    async fn deeds_of_others(&self, caller: &Principal) -> Result<Vec<OthersDeed>, Failure> {
        let Some(own) = caller.data_box.as_ref().map(|own| own.id) else {
            return Ok(Vec::new());
        };
        let own_id = caller.membership.as_ref().map(|membership| &membership.isds_id);
        let records = self
            .store
            .scan_audit(&AuditScan {
                lead: AuditLead::Box(own),
                from: self.clock.legal().plus_seconds(-DEED_DAYS * DAY_SECONDS),
                after: AuditPosition {
                    legal: Timestamp(i64::MAX),
                    id: AuditId(i64::MIN),
                },
                limit: DEEDS_LOOKED_AT,
            })
            .await?;
        let others = records
            .into_iter()
            .map(|record| record.entry)
            .filter(|entry| {
                entry.outcome == AuditOutcome::Done
                    && entry.action.group() == AuditGroup::Messages
                    && matches!(entry.actor.kind, AuditActorKind::Person | AuditActorKind::Application)
                    && (entry.actor.isds_id.is_none() || entry.actor.isds_id.as_ref() != own_id)
            })
            .take(DEEDS)
            .map(|entry| OthersDeed {
                name: entry.actor.name,
                kind: entry.actor.kind,
                action: entry.action,
                message: entry.subject.message,
                detail: entry.subject.detail,
                at: entry.legal,
            });
        Ok(others.collect())
    }
}
