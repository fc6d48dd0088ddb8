//! Backup and restore as `docs/operations/backup.md` describes them, under load, onto an empty place: every message that was
//! accepted before the backup of the database is there afterwards, whole, with a seal that holds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use e2e::harness::{Demo, DemoOptions, Durability, Fleet, FleetOptions, PrivateCluster, free_port, http, pause};
use e2e::persona::{Letter, Persona};

const PATIENCE: Duration = Duration::from_secs(90);
/// Whoever writes, and whom.
const SENDERS: [(&str, &str); 2] = [("mesto01", "kraj227"), ("firma01", "mesta2j")];
/// Who reads what was written.
const READERS: [&str; 2] = ["kraj01", "mesto01"];

/// What is accepted while it runs.
#[derive(Default)]
struct Load {
    accepted: Mutex<Vec<(String, String)>>,
    over: AtomicBool,
}

impl Load {
    /// Sends one letter after the other until it is over.
    fn send(&self, server: SocketAddr, login: &str, to: &str) {
        let mut sender = Persona::new(server, login);
        for number in 0.. {
            if self.over.load(Ordering::SeqCst) {
                return;
            }
            let subject = format!("{login} {number}");
            let mut letter = Letter::new(to, &subject);
            // One object, and an attachment of its own.
            if number % 7 == 3 {
                letter = letter.of_size(400_000);
            }
            let id = sender.send(&letter).unwrap();
            self.accepted.lock().unwrap().push((id, subject));
        }
    }

    fn known(&self) -> Vec<(String, String)> {
        self.accepted.lock().unwrap().clone()
    }

    /// Waits until so many more are accepted.
    fn await_more(&self, more: usize) {
        let (end, goal) = (Instant::now() + PATIENCE, self.known().len() + more);
        while self.known().len() < goal {
            assert!(Instant::now() < end, "nothing is accepted any more");
            pause();
        }
    }
}

