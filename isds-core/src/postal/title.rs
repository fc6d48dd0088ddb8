//! By which title a message goes: public, or one of the kinds of postal messages, and who pays for it.
//!
//! The decision is a function of what the caller asks ([`PostalRequest`]) and of what the sender has ([`TitleFacts`]);
//! `ops/postal_title.rs` gathers the facts.

use crate::data_box::DataBox;
use crate::envelope::{EnvelopeDraft, MessageKind};
use crate::error::Refusal;
use crate::ids::{BoxId, MessageId};
use crate::status::Status;

use super::{OpenReply, Payment, PostalSize, Prices, Subsidy, SubsidyId, SubsidyKind};

/// Out of what a postal message is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// The payer's contract with the operator: it goes onto an invoice.
    Contract,
    /// The sender's credit.
    Credit,
    /// A subsidy.
    Subsidy(SubsidyId, SubsidyKind),
    /// The contract of whoever sent the initiating message.
    Reply(MessageId),
}

impl Means {
    /// Letter of the title for invoices.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Contract => 'K',
            Self::Credit => 'E',
            Self::Subsidy(_, kind) => kind.letter(),
            Self::Reply(_) => 'O',
        }
    }
}

/// What the sender writes as `dmType` (manual M 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Nothing, or a letter that cannot be asked for: the system decides.
    Automatic,
    /// `V`: public.
    Public,
    /// `K`: by contract before by credit, and not as a reply.
    Contract,
    /// `E`: by credit before by contract, and not as a reply.
    Credit,
    /// `O`: as a reply or not at all.
    Reply,
    /// `I`: initiating, or not at all.
    Initiating,
}

impl Wish {
    /// Reads `dmType` as it was sent.
    #[must_use]
    pub fn of(message_type: Option<&str>) -> Self {
        match message_type {
            Some("V") => Self::Public,
            Some("K") => Self::Contract,
            Some("E") => Self::Credit,
            Some("O") => Self::Reply,
            Some("I") => Self::Initiating,
            _ => Self::Automatic,
        }
    }
}

/// All that is asked by a message between two boxes, whatever the time and the money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostalRequest {
    /// Who sends.
    pub sender: BoxId,
    /// To whom.
    pub recipient: BoxId,
    /// One of the two is an authority.
    pub public: bool,
    /// The sender has a contract with the operator.
    pub contract: bool,
    /// The recipient receives postal messages.
    pub receives: bool,
    /// What the sender wants.
    pub wish: Wish,
    /// `dmSenderRefNumber`, by which an initiating message will be found.
    pub own_reference: Option<String>,
    /// `dmRecipientRefNumber`, by which a reply names its initiating message.
    pub their_reference: Option<String>,
    /// Ordinary or large.
    pub size: PostalSize,
}

impl PostalRequest {
    /// What a message with this envelope asks; `draft` as it is after
    /// [`normalize`](EnvelopeDraft::normalize).
    #[must_use]
    pub fn new(sender: &DataBox, recipient: &DataBox, draft: &EnvelopeDraft, size: PostalSize) -> Self {
        Self {
            sender: sender.id,
            recipient: recipient.id,
            public: sender.box_type.is_ovm() || recipient.box_type.is_ovm(),
            contract: sender.postal_contract,
            receives: recipient.receives_postal(),
            wish: Wish::of(draft.message_type.as_deref()),
            own_reference: draft.sender_ref_number.clone(),
            their_reference: draft.recipient_ref_number.clone(),
            size,
        }
    }

    /// Refuses what no title could make possible; answers whether a title has to be found at all.
    ///
    /// # Errors
    /// 1233, 1232, 1242, 1243.
    pub fn needs_title(&self) -> Result<bool, Refusal> {
        if self.public {
            return Ok(false);
        }
        if self.wish == Wish::Public {
            return Err(Refusal::of(Status::NOT_MARKED_POSTAL));
        }
        if !self.receives {
            return Err(Refusal::of(Status::RECIPIENT_TAKES_NO_POSTAL));
        }
        if self.wish == Wish::Initiating {
            if !self.contract {
                return Err(Refusal::of(Status::NO_CONTRACT));
            }
            if self.own_reference.is_none() {
                return Err(Refusal::of(Status::REPLY_IDENTIFIER));
            }
        }
        Ok(true)
    }
}

