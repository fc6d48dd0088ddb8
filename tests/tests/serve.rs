//! `isds serve` and `isds doctor`: production starts only from a configuration that is whole.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::PathBuf;
use std::process::{Command, Output};

use e2e::harness::{Demo, Durability, PrivateCluster, free_port, http, pause};
use e2e::persona::{Persona, soap};

struct Installation {
    _demo: Demo,
    folder: PathBuf,
    binary: PathBuf,
}

/// A folder with keys to serve with: those of a demo do.
fn installation() -> Installation {
    let demo = Demo::start().unwrap();
    let binary = demo.binary().to_owned();
    let folder = demo.data();
    Installation {
        _demo: demo,
        folder,
        binary,
    }
}

impl Installation {
    fn config(&self) -> String {
        let at = |name: &str| self.folder.join(name).display().to_string();
        format!(
            "listen = \"127.0.0.1:0\"\ndatabase = \"sqlite:{}\"\nobjects = \"file:{}\"\nmaster_key = \"{}\"\n\
             tsa = \"http://127.0.0.1:9/tsr\"\ntrust = \"{}\"\nscanner = \"none\"\n\
             [seal]\ncertificate = \"{}\"\nkey = \"{}\"\n",
            at("serve.db"),
            at("serve-objects"),
            at("serve-master.key"),
            at("trust/ca.pem"),
            at("keys/seal.cert.pem"),
            at("keys/seal.key.pem"),
        )
    }

    fn run(&self, command: &str, config: &str) -> Output {
        let file = self.folder.join("isds.toml");
        std::fs::write(&file, config).unwrap();
        Command::new(&self.binary)
            .args([command, "--config"])
            .arg(file)
            .output()
            .unwrap()
    }
}

fn says(output: &Output, word: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(word), "{word}: {said}");
}

#[test]
fn refuses_what_is_unknown_half_or_wrong() {
    let installation = installation();
    let good = installation.config();
    for (from, to, word) in [
        ("scanner = \"none\"\n", "", "scanner"),
        ("scanner = \"none\"", "scanner = \"none\"\nsanner = 1", "sanner"),
        ("127.0.0.1:0", "0.0.0.0:0", "tls"),
        ("seal.key.pem", "tsa.key.pem", "key"),
        ("trust/ca.pem", "trust/none.pem", "none.pem"),
        ("sqlite:", "oracle:", "database"),
    ] {
        assert!(good.contains(from));
        says(&installation.run("serve", &good.replace(from, to)), word);
    }
}

#[test]
fn the_doctor_names_what_is_ill() {
    let installation = installation();
    let output = installation.run("doctor", &installation.config());
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    // Everything but the authority, at whose address nothing listens.
    assert!(!output.status.success());
    assert_eq!(said.matches("ILL").count(), 1, "{said}");
    assert!(said.contains("ILL   timestamp authority"), "{said}");
    assert_eq!(
        said.matches("\nok").count() + usize::from(said.starts_with("ok")),
        7,
        "{said}"
    );
}

/// Ten days before its end: the doctor, the log and the metrics say so, of this certificate and of no other.
#[test]
fn the_operator_is_told_of_a_certificate_that_ends() {
    let installation = installation();
    let at = |name: &str| installation.folder.join(name);
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "10",
            "-subj",
            "/CN=localhost",
        ])
        .arg("-keyout")
        .arg(at("ends.key"))
        .arg("-out")
        .arg(at("ends.pem"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let (port, metrics) = (free_port().unwrap(), free_port().unwrap());
    let listen = format!("\"127.0.0.1:{port}\"\nmetrics = \"127.0.0.1:{metrics}\"");
    let config = installation.config().replace("\"127.0.0.1:0\"", &listen)
        + &format!(
            "[tls]\ncertificate = \"{}\"\nkey = \"{}\"\n",
            at("ends.pem").display(),
            at("ends.key").display()
        );
    let said = installation.run("doctor", &config);
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("SOON  certificate of the listener: ends on 20"), "{said}");
    assert!(said.contains("ok    certificate of the seal: good until 20"), "{said}");
    let mut server = Command::new(&installation.binary)
        .args(["serve", "--config"])
        .arg(at("isds.toml"))
        .stderr(std::fs::File::create(at("serve.log")).unwrap())
        .spawn()
        .unwrap();
    let limit = std::time::Duration::from_secs(5);
    let figures = || http::get(([127, 0, 0, 1], metrics).into(), "/metrics", limit);
    let begin = std::time::Instant::now();
    let words = "a certificate of the installation ends soon";
    let (page, log) = loop {
        let (page, log) = (figures(), std::fs::read_to_string(at("serve.log")).unwrap());
        if (page.is_ok() && log.contains(words)) || begin.elapsed().as_secs() > 30 {
            break (page, log);
        }
        pause();
    };
    server.kill().unwrap();
    server.wait().unwrap();
    let page = page.unwrap().text();
    let left = |kind: &str| -> f64 {
        let sample = format!("isds_certificate_left_seconds{{kind=\"{kind}\"}} ");
        let (_, rest) = page.split_once(&sample).unwrap();
        rest.lines().next().unwrap().parse().unwrap()
    };
    let days = left("listener") / 86_400.0;
    assert!(days > 9.0 && days <= 10.0, "{days}");
    assert!(left("seal") / 86_400.0 > 1000.0);
    let told: Vec<&str> = (log.lines()).filter(|line| line.contains(words)).collect();
    assert_eq!(told.len(), 1, "{log}");
    assert!(told[0].contains("listener") && told[0].contains('9'), "{told:?}");
}

