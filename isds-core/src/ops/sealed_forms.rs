//! Sealed forms of messages, kept as long as the state stands that they show.
//!
//! A seal costs two private-key operations. Records software downloads the same message several times, and nothing in
//! it changes between two changes of state, so a small form that carries its timestamp is kept in memory for a while.

use std::sync::Arc;

use bytes::Bytes;
use moka::sync::Cache;

use crate::envelope::MessageKind;
use crate::error::Failure;
use crate::ids::MessageId;
use crate::message::{Message, SideOf};
use crate::splice::Splice;
use crate::status::Status;

use super::unstamped_downloads::UnstampedDownloads;
use super::{Isds, Sealed};

/// All forms kept by a node, in bytes.
const BUDGET: u64 = 32 << 20;
/// Longest form kept; larger ones are made anew, from two passes over their objects.
const LONGEST: u64 = 256 << 10;

/// The form shows one side's view of one version of one message. The kind of an initiating message changes without a
/// new version: it expires by the time, and another message replies to it.
type Key = (MessageId, i64, SideOf, MessageKind);

/// Sealed forms that a node remembers, and those it could not make as they should be.
pub struct SealedForms {
    forms: Cache<Key, Bytes>,
    unstamped: UnstampedDownloads,
}

impl Default for SealedForms {
    fn default() -> Self {
        let weigher = |_: &Key, form: &Bytes| u32::try_from(form.len()).unwrap_or(u32::MAX);
        Self {
            forms: Cache::builder().max_capacity(BUDGET).weigher(weigher).build(),
            unstamped: UnstampedDownloads::default(),
        }
    }
}

impl SealedForms {
    /// Forgets all: when message numbers begin anew.
    pub fn forget_all(&self) {
        self.forms.invalidate_all();
        self.unstamped.forget_all();
    }
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
        let key = (message.id, message.version, side, message.kind);
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
