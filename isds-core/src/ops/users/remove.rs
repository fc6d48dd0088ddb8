//! `DeleteDataBoxUser2` and `DeleteDataBoxUser`.

use crate::administration::RequestNumber;
use crate::audit::AuditAction;
use crate::error::Failure;
use crate::operation::Operation;
use crate::ports::{Approval, UserAction};
use crate::principal::Principal;
use crate::status::Status;
use crate::system_message::SystemMessage;

use super::{ATTEMPTS, Administration, Decision, Isds, UserRef, is_entrusted, named, notice, overtaken};

impl Isds {
    /// Ends a user's access to a box, at once. Allowed in a box that is not accessible as well (operating rules II.4).
    /// The last primary user of an organisation may go: the box has none then.
    ///
    /// # Errors
    /// 1004 (also for a user whom only the operator removes), 1007, 5001, 1031, 1037, 1036 for the holder of a natural
    /// person's box.
    pub async fn delete_data_box_user(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: Option<&str>,
        user: &UserRef,
        approval: &Approval,
    ) -> Result<RequestNumber, Failure> {
        let removed = self.remove_user(caller, operation, box_id, user, approval).await;
        self.record_refusal(caller, AuditAction::UserRemoved, named(box_id, Some(user)), &removed)
            .await;
        removed
    }

    async fn remove_user(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: Option<&str>,
        user: &UserRef,
        approval: &Approval,
    ) -> Result<RequestNumber, Failure> {
        let data_box = self.box_of_users(caller, operation, box_id).await?;
        let mut administration = Administration {
            caller: caller.clone(),
            operation,
            approval,
            data_box,
        };
        for _ in 0..ATTEMPTS {
            let version = self.users_version(&mut administration).await?;
            let data_box = &administration.data_box;
            let user = self.user_of_box(data_box, user).await?;
            let user_type = user.membership.user_type;
            if !caller.is_operator() && !is_entrusted(user_type) {
                return Err(Failure::refused(Status::NO_RIGHT));
            }
            if user_type.acts_as_holder() && data_box.box_type.is_natural_person() {
                return Err(Failure::refused(Status::HOLDER_STAYS));
            }
            let decision = Decision {
                isds_id: user.membership.isds_id.clone(),
                notice: Some(SystemMessage::UserRemoved(notice(&user))),
                action: UserAction::Remove(user),
            };
            if let Some(number) = self.write_decision(&administration, version, decision).await? {
                return Ok(number);
            }
        }
        Err(overtaken())
    }
}
