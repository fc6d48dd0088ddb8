//! `NewAccessData2` and `NewAccessData`.

use crate::access_data::AccessData;
use crate::administration::RequestNumber;
use crate::audit::AuditAction;
use crate::error::Failure;
use crate::operation::Operation;
use crate::ports::{Approval, UserAction};
use crate::principal::Principal;

use super::{ATTEMPTS, Administration, Decision, Isds, UserRef, named, overtaken};

impl Isds {
    /// Issues a user new access data; those that they had are void at once. The `isdsID` stays.
    ///
    /// # Errors
    /// 1004, 1007, 5001, 1031, 1037.
    pub async fn new_access_data(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: Option<&str>,
        user: &UserRef,
        approval: &Approval,
    ) -> Result<(RequestNumber, AccessData), Failure> {
        let issued = self.reissue(caller, operation, box_id, user, approval).await;
        self.record_refusal(
            caller,
            AuditAction::AccessDataIssued,
            named(box_id, Some(user)),
            &issued,
        )
        .await;
        issued
    }

    async fn reissue(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: Option<&str>,
        user: &UserRef,
        approval: &Approval,
    ) -> Result<(RequestNumber, AccessData), Failure> {
        let data_box = self.box_of_users(caller, operation, box_id).await?;
        let found = self.user_of_box(&data_box, user).await?;
        let mut administration = Administration {
            caller: caller.clone(),
            operation,
            approval,
            data_box,
        };
        let like = self.store.lookup_password_hash(found.membership.id).await?;
        let mut access = self.issue_access_data(like.clone()).await?;
        let mut decided_over = None;
        let by_id = UserRef::IsdsId(Some(found.membership.isds_id.0.clone()));
        for _ in 0..ATTEMPTS {
            let version = self.users_version(&mut administration).await?;
            if decided_over.replace(version) == Some(version) {
                // Nobody came in between: the login name is taken.
                access = self.issue_access_data(like.clone()).await?;
            }
            // Looked for anew: somebody may have removed them meanwhile.
            let user = self.user_of_box(&administration.data_box, &by_id).await?;
            let decision = Decision {
                isds_id: user.membership.isds_id,
                notice: None,
                action: UserAction::Reissue(user.membership.id, access.clone()),
            };
            if let Some(number) = self.write_decision(&administration, version, decision).await? {
                return Ok((number, access));
            }
        }
        Err(overtaken())
    }
}
