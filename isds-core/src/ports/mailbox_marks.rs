//! What the people of a box note on its messages: tags, and what is to be done.

use async_trait::async_trait;

use super::StoreResult;
use crate::ids::{BoxId, MessageId};
use crate::mailbox::{MailboxList, MarkedMessage, OpenTask, Tag, TagId, Task};

/// Tags and tasks.
#[async_trait]
pub trait MailboxMarks: Send + Sync {
    /// Tags of a box by name.
    async fn list_tags(&self, box_id: BoxId) -> StoreResult<Vec<Tag>>;

    /// Adds a tag; none where the box has one of that name.
    async fn add_tag(&self, box_id: BoxId, name: &str, colour: i16) -> StoreResult<Option<TagId>>;

    /// Removes a tag of the box, from all its messages as well; false where there is none.
    async fn remove_tag(&self, box_id: BoxId, id: TagId) -> StoreResult<bool>;

    /// Tags messages; some may have the tag already.
    async fn tag_messages(&self, list: MailboxList, id: TagId, messages: &[MarkedMessage]) -> StoreResult<()>;

    /// Takes a tag from messages.
    async fn untag_messages(&self, list: MailboxList, id: TagId, messages: &[MessageId]) -> StoreResult<()>;

    /// Which of the messages has which tags.
    async fn tags_of(&self, list: MailboxList, messages: &[MessageId]) -> StoreResult<Vec<(MessageId, TagId)>>;

    /// Notes the same task on messages, in place of the one they had.
    async fn set_task(&self, list: MailboxList, messages: &[MarkedMessage], task: &Task) -> StoreResult<()>;

    /// Tasks of the messages that have one, done or not.
    async fn tasks_of(&self, list: MailboxList, messages: &[MessageId]) -> StoreResult<Vec<(MessageId, Task)>>;

    /// What is to be done in a box, the most urgent first.
    async fn list_open_tasks(&self, box_id: BoxId, limit: u64) -> StoreResult<Vec<OpenTask>>;
}
