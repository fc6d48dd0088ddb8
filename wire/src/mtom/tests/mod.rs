//! What is read, in whatever pieces it comes, and what is written.

mod refused;

use super::*;

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::FutureExt;
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};

use crate::names::{SOAP_12, V20, XOP};
use crate::reader::{ReadError, Request, read_on};

const OUTER: &str = "multipart/related; type=\"application/xop+xml\"; start=\"<root@x>\"; \
    start-info=\"application/soap+xml\"; boundary=\"b\"";
const ROOT_HEAD: &str = "Content-Type: application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"\r\n\
    Content-Transfer-Encoding: 8bit\r\nContent-ID: <root@x>\r\n";

fn envelope(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><Envelope xmlns=\"{SOAP_12}\"><Body><Op xmlns=\"{V20}\">{inside}</Op></Body></Envelope>"
    )
}

fn include(name: &str) -> String {
    format!("<dmFile><dmEncodedContent><i:Include xmlns:i=\"{XOP}\" href=\"cid:{name}\"/></dmEncodedContent></dmFile>")
}

fn part(name: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!("\r\n--b\r\nContent-Type: text/plain\r\nContent-ID: <{name}>\r\n\r\n");
    [head.as_bytes(), bytes].concat()
}

fn root(envelope: &str) -> Vec<u8> {
    format!("--b\r\n{ROOT_HEAD}\r\n{envelope}").into_bytes()
}

const LAST: &[u8] = b"\r\n--b--\r\n";

/// A package with one part.
fn one(bytes: &[u8]) -> Vec<u8> {
    [&root(&envelope(&include("a"))), &*part("a", bytes), LAST].concat()
}

fn read(body: &[u8]) -> Result<Vec<u8>, ReadError> {
    read_package_for_check(OUTER, body, usize::MAX)
}

fn wrong(body: &[u8]) -> MtomError {
    wrong_with(OUTER, body)
}

/// The same error in whatever pieces the body comes.
fn wrong_with(outer: &str, body: &[u8]) -> MtomError {
    let error = |step| match read_package_for_check(outer, body, step) {
        Err(ReadError::Mtom(error)) => error,
        other => panic!("{:?}", other.map(|bytes| bytes.len())),
    };
    let whole = error(usize::MAX);
    assert_eq!(whole, error(1));
    assert_eq!(whole, error(7));
    whole
}

/// What is hard to tell from a delimiter with the boundary `b`.
const NEARLY: [&[u8]; 16] = [
    b"",
    b"x",
    b"\r",
    b"\n",
    b"\r\n",
    b"\r\n-",
    b"\r\n--",
    b"\r\r\n--",
    b"\r\n\r\n",
    b"\r\n-\r\n--\r",
    b"-",
    b"--",
    b"-b",
    b"--a",
    b"\n--b\r\n--c",
    b"\r\n--\r\n--\r\n--",
];

#[test]
fn content_is_the_same_in_whatever_pieces_it_comes() {
    for before in NEARLY {
        for after in NEARLY {
            let content = [before, b"text", after].concat();
            let body = one(&content);
            for step in [1, 2, 3, 4, 5, 6, 7, 11, 64, body.len()] {
                let found = read_package_for_check(OUTER, &body, step).unwrap();
                assert_eq!(found, content, "in steps of {step}");
            }
        }
    }
}

/// A body in two pieces.
struct Two<'a>(&'a [u8], &'a [u8]);

impl AsyncBufRead for Two<'_> {
    fn poll_fill_buf(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        if this.0.is_empty() {
            this.0 = std::mem::take(&mut this.1);
        }
        Poll::Ready(Ok(this.0))
    }

    fn consume(mut self: Pin<&mut Self>, amount: usize) {
        self.0 = &self.0[amount..];
    }
}

impl AsyncRead for Two<'_> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        framing::poll_read(self, cx, buf)
    }
}

#[test]
fn content_is_the_same_wherever_it_is_cut_once() {
    let content = b"\r\n--\r\n--\rabc\r\n-";
    let body = one(content);
    let related = Related::of(&MediaType::parse(OUTER).unwrap()).unwrap();
    for cut in 1..body.len() {
        let (before, after) = body.split_at(cut);
        let mut found = Vec::new();
        let read = async {
            let mut request = Request::open_package(Two(before, after), u64::MAX, &related).await?;
            read_on(&mut request, |bytes| found.extend_from_slice(bytes)).await
        };
        read.now_or_never().unwrap().unwrap();
        assert_eq!(found, content, "cut at {cut}");
    }
}

