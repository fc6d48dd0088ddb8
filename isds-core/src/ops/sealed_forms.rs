//! Sealed forms of messages, kept as long as the state stands that they show.
//!
//! A seal costs two private-key operations. Records software downloads the same message several times, and nothing in
//! it changes between two changes of state, so a small form that carries its timestamp is kept in memory for a while.

use std::sync::Arc;

use bytes::Bytes;
use moka::sync::Cache;

use crate::error::Failure;
use crate::ids::MessageId;
use crate::message::{Message, SideOf};
use crate::splice::Splice;

use super::{Isds, Sealed};

/// All forms kept by a node, in bytes.
const BUDGET: u64 = 32 << 20;
/// Longest form kept; larger ones are made anew, from two passes over their objects.
const LONGEST: u64 = 256 << 10;

/// The form shows one side's view of one version of one message.
type Key = (MessageId, i64, SideOf);

/// Sealed forms that a node remembers.
pub struct SealedForms(Cache<Key, Bytes>);

impl Default for SealedForms {
    fn default() -> Self {
        let weigher = |_: &Key, form: &Bytes| u32::try_from(form.len()).unwrap_or(u32::MAX);
        Self(Cache::builder().max_capacity(BUDGET).weigher(weigher).build())
    }
}

impl SealedForms {
    /// Forgets all: when message numbers begin anew.
    pub fn forget_all(&self) {
        self.0.invalidate_all();
    }
}

impl Isds {
    /// The sealed form of a message as one side sees it; `content` is asked for only when the form is not at hand.
    /// Whether the caller may have it is judged before, each time.
    ///
    /// # Errors
    /// Failures of the object storage and of the key.
    pub async fn seal_message(
        &self,
        message: &Message,
        side: SideOf,
        content: impl FnOnce() -> Splice,
    ) -> Result<Sealed, Failure> {
        let key = (message.id, message.version, side);
        if let Some(form) = self.sealed_forms.0.get(&key) {
            return Ok(Sealed {
                splice: Splice::default().then(form),
                stamped: true,
            });
        }
        let sealed = self.seal(content(), true).await?;
        // Without a timestamp it is second best: the next download tries to do better.
        if !sealed.stamped || sealed.splice.len() > LONGEST {
            return Ok(sealed);
        }
        let form = Bytes::from(sealed.splice.collect(Arc::clone(&self.objects)).await?);
        self.sealed_forms.0.insert(key, form.clone());
        Ok(Sealed {
            splice: Splice::default().then(form),
            stamped: true,
        })
    }
}
