//! A PostgreSQL cluster of one's own: made from the system's binaries, on a loopback port, gone with the test.

use std::{
    fs,
    io::{self, Write},
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::{
    Error, Result, free_port,
    guard::{Guard, end, pause, send, tail},
};

/// Where Debian keeps one folder a major version.
pub(crate) const VERSIONS: &str = "/usr/lib/postgresql";
/// Long enough for crash recovery on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(60);
const LOG_SHOWN: usize = 4_000;
/// What a server for a million messages would have: they are about 6 GB, with what was recorded of them.
const LARGE: [&str; 5] = [
    "shared_buffers=6GB",
    "maintenance_work_mem=1GB",
    "max_wal_size=8GB",
    "checkpoint_timeout=15min",
    "effective_cache_size=12GB",
];

/// Whether a commit is on the disk when it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// As in production: what is committed survives a crash.
    Synced,
    /// Faster, for tests that never crash the database.
    Unsynced,
}

impl Durability {
    fn setting(self) -> &'static str {
        match self {
            Self::Synced => "on",
            Self::Unsynced => "off",
        }
    }
}

/// Whom the server runs as when the tests run as root, which PostgreSQL refuses.
#[derive(Debug, Clone, Copy)]
struct Owner {
    uid: u32,
    gid: u32,
}

/// Where a cluster lies.
#[derive(Debug)]
enum Root {
    Temporary(TempDir),
    Kept(PathBuf),
}

impl Root {
    fn path(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Kept(folder) => folder,
        }
    }
}

/// A running (or deliberately killed) cluster. Dropping it stops the server and removes its data, unless they are kept.
#[derive(Debug)]
pub struct PrivateCluster {
    // Order matters: the server ends before the guard does, the guard before the folder goes.
    server: Option<Child>,
    guard: Guard,
    root: Root,
    bin: PathBuf,
    owner: Option<Owner>,
    port: u16,
    durability: Durability,
    settings: &'static [&'static str],
}

impl PrivateCluster {
    /// Makes and starts a cluster whose commits are durable.
    ///
    /// # Errors
    /// [`Error::NoPostgres`] and the other reasons why no server could be started.
    pub fn start() -> Result<Self> {
        Self::start_with(Durability::Synced)
    }

    /// Makes and starts a cluster with the durability asked for.
    ///
    /// # Errors
    /// As [`PrivateCluster::start`].
    pub fn start_with(durability: Durability) -> Result<Self> {
        let mut cluster = Self::prepare(durability)?;
        cluster.init()?;
        cluster.launch_on_a_free_port()?;
        Ok(cluster)
    }

    /// Makes and starts a cluster with durable commits for very many messages.
    ///
    /// # Errors
    /// As [`PrivateCluster::start`].
    pub fn start_large() -> Result<Self> {
        let mut cluster = Self::prepare(Durability::Synced)?;
        cluster.settings = &LARGE;
        cluster.init()?;
        cluster.launch_on_a_free_port()?;
        Ok(cluster)
    }

    /// Starts the cluster for very many messages that lies in a folder of the caller's, which must exist, and makes it where
    /// there is none yet. Its data stay. Nobody else may use the folder meanwhile.
    ///
    /// # Errors
    /// As [`PrivateCluster::start`].
    pub fn start_kept(folder: &Path) -> Result<Self> {
        // 'Fast' and not 'immediate': what is kept is written out, and the next start recovers nothing.
        let guard = Guard::new("INT", None)?;
        let mut cluster = Self::in_folder(Root::Kept(folder.to_owned()), guard, Durability::Synced)?;
        cluster.settings = &LARGE;
        if !cluster.data().join("PG_VERSION").exists() {
            cluster.init()?;
        }
        cluster.launch_on_a_free_port()?;
        Ok(cluster)
    }

    /// Makes and starts a standby of this cluster. When it answers, a commit here is answered once the standby has it too.
    ///
    /// # Errors
    /// As [`PrivateCluster::start`].
    pub fn standby(&self) -> Result<Self> {
        let mut standby = Self::prepare(self.durability)?;
        standby.copy(self)?;
        standby.launch_on_a_free_port()?;
        self.execute("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'")?;
        self.execute("postgres", "SELECT pg_reload_conf()")?;
        let mut problem = None;
        let synchronous = "SELECT COUNT(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
        let waited = wait_until("the standby", READY_WITHIN, &standby.log(), || {
            match self.execute("postgres", synchronous) {
                Ok(count) => count == "1",
                Err(error) => {
                    problem = Some(error);
                    true
                }
            }
        });
        problem.map_or(waited, Err).map(|()| standby)
    }

