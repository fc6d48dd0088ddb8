//! Notices that there is nobody at the other end of the connections to the database server.
//!
//! A host that vanishes sends no reset, and whoever waits for its answer waits for ever. While connections are in use, the
//! server is asked every few seconds, over a new one, whether it is there: it says so before it asks who we are. Where it
//! does not, all connections to it are shut down, and sqlx sees what it knows how to deal with. A single connection that is
//! lost, while the server is there, is noticed by the kernel. sqlx gives nobody a way to its sockets, so they are found
//! among the descriptors of this process, by whom they lead to.

use std::collections::HashSet;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::os::fd::{BorrowedFd, OwnedFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use sqlx::Pool;
use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use super::Db;

/// How often the server is asked while it is used.
const EVERY: Duration = Duration::from_secs(3);
/// How long it has to say that it is there; asked so many times, it is not.
const SAYS_SO_WITHIN: Duration = Duration::from_secs(3);
const TIMES: u32 = 2;
/// The first thing that may be said to a server: a question for TLS, answered by one byte.
const TLS_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// The server, as far as its host is another than this one: reached through a socket file, it does not vanish alone.
#[derive(Clone)]
pub(super) struct Server(Option<Arc<Remote>>);

struct Remote {
    host: String,
    port: u16,
    /// Where it was found so far.
    addresses: Mutex<HashSet<SocketAddr>>,
}

/// Looks after the connections of a pool until it is dropped.
pub(super) struct Watch(Option<AbortHandle>);

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(asking) = &self.0 {
            asking.abort();
        }
    }
}

impl Server {
    /// The server of these options.
    pub(super) async fn of(options: &PgConnectOptions) -> io::Result<Self> {
        if options.get_socket().is_some() || options.get_host().starts_with('/') {
            return Ok(Self(None));
        }
        let remote = Remote {
            host: options.get_host().trim_matches(['[', ']']).to_owned(),
            port: options.get_port(),
            addresses: Mutex::default(),
        };
        remote.look_up().await?;
        Ok(Self(Some(Arc::new(remote))))
    }

    /// Has the kernel ask, over each connection to the server, whether it still stands: to be called when one was made.
    pub(super) fn keep_asking(&self) {
        let keepalive = TcpKeepalive::new()
            .with_time(Duration::from_secs(15))
            .with_interval(Duration::from_secs(5))
            .with_retries(3);
        let asked = self.0.as_ref().map_or(Ok(()), |remote| {
            remote.each_connection(|socket| {
                socket.set_tcp_keepalive(&keepalive)?;
                socket.set_tcp_user_timeout(Some(Duration::from_secs(30)))
            })
        });
        if let Err(error) = asked {
            tracing::warn!(%error, "connections to the database server cannot be watched");
        }
    }

    /// Asks the server again and again, as long as connections of the pool are in use.
    pub(super) fn watch(&self, pool: &Pool<Db>) -> Watch {
        let Some(remote) = self.0.clone() else {
            return Watch(None);
        };
        let pool = pool.clone();
        let asking = tokio::spawn(async move {
            loop {
                sleep(EVERY).await;
                if pool.num_idle() < pool.size() as usize && !remote.is_there().await {
                    tracing::warn!("the database server does not answer: connections to it are given up");
                    let shut = remote.each_connection(|socket| socket.shutdown(Shutdown::Both));
                    if let Err(error) = shut {
                        tracing::warn!(%error, "connections to the database server cannot be watched");
                    }
                }
            }
        });
        Watch(Some(asking.abort_handle()))
    }
}

impl Remote {
    fn addresses(&self) -> MutexGuard<'_, HashSet<SocketAddr>> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn look_up(&self) -> io::Result<Vec<SocketAddr>> {
        let found: Vec<_> = lookup_host((self.host.as_str(), self.port)).await?.collect();
        self.addresses().extend(&found);
        Ok(found)
    }

    async fn is_there(&self) -> bool {
        for _ in 0..TIMES {
            if matches!(timeout(SAYS_SO_WITHIN, self.says_so()).await, Ok(Ok(()))) {
                return true;
            }
        }
        false
    }

    async fn says_so(&self) -> io::Result<()> {
        let addresses = self.look_up().await?;
        let mut stream = TcpStream::connect(&*addresses).await?;
        stream.write_all(&TLS_REQUEST).await?;
        stream.read_exact(&mut [0; 1]).await.map(drop)
    }

    /// Does something with every connection of this process to the server. One that is closed meanwhile is no error.
    fn each_connection(&self, act: impl Fn(&SockRef<'_>) -> io::Result<()>) -> io::Result<()> {
        for entry in std::fs::read_dir("/proc/self/fd")? {
            let number = entry?.file_name().to_str().and_then(|name| name.parse().ok());
            let Some(descriptor) = number.and_then(duplicate) else {
                continue;
            };
            let socket = SockRef::from(&descriptor);
            let peer = socket.peer_addr().ok().and_then(|peer| peer.as_socket());
            if peer.is_some_and(|peer| self.addresses().contains(&peer)) {
                // It may have broken by itself.
                let _ = act(&socket);
            }
        }
        Ok(())
    }
}

