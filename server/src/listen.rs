//! Listeners: an accept loop with limits of time for header and handshake, plain and TLS.

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
use tokio::sync::{Semaphore, watch};
use tokio_io_timeout::TimeoutStream;
use tokio_openssl::SslStream;
use tower::ServiceExt;

/// How long a client may take to send the header of a request.
const HEADER_TIME: Duration = Duration::from_secs(20);
/// How long a TLS handshake may take.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// How long a client may let an answer stand without taking a byte of it.
const STANDSTILL: Duration = Duration::from_secs(30);
/// How long requests in progress may take once the node stops.
const GOODBYE_TIME: Duration = Duration::from_secs(20);
/// Most connections at once, over all listeners of the node.
const CONNECTIONS: usize = 4096;
/// Largest header of a request.
const HEADER_BYTES: usize = 64 * 1024;

/// What all listeners of a node share.
#[derive(Clone)]
pub struct Listeners {
    router: Router,
    places: Arc<Semaphore>,
    stop: watch::Receiver<bool>,
}

impl Listeners {
    /// Listeners that serve `router` until `stop` turns true.
    pub fn new(router: Router, stop: watch::Receiver<bool>) -> Self {
        Self {
            router,
            places: Arc::new(Semaphore::new(CONNECTIONS)),
            stop,
        }
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
            let connection = Connection {
                router: self.router.clone(),
                peer,
                watcher: graceful.watcher(),
            };
            let tls = tls.clone();
            tokio::spawn(async move {
                connection.serve(stream, tls).await;
                drop(place);
            });
        }
        if tokio::time::timeout(GOODBYE_TIME, graceful.shutdown()).await.is_err() {
            tracing::warn!("requests in progress were cut off");
        }
    }
}

struct Connection {
    router: Router,
    peer: SocketAddr,
    watcher: Watcher,
}

impl Connection {
    async fn serve(self, stream: TcpStream, tls: Option<SslAcceptor>) {
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
                Err(error) => tracing::debug!(error, "TLS handshake failed"),
            },
        }
    }

    async fn speak_http<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        self,
        stream: S,
        scheme: ConnectionScheme,
        certificate: Option<PeerCertificate>,
    ) {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(STANDSTILL));
        let peer = PeerAddress(self.peer.ip().to_canonical());
        let connection = web::Connection {
            address: peer.0,
            secure: scheme == ConnectionScheme::Https,
        };
        let router = self.router;
        let service = hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(peer);
            request.extensions_mut().insert(scheme);
            request.extensions_mut().insert(connection);
            if let Some(certificate) = certificate.clone() {
                request.extensions_mut().insert(certificate);
            }
            router.clone().oneshot(request.map(axum::body::Body::new))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIME)
            .max_buf_size(HEADER_BYTES)
            // A client may shut its sending side after the request; the answer is still wanted.
            .half_close(true)
            .serve_connection(TokioIo::new(Box::pin(stream)), service);
        if let Err(error) = self.watcher.watch(connection).await {
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
