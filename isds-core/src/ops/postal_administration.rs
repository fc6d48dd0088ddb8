//! What the operator does about postal messages: credit, subsidies, invoices. No operation of the contract; the
//! administration console calls it.

use crate::audit::{AuditAction, AuditSubject};
use crate::data_box::DataBox;
use crate::error::{Failure, Refusal};
use crate::ids::BoxId;
use crate::postal::{Booking, BookingOutcome, Charge, CreditAccount, CreditEvent, Subsidy, SubsidyId, SubsidyKind};
use crate::principal::Principal;
use crate::privileges::Privileges;
use crate::status::Status;
use crate::time::Timestamp;

use super::Isds;

/// Largest payment, in hellers: a slip of the operator's hand, not a payment, is larger.
const MAX_AMOUNT: i64 = 1_000_000_000;
/// Longest number of a payment, in characters.
const MAX_TRANSACTION: usize = 64;

impl Isds {
    /// Tops up credit by `amount` hellers that were paid under the number `transaction`; the whole credit then lasts
    /// five years. A payment is booked once: a repeated call answers the account as it is.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 2007 for an amount that is not positive or over 10
    /// million CZK, a payment without a number or with the number of another one, 5001 where there is no such box.
    pub async fn top_up_credit(
        &self,
        caller: &Principal,
        box_id: BoxId,
        amount: i64,
        transaction: &str,
    ) -> Result<CreditAccount, Failure> {
        let subject = AuditSubject::in_box(box_id).detail(format!("{amount} h, {transaction}"));
        let work = self.book_top_up(caller, box_id, amount, transaction);
        self.recorded(caller, AuditAction::CreditToppedUp, subject, work).await
    }

    async fn book_top_up(
        &self,
        caller: &Principal,
        box_id: BoxId,
        amount: i64,
        transaction: &str,
    ) -> Result<CreditAccount, Failure> {
        let transaction = self.payment(caller, box_id, amount, transaction).await?;
        let time = self.clock.legal().to_millis();
        let booking = Booking {
            box_id,
            change: amount,
            event: CreditEvent::TopUp { transaction },
            time,
        };
        self.book(&booking, Some(CreditAccount::expiry(time))).await
    }

    /// Pays `amount` hellers of credit back, under the number `transaction`. Booked once, as top-ups are.
    ///
    /// # Errors
    /// As [`top_up_credit`](Self::top_up_credit), and 1205 where there is not so much credit.
    pub async fn withdraw_credit(
        &self,
        caller: &Principal,
        box_id: BoxId,
        amount: i64,
        transaction: &str,
    ) -> Result<CreditAccount, Failure> {
        let subject = AuditSubject::in_box(box_id).detail(format!("{amount} h, {transaction}"));
        let work = self.book_withdrawal(caller, box_id, amount, transaction);
        self.recorded(caller, AuditAction::CreditWithdrawn, subject, work).await
    }

    async fn book_withdrawal(
        &self,
        caller: &Principal,
        box_id: BoxId,
        amount: i64,
        transaction: &str,
    ) -> Result<CreditAccount, Failure> {
        let transaction = self.payment(caller, box_id, amount, transaction).await?;
        let booking = Booking {
            box_id,
            change: -amount,
            event: CreditEvent::Withdrawal { transaction },
            time: self.clock.legal().to_millis(),
        };
        self.book(&booking, None).await
    }

    async fn payment(
        &self,
        caller: &Principal,
        box_id: BoxId,
        amount: i64,
        transaction: &str,
    ) -> Result<String, Failure> {
        operator_only(caller)?;
        let transaction = transaction.trim();
        if !(1..=MAX_AMOUNT).contains(&amount)
            || transaction.is_empty()
            || transaction.chars().count() > MAX_TRANSACTION
        {
            let rule = "platba má kladnou částku do 10 milionů Kč a číslo nejvýše o 64 znacích.";
            return Err(Refusal::about(Status::INVALID_STRUCTURE, rule).into());
        }
        self.existing_box(box_id).await?;
        Ok(transaction.to_owned())
    }

    async fn existing_box(&self, box_id: BoxId) -> Result<DataBox, Failure> {
        Ok(self
            .store
            .lookup_box(box_id)
            .await?
            .ok_or_else(|| Refusal::of(Status::BOX_NOT_FOUND))?)
    }

    async fn book(&self, booking: &Booking, expires: Option<Timestamp>) -> Result<CreditAccount, Failure> {
        match self.store.book_credit(booking, expires).await? {
            BookingOutcome::Booked(account) => Ok(account),
            BookingOutcome::Insufficient => Err(Failure::refused(Status::INSUFFICIENT_CREDIT)),
            BookingOutcome::Repeated => {
                let account = self.store.lookup_credit(booking.box_id).await?;
                account.ok_or_else(|| Failure::Broken("a ledger without an account", "a payment was booked".into()))
            }
            // Told apart from a repeated call, or a slip of the hand would look like money that arrived.
            BookingOutcome::NumberTaken => {
                Err(Refusal::about(Status::INVALID_STRUCTURE, "toto číslo má jiná zaúčtovaná platba.").into())
            }
        }
    }

