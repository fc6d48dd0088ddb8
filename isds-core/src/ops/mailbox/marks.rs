//! What the people of a box note on its messages. Whoever sees the lists of a box may note in it.

use jiff::civil::Date;

use crate::error::{Failure, Refusal};
use crate::ids::MessageId;
use crate::mailbox::{MAX_TAG_NAME, MAX_TAGS, MailboxList, MarkedMessage, TAG_COLOURS, TagId, Task};
use crate::message::{Phase, SideOf};
use crate::operation::Operation;
use crate::ports::MessageRecord;
use crate::principal::{Actor, Principal};
use crate::text::clean;

use super::super::Isds;
use super::waiting::waits_for;

/// Most messages marked at once.
const AT_ONCE: usize = 1_000;

/// Why a tag was not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MarkError {
    /// It has no name.
    #[error("the tag has no name")]
    NoName,
    /// Its name is too long.
    #[error("the name of the tag is too long")]
    NameTooLong,
    /// There is no such colour.
    #[error("there is no such colour")]
    NoColour,
    /// The box has a tag of that name.
    #[error("the box has a tag of that name")]
    Taken,
    /// The box has as many tags as it may.
    #[error("the box has too many tags")]
    TooMany,
}

/// What is to be noted about a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskDraft {
    /// To be done, by the end of the day if there is one.
    Open(Option<Date>),
    /// Done.
    Done,
}

impl Isds {
    /// Adds a tag to the caller's box.
    ///
    /// # Errors
    /// 1004; the inner one says what is wrong with the tag.
    pub async fn add_tag(
        &self,
        caller: &Principal,
        name: &str,
        colour: i16,
    ) -> Result<Result<TagId, MarkError>, Failure> {
        let own = caller.authorize(Operation::GetListOfReceivedMessages)?;
        let name = clean(name);
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            return Ok(Err(MarkError::NoName));
        }
        if name.chars().count() > MAX_TAG_NAME {
            return Ok(Err(MarkError::NameTooLong));
        }
        if !(0..TAG_COLOURS).contains(&colour) {
            return Ok(Err(MarkError::NoColour));
        }
        if self.store.list_tags(own.id).await?.len() >= MAX_TAGS {
            return Ok(Err(MarkError::TooMany));
        }
        let added = self.store.add_tag(own.id, &name, colour).await?;
        Ok(added.ok_or(MarkError::Taken))
    }

    /// Removes a tag of the caller's box; false where there is none.
    ///
    /// # Errors
    /// 1004.
    pub async fn remove_tag(&self, caller: &Principal, id: TagId) -> Result<bool, Failure> {
        let own = caller.authorize(Operation::GetListOfReceivedMessages)?;
        Ok(self.store.remove_tag(own.id, id).await?)
    }

    /// Tags messages of one of the caller's lists, or takes the tag from them. Answers how many messages it was about:
    /// those of other boxes, those that are still on their way and those that wait for the caller are left alone.
    ///
    /// # Errors
    /// 1004.
    pub async fn tag_messages(
        &self,
        caller: &Principal,
        side: SideOf,
        ids: &[MessageId],
        tag: TagId,
        tagged: bool,
    ) -> Result<usize, Failure> {
        let (list, messages) = self.markable(caller, side, ids).await?;
        if self.own_tag(caller, tag).await?.is_none() {
            return Ok(0);
        }
        if tagged {
            self.store.tag_messages(list, tag, &messages).await?;
        } else {
            let ids: Vec<MessageId> = messages.iter().map(|message| message.id).collect();
            self.store.untag_messages(list, tag, &ids).await?;
        }
        Ok(messages.len())
    }

    /// Notes what is to be done about messages of one of the caller's lists, or that it is done. Answers as
    /// [`tag_messages`](Self::tag_messages).
    ///
    /// # Errors
    /// 1004.
    pub async fn note_task(
        &self,
        caller: &Principal,
        side: SideOf,
        ids: &[MessageId],
        draft: TaskDraft,
    ) -> Result<usize, Failure> {
        let (list, messages) = self.markable(caller, side, ids).await?;
        let by = match &caller.actor {
            Actor::Person(person) | Actor::Operator(person) => person.full_name(),
            Actor::Application => String::new(),
        };
        let at = self.clock.legal().to_millis();
        let task = |due, done| Task {
            due,
            done,
            by: by.clone(),
            at,
        };
        let TaskDraft::Open(due) = draft else {
            // The day stays, so that what was done by when can be told.
            let ids: Vec<MessageId> = messages.iter().map(|message| message.id).collect();
            let known = self.store.tasks_of(list, &ids).await?;
            for (id, before) in &known {
                let marked = messages.iter().copied().find(|message| message.id == *id);
                self.store
                    .set_task(list, marked.as_slice(), &task(before.due, true))
                    .await?;
            }
            return Ok(known.len());
        };
        self.store.set_task(list, &messages, &task(due, false)).await?;
        Ok(messages.len())
    }

    /// Marks received messages as read, those that the caller may read and that are not. Answers how many that were.
    ///
    /// # Errors
    /// 1004.
    pub async fn mark_all_read(&self, caller: &Principal, ids: &[MessageId]) -> Result<usize, Failure> {
        let (_, messages) = self.markable(caller, SideOf::Recipient, ids).await?;
        let mut marked = 0;
        for message in messages {
            match self.mark_message_as_downloaded(caller, message.id).await {
                Ok(()) => marked += 1,
                // One that the caller may not read, or that was erased meanwhile, is no reason to leave the others.
                Err(Failure::Refused(_)) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(marked)
    }

    /// Those of the messages that stand in the caller's list for good.
    async fn markable(
        &self,
        caller: &Principal,
        side: SideOf,
        ids: &[MessageId],
    ) -> Result<(MailboxList, Vec<MarkedMessage>), Failure> {
        let own = caller.authorize(match side {
            SideOf::Recipient => Operation::GetListOfReceivedMessages,
            SideOf::Sender => Operation::GetListOfSentMessages,
        })?;
        if ids.len() > AT_ONCE {
            return Err(Refusal::about(crate::status::Status::SYNTAX, "příliš mnoho zpráv najednou.").into());
        }
        let list = MailboxList { box_id: own.id, side };
        let stands = |record: &MessageRecord| match side {
            SideOf::Recipient => {
                record.envelope.recipient == own.id
                    && record.state.delivered_in.is_some()
                    && !waits_for(caller, own, record)
            }
            SideOf::Sender => {
                record.envelope.sender == own.id && !matches!(record.state.phase, Phase::Submitted | Phase::Stamped)
            }
        };
        let records = self.store.load_records(ids).await?;
        let marked = records
            .iter()
            .filter(|record| stands(record))
            .map(|record| MarkedMessage {
                id: record.id,
                time: record.state.list_time(),
            });
        Ok((list, marked.collect()))
    }
}
