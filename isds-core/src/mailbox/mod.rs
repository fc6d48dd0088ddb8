//! Lists of messages as people look at them, and what they note on messages. The contract knows nothing of it.

pub(crate) mod filter;
mod terms;

use jiff::civil::Date;

use crate::ids::{BoxId, MessageId};
use crate::message::SideOf;
use crate::ports::{ListPosition, MessageRecord};
use crate::time::{Timestamp, start_of_day};

pub use filter::{KindGroup, ListGroup, MailboxFilter};
pub(crate) use terms::CONTENT;
pub use terms::{content_terms, envelope_terms, is_content_term, reference_term, references, search_prefixes};

/// One of the two lists of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MailboxList {
    /// Whose.
    pub box_id: BoxId,
    /// Received or sent.
    pub side: SideOf,
}

/// Key of a list that somebody looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MailboxIndexId(pub i64);

/// How far a list is indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailboxIndex {
    /// Key.
    pub id: MailboxIndexId,
    /// List.
    pub list: MailboxList,
    /// The text of attachments is indexed as well.
    pub content: bool,
    /// Everything up to and including this place is in the index.
    pub high: ListPosition,
}

/// Key of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TagId(pub i64);

/// Longest name of a tag, in characters.
pub const MAX_TAG_NAME: usize = 40;
/// Most tags of a box.
pub const MAX_TAGS: usize = 100;
/// Number of colours that a tag may have, 0 and on.
pub const TAG_COLOURS: i16 = 8;

/// A tag of a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Key.
    pub id: TagId,
    /// Name.
    pub name: String,
    /// Colour, one of a palette that pages choose.
    pub colour: i16,
}

/// A message to be marked, with its place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkedMessage {
    /// Number.
    pub id: MessageId,
    /// [`MessageState::list_time`](crate::message::MessageState::list_time), which no longer moves.
    pub time: Timestamp,
}

/// What is to be done about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// By the end of which day; none: some day.
    pub due: Option<Date>,
    /// It is done.
    pub done: bool,
    /// Name of whoever said so last.
    pub by: String,
    /// Legal time of that.
    pub at: Timestamp,
}

impl Task {
    /// How the day is kept: its beginning, the end of time for none.
    #[must_use]
    pub fn due_time(&self) -> Timestamp {
        self.due.map_or(Timestamp(i64::MAX), start_of_day)
    }

    /// The day that is kept as `time`.
    #[must_use]
    pub fn day_of(time: Timestamp) -> Option<Date> {
        (time.0 != i64::MAX).then(|| time.local_date())
    }
}

/// A task that is not done yet, with its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenTask {
    /// Side of the message.
    pub side: SideOf,
    /// Message.
    pub message: MessageId,
    /// Task.
    pub task: Task,
}

/// A message in a list.
#[derive(Debug, Clone)]
pub struct MailboxRow {
    /// List in which it stands.
    pub list: MailboxList,
    /// What lists show.
    pub record: MessageRecord,
    /// State as this side sees it.
    pub status: i16,
    /// The caller may open it: it was delivered, is not erased, and the privileges suffice.
    pub may_open: bool,
    /// Tags, by name.
    pub tags: Vec<Tag>,
    /// Task.
    pub task: Option<Task>,
}

impl MailboxRow {
    /// Delivered and not read.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        self.list.side == SideOf::Recipient && self.status == 6
    }

    /// Box on the other side.
    #[must_use]
    pub fn counterpart(&self) -> BoxId {
        terms::counterpart(&self.record.envelope, self.list.side)
    }

    /// Its name.
    #[must_use]
    pub fn counterpart_name(&self) -> &str {
        terms::counterpart_name(&self.record.envelope, self.list.side)
    }
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageStart {
    /// With the newest.
    Top,
    /// Behind this place.
    After(ListPosition),
    /// It ends before this place.
    Before(ListPosition),
}

/// A page of a list.
#[derive(Debug, Clone, Default)]
pub struct MailboxPage {
    /// Messages, newest first.
    pub rows: Vec<MailboxRow>,
    /// There are newer ones, from this place backwards.
    pub newer: Option<ListPosition>,
    /// There may be older ones, from this place on.
    pub older: Option<ListPosition>,
    /// The search was cut off at this time, since it had looked at many messages; [`older`](Self::older) goes on.
    pub cut_off_at: Option<Timestamp>,
    /// Names of the attachments of some messages were not searched, since the index does not hold those yet.
    pub names_incomplete: bool,
    /// The text of the attachments of some messages was not searched, since the index does not hold those yet.
    pub text_incomplete: bool,
}
