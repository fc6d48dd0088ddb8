//! `GetListOfReceivedMessages`, which delivers, and `GetListOfSentMessages`.

use std::sync::Arc;

use crate::audit::{AuditAction, AuditSubject};
use crate::data_box::DataBox;
use crate::envelope::MessageKind;
use crate::error::{Failure, Refusal};
use crate::ids::MessageId;
use crate::message::{Input, Message, Phase, SideOf};
use crate::operation::Operation;
use crate::ports::{MessageChange, MessageListQuery, MessageRecord, Store, StoreError, StoreResult};
use crate::principal::Principal;
use crate::privileges::Privileges;
use crate::status::Status;
use crate::time::Timestamp;

use super::Isds;
use super::notices::Before;
use super::pages::{PAGE, Pages, pages};
use super::process_message::Step;

/// What a caller asks of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListRequest {
    /// `dmFromTime`.
    pub from: Option<Timestamp>,
    /// `dmToTime`.
    pub to: Option<Timestamp>,
    /// `dmStatusFilter`: Σ2^state, -1 or nothing for all.
    pub status_filter: Option<i64>,
    /// `dmOffset`, counted from 1; 0 is taken as 1.
    pub offset: Option<i64>,
    /// `dmLimit`, 1000 where not given.
    pub limit: Option<i64>,
}

const DEFAULT_LIMIT: i64 = 1000;
/// States 4, 5, 6, 7 and 10: what a recipient's list shows (manual M 2.7).
const RECEIVED_STATES: u32 = 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 10;
/// States 1 to 8 and 10: what a sender's list shows (manual M 2.8).
const SENT_STATES: u32 = 0x1FE | 1 << 10;
/// How many messages are delivered in one transaction.
const DELIVERY_BATCH: u64 = 500;

impl ListRequest {
    /// Number of the first record, from 1.
    #[must_use]
    pub fn first_ordinal(&self) -> i64 {
        self.offset.unwrap_or(1).max(1)
    }

    fn query(&self, data_box: &DataBox, side: SideOf, states: u32) -> Result<MessageListQuery, Refusal> {
        if matches!((self.from, self.to), (Some(from), Some(to)) if from > to) {
            return Err(Refusal::about(Status::SYNTAX, "dmFromTime je později než dmToTime."));
        }
        if self.offset.is_some_and(|offset| offset < 0) {
            return Err(Refusal::about(Status::SYNTAX, "dmOffset je záporný."));
        }
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        let limit = u64::try_from(limit).map_err(|_| Refusal::about(Status::SYNTAX, "dmLimit je záporný."))?;
        let wanted = match self.status_filter {
            None | Some(-1) => states,
            Some(filter) => u32::try_from(filter & 0x7FF).unwrap_or(0) & states,
        };
        Ok(MessageListQuery {
            box_id: data_box.id,
            side,
            from: self.from,
            to: self.to,
            status_bits: wanted,
            after: None,
            offset: u64::try_from(self.first_ordinal() - 1).unwrap_or(0),
            limit,
        })
    }
}

impl Isds {
    /// Delivers every message that waits for the caller, then lists (manual M 2.7.1). The only operation of the
    /// contract that delivers. The records come in pages, see [`Isds::list_sent_messages`].
    ///
    /// # Errors
    /// 1004, 2017, 3006 where delivering takes too long: what was delivered stays so, the next call goes on.
    pub async fn list_received_messages(
        &self,
        caller: &Principal,
        request: &ListRequest,
    ) -> Result<Pages<MessageRecord>, Failure> {
        let own = caller.authorize(Operation::GetListOfReceivedMessages)?;
        let query = request.query(own, SideOf::Recipient, RECEIVED_STATES)?;
        self.deliver_by_login(caller, own).await?;
        Ok(self.message_pages(query))
    }

    /// Lists sent messages. The records come in pages, so a list of any length takes the memory of one; a page that
    /// cannot be read ends the list with its error.
    ///
    /// Each page is a query of its own, and messages move meanwhile. The upper end of the list stands from its first
    /// page on: the pages go down from its last record, and the time of a message only moves forward. So no message
    /// comes twice, and what is delivered after the first page was read is left out, like everything that is newer
    /// than the list: the next list whose interval begins where this one ended has it. A record shows the state at
    /// the time when its page was read.
    ///
    /// # Errors
    /// 1004, 2017.
    pub async fn list_sent_messages(
        &self,
        caller: &Principal,
        request: &ListRequest,
    ) -> Result<Pages<MessageRecord>, Failure> {
        let own = caller.authorize(Operation::GetListOfSentMessages)?;
        let query = request.query(own, SideOf::Sender, SENT_STATES)?;
        Ok(self.message_pages(query))
    }

