//! The HTTP client against a real `openssl ts` behind a server on the loopback, and against authorities that misbehave.

use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use openssl::sha::sha256;
use openssl::ssl::{Ssl, SslAcceptor, SslMethod};
use openssl::x509::X509;
use seal::cades::Content;
use seal::sealing::seal;
use seal::tsp::http::HttpAuthorityError;
use seal::tsp::{HttpAuthority, HttpAuthorityOptions, StampRequest, TimestampAuthority, TspError};
use seal::verify::{Imprint, TimestampRefusal, TrustRoots, verify_token};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_openssl::SslStream;

use crate::support::{self, Keys, NOW, openssl_ok, text};

/// What the test's authority does with the body of a request.
type Behaviour = Arc<dyn Fn(Bytes) -> Answer + Send + Sync>;

enum Answer {
    Reply(Vec<u8>),
    Status(StatusCode),
    Silence,
}

/// A server that ends with the test.
struct Server {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

async fn serve(behaviour: Behaviour, tls: Option<SslAcceptor>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&requests);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (behaviour, counter, tls) = (Arc::clone(&behaviour), Arc::clone(&counter), tls.clone());
            connections.spawn(async move {
                let service = service_fn(move |request: Request<Incoming>| {
                    counter.fetch_add(1, Ordering::SeqCst);
                    answer(Arc::clone(&behaviour), request)
                });
                let http = hyper::server::conn::http1::Builder::new();
                // A client that turns away in the middle is part of the tests.
                let _ = match tls {
                    None => http.serve_connection(TokioIo::new(stream), service).await,
                    Some(acceptor) => {
                        let mut stream = SslStream::new(Ssl::new(acceptor.context()).unwrap(), stream).unwrap();
                        if Pin::new(&mut stream).accept().await.is_err() {
                            return;
                        }
                        http.serve_connection(TokioIo::new(stream), service).await
                    }
                };
            });
        }
    });
    Server {
        address,
        requests,
        _tasks: tasks,
    }
}

async fn answer(behaviour: Behaviour, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    assert_eq!(request.headers()[header::CONTENT_TYPE], "application/timestamp-query");
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let reply = Response::builder().header(header::CONTENT_TYPE, "application/timestamp-reply");
    match tokio::task::spawn_blocking(move || behaviour(body)).await.unwrap() {
        Answer::Reply(reply_body) => Ok(reply.body(Full::new(reply_body.into())).unwrap()),
        Answer::Status(status) => Ok(reply.status(status).body(Full::default()).unwrap()),
        Answer::Silence => pending().await,
    }
}

/// Any of the test's tokens is over this.
fn wish() -> StampRequest {
    StampRequest {
        imprint: sha256(b"a message"),
        time: NOW,
        random: [0xc3; 16],
    }
}

fn options(server: &Server) -> HttpAuthorityOptions {
    let mut options = HttpAuthorityOptions::new(format!("http://{}/tsa?x=1", server.address));
    // Long enough for a busy machine; the tests of silence shorten it.
    options.connect_timeout = Duration::from_secs(20);
    options.total_timeout = Duration::from_secs(20);
    options
}

/// An authority that is `openssl ts -reply`, with a key of the demo's authority.
fn openssl_authority(keys: &Keys, signer: &str) -> Behaviour {
    let folder = keys.folder.path().to_owned();
    let signer = signer.to_owned();
    std::fs::write(
        folder.join("tsa.cnf"),
        format!(
            "[tsa]\ndefault_tsa = tsa1\n[tsa1]\nserial = {0}/serial\ncrypto_device = builtin\nsigner_digest = sha256\n\
             default_policy = 1.2.3.4.1\nother_policies = 1.2.3.4.5\ndigests = sha256, sha384, sha512\naccuracy = secs:1\n\
             ordering = no\ntsa_name = yes\ness_cert_id_chain = no\ness_cert_id_alg = sha256\n",
            text(&folder)
        ),
    )
    .unwrap();
    Arc::new(move |query| {
        let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        std::fs::write(path("query"), query).unwrap();
        openssl_ok(&[
            "ts",
            "-reply",
            "-config",
            &path("tsa.cnf"),
            "-queryfile",
            &path("query"),
            "-signer",
            &path(&format!("keys/{signer}.cert.pem")),
            "-inkey",
            &path(&format!("keys/{signer}.key.pem")),
            "-out",
            &path("reply"),
        ]);
        Answer::Reply(std::fs::read(path("reply")).unwrap())
    })
}

