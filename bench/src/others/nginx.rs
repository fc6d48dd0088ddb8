//! Debian's nginx with one file, on a loopback port.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use e2e::connection::Connection;
use harness::guard::{Guard, send};
use tempfile::TempDir;

use crate::Outcome;

const PROGRAM: &str = "/usr/sbin/nginx";
const READY_WITHIN: Duration = Duration::from_secs(10);

/// Where the file is.
pub const PATH: &str = "/file";

/// A running nginx. Dropping it ends it.
pub struct Server {
    process: Child,
    // Ends it where this process cannot.
    _guard: Guard,
    _folder: TempDir,
    address: SocketAddr,
}

impl Server {
    /// Starts it with a file of so many bytes; none where nginx is not installed.
    ///
    /// # Errors
    /// Where it does not start.
    pub fn start(size: usize) -> Outcome<Option<Self>> {
        if !Path::new(PROGRAM).exists() {
            return Ok(None);
        }
        let folder = tempfile::Builder::new().prefix("isds-nginx-").tempdir()?;
        let root = folder.path().display();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, harness::free_port()?));
        fs::write(folder.path().join(&PATH[1..]), vec![b'x'; size])?;
        let user = if fs::metadata("/etc/shadow")
            .and_then(|_| fs::File::open("/etc/shadow"))
            .is_ok()
        {
            "user root;"
        } else {
            ""
        };
        let configuration = format!(
            "{user} worker_processes auto; daemon off; pid {root}/nginx.pid; error_log {root}/error.log;\n\
             events {{ worker_connections 256; }}\n\
             http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; \
             client_body_temp_path {root}/body; proxy_temp_path {root}/proxy; fastcgi_temp_path {root}/fastcgi; \
             uwsgi_temp_path {root}/uwsgi; scgi_temp_path {root}/scgi; open_file_cache max=16;\n\
             server {{ listen {address}; root {root}; }} }}\n"
        );
        let file = folder.path().join("nginx.conf");
        fs::write(&file, configuration)?;
        let mut guard = Guard::new("TERM", Some(folder.path()))?;
        let process = Command::new(PROGRAM)
            .arg("-p")
            .arg(folder.path())
            .arg("-c")
            .arg(&file)
            .args(["-e", "stderr"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        guard.watch(Some(process.id()))?;
        let server = Self {
            process,
            _guard: guard,
            _folder: folder,
            address,
        };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            if begun.elapsed() > READY_WITHIN {
                return Err("nginx does not listen".into());
            }
            harness::pause();
        }
        Ok(Some(server))
    }

    /// A client of it.
    pub fn connection(&self) -> Connection {
        Connection::new(self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What fails here fails because it is gone already.
        let _ = send(self.process.id(), rustix::process::Signal::TERM);
        let _ = self.process.wait();
    }
}
