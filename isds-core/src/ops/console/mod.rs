//! What the administrator of the system does and sees that no operation of the contract offers: `docs/decisions/0025`.
//!
//! Every operation asks first whether the caller is that administrator: a page that is not shown is no protection.

mod announcements;
mod box_lists;
mod import;
mod jobs;
mod limits;
mod listing;
mod merge;
mod messages;
mod nodes;
mod people;
mod search;
mod statistics;
mod views;

use crate::error::Refusal;
use crate::principal::Principal;
use crate::status::Status;

pub use announcements::{Announced, Announcement, AnnouncementPage};
pub use box_lists::{BoxFilter, BoxPlace, ConsolePage};
pub use import::{AccessLine, IMPORT_COLUMNS, ImportReport, MAX_IMPORT_BYTES, MAX_IMPORT_ROWS};
pub use jobs::{JOB_KINDS, job_kind_name};
pub use limits::{LIMIT_NAMES, LimitCache, LimitName, LimitView};
pub use messages::MessageFacts;
pub use nodes::{HEARD_SECONDS, NodeReport, ObjectsProbe, SystemHealth};
pub use people::{MemberAccess, PersonView};
pub use search::{ConsoleFindings, FoundMember};
pub use statistics::{Growth, MonthRow, PublicFigures};
pub use views::{BoxHistoryPage, BoxView};

/// Asks whether the caller is the administrator of the system.
///
/// # Errors
/// 1004.
fn operator_only(caller: &Principal) -> Result<(), Refusal> {
    if caller.is_operator() {
        Ok(())
    } else {
        Err(Refusal::of(Status::NO_RIGHT))
    }
}
