//! How often one address may ask for something that anybody may ask for.
//!
//! Each node counts for itself: the limits keep anonymous work from crowding out the mailbox on this node.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use isds_core::time::Timestamp;

/// The window in which requests are counted.
const WINDOW_SECONDS: i64 = 60;
/// Addresses that are remembered; while there are more within one window, new ones share a count.
const ADDRESSES: usize = 10_000;

/// A count for each address within a minute.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    most: u32,
    counts: Arc<Mutex<HashMap<IpAddr, Count>>>,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    begun: Timestamp,
    within_window: u32,
}

impl Pace {
    /// At most so many a minute.
    pub(crate) fn new(most: u32) -> Self {
        Self {
            most,
            counts: Arc::default(),
        }
    }

    /// Counts a request; an error says after how many seconds the next one is borne.
    pub(crate) fn step(&self, address: IpAddr, now: Timestamp) -> Result<(), u32> {
        let mut counts = self.counts();
        let key = key(&mut counts, network(address), now);
        let fresh = Count {
            begun: now,
            within_window: 0,
        };
        let count = counts.entry(key).or_insert(fresh);
        // A clock that was set back must not lock anybody out for longer than a window.
        if !count.is_current(now) {
            *count = fresh;
        }
        if count.within_window >= self.most {
            let left = (count.begun.plus_seconds(WINDOW_SECONDS).0 - now.0).div_euclid(1_000_000) + 1;
            return Err(u32::try_from(left).unwrap_or(1));
        }
        count.within_window += 1;
        Ok(())
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<IpAddr, Count>> {
        // Counts are right after each statement: a panic elsewhere spoils nothing here.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Count {
    fn is_current(&self, now: Timestamp) -> bool {
        self.begun <= now && now < self.begun.plus_seconds(WINDOW_SECONDS)
    }
}

/// The address to count under: its own, or a common one while too many are remembered.
fn key(counts: &mut HashMap<IpAddr, Count>, address: IpAddr, now: Timestamp) -> IpAddr {
    if counts.contains_key(&address) {
        return address;
    }
    if counts.len() >= ADDRESSES {
        counts.retain(|_, count| count.is_current(now));
    }
    if counts.len() >= ADDRESSES {
        return IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    }
    address
}

/// Whoever has an IPv6 address has the whole network of it.
pub(crate) fn network(address: IpAddr) -> IpAddr {
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
    fn one_network_has_one_count_a_minute() {
        let pace = Pace::new(30);
        for n in 0..30 {
            pace.step(address(&format!("2001:db8::{n:x}")), at(n)).unwrap();
        }
        let again = |second| pace.step(address("2001:db8::ffff"), at(second));
        assert_eq!(again(30).unwrap_err(), 31);
        assert_eq!(again(59).unwrap_err(), 2);
        assert!(pace.step(address("2001:db8:1::1"), at(59)).is_ok());
        assert!(again(60).is_ok());
        assert!(again(0).is_ok(), "the clock was set back");
    }

    #[test]
    fn memory_is_bounded() {
        let pace = Pace::new(30);
        let many = u32::try_from(ADDRESSES).unwrap() + 20;
        let mut refused = 0;
        for n in 0..many {
            let address = IpAddr::from((0x0a00_0000 + n).to_be_bytes());
            refused += usize::from(pace.step(address, at(0)).is_err());
        }
        assert!(pace.counts().len() <= ADDRESSES + 1);
        // 20 that had no count of their own shared one, which has room for 30.
        assert_eq!(refused, 0);
        pace.step(address("198.51.100.1"), at(61)).unwrap();
        assert_eq!(pace.counts().len(), 1);
    }
}
