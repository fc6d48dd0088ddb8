//! Listeners: an accept loop with limits of time for header, body and handshake, plain and TLS.

mod body;
mod crowd;
mod proxies;

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use openssl::ssl::{Ssl, SslAcceptor};
use soap_api::{ConnectionScheme, PeerAddress, PeerCertificate};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;
use tokio_io_timeout::TimeoutStream;
use tokio_openssl::SslStream;
use tower::ServiceExt;
use tracing::Instrument;

use crate::metrics::{Area, CountedStream, Metrics, Refused};
use crate::telemetry;

use self::body::MovingBody;
use self::crowd::{Crowd, Member};
pub use self::proxies::{Network, Proxies};

/// How long a client may take to send the header of a request.
const HEADER_TIME: Duration = Duration::from_secs(20);
/// How long a TLS handshake may take.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// How long a client may let an answer stand without taking a byte of it, and a request without sending more of it.
const STANDSTILL: Duration = Duration::from_secs(30);
/// How long a connection that was made before the node stopped may take to begin its first request.
const FIRST_WORDS: Duration = Duration::from_secs(1);
/// How long requests in progress may take once the node stops.
pub const GOODBYE_TIME: Duration = Duration::from_secs(20);
/// Most connections at once, over all listeners of the node.
const CONNECTIONS: usize = 4096;
/// Most connections at once of one address.
pub const CONNECTIONS_PER_ADDRESS: usize = 256;
/// Largest header of a request.
const HEADER_BYTES: usize = 64 * 1024;

/// Who connects, and how much of it is borne.
#[derive(Debug, Clone)]
pub struct Callers {
    /// Reverse proxies whose word about their clients is taken.
    pub proxies: Proxies,
    /// Most connections at once of one address. Proxies call for many, and programs on this machine are not kept from
    /// their own.
    pub connections_per_address: usize,
    /// How long a client may stand still.
    pub standstill: Duration,
}

impl Default for Callers {
    fn default() -> Self {
        Self {
            proxies: Proxies::default(),
            connections_per_address: CONNECTIONS_PER_ADDRESS,
            standstill: STANDSTILL,
        }
    }
}

/// What all listeners of a node share.
#[derive(Clone)]
pub struct Listeners {
    router: Router,
    callers: Arc<Callers>,
    crowd: Crowd,
    places: Arc<Semaphore>,
    metrics: Arc<Metrics>,
    stop: watch::Receiver<bool>,
}

impl Listeners {
    /// Listeners that serve `router` until `stop` turns true.
    pub fn new(router: Router, callers: Callers, metrics: Arc<Metrics>, stop: watch::Receiver<bool>) -> Self {
        Self {
            router,
            crowd: Crowd::new(callers.connections_per_address),
            callers: Arc::new(callers),
            places: Arc::new(Semaphore::new(CONNECTIONS)),
            metrics,
            stop,
        }
    }

    /// Counts a connection among those of its address; an error where there are too many.
    fn admit(&self, peer: SocketAddr) -> Result<Option<Member>, ()> {
        let address = peer.ip().to_canonical();
        if address.is_loopback() || self.callers.proxies.trusts(address) {
            return Ok(None);
        }
        self.crowd.admit(address).map(Some).ok_or(())
    }

    /// Accepts connections until the node stops, then lets requests in progress end.
    pub async fn serve(self, listener: TcpListener, tls: Option<SslAcceptor>) {
        let graceful = GracefulShutdown::new();
        let mut stop = self.stop.clone();
        loop {
            let place = tokio::select! {
                place = Arc::clone(&self.places).acquire_owned() => place,
                _ = stop.changed() => break,
            };
            let Ok(place) = place else { break };
            let (stream, peer) = tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok(connection) => connection,
                    Err(error) => {
                        // Out of descriptors, mostly: a pause lets others close theirs.
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
                _ = stop.changed() => break,
            };
            self.begin(stream, peer, tls.clone(), graceful.watcher(), place);
        }
        for (stream, peer) in waiting(listener) {
            let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
                break;
            };
            self.begin(stream, peer, tls.clone(), graceful.watcher(), place);
        }
        if tokio::time::timeout(GOODBYE_TIME, graceful.shutdown()).await.is_err() {
            tracing::warn!("requests in progress were cut off");
        }
    }

    /// Serves a connection beside the others.
    fn begin(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        tls: Option<SslAcceptor>,
        watcher: Watcher,
        place: OwnedSemaphorePermit,
    ) {
        let Ok(member) = self.admit(peer) else {
            self.metrics.refused(Refused::Crowd);
            tracing::debug!("a connection was refused: its address has too many");
            return;
        };
        let connection = Connection {
            router: self.router.clone(),
            callers: Arc::clone(&self.callers),
            peer,
            metrics: Arc::clone(&self.metrics),
            watcher,
            stop: self.stop.clone(),
        };
        tokio::spawn(async move {
            connection.serve(stream, tls).await;
            drop((place, member));
        });
    }
}