    /// Makes a standby the one that writes. It waits for no standby of its own.
    ///
    /// # Errors
    /// [`Error::Tool`] with the server's answer.
    pub fn promote(&self) -> Result<()> {
        self.execute("postgres", "SELECT pg_promote(true, 60)")?;
        self.execute("postgres", "ALTER SYSTEM RESET synchronous_standby_names")?;
        self.execute("postgres", "SELECT pg_reload_conf()").map(drop)
    }

    /// A folder and an owner for a cluster.
    fn prepare(durability: Durability) -> Result<Self> {
        let root = tempfile::Builder::new()
            .prefix("isds-pg-")
            .tempdir()
            .map_err(Error::io("make a cluster folder"))?;
        let guard = Guard::new("QUIT", Some(root.path()))?;
        Self::in_folder(Root::Temporary(root), guard, durability)
    }

    fn in_folder(root: Root, guard: Guard, durability: Durability) -> Result<Self> {
        let bin = newest_binaries(Path::new(VERSIONS))?;
        let owner = unprivileged_owner()?;
        if let Some(owner) = owner {
            chown(root.path(), Some(owner.uid), Some(owner.gid)).map_err(Error::io("hand over the cluster folder"))?;
        }
        Ok(Self {
            server: None,
            guard,
            root,
            bin,
            owner,
            port: 0,
            durability,
            settings: &[],
        })
    }

