//! `SetOpenAddressing`, `ClearOpenAddressing`: whether a box receives postal messages.

use crate::administration::{AdministrationRequest, BoxChange, RequestNumber};
use crate::audit::AuditAction;
use crate::box_state::BoxState;
use crate::box_type::BoxType;
use crate::error::{Failure, Refusal};
use crate::operation::Operation;
use crate::ports::Approval;
use crate::principal::Principal;
use crate::status::Status;

use super::Isds;
use super::audit::about_box;
use super::box_administration::named_box;

impl Isds {
    /// Lets a box receive postal messages (manual S 2.11). Firms and the self-employed do so by law since 2022, so for
    /// them nothing changes; a person's box only the administrator of the system switches by this service.
    ///
    /// # Errors
    /// 1004, 1007, 5001, 1012 for an authority and, switching off, for all but a person's box (bulletin B2176), 1011
    /// for a box that its holder cannot administer now.
    pub async fn set_open_addressing(
        &self,
        caller: &Principal,
        on: bool,
        box_id: Option<&str>,
        approval: &Approval,
    ) -> Result<RequestNumber, Failure> {
        let subject = about_box(box_id).detail(if on { "on" } else { "off" });
        let work = self.choose_open_addressing(caller, on, box_id, approval);
        self.recorded(caller, AuditAction::PostalReceptionChosen, subject, work)
            .await
    }

    async fn choose_open_addressing(
        &self,
        caller: &Principal,
        on: bool,
        box_id: Option<&str>,
        approval: &Approval,
    ) -> Result<RequestNumber, Failure> {
        let operation = if on {
            Operation::SetOpenAddressing
        } else {
            Operation::ClearOpenAddressing
        };
        caller.authorize_administration(operation)?;
        let id = named_box(box_id)?;
        caller.authorize_for_box(operation, id)?;
        let request = AdministrationRequest::of(operation, caller, approval, self.clock.legal().to_millis());
        self.change_box(id, |record| {
            let data_box = &record.data_box;
            if data_box.box_type == BoxType::Fo && !caller.is_operator() {
                return Err(Refusal::of(Status::NO_RIGHT));
            }
            if data_box.box_type.is_ovm() || (!on && data_box.box_type != BoxType::Fo) {
                return Err(Refusal::of(Status::BOX_TYPE_NOT_ALLOWED));
            }
            // In a box that is not accessible the right to administer it rests (manual S 2.4).
            let rests = !caller.is_operator() && !data_box.state.is_accessible();
            if rests || data_box.state == BoxState::Deleted {
                return Err(Refusal::of(Status::BOX_STATE_NOT_ALLOWED));
            }
            let mut change = BoxChange::of(record, request.clone());
            change.data_box.open_addressing = on;
            Ok(change)
        })
        .await
    }
}
