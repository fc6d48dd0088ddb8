//! `GetDataBoxAddress`: the address of a box in fields, on one line and on several (bulletin 2170).

use crate::box_state::BoxState;
use crate::data_box::Address;
use crate::error::{Failure, Refusal};
use crate::ids::BoxIdError;
use crate::operation::Operation;
use crate::principal::Principal;
use crate::status::Status;

use super::Isds;

impl Isds {
    /// Address of the holder of a box that is not deleted.
    ///
    /// # Errors
    /// 1004, also for the home of a person who is told of only to authorities; 1007 for what is no box ID, 5001 where there is no such box.
    pub async fn data_box_address(&self, caller: &Principal, box_id: &str) -> Result<Address, Failure> {
        let own = caller.authorize_search(Operation::GetDataBoxAddress)?;
        let id = box_id
            .trim()
            .parse()
            .map_err(|_: BoxIdError| Refusal::of(Status::MALFORMED_BOX_ID))?;
        let data_box = self
            .store
            .lookup_box(id)
            .await?
            .filter(|data_box| data_box.state != BoxState::Deleted)
            .ok_or_else(|| Refusal::of(Status::BOX_NOT_FOUND))?;
        // Where people live is told as in a search: to authorities, to themselves, and to others of those who receive
        // postal messages or stand in the public list.
        let told = own.is_none_or(|own| own.box_type.is_ovm() || own.id == id)
            || !data_box.box_type.is_fo()
            || data_box.open_addressing
            || self.store.is_listed(id).await?;
        if told {
            Ok(data_box.address)
        } else {
            Err(Failure::refused(Status::NO_RIGHT))
        }
    }
}
