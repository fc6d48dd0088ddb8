//! `DeleteDataBox2`, `DeleteDataBoxPromptly`: the end of a box.

use jiff::civil::Date;

use crate::administration::{AdministrationRequest, BoxChange, BoxRecord, DeadlineKind, RequestNumber, deletion_due};
use crate::audit::AuditAction;
use crate::box_state::BoxState;
use crate::error::{Failure, Refusal};
use crate::operation::Operation;
use crate::ports::Approval;
use crate::principal::Principal;
use crate::status::Status;
use crate::system_message::{DueSystemMessage, SystemMessage};
use crate::time::{Timestamp, start_of_day};

use super::Isds;
use super::audit::about_box;
use super::box_administration::{day, named_box};
use super::disable_data_box::closing;

impl Isds {
    /// Disables a box for good as of the day on which its holder ceased to be (manual S 2.2). A day to come is
    /// recorded, and the box is disabled when it comes: then the status is 0001.
    ///
    /// # Errors
    /// 1004, 1007, 2007 without a day, 2017, 5001, 1011 where that was done already.
    pub async fn delete_data_box(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: Option<&str>,
        date: Option<&str>,
        approval: &Approval,
    ) -> Result<(Status, RequestNumber), Failure> {
        let subject = about_box(box_id).detail(date.unwrap_or_default());
        let work = self.end_box(caller, operation, box_id, date, approval);
        self.recorded(caller, AuditAction::BoxTerminated, subject, work).await
    }

    async fn end_box(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: Option<&str>,
        date: Option<&str>,
        approval: &Approval,
    ) -> Result<(Status, RequestNumber), Failure> {
        caller.authorize_administration(operation)?;
        let id = named_box(box_id)?;
        let date = date.ok_or_else(|| {
            Refusal::about(
                Status::INVALID_STRUCTURE,
                "chybí datum zániku držitele (dbOwnerTerminationDate).",
            )
        })?;
        let (date, terminated) = day(date)?;
        let now = self.clock.legal().to_millis();
        let request = AdministrationRequest::of(operation, caller, approval, now);
        if terminated > now {
            let number = self
                .change_box(id, |record| {
                    refuse_ended(record.data_box.state)?;
                    Ok(BoxChange::of(record, request.clone()).until(DeadlineKind::Terminate, terminated))
                })
                .await?;
            return Ok((Status::RECORDED, number));
        }
        let number = self
            .change_box(id, |record| {
                refuse_ended(record.data_box.state)?;
                Ok(terminate(record, date, now, request.clone()))
            })
            .await?;
        Ok((Status::OK, number))
    }

    /// Deletes a box at once, without the three years.
    ///
    /// # Errors
    /// 1004, 1007, 5001, 1011 where it is deleted already.
    pub async fn delete_data_box_promptly(
        &self,
        caller: &Principal,
        box_id: Option<&str>,
        approval: &Approval,
    ) -> Result<RequestNumber, Failure> {
        let work = self.delete_promptly(caller, box_id, approval);
        self.recorded(caller, AuditAction::BoxDeleted, about_box(box_id), work)
            .await
    }

    async fn delete_promptly(
        &self,
        caller: &Principal,
        box_id: Option<&str>,
        approval: &Approval,
    ) -> Result<RequestNumber, Failure> {
        let operation = Operation::DeleteDataBoxPromptly;
        caller.authorize_administration(operation)?;
        let id = named_box(box_id)?;
        let now = self.clock.legal().to_millis();
        let request = AdministrationRequest::of(operation, caller, approval, now);
        self.change_box(id, |record| {
            if record.data_box.state == BoxState::Deleted {
                return Err(Refusal::of(Status::BOX_STATE_NOT_ALLOWED));
            }
            let mut change = BoxChange::of(record, request.clone()).into_state(BoxState::Deleted, now);
            change.closing = Some(closing(id, now, now, false));
            Ok(change)
        })
        .await
    }
}

/// What disabling for good as of `date` makes of a box.
pub(super) fn terminate(record: &BoxRecord, date: Date, now: Timestamp, request: AdministrationRequest) -> BoxChange {
    let id = record.data_box.id;
    let terminated = start_of_day(date);
    let mut change = BoxChange::of(record, request)
        .into_state(BoxState::PermanentlyDisabled, terminated)
        .until(DeadlineKind::Delete, deletion_due(date));
    change.closing = Some(closing(id, terminated, now, false));
    change.system_messages.push(DueSystemMessage {
        recipient: id,
        message: SystemMessage::DisabledForGood,
    });
    change
}

fn refuse_ended(state: BoxState) -> Result<(), Refusal> {
    if matches!(state, BoxState::PermanentlyDisabled | BoxState::Deleted) {
        Err(Refusal::of(Status::BOX_STATE_NOT_ALLOWED))
    } else {
        Ok(())
    }
}
