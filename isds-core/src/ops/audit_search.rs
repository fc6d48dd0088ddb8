//! Finding records of who did what, and showing that nothing of them was altered.

use crate::audit::{
    AuditAction, AuditEntry, AuditGroup, AuditId, AuditOrigin, AuditOutcome, AuditPosition, AuditRecord, AuditSubject,
};
use crate::error::Failure;
use crate::ids::{BoxId, IsdsId, MessageId};
use crate::ports::{AuditLead, AuditScan};
use crate::principal::Principal;
use crate::privileges::Privileges;
use crate::status::Status;
use crate::time::Timestamp;

use super::Isds;

/// How many records are looked at in one stretch of a search.
const STRETCH: u64 = 1000;
/// How many stretches one search looks at; then it says where it stopped.
const STRETCHES: usize = 5;

/// What a search for records asks for; conditions that are given must all hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditSearch {
    /// From this legal time on.
    pub from: Option<Timestamp>,
    /// Before this legal time.
    pub until: Option<Timestamp>,
    /// What happened in this box.
    pub box_id: Option<BoxId>,
    /// What somebody did.
    pub actor: Option<IsdsId>,
    /// What was done about this user.
    pub subject: Option<IsdsId>,
    /// What was about this box beside the one in which it happened.
    pub other_box: Option<BoxId>,
    /// Which way somebody came.
    pub origin: Option<AuditOrigin>,
    /// What was done to a message.
    pub message: Option<MessageId>,
    /// One kind of action.
    pub action: Option<AuditAction>,
    /// One group of actions.
    pub group: Option<AuditGroup>,
    /// Only what was done, or only what was refused.
    pub done: Option<bool>,
    /// Only what comes after this place.
    pub after: Option<AuditPosition>,
}

/// What a search for records found.
#[derive(Debug, Clone, Default)]
pub struct AuditPage {
    /// Records that fit, newest first.
    pub records: Vec<AuditRecord>,
    /// Where to go on; none where there is nothing more. A page may hold few records and still not be the last: a
    /// search looks at a bounded number of them at once.
    pub next: Option<AuditPosition>,
}

impl AuditSearch {
    /// The condition that leads to the fewest records.
    fn lead(&self) -> AuditLead {
        match self {
            Self { message: Some(id), .. } => AuditLead::Message(*id),
            Self {
                subject: Some(subject), ..
            } => AuditLead::Subject(subject.clone()),
            Self {
                other_box: Some(other), ..
            } => AuditLead::OtherBox(*other),
            Self { actor: Some(actor), .. } => AuditLead::Actor(actor.clone()),
            Self { box_id: Some(id), .. } => AuditLead::Box(*id),
            Self {
                action: Some(action), ..
            } => AuditLead::Action(*action),
            _ => AuditLead::Everything,
        }
    }

    fn fits(&self, entry: &AuditEntry) -> bool {
        let subject = &entry.subject;
        let is_done = entry.outcome == AuditOutcome::Done;
        self.box_id.is_none_or(|id| subject.box_id == Some(id))
            && self
                .actor
                .as_ref()
                .is_none_or(|actor| entry.actor.isds_id.as_ref() == Some(actor))
            && self
                .subject
                .as_ref()
                .is_none_or(|user| subject.isds_id.as_ref() == Some(user))
            && self.other_box.is_none_or(|id| subject.other_box == Some(id))
            && self.origin.is_none_or(|origin| entry.origin == origin)
            && self.message.is_none_or(|id| subject.message == Some(id))
            && self.action.is_none_or(|action| entry.action == action)
            && self.group.is_none_or(|group| entry.action.group() == group)
            && self.done.is_none_or(|done| is_done == done)
    }

    fn first(&self) -> AuditPosition {
        self.after.unwrap_or(AuditPosition {
            legal: self.until.unwrap_or(Timestamp(i64::MAX)),
            id: AuditId(i64::MIN),
        })
    }
}

impl Isds {
    /// Searches all records.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn search_audit(
        &self,
        caller: &Principal,
        search: &AuditSearch,
        limit: usize,
    ) -> Result<AuditPage, Failure> {
        if !caller.is_operator() {
            return Err(Failure::refused(Status::NO_RIGHT));
        }
        let found = self.find_records(search, limit).await?;
        // After it: who looks does not find that they look.
        self.record_reading(caller, AuditAction::AuditViewed, AuditSubject::none());
        Ok(found)
    }

    /// What happened in the caller's box, for those who administer its users.
    ///
    /// # Errors
    /// 1004.
    pub async fn search_box_audit(
        &self,
        caller: &Principal,
        search: &AuditSearch,
        limit: usize,
    ) -> Result<AuditPage, Failure> {
        let own = caller.data_box.as_ref().map(|own| own.id);
        let Some(own) = own.filter(|_| caller.privileges.allows(Privileges::OWNER_ADM)) else {
            return Err(Failure::refused(Status::NO_RIGHT));
        };
        let search = AuditSearch {
            box_id: Some(own),
            ..search.clone()
        };
        self.find_records(&search, limit).await
    }

    async fn find_records(&self, search: &AuditSearch, limit: usize) -> Result<AuditPage, Failure> {
        // What the searching person has just done is to be found.
        self.flush_audit().await?;
        let mut page = AuditPage::default();
        let mut after = search.first();
        for _ in 0..STRETCHES {
            let scan = AuditScan {
                lead: search.lead(),
                from: search.from.unwrap_or(Timestamp(i64::MIN)),
                after,
                limit: STRETCH,
            };
            let stretch = self.store.scan_audit(&scan).await?;
            let is_last = (stretch.len() as u64) < STRETCH;
            for record in stretch {
                after = record.position();
                if !search.fits(&record.entry) {
                    continue;
                }
                if page.records.len() == limit {
                    page.next = page.records.last().map(AuditRecord::position);
                    return Ok(page);
                }
                page.records.push(record);
            }
            if is_last {
                return Ok(page);
            }
        }
        page.next = Some(after);
        Ok(page)
    }
}
