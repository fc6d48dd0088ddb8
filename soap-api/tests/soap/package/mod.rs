//! Packages as clients write them, and answers of any bytes.

use std::net::SocketAddr;
use std::time::Duration;

use isds_core::Limits;
use soap_api::SoapConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::common::http::{Reply, connect};
use crate::common::{World, authorization, envelope};

pub const V20: &str = "http://isds.czechpoint.cz/v20";
pub const XOP: &str = "http://www.w3.org/2004/08/xop/include";
pub const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";
/// What libdatovka accepts where it does not ask for a package.
pub const XML: &str = "application/soap+xml,application/xml,text/xml";
pub const OUTER: &str = "multipart/related; type=\"application/xop+xml\"; start=\"<root@x>\"; \
    start-info=\"application/soap+xml\"; boundary=\"b\"";

/// A system in which messages of any size may be large.
pub async fn world() -> World {
    let limits = Limits {
        large_message_least_bytes: 1,
        ..Limits::default()
    };
    World::with(SoapConfig::default(), limits).await
}

/// An answer of any bytes.
pub struct Answer {
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// As text, for answers without a package.
    pub fn reply(&self) -> Reply {
        Reply {
            status: self.status(),
            head: self.head.clone(),
            body: String::from_utf8(self.body.clone()).unwrap(),
        }
    }

    pub fn content_type(&self) -> &str {
        header(&self.head, "content-type").unwrap()
    }
}

pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

pub async fn send(
    address: SocketAddr,
    service: &str,
    login: &str,
    accept: &str,
    content_type: &str,
    body: &[u8],
) -> Answer {
    let head = format!(
        "POST /DS/{service} HTTP/1.1\r\nHost: isds.test\r\nConnection: close\r\n{}Accept: {accept}\r\n\
         Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        authorization(login),
        body.len()
    );
    exchange(address, &[head.as_bytes(), body]).await
}

pub async fn exchange(address: SocketAddr, pieces: &[&[u8]]) -> Answer {
    let mut stream = connect(address).await;
    for piece in pieces {
        stream.write_all(piece).await.unwrap();
    }
    let mut bytes = Vec::new();
    tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut bytes))
        .await
        .expect("an answer in time")
        .unwrap();
    let at = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..at].to_vec()).unwrap();
    let body = bytes[at + 4..].to_vec();
    let length = header(&head, "content-length").expect("a length");
    assert_eq!(length.parse::<usize>().unwrap(), body.len());
    Answer { head, body }
}

pub fn envelope_12(inside: &str) -> String {
    envelope(inside).replace("http://schemas.xmlsoap.org/soap/envelope/", SOAP_12)
}

pub fn operation(name: &str, inside: &str) -> String {
    envelope_12(&format!("<{name} xmlns=\"{V20}\">{inside}</{name}>"))
}

pub fn include(name: &str) -> String {
    format!("<inc:Include xmlns:inc=\"{XOP}\" href=\"cid:{name}\"/>")
}

/// A package of [`OUTER`] with one part.
pub fn package(envelope: &str, content: &[u8]) -> Vec<u8> {
    let root = "--b\r\nContent-Type: application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"\r\n\
        Content-Transfer-Encoding: 8bit\r\nContent-ID: <root@x>\r\n\r\n";
    let head = "\r\n--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <a>\r\n\r\n";
    [
        root.as_bytes(),
        envelope.as_bytes(),
        head.as_bytes(),
        content,
        b"\r\n--b--\r\n",
    ]
    .concat()
}

pub fn upload(file_name: &str, inside: &str) -> String {
    let media_type = if file_name.ends_with(".pdf") {
        "application/pdf"
    } else {
        "text/plain"
    };
    operation(
        "UploadAttachment",
        &format!(
            "<dmFile dmMimeType=\"{media_type}\" dmFileDescr=\"{file_name}\">\
             <dmEncodedContent>{inside}</dmEncodedContent></dmFile>"
        ),
    )
}