/// What a sender has at the time of sending, as far as the request asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TitleFacts {
    /// The initiating message that the request's reference names, where it may still be answered.
    pub reply: Option<OpenReply>,
    /// The subsidy that would be used.
    pub subsidy: Option<Subsidy>,
    /// Credit that can be spent, in hellers.
    pub credit: i64,
    /// An initiating message of the sender has the request's own reference.
    pub reference_used: bool,
}

/// By which title a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// Kind that the message gets.
    pub kind: MessageKind,
    /// What is to be paid; nothing for public messages.
    pub payment: Option<Payment>,
}

/// A title with what it was chosen for, so that it can be chosen anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Postage {
    /// What the message asks.
    pub request: PostalRequest,
    /// What was chosen.
    pub title: Title,
}

impl Title {
    /// A public message.
    pub const PUBLIC: Self = Self {
        kind: MessageKind::Public,
        payment: None,
    };

    /// Chooses: reply before subsidy before contract before credit, with the exceptions that the sender may wish
    /// (manual M 2.1, V 2.5). Wishes for contract and credit are ignored where they cannot be met; those for a reply and
    /// an initiating message are not.
    ///
    /// # Errors
    /// 1233, 1232, 1242, 1243, 1234, 1205.
    pub fn choose(request: &PostalRequest, facts: &TitleFacts, prices: &Prices) -> Result<Self, Refusal> {
        if !request.needs_title()? {
            return Ok(Self::PUBLIC);
        }
        let amount = prices.of(request.size);
        let pay = |payer, means| Payment {
            payer,
            amount,
            means,
            initiates: None,
        };
        let subsidy = facts
            .subsidy
            .as_ref()
            .map(|s| (pay(s.donor, Means::Subsidy(s.id, s.kind)), s.kind));
        let contract = request.contract.then(|| pay(request.sender, Means::Contract));
        let credit = (facts.credit >= amount).then(|| pay(request.sender, Means::Credit));
        let reply = facts
            .reply
            .as_ref()
            .map(|reply| pay(reply.initiator, Means::Reply(reply.initiating)));
        match request.wish {
            Wish::Initiating => Self::initiating(request, facts, subsidy.map(|(payment, _)| payment), contract),
            Wish::Reply => match reply {
                Some(payment) => Ok(Self::new(MessageKind::Reply, payment)),
                None => Err(Refusal::of(Status::NO_INITIATING_MESSAGE)),
            },
            wish => {
                // Whoever names a way to pay declines the reply that was paid for (manual M 1.12.9).
                let reply = reply.filter(|_| wish == Wish::Automatic);
                let reply = reply.map(|payment| Self::new(MessageKind::Reply, payment));
                let subsidy = subsidy.map(|(payment, kind)| Self::new(MessageKind::Subsidised(kind), payment));
                let contract = contract.map(|payment| Self::new(MessageKind::Contract, payment));
                let credit = credit.map(|payment| Self::new(MessageKind::Credit, payment));
                let own = if wish == Wish::Credit {
                    credit.or(contract)
                } else {
                    contract.or(credit)
                };
                reply
                    .or(subsidy)
                    .or(own)
                    .ok_or_else(|| Refusal::of(Status::INSUFFICIENT_CREDIT))
            }
        }
    }

    /// Paid by the sender or its donor; the reply will be paid by the sender's contract in any case, so there must be
    /// one (manual M 1.12.9).
    fn initiating(
        request: &PostalRequest,
        facts: &TitleFacts,
        subsidy: Option<Payment>,
        contract: Option<Payment>,
    ) -> Result<Self, Refusal> {
        if facts.reference_used {
            return Err(Refusal::of(Status::REPLY_IDENTIFIER));
        }
        let subsidised = subsidy.is_some();
        let payment = subsidy.or(contract).ok_or_else(|| Refusal::of(Status::NO_CONTRACT))?;
        Ok(Self {
            kind: MessageKind::initiating(subsidised),
            payment: Some(Payment {
                initiates: request.own_reference.clone(),
                ..payment
            }),
        })
    }

    fn new(kind: MessageKind, payment: Payment) -> Self {
        Self {
            kind,
            payment: Some(payment),
        }
    }
}

#[cfg(test)]
mod tests;
