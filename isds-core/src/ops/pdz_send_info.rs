//! `PDZSendInfo`: whether the caller may send a postal message to a box.

use crate::error::{Failure, Refusal};
use crate::ids::BoxIdError;
use crate::operation::Operation;
use crate::postal::PostalSize;
use crate::principal::Principal;
use crate::privileges::Privileges;
use crate::status::Status;

use super::Isds;

/// Which postal message is asked about (`PDZType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// `Normal`, and what stands for nothing.
    Normal,
    /// `Init`: an initiating one, whose reply is paid for as well.
    Initiating,
    /// `VoDZ`: a large one.
    Large,
}

impl Asked {
    fn parse(text: Option<&str>) -> Result<Self, Refusal> {
        match text.map(str::trim) {
            None | Some("" | "Normal") => Ok(Self::Normal),
            Some("Init") => Ok(Self::Initiating),
            Some("VoDZ") => Ok(Self::Large),
            Some(_) => Err(Refusal::about(
                Status::INVALID_STRUCTURE,
                "PDZType je Normal, Init nebo VoDZ.",
            )),
        }
    }
}

impl Isds {
    /// Whether one message of the kind could be sent now; replies do not count (manual V 2.6). An initiating one needs
    /// the caller's contract, which pays for both messages.
    ///
    /// # Errors
    /// 1004 for a caller without a box, 2011 for what is no box ID, 2007 for another kind of message.
    pub async fn pdz_send_info(
        &self,
        caller: &Principal,
        recipient: &str,
        kind: Option<&str>,
    ) -> Result<bool, Failure> {
        let own = caller.authorize(Operation::PDZSendInfo)?.id;
        let recipient = recipient
            .trim()
            .parse()
            .map_err(|_: BoxIdError| Refusal::of(Status::MALFORMED_ID))?;
        let asked = Asked::parse(kind)?;
        if recipient == own || !caller.privileges.allows(Privileges::CREATE_DM) {
            return Ok(false);
        }
        let sender = self.store.lookup_box(own).await?;
        let receiver = self.store.lookup_box(recipient).await?;
        let (Some(sender), Some(receiver)) = (sender, receiver) else {
            return Ok(false);
        };
        let possible = sender.state.is_accessible()
            && !sender.box_type.is_ovm()
            && receiver.state.is_accessible()
            && receiver.receives_postal();
        if !possible || sender.postal_contract || asked == Asked::Initiating {
            return Ok(possible && sender.postal_contract);
        }
        let now = self.clock.legal();
        if !self
            .store
            .list_subsidies(own, Some(recipient), now, 1)
            .await?
            .is_empty()
        {
            return Ok(true);
        }
        let size = match asked {
            Asked::Large => PostalSize::Large,
            _ => PostalSize::Ordinary,
        };
        let credit = self.store.lookup_credit(own).await?;
        Ok(credit.is_some_and(|account| account.available(now) >= self.limits.prices.of(size)))
    }
}
