//! The demo under names of one's own, with TLS: what clients with fixed host names need.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use e2e::harness::{Demo, DemoOptions, free_port};
use openssl::ssl::{HandshakeError, SslConnector, SslFiletype, SslMethod, SslStream, SslVersion};

const NAME: &str = "ws1.czebox.cz";
/// The host on which applications are asked for their certificates.
const CERTIFICATE_NAME: &str = "ws1c.czebox.cz";

struct Served {
    demo: Demo,
    tls: SocketAddr,
}

fn served() -> Served {
    let tls = SocketAddr::from(([127, 0, 0, 1], free_port().unwrap()));
    let options = DemoOptions::default().argument("--tls").argument(tls.to_string());
    let demo = options
        .argument("--host")
        .argument(NAME)
        .argument("--host")
        .argument("ws2.czebox.cz")
        .argument("--host")
        .argument(CERTIFICATE_NAME)
        .start()
        .unwrap();
    Served { demo, tls }
}

impl Served {
    fn connect(&self, name: &str, version: SslVersion) -> Result<SslStream<TcpStream>, HandshakeError<TcpStream>> {
        let mut builder = SslConnector::builder(SslMethod::tls_client()).unwrap();
        builder.set_ca_file(self.demo.ca()).unwrap();
        builder.set_alpn_protos(b"\x02h2\x08http/1.1").unwrap();
        builder.set_min_proto_version(Some(version)).unwrap();
        builder.set_max_proto_version(Some(version)).unwrap();
        let stream = TcpStream::connect(self.tls).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        builder.build().connect(name, stream)
    }
}

#[test]
fn tls_1_2_and_1_3_with_http_1_1_only() {
    let served = served();
    for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        for name in [NAME, "ws2.czebox.cz"] {
            let mut stream = served.connect(name, version).unwrap();
            assert_eq!(stream.ssl().selected_alpn_protocol(), Some(&b"http/1.1"[..]));
            write!(
                stream,
                "GET /health/live HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n"
            )
            .unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
    }
    assert!(served.connect(NAME, SslVersion::TLS1_1).is_err());
    assert!(
        served.connect("www.czebox.cz", SslVersion::TLS1_3).is_err(),
        "a name that was not asked for"
    );
}

#[test]
fn who_says_nothing_is_hung_up_on() {
    let served = served();
    let begin = Instant::now();
    let mut silent = TcpStream::connect(served.tls).unwrap();
    silent.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut rest = Vec::new();
    // Whether the server ends the connection politely or not is its own matter; that it ends is the point.
    let ended = silent.read_to_end(&mut rest);
    assert!(
        begin.elapsed() < Duration::from_secs(30),
        "{ended:?} after {:?}",
        begin.elapsed()
    );

    let begin = Instant::now();
    let mut slow = TcpStream::connect(served.demo.address()).unwrap();
    slow.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    slow.write_all(b"POST /DS/dz HTTP/1.1\r\nHost: x\r\nX-Slow: ").unwrap();
    let ended = slow.read_to_end(&mut rest);
    assert!(
        begin.elapsed() < Duration::from_secs(50),
        "{ended:?} after {:?}",
        begin.elapsed()
    );
}

/// Asks who owns the box, on a host and below a path, with the demo's system certificate or without one.
fn owner(served: &Served, name: &str, path: &str, certificate: bool, version: SslVersion) -> String {
    let mut builder = SslConnector::builder(SslMethod::tls_client()).unwrap();
    builder.set_ca_file(served.demo.ca()).unwrap();
    builder.set_max_proto_version(Some(version)).unwrap();
    if certificate {
        let keys = served.demo.ca().parent().unwrap().parent().unwrap().join("keys");
        builder
            .set_certificate_file(keys.join("application.cert.pem"), SslFiletype::PEM)
            .unwrap();
        builder
            .set_private_key_file(keys.join("application.key.pem"), SslFiletype::PEM)
            .unwrap();
    }
    let stream = TcpStream::connect(served.tls).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut stream = builder.build().connect(name, stream).unwrap();
    let body = "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\"><Body><GetOwnerInfoFromLogin2 \
        xmlns=\"http://isds.czechpoint.cz/v20\"><dbDummy/></GetOwnerInfoFromLogin2></Body></Envelope>";
    write!(
        stream,
        "POST {path}/DS/DsManage HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\nContent-Type: text/xml\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn applications_prove_themselves_with_a_certificate() {
    let served = served();
    for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let answer = owner(&served, CERTIFICATE_NAME, "/cert", true, version);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("<p:dbID>mesta2j</p:dbID>"), "{answer}");
        for (name, path, certificate) in [
            (CERTIFICATE_NAME, "/cert", false),
            // Nobody asks for certificates here, so none is shown.
            (NAME, "/cert", true),
            // A certificate is no password.
            (CERTIFICATE_NAME, "", true),
            (CERTIFICATE_NAME, "/certds", true),
        ] {
            let answer = owner(&served, name, path, certificate, version);
            assert!(
                answer.starts_with("HTTP/1.1 401"),
                "{name}{path} {certificate}: {answer}"
            );
        }
    }
}
