//! How many documents are judged at once, and how often one address may send some.
//!
//! Each node counts for itself: the limits keep anonymous work from crowding out the mailbox on this node.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use isds_core::time::Timestamp;

/// Documents judged at once by a node.
const OVERALL: usize = 8;
/// Documents judged at once for one address.
const PER_ADDRESS: usize = 2;
/// Documents of one address within [`WINDOW_SECONDS`].
const WITHIN_WINDOW: u32 = 30;
/// The window in which they are counted.
const WINDOW_SECONDS: i64 = 60;
/// Addresses that are remembered; while there are more within one window, new ones share a count.
const ADDRESSES: usize = 10_000;
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
#[derive(Debug, Clone, Default)]
pub(super) struct Places(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    taken: usize,
    by_address: HashMap<IpAddr, Count>,
}

#[derive(Debug)]
struct Count {
    taken: usize,
    begun: Timestamp,
    within_window: u32,
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
        let mut counts = self.counts();
        let address = counts.key(network(address), now);
        let overall = counts.taken;
        let count = counts.by_address.entry(address).or_insert(Count {
            taken: 0,
            begun: now,
            within_window: 0,
        });
        // A clock that was set back must not lock anybody out for longer than a window.
        if !count.is_current(now) {
            count.begun = now;
            count.within_window = 0;
        }
        if count.within_window >= WITHIN_WINDOW {
            let left = (count.begun.plus_seconds(WINDOW_SECONDS).0 - now.0).div_euclid(1_000_000) + 1;
            return Err(Refused::TooOften {
                seconds: u32::try_from(left).unwrap_or(1),
            });
        }
        if overall >= OVERALL || count.taken >= PER_ADDRESS {
            return Err(Refused::TooManyAtOnce);
        }
        count.within_window += 1;
        count.taken += 1;
        counts.taken += 1;
        drop(counts);
        Ok(Place {
            places: self.clone(),
            address,
        })
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        // Counts are right after each statement: a panic elsewhere spoils nothing here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// The address to count under: its own, or a common one while too many are remembered.
    fn key(&mut self, address: IpAddr, now: Timestamp) -> IpAddr {
        if self.by_address.contains_key(&address) {
            return address;
        }
        if self.by_address.len() >= ADDRESSES {
            self.by_address
                .retain(|_, count| count.taken > 0 || count.is_current(now));
        }
        if self.by_address.len() >= ADDRESSES {
            return IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        }
        address
    }
}

impl Count {
    fn is_current(&self, now: Timestamp) -> bool {
        self.begun <= now && now < self.begun.plus_seconds(WINDOW_SECONDS)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.places.counts();
        counts.taken = counts.taken.saturating_sub(1);
        if let Some(count) = counts.by_address.get_mut(&self.address) {
            count.taken = count.taken.saturating_sub(1);
        }
    }
}

/// Whoever has an IPv6 address has the whole network of it.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address => address,
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
        let _others: Vec<Place> = (2..8)
            .map(|n| places.take(address(&format!("192.0.2.{n}")), at(0)).unwrap())
            .collect();
        assert_eq!(
            places.take(address("192.0.2.99"), at(0)).unwrap_err(),
            Refused::TooManyAtOnce
        );
    }

    #[test]
    fn one_network_has_one_count_a_minute() {
        let places = Places::default();
        for n in 0..30 {
            places.take(address(&format!("2001:db8::{n:x}")), at(n)).unwrap();
        }
        let again = |second| places.take(address("2001:db8::ffff"), at(second));
        assert_eq!(again(30).unwrap_err(), Refused::TooOften { seconds: 31 });
        assert_eq!(again(59).unwrap_err(), Refused::TooOften { seconds: 2 });
        assert!(places.take(address("2001:db8:1::1"), at(59)).is_ok());
        assert!(again(60).is_ok());
        assert!(again(0).is_ok(), "the clock was set back");
    }

    #[test]
    fn memory_is_bounded() {
        let places = Places::default();
        let many = u32::try_from(ADDRESSES).unwrap() + 20;
        let mut refused = 0;
        for n in 0..many {
            let address = IpAddr::from((0x0a00_0000 + n).to_be_bytes());
            refused += usize::from(places.take(address, at(0)).is_err());
        }
        assert!(places.counts().by_address.len() <= ADDRESSES + 1);
        // 20 that had no count of their own shared one, which has room for 30.
        assert_eq!(refused, 0);
        places.take(address("198.51.100.1"), at(61)).unwrap();
        assert_eq!(places.counts().by_address.len(), 1);
    }
}