/// Runs what the document says, with the paths of the test in place of those that it names.
fn documented(command: &str, places: &[(&str, &Path)], path: Option<&Path>, database: &str) {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations/backup.md");
    let document = std::fs::read_to_string(document).unwrap();
    assert!(document.contains(command), "the document does not say: {command}");
    let mut line = command.to_owned();
    for (named, place) in places {
        line = line.replace(named, place.to_str().unwrap());
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", &line]).env("DATABASE", database);
    if let Some(bin) = path {
        let rest = std::env::var("PATH").unwrap_or_default();
        shell.env("PATH", format!("{}:{rest}", bin.display()));
    }
    succeeded(&shell.output().unwrap());
}

fn succeeded(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

/// Every message that was accepted before the backup is there; every message that is there has a seal that holds.
fn all_is_there(server: SocketAddr, binary: &Path, ca: &Path, before: &[(String, String)]) {
    let folder = tempfile::tempdir().unwrap();
    let end = Instant::now() + PATIENCE;
    let mut found = Vec::new();
    let mut files = Vec::new();
    for login in READERS {
        let mut reader = Persona::new(server, login);
        // What was accepted and not yet delivered is delivered now.
        let records = loop {
            let records = reader.list_received(10_000).unwrap();
            let own = before
                .iter()
                .filter(|(_, subject)| records.iter().any(|r| r.subject == *subject));
            if own.count() + found.len() >= before.len() || login == READERS[0] && is_half(before, &records) {
                break records;
            }
            assert!(Instant::now() < end, "{login} lacks messages");
            pause();
        };
        for record in records {
            let sealed = reader.download_signed(&record.id).unwrap();
            let file = folder.path().join(format!("{}.zfo", record.id));
            std::fs::write(&file, sealed).unwrap();
            files.push(file);
            if before.contains(&(record.id.clone(), record.subject.clone())) {
                found.push(record.id);
            }
        }
    }
    assert_eq!(found.len(), before.len(), "messages are missing");
    let output = Command::new(binary)
        .args(["verify", "--trust"])
        .arg(ca)
        .args(&files)
        .output()
        .unwrap();
    let said = succeeded(&output);
    assert_eq!(said.matches("valid and trusted").count(), files.len());
}

/// Whether what the first sender wrote is there.
fn is_half(before: &[(String, String)], records: &[e2e::persona::Record]) -> bool {
    before
        .iter()
        .filter(|(_, subject)| subject.starts_with(SENDERS[0].0))
        .all(|(id, _)| records.iter().any(|record| record.id == *id))
}

/// No number that was told to anybody is given to another message.
fn numbers_are_not_given_again(server: SocketAddr, known: &[(String, String)]) {
    let id: i64 = Persona::new(server, "mesto01")
        .send(&Letter::new("kraj227", "po obnově"))
        .unwrap()
        .parse()
        .unwrap();
    let told = known.iter().map(|(id, _)| id.parse::<i64>().unwrap()).max().unwrap();
    assert!(id > told, "{id} after {told}");
}

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; the test has said so then.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(binary: &Path, config: &Path, address: SocketAddr) -> Server {
    let mut command = Command::new(binary);
    let mut server = Server(command.args(["serve", "--config"]).arg(config).spawn().unwrap());
    let end = Instant::now() + PATIENCE;
    while !http::get(address, "/health/ready", Duration::from_secs(5)).is_ok_and(|answer| answer.status == 200) {
        assert!(
            server.0.try_wait().unwrap().is_none(),
            "the restored system does not start"
        );
        assert!(Instant::now() < end, "the restored system is not ready");
        pause();
    }
    server
}

/// The last seal as `isds audit verify` says it; the first comes within a second or two.
fn noted_seal(binary: &Path, config: &Path) -> String {
    let end = Instant::now() + PATIENCE;
    loop {
        let output = Command::new(binary)
            .args(["audit", "verify", "--config"])
            .arg(config)
            .output()
            .unwrap();
        let said = succeeded(&output);
        if let Some(seal) = said.lines().find_map(|line| line.strip_prefix("last seal: ")) {
            return seal.to_owned();
        }
        assert!(Instant::now() < end, "nothing is sealed: {said}");
        pause();
    }
}

#[test]
fn postgresql_and_a_folder_under_load_onto_an_empty_place() {
    let old = PrivateCluster::start_with(Durability::Unsynced).unwrap();
    let database = old.create_database("isds").unwrap();
    let mut fleet = Fleet::start(FleetOptions {
        database: database.clone(),
        nodes: 1,
        ..FleetOptions::default()
    })
    .unwrap();
    let address = fleet.node(0).address();
    let backup = tempfile::tempdir().unwrap();
    let (dump, copies) = (backup.path().join("isds.dump"), backup.path().join("objects"));
    let load = Load::default();
    let (before, seal) = std::thread::scope(|scope| {
        let load = &load;
        for (login, to) in SENDERS {
            scope.spawn(move || load.send(address, login, to));
        }
        load.await_more(40);
        let seal = noted_seal(fleet.node(0).binary(), fleet.node(0).config());
        let before = load.known();
        documented(
            "pg_dump --format=custom --file=isds.dump \"$DATABASE\"",
            &[("isds.dump", &dump)],
            Some(old.bin()),
            &database,
        );
        // Objects are younger than the database, by messages that it does not know.
        load.await_more(20);
        documented(
            "cp --archive /var/lib/isds/objects /backup/objects",
            &[
                ("/var/lib/isds/objects", &fleet.folder().join("objects")),
                ("/backup/objects", &copies),
            ],
            None,
            &database,
        );
        load.await_more(10);
        load.over.store(true, Ordering::SeqCst);
        (before, seal)
    });
    fleet.node_mut(0).kill_hard().unwrap();
    let binary = fleet.node(0).binary().to_owned();

    let place = tempfile::tempdir().unwrap();
    let new = PrivateCluster::start_with(Durability::Unsynced).unwrap();
    let restored = new.create_database("isds").unwrap();
    let config = restored_config(&fleet, place.path(), (&database, &restored));
    std::fs::rename(&copies, place.path().join("objects")).unwrap();
    documented(
        "pg_restore --no-owner --exit-on-error --dbname=\"$DATABASE\" isds.dump",
        &[("isds.dump", &dump)],
        Some(new.bin()),
        &restored,
    );
    documented(
        "psql \"$DATABASE\" -c \"SELECT setval('message_numbers', nextval('message_numbers') + 1000000)\"",
        &[],
        Some(new.bin()),
        &restored,
    );
    drop(old);
    let listen = listen_of(&config);
    let _server = serve(&binary, &config, listen);
    let run = |arguments: &[&str]| {
        let (command, more) = arguments.split_at(arguments.iter().take_while(|word| !word.starts_with("--")).count());
        let output = Command::new(&binary)
            .args(command)
            .arg("--config")
            .arg(&config)
            .args(more)
            .output();
        succeeded(&output.unwrap())
    };
    run(&["doctor"]);
    run(&["audit", "verify", "--noted", &seal]);
    all_is_there(listen, &binary, &place.path().join("data/trust/ca.pem"), &before);
    numbers_are_not_given_again(listen, &load.known());
    let help = Command::new(&binary).args(["doctor", "--help"]).output().unwrap();
    if String::from_utf8_lossy(&help.stdout).contains("--deep") {
        run(&["doctor", "--deep"]);
    }
    orphans_are_kept(&binary, &config, &place.path().join("objects"));
}

/// Two days later the messages that the older database forgot are orphans; their content is kept, unless somebody gives his
/// word that there are none.
fn orphans_are_kept(binary: &Path, config: &Path, objects: &Path) {
    let doctor = |more: &[&str]| {
        let output = Command::new("faketime")
            .args(["-f", "+2d"])
            .arg(binary)
            .args(["doctor", "--config"])
            .arg(config)
            .args(["--deep", "--remove-orphans"])
            .args(more)
            // Files are of the time that they are of.
            .env("NO_FAKE_STAT", "1")
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let said = doctor(&[]);
    let kept: Vec<PathBuf> = said
        .lines()
        .filter(|line| line.contains("is named by nothing and kept"))
        .filter_map(|line| line.split_ascii_whitespace().nth(2))
        .map(|id| objects.join(&id[..2]).join(id))
        .collect();
    assert!(!kept.is_empty() && !said.contains("removed object"), "{said}");
    assert!(kept.iter().all(|file| file.exists()), "{said}");
    let said = doctor(&["--never-restored"]);
    assert!(said.contains("removed object"), "{said}");
    assert!(kept.iter().all(|file| !file.exists()), "{said}");
}

/// Keys and configuration in another place, where they name that place and the new database.
fn restored_config(fleet: &Fleet, place: &Path, database: (&str, &str)) -> PathBuf {
    let data = place.join("data");
    std::fs::create_dir_all(&data).unwrap();
    for name in ["master.key", "trust", "keys"] {
        let copied = Command::new("cp")
            .arg("--archive")
            .arg(fleet.folder().join("data").join(name))
            .arg(&data)
            .output();
        succeeded(&copied.unwrap());
    }
    let text = std::fs::read_to_string(fleet.node(0).config()).unwrap();
    let text = text
        .replace(database.0, database.1)
        .replace(fleet.folder().to_str().unwrap(), place.to_str().unwrap())
        .replace(
            &fleet.node(0).address().to_string(),
            &format!("127.0.0.1:{}", free_port().unwrap()),
        );
    let config = place.join("isds.toml");
    std::fs::write(&config, text).unwrap();
    config
}

fn listen_of(config: &Path) -> SocketAddr {
    let text = std::fs::read_to_string(config).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("listen = "));
    line.unwrap().trim_matches('"').parse().unwrap()
}

#[test]
fn sqlite_beside_the_running_system_onto_an_empty_place() {
    let mut demo = Demo::start().unwrap();
    let address = demo.address();
    let [vacuumed, backed_up] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    for place in [&vacuumed, &backed_up] {
        std::fs::create_dir(place.path().join("data")).unwrap();
    }
    let load = Load::default();
    let before = std::thread::scope(|scope| {
        let load = &load;
        for (login, to) in SENDERS {
            scope.spawn(move || load.send(address, login, to));
        }
        load.await_more(40);
        let before = load.known();
        let copy = "sqlite3 demo-data/isds.db \"VACUUM INTO '/backup/isds.db'\"";
        copy_of_sqlite(&demo, vacuumed.path(), copy);
        load.await_more(20);
        copy_of_objects(&demo, vacuumed.path());
        load.over.store(true, Ordering::SeqCst);
        before
    });
    // The other way begins anew with every write: the system runs, and nobody writes to it just then.
    let copy = "sqlite3 demo-data/isds.db \".backup /backup/isds.db\"";
    copy_of_sqlite(&demo, backed_up.path(), copy);
    copy_of_objects(&demo, backed_up.path());
    demo.kill_hard().unwrap();
    for (place, accepted) in [(&vacuumed, &before), (&backed_up, &load.known())] {
        let data = place.path().join("data");
        for name in ["master.key", "trust", "keys", "demo-id"] {
            let mut copy = Command::new("cp");
            copy.arg("--archive").arg(demo.data().join(name)).arg(&data);
            succeeded(&copy.output().unwrap());
        }
        set_numbers_forward(&data.join("isds.db"));
        let restored = DemoOptions::default().folder(place.path()).start().unwrap();
        all_is_there(restored.address(), restored.binary(), &restored.ca(), accepted);
        numbers_are_not_given_again(restored.address(), &load.known());
    }
}

fn copy_of_sqlite(demo: &Demo, place: &Path, command: &str) {
    let places = [
        ("demo-data/isds.db", demo.data().join("isds.db")),
        ("/backup/isds.db", place.join("data/isds.db")),
    ];
    documented(
        command,
        &places.each_ref().map(|(named, at)| (*named, at.as_path())),
        None,
        "",
    );
}

fn copy_of_objects(demo: &Demo, place: &Path) {
    let places = [
        ("/var/lib/isds/objects", demo.data().join("objects")),
        ("/backup/objects", place.join("data/objects")),
    ];
    documented(
        "cp --archive /var/lib/isds/objects /backup/objects",
        &places.each_ref().map(|(named, at)| (*named, at.as_path())),
        None,
        "",
    );
}

fn set_numbers_forward(database: &Path) {
    let statement = "UPDATE message_numbers SET last = last + 1000000";
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations/backup.md");
    assert!(std::fs::read_to_string(document).unwrap().contains(statement));
    let mut sqlite = Command::new("sqlite3");
    succeeded(&sqlite.arg(database).arg(statement).output().unwrap());
}
