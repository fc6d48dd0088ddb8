//! A client that sends exactly the bytes it is told to.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// No test waits longer than this for an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// Text of the first element with this local name.
    pub fn value(&self, name: &str) -> String {
        let at = self.body.match_indices(name).find(|(at, _)| {
            let before = self.body[..*at].chars().next_back();
            let after = self.body[at + name.len()..].chars().next();
            matches!(before, Some(':' | '<')) && matches!(after, Some('>' | ' '))
        });
        let (at, _) = at.unwrap_or_else(|| panic!("no {name} in {}", self.body));
        let from = at + self.body[at..].find('>').unwrap() + 1;
        self.body[from..from + self.body[from..].find('<').unwrap()].to_owned()
    }

    /// Status code of an answer, `fault` for a SOAP fault.
    pub fn code(&self) -> String {
        if self.body.contains("SOAP-ENV:Fault") {
            return "fault".into();
        }
        self.value(if self.body.contains("dbStatusCode") {
            "dbStatusCode"
        } else {
            "dmStatusCode"
        })
    }
}

/// Opens a connection.
pub async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

/// Sends a POST and reads the answer.
pub async fn post(address: SocketAddr, path: &str, headers: &str, content_type: &str, body: &[u8]) -> Reply {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: isds.test\r\nConnection: close\r\n{headers}Content-Type: {content_type}\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    exchange(address, &[head.as_bytes(), body]).await
}

/// Sends pieces and reads to the end of the connection.
pub async fn exchange(address: SocketAddr, pieces: &[&[u8]]) -> Reply {
    let mut stream = connect(address).await;
    for piece in pieces {
        stream.write_all(piece).await.unwrap();
    }
    read_reply(&mut stream).await
}

/// Reads to the end of the connection.
pub async fn read_reply(stream: &mut TcpStream) -> Reply {
    let mut bytes = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes))
        .await
        .expect("an answer in time")
        .unwrap();
    parse(&bytes)
}

fn split<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let found = bytes.windows(at.len()).position(|window| window == at)?;
    Some((&bytes[..found], &bytes[found + at.len()..]))
}

/// A body without its chunks' frames (RFC 9112, section 7.1); the last chunk must be there.
fn dechunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let (size, rest) = split(body, b"\r\n").expect("another chunk");
        let size = usize::from_str_radix(std::str::from_utf8(size).unwrap(), 16).unwrap();
        whole.extend_from_slice(&rest[..size]);
        assert_eq!(&rest[size..size + 2], b"\r\n");
        if size == 0 {
            return whole;
        }
        body = &rest[size + 2..];
    }
}

fn parse(bytes: &[u8]) -> Reply {
    let (head, body) = split(bytes, b"\r\n\r\n").unwrap_or_else(|| panic!("no answer but {bytes:?}"));
    let head = String::from_utf8(head.to_vec()).unwrap();
    let mut reply = Reply {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head,
        body: String::new(),
    };
    let body = match reply.header("transfer-encoding") {
        Some(_) => dechunked(body),
        None => body.to_vec(),
    };
    reply.body = String::from_utf8(body).unwrap();
    if let Some(length) = reply.header("content-length") {
        assert_eq!(
            length.parse::<usize>().unwrap(),
            reply.body.len(),
            "the announced length"
        );
    }
    reply
}
