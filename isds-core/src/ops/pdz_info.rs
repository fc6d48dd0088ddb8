//! `PDZInfo`: by which titles a box may send postal messages.

use crate::data_box::DataBox;
use crate::error::{Failure, Refusal};
use crate::ids::{BoxId, BoxIdError};
use crate::operation::Operation;
use crate::postal::PostalSize;
use crate::principal::Principal;
use crate::status::Status;
use crate::time::Timestamp;

use super::Isds;

/// How many rules of one kind are told; a box that has more finds the rest when these are used up.
const MAX_RULES: u64 = 10_000;

/// A title of a box (`dbPDZRecord`). What is none is unlimited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostalRule {
    /// `PDZType`: O, G, Z, D, K or E.
    pub title: char,
    /// `PDZRecip`: the only box to which it is good.
    pub recipient: Option<BoxId>,
    /// `PDZPayer`.
    pub payer: BoxId,
    /// `PDZExpire`.
    pub expires: Option<Timestamp>,
    /// `PDZCnt`: how many messages are left.
    pub count: Option<i64>,
    /// `ODZIdent`: what a reply has to carry as `dmRecipientRefNumber`.
    pub identifier: Option<String>,
}

impl Isds {
    /// Titles of the caller's box (of any box for the administrator of the system), those used first before the others
    /// (manual V 2.5). Credit is told until it is all gone, even when it no longer pays a message.
    ///
    /// # Errors
    /// 2011 for what is no box ID, 1004 for another's box, 5001 where there is no such box.
    pub async fn pdz_info(&self, caller: &Principal, sender: &str) -> Result<Vec<PostalRule>, Failure> {
        let data_box = self.own_or_any_box(caller, Operation::PDZInfo, sender).await?;
        let id = data_box.id;
        let now = self.clock.legal();
        let mut rules = Vec::new();
        for reply in self.store.list_open_replies(id, now, MAX_RULES).await? {
            rules.push(PostalRule {
                title: 'O',
                recipient: Some(reply.initiator),
                payer: reply.initiator,
                expires: Some(reply.expires),
                count: Some(1),
                identifier: Some(reply.identifier),
            });
        }
        for subsidy in self.store.list_subsidies(id, None, now, MAX_RULES).await? {
            rules.push(PostalRule {
                title: subsidy.kind.letter(),
                recipient: subsidy.recipient,
                payer: subsidy.donor,
                expires: subsidy.expires,
                count: subsidy.remaining,
                identifier: None,
            });
        }
        if data_box.postal_contract {
            rules.push(PostalRule {
                title: 'K',
                recipient: None,
                payer: id,
                expires: None,
                count: None,
                identifier: None,
            });
        }
        let account = self.store.lookup_credit(id).await?;
        if let Some(account) = account.filter(|account| account.available(now) > 0) {
            let price = self.limits.prices.of(PostalSize::Ordinary);
            rules.push(PostalRule {
                title: 'E',
                recipient: None,
                payer: id,
                expires: Some(account.expires),
                count: account.balance.checked_div(price),
                identifier: None,
            });
        }
        Ok(rules)
    }

    /// The box that a call about credit, titles or vault names, where the caller may ask about it.
    ///
    /// # Errors
    /// 2011, 1004, 5001.
    pub(super) async fn own_or_any_box(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: &str,
    ) -> Result<DataBox, Failure> {
        let id: BoxId = box_id
            .trim()
            .parse()
            .map_err(|_: BoxIdError| Refusal::of(Status::MALFORMED_ID))?;
        caller.authorize_for_box(operation, id)?;
        let found = self.store.lookup_box(id).await?;
        found.ok_or_else(|| Failure::refused(Status::BOX_NOT_FOUND))
    }
}