    fn message_pages(&self, query: MessageListQuery) -> Pages<MessageRecord> {
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        pages(query, move |query| {
            message_page(Arc::clone(&store), query, clock.legal())
        })
    }

    /// Delivers what waits in the caller's box and what the caller may read, oldest first.
    ///
    /// In a box that is not accessible nobody can sign in in the sense of the law for messages in state 4; messages of
    /// the system are delivered all the same, and those delivered by fiction still become accepted (contract,
    /// section 3).
    ///
    /// # Errors
    /// 3006 over the time limit.
    pub async fn deliver_by_login(&self, caller: &Principal, own: &DataBox) -> Result<(), Failure> {
        if !caller.privileges.may_read(false) {
            return Ok(());
        }
        let personal = caller.privileges.allows(Privileges::READ_ALL);
        let deadline = self.clock.real().plus_seconds(self.limits.delivery_seconds);
        let mut after = MessageId(0);
        let mut closing_finished = false;
        loop {
            let waiting = self
                .store
                .list_waiting_messages(own.id, personal, after, DELIVERY_BATCH)
                .await?;
            let Some(last) = waiting.last().map(|message| message.id) else {
                return Ok(());
            };
            // Delivery has legal effect: what the caller's proof remembers of the box may be seconds old.
            let accessible = self
                .store
                .lookup_box(own.id)
                .await?
                .is_some_and(|b| b.state.is_accessible());
            // The job of the closing may not have had its turn: fiction that no longer counts must not become a login.
            if !accessible && !closing_finished {
                if !self.finish_closing_until(own.id, deadline).await? {
                    return Err(Failure::refused(Status::DELIVERY_TAKES_TOO_LONG));
                }
                closing_finished = true;
                continue;
            }
            let at = self.clock.legal().to_millis();
            let login = Input::Login {
                by: caller.reader_kind(),
                at,
            };
            let delivered: Vec<&Message> = waiting
                .iter()
                .filter(|m| accessible || m.state.phase == Phase::Fiction || m.kind == MessageKind::System)
                .collect();
            let unattended = self.unattended(&waiting, at).await?;
            let mut changes = delivered
                .iter()
                .map(|message| {
                    Ok(Step::of(message)
                        .after_fiction(at, &unattended)?
                        .then(login)?
                        .into_change())
                })
                .collect::<Result<Vec<_>, Failure>>()?;
            let told = changes
                .iter_mut()
                .zip(delivered.iter().map(|message| Before::from(*message)));
            self.tell_of_changes(told.collect()).await?;
            // There is no more where so few were found, and what comes since is for the next list.
            let mut is_all = (waiting.len() as u64) < DELIVERY_BATCH;
            match self.store.apply_changes(&changes).await {
                Ok(()) => {
                    after = last;
                    if !changes.is_empty() {
                        self.record(caller, AuditAction::DeliveredByLogin, about(&changes));
                    }
                }
                // Somebody else of the same box delivered some of them meanwhile: look again.
                Err(StoreError::Conflict) => is_all = false,
                Err(error) => return Err(error.into()),
            }
            if self.clock.real() > deadline {
                return Err(Failure::refused(Status::DELIVERY_TAKES_TOO_LONG));
            }
            if is_all {
                return Ok(());
            }
        }
    }
}

/// What is recorded of one delivery: the message, or how many they were.
fn about(changes: &[MessageChange]) -> AuditSubject {
    match changes {
        [only] => AuditSubject::message(only.id),
        many => AuditSubject::none().detail(many.len().to_string()),
    }
}

/// One page of what `query` still wants, and the query for what is left after it.
async fn message_page(
    store: Arc<dyn Store>,
    mut query: MessageListQuery,
    now: Timestamp,
) -> StoreResult<(Vec<MessageRecord>, Option<MessageListQuery>)> {
    let wanted = query.limit;
    query.limit = wanted.min(PAGE);
    let records = store.list_messages(&query).await?;
    let read = records.len() as u64;
    let next = records.last().filter(|_| read == query.limit && read < wanted);
    let next = next.map(|last| MessageListQuery {
        after: Some(last.position()),
        // Counted from the beginning of the list, which the place is past.
        offset: 0,
        limit: wanted - read,
        ..query
    });
    Ok((records.into_iter().map(|record| record.at(now)).collect(), next))
}
