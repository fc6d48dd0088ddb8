//! Records that a node has not written yet.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, AtomicU64};
use std::sync::{Mutex, PoisonError};

use super::calls::AuditCall;
use super::{AuditAction, AuditEntry};
use crate::ids::{BoxId, IsdsId, MessageId};
use crate::time::Timestamp;

/// Most records that wait in a node's memory. They wait only while the database does not take them, when little else is
/// done either.
pub(super) const MAX_WAITING: usize = 100_000;
/// What somebody does again and again is recorded at most so often, in real seconds.
const REPEATED_SECONDS: i64 = 60;
/// Most different calls that wait in a node's memory.
const MAX_CALLS: usize = 20_000;
/// Most of it that a node remembers.
const MAX_RECENT: usize = 10_000;

/// Who did what to which message or user, in which words, from where.
type Reading = (
    Option<IsdsId>,
    Option<BoxId>,
    Option<MessageId>,
    Option<IsdsId>,
    Option<String>,
    AuditAction,
    Option<IpAddr>,
);

/// Records that a node has not written yet.
#[derive(Debug, Default)]
pub struct AuditBuffer {
    waiting: Mutex<VecDeque<AuditEntry>>,
    /// Calls since they were last written: when the first of its kind came, and how many there were.
    calls: Mutex<HashMap<AuditCall, (Timestamp, u64)>>,
    /// When what is done again and again was recorded last, in real time.
    recent: Mutex<HashMap<Reading, Timestamp>>,
    /// How many found no place.
    pub(crate) lost: AtomicU64,
    /// Held by whoever writes, so that records stay in their order.
    pub(crate) writing: tokio::sync::Mutex<()>,
    /// Real time at which the records were last written and sealed.
    pub(crate) last: AtomicI64,
}

impl AuditBuffer {
    /// Adds a record; false where there is no place.
    pub(crate) fn add(&self, entry: AuditEntry) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let place = waiting.len() < MAX_WAITING;
        if place {
            waiting.push_back(entry);
        }
        place
    }

    /// Whether the very same was recorded a moment ago; notes that it is recorded now, where it was not.
    pub(crate) fn is_repeated(&self, entry: &AuditEntry) -> bool {
        let reading = (
            entry.actor.isds_id.clone(),
            entry.subject.box_id,
            entry.subject.message,
            entry.subject.isds_id.clone(),
            entry.subject.detail.clone(),
            entry.action,
            entry.address,
        );
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |noted: &Timestamp| *noted <= entry.real && entry.real < noted.plus_seconds(REPEATED_SECONDS);
        if recent.get(&reading).is_some_and(is_fresh) {
            return true;
        }
        if recent.len() >= MAX_RECENT {
            recent.retain(|_, noted| is_fresh(noted));
        }
        if recent.len() < MAX_RECENT {
            recent.insert(reading, entry.real);
        }
        false
    }

    /// How many records wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Takes up to `limit` records out.
    pub(crate) fn take(&self, limit: usize) -> Vec<AuditEntry> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.len().min(limit);
        waiting.drain(..count).collect()
    }

    /// Puts records back that could not be written.
    pub(crate) fn put_back(&self, entries: Vec<AuditEntry>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in entries.into_iter().rev() {
            waiting.push_front(entry);
        }
    }

    /// Adds a call; false where there is no place.
    pub(crate) fn add_call(&self, call: AuditCall) -> bool {
        let (at, count) = (call.at, call.count);
        let kind = call.kind();
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((first, counted)) = calls.get_mut(&kind) {
            *first = (*first).min(at);
            *counted += count;
            return true;
        }
        let place = calls.len() < MAX_CALLS;
        if place {
            calls.insert(kind, (at, count));
        }
        place
    }

    /// Takes all calls out, by their times.
    pub(crate) fn take_calls(&self) -> Vec<AuditCall> {
        let calls = std::mem::take(&mut *self.calls.lock().unwrap_or_else(PoisonError::into_inner));
        let mut calls: Vec<_> = calls
            .into_iter()
            .map(|(kind, (at, count))| AuditCall { at, count, ..kind })
            .collect();
        calls.sort_by_key(|call| call.at);
        calls
    }

    /// Forgets what was not written: for a reset, after which nothing of it is true.
    pub fn clear(&self) {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
