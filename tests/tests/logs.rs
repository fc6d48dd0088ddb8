//! Logs: every event stands in `docs/logs.md`, and none tells of anybody.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use e2e::harness::{Demo, DemoOptions, MailSink, http, pause};
use e2e::persona::{Letter, Persona, soap};
use e2e::visitor::{File, Visitor};

const DOCUMENT: &str = include_str!("../../docs/logs.md");
/// Crates whose code runs in a server.
const CRATES: [&str; 7] = ["isds-core", "wire", "storage", "seal", "soap-api", "web", "server"];
const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];
const PATIENCE: Duration = Duration::from_secs(60);

/// An event: level, text, names of fields.
type Event = (String, String, BTreeSet<String>);

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// What stands between the bracket that is open and the one that closes it.
fn inside(text: &str) -> &str {
    let (mut depth, mut quoted, mut escaped) = (1, false, false);
    for (at, letter) in text.char_indices() {
        if quoted {
            quoted = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
            continue;
        }
        match letter {
            '"' => quoted = true,
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..at];
        }
    }
    panic!("a bracket that nothing closes: {}", &text[..60]);
}

/// The arguments of a macro: commas in brackets and texts part nothing.
fn arguments(text: &str) -> Vec<String> {
    let (mut depth, mut quoted) = (0, false);
    let mut found = vec![String::new()];
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                found.push(String::new());
                continue;
            }
            _ => {}
        }
        found.last_mut().unwrap().push(letter);
    }
    found.into_iter().map(|argument| argument.trim().to_owned()).collect()
}

fn event(level: &str, text: &str) -> Event {
    let mut message = String::new();
    let mut fields = BTreeSet::new();
    for argument in arguments(text) {
        if let Some(text) = argument.strip_prefix('"') {
            message = text.trim_end_matches('"').to_owned();
        } else if !argument.is_empty() {
            let name = argument.split('=').next().unwrap();
            fields.insert(name.trim().trim_start_matches(['%', '?']).to_owned());
        }
    }
    assert!(
        !message.is_empty() && !message.contains('{'),
        "a text of its own is needed: {text}"
    );
    (level.to_owned(), message, fields)
}

fn in_sources() -> BTreeSet<Event> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    CRATES
        .iter()
        .for_each(|name| sources(&root.join(name).join("src"), &mut files));
    let mut events = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        for level in LEVELS {
            let call = format!("tracing::{level}!(");
            let found = text
                .match_indices(&call)
                .map(|(at, _)| inside(&text[at + call.len()..]));
            events.extend(found.map(|text| event(level, text)));
        }
    }
    events
}

fn in_document() -> BTreeSet<Event> {
    let word = |cell: &str| cell.trim().trim_matches('`').to_owned();
    let rows = DOCUMENT
        .lines()
        .filter(|line| LEVELS.iter().any(|level| line.starts_with(&format!("| {level} |"))));
    rows.map(|line| {
        let cells: Vec<&str> = line.split('|').collect();
        assert!(!cells[4].trim().is_empty(), "nothing is said of what to do: {line}");
        let fields = cells[3]
            .split(',')
            .map(word)
            .filter(|field| !field.is_empty())
            .collect();
        (word(cells[1]), word(cells[2]), fields)
    })
    .collect()
}

#[test]
fn every_event_is_documented() {
    let (written, documented) = (in_sources(), in_document());
    assert!(written.len() > 50, "the sources were not read");
    let missing: Vec<_> = written.difference(&documented).collect();
    assert!(missing.is_empty(), "not in docs/logs.md: {missing:#?}");
    let gone: Vec<_> = documented.difference(&written).collect();
    assert!(gone.is_empty(), "in docs/logs.md and nowhere else: {gone:#?}");
}

/// Everything that happens in this test is told by these words, and by those of the demo's directory.
const SUBJECT: &str = "PredmetKterySeNeloguje";
const FILE: &str = "soubor-ktery-se-neloguje";
const CONTENT: &str = "obsah ktery se neloguje";
const PASSWORD: &str = "HesloKtereSeNeloguje1";
const STRANGER: &str = "cizinec77";
const ADDRESS: &str = "adresa.ktera.se.neloguje@vzor.example";

/// Words of the demo's directory, as the demo tells them when it starts: logins, names of people and of boxes.
fn of_the_directory(announced: &str) -> Vec<String> {
    let mut words = Vec::new();
    for line in announced.lines().filter(|line| line.starts_with("  ")) {
        let mut parts = line.split_whitespace();
        words.push(parts.next().unwrap().to_owned());
        words.push(parts.skip(1).collect::<Vec<_>>().join(" "));
    }
    assert!(words.len() > 20, "{announced}");
    let people = ["Novák", "Dvořáková", "Vzorná", "Vzorek", "Vzorov"];
    words.extend(people.map(str::to_owned));
    words
}

fn wrong_calls(demo: &Demo) {
    let address = demo.address();
    assert!(
        Persona::with_password(address, "novak01", PASSWORD)
            .list_sent(1)
            .is_err()
    );
    assert!(
        Persona::with_password(address, STRANGER, PASSWORD)
            .list_sent(1)
            .is_err()
    );
    let mut town = Persona::new(address, "mesto01");
    for (path, body) in [
        ("/DS/dz", soap(&format!("<{SUBJECT}/>"))),
        ("/DS/dz", format!("<Envelope><{SUBJECT}").into_bytes()),
        (
            "/DS/dx",
            soap(&format!(
                "<GetDeliveryInfo xmlns=\"http://isds.czechpoint.cz/v20\"><dmID>{SUBJECT}</dmID></GetDeliveryInfo>"
            )),
        ),
        (
            "/DS/df",
            soap(&format!(
                "<ISDSSearch3 xmlns=\"http://isds.czechpoint.cz/v20\"><searchText>{SUBJECT}</searchText></ISDSSearch3>"
            )),
        ),
    ] {
        // Some are refused, some find nothing.
        let _ = town.call(path, &body);
    }
    let mut bad = Letter::new("nvak22s", SUBJECT);
    bad.files = vec![(format!("{FILE}.exe"), CONTENT.into())];
    assert!(town.send(&bad).is_err());
}

