//! `DTInfo`: the vault of a box.

use crate::error::Failure;
use crate::operation::Operation;
use crate::principal::Principal;

use super::Isds;

impl Isds {
    /// Whether the caller may ask about the vault of the box. There is nothing more to answer: this system sells no
    /// vault yet, so no box has one, neither present nor ordered.
    ///
    /// # Errors
    /// 2011 for what is no box ID, 1004 for another's box, 5001 where there is no such box.
    pub async fn dt_info(&self, caller: &Principal, box_id: &str) -> Result<(), Failure> {
        self.own_or_any_box(caller, Operation::DTInfo, box_id).await?;
        Ok(())
    }
}