/// Closes the listener. Whom the kernel has connected already is served still: their requests may be on the way, and a
/// reset would leave them in doubt whether they were heard.
fn waiting(listener: TcpListener) -> Vec<(TcpStream, SocketAddr)> {
    let Ok(listener) = listener.into_std() else {
        return Vec::new();
    };
    std::iter::from_fn(|| listener.accept().ok())
        .filter_map(|(stream, peer)| {
            stream.set_nonblocking(true).ok()?;
            Some((TcpStream::from_std(stream).ok()?, peer))
        })
        .collect()
}

struct Connection {
    router: Router,
    callers: Arc<Callers>,
    peer: SocketAddr,
    metrics: Arc<Metrics>,
    watcher: Watcher,
    stop: watch::Receiver<bool>,
}

/// Some time after the node began to stop: whoever connected before has said what there was to say.
async fn long_after(mut stop: watch::Receiver<bool>) {
    // One that can no longer change has stopped, too.
    let _ = stop.wait_for(|stop| *stop).await;
    tokio::time::sleep(FIRST_WORDS).await;
}

impl Connection {
    async fn serve(self, stream: TcpStream, tls: Option<SslAcceptor>) {
        let _connected = self.metrics.connected();
        // Answers are written in one go; waiting for more to send only delays them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection ended before it began");
            return;
        }
        match tls {
            None => self.speak_http(stream, ConnectionScheme::Http, None).await,
            Some(acceptor) => match handshake(stream, &acceptor).await {
                Ok(stream) => {
                    let certificate = peer_certificate(&stream);
                    self.speak_http(stream, ConnectionScheme::Https, certificate).await;
                }
                Err(error) => {
                    self.metrics.refused(Refused::Handshake);
                    tracing::debug!(error, "TLS handshake failed");
                }
            },
        }
    }

    async fn speak_http<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        self,
        stream: S,
        scheme: ConnectionScheme,
        certificate: Option<PeerCertificate>,
    ) {
        let metrics = self.metrics;
        let mut stream = TimeoutStream::new(CountedStream::new(stream, Arc::clone(&metrics)));
        let standstill = self.callers.standstill;
        stream.set_write_timeout(Some(standstill));
        let (router, callers, peer) = (self.router, self.callers, self.peer.ip());
        let heard = Arc::new(Notify::new());
        let hears = Arc::clone(&heard);
        let service = hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            hears.notify_one();
            let client = callers.proxies.client(peer, request.headers());
            let scheme = match client.secure {
                Some(true) => ConnectionScheme::Https,
                Some(false) => ConnectionScheme::Http,
                None => scheme,
            };
            let extensions = request.extensions_mut();
            extensions.insert(PeerAddress(client.address));
            extensions.insert(scheme);
            extensions.insert(web::Connection {
                address: client.address,
                secure: scheme == ConnectionScheme::Https,
            });
            if let Some(certificate) = certificate.clone() {
                extensions.insert(certificate);
            }
            let (begun, area) = (Instant::now(), Area::of(request.uri().path()));
            let (router, metrics) = (router.clone(), Arc::clone(&metrics));
            let span = telemetry::request_span(area, request.headers());
            let counted = async move {
                let request = request.map(|body| axum::body::Body::new(MovingBody::new(body, standstill)));
                let answer = router.oneshot(request).await;
                if let Ok(response) = &answer {
                    metrics.answered(area, response.status().as_u16(), begun.elapsed());
                    telemetry::answered(response.status());
                }
                answer
            };
            isds_core::audit::called_from(client.address, counted.instrument(span))
        });
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIME)
            .max_buf_size(HEADER_BYTES)
            // A client may shut its sending side after the request; the answer is still wanted.
            .half_close(true)
            .serve_connection(TokioIo::new(Box::pin(stream)), service);
        // Told to end before it has read anything, hyper closes a connection whose request is on the way already.
        let ended = tokio::select! {
            biased;
            ended = &mut connection => Some(ended),
            () = heard.notified() => None,
            () = long_after(self.stop) => None,
        };
        let ended = match ended {
            Some(ended) => ended,
            None => self.watcher.watch(connection).await,
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "connection ended");
        }
    }
}

fn peer_certificate(stream: &SslStream<TcpStream>) -> Option<PeerCertificate> {
    let der = stream.ssl().peer_certificate()?.to_der().ok()?;
    Some(PeerCertificate(der.into()))
}

