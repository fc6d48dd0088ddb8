//! What people do with a bulk job.

use crate::audit::{AuditAction, AuditSubject};
use crate::bulk::{
    BulkAction, BulkJob, BulkJobId, BulkRowState, BulkState, LetterForm, SettingsError, SettingsProblem,
};
use crate::ports::{BulkChange, StoreError};
use crate::principal::Principal;

use super::super::Isds;
use super::{BulkError, LOOKED_AT, TRIED, bulk_sender, moved};

/// How often a change is computed anew where the system changed the job meanwhile.
const ATTEMPTS: usize = 4;

impl Isds {
    /// Does something with a job that is neither editing nor removing it. What sends messages
    /// ([`BulkAction::sends`]) is done only where the job still has the version that the person `saw`.
    ///
    /// # Errors
    /// 1004, [`BulkError::State`] where it is not to be done now, [`BulkError::Changed`] where it would send what nobody
    /// looked at, [`BulkError::Settings`] for what is missing, [`BulkError::NothingToSend`]; failures of the database.
    pub async fn bulk_action(
        &self,
        caller: &Principal,
        id: BulkJobId,
        action: BulkAction,
        saw: Option<i64>,
    ) -> Result<(), BulkError> {
        for _ in 0..ATTEMPTS {
            let job = self.bulk_job(caller, id).await?;
            let version = job.version;
            let change = self.bulk_change(caller, job, action).await?;
            if action.sends() && saw != Some(version) {
                return Err(BulkError::Changed);
            }
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
        let leave_out_duplicates = action.sends() && job.settings.leave_out_duplicates;
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
                        problem: SettingsProblem::Missing,
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
        Ok(BulkChange {
            job,
            moves,
            leave_out_duplicates,
            work_due,
        })
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
}

fn refuse_missing(missing: Vec<SettingsError>) -> Result<(), BulkError> {
    if missing.is_empty() {
        Ok(())
    } else {
        Err(BulkError::Settings(missing))
    }
}
