//! Whether a box stands in the public list of holders.

use crate::audit::{AuditAction, AuditSubject};
use crate::error::{Failure, Refusal};
use crate::ids::BoxId;
use crate::principal::Principal;
use crate::privileges::Privileges;
use crate::status::Status;

use super::super::Isds;

impl Isds {
    /// Takes a box into the public list of holders on its holder's request, or out of it. The box's own administrators
    /// may, and the administrator of the system. Legal persons and authorities stand in it anyway.
    ///
    /// # Errors
    /// 1004, 5001, 1012 for a box that is in the list by law.
    pub async fn set_box_listed(&self, caller: &Principal, id: BoxId, listed: bool) -> Result<(), Failure> {
        let own = caller.data_box.as_ref().is_some_and(|own| own.id == id);
        let administers = own && caller.privileges.allows(Privileges::OWNER_ADM);
        if !administers && !caller.is_operator() {
            return Err(Failure::refused(Status::NO_RIGHT));
        }
        let subject = AuditSubject::in_box(id).detail(if listed { "listed" } else { "not listed" });
        self.recorded(caller, AuditAction::SettingsChanged, subject, async {
            let data_box = self.store.lookup_box(id).await?;
            let data_box = data_box.ok_or_else(|| Refusal::of(Status::BOX_NOT_FOUND))?;
            if data_box.box_type.is_public() {
                return Err(Failure::refused(Status::BOX_TYPE_NOT_ALLOWED));
            }
            if self.store.set_listed(id, listed).await? {
                Ok(())
            } else {
                Err(Failure::refused(Status::BOX_NOT_FOUND))
            }
        })
        .await
    }
}
