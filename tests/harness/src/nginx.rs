//! Debian's nginx with the configuration that the documents hold.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::{
    Error, Result, free_port,
    guard::{Guard, end, pause, tail},
    postgres::run,
};

const PROGRAM: &str = "/usr/sbin/nginx";
const READY_WITHIN: Duration = Duration::from_secs(20);

/// A running nginx. Dropping it ends it.
#[derive(Debug)]
pub struct Nginx {
    // Order matters: the server ends before the guard does, the guard before the folder goes.
    process: Option<Child>,
    _guard: Guard,
    folder: TempDir,
    plain: SocketAddr,
    encrypted: SocketAddr,
}

/// How two nodes are reached.
#[derive(Debug, Clone, Copy)]
pub enum Upstream<'a> {
    /// With plain HTTP.
    Plain([SocketAddr; 2]),
    /// With TLS as the configuration has it; their certificates lead to this root (PEM).
    Encrypted([SocketAddr; 2], &'a Path),
}

impl Nginx {
    /// Starts it before two nodes. The system is reached with and without TLS.
    ///
    /// # Errors
    /// [`Error::Tool`] where it or the openssl command line is missing, [`Error::NotReady`] with the end of its log.
    pub fn start(configuration: &Path, nodes: Upstream<'_>) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("isds-nginx-")
            .tempdir()
            .map_err(Error::io("make a folder for nginx"))?;
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let (plain, encrypted) = (at(free_port()?), at(free_port()?));
        make_certificate(folder.path())?;
        let text = fs::read_to_string(configuration).map_err(Error::io("read the configuration of nginx"))?;
        let text = fitted(&text, folder.path(), [plain, encrypted], nodes)?;
        let file = folder.path().join("nginx.conf");
        fs::write(&file, text).map_err(Error::io("write the configuration of nginx"))?;
        let log = fs::File::create(folder.path().join("output.log")).map_err(Error::io("make a log for nginx"))?;
        let errors = log.try_clone().map_err(Error::io("make a log for nginx"))?;
        let mut guard = Guard::new("QUIT", Some(folder.path()))?;
        let process = Command::new(PROGRAM)
            .arg("-p")
            .arg(folder.path())
            .arg("-c")
            .arg(&file)
            .args(["-g", "daemon off;"])
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(Error::io("start nginx"))?;
        guard.watch(Some(process.id()))?;
        let nginx = Self {
            process: Some(process),
            _guard: guard,
            folder,
            plain,
            encrypted,
        };
        nginx.await_ready()?;
        Ok(nginx)
    }

    /// Where it listens without TLS.
    #[must_use]
    pub fn plain(&self) -> SocketAddr {
        self.plain
    }

    /// Where it listens with TLS.
    #[must_use]
    pub fn encrypted(&self) -> SocketAddr {
        self.encrypted
    }

    /// The certificate that it shows, PEM.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("isds.pem")
    }

    /// What it wrote of the calls that it passed on.
    #[must_use]
    pub fn access_log(&self) -> PathBuf {
        self.folder.path().join("access.log")
    }

    fn await_ready(&self) -> Result<()> {
        let begun = Instant::now();
        while TcpStream::connect(self.encrypted).is_err() {
            if begun.elapsed() > READY_WITHIN {
                return Err(Error::NotReady {
                    what: "nginx".to_owned(),
                    after: READY_WITHIN,
                    log: tail(&self.folder.path().join("output.log"), 4000),
                });
            }
            pause();
        }
        Ok(())
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = tail(&self.folder.path().join("error.log"), 4000);
            eprintln!("--- the end of nginx's log ---\n{log}\n---");
        }
        if let Some(mut process) = self.process.take() {
            end(&mut process, Signal::TERM, Duration::from_secs(5));
        }
    }
}

/// The configuration with ports, paths and names of this machine. Every line that is replaced has to be there: a file
/// that was changed is not tested by accident without what was changed.
fn fitted(text: &str, folder: &Path, own: [SocketAddr; 2], nodes: Upstream<'_>) -> Result<String> {
    let folder = folder.display();
    let [plain, encrypted] = own;
    let (Upstream::Plain([one, other]) | Upstream::Encrypted([one, other], _)) = nodes;
    let mut changes = vec![
        // The folder of a test is its owner's alone.
        ("user www-data;", "user root;".to_owned()),
        ("/run/nginx.pid", format!("{folder}/nginx.pid")),
        ("/var/log/nginx/", format!("{folder}/")),
        ("/var/lib/nginx/", format!("{folder}/")),
        ("/etc/nginx/isds.", format!("{folder}/isds.")),
        ("isds1.internal.example.test:443", one.to_string()),
        ("isds2.internal.example.test:443", other.to_string()),
        ("listen 80;", format!("listen 127.0.0.1:{};", free_port()?)),
        ("listen 443 ssl;", format!("listen {encrypted} ssl; listen {plain};")),
        (
            "proxy_set_header Host $host;",
            "proxy_set_header Host $http_host;".to_owned(),
        ),
    ];
    changes.extend(match nodes {
        Upstream::Plain(_) => vec![
            ("proxy_pass https://isds;", "proxy_pass http://isds;".to_owned()),
            ("proxy_ssl_verify on;", "proxy_ssl_verify off;".to_owned()),
            (
                "proxy_ssl_trusted_certificate /etc/nginx/isds-internal-ca.pem;",
                String::new(),
            ),
        ],
        Upstream::Encrypted(_, root) => vec![("/etc/nginx/isds-internal-ca.pem", root.display().to_string())],
    });
    let mut fitted = text.to_owned();
    for (from, to) in changes {
        if !fitted.contains(from) {
            return Err(Error::Tool {
                tool: "nginx".to_owned(),
                status: "not started".to_owned(),
                output: format!("the configuration has no '{from}'"),
            });
        }
        fitted = fitted.replace(from, &to);
    }
    Ok(fitted)
}

/// A certificate of its own for `localhost`.
fn make_certificate(folder: &Path) -> Result<()> {
    let mut openssl = Command::new("openssl");
    openssl
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .arg("-keyout")
        .arg(folder.join("isds.key"))
        .arg("-out")
        .arg(folder.join("isds.pem"));
    run(openssl).map(drop)
}