#[tokio::test]
async fn a_real_authority_stamps() {
    let keys = Keys::quick();
    let server = serve(openssl_authority(&keys, "tsa"), None).await;
    let mut options = options(&server);
    options.trust = Some(TrustRoots::new(vec![keys.root.clone()]).unwrap());
    options.policy = Some("1.2.3.4.5".to_owned());
    let authority = HttpAuthority::new(options).unwrap();
    let token = authority.stamp(&wish()).await.unwrap();
    let facts = verify_token(&token.der, Imprint::Octets(b"a message")).unwrap();
    assert_eq!(facts.gen_time, token.gen_time);
    assert_eq!(facts.authority, "C=CZ, O=ISDS demo, CN=ISDS demo timestamp authority");
    let (file, data, ca) = (
        keys.write("token", &token.der),
        keys.write("data", b"a message"),
        keys.ca_file(),
    );
    let verify = [
        "ts",
        "-verify",
        "-data",
        text(&data),
        "-in",
        text(&file),
        "-token_in",
        "-CAfile",
        text(&ca),
    ];
    assert!(openssl_ok(&verify).contains("Verification: OK"));
}

#[tokio::test]
async fn a_seal_gets_the_stamp_of_a_real_authority() {
    let keys = Keys::quick();
    let server = serve(openssl_authority(&keys, "tsa"), None).await;
    let authority = TimestampAuthority::Http(Arc::new(HttpAuthority::new(options(&server)).unwrap()));
    let ca = keys.ca_file();
    let content = Content {
        sha256: sha256(b"content"),
        length: 7,
    };
    let Keys { folder, seal: key, .. } = keys;
    let sealed = seal(Arc::new(key), content, NOW, Some(&authority), [9; 16])
        .await
        .unwrap();
    assert!(sealed.frame.stamped && sealed.not_stamped.is_none());
    let file = folder.path().join("sealed");
    std::fs::write(&file, support::whole(&sealed.frame, b"content")).unwrap();
    let said = openssl_ok(&[
        "cms",
        "-verify",
        "-cades",
        "-inform",
        "DER",
        "-in",
        text(&file),
        "-CAfile",
        text(&ca),
    ]);
    assert!(said.contains("CAdES Verification successful"));
}

#[tokio::test]
async fn without_an_authority_there_is_a_seal_all_the_same() {
    let keys = Keys::quick();
    let server = serve(Arc::new(|_| Answer::Status(StatusCode::SERVICE_UNAVAILABLE)), None).await;
    let authority = TimestampAuthority::Http(Arc::new(HttpAuthority::new(options(&server)).unwrap()));
    let content = Content {
        sha256: sha256(b"content"),
        length: 7,
    };
    let sealed = seal(Arc::new(keys.seal), content, NOW, Some(&authority), [9; 16])
        .await
        .unwrap();
    assert!(!sealed.frame.stamped);
    assert!(matches!(sealed.not_stamped, Some(TspError::HttpStatus(503))));
    assert_eq!(server.requests.load(Ordering::SeqCst), 2, "two attempts");
}

/// Asks an authority of this behaviour and expects it to be refused.
async fn refused(behaviour: Behaviour, adjust: impl FnOnce(&mut HttpAuthorityOptions)) -> (TspError, usize) {
    let server = serve(behaviour, None).await;
    let mut options = options(&server);
    adjust(&mut options);
    let error = HttpAuthority::new(options).unwrap().stamp(&wish()).await.unwrap_err();
    (error, server.requests.load(Ordering::SeqCst))
}

#[tokio::test]
async fn answers_that_are_not_acceptable() {
    let keys = Arc::new(Keys::quick());
    let builtin = |change: fn(Vec<u8>) -> Vec<u8>| -> Behaviour {
        let keys = Arc::clone(&keys);
        Arc::new(move |query| Answer::Reply(change(keys.timestamps.answer(&query, NOW, [3; 16]).unwrap())))
    };
    let (error, requests) = refused(builtin(|_| b"<html>".to_vec()), |_| {}).await;
    assert!(matches!(error, TspError::Malformed(_)), "{error:?}");
    assert_eq!(requests, 1);
    let (error, _) = refused(builtin(|_| vec![0x30; 1 << 20]), |_| {}).await;
    assert!(matches!(error, TspError::TooLong), "{error:?}");
    let (error, _) = refused(
        builtin(|mut reply| {
            *reply.last_mut().unwrap() ^= 1;
            reply
        }),
        |_| {},
    )
    .await;
    assert!(
        matches!(error, TspError::Token(TimestampRefusal::Signature(_))),
        "{error:?}"
    );
    let other_policy = |options: &mut HttpAuthorityOptions| options.policy = Some("1.2.3".to_owned());
    let (error, _) = refused(builtin(|reply| reply), other_policy).await;
    assert!(
        matches!(
            error,
            TspError::Refused {
                status: 2,
                failure: Some(15)
            }
        ),
        "{error:?}"
    );
    let stranger = TrustRoots::new(vec![Keys::quick().root]).unwrap();
    let (error, _) = refused(builtin(|reply| reply), |options| options.trust = Some(stranger)).await;
    assert!(
        matches!(error, TspError::Token(TimestampRefusal::Chain(_))),
        "{error:?}"
    );
}

