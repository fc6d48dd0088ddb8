//! People of a box and what they may do there.

pub(super) mod add;
pub(super) mod change;
pub(super) mod list;
pub(super) mod remove;

use isds_core::UserRef;
use isds_core::ids::IsdsId;
use isds_core::user::{BoxUser, UserType};

use crate::page::{InBox, PageError};

/// The path of a page of these settings about one user.
#[derive(serde::Deserialize)]
pub(crate) struct OneUser {
    user: String,
}

/// The user whom the address names, for those who administer the box.
async fn named(at: &InBox, user: &str) -> Result<BoxUser, PageError> {
    if !at
        .principal
        .privileges
        .allows(isds_core::privileges::Privileges::OWNER_ADM)
    {
        return Err(PageError::NoRight);
    }
    let found = at
        .site
        .isds
        .store
        .lookup_user(at.data_box.id, &IsdsId(user.to_owned()))
        .await?;
    found.ok_or(PageError::NoSuchPage)
}

fn by_id(user: &BoxUser) -> UserRef {
    UserRef::IsdsId(Some(user.membership.isds_id.0.clone()))
}

/// Those whom the administrators of a box change and remove.
fn is_entrusted(user: &BoxUser) -> bool {
    matches!(
        user.membership.user_type,
        UserType::EntrustedUser | UserType::Administrator
    )
}
