//! Where ClamAV's daemon listens.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;

/// `HOST:PORT`, or the path of a Unix socket.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum ClamdAddress {
    /// Over TCP; the name is looked up anew for every connection.
    Tcp(String),
    /// A socket of this machine.
    Unix(PathBuf),
}

/// What is no address of a scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("clamd: HOST:PORT is needed, or the whole path of its socket")]
pub struct NoAddress;

impl FromStr for ClamdAddress {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        if text.starts_with('/') {
            return Ok(Self::Unix(PathBuf::from(text)));
        }
        let (host, port) = text.rsplit_once(':').ok_or(NoAddress)?;
        let is_host = !host.is_empty() && !host.contains(['/', ' ']);
        match port.parse::<u16>() {
            Ok(1..) if is_host => Ok(Self::Tcp(text.to_owned())),
            _ => Err(NoAddress),
        }
    }
}

impl TryFrom<String> for ClamdAddress {
    type Error = NoAddress;

    fn try_from(text: String) -> Result<Self, NoAddress> {
        text.parse()
    }
}

impl fmt::Display for ClamdAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => f.write_str(address),
            Self::Unix(path) => path.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_with_a_port_or_a_path() {
        for good in ["127.0.0.1:3310", "[::1]:3310", "clamav.example.test:3310"] {
            assert_eq!(good.parse(), Ok(ClamdAddress::Tcp(good.to_owned())));
        }
        let socket = "/run/clamav/clamd.ctl";
        assert_eq!(socket.parse(), Ok(ClamdAddress::Unix(socket.into())));
        for wrong in [
            "",
            "clamd",
            ":3310",
            "host:",
            "host:0",
            "host:65536",
            "run/clamd.ctl",
            "tcp://host:1",
        ] {
            assert_eq!(wrong.parse::<ClamdAddress>(), Err(NoAddress), "{wrong}");
        }
    }
}
