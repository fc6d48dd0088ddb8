//! A timestamp authority that nobody here wrote (`openssl ts`) behind HTTP, which can be made slow, silent or failing.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use tempfile::TempDir;

use crate::{Error, Result};

/// Largest request read, in bytes; a query is some eighty.
const MAX_REQUEST: u64 = 64 * 1024;

/// What the authority does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Stamps.
    Well,
    /// Stamps after a while.
    Slow(Duration),
    /// Answers 503.
    Failing,
    /// Takes the request and says nothing, until its mood changes.
    Silent,
}

/// The authority; requests in hand end with their clients.
#[derive(Debug)]
pub struct AuthorityServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    mood: Mutex<Mood>,
    changed: Condvar,
    serial: AtomicU64,
    over: AtomicBool,
    folder: TempDir,
    certificate: PathBuf,
    key: PathBuf,
}

impl AuthorityServer {
    /// Starts one that signs by the certificate and key of these PEM files.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn start(certificate: &Path, key: &Path) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::io("bind the authority"))?;
        let address = listener.local_addr().map_err(Error::io("read the authority's port"))?;
        let shared = Arc::new(Shared {
            mood: Mutex::new(Mood::Well),
            changed: Condvar::new(),
            serial: AtomicU64::new(1),
            over: AtomicBool::new(false),
            folder: tempfile::tempdir().map_err(Error::io("make the authority's folder"))?,
            certificate: certificate.to_owned(),
            key: key.to_owned(),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&serving);
                if shared.over.load(Ordering::SeqCst) {
                    return;
                }
                // A client that hangs up has its reasons; the test looks at what it made of it.
                thread::spawn(move || shared.serve(stream));
            }
        });
        Ok(Self { address, shared })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/tsr", self.address)
    }

    /// From now on it behaves so; also towards those who wait.
    pub fn set_mood(&self, mood: Mood) {
        *self.shared.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
        self.shared.changed.notify_all();
    }
}

impl Drop for AuthorityServer {
    fn drop(&mut self) {
        // Lets those go who wait; then one more connection, with which the thread that accepts sees that it is over.
        self.set_mood(Mood::Failing);
        self.shared.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?.take(MAX_REQUEST));
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
        }
        let mut query = vec![0; length];
        reader.read_exact(&mut query)?;
        match self.mood_once_it_speaks() {
            Mood::Well | Mood::Slow(_) => answer(stream, "200 OK", &self.stamp(&query)?),
            Mood::Failing | Mood::Silent => answer(stream, "503 Service Unavailable", b""),
        }
    }

    fn mood_once_it_speaks(&self) -> Mood {
        let mood = self.mood.lock().unwrap_or_else(PoisonError::into_inner);
        match *mood {
            Mood::Slow(long) => {
                *self
                    .changed
                    .wait_timeout_while(mood, long, |mood| matches!(mood, Mood::Slow(_)))
                    .unwrap_or_else(PoisonError::into_inner)
                    .0
            }
            _ => *self
                .changed
                .wait_while(mood, |mood| *mood == Mood::Silent)
                .unwrap_or_else(PoisonError::into_inner),
        }
    }

    fn stamp(&self, query: &[u8]) -> io::Result<Vec<u8>> {
        let number = self.serial.fetch_add(1, Ordering::Relaxed);
        let at = |kind: &str| self.folder.path().join(format!("{number}.{kind}"));
        let (question, serial, config) = (at("tsq"), at("serial"), at("cnf"));
        fs::write(&question, query)?;
        fs::write(&serial, format!("{number:08X}"))?;
        fs::write(
            &config,
            format!(
                "[tsa]\ndefault_tsa = one\n[one]\nserial = {}\ncrypto_device = builtin\nsigner_digest = sha256\n\
                 default_policy = 1.2.3.4.1\ndigests = sha256, sha384, sha512\naccuracy = secs:1\nordering = no\n\
                 tsa_name = no\ness_cert_id_chain = no\ness_cert_id_alg = sha256\n",
                serial.display()
            ),
        )?;
        let output = Command::new("openssl")
            .args(["ts", "-reply", "-section", "one", "-config"])
            .arg(&config)
            .arg("-queryfile")
            .arg(&question)
            .arg("-signer")
            .arg(&self.certificate)
            .arg("-inkey")
            .arg(&self.key)
            .stdin(Stdio::null())
            .output()?;
        for file in [question, serial, config] {
            fs::remove_file(file)?;
        }
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
        }
    }
}

fn answer(mut stream: TcpStream, status: &str, body: &[u8]) -> io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    stream.write_all(body)
}