/// A descriptor of our own for whatever has this number; none where nothing has.
#[expect(unsafe_code, reason = "there is no other way from a number to what it stands for")]
fn duplicate(number: RawFd) -> Option<OwnedFd> {
    if number < 0 {
        return None;
    }
    // SAFETY: The number is lent to nothing but the call that duplicates it, which looks it up in the kernel once. Where it
    // was closed meanwhile that call fails; where it stands for another file by now, that one is duplicated, and what it is
    // we look at afterwards. Nothing is done to the original.
    let borrowed = unsafe { BorrowedFd::borrow_raw(number) };
    borrowed.try_clone_to_owned().ok()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Instant;

    use harness::{Forwarder, PrivateCluster};
    use sqlx::{Executor, Row};

    use super::super::SqlStore;
    use super::*;

    /// The server is asked, the answer does not come, twice; and some.
    const NOTICED_WITHIN: Duration = Duration::from_secs(15);

    async fn store() -> (SqlStore, Forwarder) {
        let laid = tokio::task::spawn_blocking(|| {
            let cluster = PrivateCluster::shared().unwrap();
            let url = cluster.fresh_database().unwrap();
            let at = SocketAddr::from((Ipv4Addr::LOCALHOST, cluster.port()));
            let forwarder = Forwarder::start(at).unwrap();
            (
                url.replace(&at.to_string(), &forwarder.address().to_string()),
                forwarder,
            )
        });
        let (url, forwarder) = laid.await.unwrap();
        (SqlStore::open(&url).await.unwrap(), forwarder)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_host_that_vanishes_is_noticed_and_found_again() {
        let (store, forwarder) = store().await;
        let mut waiting = store.pool.acquire().await.unwrap();
        let in_hand = tokio::spawn(async move {
            let begun = Instant::now();
            let said = waiting.execute("SELECT pg_sleep(60)").await;
            (said, begun.elapsed())
        });
        // Several that lie in the pool.
        let mut idle = Vec::new();
        for _ in 0..4 {
            idle.push(store.pool.acquire().await.unwrap());
        }
        drop(idle);
        forwarder.vanish();
        let begun = Instant::now();
        let said = store.clock().await;
        assert!(
            matches!(said, Err(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut)),
            "{said:?}"
        );
        assert!(begun.elapsed() < NOTICED_WITHIN, "after {:?}", begun.elapsed());
        let (said, after) = in_hand.await.unwrap();
        assert!(matches!(said, Err(sqlx::Error::Io(_))), "{said:?}");
        assert!(after < NOTICED_WITHIN, "after {after:?}");
        // Also who comes later is not kept for long.
        let begun = Instant::now();
        assert!(store.clock().await.is_err());
        assert!(begun.elapsed() < NOTICED_WITHIN, "after {:?}", begun.elapsed());

        forwarder.come_back();
        let begun = Instant::now();
        while store.clock().await.is_err() {
            assert!(begun.elapsed() < NOTICED_WITHIN, "the server is not found again");
        }
    }

    /// A server that is busy is there; large answers and statements come over whole.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_server_that_takes_its_time_is_waited_for() {
        let (store, _forwarder) = store().await;
        store.pool.execute("SELECT pg_sleep(6)").await.unwrap();
        let large = "x".repeat(3_000_000);
        let query = sqlx::query("SELECT $1 || n FROM generate_series(1, 3) AS n").bind(&large);
        let rows = query.fetch_all(&store.pool).await.unwrap();
        assert_eq!(rows.len(), 3);
        for row in rows {
            assert_eq!(row.get::<String, _>(0).len(), large.len() + 1);
        }
        let over: String =
            sqlx::query_scalar("SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()")
                .fetch_one(&store.pool)
                .await
                .unwrap();
        assert_eq!(over, "isds");
    }
}
