//! Sending in bulk: making a job of a table, and what people do with it. What the system does by itself is in
//! [`work`].

mod actions;
mod address;
mod compose;
mod files;
mod work;

use crate::bulk::{
    BulkAction, BulkJob, BulkJobId, BulkMapping, BulkRow, BulkRowState, BulkSettings, BulkState, BulkTally,
    MAX_JOB_NAME, MAX_JOBS, SettingsError, Table, TableError,
};
use crate::error::{Failure, Refusal};
use crate::ids::{BoxId, IsdsId};
use crate::message::Phase;
use crate::operation::Operation;
use crate::ports::{BulkChange, BulkRowMove, BulkRowQuery, NewBulkJob, StoreError};
use crate::principal::{Actor, Principal};
use crate::status::Status;
use crate::text::{clean, truncate};

use super::Isds;

pub use compose::{BulkPreview, BulkPreviewFile};
pub(super) use work::BulkProgress;

/// Most rows of a page.
const MAX_PAGE: u64 = 500;

/// Why something could not be done with a bulk job.
#[derive(Debug, thiserror::Error)]
pub enum BulkError {
    /// The box has no such job.
    #[error("there is no such bulk job")]
    NoJob,
    /// Not in the state in which the job is.
    #[error("the bulk job is in another state")]
    State,
    /// Somebody else changed it meanwhile.
    #[error("the bulk job was changed meanwhile")]
    Changed,
    /// The box has as many jobs as it may have.
    #[error("the box has too many bulk jobs")]
    TooManyJobs(u64),
    /// The table cannot be used.
    #[error("the table cannot be used")]
    Table(#[from] TableError),
    /// The message cannot be made.
    #[error("the message of the bulk job cannot be made")]
    Settings(Vec<SettingsError>),
    /// There is no row that could be sent.
    #[error("there is nothing to send")]
    NothingToSend,
    /// A file of the name is there already, or too many are.
    #[error("the file is one too many")]
    File,
    /// As in any other operation.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<Refusal> for BulkError {
    fn from(refusal: Refusal) -> Self {
        Self::Failure(refusal.into())
    }
}

impl From<StoreError> for BulkError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Changed,
            error => Self::Failure(error.into()),
        }
    }
}

/// A sum of states of rows.
const fn states<const N: usize>(states: [BulkRowState; N]) -> i64 {
    let (mut sum, mut at) = (0, 0);
    while at < N {
        sum |= 1 << states[at] as i16;
        at += 1;
    }
    sum
}

/// Rows of which something was found, and nothing was sent.
const LOOKED_AT: i64 = states([
    BulkRowState::Addressed,
    BulkRowState::Unaddressed,
    BulkRowState::Ready,
    BulkRowState::Faulty,
    BulkRowState::LeftOut,
]);
/// Rows whose message was tried.
const TRIED: i64 = states([BulkRowState::Ready, BulkRowState::Faulty, BulkRowState::LeftOut]);

const fn moved(from: i64, to: BulkRowState) -> BulkRowMove {
    BulkRowMove { from, to }
}

/// Who may work with bulk jobs: a person who may send messages from the box.
fn bulk_sender(caller: &Principal) -> Result<(BoxId, &IsdsId, String), Refusal> {
    let own = caller.authorize(Operation::CreateMessage)?;
    match (&caller.actor, &caller.membership) {
        (Actor::Person(person), Some(membership)) => Ok((own.id, &membership.isds_id, person.full_name())),
        _ => Err(Refusal::of(Status::NO_RIGHT)),
    }
}

impl Isds {
    /// Makes a bulk job of a table. What its columns are is guessed by their names.
    ///
    /// # Errors
    /// 1004, what is wrong with the table, too many jobs; failures of the database.
    pub async fn create_bulk_job(&self, caller: &Principal, name: &str, table: &[u8]) -> Result<BulkJobId, BulkError> {
        let (box_id, actor, actor_name) = bulk_sender(caller)?;
        let table = Table::read(table)?;
        let name = clean(name);
        let name = truncate(name.trim(), MAX_JOB_NAME);
        let settings = BulkSettings {
            mapping: BulkMapping::guess(&table.columns),
            ..BulkSettings::default()
        };
        let new = NewBulkJob {
            box_id,
            name,
            table: &table,
            settings: &settings,
            actor,
            actor_name: &actor_name,
            created: self.clock.legal(),
        };
        let id = self.store.add_bulk_job(&new, MAX_JOBS).await?;
        id.ok_or(BulkError::TooManyJobs(MAX_JOBS))
    }

