//! How often a message was sealed without a timestamp lately (manual M 2.4.2.1).
//!
//! Twice within twenty minutes is free; the third attempt is slowed down and refused, so that clients which try again at
//! once burden neither this system nor the timestamp authority that is ill already. Each node counts for itself: what is
//! lost with it is a little patience, no message.

use moka::sync::Cache;

use crate::ids::MessageId;
use crate::message::SideOf;
use crate::time::Timestamp;

/// Downloads without a timestamp that are answered with the message.
const FREE: u32 = 2;
/// The window from the first of them on, in real seconds.
const WINDOW_SECONDS: i64 = 20 * 60;
/// Most messages counted by a node; beyond that, those that were asked for least are forgotten.
const REMEMBERED: u64 = 10_000;

/// One side's copy of one message, in whatever version: marking it as read begins no new count.
type Key = (MessageId, SideOf);

#[derive(Debug, Clone, Copy)]
struct Count {
    /// Real time of the first.
    first: Timestamp,
    downloads: u32,
}

impl Count {
    fn is_over(self, now: Timestamp) -> bool {
        now >= self.first.plus_seconds(WINDOW_SECONDS)
    }
}

/// Counts of a node. Times are real.
pub(super) struct UnstampedDownloads(Cache<Key, Count>);

impl Default for UnstampedDownloads {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

impl UnstampedDownloads {
    /// The free ones are used up.
    pub fn are_used_up(&self, key: Key, now: Timestamp) -> bool {
        self.0
            .get(&key)
            .is_some_and(|count| count.downloads >= FREE && !count.is_over(now))
    }

    /// Counts one.
    pub fn count(&self, key: Key, now: Timestamp) {
        self.0.entry(key).and_upsert_with(|counted| {
            match counted.map(moka::Entry::into_value).filter(|count| !count.is_over(now)) {
                Some(count) => Count {
                    downloads: count.downloads.saturating_add(1),
                    ..count
                },
                None => Count {
                    first: now,
                    downloads: 1,
                },
            }
        });
    }

    /// The message got its timestamp.
    pub fn forget(&self, key: Key) {
        self.0.invalidate(&key);
    }

    /// Message numbers begin anew.
    pub fn forget_all(&self) {
        self.0.invalidate_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: Timestamp = Timestamp(1_790_000_000_000_000);
    const KEY: Key = (MessageId(1), SideOf::Recipient);

    #[test]
    fn two_are_free_within_twenty_minutes_of_the_first() {
        let downloads = UnstampedDownloads::default();
        downloads.count(KEY, T0);
        assert!(!downloads.are_used_up(KEY, T0.plus_seconds(1)));
        downloads.count(KEY, T0.plus_seconds(600));
        assert!(downloads.are_used_up(KEY, T0.plus_seconds(601)));
        assert!(downloads.are_used_up(KEY, T0.plus_seconds(1199)));
        assert!(!downloads.are_used_up((MessageId(1), SideOf::Sender), T0.plus_seconds(601)));
        assert!(!downloads.are_used_up((MessageId(2), SideOf::Recipient), T0.plus_seconds(601)));
        // From the first, not from the last.
        assert!(!downloads.are_used_up(KEY, T0.plus_seconds(1200)));
        downloads.count(KEY, T0.plus_seconds(1200));
        assert!(
            !downloads.are_used_up(KEY, T0.plus_seconds(1201)),
            "the count began anew"
        );
    }

    #[test]
    fn a_timestamp_begins_the_count_anew() {
        let downloads = UnstampedDownloads::default();
        downloads.count(KEY, T0);
        downloads.count(KEY, T0);
        downloads.forget(KEY);
        assert!(!downloads.are_used_up(KEY, T0));
        downloads.count(KEY, T0);
        assert!(!downloads.are_used_up(KEY, T0));
    }
}
