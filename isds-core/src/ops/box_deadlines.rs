//! What happens to boxes by itself when legal time has come, and the activation by a first sign-in.

use crate::administration::{AdministrationRequest, BoxChange, BoxDeadline, DeadlineKind};
use crate::audit::{AuditAction, AuditSubject};
use crate::box_state::BoxState;
use crate::error::{Chain, Failure};
use crate::ids::BoxId;
use crate::ports::StoreError;
use crate::principal::Principal;
use crate::time::Timestamp;

use super::Isds;
use super::delete_data_box::terminate;

/// How many deadlines are looked at in one turn.
const BATCH: u64 = 100;

impl Isds {
    /// Does what has fallen due for boxes; answers how much was done. One that cannot be done is logged and stays due.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn run_box_deadlines(&self) -> Result<u64, Failure> {
        let now = self.clock.legal().to_millis();
        let mut done = 0;
        for deadline in self.store.list_passed_deadlines(now, BATCH).await? {
            match self.meet_deadline(deadline, now).await {
                Ok(true) => done += 1,
                Ok(false) => {}
                Err(failure) => {
                    tracing::error!(data_box = %deadline.box_id, kind = deadline.kind.name(), error = %Chain(&failure), "a deadline of a box could not be met");
                }
            }
        }
        if done > 0 {
            self.job_added.notify_one();
        }
        Ok(done)
    }

    /// False where another node did it meanwhile.
    async fn meet_deadline(&self, deadline: BoxDeadline, now: Timestamp) -> Result<bool, Failure> {
        let record = self.box_record(deadline.box_id).await?;
        let request = AdministrationRequest::of_deadline(deadline.kind, now);
        let state = record.data_box.state;
        let id = deadline.box_id;
        let action = match deadline.kind {
            DeadlineKind::Activate => AuditAction::BoxActivated,
            DeadlineKind::Terminate => AuditAction::BoxTerminated,
            DeadlineKind::Delete => AuditAction::BoxDeleted,
        };
        let change = match deadline.kind {
            DeadlineKind::Activate if state == BoxState::NotActivated => {
                BoxChange::of(&record, request).into_state(BoxState::Accessible, deadline.due)
            }
            DeadlineKind::Terminate if !matches!(state, BoxState::PermanentlyDisabled | BoxState::Deleted) => {
                terminate(&record, deadline.due.local_date(), now, request)
            }
            DeadlineKind::Delete if state == BoxState::PermanentlyDisabled => {
                BoxChange::of(&record, request).into_state(BoxState::Deleted, deadline.due)
            }
            // The state moved on; the deadline has nothing left to do.
            kind => {
                let mut change = BoxChange::of(&record, request);
                change.clears.push(kind);
                change
            }
        };
        match self.store.change_box(&change).await {
            Ok(_) => {
                if change.state_since.is_some() {
                    self.record_system(action, AuditSubject::in_box(id));
                }
                Ok(true)
            }
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The first sign-in at the portal of somebody who acts as the holder makes a new box accessible (act 300/2008,
    /// section 10). Web services do not: whoever calls them has signed in at no portal. Answers whether it did.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn activate_by_sign_in(&self, caller: &Principal) -> Result<bool, Failure> {
        let holder = caller.membership.as_ref().is_some_and(|m| m.user_type.acts_as_holder());
        let Some(id) = caller.data_box.as_ref().map(|own| own.id).filter(|_| holder) else {
            return Ok(false);
        };
        self.activate(id, caller).await
    }

    async fn activate(&self, id: BoxId, caller: &Principal) -> Result<bool, Failure> {
        loop {
            let record = self.box_record(id).await?;
            if record.data_box.state != BoxState::NotActivated {
                return Ok(false);
            }
            let now = self.clock.legal().to_millis();
            let request = AdministrationRequest::of_sign_in(caller, now);
            let change = BoxChange::of(&record, request).into_state(BoxState::Accessible, now);
            match self.store.change_box(&change).await {
                Ok(_) => {
                    self.record(caller, AuditAction::BoxActivated, AuditSubject::in_box(id));
                    return Ok(true);
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
