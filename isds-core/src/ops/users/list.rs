//! `GetDataBoxUsers2`.

use std::sync::Arc;

use crate::error::Failure;
use crate::ids::{BoxId, IsdsId};
use crate::operation::Operation;
use crate::ports::UserPosition;
use crate::principal::Principal;
use crate::user::BoxUser;

use super::super::pages::{PAGE, Pages, pages};
use super::Isds;

impl Isds {
    /// All users of a box: primary ones, entrusted ones, administrators, then the others; those of a kind in the order
    /// in which they were added. They come in pages, each a query of its own: whose kind is changed between two of them
    /// stands where they stood when their page was read.
    ///
    /// # Errors
    /// 1004, 1007, 5001.
    pub async fn get_data_box_users(
        &self,
        caller: &Principal,
        box_id: Option<&str>,
    ) -> Result<Pages<BoxUser>, Failure> {
        let data_box = self.box_of_users(caller, Operation::GetDataBoxUsers2, box_id).await?;
        let store = Arc::clone(&self.store);
        Ok(pages(None, move |after: Option<UserPosition>| {
            let store = Arc::clone(&store);
            async move {
                let users = store.list_users(data_box.id, after, PAGE).await?;
                let full = users.len() as u64 == PAGE;
                let next = users.last().filter(|_| full).map(|last| Some(last.into()));
                Ok((users, next))
            }
        }))
    }

    /// Users of a box in the same order, at most `most` of those behind a user, and whether there are further ones. Behind
    /// a user who is gone there is nobody to be found: it begins anew.
    ///
    /// # Errors
    /// As [`Self::get_data_box_users`].
    pub async fn data_box_users_behind(
        &self,
        caller: &Principal,
        box_id: BoxId,
        behind: Option<&IsdsId>,
        most: usize,
    ) -> Result<(Vec<BoxUser>, bool), Failure> {
        let named = box_id.to_string();
        let asked = self.box_of_users(caller, Operation::GetDataBoxUsers2, Some(&named));
        asked.await?;
        let last = match behind {
            Some(user) => self.store.lookup_user(box_id, user).await?,
            None => None,
        };
        let after = last.as_ref().map(UserPosition::from);
        let mut users = self.store.list_users(box_id, after, most as u64 + 1).await?;
        let more = users.len() > most;
        users.truncate(most);
        Ok((users, more))
    }
}