    /// The cluster that all tests of this process share, unsynced, started on first use.
    ///
    /// # Errors
    /// As [`PrivateCluster::start`]; each call after a failure fails with the first one's text.
    pub fn shared() -> std::result::Result<&'static Self, &'static Error> {
        static SHARED: OnceLock<Result<PrivateCluster>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start_with(Durability::Unsynced)).as_ref()
    }

    /// The loopback port, the same for the cluster's whole life.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a database in this cluster. Its superuser is let in without a password.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    /// The folder of the server's own programs (`psql`, `pg_dump`, `pgbench` where installed).
    pub fn bin(&self) -> &Path {
        &self.bin
    }

    /// The process id of the postmaster.
    ///
    /// # Errors
    /// [`Error::NotRunning`] after [`PrivateCluster::kill_hard`].
    pub fn pid(&self) -> Result<u32> {
        self.server
            .as_ref()
            .map(Child::id)
            .ok_or(Error::NotRunning("the cluster"))
    }

    /// Creates an empty database and answers its URL.
    ///
    /// # Errors
    /// [`Error::DatabaseName`] before anything is tried, [`Error::Tool`] with the server's answer.
    pub fn create_database(&self, name: &str) -> Result<String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty() || name.len() > 40 || !name.chars().all(plain) {
            return Err(Error::DatabaseName(name.to_owned()));
        }
        self.execute("postgres", &format!("CREATE DATABASE \"{name}\""))?;
        Ok(self.url(name))
    }

    /// Creates an empty database under a name not used before in this cluster by this process.
    ///
    /// # Errors
    /// As [`PrivateCluster::create_database`].
    pub fn fresh_database(&self) -> Result<String> {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        self.create_database(&format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed)))
    }

    /// Runs SQL through `psql` and answers what it printed, unaligned and without headings.
    ///
    /// # Errors
    /// [`Error::Tool`] with the server's answer.
    pub fn execute(&self, database: &str, sql: &str) -> Result<String> {
        psql(&self.bin, &self.url(database), sql)
    }

    /// Runs `COPY … FROM STDIN` over the rows that `write` writes, in PostgreSQL's text format.
    ///
    /// # Errors
    /// [`Error::Tool`] with the server's answer, [`Error::Io`] with that of `write`.
    pub fn copy_rows(
        &self,
        database: &str,
        statement: &str,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<()> {
        let mut psql = Command::new(self.bin.join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"])
            .arg(format!("--dbname={}", self.url(database)))
            .arg(format!("--command={statement}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = psql.spawn().map_err(Error::io("run psql"))?;
        let written = match child.stdin.take() {
            Some(input) => {
                let mut rows = io::BufWriter::with_capacity(1 << 20, input);
                write(&mut rows).and_then(|()| rows.flush())
            }
            None => Ok(()),
        };
        let output = child.wait_with_output().map_err(Error::io("wait for psql"))?;
        if !output.status.success() {
            return Err(Error::Tool {
                tool: "psql".to_owned(),
                status: output.status.to_string(),
                output: String::from_utf8_lossy(&output.stderr).into_owned(),
            });
        }
        written.map_err(Error::io("hand rows to psql"))
    }

    /// Ends the postmaster and all its children with SIGKILL, as a crash of the machine's memory would.
    ///
    /// What the kernel already holds reaches the disk nevertheless: this shows a crash of the database, not a power cut.
    ///
    /// # Errors
    /// [`Error::NotRunning`] when it is down already.
    pub fn kill_hard(&mut self) -> Result<()> {
        let mut server = self.server.take().ok_or(Error::NotRunning("the cluster"))?;
        // A stopped postmaster neither starts nor reaps children, so the list stays true until all are killed.
        send(server.id(), Signal::STOP).map_err(Error::io("stop the postmaster"))?;
        let children = children_of(server.id())?;
        server.kill().map_err(Error::io("kill the postmaster"))?;
        for pid in &children {
            // A child that has ended meanwhile is what was wanted.
            let _ = send(*pid, Signal::KILL);
        }
        server.wait().map_err(Error::io("wait for the postmaster"))?;
        self.guard.watch(None)?;
        // The shared memory block stays attached until the last child is gone, and a new postmaster refuses to start.
        wait_until(
            "the children of the postmaster",
            Duration::from_secs(10),
            &self.log(),
            || {
                children
                    .iter()
                    .all(|pid| !Path::new(&format!("/proc/{pid}/task")).exists() || is_zombie(*pid))
            },
        )
    }

    /// Starts the server again on the same port and data; recovery is done when this answers.
    ///
    /// A running server is first shut down fast (SIGINT: connections are cut, a checkpoint is written).
    ///
    /// # Errors
    /// As [`PrivateCluster::start`].
    pub fn restart(&mut self) -> Result<()> {
        self.stop(Signal::INT);
        self.launch()
    }

    /// The server's log.
    pub fn log(&self) -> PathBuf {
        self.root.path().join("server.log")
    }

    fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        // Settings of the developer's own PostgreSQL (PGDATA, PGPORT, …) must not reach the private one.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
            command.env_remove(name);
        }
        command.current_dir(self.root.path()).stdin(Stdio::null());
        if let Some(owner) = self.owner {
            command.uid(owner.uid).gid(owner.gid);
        }
        command
    }

    fn init(&self) -> Result<()> {
        let mut initdb = self.command("initdb");
        initdb.arg("--pgdata").arg(self.data());
        initdb.args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]);
        // Small segments: a fresh cluster is 28 MB instead of 39.
        initdb.arg("--wal-segsize=1");
        run(initdb).map(drop)
    }

    /// Copies a running cluster, in a form that follows it from then on.
    fn copy(&self, primary: &Self) -> Result<()> {
        let mut copy = self.command("pg_basebackup");
        copy.args([
            "--host=127.0.0.1",
            "--username=postgres",
            "--checkpoint=fast",
            "--no-sync",
        ]);
        // The slot keeps what the standby has not fetched yet, until it is there.
        copy.args([
            "--write-recovery-conf",
            "--wal-method=stream",
            "--create-slot",
            "--slot=standby",
        ]);
        copy.arg(format!("--port={}", primary.port))
            .arg("--pgdata")
            .arg(self.data());
        run(copy).map(drop)
    }

    fn launch_on_a_free_port(&mut self) -> Result<()> {
        let mut tries = 5;
        loop {
            self.port = free_port()?;
            match self.launch() {
                Err(Error::Died { log, .. }) if tries > 1 && log.contains("Address already in use") => tries -= 1,
                other => return other,
            }
        }
    }

    fn launch(&mut self) -> Result<()> {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.log())
            .map_err(Error::io("open the log"))?;
        let errors = log.try_clone().map_err(Error::io("open the log"))?;
        // A killed postmaster leaves its file behind, and 'ready' in it would be the old server's word.
        if let Err(error) = fs::remove_file(self.data().join("postmaster.pid"))
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(Error::io("remove the old postmaster.pid")(error));
        }
        let mut postgres = self.command("postgres");
        postgres.arg("-D").arg(self.data()).args(["-p", &self.port.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            &format!("fsync={}", self.durability.setting()),
            &format!("full_page_writes={}", self.durability.setting()),
            &format!("synchronous_commit={}", self.durability.setting()),
            "max_connections=200",
            "shared_buffers=64MB",
        ]
        .iter()
        .chain(self.settings)
        {
            postgres.arg("-c").arg(setting);
        }
        let server = postgres
            .stdout(log)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .map_err(Error::io("start postgres"))?;
        let pid = server.id();
        self.server = Some(server);
        self.guard.watch(Some(pid))?;
        self.await_ready()
    }

    /// The postmaster writes `ready` into line 8 of its file once it accepts connections (since PostgreSQL 10).
    fn await_ready(&mut self) -> Result<()> {
        let (log, state) = (self.log(), self.data().join("postmaster.pid"));
        let server = self.server.as_mut().ok_or(Error::NotRunning("the cluster"))?;
        let mut died = None;
        let waited = wait_until("PostgreSQL", READY_WITHIN, &log, || {
            died = server.try_wait().ok().flatten();
            let ready = fs::read_to_string(&state).is_ok_and(|s| s.lines().nth(7).is_some_and(|l| l.trim() == "ready"));
            died.is_some() || ready
        });
        if let Some(status) = died {
            self.server = None;
            self.guard.watch(None)?;
            let what = "PostgreSQL".to_owned();
            return Err(Error::Died {
                what,
                status: status.to_string(),
                log: tail(&log, LOG_SHOWN),
            });
        }
        waited
    }

    fn stop(&mut self, signal: Signal) {
        if let Some(mut server) = self.server.take() {
            end(&mut server, signal, Duration::from_secs(20));
            // The guard may be gone when the whole process is being torn down; the server is ended either way.
            let _ = self.guard.watch(None);
        }
    }
}

