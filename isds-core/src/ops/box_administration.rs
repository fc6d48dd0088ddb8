//! What the operations on boxes have in common: naming a box, and changing it over the version that was read.

use crate::administration::{BoxChange, BoxRecord, RequestNumber};
use crate::error::{Failure, Refusal};
use crate::ids::{BoxId, BoxIdError};
use crate::ports::StoreError;
use crate::status::Status;
use crate::time::{Timestamp, parse_date, start_of_day};

use super::Isds;

/// How often a change is computed anew when others change the same box.
const TRIES: usize = 16;

/// A box ID as a caller writes it.
///
/// # Errors
/// 1007.
pub(super) fn named_box(text: Option<&str>) -> Result<BoxId, Refusal> {
    let text = text.unwrap_or_default().trim();
    text.parse()
        .map_err(|_: BoxIdError| Refusal::of(Status::MALFORMED_BOX_ID))
}

/// A day as a caller writes it, and its beginning.
///
/// # Errors
/// 2017.
pub(super) fn day(text: &str) -> Result<(jiff::civil::Date, Timestamp), Refusal> {
    let date = parse_date(text.trim()).map_err(|_| Refusal::about(Status::SYNTAX, text))?;
    Ok((date, start_of_day(date)))
}

impl Isds {
    /// The box with its version.
    ///
    /// # Errors
    /// 5001.
    pub(super) async fn box_record(&self, id: BoxId) -> Result<BoxRecord, Failure> {
        let record = self.store.lookup_box_record(id).await?;
        Ok(record.ok_or_else(|| Refusal::of(Status::BOX_NOT_FOUND))?)
    }

    /// Changes a box. `compute` sees it as it is and says what becomes of it; where somebody else was faster, it is
    /// asked again.
    ///
    /// # Errors
    /// 5001, what `compute` answers, failures of the database.
    pub(super) async fn change_box(
        &self,
        id: BoxId,
        compute: impl Fn(&BoxRecord) -> Result<BoxChange, Refusal> + Send + Sync,
    ) -> Result<RequestNumber, Failure> {
        for _ in 0..TRIES {
            let change = compute(&self.box_record(id).await?)?;
            match self.store.change_box(&change).await {
                Ok(number) => {
                    self.job_added.notify_one();
                    return Ok(number);
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }
}
