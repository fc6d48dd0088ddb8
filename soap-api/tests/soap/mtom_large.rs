//! Large parts both ways in bounded memory. A test of its own: it looks at the memory of the whole process, client and
//! server.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;

use std::net::SocketAddr;

use common::http::{connect, read_reply};
use common::{World, authorization, envelope};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

const V20: &str = "http://isds.czechpoint.cz/v20";
const OUTER: &str = "multipart/related; type=\"application/xop+xml\"; start=\"<root@x>\"; boundary=\"b\"; start-info=\"application/soap+xml\"";
/// How long the part is.
const CONTENT: usize = 30 * 1024 * 1024;
/// How much the process may grow while it is on its way, in kB. Half of the part would not fit in.
const GROWTH: u64 = 16 * 1024;

/// Plain text that nobody has to keep: line by line, in pieces of a mebibyte.
fn content() -> impl Iterator<Item = Vec<u8>> {
    let line = |number: usize| format!("{number:062}\r\n").into_bytes();
    (0..CONTENT / (1 << 20)).map(move |piece| (0..1 << 14).flat_map(|n| line((piece << 14) + n)).collect())
}

fn hex(digest: Sha256) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn operation(name: &str, inside: &str) -> String {
    envelope(&format!("<{name} xmlns=\"{V20}\">{inside}</{name}>")).replace(
        "http://schemas.xmlsoap.org/soap/envelope/",
        "http://www.w3.org/2003/05/soap-envelope",
    )
}

/// A line of `/proc/self/status`, in kB.
fn status(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_matches([':', '\t', ' ', 'k', 'B']).parse().unwrap()
}

/// From here on the highest resident size is counted anew (proc(5), `clear_refs`).
fn reset_peak() -> u64 {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    status("VmRSS")
}

fn assert_small_growth(before: u64, what: &str) {
    let growth = status("VmHWM").saturating_sub(before);
    println!("{what}: {growth} kB");
    assert!(growth < GROWTH, "{what}: {growth} kB");
}

async fn begin(address: SocketAddr, login: &str, content_type: &str, length: usize) -> TcpStream {
    let head = format!(
        "POST /DS/vodz HTTP/1.1\r\nHost: isds.test\r\nConnection: close\r\n{}Accept: multipart/related\r\n\
         Content-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n",
        authorization(login)
    );
    let mut stream = connect(address).await;
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// Uploads, and answers the `dmExtFile` for it.
async fn upload(world: &World) -> (String, String) {
    let include = "<xop:Include xmlns:xop=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:a\"/>";
    let file = format!(
        "<dmFile dmMimeType=\"text/plain\" dmFileDescr=\"velká.txt\"><dmEncodedContent>{include}</dmEncodedContent></dmFile>"
    );
    let head = format!(
        "--b\r\nContent-Type: application/xop+xml\r\nContent-ID: <root@x>\r\n\r\n{}\r\n--b\r\nContent-ID: <a>\r\n\r\n",
        operation("UploadAttachment", &file)
    );
    let tail = "\r\n--b--\r\n";
    let mut stream = begin(world.address, "mesto01", OUTER, head.len() + CONTENT + tail.len()).await;
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut digest = Sha256::new();
    for piece in content() {
        digest.update(&piece);
        stream.write_all(&piece).await.unwrap();
    }
    stream.write_all(tail.as_bytes()).await.unwrap();
    let reply = read_reply(&mut stream).await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    let hash = hex(digest);
    assert_eq!(reply.value("dmAttHash1"), hash);
    let reference = format!(
        "<dmExtFile dmFileMetaType=\"main\" dmAttID=\"{}\" dmAttHash1=\"{hash}\" dmAttHash1Alg=\"SHA-256\" \
         dmAttHash2=\"{}\" dmAttHash2Alg=\"SHA3-256\"/>",
        reply.value("dmAttID"),
        reply.value("dmAttHash2"),
    );
    (hash, reference)
}

/// Length of the part with the content of an answer, and its digest.
async fn download(world: &World, document: &str) -> (usize, Sha256) {
    let mut stream = begin(world.address, "novak01", "application/soap+xml", document.len()).await;
    stream.write_all(document.as_bytes()).await.unwrap();
    let mut answer = BufReader::new(stream);
    // The heads of the answer, of the root part with the envelope on one line, and of the other.
    let (mut boundary, mut length) = (String::new(), 0);
    for heads in 0..3 {
        loop {
            let mut line = String::new();
            assert_ne!(answer.read_line(&mut line).await.unwrap(), 0);
            if let Some((_, value)) = line.split_once("boundary=\"") {
                boundary = value.split_once('"').unwrap().0.to_owned();
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
            length -= if heads == 0 { 0 } else { line.len() };
            if line == "\r\n" {
                break;
            }
        }
    }
    let tail = format!("\r\n--{boundary}--\r\n");
    length -= tail.len();
    let (mut digest, mut left, mut piece) = (Sha256::new(), length, vec![0; 1 << 16]);
    while left > 0 {
        let read = answer.read(&mut piece[..left.min(1 << 16)]).await.unwrap();
        assert_ne!(read, 0, "{left} of {length} bytes are missing");
        digest.update(&piece[..read]);
        left -= read;
    }
    let mut rest = Vec::new();
    answer.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, tail.as_bytes());
    (length, digest)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_megabytes_up_and_down() {
    let world = World::new().await;
    // Proving a password takes memory by design; proven ones are remembered.
    for login in ["mesto01", "novak01"] {
        assert_eq!(world.call(login, "dz", "DummyOperation", "").await.code(), "0000");
    }
    let before = reset_peak();
    let (hash, reference) = upload(&world).await;
    assert_small_growth(before, "upload");
    let inside = format!(
        "<dmEnvelope><dbIDRecipient>nvak22s</dbIDRecipient><dmAnnotation>Velká</dmAnnotation></dmEnvelope>\
         <dmFiles>{reference}</dmFiles>"
    );
    let reply = world.call("mesto01", "vodz", "CreateBigMessage", &inside).await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    world.settle().await;
    world.call("novak01", "dx", "GetListOfReceivedMessages", "").await;
    let id = format!("<dmID>{}</dmID>", reply.value("dmID"));
    let before = reset_peak();
    let (length, digest) = download(
        &world,
        &operation("DownloadAttachment", &format!("{id}<attNum>0</attNum>")),
    )
    .await;
    assert_eq!((length, hex(digest)), (CONTENT, hash));
    assert_small_growth(before, "attachment");
    let before = reset_peak();
    let (length, _) = download(&world, &operation("SignedBigMessageDownload", &id)).await;
    assert!(length > CONTENT / 3 * 4);
    assert_small_growth(before, "sealed message");
}