async fn handshake(stream: TcpStream, acceptor: &SslAcceptor) -> Result<SslStream<TcpStream>, &'static str> {
    let ssl = Ssl::new(acceptor.context()).map_err(|_| "no TLS session could be made")?;
    let mut stream = SslStream::new(ssl, stream).map_err(|_| "no TLS session could be made")?;
    match tokio::time::timeout(HANDSHAKE_TIME, Pin::new(&mut stream).accept()).await {
        Ok(Ok(())) => Ok(stream),
        Ok(Err(_)) => Err("the client does not speak TLS as we do"),
        Err(_) => Err("the client took too long"),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::http::Request;
    use axum::routing::{get, post};
    use std::net::{IpAddr, Ipv4Addr};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// Serves pages that tell what they were sent and by whom; ends with the sender.
    async fn serving(callers: Callers) -> (SocketAddr, watch::Sender<bool>) {
        let (stop, stopped) = watch::channel(false);
        let who = get(|request: Request<axum::body::Body>| async move {
            let peer = request.extensions().get::<PeerAddress>().copied().unwrap();
            let scheme = request.extensions().get::<ConnectionScheme>().copied().unwrap();
            let page = request.extensions().get::<web::Connection>().copied().unwrap();
            assert_eq!(page.address, peer.0);
            assert_eq!(page.secure, scheme == ConnectionScheme::Https);
            format!("{} {}", peer.0, scheme.name())
        });
        let router = Router::new()
            .route("/", post(|body: Bytes| async move { format!("{} bytes", body.len()) }))
            .route("/who", who);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(Listeners::new(router, callers, Arc::default(), stopped).serve(listener, None));
        (address, stop)
    }

    fn standing_still(limit: Duration) -> Callers {
        Callers {
            standstill: limit,
            ..Callers::default()
        }
    }

    async fn answer(stream: &mut TcpStream) -> String {
        let mut answer = String::new();
        // A connection that is reset has no answer.
        let _ = stream.read_to_string(&mut answer).await;
        answer
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let (address, _stop) = serving(standing_still(Duration::from_millis(300))).await;
        let begin = Instant::now();
        for sent in ["", "abc"] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let head = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{sent}");
            stream.write_all(head.as_bytes()).await.unwrap();
            let answer = answer(&mut stream).await;
            assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        }
        assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    }

    #[tokio::test]
    async fn a_byte_now_and_then_is_a_standstill_too_but_a_slow_line_is_none() {
        let limit = Duration::from_millis(600);
        let (address, _stop) = serving(standing_still(limit)).await;
        let pace = limit / 3;
        let mut drops = TcpStream::connect(address).await.unwrap();
        drops
            .write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
            .await
            .unwrap();
        let (mut reading, mut writing) = drops.split();
        let dripping = async {
            while writing.write_all(b"x").await.is_ok() {
                tokio::time::sleep(pace).await;
            }
        };
        let mut first = [0; 12];
        tokio::select! {
            read = reading.read_exact(&mut first) => assert_eq!(read.unwrap(), 12),
            () = dripping => {}
            () = tokio::time::sleep(limit * 20) => panic!("still waiting"),
        }
        assert_eq!(&first, b"HTTP/1.1 400");

        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 8192\r\n\r\n")
            .await
            .unwrap();
        for _ in 0..8 {
            tokio::time::sleep(pace).await;
            slow.write_all(&[b'x'; 1024]).await.unwrap();
        }
        let answer = answer(&mut slow).await;
        assert!(answer.ends_with("8192 bytes"), "{answer}");
    }

    /// A connection from an address of this machine that is not its usual one.
    async fn from(source: [u8; 4], to: SocketAddr, lines: &str) -> String {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((source, 0))).unwrap();
        let mut stream = socket.connect(to).await.unwrap();
        let request = format!("GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{lines}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        answer(&mut stream).await
    }

    #[tokio::test]
    async fn only_a_trusted_proxy_says_for_whom_it_calls() {
        let callers = Callers {
            proxies: Proxies::new(vec!["127.0.0.2".parse().unwrap()]),
            ..Callers::default()
        };
        let (address, _stop) = serving(callers).await;
        let lines = "X-Forwarded-For: 203.0.113.1\r\nx-forwarded-for: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n";
        let told = from([127, 0, 0, 2], address, lines).await;
        assert!(told.ends_with("\r\n192.0.2.7 https"), "{told}");
        let told = from([127, 0, 0, 3], address, lines).await;
        assert!(told.ends_with("\r\n127.0.0.3 http"), "{told}");
    }

    #[tokio::test]
    async fn an_address_has_so_many_connections_and_no_more() {
        let (_stop, stopped) = watch::channel(false);
        let callers = Callers {
            proxies: Proxies::new(vec!["10.0.0.0/8".parse().unwrap()]),
            connections_per_address: 2,
            ..Callers::default()
        };
        let listeners = Listeners::new(Router::new(), callers, Arc::default(), stopped);
        let admit = |address: &str| listeners.admit((address.parse::<IpAddr>().unwrap(), 4711).into());
        let kept = [admit("192.0.2.1"), admit("192.0.2.1")];
        assert!(kept.iter().all(Result::is_ok));
        assert!(admit("192.0.2.1").is_err() && admit("192.0.2.2").is_ok());
        for free in ["127.0.0.1", "::1", "10.0.0.1"] {
            let many: Vec<_> = (0..10).map(|_| admit(free)).collect();
            assert!(many.iter().all(Result::is_ok), "{free}");
        }
        drop(kept);
        assert!(admit("192.0.2.1").is_ok());
    }
}
