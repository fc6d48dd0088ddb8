//! Whose connection it is where a reverse proxy stands between: what a trusted proxy says of the client is believed, what
//! anybody else says of themselves is not.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use serde::Deserialize;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// An address, or a network of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network(IpNet);

/// A text that names no address and no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is neither an address nor a network such as 10.0.0.0/8")]
pub struct NotANetwork(String);

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let address = || {
            text.parse::<IpAddr>()
                .map(|address| IpNet::from(address.to_canonical()))
        };
        text.parse()
            .or_else(|_| address())
            .map(Self)
            .map_err(|_| NotANetwork(text.to_owned()))
    }
}

impl TryFrom<String> for Network {
    type Error = NotANetwork;

    fn try_from(text: String) -> Result<Self, NotANetwork> {
        text.parse()
    }
}

/// The reverse proxies of an installation.
#[derive(Debug, Clone, Default)]
pub struct Proxies(Vec<Network>);

/// What a request tells of its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// Their address.
    pub address: IpAddr,
    /// Whether they speak TLS, as far as a proxy said.
    pub secure: Option<bool>,
}

impl Proxies {
    /// These.
    pub fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// Whether an address is one of theirs.
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.0.contains(&address))
    }

    /// Who sent a request that came over a connection from `peer`. Each proxy adds the address it was called from at the
    /// end: read from there, the first that is no trusted proxy is the client. What stands before it anybody may have
    /// written.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let mut address = peer.to_canonical();
        if !self.trusts(address) {
            return Client { address, secure: None };
        }
        let entries = headers.get_all(FORWARDED_FOR).iter().flat_map(entries);
        let mut entries: Vec<Option<&str>> = entries.collect();
        while self.trusts(address) {
            // What is no address was not added by a proxy of ours: the last one that was holds.
            match entries.pop().flatten().and_then(parsed) {
                Some(before) => address = before,
                None => break,
            }
        }
        let said = headers
            .get_all(FORWARDED_PROTO)
            .iter()
            .flat_map(entries_of_proto)
            .last();
        Client {
            address,
            secure: said.map(|said| said.eq_ignore_ascii_case("https")),
        }
    }
}

/// Entries of a line; none for one that is no text, so that nothing behind it moves into its place.
fn entries(line: &HeaderValue) -> Vec<Option<&str>> {
    match line.to_str() {
        Ok(text) => text.split(',').map(|entry| Some(entry.trim())).collect(),
        Err(_) => vec![None],
    }
}

fn entries_of_proto(line: &HeaderValue) -> Vec<&str> {
    line.to_str().unwrap_or("").split(',').map(str::trim).collect()
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`.
fn parsed(entry: &str) -> Option<IpAddr> {
    let address = entry
        .parse::<IpAddr>()
        .ok()
        .or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .or_else(|| entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok());
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies() -> Proxies {
        let networks = ["127.0.0.1", "10.1.0.0/16", "2001:db8:ffff::/48"];
        Proxies::new(networks.iter().map(|text| text.parse().unwrap()).collect())
    }

    fn client(peer: &str, lines: &[(&'static str, &str)]) -> Client {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        proxies().client(peer.parse().unwrap(), &headers)
    }

    const FOR: &str = "x-forwarded-for";
    const PROTO: &str = "x-forwarded-proto";

    #[test]
    fn the_last_address_that_is_no_proxy_is_the_clients() {
        for (lines, expected) in [
            (&["192.0.2.7"][..], "192.0.2.7"),
            (&["192.0.2.7:4711"], "192.0.2.7"),
            (&["2001:db8::7"], "2001:db8::7"),
            (&["[2001:db8::7]"], "2001:db8::7"),
            (&["[2001:db8::7]:4711"], "2001:db8::7"),
            (&["::ffff:192.0.2.7"], "192.0.2.7"),
            // What the client wrote itself stands before what the proxies added.
            (&["198.51.100.1, 192.0.2.7"], "192.0.2.7"),
            (&["127.0.0.1, 10.1.2.3, 192.0.2.7"], "192.0.2.7"),
            (&["nonsense, 192.0.2.7"], "192.0.2.7"),
            (&["198.51.100.1", "192.0.2.7"], "192.0.2.7"),
            (&["198.51.100.1,", " 192.0.2.7 "], "192.0.2.7"),
            // Proxy behind proxy.
            (&["198.51.100.1, 192.0.2.7, 10.1.2.3"], "192.0.2.7"),
            (&["192.0.2.7", "10.1.2.3, 2001:db8:ffff::1"], "192.0.2.7"),
            (&["10.1.2.3"], "10.1.2.3"),
        ] {
            let lines: Vec<_> = lines.iter().map(|line| (FOR, *line)).collect();
            let found = client("127.0.0.1", &lines);
            assert_eq!(found.address, expected.parse::<IpAddr>().unwrap(), "{lines:?}");
            assert_eq!(found.secure, None);
            // The proxy may as well call by IPv6.
            assert_eq!(client("2001:db8:ffff::9", &lines).address, found.address);
            assert_eq!(client("::ffff:127.0.0.1", &lines).address, found.address);
        }
    }

    #[test]
    fn what_is_no_address_ends_the_search_at_the_last_proxy() {
        for lines in [
            &[][..],
            &[""],
            &["unknown"],
            &["192.0.2.7, "],
            &["192.0.2.7, x"],
            &["192.0.2.7", "\u{e9}"],
            &["192.0.2.7.1"],
            &["192.0.2.7 198.51.100.1"],
            &["fe80::1%eth0"],
            &["[192.0.2.7"],
        ] {
            let lines: Vec<_> = lines.iter().map(|line| (FOR, *line)).collect();
            let found = client("10.1.0.1", &lines);
            assert_eq!(found.address, "10.1.0.1".parse::<IpAddr>().unwrap(), "{lines:?}");
        }
        let found = client("10.1.0.1", &[(FOR, "192.0.2.7, x, 10.1.9.9")]);
        assert_eq!(found.address, "10.1.9.9".parse::<IpAddr>().unwrap());
    }

    #[test]
    fn strangers_say_nothing_of_themselves() {
        for peer in ["192.0.2.9", "2001:db8::9", "10.2.0.1", "::ffff:192.0.2.9"] {
            let found = client(peer, &[(FOR, "127.0.0.1"), (PROTO, "https")]);
            let peer: IpAddr = peer.parse().unwrap();
            assert_eq!((found.address, found.secure), (peer.to_canonical(), None));
        }
        let nobody = Proxies::default().client("127.0.0.1".parse().unwrap(), &HeaderMap::new());
        assert_eq!(nobody.secure, None);
    }

    #[test]
    fn the_last_proxy_says_how_the_client_came() {
        for (lines, expected) in [
            (&["https"][..], true),
            (&["HTTPS"], true),
            (&["http"], false),
            (&["https, http"], false),
            (&["https", "http"], false),
            (&["http, https"], true),
            (&["gopher"], false),
        ] {
            let lines: Vec<_> = lines.iter().map(|line| (PROTO, *line)).collect();
            assert_eq!(client("127.0.0.1", &lines).secure, Some(expected), "{lines:?}");
        }
    }

    #[test]
    fn networks() {
        for good in ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "::1", "::ffff:192.0.2.1"] {
            assert!(good.parse::<Network>().is_ok(), "{good}");
        }
        for bad in ["", "10.0.0.0/33", "localhost", "10.0.0", "10.0.0.1:80", "*"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
        let mapped: Network = "::ffff:192.0.2.1".parse().unwrap();
        assert!(Proxies::new(vec![mapped]).trusts("192.0.2.1".parse().unwrap()));
    }
}