#[test]
fn nothing_personal_is_logged() {
    // Nobody listens there at first: mails that fail are told as well.
    let mut sink = MailSink::stopped().unwrap();
    let demo = DemoOptions::default()
        .argument("--smtp")
        .argument(sink.url())
        .variable("ISDS_LOG_FORMAT", "json")
        .variable(
            "RUST_LOG",
            "info,sqlx=debug,isds=trace,isds_core=trace,wire=trace,storage=trace,seal=trace,soap_api=trace,web=trace",
        )
        .start()
        .unwrap();
    let announced = fs::read_to_string(demo.log()).unwrap();
    let address = demo.address();

    let mut novak = Visitor::new(address);
    assert!(novak.sign_in_with("novak01", PASSWORD).is_ok());
    novak.sign_in("novak01").unwrap();
    let page = novak.get("/b/nvak22s/settings/notices").unwrap();
    let form = page.form("input[name=address]").unwrap().fill("address", ADDRESS);
    novak.submit(&form).unwrap();

    wrong_calls(&demo);
    let mut letter = Letter::new("nvak22s", SUBJECT);
    letter.files = vec![(format!("{FILE}.txt"), CONTENT.into())];
    let mut town = Persona::new(address, "mesto01");
    let id = town.send(&letter).unwrap();
    let mut reader = Persona::new(address, "novak01");
    let begin = Instant::now();
    while reader.list_received(10).unwrap().iter().all(|record| record.id != id) {
        assert!(begin.elapsed() < PATIENCE, "the message does not come");
        pause();
    }
    reader.download_signed(&id).unwrap();

    // In the mailbox: read, write, search, verify, bring a table.
    for path in [
        "/b/nvak22s/received".to_owned(),
        format!("/b/nvak22s/messages/{id}"),
        format!("/b/nvak22s/messages?q={SUBJECT}"),
        format!("/{SUBJECT}?q={SUBJECT}"),
    ] {
        novak.get(&path).unwrap();
    }
    let mut clerk = Visitor::new(address);
    clerk.sign_in("mesto01").unwrap();
    let file = |name: String, mime: &str, content: &[u8]| File {
        name,
        mime: mime.to_owned(),
        content: content.to_owned(),
    };
    let page = clerk.get("/b/mesta2j/write").unwrap();
    let form = page
        .form("#write")
        .unwrap()
        .fill("to", "Jan Novák")
        .fill("subject", SUBJECT);
    clerk.submit(&form.press("search")).unwrap();
    let form = page.form("#write").unwrap().fill("subject", SUBJECT);
    let form = form.file(
        "file",
        file(format!("{FILE}.pdf"), "application/pdf", CONTENT.as_bytes()),
    );
    clerk.submit(&form.press("upload")).unwrap();
    let mut administrator = Visitor::new(address);
    administrator.sign_in("spravce01").unwrap();
    administrator.get("/admin/search?q=novak01").unwrap();
    let page = administrator.get("/admin/import").unwrap();
    let table = format!("dbType;firmName;adCity\nPO;{SUBJECT};{SUBJECT}\nXX;{SUBJECT};\n");
    let form = page.form("input[name=file]").unwrap();
    administrator
        .submit(&form.file("file", file(format!("{FILE}.csv"), "text/csv", table.as_bytes())))
        .unwrap();

    // The mail is tried, refused, and sent.
    let says = |text: &str| fs::read_to_string(demo.log()).unwrap().contains(text);
    let begin = Instant::now();
    while !says("a mail was not taken now") {
        assert!(begin.elapsed() < PATIENCE, "the mail is not tried");
        pause();
    }
    sink.serve().unwrap();
    assert!(!sink.wait_for(1).unwrap().is_empty());
    let forward = br#"{"advance_seconds":8640000}"#;
    let json = [("Content-Type", "application/json")];
    assert_eq!(
        http::post(address, "/test/clock", &json, forward, PATIENCE)
            .unwrap()
            .status,
        200
    );

    let session = novak.jar().get("isds_session").unwrap().value.clone();
    let log = fs::read_to_string(demo.log()).unwrap();
    let log: Vec<&str> = log.lines().filter(|line| line.starts_with('{')).collect();
    assert!(log.len() > 100, "hardly anything was logged: {}", log.len());
    let mut forbidden = of_the_directory(&announced);
    forbidden.extend(
        [
            SUBJECT,
            FILE,
            CONTENT,
            PASSWORD,
            STRANGER,
            ADDRESS,
            &session,
            "DemoHeslo2026",
            "Authorization",
        ]
        .map(str::to_owned),
    );
    forbidden.push(BASE64_STANDARD.encode("mesto01:DemoHeslo2026"));
    for word in forbidden {
        let leaks: Vec<_> = log.iter().filter(|line| line.contains(&word)).collect();
        assert!(leaks.is_empty(), "{word}: {leaks:#?}");
    }
}
