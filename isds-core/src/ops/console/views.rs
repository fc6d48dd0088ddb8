//! A box with everything that its administration knows of it.

use crate::administration::RequestNumber;
use crate::audit::{AuditAction, AuditSubject};
use crate::data_box::DataBox;
use crate::error::{Failure, Refusal};
use crate::ids::BoxId;
use crate::ports::{BoxCertificate, BoxStateChange, KeptRequest, UserPosition};
use crate::postal::{CreditAccount, CreditEntry, Subsidy};
use crate::principal::Principal;
use crate::status::Status;
use crate::time::Timestamp;
use crate::user::BoxUser;
use crate::vault::VaultAccount;

use super::super::Isds;
use super::operator_only;

/// Users on a page.
const USERS: u64 = 50;
/// Requests on a page.
const REQUESTS: u64 = 50;
/// Last lines of the ledger.
const ENTRIES: u64 = 20;
/// Most subsidies that are shown.
const SUBSIDIES: u64 = 100;

/// A box as the administrator sees it.
#[derive(Debug, Clone)]
pub struct BoxView {
    /// The box.
    pub data_box: DataBox,
    /// In which states it was since when, oldest first.
    pub states: Vec<BoxStateChange>,
    /// Its users, a page of them.
    pub users: Vec<BoxUser>,
    /// Where the next page of users begins; none where this is the last one.
    pub more_users: Option<UserPosition>,
    /// Stands in the public list at its holder's request.
    pub listed: bool,
    /// Its credit, where it ever had some.
    pub credit: Option<CreditAccount>,
    /// Last lines of its ledger, newest first.
    pub entries: Vec<CreditEntry>,
    /// Subsidies for what it sends.
    pub subsidies: Vec<Subsidy>,
    /// Its vault.
    pub vault: VaultAccount,
    /// Certificates with which its applications call.
    pub certificates: Vec<BoxCertificate>,
}

/// A page of what was asked for about a box, newest first.
#[derive(Debug, Clone)]
pub struct BoxHistoryPage {
    /// Requests.
    pub requests: Vec<KeptRequest>,
    /// The next page is of those before this one.
    pub next: Option<RequestNumber>,
}

impl Isds {
    /// A box with what belongs to it; its users behind `after`. That somebody looked is recorded.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 5001.
    pub async fn box_view(
        &self,
        caller: &Principal,
        id: BoxId,
        after: Option<UserPosition>,
    ) -> Result<BoxView, Failure> {
        operator_only(caller)?;
        let data_box = self.store.lookup_box(id).await?;
        let data_box = data_box.ok_or_else(|| Refusal::of(Status::BOX_NOT_FOUND))?;
        let now = self.clock.legal();
        let mut users = self.store.list_users(id, after, USERS + 1).await?;
        let more = users.len() as u64 > USERS;
        users.truncate(usize::try_from(USERS).unwrap_or(usize::MAX));
        let more_users = users.last().filter(|_| more).map(UserPosition::from);
        self.record_reading(caller, AuditAction::DataViewed, AuditSubject::in_box(id));
        Ok(BoxView {
            states: self.store.list_box_states(id).await?,
            listed: self.store.is_listed(id).await?,
            credit: self.store.lookup_credit(id).await?,
            entries: self
                .store
                .list_credit_entries(id, Timestamp(i64::MIN), Timestamp(i64::MAX), ENTRIES)
                .await?,
            subsidies: self.store.list_subsidies(id, None, now, SUBSIDIES).await?,
            vault: self.store.lookup_vaults(id, now).await?,
            certificates: self.store.list_certificates_of_box(id).await?,
            data_box,
            users,
            more_users,
        })
    }

    /// What was asked for about a box, those before the request `before`. That somebody looked is recorded.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn box_requests(
        &self,
        caller: &Principal,
        id: BoxId,
        before: Option<RequestNumber>,
    ) -> Result<BoxHistoryPage, Failure> {
        operator_only(caller)?;
        let mut requests = self.store.list_requests(id, before, REQUESTS + 1).await?;
        let more = requests.len() as u64 > REQUESTS;
        requests.truncate(usize::try_from(REQUESTS).unwrap_or(usize::MAX));
        let next = requests.last().filter(|_| more).map(|request| request.number);
        self.record_reading(
            caller,
            AuditAction::DataViewed,
            AuditSubject::in_box(id).detail("requests"),
        );
        Ok(BoxHistoryPage { requests, next })
    }
}
