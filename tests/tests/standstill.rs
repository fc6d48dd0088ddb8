//! Clients that stand still: one that asks for a large answer and does not take it, one that begins a request and does not
//! send it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use e2e::harness::{Demo, DemoOptions, pause};
use e2e::persona::{DEMO_PASSWORD, Letter, Persona, operation_body};

const SIZE: usize = 20 << 20;
const CLIENTS: usize = 4;
/// What four answers that nobody takes may cost together, in bytes.
const ALLOWED: u64 = 96 << 20;

#[test]
fn who_stops_reading_is_hung_up_on_and_costs_little() {
    let demo = DemoOptions::default()
        .variable("RUST_LOG", "info,isds=debug")
        .start()
        .unwrap();
    let mut sender = Persona::new(demo.address(), "mesto01");
    let id = sender.send(&Letter::new("nvak22s", "velká").of_size(SIZE)).unwrap();
    let mut recipient = Persona::new(demo.address(), "novak01");
    let begin = Instant::now();
    while !recipient
        .list_received(10)
        .unwrap()
        .iter()
        .any(|record| record.id == id)
    {
        assert!(begin.elapsed() < Duration::from_secs(60));
    }
    let idle = demo.memory().unwrap().resident;
    demo.reset_peak().unwrap();

    let body = operation_body("MessageDownload", &format!("<dmID>{id}</dmID>"));
    let authorization = BASE64_STANDARD.encode(format!("novak01:{DEMO_PASSWORD}"));
    let mut silent: Vec<TcpStream> = (0..CLIENTS)
        .map(|_| {
            let mut stream = TcpStream::connect(demo.address()).unwrap();
            write!(
                stream,
                "POST /DS/dz HTTP/1.1\r\nHost: {}\r\nAuthorization: Basic {authorization}\r\nContent-Type: text/xml\r\n\
                 Content-Length: {}\r\n\r\n",
                demo.address(),
                body.len()
            )
            .unwrap();
            stream.write_all(&body).unwrap();
            stream
        })
        .collect();
    // The server gives up by itself: what it had not yet handed to the network never comes.
    for stream in &mut silent {
        stream.set_read_timeout(Some(Duration::from_secs(90))).unwrap();
        let mut first = [0];
        stream.read_exact(&mut first).unwrap();
    }
    let begin = Instant::now();
    // Connections of the personas above, kept alive and idle, end meanwhile too, for another reason.
    let given_up = || demo_log(&demo).matches("error writing a body").count();
    while given_up() < CLIENTS {
        assert!(
            begin.elapsed() < Duration::from_secs(80),
            "{} of {CLIENTS} were given up",
            given_up()
        );
        pause();
    }
    for mut stream in silent {
        let mut rest = Vec::new();
        drop(stream.read_to_end(&mut rest));
        assert!(rest.len() < SIZE, "the answer came whole: {} bytes", rest.len());
    }
    let growth = demo.memory().unwrap().peak.saturating_sub(idle);
    assert!(growth < ALLOWED, "grew by {} MB", growth >> 20);
}

#[test]
fn who_does_not_send_what_they_began_is_hung_up_on() {
    let demo = Demo::start().unwrap();
    let begin = Instant::now();
    let kinds = [
        ("/sign-in", "application/x-www-form-urlencoded", ""),
        ("/sign-in", "application/x-www-form-urlencoded", "login=novak01"),
        ("/verify", "multipart/form-data; boundary=x", ""),
        ("/DS/dz", "text/xml", ""),
        ("/DS/dz", "text/xml", "<Envelope"),
        ("/nothing", "text/plain", ""),
    ];
    let silent: Vec<(&str, TcpStream)> = kinds
        .iter()
        .map(|(path, kind, sent)| {
            let mut stream = TcpStream::connect(demo.address()).unwrap();
            write!(
                stream,
                "POST {path} HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\n\
                 Authorization: Basic bm92YWswMTpEZW1vSGVzbG8yMDI2\r\nContent-Type: {kind}\r\n\
                 Content-Length: 100000\r\n\r\n{sent}",
                demo.address()
            )
            .unwrap();
            (*path, stream)
        })
        .collect();
    // Whatever they are told, the connection ends: nobody waits for the rest.
    for (path, mut stream) in silent {
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut answer = Vec::new();
        let ended = stream.read_to_end(&mut answer);
        let waited = begin.elapsed();
        let head = String::from_utf8_lossy(&answer[..answer.len().min(100)]).into_owned();
        assert!(
            ended.is_ok() || ended.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset),
            "{path} is still open after {waited:?}: {head}"
        );
        assert!(waited < Duration::from_secs(45), "{path}: {waited:?}");
    }
}

fn demo_log(demo: &Demo) -> String {
    std::fs::read_to_string(demo.log()).unwrap_or_default()
}
