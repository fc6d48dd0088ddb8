//! How many documents are archived at once (bulletin 2194: 20 overall, 2 for one client).
//!
//! Each node counts for itself: the limits are there so that large documents and a slow timestamp authority cannot use up
//! a node's temporary files and threads.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::ids::BoxId;

/// Documents archived at once by a node.
const OVERALL: usize = 20;
/// Documents archived at once for one box.
const PER_CLIENT: usize = 2;

/// Who archives, by the box; all who have none are one client.
type Client = Option<BoxId>;

/// The places of a node.
#[derive(Debug, Clone, Default)]
pub struct ArchivingSlots(Arc<Mutex<HashMap<Client, usize>>>);

/// A place; given back when it is dropped.
#[derive(Debug)]
pub struct ArchivingSlot {
    slots: ArchivingSlots,
    client: Client,
}

impl ArchivingSlots {
    /// Takes a place, where there is one.
    pub(super) fn take(&self, client: Client) -> Option<ArchivingSlot> {
        let mut taken = self.taken();
        let own = taken.get(&client).copied().unwrap_or(0);
        if own >= PER_CLIENT || taken.values().sum::<usize>() >= OVERALL {
            return None;
        }
        taken.insert(client, own + 1);
        drop(taken);
        Some(ArchivingSlot {
            slots: self.clone(),
            client,
        })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<Client, usize>> {
        // Counts are whole whenever the lock is free.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ArchivingSlot {
    fn drop(&mut self) {
        let mut taken = self.slots.taken();
        match taken.get_mut(&self.client) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                taken.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(number: usize) -> Client {
        let letters = b"abcdefghijk";
        let data: String = format!("aaaaa{}", char::from(letters[number]));
        Some(BoxId::from_data(&data).unwrap())
    }

    #[test]
    fn a_client_has_two_and_all_have_twenty() {
        let slots = ArchivingSlots::default();
        let first = slots.take(client(0)).unwrap();
        let _second = slots.take(client(0)).unwrap();
        assert!(slots.take(client(0)).is_none());
        drop(first);
        let _third = slots.take(client(0)).unwrap();
        let others: Vec<_> = (1..10)
            .flat_map(|n| [slots.take(client(n)), slots.take(client(n))])
            .collect();
        assert!(others.iter().all(Option::is_some));
        assert!(slots.take(None).is_none(), "twenty are taken");
        drop(others);
        let held = [slots.take(None), slots.take(None), slots.take(None)];
        assert_eq!(held.iter().flatten().count(), 2, "who has no box is one client");
        drop(held);
        assert_eq!(slots.taken().len(), 1, "who archives nothing is forgotten");
    }
}
