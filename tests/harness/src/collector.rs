//! A collector of OpenTelemetry as small as can be: takes what is sent to it over HTTP and keeps it as it came.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::{Error, Result};

/// Longest wait for a request that was begun.
const PATIENCE: Duration = Duration::from_secs(20);
/// Largest request.
const LARGEST: u64 = 16 << 20;

/// The collector. It listens on loopback until it is dropped.
#[derive(Debug)]
pub struct Collector {
    address: SocketAddr,
    kept: Arc<Mutex<Vec<Export>>>,
    ended: Arc<AtomicBool>,
}

/// What came in one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Path that it was sent to.
    pub path: String,
    /// Its media type.
    pub media_type: String,
    /// Its body.
    pub body: String,
}

impl Collector {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::io("bind a loopback port"))?;
        let address = listener.local_addr().map_err(Error::io("read the bound port"))?;
        let (kept, ended) = (Arc::<Mutex<Vec<Export>>>::default(), Arc::<AtomicBool>::default());
        let (keeps, ends) = (Arc::clone(&kept), Arc::clone(&ended));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                // Whoever speaks no HTTP is nobody's loss.
                if let Ok(export) = take(&stream) {
                    keeps.lock().unwrap_or_else(PoisonError::into_inner).push(export);
                }
            }
        });
        Ok(Self { address, kept, ended })
    }

    /// Where it listens: `http://…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What came so far.
    #[must_use]
    pub fn exports(&self) -> Vec<Export> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Only so that the thread looks up.
        let _ = TcpStream::connect(self.address);
    }
}

/// Reads a request and answers it; one for each connection.
fn take(stream: &TcpStream) -> io::Result<Export> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let (mut length, mut media_type) = (0, String::new());
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0).min(LARGEST),
            "content-type" => value.trim().clone_into(&mut media_type),
            _ => {}
        }
    }
    let mut body = String::new();
    reader.take(length).read_to_string(&mut body)?;
    let mut stream = stream;
    stream.write_all(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
    )?;
    Ok(Export { path, media_type, body })
}
