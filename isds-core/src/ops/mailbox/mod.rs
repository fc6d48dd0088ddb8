//! The mailbox's lists: what waits, pages of messages, what people note on them, and the index behind the search.

mod home;
mod indexing;
mod leads;
mod list;
mod marks;
mod names;
mod thread;
mod waiting;

pub use home::{BoxOverview, OthersDeed, OverviewTask};
pub use indexing::{IndexingTools, TextExtractor, TextFormat};
pub use marks::{MarkError, TaskDraft};
pub use thread::Case;
pub use waiting::{Opening, Waiting, WaitingMessage};
