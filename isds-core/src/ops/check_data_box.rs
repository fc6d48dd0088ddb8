//! `CheckDataBox`: the state of a box.

use crate::error::{Failure, Refusal};
use crate::ids::BoxIdError;
use crate::operation::Operation;
use crate::principal::Principal;
use crate::status::Status;

use super::Isds;

impl Isds {
    /// State of the box as the wire has it (6 shown as 2).
    ///
    /// # Errors
    /// 1004, 1007 for what is no box ID, 5001 where there is no such box.
    pub async fn check_data_box(&self, caller: &Principal, box_id: &str) -> Result<i32, Failure> {
        caller.authorize_search(Operation::CheckDataBox)?;
        let id = box_id
            .trim()
            .parse()
            .map_err(|_: BoxIdError| Refusal::of(Status::MALFORMED_BOX_ID))?;
        let data_box = self
            .store
            .lookup_box(id)
            .await?
            .ok_or_else(|| Refusal::of(Status::BOX_NOT_FOUND))?;
        Ok(data_box.state.wire_code())
    }
}
