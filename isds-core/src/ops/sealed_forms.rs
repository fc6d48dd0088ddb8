//! Sealed forms of messages, kept as long as the state stands that they show.
//!
//! A seal costs two private-key operations. Records software downloads the same message several times, and nothing in
//! it changes between two changes of state, so a small form that carries its timestamp is kept in memory for a while.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use moka::sync::Cache;

use crate::envelope::MessageKind;
use crate::error::Failure;
use crate::examination::Examination;
use crate::ids::MessageId;
use crate::message::{Message, SideOf};
use crate::ports::AttachmentPlace;
use crate::splice::Splice;
use crate::status::Status;

use super::unstamped_downloads::UnstampedDownloads;
use super::{Isds, Sealed};

/// All forms kept by a node, in bytes.
const BUDGET: u64 = 32 << 20;
/// Longest form kept; larger ones are made anew, from two passes over their objects.
const LONGEST: u64 = 256 << 10;

/// How long the examination of a form is good for, in real time, and how many are remembered.
const EXAMINED_FOR: Duration = Duration::from_secs(10 * 60);
const EXAMINATIONS: u64 = 2_000;
/// Places of attachments that are remembered, in bytes; they never change.
const PLACES_BUDGET: u64 = 8 << 20;

/// The form shows one side's view of one version of one message. The kind of an initiating message changes without a
/// new version: it expires by the time, and another message replies to it.
type Key = (MessageId, i64, SideOf, MessageKind);

/// Sealed forms that a node remembers with what was found in them, and those it could not make as they should be.
pub struct SealedForms {
    forms: Cache<Key, Bytes>,
    unstamped: UnstampedDownloads,
    examinations: Cache<Key, Arc<Examination>>,
    places: Cache<MessageId, Arc<[AttachmentPlace]>>,
}

impl Default for SealedForms {
    fn default() -> Self {
        let weigher = |_: &Key, form: &Bytes| u32::try_from(form.len()).unwrap_or(u32::MAX);
        Self {
            forms: Cache::builder().max_capacity(BUDGET).weigher(weigher).build(),
            unstamped: UnstampedDownloads::default(),
            examinations: Cache::builder()
                .max_capacity(EXAMINATIONS)
                .time_to_live(EXAMINED_FOR)
                .build(),
            places: Cache::builder()
                .max_capacity(PLACES_BUDGET)
                .weigher(|_: &MessageId, places: &Arc<[AttachmentPlace]>| {
                    let names = |place: &AttachmentPlace| 256 + place.head.file_name.len() + place.head.mime_type.len();
                    u32::try_from(places.iter().map(names).sum::<usize>()).unwrap_or(u32::MAX)
                })
                .build(),
        }
    }
}

impl SealedForms {
    /// Forgets all: when message numbers begin anew.
    pub fn forget_all(&self) {
        self.forms.invalidate_all();
        self.unstamped.forget_all();
        self.examinations.invalidate_all();
        self.places.invalidate_all();
    }

    pub(super) fn examination(&self, message: &Message, side: SideOf) -> Option<Arc<Examination>> {
        self.examinations.get(&key(message, side))
    }

    pub(super) fn keep_examination(&self, message: &Message, side: SideOf, examination: Arc<Examination>) {
        self.examinations.insert(key(message, side), examination);
    }

    pub(super) fn places(&self, id: MessageId) -> Option<Arc<[AttachmentPlace]>> {
        self.places.get(&id)
    }

    pub(super) fn keep_places(&self, id: MessageId, places: Arc<[AttachmentPlace]>) {
        self.places.insert(id, places);
    }
}

fn key(message: &Message, side: SideOf) -> Key {
    (message.id, message.version, side, message.kind)
}

impl Isds {
    /// The sealed form of a message as one side sees it; `content` is asked for only when the form is not at hand.
    /// Whether the caller may have it is judged before, each time.
    ///
    /// # Errors
    /// 3005 for the third attempt within twenty minutes while the timestamp authority is silent, and not at once;
    /// failures of the object storage and of the key.
    pub async fn seal_message(
        &self,
        message: &Message,
        side: SideOf,
        content: impl FnOnce() -> Splice,
    ) -> Result<Sealed, Failure> {
        let key = key(message, side);
        if let Some(form) = self.sealed_forms.forms.get(&key) {
            return Ok(Sealed {
                splice: Splice::default().then(form),
                stamped: true,
            });
        }
        let unstamped = &self.sealed_forms.unstamped;
        let copy = (message.id, side);
        if unstamped.are_used_up(copy, self.clock.real()) {
            tokio::time::sleep(self.limits.unstamped_delay).await;
            return Err(Failure::refused(Status::UNSTAMPED_TOO_OFTEN));
        }
        let sealed = self.seal(content(), true).await?;
        // Without a timestamp it is second best: the next download tries to do better.
        if !sealed.stamped {
            unstamped.count(copy, self.clock.real());
            return Ok(sealed);
        }
        unstamped.forget(copy);
        if sealed.splice.len() > LONGEST {
            return Ok(sealed);
        }
        let form = Bytes::from(sealed.splice.collect(Arc::clone(&self.objects)).await?);
        self.sealed_forms.forms.insert(key, form.clone());
        Ok(Sealed {
            splice: Splice::default().then(form),
            stamped: true,
        })
    }
}