    /// Notes that a box has, or no longer has, a contract with the operator to send postal messages.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 5001 where there is no such box.
    pub async fn set_postal_contract(&self, caller: &Principal, box_id: BoxId, contract: bool) -> Result<(), Failure> {
        let subject = AuditSubject::in_box(box_id).detail(if contract { "on" } else { "off" });
        let work = async {
            operator_only(caller)?;
            self.existing_box(box_id).await?;
            Ok(self.store.set_postal_contract(box_id, contract).await?)
        };
        self.recorded(caller, AuditAction::PostalContractSet, subject, work)
            .await
    }

    /// Lets a box (or somebody outside the system, see [`SubsidyKind::External`]) pay for the postal messages of
    /// another. A donor that is a box does so itself, by a user who administers it; it must have a contract (manual
    /// M 1.12.9).
    ///
    /// # Errors
    /// 1004 for anybody but the donor's own administrators and the administrator of the system; 5001 for a box that
    /// does not exist; 1242 for a donor without a contract; 2007 for a subsidy that is none.
    pub async fn grant_subsidy(&self, caller: &Principal, subsidy: &Subsidy) -> Result<SubsidyId, Failure> {
        let subject = AuditSubject::in_box(subsidy.donor).with_box(subsidy.sender);
        let work = self.add_subsidy(caller, subsidy);
        self.recorded(caller, AuditAction::SubsidyGranted, subject, work).await
    }

    async fn add_subsidy(&self, caller: &Principal, subsidy: &Subsidy) -> Result<SubsidyId, Failure> {
        donor_only(caller, subsidy)?;
        let limited = subsidy.kind == SubsidyKind::Limited;
        let nothing_left = subsidy.remaining.is_some_and(|remaining| remaining <= 0);
        let over = subsidy.expires.is_some_and(|expires| expires <= self.clock.legal());
        let external = subsidy.kind == SubsidyKind::External;
        let wrong_donor = subsidy.donor == subsidy.sender || external != (subsidy.donor == BoxId::OPERATOR);
        if limited != subsidy.recipient.is_some() || nothing_left || over || wrong_donor {
            return Err(Refusal::about(Status::INVALID_STRUCTURE, "taková dotace není možná.").into());
        }
        self.existing_box(subsidy.sender).await?;
        if let Some(recipient) = subsidy.recipient {
            self.existing_box(recipient).await?;
        }
        if !external && !self.existing_box(subsidy.donor).await?.postal_contract {
            return Err(Failure::refused(Status::NO_CONTRACT));
        }
        Ok(self.store.add_subsidy(subsidy).await?)
    }

    /// Ends a subsidy now.
    ///
    /// # Errors
    /// 1004 as for [`grant_subsidy`](Self::grant_subsidy), and where there is no such subsidy.
    pub async fn end_subsidy(&self, caller: &Principal, id: SubsidyId) -> Result<(), Failure> {
        let subsidy = self
            .store
            .lookup_subsidy(id)
            .await?
            .ok_or_else(|| Refusal::of(Status::NO_RIGHT))?;
        let subject = AuditSubject::in_box(subsidy.donor).with_box(subsidy.sender);
        let work = async {
            donor_only(caller, &subsidy)?;
            Ok(self.store.end_subsidy(id, self.clock.legal()).await?)
        };
        self.recorded(caller, AuditAction::SubsidyEnded, subject, work).await
    }

    /// What a box has to pay for postal messages submitted from `from` until before `until`, oldest first, at most
    /// `limit` lines: its own, those that it subsidised, and the replies to its initiating messages.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn postal_charges(
        &self,
        caller: &Principal,
        payer: BoxId,
        from: Timestamp,
        until: Timestamp,
        limit: u64,
    ) -> Result<Vec<Charge>, Failure> {
        operator_only(caller)?;
        Ok(self.store.list_charges(payer, from, until, limit).await?)
    }
}

fn operator_only(caller: &Principal) -> Result<(), Refusal> {
    if caller.is_operator() {
        Ok(())
    } else {
        Err(Refusal::of(Status::NO_RIGHT))
    }
}

fn donor_only(caller: &Principal, subsidy: &Subsidy) -> Result<(), Refusal> {
    let own = caller.data_box.as_ref().is_some_and(|own| own.id == subsidy.donor);
    if own && caller.privileges.allows(Privileges::OWNER_ADM) {
        Ok(())
    } else {
        operator_only(caller)
    }
}
