//! Users of boxes.

use async_trait::async_trait;

use super::StoreResult;
use crate::access_data::AccessData;
use crate::administration::{AdministrationRequest, RequestNumber};
use crate::box_state::BoxState;
use crate::ids::{BoxId, IsdsId, MembershipId};
use crate::notice::DueNotice;
use crate::system_message::DueSystemMessage;
use crate::time::Timestamp;
use crate::user::{BoxUser, Person};

/// A user to be added. The keys inside (of the person and the membership) are ignored: both are new.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Person, membership (with its box) and contact.
    pub user: BoxUser,
    /// Access data, where the user is to sign in.
    pub access: Option<AccessData>,
}

/// What is done about a user.
#[derive(Debug, Clone)]
pub enum UserAction {
    /// Add: a new person with a new membership.
    Add(NewUser),
    /// Write kind, privileges and contact anew, by the keys inside, and the person too where that is asked for: who
    /// may be a member of other boxes as well, where somebody else may be changing other things at the same time.
    Change {
        /// The user as they are to be.
        user: BoxUser,
        /// Whether the person is written.
        person: bool,
    },
    /// Remove membership and access data, and the person where no other membership is left.
    Remove(BoxUser),
    /// Replace the access data of the membership by new ones.
    Reissue(MembershipId, AccessData),
}

/// What a caller says of an approval outside of the system (`gExtApproval`); it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Approval {
    /// `dbApproved`.
    pub approved: Option<bool>,
    /// `dbExternRefNumber`.
    pub extern_ref_number: Option<String>,
}

/// A change of a box's users, to be written over the version that it was computed from.
#[derive(Debug, Clone)]
pub struct UserChange {
    /// Box.
    pub box_id: BoxId,
    /// State of the box by which the change was judged.
    pub box_state: BoxState,
    /// [`Users::lookup_users_version`], read before anything that the change was computed from.
    pub from_version: i64,
    /// Whom it is about.
    pub isds_id: IsdsId,
    /// What is done.
    pub action: UserAction,
    /// Who asked for it.
    pub request: AdministrationRequest,
    /// System messages that go with the change.
    pub system_messages: Vec<DueSystemMessage>,
    /// What is to be told of it by e-mail.
    pub notices: Vec<DueNotice>,
}

/// Where a user stands in the list of a box's users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserPosition {
    /// [`UserType::list_place`](crate::user::UserType::list_place).
    pub list_place: i16,
    /// The membership.
    pub id: MembershipId,
}

impl From<&BoxUser> for UserPosition {
    fn from(user: &BoxUser) -> Self {
        Self {
            list_place: user.membership.user_type.list_place(),
            id: user.membership.id,
        }
    }
}

/// Users of boxes.
#[async_trait]
pub trait Users: Send + Sync {
    /// Version of a box's users, which grows with every change of them; none where there is no such box.
    async fn lookup_users_version(&self, box_id: BoxId) -> StoreResult<Option<i64>>;

    /// Users of a box by the place of their kind, those of a kind in the order in which they were added: the first
    /// `limit` behind the position.
    async fn list_users(&self, box_id: BoxId, after: Option<UserPosition>, limit: u64) -> StoreResult<Vec<BoxUser>>;

    /// The user of a box with the identifier.
    async fn lookup_user(&self, box_id: BoxId, isds_id: &IsdsId) -> StoreResult<Option<BoxUser>>;

    /// The user of a box who signs in under the name.
    async fn find_user_by_login(&self, box_id: BoxId, login: &str) -> StoreResult<Option<BoxUser>>;

    /// Users of a box who are called like the person.
    async fn find_namesakes(&self, box_id: BoxId, person: &Person) -> StoreResult<Vec<BoxUser>>;

    /// How many users were added to a box after the legal time `since`, whether they are still there or not.
    async fn count_added_users(&self, box_id: BoxId, since: Timestamp) -> StoreResult<u64>;

    /// Writes a change with its system messages; returns the number of the request.
    ///
    /// # Errors
    /// [`StoreError::Conflict`](super::StoreError::Conflict) where the users or the state of the box are no longer
    /// those that the change was computed from, or an identifier or login name is taken.
    async fn apply_user_change(&self, change: &UserChange) -> StoreResult<RequestNumber>;
}
