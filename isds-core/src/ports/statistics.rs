//! Figures of the whole system, counted now and then and kept.

use async_trait::async_trait;
use jiff::civil::Date;

use super::StoreResult;
use crate::box_state::BoxState;
use crate::box_type::BoxType;
use crate::time::Timestamp;

/// What became of messages on a Czech calendar day, or in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MessageFigures {
    /// Submitted then.
    pub sent: u64,
    /// Delivered then by a login, whenever they were submitted.
    pub by_login: u64,
    /// Delivered then by fiction.
    pub by_fiction: u64,
}

/// Figures of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthFigures {
    /// Its first day.
    pub month: Date,
    /// What became of messages in it.
    pub figures: MessageFigures,
}

/// How many boxes of a type are in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoxFigure {
    /// Type.
    pub box_type: BoxType,
    /// State.
    pub state: BoxState,
    /// How many.
    pub count: u64,
}

/// How far the counting came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountingProgress {
    /// Last day that was counted when it came.
    pub through: Date,
    /// Day at which the walk over what was counted before goes on.
    pub walk: Date,
    /// When it was counted last, in real time.
    pub counted: Timestamp,
}

/// Figures and their counting.
#[async_trait]
pub trait Statistics: Send + Sync {
    /// Counts what the events of messages tell of the legal times from `from` until before `until`.
    async fn count_events(&self, from: Timestamp, until: Timestamp) -> StoreResult<MessageFigures>;

    /// When the first of all messages was submitted.
    async fn first_submission(&self) -> StoreResult<Option<Timestamp>>;

    /// Kept figures of days from `from` to `to`, those without any left out.
    async fn list_day_figures(&self, from: Date, to: Date) -> StoreResult<Vec<(Date, MessageFigures)>>;

    /// Writes figures of days, and how far the counting came, in one transaction.
    async fn write_day_figures(&self, days: &[(Date, MessageFigures)], progress: &CountingProgress) -> StoreResult<()>;

    /// How far the counting came; none before the first one.
    async fn counting_progress(&self) -> StoreResult<Option<CountingProgress>>;

    /// Kept figures of the last `limit` months that have any, oldest first.
    async fn list_month_figures(&self, limit: u64) -> StoreResult<Vec<MonthFigures>>;

    /// Counts boxes by type and state. Looks at all of them.
    async fn count_boxes(&self) -> StoreResult<Vec<BoxFigure>>;

    /// Writes the figures of boxes in the place of the former.
    async fn write_box_figures(&self, figures: &[BoxFigure]) -> StoreResult<()>;

    /// Kept figures of boxes, by type and state.
    async fn list_box_figures(&self) -> StoreResult<Vec<BoxFigure>>;
}