#[test]
fn serves() {
    let installation = installation();
    let (port, metrics) = (free_port().unwrap(), free_port().unwrap());
    let config = installation.config().replace(
        "\"127.0.0.1:0\"",
        &format!("\"127.0.0.1:{port}\"\nmetrics = \"127.0.0.1:{metrics}\""),
    );
    let file = installation.folder.join("isds.toml");
    std::fs::write(&file, config).unwrap();
    let mut server = Command::new(&installation.binary)
        .args(["serve", "--config"])
        .arg(&file)
        .spawn()
        .unwrap();
    let ready = wait_until_ready(port);
    let limit = std::time::Duration::from_secs(5);
    let figures = |port: u16| http::get(([127, 0, 0, 1], port).into(), "/metrics", limit);
    let (figures_here, figures_apart) = (figures(port), figures(metrics));
    let clock = http::get(
        ([127, 0, 0, 1], port).into(),
        "/test/clock",
        std::time::Duration::from_secs(5),
    );
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(ready);
    assert_eq!(
        figures_here.unwrap().status,
        404,
        "metrics have a listener of their own"
    );
    assert!(figures_apart.unwrap().text().contains("\nisds_build_info{version="));
    assert_eq!(
        clock.unwrap().status,
        404,
        "the test clock is closed unless the configuration opens it"
    );
}

fn wait_until_ready(port: u16) -> bool {
    let begin = std::time::Instant::now();
    while begin.elapsed().as_secs() < 30 {
        let answer = http::get(
            ([127, 0, 0, 1], port).into(),
            "/health/ready",
            std::time::Duration::from_secs(5),
        );
        if answer.is_ok_and(|answer| answer.status == 200) {
            return true;
        }
        pause();
    }
    false
}