#[test]
fn large_parts_and_long_boundaries() {
    let content: Vec<u8> = (0..300_000_u32).map(|n| (n * 31 % 253) as u8).collect();
    let boundary = "=".repeat(70);
    let outer = OUTER.replace("\"b\"", &format!("\"{boundary}\""));
    let mut body = root(&envelope(&include("a")));
    body.extend(part("a", &content));
    body.extend_from_slice(LAST);
    let body = replace(&body, b"--b", format!("--{boundary}").as_bytes());
    for step in [1, 13, 4096, usize::MAX] {
        assert_eq!(read_package_for_check(&outer, &body, step).unwrap(), content);
    }
    let longer = OUTER.replace("\"b\"", &format!("\"{}\"", "=".repeat(71)));
    assert_eq!(wrong_with(&longer, &body), MtomError::Boundary);
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while let Some(at) = memchr::memmem::find(rest, from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}

#[test]
fn the_forms_of_known_clients() {
    let content = b"\x00\xFFobsah";
    let tail = |id: &str| format!("<dmEncodedContent><inc:Include xmlns:inc=\"{XOP}\" href=\"cid:{id}\"");
    // What stands in the outer header, before the first boundary, in the heads of the parts, and as the reference.
    let cases = [
        (
            "libdatovka",
            "multipart/related; type=\"application/xop+xml\"; start=\"<rootpart@soapui.org>\"; \
             start-info=\"application/soap+xml\"; action=\"\"; boundary=------------------------ee17a6c86b5c53aa",
            "",
            "------------------------ee17a6c86b5c53aa",
            "Content-Type: application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"\r\n\
             Content-Transfer-Encoding: 8bit\r\nContent-ID: <rootpart@soapui.org>\r\n",
            "att_1",
            "Content-Type: text/plain; name=žádost; \"a\".txt\r\nContent-Transfer-Encoding: binary\r\n\
             Content-ID: <att_1>\r\nContent-Disposition: attachment; name=\"žádost\"; filename=\"velky.txt\"\r\n",
        ),
        (
            "isds-bun",
            "multipart/related; boundary=\"----isds\"; type=\"application/xop+xml\"; \
             start-info=\"application/soap+xml\"; start=\"<root>\"",
            "",
            "----isds",
            "Content-Type: application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"\r\n\
             Content-Transfer-Encoding: binary\r\nContent-ID: <root>\r\n",
            "file",
            "Content-Type: application/pdf\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <file>\r\n",
        ),
        (
            "WCF",
            "multipart/related; type=\"application/xop+xml\";start=\"<http://tempuri.org/0>\";\
             boundary=\"uuid:5c1ab2ae-8b6b-4a05-a0ac-1234567890ab+id=1\";start-info=\"application/soap+xml\"",
            "\r\n",
            "uuid:5c1ab2ae-8b6b-4a05-a0ac-1234567890ab+id=1",
            "Content-ID: <http://tempuri.org/0>\r\nContent-Transfer-Encoding: 8bit\r\n\
             Content-Type: application/xop+xml;charset=utf-8;type=\"application/soap+xml\"\r\n",
            "http%3A%2F%2Ftempuri.org%2F1%2F1",
            "Content-ID: <http://tempuri.org/1/1>\r\nContent-Transfer-Encoding: binary\r\n\
             Content-Type: application/octet-stream\r\n",
        ),
        (
            "Metro, JAX-WS",
            "multipart/related;start=\"<rootpart*7d4f@example.jaxws.sun.com>\";type=\"application/xop+xml\";\
             boundary=\"uuid:7d4f\";start-info=\"application/soap+xml;action=\\\"\\\"\"",
            "",
            "uuid:7d4f",
            "Content-Id: <rootpart*7d4f@example.jaxws.sun.com>\r\n\
             Content-Type: application/xop+xml;charset=utf-8;type=\"application/soap+xml;action=\\\"\\\"\"\r\n\
             Content-Transfer-Encoding: binary\r\n",
            "0a%40example.jaxws.sun.com",
            "Content-Id: <0a@example.jaxws.sun.com>\r\nContent-Type: application/octet-stream\r\n\
             Content-Transfer-Encoding: binary\r\n",
        ),
        (
            "CXF, folded",
            "multipart/related; type=application/xop+xml; boundary=uuid:51a4; start=<root.message@cxf.apache.org>; \
             start-info=application/soap+xml",
            "",
            "uuid:51a4",
            "Content-Type: application/xop+xml;\r\n charset=UTF-8;\r\n\ttype=\"application/soap+xml\"\r\n\
             Content-Transfer-Encoding: binary\r\nContent-ID: <root.message@cxf.apache.org>\r\n",
            "51a4-1@cxf.apache.org",
            "CONTENT-TYPE:application/octet-stream\r\ncontent-transfer-encoding:Binary\r\n\
             Content-ID:\r\n <51a4-1@cxf.apache.org>\r\n",
        ),
        (
            "no start, no name of the root, a note around",
            "Multipart/Related; Type=\"Application/XOP+XML\"; Boundary=MIME_boundary",
            "This is a package.\r\n",
            "MIME_boundary \t",
            "content-type: application/xop+xml\r\n",
            "1%",
            "content-id: 1%\r\n",
        ),
    ];
    for (name, outer, before, boundary, root_head, reference, part_head) in cases {
        let envelope = envelope(&format!("<dmFile>{}/></dmEncodedContent></dmFile>", tail(reference)));
        let plain = boundary.trim_end();
        let body = [
            format!("{before}--{boundary}\r\n{root_head}\r\n{envelope}\r\n--{boundary}\r\n{part_head}\r\n").as_bytes(),
            content,
            format!("\r\n--{plain}--").as_bytes(),
        ]
        .concat();
        for step in [1, 5, usize::MAX] {
            for end in ["", "\r\n", "\r\nThe end.\r\n"] {
                let body = [&body, end.as_bytes()].concat();
                match read_package_for_check(outer, &body, step) {
                    Ok(found) => assert_eq!(found, content, "{name}"),
                    Err(error) => panic!("{name}: {error:?}"),
                }
            }
        }
    }
}

#[test]
fn an_include_gives_what_base64_would() {
    let written = |inside: &str| {
        let body = [&root(&envelope(inside)), &*part("a", b"ab\0"), LAST].concat();
        read(&body)
    };
    let element = format!(
        "<dmEncodedContent>\n <i:Include xmlns:i=\"{XOP}\" href=\"CID:a\">\n</i:Include>\t<!-- x -->\n</dmEncodedContent>"
    );
    assert_eq!(written(&element).unwrap(), b"ab\0");
    // Content around it comes in its order: inline before, inline after, and none at all.
    let several = format!(
        "<dmMessage>eHk=</dmMessage>{}<dmMessage>eno=</dmMessage><dmMessage/>",
        include("a")
    );
    assert_eq!(written(&several).unwrap(), b"xyab\0zz");
    // An Include of another namespace is none.
    let other = include("a").replace(XOP, "urn:other");
    assert!(matches!(written(&other), Err(ReadError::Refused(_))));
}

#[test]
fn several_parts_come_in_the_order_of_their_includes() {
    let names = ["a", "b", "c", "d"];
    let inside: String = names.iter().map(|name| include(name)).collect();
    let parts = |names: &[&str]| -> Vec<u8> { names.iter().flat_map(|name| part(name, name.as_bytes())).collect() };
    let package = |names: &[&str]| [&root(&envelope(&inside)), &*parts(names), LAST].concat();
    for step in [1, 3, 100, usize::MAX] {
        let found = read_package_for_check(OUTER, &package(&names), step).unwrap();
        assert_eq!(found, b"abcd");
    }
    assert_eq!(wrong(&package(&["b", "a", "c", "d"])), MtomError::WrongPart);
    assert_eq!(wrong(&package(&["a", "b", "c"])), MtomError::WrongPart);
    assert_eq!(wrong(&package(&["a", "b", "c", "c"])), MtomError::Twice);
    assert_eq!(wrong(&package(&["a", "b", "c", "d", "e"])), MtomError::Unreferenced);
    assert_eq!(wrong(&package(&["a", "root@x", "c", "d"])), MtomError::Twice);
}

#[test]
fn parts_may_be_empty_without_a_head_line_to_spare() {
    assert_eq!(read(&one(b"")).unwrap(), b"");
    // The empty line that ends the head is the line break of the delimiter as well.
    let body = replace(&one(b""), b"\r\n\r\n\r\n--b--", b"\r\n\r\n--b--");
    assert!(body.len() < one(b"").len());
    for step in [1, 2, 3, usize::MAX] {
        assert_eq!(read_package_for_check(OUTER, &body, step).unwrap(), b"");
    }
}

#[test]
fn transfer_encodings() {
    let with = |encoding: &str, bytes: &[u8]| {
        let head = format!("<a>\r\nContent-Transfer-Encoding: {encoding}");
        replace(&one(bytes), b"<a>", head.as_bytes())
    };
    for plain in ["binary", "8bit", "7bit", "BINARY", ""] {
        assert_eq!(read(&with(plain, b"YWhvag==")).unwrap(), b"YWhvag==", "{plain}");
    }
    for step in [1, 5, usize::MAX] {
        let body = with("Base64", b"YWhv\r\nag==\r\n");
        assert_eq!(read_package_for_check(OUTER, &body, step).unwrap(), b"ahoj");
    }
    for not_base64 in [&b"YWhva"[..], b"YWhvag==YWhv", b"\xFF"] {
        assert!(matches!(read(&with("base64", not_base64)), Err(ReadError::Refused(_))));
    }
    assert_eq!(wrong(&with("quoted-printable", b"a")), MtomError::TransferEncoding);
    assert_eq!(wrong(&with("x-uuencode", b"a")), MtomError::TransferEncoding);
    let root = replace(&one(b"a"), b"Encoding: 8bit", b"Encoding: base64");
    assert_eq!(wrong(&root), MtomError::TransferEncoding);
}

#[test]
fn a_package_cut_anywhere_is_not_accepted() {
    let body = one(b"\r\n--abc\r\n");
    let whole = body.len() - 2;
    assert!(read(&body[..whole]).is_ok(), "the last line break is not missed");
    for end in 0..whole {
        for step in [1, usize::MAX] {
            let found = read_package_for_check(OUTER, &body[..end], step);
            assert!(matches!(found, Err(ReadError::Mtom(_))), "cut at {end}: {found:?}");
        }
    }
}

#[test]
fn an_answer_is_read_back_and_framed_as_libdatovka_cuts_it() {
    let package = AnswerPackage::new([7; 16]);
    let outer = package.content_type();
    // Each of the two is quoted and has another parameter behind it.
    for name in ["boundary", "start"] {
        let value = outer.split_once(&format!("; {name}=\"")).unwrap().1;
        assert!(value.split_once('"').unwrap().1.starts_with("; "), "{outer}");
    }
    assert!(outer.starts_with("multipart/related; type=\"application/xop+xml\"; "));
    let boundary = MediaType::parse(&outer)
        .unwrap()
        .parameter("boundary")
        .unwrap()
        .to_owned();
    let content = b"\r\n--isds-\0\xFF";
    let envelope = envelope(&format!("<dmMessage>{}</dmMessage>", AnswerPackage::include()));
    let body = [
        package.head().as_bytes(),
        envelope.as_bytes(),
        package.between("application/pdf").as_bytes(),
        content,
        package.tail().as_bytes(),
    ]
    .concat();
    assert!(body.starts_with(format!("--{boundary}\r\n").as_bytes()));
    assert_eq!(read_package_for_check(&outer, &body, 1).unwrap(), content);
    // Names are the same byte for byte.
    let text = String::from_utf8_lossy(&body);
    let start = outer.split_once("start=\"").unwrap().1.split_once('"').unwrap().0;
    assert_eq!(text.matches(&format!("Content-ID: {start}\r\n")).count(), 1);
    let href = text.split_once("href=\"cid:").unwrap().1.split_once('"').unwrap().0;
    assert_eq!(text.matches(&format!("Content-ID: <{href}>\r\n")).count(), 1);
    assert!(href.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'@'), "{href}");
}

#[test]
fn media_types_of_senders_cannot_break_the_frame() {
    let package = AnswerPackage::new([0; 16]);
    let written = |media_type: &str| {
        let head = package.between(media_type);
        head.split_once("Content-Type: ")
            .unwrap()
            .1
            .split_once("\r\n")
            .unwrap()
            .0
            .to_owned()
    };
    assert_eq!(written("application/vnd.ms-excel"), "application/vnd.ms-excel");
    for none in [
        "",
        "pdf",
        "a/b; c=d",
        "a/b\r\nX: y",
        "a/",
        "/b",
        "a/b/c",
        "text/pl\u{E1}in",
        &format!("a/{}", "b".repeat(300)),
    ] {
        assert_eq!(written(none), "application/octet-stream", "{none:?}");
    }
}
