//! How many documents are judged at once, and how often one address may send some.
//!
//! Each node counts for itself: the limits keep anonymous work from crowding out the mailbox on this node.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use isds_core::time::Timestamp;

use crate::page::pace::{Pace, network};

/// Documents judged at once by a node.
const OVERALL: usize = 8;
/// Documents judged at once for one address.
const PER_ADDRESS: usize = 2;
/// Documents of one address within a minute.
const WITHIN_A_MINUTE: u32 = 30;
/// After how many seconds it is worth trying again where all places are taken.
pub(super) const BUSY_SECONDS: u32 = 10;

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// The address sends too often; again after so many seconds.
    TooOften { seconds: u32 },
    /// All places are taken.
    TooManyAtOnce,
}

/// The places of a node.
#[derive(Debug, Clone)]
pub(super) struct Places {
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
    pace: Pace,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            taken: Arc::default(),
            pace: Pace::new(WITHIN_A_MINUTE),
        }
    }
}

/// A place; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    address: IpAddr,
}

impl Places {
    /// Takes a place, where there is one.
    pub(super) fn take(&self, address: IpAddr, now: Timestamp) -> Result<Place, Refused> {
        let address = network(address);
        let mut taken = self.taken();
        let own = taken.get(&address).copied().unwrap_or(0);
        if taken.values().sum::<usize>() >= OVERALL || own >= PER_ADDRESS {
            return Err(Refused::TooManyAtOnce);
        }
        self.pace
            .step(address, now)
            .map_err(|seconds| Refused::TooOften { seconds })?;
        taken.insert(address, own + 1);
        drop(taken);
        Ok(Place {
            places: self.clone(),
            address,
        })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        // Counts are right after each statement: a panic elsewhere spoils nothing here.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        if let Some(count) = taken.get_mut(&self.address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp(1_780_000_000_000_000 + second * 1_000_000)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn places_are_given_back() {
        let places = Places::default();
        let own = address("192.0.2.1");
        let first = places.take(own, at(0)).unwrap();
        let _second = places.take(own, at(0)).unwrap();
        assert_eq!(places.take(own, at(0)).unwrap_err(), Refused::TooManyAtOnce);
        drop(first);
        let _third = places.take(own, at(0)).unwrap();
        let others: Vec<Place> = (2..8)
            .map(|n| places.take(address(&format!("192.0.2.{n}")), at(0)).unwrap())
            .collect();
        assert_eq!(
            places.take(address("192.0.2.99"), at(0)).unwrap_err(),
            Refused::TooManyAtOnce
        );
        drop(others);
        assert_eq!(places.taken().len(), 1, "who has none is forgotten");
    }

    #[test]
    fn one_network_has_so_many_a_minute() {
        let places = Places::default();
        for n in 0..30 {
            places.take(address(&format!("2001:db8::{n:x}")), at(n)).unwrap();
        }
        assert_eq!(
            places.take(address("2001:db8::ffff"), at(30)).unwrap_err(),
            Refused::TooOften { seconds: 31 }
        );
        assert!(places.take(address("2001:db8:1::1"), at(30)).is_ok());
        assert!(places.take(address("2001:db8::ffff"), at(60)).is_ok());
    }
}