impl Drop for PrivateCluster {
    fn drop(&mut self) {
        self.stop(match self.root {
            // 'Immediate': no checkpoint, the data are thrown away anyway.
            Root::Temporary(_) => Signal::QUIT,
            Root::Kept(_) => Signal::INT,
        });
    }
}

/// The `bin` folder of the highest major version that has a server.
pub(crate) fn newest_binaries(versions: &Path) -> Result<PathBuf> {
    let entries = fs::read_dir(versions).map_err(|_| Error::NoPostgres)?;
    entries
        .flatten()
        .filter_map(|entry| {
            let major: u32 = entry.file_name().to_str()?.parse().ok()?;
            let bin = entry.path().join("bin");
            (bin.join("initdb").exists() && bin.join("postgres").exists()).then_some((major, bin))
        })
        .max_by_key(|(major, _)| *major)
        .map(|(_, bin)| bin)
        .ok_or(Error::NoPostgres)
}

/// `None` when the tests already run as an ordinary user.
fn unprivileged_owner() -> Result<Option<Owner>> {
    let own = fs::metadata("/proc/self").map_err(Error::io("read /proc/self"))?.uid();
    if own != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").map_err(Error::io("read /etc/passwd"))?;
    let find = |name: &str| {
        users.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let [user, _, uid, gid, ..] = fields[..] else {
                return None;
            };
            (user == name).then_some(Owner {
                uid: uid.parse().ok()?,
                gid: gid.parse().ok()?,
            })
        })
    };
    find("postgres")
        .or_else(|| find("nobody"))
        .map(Some)
        .ok_or(Error::NoUnprivilegedUser)
}

/// Runs SQL through `psql` and answers what it printed, unaligned and without headings.
pub(crate) fn psql(bin: &Path, url: &str, sql: &str) -> Result<String> {
    let mut psql = Command::new(bin.join("psql"));
    psql.args([
        "--no-psqlrc",
        "--quiet",
        "--tuples-only",
        "--no-align",
        "--set=ON_ERROR_STOP=1",
    ]);
    psql.arg(format!("--dbname={url}")).arg(format!("--command={sql}"));
    run(psql).map(|output| output.trim_end().to_owned())
}

pub(crate) fn run(mut command: Command) -> Result<String> {
    let tool = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let output = command.output().map_err(Error::io(format!("run {tool}")))?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(printed);
    }
    let status = output.status.to_string();
    Err(Error::Tool {
        tool,
        status,
        output: printed + &String::from_utf8_lossy(&output.stderr),
    })
}

fn wait_until(what: &str, limit: Duration, log: &Path, mut done: impl FnMut() -> bool) -> Result<()> {
    let until = Instant::now() + limit;
    while !done() {
        if Instant::now() >= until {
            return Err(Error::NotReady {
                what: what.to_owned(),
                after: limit,
                log: tail(log, LOG_SHOWN),
            });
        }
        pause();
    }
    Ok(())
}

/// The fields of `/proc/PID/stat` after the program's name, which may itself hold blanks and brackets.
fn stat_after_name(pid: &str) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    Some(rest.split(' ').map(str::to_owned).collect())
}

fn children_of(parent: u32) -> Result<Vec<u32>> {
    let entries = fs::read_dir("/proc").map_err(Error::io("list the processes"))?;
    let parent = parent.to_string();
    Ok(entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let pid = name.parse().ok()?;
            (stat_after_name(&name)?.get(1)? == &parent).then_some(pid)
        })
        .collect())
}

fn is_zombie(pid: u32) -> bool {
    stat_after_name(&pid.to_string()).is_none_or(|fields| fields.first().is_some_and(|state| state == "Z"))
}
