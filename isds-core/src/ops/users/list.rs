//! `GetDataBoxUsers2`.

use crate::error::Failure;
use crate::operation::Operation;
use crate::principal::Principal;
use crate::user::{BoxUser, UserType};

use super::Isds;

impl Isds {
    /// All users of a box: primary ones, entrusted ones, administrators, then the others; those of a kind in the order
    /// in which they were added.
    ///
    /// # Errors
    /// 1004, 1007, 5001.
    pub async fn get_data_box_users(&self, caller: &Principal, box_id: Option<&str>) -> Result<Vec<BoxUser>, Failure> {
        let data_box = self.box_of_users(caller, Operation::GetDataBoxUsers2, box_id).await?;
        let mut users = self.store.list_users(data_box.id).await?;
        users.sort_by_key(|user| place(user.membership.user_type));
        Ok(users)
    }
}

/// Where users of the kind stand in lists (manual S 2.7).
fn place(user_type: UserType) -> u8 {
    match user_type {
        UserType::PrimaryUser => 0,
        UserType::EntrustedUser => 1,
        UserType::Administrator => 2,
        UserType::Liquidator => 3,
        UserType::Receiver => 4,
        UserType::Guardian => 5,
        UserType::Official => 6,
        UserType::OfficialCert => 7,
    }
}
