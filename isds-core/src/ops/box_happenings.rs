//! What happened in a box and who did it: records of who did what, and the messages themselves, which name their authors.

use std::fmt;
use std::str::FromStr;

use crate::audit::{AuditAction, AuditGroup, AuditPosition, AuditRecord};
use crate::author::Author;
use crate::error::Failure;
use crate::ids::{BoxId, IsdsId, MessageId};
use crate::message::SideOf;
use crate::operation::Operation;
use crate::ports::{ListPosition, MessageListQuery, MessageRecord};
use crate::principal::Principal;
use crate::time::Timestamp;

use super::{AuditSearch, Isds};

/// Bits of every state that lists show.
const EVERY_STATE: u32 = 0x7FF;

/// Something that happened in a box.
#[derive(Debug, Clone)]
pub enum Happening {
    /// A record of who did what.
    Done(Box<AuditRecord>),
    /// A message was sent.
    Sent(Box<MessageRecord>, Option<Box<Author>>),
    /// A message was delivered into the box.
    Received(Box<MessageRecord>),
}

impl Happening {
    /// Legal time by which it is listed.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        match self {
            Self::Done(record) => record.entry.legal,
            Self::Sent(record, _) | Self::Received(record) => record.state.list_time(),
        }
    }
}

/// Where a list of happenings stopped, in each of the three that it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HappeningPosition {
    done: AuditPosition,
    sent: ListPosition,
    received: ListPosition,
}

/// Six numbers with full stops between them.
impl fmt::Display for HappeningPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sent, received) = (self.sent, self.received);
        write!(
            f,
            "{}.{}.{}.{}.{}",
            self.done, sent.time.0, sent.id.0, received.time.0, received.id.0
        )
    }
}

/// Text that is no place in a list of happenings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a place in a list of happenings")]
pub struct HappeningPositionError;

impl FromStr for HappeningPosition {
    type Err = HappeningPositionError;

    fn from_str(text: &str) -> Result<Self, HappeningPositionError> {
        let numbers: Vec<i64> = text
            .split('.')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| HappeningPositionError)?;
        let [legal, id, sent_time, sent_id, received_time, received_id] = numbers[..] else {
            return Err(HappeningPositionError);
        };
        let place = |time, id| ListPosition {
            time: Timestamp(time),
            id: MessageId(id),
        };
        Ok(Self {
            done: AuditPosition {
                legal: Timestamp(legal),
                id: crate::audit::AuditId(id),
            },
            sent: place(sent_time, sent_id),
            received: place(received_time, received_id),
        })
    }
}

/// What of it is asked for.
#[derive(Debug, Clone, Default)]
pub struct HappeningSearch {
    /// From this legal time on.
    pub from: Option<Timestamp>,
    /// Before this legal time.
    pub until: Option<Timestamp>,
    /// What one user did.
    pub actor: Option<IsdsId>,
    /// One group.
    pub group: Option<AuditGroup>,
    /// Only what comes after this place.
    pub after: Option<HappeningPosition>,
}

/// A page of happenings.
#[derive(Debug, Clone, Default)]
pub struct HappeningPage {
    /// Newest first.
    pub happenings: Vec<Happening>,
    /// Where to go on; none where there is nothing more.
    pub next: Option<HappeningPosition>,
}

impl HappeningSearch {
    fn first(&self) -> HappeningPosition {
        let until = self.until.unwrap_or(Timestamp(i64::MAX));
        let place = ListPosition {
            time: until,
            id: MessageId(i64::MIN),
        };
        self.after.unwrap_or(HappeningPosition {
            done: AuditPosition {
                legal: until,
                id: crate::audit::AuditId(i64::MIN),
            },
            sent: place,
            received: place,
        })
    }
}

