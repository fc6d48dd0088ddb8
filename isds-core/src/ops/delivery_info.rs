//! `GetDeliveryInfo` and `GetSignedDeliveryInfo`.

use crate::error::{Failure, Refusal};
use crate::event::Event;
use crate::ids::MessageId;
use crate::message::{Message, Phase, SideOf};
use crate::operation::Operation;
use crate::principal::Principal;
use crate::status::Status;

use super::Isds;

/// A message with its events, as one side sees them.
#[derive(Debug, Clone)]
pub struct DeliveryInfo {
    /// The message.
    pub message: Message,
    /// Whose view: the sender never sees state 7.
    pub side: SideOf,
    /// Events in order.
    pub events: Vec<Event>,
}

impl Isds {
    /// Delivery info of a sent or received message, an erased one included. A received one must be delivered by login
    /// first, since the delivery info shows who sent it and when.
    ///
    /// # Errors
    /// 1004, 1211, 1219, 1222.
    pub async fn delivery_info(
        &self,
        caller: &Principal,
        operation: Operation,
        id: MessageId,
    ) -> Result<DeliveryInfo, Failure> {
        let own = caller.authorize(operation)?.id;
        let message = self.lookup(id).await?;
        let side = message.side_of(own).ok_or_else(|| Refusal::of(Status::OTHER_BOX))?;
        if side == SideOf::Recipient {
            refuse_before_delivery(&message)?;
        }
        let events = self.store.list_events(id).await?;
        Ok(DeliveryInfo { message, side, events })
    }
}

/// The recipient learns nothing of a message before delivery by login; of an undeliverable or erased one, how it ended.
fn refuse_before_delivery(message: &Message) -> Result<(), Refusal> {
    if message.state.recipient.side.erased {
        return Ok(());
    }
    match message.state.phase {
        Phase::Accepted | Phase::Undeliverable => Ok(()),
        Phase::DeliveredIn | Phase::Fiction => Err(Refusal::of(Status::NOT_YET_DELIVERED)),
        Phase::Submitted | Phase::Stamped | Phase::Infected => Err(Refusal::of(Status::NO_MESSAGE)),
    }
}
