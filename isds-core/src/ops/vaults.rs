//! Vaults: what a box has, buying one from credit, granting one.

use jiff::civil::Date;

use crate::audit::{AuditAction, AuditSubject};
use crate::error::{Failure, Refusal};
use crate::ids::BoxId;
use crate::operation::Operation;
use crate::ports::AddedVault;
use crate::postal::{Booking, CreditEvent, VaultTerm};
use crate::principal::{Actor, Principal};
use crate::privileges::Privileges;
use crate::status::Status;
use crate::vault::{CAPACITIES, Vault, VaultAccount, VaultKind, a_year_from};

use super::Isds;

impl Isds {
    /// `DTInfo`: the vault of a box, its present term and the one that follows (manual V 2.8).
    ///
    /// # Errors
    /// 2011 for what is no box ID, 1004 for another's box, 5001 where there is no such box.
    pub async fn dt_info(&self, caller: &Principal, box_id: &str) -> Result<VaultAccount, Failure> {
        let id = self.own_or_any_box(caller, Operation::DTInfo, box_id).await?.id;
        Ok(self.store.lookup_vaults(id, self.clock.legal()).await?)
    }

    /// The vault of the caller's own box, for its pages.
    ///
    /// # Errors
    /// 1004 for who has no box.
    pub async fn own_vault(&self, caller: &Principal) -> Result<VaultAccount, Failure> {
        let own = caller.data_box.as_ref().ok_or_else(|| Refusal::of(Status::NO_RIGHT))?;
        Ok(self.store.lookup_vaults(own.id, self.clock.legal()).await?)
    }

    /// What a year of a vault for so many messages costs, in hellers.
    #[must_use]
    pub fn vault_price(&self, capacity: i64) -> i64 {
        capacity.saturating_mul(self.limits.prices.vault_message_year)
    }

    /// Whether the caller may spend the credit of their box on a vault: who acts as its holder or administers it.
    #[must_use]
    pub fn may_buy_vault(caller: &Principal) -> bool {
        let holder = caller.membership.as_ref().is_some_and(|m| m.user_type.acts_as_holder());
        holder || caller.privileges.allows(Privileges::OWNER_ADM)
    }

    /// Buys a vault of `capacity` messages for a year from the credit of the caller's box. It begins today, or when the
    /// present one has ended ([`VaultAccount::next_first_day`]); one that follows is enough. `from` is the day that the
    /// caller was shown: a second click buys nothing.
    ///
    /// # Errors
    /// 1004 for those who do not act as the holder and do not administer the box, 2007 for a capacity that is not sold,
    /// and where it would begin on another day, 1205 without enough credit.
    pub async fn buy_vault(&self, caller: &Principal, capacity: i64, from: Date) -> Result<Vault, Failure> {
        let subject = AuditSubject::none().detail(capacity.to_string());
        let work = self.add_bought_vault(caller, capacity, from);
        self.recorded(caller, AuditAction::VaultBought, subject, work).await
    }

    async fn add_bought_vault(&self, caller: &Principal, capacity: i64, from: Date) -> Result<Vault, Failure> {
        let own = caller.data_box.as_ref().map(|own| own.id);
        let Some(box_id) = own.filter(|_| Self::may_buy_vault(caller)) else {
            return Err(Failure::refused(Status::NO_RIGHT));
        };
        sold(capacity)?;
        let now = self.clock.legal().to_millis();
        let account = self.store.lookup_vaults(box_id, now).await?;
        let first = account.next_first_day(now.local_date());
        let first = first.filter(|first| *first == from).ok_or_else(another_follows)?;
        let (from, to) = a_year_from(first);
        let vault = Vault {
            kind: VaultKind::Credit,
            term: VaultTerm { capacity, from, to },
        };
        let booking = Booking {
            box_id,
            change: -self.vault_price(capacity),
            event: CreditEvent::VaultPurchase {
                new: vault.term,
                old: account.terms.last().map(|old| old.term),
                done_by: match &caller.actor {
                    Actor::Person(person) | Actor::Operator(person) => Some(person.full_name()),
                    Actor::Application => None,
                },
            },
            time: now,
        };
        self.add_vault(box_id, vault, Some(&booking)).await
    }

    /// Grants a box a vault from one day to another, without payment.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system; 5001 where there is no such box; 2007 for days in the wrong
    /// order or in the past, a capacity that cannot be, and a term that overlaps another.
    pub async fn grant_vault(&self, caller: &Principal, box_id: BoxId, vault: Vault) -> Result<Vault, Failure> {
        let VaultTerm { capacity, from, to } = vault.term;
        let subject = AuditSubject::in_box(box_id).detail(format!("{capacity}, {from} – {to}"));
        let work = async {
            if !caller.is_operator() {
                return Err(Failure::refused(Status::NO_RIGHT));
            }
            let today = self.clock.legal().local_date();
            sold(capacity)?;
            if from > to || from < today || vault.kind == VaultKind::Credit {
                return Err(impossible());
            }
            if self.store.lookup_box(box_id).await?.is_none() {
                return Err(Failure::refused(Status::BOX_NOT_FOUND));
            }
            let account = self.store.lookup_vaults(box_id, self.clock.legal()).await?;
            self.check_follows(&account, from)?;
            self.add_vault(box_id, vault, None).await
        };
        self.recorded(caller, AuditAction::VaultGranted, subject, work).await
    }

    fn check_follows(&self, account: &VaultAccount, from: Date) -> Result<(), Failure> {
        match account.terms.last() {
            Some(last) if last.begins() > self.clock.legal() => Err(another_follows().into()),
            Some(last) if last.term.to >= from => Err(impossible()),
            _ => Ok(()),
        }
    }

    async fn add_vault(&self, box_id: BoxId, vault: Vault, payment: Option<&Booking>) -> Result<Vault, Failure> {
        match self.store.add_vault(box_id, &vault, payment).await? {
            AddedVault::Added => Ok(vault),
            AddedVault::Unpaid => Err(Failure::refused(Status::INSUFFICIENT_CREDIT)),
            AddedVault::Overtaken => Err(another_follows().into()),
        }
    }
}

fn sold(capacity: i64) -> Result<(), Failure> {
    if CAPACITIES.contains(&capacity) {
        return Ok(());
    }
    let rule = format!(
        "kapacita datového trezoru je od {} do {} zpráv.",
        CAPACITIES.start(),
        CAPACITIES.end()
    );
    Err(Refusal::about(Status::INVALID_STRUCTURE, rule).into())
}

fn impossible() -> Failure {
    Refusal::about(Status::INVALID_STRUCTURE, "takové období datového trezoru není možné.").into()
}

fn another_follows() -> Refusal {
    Refusal::about(Status::INVALID_STRUCTURE, "na datový trezor už navazuje další.")
}
