//! `isds serve` and `isds doctor`: production starts only from a configuration that is whole.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::PathBuf;
use std::process::{Command, Output};

use e2e::harness::{Demo, free_port, http, pause};
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
        5,
        "{said}"
    );
}

#[test]
fn serves() {
    let installation = installation();
    let port = free_port().unwrap();
    let config = installation
        .config()
        .replace("127.0.0.1:0", &format!("127.0.0.1:{port}"));
    let file = installation.folder.join("isds.toml");
    std::fs::write(&file, config).unwrap();
    let mut server = Command::new(&installation.binary)
        .args(["serve", "--config"])
        .arg(&file)
        .spawn()
        .unwrap();
    let ready = wait_until_ready(port);
    let clock = http::get(
        ([127, 0, 0, 1], port).into(),
        "/test/clock",
        std::time::Duration::from_secs(5),
    );
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(ready);
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
