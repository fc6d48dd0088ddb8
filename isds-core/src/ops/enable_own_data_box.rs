//! `EnableOwnDataBox2`: a disabled box becomes accessible again.

use crate::administration::{
    AdministrationRequest, BoxChange, DISABLINGS_IN_A_YEAR, RequestNumber, a_year_before, enabled_again_from,
};
use crate::audit::AuditAction;
use crate::box_state::BoxState;
use crate::error::{Failure, Refusal};
use crate::ids::BoxId;
use crate::operation::Operation;
use crate::ports::Approval;
use crate::principal::Principal;
use crate::status::Status;
use crate::system_message::{DueSystemMessage, SystemMessage};
use crate::time::Timestamp;

use super::Isds;
use super::audit::about_box;
use super::box_administration::named_box;

impl Isds {
    /// Makes a disabled box accessible, even one disabled for good by mistake (manual S 2.10). A box that was disabled
    /// on request twice within a year stays so for a year, unless the caller says that the exception was approved
    /// (`dbApproved`).
    ///
    /// # Errors
    /// 1004, 1007, 5001, 1011 where it is not disabled, 1019 where that was done too often.
    pub async fn enable_own_data_box(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: Option<&str>,
        approval: &Approval,
    ) -> Result<RequestNumber, Failure> {
        let work = self.enable(caller, operation, box_id, approval);
        self.recorded(caller, AuditAction::BoxEnabled, about_box(box_id), work)
            .await
    }

    async fn enable(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: Option<&str>,
        approval: &Approval,
    ) -> Result<RequestNumber, Failure> {
        caller.authorize_administration(operation)?;
        let id = named_box(box_id)?;
        let now = self.clock.legal().to_millis();
        let state = self.box_record(id).await?.data_box.state;
        refuse_not_disabled(state)?;
        if state == BoxState::TemporarilyDisabled && approval.approved != Some(true) {
            self.refuse_too_often(id, now).await?;
        }
        // What the box's being disabled does to messages is done to the end first: one that is undeliverable must not
        // be delivered by the first login after.
        self.finish_closing(id).await?;
        let request = AdministrationRequest::of(operation, caller, approval, now);
        self.change_box(id, |record| {
            // Judged by another state than this, the limit might not have been asked for.
            if record.data_box.state != state {
                return Err(Refusal::of(Status::BOX_STATE_NOT_ALLOWED));
            }
            let mut change = BoxChange::of(record, request.clone()).into_state(BoxState::Accessible, now);
            change.system_messages.push(DueSystemMessage {
                recipient: id,
                message: SystemMessage::EnabledAgain,
            });
            Ok(change)
        })
        .await
    }

    async fn refuse_too_often(&self, id: BoxId, now: Timestamp) -> Result<(), Failure> {
        let (_, last) = self.store.count_disablings_on_request(id, a_year_before(now)).await?;
        let Some(last) = last.filter(|last| now < enabled_again_from(*last)) else {
            return Ok(());
        };
        // The year in which they are counted ends with the last one, not today: waiting does not shorten the wait.
        let (count, _) = self.store.count_disablings_on_request(id, a_year_before(last)).await?;
        if count < DISABLINGS_IN_A_YEAR {
            return Ok(());
        }
        let from = enabled_again_from(last).local_date();
        let day = format!("{}. {}. {}", from.day(), from.month(), from.year());
        Err(Refusal::about(Status::DISABLED_TOO_OFTEN, day).into())
    }
}

fn refuse_not_disabled(state: BoxState) -> Result<(), Refusal> {
    match state {
        BoxState::TemporarilyDisabled | BoxState::DisabledByLaw | BoxState::PermanentlyDisabled => Ok(()),
        BoxState::Accessible | BoxState::NotActivated | BoxState::Deleted => {
            Err(Refusal::of(Status::BOX_STATE_NOT_ALLOWED))
        }
    }
}
