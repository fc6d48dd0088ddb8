//! Sending in bulk: making a job of a table, and what people do with it. What the system does by itself is in
//! [`work`].

mod address;
mod compose;
mod work;

use crate::audit::{AuditAction, AuditSubject};
use crate::bulk::{
    BulkAction, BulkFile, BulkJob, BulkJobId, BulkMapping, BulkRow, BulkRowState, BulkSettings, BulkState, BulkTally,
    LetterForm, MAX_COMMON_FILES, MAX_JOB_NAME, MAX_JOBS, MAX_ROW_FILES, SettingsError, Table, TableError,
};
use crate::error::{Failure, Refusal};
use crate::ids::{BoxId, IsdsId};
use crate::message::Phase;
use crate::operation::Operation;
use crate::ports::{BulkChange, BulkRowMove, BulkRowQuery, NewBulkJob, StoreError, Upload, UploadId};
use crate::principal::{Actor, Principal};
use crate::status::Status;
use crate::text::{clean, truncate};

use super::Isds;

pub use compose::{BulkPreview, BulkPreviewFile};
pub(super) use work::BulkProgress;

/// Most rows of a page.
const MAX_PAGE: u64 = 500;
/// How often a change is computed anew where the system changed the job meanwhile.
const ATTEMPTS: usize = 4;

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
    BulkRowMove {
        from,
        duplicates: false,
        to,
    }
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
            work_due: None,
        };
        self.store.change_bulk_job(&change).await?;
        Ok(())
    }

    /// Makes an upload of the caller's box a file of a job: one that goes with every message, or one that rows name.
    ///
    /// # Errors
    /// 1004, 1293, 1294, [`BulkError::State`], [`BulkError::File`]; failures of the database.
    pub async fn add_bulk_file(
        &self,
        caller: &Principal,
        id: BulkJobId,
        upload: &Upload,
        common: bool,
    ) -> Result<(), BulkError> {
        let job = self.editable_bulk_job(caller, id).await?;
        if upload.box_id != job.box_id {
            return Err(Refusal::of(Status::UPLOAD_OF_OTHER_BOX).into());
        }
        let file = BulkFile {
            upload: upload.id,
            common,
            name: upload.file_name.clone(),
            length: upload.length,
        };
        let most = if common { MAX_COMMON_FILES } else { MAX_ROW_FILES };
        match self.store.add_bulk_file(id, &file, most).await? {
            true => Ok(()),
            false => Err(BulkError::File),
        }
    }

    /// Gives a file of a job up.
    ///
    /// # Errors
    /// 1004, [`BulkError::State`], [`BulkError::NoJob`] where there is no such file; failures of the database.
    pub async fn remove_bulk_file(&self, caller: &Principal, id: BulkJobId, upload: UploadId) -> Result<(), BulkError> {
        self.editable_bulk_job(caller, id).await?;
        match self.store.remove_bulk_file(id, upload, self.clock.real()).await? {
            true => Ok(()),
            false => Err(BulkError::NoJob),
        }
    }

    /// A job of which the files may be changed; messages that were tried with others are to be tried anew.
    async fn editable_bulk_job(&self, caller: &Principal, id: BulkJobId) -> Result<BulkJob, BulkError> {
        let mut job = self.bulk_job(caller, id).await?;
        let state = job.state.after(BulkAction::Edit).ok_or(BulkError::State)?;
        if state != job.state {
            job.state = state;
            let change = BulkChange {
                job: job.clone(),
                moves: vec![moved(TRIED, BulkRowState::Addressed)],
                work_due: None,
            };
            job.version = self.store.change_bulk_job(&change).await?;
        }
        Ok(job)
    }

    /// Files of a job that go with every message.
    ///
    /// # Errors
    /// As [`bulk_job`](Self::bulk_job).
    pub async fn common_bulk_files(&self, caller: &Principal, id: BulkJobId) -> Result<Vec<BulkFile>, BulkError> {
        self.bulk_job(caller, id).await?;
        Ok(self.store.list_common_bulk_files(id).await?)
    }

    /// Files of a job that its rows name, by name: how many there are, and `limit` of those after `after`.
    ///
    /// # Errors
    /// As [`bulk_job`](Self::bulk_job).
    pub async fn row_bulk_files(
        &self,
        caller: &Principal,
        id: BulkJobId,
        after: &str,
        limit: u64,
    ) -> Result<(u64, Vec<BulkFile>), BulkError> {
        self.bulk_job(caller, id).await?;
        let count = self.store.count_row_bulk_files(id).await?;
        let files = self.store.list_row_bulk_files(id, after, limit.min(MAX_PAGE)).await?;
        Ok((count, files))
    }

    /// Does something with a job that is neither editing nor removing it.
    ///
    /// # Errors
    /// 1004, [`BulkError::State`] where it is not to be done now, [`BulkError::Settings`] for what is missing,
    /// [`BulkError::NothingToSend`]; failures of the database.
    pub async fn bulk_action(&self, caller: &Principal, id: BulkJobId, action: BulkAction) -> Result<(), BulkError> {
        for _ in 0..ATTEMPTS {
            let job = self.bulk_job(caller, id).await?;
            let change = self.bulk_change(caller, job, action).await?;
            match self.store.change_bulk_job(&change).await {
                // The system went on meanwhile: perhaps it is done.
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
                Ok(_) => {
                    self.record_bulk_action(caller, id, action);
                    if change.work_due.is_some() {
                        self.job_added.notify_one();
                    }
                    return Ok(());
                }
            }
        }
        Err(BulkError::Changed)
    }

    async fn bulk_change(
        &self,
        caller: &Principal,
        mut job: BulkJob,
        action: BulkAction,
    ) -> Result<BulkChange, BulkError> {
        let (_, actor, actor_name) = bulk_sender(caller)?;
        job.state = match action {
            BulkAction::Edit | BulkAction::Remove => None,
            action => job.state.after(action),
        }
        .ok_or(BulkError::State)?;
        let mut moves = Vec::new();
        let mut takes_over = false;
        match action {
            BulkAction::Check => {
                refuse_missing(job.settings.missing_for_check())?;
                moves.push(moved(LOOKED_AT, BulkRowState::New));
                takes_over = true;
            }
            BulkAction::Try => {
                let mut missing = job.settings.missing_for_messages();
                if job.settings.letter_form == LetterForm::None
                    && job.settings.mapping.files.is_none()
                    && self.store.list_common_bulk_files(job.id).await?.is_empty()
                {
                    missing.push(SettingsError {
                        field: "letter_form",
                        problem: crate::bulk::SettingsProblem::Missing,
                    });
                }
                refuse_missing(missing)?;
                moves.push(moved(TRIED, BulkRowState::Addressed));
                takes_over = true;
            }
            BulkAction::Cancel if job.state == BulkState::Checked => {
                moves.push(moved(TRIED, BulkRowState::Addressed));
            }
            BulkAction::Start => {
                self.refuse_nothing(&job, BulkRowState::Ready).await?;
                if job.settings.leave_out_duplicates {
                    moves.push(BulkRowMove {
                        duplicates: true,
                        ..moved(BulkRowState::Ready.bit(), BulkRowState::LeftOut)
                    });
                }
                job.started = Some(self.clock.legal());
                takes_over = true;
            }
            // Who started it stays the author, unless they may not send any more.
            BulkAction::Resume => takes_over = self.bulk_actor(&job).await?.is_none(),
            BulkAction::Retry => {
                self.refuse_nothing(&job, BulkRowState::Refused).await?;
                moves.push(moved(BulkRowState::Refused.bit(), BulkRowState::Ready));
                job.ended = None;
                takes_over = true;
            }
            BulkAction::Stop => job.ended = Some(self.clock.legal()),
            _ => {}
        }
        if takes_over {
            job.actor = actor.clone();
            job.actor_name = actor_name;
        }
        job.halted = None;
        job.worker = None;
        let work_due = job.state.is_working().then(|| self.clock.real());
        Ok(BulkChange { job, moves, work_due })
    }

    fn record_bulk_action(&self, caller: &Principal, id: BulkJobId, action: BulkAction) {
        let action = match action {
            BulkAction::Start | BulkAction::Retry => AuditAction::BulkBegun,
            BulkAction::Pause => AuditAction::BulkPaused,
            BulkAction::Resume => AuditAction::BulkResumed,
            BulkAction::Stop => AuditAction::BulkCancelled,
            // Nothing is sent by the others.
            _ => return,
        };
        self.record(caller, action, AuditSubject::none().detail(id.0.to_string()));
    }

    async fn refuse_nothing(&self, job: &BulkJob, state: BulkRowState) -> Result<(), BulkError> {
        if self.store.next_bulk_rows(job.id, state, 1).await?.is_empty() {
            return Err(BulkError::NothingToSend);
        }
        Ok(())
    }

    /// Removes a job. Messages that were sent stay, with their files.
    ///
    /// # Errors
    /// 1004, [`BulkError::State`] while it is being worked on or waits to go on; failures of the database.
    pub async fn remove_bulk_job(&self, caller: &Principal, id: BulkJobId) -> Result<(), BulkError> {
        let job = self.bulk_job(caller, id).await?;
        job.state.after(BulkAction::Remove).ok_or(BulkError::State)?;
        match self.store.remove_bulk_job(id, job.version, self.clock.real()).await? {
            true => Ok(()),
            false => Err(BulkError::Changed),
        }
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

fn refuse_missing(missing: Vec<SettingsError>) -> Result<(), BulkError> {
    if missing.is_empty() {
        Ok(())
    } else {
        Err(BulkError::Settings(missing))
    }
}
