//! Messages as they were read a short time ago, which are asked only whether they are still the same.
//!
//! Most of a message never changes, and it is looked up again and again: listed, downloaded, its delivery info fetched. The
//! mark of a row is by whom it was written, `xmin`, which every change of it replaces, whatever it changes.

use std::time::Duration;

use isds_core::ids::MessageId;
use isds_core::message::Message;
use moka::sync::Cache;

/// All that is remembered, in bytes of what varies in length.
const BUDGET: u64 = 16 << 20;
/// How long it is: far shorter than transaction numbers take to come round.
const REMEMBERED_FOR: Duration = Duration::from_secs(60);
/// What a message takes beside the texts that are counted.
const BESIDE: usize = 1024;

/// Who wrote a row, and its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Mark {
    writer: i64,
    version: i64,
}

/// What a node remembers of messages.
#[derive(Debug, Clone)]
pub(super) struct Remembered {
    messages: Cache<MessageId, (Mark, Message)>,
}

impl Default for Remembered {
    fn default() -> Self {
        let weigher = |_: &MessageId, (_, message): &(Mark, Message)| {
            let token = message.timestamp_token.as_ref().map_or(0, Vec::len);
            let large = message.content.large.as_ref().map_or(0, |large| large.len() * BESIDE);
            u32::try_from(BESIDE * 2 + token + large).unwrap_or(u32::MAX)
        };
        let messages = Cache::builder()
            .max_capacity(BUDGET)
            .time_to_live(REMEMBERED_FOR)
            .weigher(weigher)
            .build();
        Self { messages }
    }
}

impl Remembered {
    /// Whether it is worth while to ask for the mark of a message alone.
    pub(super) fn knows(&self, id: MessageId) -> bool {
        self.messages.contains_key(&id)
    }

    /// The message, where its row still has the mark.
    pub(super) fn same(&self, id: MessageId, mark: Mark) -> Option<Message> {
        let kept = self.messages.get(&id);
        kept.filter(|(of, _)| *of == mark).map(|(_, message)| message)
    }

    pub(super) fn remember(&self, mark: Mark, message: &Message) {
        self.messages.insert(message.id, (mark, message.clone()));
    }
}
