//! `GetListOfErasedMessages` and `PickUpAsyncResponse`: old messages, of which only the envelope is left.
//!
//! A list may be as long as the life of a box. It is ordered, made by a job, kept for a while as an object, and picked
//! up.

use crate::error::{Failure, Refusal};
use crate::ids::ObjectId;
use crate::message::SideOf;
use crate::operation::Operation;
use crate::ports::{
    ErasedList, ErasedListId, ErasedListOrder, JobId, ListFormat, MessageListQuery, MessageRecord, ObjectWriter,
};
use crate::principal::Principal;
use crate::status::Status;
use crate::time::Timestamp;

use super::Isds;

/// What a caller orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErasedListRequest {
    /// From this time on.
    pub from: Timestamp,
    /// Up to and including this time.
    pub to: Timestamp,
    /// `dmMessageType`.
    pub side: SideOf,
    /// `dmOutFormat`.
    pub format: ListFormat,
}

/// Bit of state 9 in a list's filter.
const ERASED: u32 = 1 << 9;
/// Records read at once.
const PAGE: u64 = 1000;
/// Days for which a list is kept.
const KEPT_DAYS: i64 = 7;
const DAY_SECONDS: i64 = 86_400;
/// Lists that a box may order in a day: each costs a walk over its messages.
const ORDERS_A_DAY: u64 = 50;

impl Isds {
    /// Orders a list of the caller's erased messages.
    ///
    /// # Errors
    /// 1004, 2017 for an interval that ends before it begins, 2354 for too many orders.
    pub async fn order_erased_list(
        &self,
        caller: &Principal,
        request: &ErasedListRequest,
    ) -> Result<ErasedListId, Failure> {
        let own = caller.authorize(Operation::GetListOfErasedMessages)?.id;
        if request.from > request.to {
            return Err(Refusal::about(Status::SYNTAX, "období končí dříve, než začíná.").into());
        }
        let now = self.clock.legal().to_millis();
        let yesterday = now.plus_seconds(-DAY_SECONDS);
        if self.store.count_erased_lists(own, yesterday).await? >= ORDERS_A_DAY {
            return Err(Failure::refused(Status::TOO_MANY_ORDERS));
        }
        let old = now.plus_seconds(-KEPT_DAYS * DAY_SECONDS);
        for object in self.store.remove_erased_lists(own, old).await? {
            self.objects.delete(&object).await?;
        }
        let order = ErasedListOrder {
            box_id: own,
            side: request.side,
            from: request.from,
            to: request.to,
            format: request.format,
            ordered: now,
        };
        let id = self.store.order_erased_list(&order, self.clock.real()).await?;
        self.job_added.notify_one();
        Ok(id)
    }

    /// The compressed list that an order came to: an object and its length.
    ///
    /// # Errors
    /// 1004, 2351, 2352, 2353.
    pub async fn pick_up_erased_list(&self, caller: &Principal, id: ErasedListId) -> Result<(ObjectId, u64), Failure> {
        let own = caller.authorize(Operation::PickUpAsyncResponse)?.id;
        match self.store.lookup_erased_list(id, own).await? {
            None => Err(Failure::refused(Status::NO_ASYNC_REQUEST)),
            Some(ErasedList::Waiting(_)) => Err(Failure::refused(Status::ASYNC_NOT_READY)),
            Some(ErasedList::Removed) => Err(Failure::refused(Status::ASYNC_RESPONSE_REMOVED)),
            Some(ErasedList::Ready(object, length)) => Ok((object, length)),
        }
    }

    /// Makes a list that was ordered.
    pub(super) async fn make_erased_list(&self, id: ErasedListId, job: JobId) -> Result<(), Failure> {
        let Some(order) = self.store.erased_list_order(id).await? else {
            return Ok(self.store.finish_job(job).await?);
        };
        let mut object = self.objects.create().await?;
        match self.write_erased_list(&order, &mut *object).await {
            Ok(()) => {}
            Err(failure) => {
                object.abort().await?;
                return Err(failure);
            }
        }
        let (object, length) = object.finish().await?;
        // After a failure it is not known whether the list refers to the object already: then it stays.
        if !self.store.finish_erased_list(id, &object, length, job).await? {
            self.objects.delete(&object).await?;
        }
        Ok(())
    }

    async fn write_erased_list(&self, order: &ErasedListOrder, object: &mut dyn ObjectWriter) -> Result<(), Failure> {
        let mut file = self
            .form
            .erased_list(order.format, order.side, order.ordered.local_date())
            .map_err(unwritable)?;
        let mut query = MessageListQuery {
            box_id: order.box_id,
            side: order.side,
            from: Some(order.from),
            to: Some(order.to),
            status_bits: ERASED,
            after: None,
            offset: 0,
            limit: PAGE,
        };
        loop {
            let page = self.store.list_messages(&query).await?;
            let now = self.clock.legal();
            page.iter()
                .try_for_each(|record| file.add(&record.clone().at(now)))
                .map_err(unwritable)?;
            object.write(&file.take()).await?;
            let Some(last) = page.last().filter(|_| page.len() as u64 == PAGE) else {
                break;
            };
            query.after = Some(MessageRecord::position(last));
        }
        Ok(object.write(&file.finish().map_err(unwritable)?).await?)
    }
}

fn unwritable(error: std::io::Error) -> Failure {
    Failure::Broken("a list could not be written", Box::new(error))
}
