//! A TCP forwarder: the address that moves from one server to another, as a virtual address does.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use crate::{Error, Result};

#[derive(Debug)]
struct State {
    target: Option<SocketAddr>,
    open: Vec<TcpStream>,
}

/// Forwards connections to a server that can be exchanged. It goes with the process.
#[derive(Debug)]
pub struct Forwarder {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Forwarder {
    /// Listens on a free loopback port and forwards to `target`.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn start(target: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::io("bind a port to forward from"))?;
        let address = listener.local_addr().map_err(Error::io("read the bound port"))?;
        let state = Arc::new(Mutex::new(State {
            target: Some(target),
            open: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // What cannot be reached is closed at once, as a machine without that server does.
                let _ = forward(&shared, client);
            }
        });
        Ok(Self { address, state })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Forwards to another server from now on, or to none. Connections that stand are cut.
    pub fn switch_to(&self, target: Option<SocketAddr>) {
        let mut state = locked(&self.state);
        state.target = target;
        for stream in state.open.drain(..) {
            // One that has ended already is what was wanted.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn forward(state: &Mutex<State>, client: TcpStream) -> io::Result<()> {
    let target = locked(state).target.ok_or(io::ErrorKind::ConnectionRefused)?;
    let server = TcpStream::connect(target)?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let mut shared = locked(state);
    if shared.target != Some(target) {
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    shared.open.extend([client.try_clone()?, server.try_clone()?]);
    drop(shared);
    for (mut from, mut to) in [(client.try_clone()?, server.try_clone()?), (server, client)] {
        thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(count @ 1..) = from.read(&mut buffer) {
                if to.write_all(&buffer[..count]).is_err() {
                    break;
                }
            }
            let _ = to.shutdown(Shutdown::Both);
            let _ = from.shutdown(Shutdown::Both);
        });
    }
    Ok(())
}
