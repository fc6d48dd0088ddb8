//! How many connections one address has open.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Connections by the address that they come from.
#[derive(Debug, Clone)]
pub struct Crowd {
    most: usize,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection among those of its address; given back when it is dropped.
#[derive(Debug)]
pub struct Member {
    crowd: Crowd,
    network: IpAddr,
}

impl Crowd {
    /// At most so many for each address.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            open: Arc::default(),
        }
    }

    /// Counts a connection; none where its address has as many as it may.
    pub fn admit(&self, address: IpAddr) -> Option<Member> {
        let network = network(address);
        let mut open = self.open();
        let count = open.entry(network).or_default();
        // An address that has none does not get here: its entry goes with its last connection.
        if *count >= self.most {
            return None;
        }
        *count += 1;
        drop(open);
        Some(Member {
            crowd: self.clone(),
            network,
        })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        // Counts are right after each statement: a panic elsewhere spoils nothing here.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut open = self.crowd.open();
        if let Some(count) = open.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.network);
            }
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

    #[test]
    fn each_address_has_its_own_and_gives_them_back() {
        let crowd = Crowd::new(2);
        let at = |text: &str| crowd.admit(text.parse().unwrap());
        let first = at("2001:db8::1").unwrap();
        let _second = at("2001:db8::2").unwrap();
        assert!(at("2001:db8::3").is_none());
        let _other = at("2001:db8:0:1::3").unwrap();
        let _mapped = at("::ffff:192.0.2.1").unwrap();
        let _plain = at("192.0.2.1").unwrap();
        assert!(at("192.0.2.1").is_none());
        drop(first);
        drop(at("2001:db8::3").unwrap());
        drop(at("192.0.2.2").unwrap());
        assert_eq!(crowd.open().len(), 3, "addresses without connections are forgotten");
    }
}