/// The header and body of ChangeISDSPassword by an activation code, and the status that it is answered with.
fn choose_password(port: u16, login: &str, code: &str, password: &str) -> String {
    let body = soap(&format!(
        "<ChangeISDSPassword xmlns=\"http://isds.czechpoint.cz/v20\"><dbOldPassword>{code}</dbOldPassword>\
         <dbNewPassword>{password}</dbNewPassword></ChangeISDSPassword>"
    ));
    let mut person = Persona::with_password(([127, 0, 0, 1], port).into(), login, code);
    match person.call("/DS/DsManage", &body) {
        Ok(_) => "0000".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

#[test]
fn an_empty_installation_gets_its_first_administrator_once() {
    let installation = installation();
    let port = free_port().unwrap();
    let config = installation
        .config()
        .replace("127.0.0.1:0", &format!("127.0.0.1:{port}"));
    let file = installation.folder.join("isds.toml");
    std::fs::write(&file, config).unwrap();
    let run = |arguments: &[&str]| {
        let (command, rest) = arguments.split_first().unwrap();
        Command::new(&installation.binary)
            .args([command, "--config"])
            .arg(&file)
            .args(rest)
            .output()
            .unwrap()
    };
    let added = run(&["operator", "Jana", "Vzorová"]);
    let said = String::from_utf8(added.stdout).unwrap();
    assert!(added.status.success(), "{said}");
    let word = |line: &str| {
        said.lines()
            .find(|l| l.starts_with(line))
            .unwrap()
            .rsplit(' ')
            .next()
            .unwrap()
            .to_owned()
    };
    let (login, code) = (word("login"), word("activation code"));
    says(&run(&["operator", "Petr", "Vzorek"]), "administrator already");

    let mut server = Command::new(&installation.binary)
        .args(["serve", "--config"])
        .arg(&file)
        .spawn()
        .unwrap();
    assert!(wait_until_ready(port));
    assert_eq!(choose_password(port, &login, &code, "NoveHeslo2026"), "0000");
    let mut administrator = Persona::with_password(([127, 0, 0, 1], port).into(), &login, "NoveHeslo2026");
    let body = soap(
        "<CreateDataBox2 xmlns=\"http://isds.czechpoint.cz/v20\"><dbOwnerInfo><dbType>PO</dbType><ic>99912345</ic>\
         <firmName>Vzor, a.s.</firmName><adCity>Vzorov</adCity><adZipCode>10000</adZipCode><adState>CZ</adState>\
         </dbOwnerInfo><dbPrimaryUsers><dbUserInfo><pnGivenNames>Petr</pnGivenNames><pnLastName>Vzorek</pnLastName>\
         <biDate>1980-01-01</biDate><adCity>Vzorov</adCity><userType>PRIMARY_USER</userType></dbUserInfo></dbPrimaryUsers>\
         </CreateDataBox2>",
    );
    let created = administrator.call("/DS/DsManage", &body);
    server.kill().unwrap();
    server.wait().unwrap();
    let created = created.unwrap();
    let (_, rest) = created.split_once("<p:dbID>").unwrap();
    let box_id = &rest[..7];

    let certificate = installation.folder.join("keys/application.cert.pem");
    let certificate = certificate.to_str().unwrap();
    says(
        &run(&["certificate", "--box", "mesta2j", certificate]),
        "there is no box",
    );
    let registered = run(&["certificate", "--box", box_id, certificate]);
    assert!(registered.status.success());
    assert!(run(&["certificate", "--remove", certificate]).status.success());
    says(&run(&["certificate", "--remove", certificate]), "was not registered");
}

/// The example of the operators' document with the places of this installation in it.
fn documented_config(installation: &Installation, port: u16) -> String {
    let document = std::fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let (_, rest) = document.split_once("```toml\n").unwrap();
    let example = rest.split_once("```").unwrap().0;
    let own = installation
        .config()
        .replace("127.0.0.1:0", &format!("127.0.0.1:{port}"));
    let at = |name: &str| installation.folder.join(name).display().to_string();
    let files = [
        ("[tls]", "certificate", at("keys/tls.cert.pem")),
        ("[tls]", "key", at("keys/tls.key.pem")),
        ("[seal]", "certificate", at("keys/seal.cert.pem")),
        ("[seal]", "key", at("keys/seal.key.pem")),
        ("[seal]", "former", at("trust/ca.pem")),
    ];
    let mut table = String::new();
    let mut text = String::new();
    for line in example.lines() {
        if line.starts_with('[') {
            table = line.split_whitespace().next().unwrap().to_owned();
        }
        let key = line.split(" = ").next().unwrap();
        let file = files.iter().find(|(of, name, _)| *of == table && *name == key);
        let of_own = own
            .lines()
            .find(|own| table.is_empty() && own.split(" = ").next() == Some(key));
        match (file, of_own) {
            // Any key does: nothing is sealed under it.
            _ if key == "other_master_keys" => text += &format!("{key} = [\"{}\"]\n", at("master.key")),
            (Some((_, _, path)), _) => text += &format!("{key} = \"{path}\"\n"),
            (None, Some(own)) => text += &format!("{own}\n"),
            (None, None) => text += &format!("{line}\n"),
        }
    }
    text
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn serves_with_every_key_tells_its_manager_and_keeps_its_secrets() {
    let installation = installation();
    let keys = installation.folder.join("keys");
    // Any chain and key do for the listener.
    for kind in ["cert", "key"] {
        std::fs::copy(
            keys.join(format!("seal.{kind}.pem")),
            keys.join(format!("tls.{kind}.pem")),
        )
        .unwrap();
    }
    let file = installation.folder.join("isds.toml");
    std::fs::write(&file, documented_config(&installation, free_port().unwrap())).unwrap();
    let socket = installation.folder.join("notify");
    let manager = std::os::unix::net::UnixDatagram::bind(&socket).unwrap();
    manager
        .set_read_timeout(Some(std::time::Duration::from_secs(60)))
        .unwrap();
    let log = installation.folder.join("serve.log");
    let mut server = Command::new(&installation.binary)
        .args(["serve", "--config"])
        .arg(&file)
        .env("NOTIFY_SOCKET", &socket)
        .env("SMTP_PASSWORD", "Tajne+Heslo")
        .env("RUST_LOG", "debug")
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let told = || {
        let mut told = [0; 64];
        let length = manager.recv(&mut told).unwrap_or(0);
        String::from_utf8_lossy(&told[..length]).into_owned()
    };
    let ready = told();
    let asked = Command::new("kill").args(["-TERM", &server.id().to_string()]).status();
    let stopping = told();
    let ended = server.wait().unwrap();
    let said = std::fs::read_to_string(&log).unwrap();
    assert_eq!(
        (ready.as_str(), stopping.as_str()),
        ("READY=1\n", "STOPPING=1\n"),
        "{said}"
    );
    assert!(asked.unwrap().success() && ended.success(), "{said}");
    assert!(!said.contains("Tajne"), "{said}");
}

#[test]
fn a_wrong_password_of_the_database_is_in_no_log() {
    let installation = installation();
    let secret = installation.folder.join("db-password");
    std::fs::write(&secret, "Tajne/Heslo@2026\n").unwrap();
    let cluster = PrivateCluster::start_with(Durability::Unsynced).unwrap();
    cluster
        .execute("postgres", "CREATE ROLE isds LOGIN PASSWORD 'jine'")
        .unwrap();
    let wrong = cluster
        .url("no_such_database")
        .replace("postgres@", &format!("isds:${{file:{}}}@", secret.display()));
    let nobody = wrong.replace(&format!(":{}/", cluster.port()), ":1/");
    for url in [
        wrong,
        nobody,
        "postgres://isds:${NOT_SET_ANYWHERE}@127.0.0.1/isds".to_owned(),
    ] {
        let own = installation.config();
        let line = own.lines().find(|line| line.starts_with("database")).unwrap();
        let config = own.replace(line, &format!("database = \"{url}\""));
        for command in ["serve", "doctor"] {
            let output = installation.run(command, &config);
            let said = format!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
            assert!(!output.status.success() && said.contains("database"), "{said}");
            assert!(!said.contains("Tajne") && !said.contains("Heslo"), "{said}");
        }
    }
}

/// Directives of systemd that the unit may use: those of version 252, by section.
const DIRECTIVES: [(&str, &[&str]); 3] = [
    ("Unit", &["Description", "Wants", "After"]),
    (
        "Service",
        &[
            "Type",
            "NotifyAccess",
            "User",
            "Group",
            "ExecStart",
            "LoadCredential",
            "Environment",
            "Restart",
            "RestartSec",
            "TimeoutStartSec",
            "KillMode",
            "TimeoutStopSec",
            "LimitNOFILE",
            "StateDirectory",
            "StateDirectoryMode",
            "UMask",
            "PrivateTmp",
            "AmbientCapabilities",
            "CapabilityBoundingSet",
            "NoNewPrivileges",
            "ProtectSystem",
            "ProtectHome",
            "PrivateDevices",
            "ProtectClock",
            "ProtectControlGroups",
            "ProtectHostname",
            "ProtectKernelLogs",
            "ProtectKernelModules",
            "ProtectKernelTunables",
            "ProtectProc",
            "LockPersonality",
            "MemoryDenyWriteExecute",
            "RemoveIPC",
            "RestrictAddressFamilies",
            "RestrictNamespaces",
            "RestrictRealtime",
            "RestrictSUIDSGID",
            "SystemCallArchitectures",
            "SystemCallFilter",
            "SystemCallErrorNumber",
        ],
    ),
    ("Install", &["WantedBy"]),
];

#[test]
fn the_unit_for_systemd_and_the_image_name_what_there_is() {
    let unit = std::fs::read_to_string(root().join("docs/operations/isds.service")).unwrap();
    let mut section = "";
    for line in unit.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            continue;
        }
        let (directive, value) = line.split_once('=').unwrap();
        let known = DIRECTIVES.iter().find(|(name, _)| *name == section).unwrap().1;
        assert!(known.contains(&directive) && !value.is_empty(), "{section}: {line}");
    }
    for needed in [
        "Type=notify",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "isds serve --config",
    ] {
        assert!(unit.contains(needed), "{needed}");
    }
    // Where systemd is at hand, it judges by itself; but for paths of another machine.
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join("isds.service");
    std::fs::write(&here, unit.replace("/usr/local/bin/isds", "/bin/true")).unwrap();
    if let Ok(judged) = Command::new("systemd-analyze").arg("verify").arg(&here).output() {
        let said = String::from_utf8_lossy(&judged.stderr);
        assert!(!said.contains("isds.service:"), "{said}");
    }

    let image = std::fs::read_to_string(root().join("Dockerfile")).unwrap();
    let mut user = "root";
    for line in image.lines() {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("COPY") => {
                let words: Vec<_> = words.collect();
                let (_, sources) = words.split_last().unwrap();
                let built = sources.iter().any(|word| word.starts_with("--from="));
                for source in sources.iter().filter(|word| !built && !word.starts_with("--")) {
                    assert!(root().join(source).exists(), "{line}");
                }
            }
            Some("FROM") => assert!(!words.next().unwrap().contains('/'), "{line}"),
            Some("USER") => user = words.next().unwrap(),
            _ => {}
        }
    }
    assert_ne!(user, "root");
}

