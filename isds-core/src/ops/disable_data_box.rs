//! `DisableDataBoxExternally2`, `DisableOwnDataBox2`: a box is closed for a time, by law or on request.

use crate::administration::{AdministrationRequest, BoxChange, BoxClosing, BoxClosingId, RequestNumber};
use crate::audit::AuditAction;
use crate::box_state::BoxState;
use crate::box_type::BoxType;
use crate::error::{Failure, Refusal};
use crate::ids::BoxId;
use crate::operation::Operation;
use crate::ports::Approval;
use crate::principal::Principal;
use crate::status::Status;
use crate::system_message::{DueSystemMessage, SystemMessage};
use crate::time::{Timestamp, start_of_day};

use super::Isds;
use super::audit::about_box;
use super::box_administration::{day, named_box};

impl Isds {
    /// Disables the box of a natural person by law, as of a day that may be past (manual S 2.8).
    ///
    /// # Errors
    /// 1004, 1007, 2017, 1015 for a day to come, 5001, 1012 for an organisation, 1011 where it is disabled already.
    pub async fn disable_data_box_externally(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: Option<&str>,
        date: Option<&str>,
        approval: &Approval,
    ) -> Result<RequestNumber, Failure> {
        let work = self.disable_externally(caller, operation, box_id, date, approval);
        self.recorded(caller, AuditAction::BoxDisabled, about_box(box_id), work)
            .await
    }

    async fn disable_externally(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: Option<&str>,
        date: Option<&str>,
        approval: &Approval,
    ) -> Result<RequestNumber, Failure> {
        caller.authorize_administration(operation)?;
        let id = named_box(box_id)?;
        let now = self.clock.legal().to_millis();
        let disabled = match date {
            Some(text) => day(text)?.1,
            None => start_of_day(now.local_date()),
        };
        if disabled > now {
            return Err(Failure::refused(Status::DATE_IN_FUTURE));
        }
        let request = AdministrationRequest::of(operation, caller, approval, now);
        self.change_box(id, |record| {
            let data_box = &record.data_box;
            if !data_box.box_type.is_natural_person() {
                return Err(Refusal::of(Status::BOX_TYPE_NOT_ALLOWED));
            }
            refuse_disabled(data_box.state)?;
            let mut change = BoxChange::of(record, request.clone()).into_state(BoxState::DisabledByLaw, disabled);
            change.closing = Some(closing(id, disabled, now, false));
            change.system_messages.push(DueSystemMessage {
                recipient: id,
                message: why(data_box.box_type),
            });
            Ok(change)
        })
        .await
    }

    /// Disables a box that was established on request, because its holder asks for it (manual S 2.9).
    ///
    /// # Errors
    /// 1004, 1007, 5001, 1012 for a box that exists by law, 1011 where it is disabled already.
    pub async fn disable_own_data_box(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: Option<&str>,
        approval: &Approval,
    ) -> Result<RequestNumber, Failure> {
        let work = self.disable_on_request(caller, operation, box_id, approval);
        self.recorded(caller, AuditAction::BoxDisabled, about_box(box_id), work)
            .await
    }

    async fn disable_on_request(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: Option<&str>,
        approval: &Approval,
    ) -> Result<RequestNumber, Failure> {
        caller.authorize_administration(operation)?;
        let id = named_box(box_id)?;
        let now = self.clock.legal().to_millis();
        let request = AdministrationRequest::of(operation, caller, approval, now);
        self.change_box(id, |record| {
            let data_box = &record.data_box;
            if !is_on_request(data_box.box_type) {
                return Err(Refusal::of(Status::BOX_TYPE_NOT_ALLOWED));
            }
            refuse_disabled(data_box.state)?;
            let mut change = BoxChange::of(record, request.clone()).into_state(BoxState::TemporarilyDisabled, now);
            change.closing = Some(closing(id, now, now, true));
            change.system_messages.push(DueSystemMessage {
                recipient: id,
                message: SystemMessage::DisabledOnRequest,
            });
            Ok(change)
        })
        .await
    }
}

/// Established on its holder's request, so that the holder may ask for a pause as well.
fn is_on_request(box_type: BoxType) -> bool {
    matches!(
        box_type,
        BoxType::Fo | BoxType::Pfo | BoxType::PfoReq | BoxType::PoReq | BoxType::OvmReq
    )
}

/// Only what is accessible, or will be, can be disabled for a time.
fn refuse_disabled(state: BoxState) -> Result<(), Refusal> {
    if matches!(state, BoxState::Accessible | BoxState::NotActivated) {
        Ok(())
    } else {
        Err(Refusal::of(Status::BOX_STATE_NOT_ALLOWED))
    }
}

/// Professions are disabled while their activity is interrupted, others while their holder's freedom is restricted.
fn why(box_type: BoxType) -> SystemMessage {
    match box_type {
        BoxType::Fo | BoxType::OvmFo | BoxType::Pfo | BoxType::PfoReq => SystemMessage::DisabledByLaw,
        _ => SystemMessage::DisabledByInterruption,
    }
}

/// The closing that goes with a change.
pub(super) fn closing(box_id: BoxId, disabled: Timestamp, done: Timestamp, on_request: bool) -> BoxClosing {
    BoxClosing {
        id: BoxClosingId(0),
        box_id,
        disabled,
        done,
        on_request,
    }
}
