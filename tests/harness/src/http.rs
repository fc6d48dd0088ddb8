//! A blocking HTTP/1.1 client of a hundred lines: enough to ask a server on loopback how it is.
//!
//! One connection a request, no TLS, no redirects. The toolkits and the load tests bring clients of their own; this one
//! exists so that waiting for readiness needs no runtime.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use crate::{Error, Result};

/// An answer larger than this is refused, in bytes.
const MAX_ANSWER: u64 = 64 << 20;

/// One answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header names in lower case with their values, in the order received.
    pub headers: Vec<(String, String)>,
    /// The body, without chunk framing.
    pub body: Vec<u8>,
}

impl Response {
    /// The first value of a header; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as text, with what is not UTF-8 replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// `GET path`.
///
/// # Errors
/// [`Error::Io`] when the server cannot be reached or is silent for `limit`, [`Error::Http`] for a malformed answer.
pub fn get(server: SocketAddr, path: &str, limit: Duration) -> Result<Response> {
    request(server, "GET", path, &[], &[], limit)
}

/// `POST path` with a body; `headers` have to bring the content type.
///
/// # Errors
/// As [`get`].
pub fn post(
    server: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
    limit: Duration,
) -> Result<Response> {
    request(server, "POST", path, headers, body, limit)
}

/// Any request; a `Host` among `headers` takes the place of the server's own address.
///
/// # Errors
/// As [`get`].
pub fn request(
    server: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
    limit: Duration,
) -> Result<Response> {
    let stream = connect(server, limit)?;
    let own = server.to_string();
    let host = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"));
    let with_host: Vec<(&str, &str)> = if host {
        headers.to_vec()
    } else {
        std::iter::once(("Host", own.as_str()))
            .chain(headers.iter().copied())
            .collect()
    };
    exchange(stream, method, path, &with_host, body)
}

/// A connection to `server` on which neither side may be silent for longer than `limit`.
///
/// # Errors
/// [`Error::Io`].
pub fn connect(server: SocketAddr, limit: Duration) -> Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&server, limit).map_err(Error::io(format!("connect to {server}")))?;
    stream
        .set_read_timeout(Some(limit))
        .map_err(Error::io("set a time limit"))?;
    stream
        .set_write_timeout(Some(limit))
        .map_err(Error::io("set a time limit"))?;
    Ok(stream)
}

/// One request with these headers (`Host` among them) over a connection, TLS or not, that ends with the answer.
///
/// # Errors
/// [`Error::Io`], and [`Error::Http`] for a malformed answer.
pub fn exchange(
    mut stream: impl Read + Write,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<Response> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if method != "GET" {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    let sent = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body))
        .map_err(Error::io("send the request"));
    let mut raw = Vec::new();
    let read = stream
        .take(MAX_ANSWER)
        .read_to_end(&mut raw)
        .map_err(Error::io("read the answer"));
    // Who refuses a large body may answer before all of it was sent, and hang up: then the answer is what counts.
    match parse(&raw) {
        Ok(answer) => Ok(answer),
        Err(error) => sent.and(read).and(Err(error)),
    }
}

fn parse(raw: &[u8]) -> Result<Response> {
    let end = find(raw, b"\r\n\r\n").ok_or(Error::Http("no end of the headers"))?;
    let head = std::str::from_utf8(&raw[..end]).map_err(|_| Error::Http("headers are not text"))?;
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.strip_prefix("HTTP/1.1 "))
        .and_then(|rest| rest.get(..3)?.parse().ok())
        .ok_or(Error::Http("no status line"))?;
    let headers: Vec<(String, String)> = lines
        .map(|line| {
            let (name, value) = line.split_once(':').ok_or(Error::Http("a header without a colon"))?;
            Ok((name.to_ascii_lowercase(), value.trim().to_owned()))
        })
        .collect::<Result<_>>()?;
    let mut response = Response {
        status,
        headers,
        body: raw[end + 4..].to_vec(),
    };
    if response
        .header("transfer-encoding")
        .is_some_and(|value| value.eq_ignore_ascii_case("chunked"))
    {
        response.body = unchunk(&response.body)?;
    } else if let Some(length) = response.header("content-length") {
        let length: usize = length
            .parse()
            .map_err(|_| Error::Http("a content length that is no number"))?;
        if response.body.len() != length {
            return Err(Error::Http("the body is shorter or longer than announced"));
        }
    }
    Ok(response)
}

fn unchunk(mut rest: &[u8]) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = find(rest, b"\r\n").ok_or(Error::Http("a chunk without a size"))?;
        let size = std::str::from_utf8(&rest[..line])
            .ok()
            .and_then(|text| usize::from_str_radix(text.split(';').next()?.trim(), 16).ok())
            .ok_or(Error::Http("a chunk size that is no number"))?;
        if size == 0 {
            return Ok(body);
        }
        let (start, end) = (line + 2, (line + 2).saturating_add(size));
        body.extend_from_slice(rest.get(start..end).ok_or(Error::Http("a chunk cut short"))?);
        rest = rest.get(end + 2..).ok_or(Error::Http("a chunk cut short"))?;
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_plain_and_chunked_answers() {
        let plain = parse(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\n\r\nok").unwrap();
        assert_eq!(
            (plain.status, plain.header("x-a"), plain.text()),
            (200, Some("b"), "ok".to_owned())
        );
        let chunked =
            parse(b"HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n");
        assert_eq!(chunked.unwrap().text(), "abcd");
    }

    #[test]
    fn refuses_what_was_cut_short() {
        for raw in [
            &b"HTTP/1.1 200 OK\r\nContent-Le"[..],
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc",
            b"SSH-2.0-OpenSSH\r\n\r\n",
        ] {
            assert!(
                matches!(parse(raw), Err(Error::Http(_))),
                "{:?}",
                String::from_utf8_lossy(raw)
            );
        }
    }
}
