//! A TCP forwarder: the address that moves from one server to another, as a virtual address does, and a road on which
//! things go wrong.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use crate::{Error, Result};

#[derive(Debug)]
struct State {
    target: Option<SocketAddr>,
    open: Vec<Weak<TcpStream>>,
}

/// What becomes of the bytes on their way.
#[derive(Debug, Default)]
struct Road {
    /// They are lost, and nobody is told.
    swallows: AtomicBool,
    /// After how many of them a connection is cut; 0 for never.
    cut_after: AtomicU64,
}

/// Forwards connections to a server that can be exchanged. It goes with the process.
#[derive(Debug)]
pub struct Forwarder {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    road: Arc<Road>,
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
        let road = Arc::new(Road::default());
        let (shared, ours) = (Arc::clone(&state), Arc::clone(&road));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // What cannot be reached is closed at once, as a machine without that server does.
                let _ = forward(&shared, &ours, client);
            }
        });
        Ok(Self { address, state, road })
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
        cut(&mut state);
    }

    /// Cuts each connection, those that stand and those to come, when so many bytes went one way: in the middle of
    /// what is said. `None`: no more.
    pub fn cut_after(&self, bytes: Option<u64>) {
        self.road.cut_after.store(bytes.unwrap_or(0), Ordering::SeqCst);
    }

    /// The server's host is gone without a word: connections stand and are made, and whatever is sent over them is lost.
    pub fn vanish(&self) {
        self.road.swallows.store(true, Ordering::SeqCst);
    }

    /// It is back, and knows nothing of the connections that stood.
    pub fn come_back(&self) {
        self.road.swallows.store(false, Ordering::SeqCst);
        cut(&mut locked(&self.state));
    }
}

fn cut(state: &mut State) {
    for stream in state.open.drain(..).filter_map(|stream| stream.upgrade()) {
        // One that has ended already is what was wanted.
        let _ = stream.shutdown(Shutdown::Both);
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn forward(state: &Mutex<State>, road: &Arc<Road>, client: TcpStream) -> io::Result<()> {
    let target = locked(state).target.ok_or(io::ErrorKind::ConnectionRefused)?;
    let server = TcpStream::connect(target)?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let mut shared = locked(state);
    if shared.target != Some(target) {
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    let (client, server) = (Arc::new(client), Arc::new(server));
    shared.open.retain(|stream| stream.strong_count() > 0);
    shared.open.extend([Arc::downgrade(&client), Arc::downgrade(&server)]);
    drop(shared);
    for (from, to) in [(Arc::clone(&client), Arc::clone(&server)), (server, client)] {
        let road = Arc::clone(road);
        thread::spawn(move || carry(&road, &from, &to));
    }
    Ok(())
}

/// One way of one connection, to its end.
fn carry(road: &Road, mut from: &TcpStream, mut to: &TcpStream) {
    let mut buffer = vec![0; 64 * 1024];
    let mut carried = 0;
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if road.swallows.load(Ordering::SeqCst) {
            continue;
        }
        let limit = road.cut_after.load(Ordering::SeqCst);
        carried = if limit == 0 { 0 } else { carried + count as u64 };
        let beyond = usize::try_from(carried.saturating_sub(limit)).unwrap_or(usize::MAX);
        let (passes, is_cut) = if limit == 0 || beyond == 0 {
            (count, false)
        } else {
            (count.saturating_sub(beyond), true)
        };
        if to.write_all(&buffer[..passes]).is_err() || is_cut {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
