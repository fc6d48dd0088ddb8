//! Telling the service manager how the process fares (`sd_notify(3)`): it started the process, and waits.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Where the manager listens; nobody does where it is not set.
const SOCKET: &str = "NOTIFY_SOCKET";

/// Calls are answered from now on.
pub fn ready() {
    told("READY=1\n");
}

/// It was told to stop and ends what it is at.
pub fn stopping() {
    told("STOPPING=1\n");
}

fn told(state: &str) {
    let Some(socket) = std::env::var_os(SOCKET) else {
        return;
    };
    if let Err(error) = send(&socket, state) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}

fn send(socket: &OsStr, state: &str) -> io::Result<()> {
    let address = match socket.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(socket)?,
    };
    UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manager_is_told_in_a_file_and_by_an_abstract_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let by_path = UnixDatagram::bind(&path).unwrap();
        let name = format!("isds-notify-{}", std::process::id());
        let abstract_name = SocketAddr::from_abstract_name(&name).unwrap();
        let by_name = UnixDatagram::bind_addr(&abstract_name).unwrap();
        send(path.as_os_str(), "READY=1\n").unwrap();
        send(OsStr::new(&format!("@{name}")), "STOPPING=1\n").unwrap();
        for (socket, expected) in [(by_path, "READY=1\n"), (by_name, "STOPPING=1\n")] {
            let mut told = [0; 64];
            let length = socket.recv(&mut told).unwrap();
            assert_eq!(&told[..length], expected.as_bytes());
        }
        assert!(send(OsStr::new("/nonexistent/notify"), "READY=1\n").is_err());
    }
}