/// Content of messages and of objects is looked at beside a demo that runs.
#[test]
fn the_doctor_looks_at_all_content() {
    let installation = installation();
    let at = |name: &str| installation.folder.join(name).display().to_string();
    let config = installation
        .config()
        .replace(&at("serve.db"), &at("isds.db"))
        .replace(&at("serve-objects"), &at("objects"))
        .replace(&at("serve-master.key"), &at("master.key"));
    let file = installation.folder.join("isds.toml");
    std::fs::write(&file, config).unwrap();
    let deep = |more: &[&str]| {
        let output = Command::new(&installation.binary)
            .args(["doctor", "--deep", "--config"])
            .arg(&file)
            .args(more)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let said = deep(&[]);
    assert!(
        said.contains("ok    content: ") && said.contains(" 0 things wrong"),
        "{said}"
    );
    let objects = installation.folder.join("objects");
    let one = objects_in(&objects).into_iter().next().unwrap();
    let mut bytes = std::fs::read(&one).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&one, bytes).unwrap();
    let said = deep(&[]);
    let name = one.file_name().unwrap().to_str().unwrap();
    assert!(said.contains(&format!("object {name} is damaged")), "{said}");
    assert!(said.contains("ILL   content: "), "{said}");
    let said = deep(&["--from", "999999999999"]);
    assert!(said.contains("ok    content: 0 messages read"), "{said}");
}