impl Isds {
    /// What happened in the caller's box, for those who administer its users. The messages stand in it for those who may
    /// see them in lists.
    ///
    /// # Errors
    /// 1004.
    pub async fn box_happenings(
        &self,
        caller: &Principal,
        search: &HappeningSearch,
        limit: usize,
    ) -> Result<HappeningPage, Failure> {
        let first = search.first();
        let audit = AuditSearch {
            from: search.from,
            actor: search.actor.clone(),
            group: search.group,
            after: Some(first.done),
            ..AuditSearch::default()
        };
        let done = self.search_box_audit(caller, &audit, limit).await?;
        let mut next = first;
        let mut more = done.next.is_some();
        let mut found: Vec<Happening> = done
            .records
            .into_iter()
            .map(|record| Happening::Done(Box::new(record)))
            .collect();
        let lists = caller.authorize(Operation::GetListOfSentMessages).ok();
        if let Some(own) = lists.filter(|_| search.group.is_none_or(|group| group == AuditGroup::Messages)) {
            let sent = self
                .messages_of(own.id, SideOf::Sender, search.from, first.sent, limit)
                .await?;
            more |= sent.len() > limit;
            for record in sent.into_iter().take(limit) {
                let author = self.store.lookup_author(record.id).await?;
                found.push(Happening::Sent(Box::new(record), author.map(Box::new)));
            }
            let received = self
                .messages_of(own.id, SideOf::Recipient, search.from, first.received, limit)
                .await?;
            more |= received.len() > limit;
            found.extend(
                received
                    .into_iter()
                    .take(limit)
                    .map(|record| Happening::Received(Box::new(record))),
            );
        }
        let searched = done.next;
        let records = found
            .iter()
            .filter(|happening| matches!(happening, Happening::Done(_)))
            .count();
        // What is older than the stretch of records that was searched waits, or it would come before records of its time.
        found.retain(|happening| {
            matches!(happening, Happening::Done(_)) || searched.is_none_or(|place| happening.time() >= place.legal)
        });
        found.sort_by_key(|happening| std::cmp::Reverse(happening.time()));
        more |= found.len() > limit;
        found.truncate(limit);
        for happening in &found {
            match happening {
                Happening::Done(record) => next.done = record.position(),
                Happening::Sent(record, _) => next.sent = record.position(),
                Happening::Received(record) => next.received = record.position(),
            }
        }
        let shown = found
            .iter()
            .filter(|happening| matches!(happening, Happening::Done(_)))
            .count();
        if shown == records {
            // A stretch in which nothing more fits is passed over.
            next.done = searched.unwrap_or(next.done);
        }
        found.retain(|happening| is_of(happening, search.actor.as_ref()));
        Ok(HappeningPage {
            happenings: found,
            next: more.then_some(next),
        })
    }

    async fn messages_of(
        &self,
        box_id: BoxId,
        side: SideOf,
        from: Option<Timestamp>,
        after: ListPosition,
        limit: usize,
    ) -> Result<Vec<MessageRecord>, Failure> {
        let query = MessageListQuery {
            box_id,
            side,
            from,
            to: None,
            status_bits: match side {
                SideOf::Sender => EVERY_STATE,
                // What has not reached the box is not there.
                SideOf::Recipient => EVERY_STATE & !0b1111,
            },
            after: Some(after),
            offset: 0,
            // One more tells whether there is more.
            limit: limit as u64 + 1,
        };
        Ok(self.store.list_messages(&query).await?)
    }
}

/// Whether somebody did it; what nobody asked for fits always.
fn is_of(happening: &Happening, actor: Option<&IsdsId>) -> bool {
    let Some(actor) = actor else {
        // The message itself tells of its sending.
        return !matches!(happening, Happening::Done(record) if record.entry.action == AuditAction::MessageSent);
    };
    match happening {
        Happening::Done(record) => record.entry.actor.isds_id.as_ref() == Some(actor),
        Happening::Sent(_, author) => author.as_ref().and_then(|author| author.isds_id.as_deref()) == Some(&actor.0),
        Happening::Received(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_they_are_written() {
        let search = HappeningSearch {
            until: Some(Timestamp(77)),
            ..HappeningSearch::default()
        };
        let place = search.first();
        assert_eq!(place.to_string().parse(), Ok(place));
        for wrong in ["", "1.2", "1.2.3.4.5.6.7", "a.2.3.4.5.6", "1.2.3.4.5."] {
            assert_eq!(
                wrong.parse::<HappeningPosition>(),
                Err(HappeningPositionError),
                "{wrong}"
            );
        }
    }
}