#[tokio::test]
async fn tokens_for_another_question() {
    let keys = Arc::new(Keys::quick());
    // Answers the same wish as if it had come with other octets.
    let swapped = |from: [u8; 32], to: [u8; 32]| -> Behaviour {
        let keys = Arc::clone(&keys);
        Arc::new(move |query: Bytes| {
            let mut query = query.to_vec();
            let at = query.windows(from.len()).position(|window| window == from).unwrap();
            query[at..at + to.len()].copy_from_slice(&to);
            Answer::Reply(keys.timestamps.answer(&query, NOW, [3; 16]).unwrap())
        })
    };
    let (error, _) = refused(swapped(sha256(b"a message"), [1; 32]), |_| {}).await;
    assert!(matches!(error, TspError::Token(TimestampRefusal::Imprint)), "{error:?}");
    let other_nonce: Behaviour = {
        let keys = Arc::clone(&keys);
        Arc::new(move |query: Bytes| {
            let mut query = query.to_vec();
            let at = query.windows(16).position(|window| window == [0xc3; 16]).unwrap();
            query[at + 15] ^= 1;
            Answer::Reply(keys.timestamps.answer(&query, NOW, [3; 16]).unwrap())
        })
    };
    let (error, _) = refused(other_nonce, |_| {}).await;
    assert!(matches!(error, TspError::Token(TimestampRefusal::Nonce)), "{error:?}");
    // A policy that was not asked for.
    let any_policy: Behaviour = {
        let keys = Arc::clone(&keys);
        Arc::new(move |query: Bytes| {
            // The policy's element leaves the query; the outer length shrinks with it.
            let policy = [0x06, 0x02, 0x2a, 0x03];
            let at = query.windows(4).position(|window| window == policy).unwrap();
            let mut query = [&query[..at], &query[at + 4..]].concat();
            query[1] -= 4;
            Answer::Reply(keys.timestamps.answer(&query, NOW, [3; 16]).unwrap())
        })
    };
    let (error, _) = refused(any_policy, |options| options.policy = Some("1.2.3".to_owned())).await;
    assert!(matches!(error, TspError::Token(TimestampRefusal::Policy)), "{error:?}");
}

#[tokio::test]
async fn silence_and_absence_end_in_time() {
    let short = |options: &mut HttpAuthorityOptions| options.total_timeout = Duration::from_millis(100);
    let (error, requests) = refused(Arc::new(|_| Answer::Silence), short).await;
    assert!(matches!(error, TspError::TimedOut), "{error:?}");
    assert!(requests <= 2);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = HttpAuthorityOptions::new(format!("http://{}/", listener.local_addr().unwrap()));
    drop(listener);
    let error = HttpAuthority::new(options).unwrap().stamp(&wish()).await.unwrap_err();
    assert!(matches!(error, TspError::Unreachable(_)), "{error:?}");
}

fn acceptor(keys: &Keys) -> SslAcceptor {
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
    builder.set_private_key(&keys.stored_key("tls")).unwrap();
    builder.set_certificate(&keys.stored_certificate("tls")).unwrap();
    builder.build()
}

#[tokio::test]
async fn over_tls_only_to_a_server_that_is_trusted() {
    let keys = Arc::new(Keys::quick());
    let behaviour: Behaviour = {
        let keys = Arc::clone(&keys);
        Arc::new(move |query| Answer::Reply(keys.timestamps.answer(&query, NOW, [3; 16]).unwrap()))
    };
    let server = serve(behaviour, Some(acceptor(&keys))).await;
    let ask = async |host: &str, roots: Vec<X509>| {
        let mut options = options(&server);
        options.url = format!("https://{host}:{}/tsa", server.address.port());
        options.tls_roots = roots;
        options.attempts = 1;
        HttpAuthority::new(options).unwrap().stamp(&wish()).await
    };
    assert!(ask("127.0.0.1", vec![keys.root.clone()]).await.is_ok());
    assert!(ask("localhost", vec![keys.root.clone()]).await.is_ok());
    let stranger = ask("127.0.0.1", vec![Keys::quick().root]).await;
    assert!(matches!(stranger, Err(TspError::Unreachable(_))), "{stranger:?}");
    let system = ask("127.0.0.1", Vec::new()).await;
    assert!(matches!(system, Err(TspError::Unreachable(_))), "{system:?}");
}

#[test]
fn addresses_that_are_refused() {
    for url in [
        "",
        "tsa.example.cz",
        "ftp://tsa.example.cz/",
        "http://name:password@tsa.example.cz/",
        "http:///tsa",
    ] {
        let refused = HttpAuthority::new(HttpAuthorityOptions::new(url));
        assert!(matches!(refused, Err(HttpAuthorityError::Url)), "{url}");
    }
    let mut options = HttpAuthorityOptions::new("http://tsa.example.cz/");
    options.policy = Some("1.2.x".to_owned());
    assert!(matches!(HttpAuthority::new(options), Err(HttpAuthorityError::Policy)));
}
