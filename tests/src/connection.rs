//! One kept-alive HTTP/1.1 connection to a server on loopback, for personas and for the load of the bench.
//!
//! It writes a request in one go and reads the answer by its `Content-Length` or chunks, reusing its buffers: the load
//! generator shares the two cores with what it measures.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long a server may be silent.
const SILENCE: Duration = Duration::from_secs(120);
/// Longest header of an answer.
const MAX_HEADER: u64 = 64 * 1024;
/// Largest answer: a sealed message of 100 MB in base64 of base64, with room.
const MAX_BODY: u64 = 192 << 20;

/// A connection that reconnects when the server has closed it.
pub struct Connection {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

/// An answer.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Connection {
    /// A connection that is made with the first request.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// Posts a body of XML with Basic credentials (already encoded).
    ///
    /// # Errors
    /// Where the server cannot be reached, or cuts the answer short: then nothing is known of what it did.
    pub fn post(&mut self, path: &str, authorization: &str, body: &[u8]) -> io::Result<Answer> {
        self.post_as("Content-Type: text/xml; charset=utf-8\r\n", path, authorization, body)
    }

    /// Gets what stands under a path.
    ///
    /// # Errors
    /// As [`Connection::post`].
    pub fn get(&mut self, path: &str) -> io::Result<Answer> {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        let result = self.exchange(head.as_bytes(), &[]);
        if result.is_err() {
            self.stream = None;
        }
        result
    }

    /// Posts a body with these lines in its head, which say what it is and what is wanted.
    ///
    /// # Errors
    /// As [`Connection::post`].
    pub fn post_as(&mut self, lines: &str, path: &str, authorization: &str, body: &[u8]) -> io::Result<Answer> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: {authorization}\r\n{lines}Content-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        let result = self.exchange(head.as_bytes(), body);
        if result.is_err() {
            self.stream = None;
        }
        result
    }

    fn exchange(&mut self, head: &[u8], body: &[u8]) -> io::Result<Answer> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(SILENCE))?;
                stream.set_write_timeout(Some(SILENCE))?;
                self.stream.insert(BufReader::with_capacity(64 * 1024, stream))
            }
        };
        if body.len() < 64 * 1024 {
            stream.get_mut().write_all(&[head, body].concat())?;
        } else {
            stream.get_mut().write_all(head)?;
            stream.get_mut().write_all(body)?;
        }
        let (answer, keep) = read_answer(stream)?;
        if !keep {
            self.stream = None;
        }
        Ok(answer)
    }
}

fn read_answer(stream: &mut BufReader<TcpStream>) -> io::Result<(Answer, bool)> {
    let mut line = String::new();
    let mut seen = 0;
    read_line(stream, &mut line, &mut seen)?;
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| malformed("status line"))?;
    let (mut length, mut chunked, mut keep) = (None, false, true);
    loop {
        read_line(stream, &mut line, &mut seen)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| malformed("header"))?;
        match (name.to_ascii_lowercase().as_str(), value.trim()) {
            ("content-length", value) => length = Some(value.parse::<u64>().map_err(|_| malformed("length"))?),
            ("transfer-encoding", value) => chunked = value.eq_ignore_ascii_case("chunked"),
            ("connection", value) => keep = !value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    let mut body = Vec::new();
    if chunked {
        loop {
            read_line(stream, &mut line, &mut seen)?;
            let size = u64::from_str_radix(line.trim(), 16).map_err(|_| malformed("chunk"))?;
            read_exactly(stream, size, &mut body)?;
            read_line(stream, &mut line, &mut seen)?;
            if size == 0 {
                break;
            }
            seen = 0;
        }
    } else {
        read_exactly(stream, length.unwrap_or(0), &mut body)?;
    }
    Ok((Answer { status, body }, keep))
}

fn read_line(stream: &mut BufReader<TcpStream>, line: &mut String, seen: &mut u64) -> io::Result<()> {
    line.clear();
    let mut limited = stream.take(MAX_HEADER - *seen);
    let read = limited.read_line(line)?;
    *seen += read as u64;
    if !line.ends_with('\n') {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the answer ended early"));
    }
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(())
}

fn read_exactly(stream: &mut BufReader<TcpStream>, size: u64, body: &mut Vec<u8>) -> io::Result<()> {
    if size + body.len() as u64 > MAX_BODY {
        return Err(malformed("size"));
    }
    let before = body.len() as u64;
    // Once, and not in doubling steps that copy what came so far.
    body.reserve(usize::try_from(size).unwrap_or(0));
    stream.take(size).read_to_end(body)?;
    if body.len() as u64 - before != size {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the answer ended early"));
    }
    Ok(())
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("malformed {what} of an answer"))
}