    /// Bulk jobs of the caller's box, the latest first: `limit` of those before `before`.
    ///
    /// # Errors
    /// 1004; failures of the database.
    pub async fn bulk_jobs(
        &self,
        caller: &Principal,
        before: Option<BulkJobId>,
        limit: u64,
    ) -> Result<Vec<BulkJob>, BulkError> {
        let (box_id, ..) = bulk_sender(caller)?;
        Ok(self.store.list_bulk_jobs(box_id, before, limit.min(MAX_PAGE)).await?)
    }

    /// A bulk job of the caller's box.
    ///
    /// # Errors
    /// 1004, [`BulkError::NoJob`]; failures of the database.
    pub async fn bulk_job(&self, caller: &Principal, id: BulkJobId) -> Result<BulkJob, BulkError> {
        let (box_id, ..) = bulk_sender(caller)?;
        let job = self.store.lookup_bulk_job(id).await?;
        job.filter(|job| job.box_id == box_id).ok_or(BulkError::NoJob)
    }

    /// How many rows of a job are in each state.
    ///
    /// # Errors
    /// As [`bulk_job`](Self::bulk_job).
    pub async fn bulk_tally(&self, caller: &Principal, id: BulkJobId) -> Result<Vec<BulkTally>, BulkError> {
        self.bulk_job(caller, id).await?;
        Ok(self.store.tally_bulk_rows(id).await?)
    }

    /// How many messages of a job are in each phase.
    ///
    /// # Errors
    /// As [`bulk_job`](Self::bulk_job).
    pub async fn bulk_messages(&self, caller: &Principal, id: BulkJobId) -> Result<Vec<(Phase, i64)>, BulkError> {
        self.bulk_job(caller, id).await?;
        Ok(self.store.tally_bulk_messages(id).await?)
    }

    /// Rows of a job, by their numbers: `limit` of those after `after` whose states are among `states` (a sum of
    /// [`BulkRowState::bit`]).
    ///
    /// # Errors
    /// As [`bulk_job`](Self::bulk_job).
    pub async fn bulk_rows(
        &self,
        caller: &Principal,
        id: BulkJobId,
        states: i64,
        after: i64,
        limit: u64,
    ) -> Result<Vec<BulkRow>, BulkError> {
        self.bulk_job(caller, id).await?;
        let query = BulkRowQuery {
            job: id,
            states,
            after,
            limit: limit.min(MAX_PAGE),
        };
        Ok(self.store.list_bulk_rows(&query).await?)
    }

    /// Writes the settings of a job over the version that the caller saw. Where other columns say who the recipients
    /// are, what was found about them is forgotten; otherwise only what was found about the messages.
    ///
    /// # Errors
    /// 1004, what is wrong with the settings, [`BulkError::State`], [`BulkError::Changed`]; failures of the database.
    pub async fn save_bulk_settings(
        &self,
        caller: &Principal,
        id: BulkJobId,
        version: i64,
        settings: BulkSettings,
    ) -> Result<(), BulkError> {
        let mut job = self.bulk_job(caller, id).await?;
        let errors = settings.errors(&job.columns);
        if !errors.is_empty() {
            return Err(BulkError::Settings(errors));
        }
        if job.version != version {
            return Err(BulkError::Changed);
        }
        let state = job.state.after(BulkAction::Edit).ok_or(BulkError::State)?;
        let addresses = |settings: &BulkSettings| {
            let mapping = &settings.mapping;
            (
                mapping.box_id.clone(),
                mapping.ic.clone(),
                mapping.name.clone(),
                mapping.address.clone(),
            )
        };
        let (state, moves) = if addresses(&settings) == addresses(&job.settings) {
            (state, vec![moved(TRIED, BulkRowState::Addressed)])
        } else {
            (BulkState::Draft, vec![moved(LOOKED_AT, BulkRowState::New)])
        };
        job.state = state;
        job.settings = settings;
        let change = BulkChange {
            job,
            moves,
            leave_out_duplicates: false,
            work_due: None,
        };
        self.store.change_bulk_job(&change).await?;
        Ok(())
    }

    /// What the message of a row would be, in whatever state the job is.
    ///
    /// # Errors
    /// As [`bulk_job`](Self::bulk_job); [`BulkError::Settings`] where a text cannot be merged, [`BulkError::NoJob`] where
    /// there is no such row.
    pub async fn bulk_preview(&self, caller: &Principal, id: BulkJobId, number: i64) -> Result<BulkPreview, BulkError> {
        let job = self.bulk_job(caller, id).await?;
        let rows = self
            .bulk_rows(caller, id, i64::MAX, number.saturating_sub(1), 1)
            .await?;
        let row = rows.into_iter().find(|row| row.number == number);
        let row = row.ok_or(BulkError::NoJob)?;
        let errors = job.settings.errors(&job.columns);
        if !errors.is_empty() {
            return Err(BulkError::Settings(errors));
        }
        let common = self.store.list_common_bulk_files(id).await?;
        Ok(self.preview_bulk_row(&job, &common, row).await?)
    }
}
