//! States that boxes were in (GetDataBoxActivityStatus).

use async_trait::async_trait;

use super::StoreResult;
use crate::box_state::BoxState;
use crate::ids::BoxId;
use crate::time::Timestamp;

/// When the system of data boxes began (1 July 2009, act 300/2008): boxes of which it is not known when they were
/// established count as having been in their state since then.
pub const BEGINNING_OF_RECORDS: Timestamp = Timestamp(1_246_399_200_000_000);

/// A box came into a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoxStateChange {
    /// State.
    pub state: BoxState,
    /// From this legal time on, up to the next change.
    pub since: Timestamp,
}

/// History of boxes.
#[async_trait]
pub trait BoxHistory: Send + Sync {
    /// Changes of a box's state, oldest first.
    async fn list_box_states(&self, id: BoxId) -> StoreResult<Vec<BoxStateChange>>;
}
