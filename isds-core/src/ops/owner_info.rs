//! `GetOwnerInfoFromLogin`, `GetUserInfoFromLogin` (both generations) and `GetPasswordInfo`: who am I.

use crate::data_box::DataBox;
use crate::error::{Failure, Refusal};
use crate::operation::Operation;
use crate::principal::{Actor, Principal};
use crate::status::Status;
use crate::time::Timestamp;
use crate::user::{BoxUser, UserType};

use super::Isds;

impl Isds {
    /// The caller's box as it is now. Entrusted users and administrators of a natural person's box do not see when and
    /// where the holder was born (manual A 1.6).
    ///
    /// # Errors
    /// 1004 for a caller without a box.
    pub async fn owner_info(&self, caller: &Principal) -> Result<DataBox, Failure> {
        let id = caller.authorize(Operation::GetOwnerInfoFromLogin2)?.id;
        let mut data_box = self
            .store
            .lookup_box(id)
            .await?
            .ok_or_else(|| Refusal::of(Status::BOX_NOT_FOUND))?;
        let restricted = caller
            .membership
            .as_ref()
            .is_some_and(|m| matches!(m.user_type, UserType::EntrustedUser | UserType::Administrator));
        if restricted && (data_box.box_type.is_fo() || data_box.box_type.is_pfo()) {
            data_box.birth_date = None;
            data_box.birth_city = None;
            data_box.birth_county = None;
            data_box.birth_state = None;
            data_box.nationality = None;
        }
        Ok(data_box)
    }

    /// The caller as a user of their box, as it is now.
    ///
    /// # Errors
    /// 2102 for an application, 2103 for an internal user.
    pub async fn user_info(&self, caller: &Principal) -> Result<BoxUser, Failure> {
        match (&caller.actor, &caller.membership, &caller.data_box) {
            (Actor::Application, ..) => Err(Failure::refused(Status::NO_USER_RECORD)),
            (Actor::Person(_), Some(membership), Some(data_box)) => {
                let user = self.store.lookup_user(data_box.id, &membership.isds_id).await?;
                user.ok_or_else(|| Failure::refused(Status::USER_NOT_FOUND))
            }
            _ => Err(Failure::refused(Status::INTERNAL_USER)),
        }
    }

    /// When the caller's password expires; never where there is no time.
    ///
    /// # Errors
    /// None today: every caller has a password.
    pub fn password_info(&self, caller: &Principal) -> Result<Option<Timestamp>, Failure> {
        Ok(caller.password_expires)
    }
}