fn objects_in(folder: &std::path::Path) -> Vec<PathBuf> {
    let folders = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = folders
        .filter(|path| path.is_dir())
        .flat_map(|path| std::fs::read_dir(path).unwrap());
    let mut files: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| !path.to_string_lossy().contains('#'));
    files.sort();
    files
}

/// The rotation is killed in its middle and called again.
#[test]
fn a_master_key_takes_anothers_place() {
    let installation = installation();
    let at = |name: &str| installation.folder.join(name);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let url = format!("file:{}", at("serve-objects").display());
    let former = storage::objects::MasterKey::load_or_create(&at("former.key")).unwrap();
    runtime.block_on(async {
        let objects = storage::objects::open(&url, former.clone()).await.unwrap();
        let put = |n: usize| {
            let objects = std::sync::Arc::clone(&objects);
            tokio::spawn(async move { objects.put(vec![n as u8; 3000].into()).await.unwrap() })
        };
        let writing: Vec<_> = (0..1500).map(put).collect();
        for written in writing {
            written.await.unwrap();
        }
    });
    let with_both = format!("other_master_keys = [\"{}\"]\n", at("former.key").display());
    says(
        &installation.run("rotate-master-key", &installation.config()),
        "other_master_keys",
    );
    let file = at("rotation.toml");
    std::fs::write(&file, with_both + &installation.config()).unwrap();
    let rotation = || {
        let mut command = Command::new(&installation.binary);
        command.args(["rotate-master-key", "--config"]).arg(&file);
        command
    };
    let all = objects_in(&at("serve-objects"));
    let key_of = |path: &PathBuf| {
        std::fs::read(path)
            .map(|bytes| bytes[16..24].to_vec())
            .unwrap_or_default()
    };
    let old = key_of(&all[0]);
    let moved = || all.iter().filter(|path| key_of(path) != old).count();
    let mut begun = rotation().stdout(std::process::Stdio::null()).spawn().unwrap();
    let begin = std::time::Instant::now();
    while moved() < 20 {
        assert!(begin.elapsed().as_secs() < 60, "nothing happens");
        pause();
    }
    begun.kill().unwrap();
    begun.wait().unwrap();
    let before = moved();
    assert!((20..all.len()).contains(&before), "{before}");

    let ended = rotation().output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(ended.status.success() && said.contains("is needed no longer"), "{said}");
    assert!(
        said.contains(&format!("{} put under the key", all.len() - before)),
        "{before}: {said}"
    );
    assert_eq!(moved(), all.len());
    // Without the former key.
    runtime.block_on(async {
        let key = storage::objects::MasterKey::load(&at("serve-master.key")).unwrap();
        let objects = storage::objects::open(&url, key).await.unwrap();
        for path in all {
            let id = isds_core::ids::ObjectId(path.file_name().unwrap().to_str().unwrap().to_owned());
            assert!(objects.read(&id, 0, 3000).await.is_ok(), "{id}");
        }
    });
}
