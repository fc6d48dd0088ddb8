//! Remembers which operation was answered with which code by which test, for the table of operations
//! (`operations_table`). What is looked at are the bytes that go out, whatever client the test uses.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};

/// The folder that takes the lines; without it nothing is remembered. Set by `cargo xtask test golden`.
pub const FOLDER: &str = "ISDS_TEST_ANSWERS";
/// So much of an answer is kept from its beginning, where its name stands and, in a MIME answer, its status.
const HEAD: usize = 64 * 1024;
/// So much is kept from its end, where the status stands.
const TAIL: usize = 4 * 1024;

/// Has the answer remembered once it is out.
pub async fn watch(response: Response) -> Response {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return response;
    };
    let (head, inner) = response.into_parts();
    let watched = Watched {
        inner,
        folder: folder.into(),
        head: Vec::new(),
        tail: Vec::new(),
    };
    Response::from_parts(head, Body::new(watched))
}

struct Watched {
    inner: Body,
    folder: PathBuf,
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl Watched {
    fn keep(&mut self, bytes: &[u8]) {
        let (begin, rest) = bytes.split_at(bytes.len().min(HEAD - self.head.len()));
        self.head.extend_from_slice(begin);
        self.tail.extend_from_slice(&rest[rest.len().saturating_sub(TAIL)..]);
        self.tail.drain(..self.tail.len().saturating_sub(TAIL));
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(bytes) = frame.data_ref()
        {
            self.keep(bytes);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

// Not at the last frame: a body of known length is not asked for another once it is out.
impl Drop for Watched {
    fn drop(&mut self) {
        let kept = [self.head.as_slice(), &self.tail].concat();
        let text = String::from_utf8_lossy(&kept);
        let Some(operation) = operation(&text) else {
            return;
        };
        for code in codes(&text) {
            remember(&self.folder, operation, code);
        }
    }
}

/// Name of the answer's element without `Response`.
fn operation(text: &str) -> Option<&str> {
    let (_, inside) = text.split_once(":Body>")?;
    let (_, name) = inside.split_once('>')?.0.split_once(':')?;
    let end = name.find([' ', '/']).unwrap_or(name.len());
    name[..end].strip_suffix("Response")
}

/// All codes: the one of the answer, and those of single recipients.
fn codes(text: &str) -> impl Iterator<Item = &str> {
    text.split("StatusCode>")
        .filter_map(|after| after.split_once('<'))
        .map(|(code, _)| code)
        .filter(|code| code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit()))
}

fn remember(folder: &PathBuf, operation: &str, code: &str) {
    static WRITTEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    // Each test runs in a process of its own, which is told what it runs.
    let told = |name| std::env::var(name).unwrap_or_else(|_| panic!("cargo nextest sets {name}"));
    let line = format!("{operation}\t{code}\t{}\n", told("NEXTEST_TEST_NAME"));
    if WRITTEN.lock().unwrap().insert(line.clone()) {
        std::fs::create_dir_all(folder).unwrap();
        let path = folder.join(std::process::id().to_string());
        let mut file = std::fs::File::options().create(true).append(true).open(path).unwrap();
        file.write_all(line.as_bytes()).unwrap();
    }
}
