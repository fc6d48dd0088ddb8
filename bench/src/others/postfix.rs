//! Debian's Postfix with a configuration, a queue and a spool of its own, on a loopback port. The machine's own mail is not
//! touched: nothing of it is read, and nothing of ours lies where it looks.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Outcome;

const PROGRAM: &str = "/usr/sbin/postfix";
const SOURCE: &str = "/usr/sbin/smtp-source";
/// How long a round may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// System users, to each of whom a mailbox of its own is written.
const USERS: [&str; 4] = ["daemon", "bin", "sys", "games"];
/// Services that receive, queue and deliver.
const SERVICES: &str = "\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";

/// A running Postfix. Dropping it ends it.
pub struct Server {
    folder: TempDir,
    port: u16,
}

impl Server {
    /// Starts it; none where it is not installed, or where this is not root, which Postfix wants to be started by.
    ///
    /// # Errors
    /// Where it does not start.
    pub fn start() -> Outcome<Option<Self>> {
        if !Path::new(PROGRAM).exists() || !Path::new(SOURCE).exists() || !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let folder = tempfile::Builder::new().prefix("isds-postfix-").tempdir()?;
        let server = Self {
            port: harness::free_port()?,
            folder,
        };
        server.configure()?;
        server.postfix("start")?;
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", server.port)).is_err() {
            if begun.elapsed() > PATIENCE {
                return Err("Postfix does not listen".into());
            }
            harness::pause();
        }
        Ok(Some(server))
    }

    /// Sends so many mails of a size, eight connections at once, and waits until all lie in their mailboxes. Mails per
    /// second.
    ///
    /// # Errors
    /// Where not all are delivered.
    pub fn deliver(&self, count: u32, bytes: usize) -> Outcome<f64> {
        let before = self.delivered()?;
        let each = count / u32::try_from(USERS.len())?;
        let begun = Instant::now();
        let sources = USERS
            .iter()
            .map(|user| {
                Command::new(SOURCE)
                    .args(["-s", "4", "-m", &each.to_string(), "-l", &bytes.to_string()])
                    .args(["-f", "daemon@bench.invalid", "-t", &format!("{user}@bench.invalid")])
                    .arg(format!("inet:127.0.0.1:{}", self.port))
                    .stdin(Stdio::null())
                    .spawn()
            })
            .collect::<Result<Vec<_>, _>>()?;
        for mut source in sources {
            if !source.wait()?.success() {
                return Err(format!("smtp-source failed\n{}", self.log()).into());
            }
        }
        let all = u64::from(each) * USERS.len() as u64;
        let size = all * u64::try_from(bytes)?;
        while self.delivered()? - before < size {
            if begun.elapsed() > PATIENCE {
                return Err(format!("Postfix did not deliver all mails\n{}", self.log()).into());
            }
            harness::pause();
        }
        Ok(f64::from(each * u32::try_from(USERS.len())?) / begun.elapsed().as_secs_f64())
    }

    /// Bytes in all mailboxes.
    fn delivered(&self) -> Outcome<u64> {
        let mut bytes = 0;
        for entry in fs::read_dir(self.folder.path().join("spool"))? {
            bytes += entry?.metadata()?.len();
        }
        Ok(bytes)
    }

    fn configure(&self) -> Outcome<()> {
        let root = self.folder.path();
        fs::set_permissions(root, fs::Permissions::from_mode(0o755))?;
        for name in ["etc", "queue", "data", "spool"] {
            fs::create_dir(root.join(name))?;
        }
        // As /var/mail of systems where everybody may make a mailbox.
        fs::set_permissions(root.join("spool"), fs::Permissions::from_mode(0o1777))?;
        let (owner, group) = owner()?;
        std::os::unix::fs::chown(root.join("data"), Some(owner), Some(group))?;
        let at = |name: &str| root.join(name).display().to_string();
        let mut main = String::new();
        for (name, value) in [
            ("compatibility_level", "3.6"),
            ("queue_directory", &at("queue")),
            ("data_directory", &at("data")),
            ("mail_spool_directory", &at("spool")),
            ("maillog_file", &at("log")),
            ("maillog_file_prefixes", &root.display().to_string()),
            ("myhostname", "bench.invalid"),
            ("mydestination", "bench.invalid"),
            ("mynetworks", "127.0.0.0/8"),
            ("inet_interfaces", "127.0.0.1"),
            ("inet_protocols", "ipv4"),
            ("alias_maps", ""),
            ("alias_database", ""),
            ("local_recipient_maps", ""),
            ("mailbox_size_limit", "0"),
            ("biff", "no"),
            ("smtputf8_enable", "no"),
        ] {
            writeln!(main, "{name} = {value}")?;
        }
        fs::write(root.join("etc/main.cf"), main)?;
        let services = format!("127.0.0.1:{} inet n - n - - smtpd\n{SERVICES}", self.port);
        fs::write(root.join("etc/master.cf"), services)?;
        Ok(())
    }

    fn postfix(&self, order: &str) -> Outcome<()> {
        let output = Command::new(PROGRAM)
            .arg("-c")
            .arg(self.folder.path().join("etc"))
            .arg(order)
            .stdin(Stdio::null())
            .output()?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(format!("postfix {order}: {said}{}", self.log()).into())
    }

    fn log(&self) -> String {
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let from = log.len().saturating_sub(4000);
        log.get(from..).unwrap_or_default().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.postfix("stop") {
            eprintln!("  {error}");
        }
    }
}

/// The user that Postfix runs as.
fn owner() -> Outcome<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd")?;
    users
        .lines()
        .find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let (name, uid, gid) = (*fields.first()?, fields.get(2)?, fields.get(3)?);
            (name == "postfix").then_some((uid.parse().ok()?, gid.parse().ok()?))
        })
        .ok_or_else(|| "there is no user postfix".into())
}
