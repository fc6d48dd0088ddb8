//! The trail of who did what as a file: exported at the machine and from the console, checked without the system, and what
//! is altered in it noticed. What a SIGKILL takes of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use e2e::harness::{Demo, pause};
use e2e::persona::{CallError, Letter, Persona, soap};
use e2e::visitor::Visitor;

/// Longest wait for what happens within a second or two.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder to write trails into, and the demo that they come from.
struct Trails<'a> {
    demo: &'a Demo,
    folder: tempfile::TempDir,
}

impl<'a> Trails<'a> {
    fn of(demo: &'a Demo) -> Self {
        Self {
            demo,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn write(&self, text: &str) -> PathBuf {
        let file = self.folder.path().join("trail.jsonl");
        std::fs::write(&file, text).unwrap();
        file
    }

    /// The trail as it is taken at the machine, beside the running demo.
    fn export(&self) -> String {
        let file = self.folder.path().join("exported.jsonl");
        let database = format!("sqlite:{}", self.demo.data().join("isds.db").display());
        let output = Command::new(self.demo.binary())
            .args(["audit", "export", "--database", &database])
            .arg(&file)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        std::fs::read_to_string(file).unwrap()
    }

    /// Exports until the trail has what is waited for.
    fn export_with(&self, what: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let text = self.export();
            if what(&text) {
                return text;
            }
            assert!(Instant::now() < end, "{text}");
            pause();
        }
    }

    /// Exit code and output of `isds verify --audit`.
    fn verify(&self, file: &Path, more: &[&str]) -> (i32, String) {
        let output = Command::new(self.demo.binary())
            .args(["verify", "--audit"])
            .arg(file)
            .args(more)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap(), said)
    }

    fn judge(&self, text: &str) -> (i32, String) {
        let ca = self.demo.ca();
        self.verify(&self.write(text), &["--trust", ca.to_str().unwrap()])
    }
}

/// The trail from the console; its end is signed.
fn from_the_console(administrator: &mut Visitor) -> String {
    let page = administrator.get("/admin/audit/trail.jsonl").unwrap();
    assert_eq!(page.status, 200, "{page:?}");
    page.source()
}

fn kind(line: &str) -> &str {
    line.split('"').nth(1).unwrap_or_default()
}

/// Numbers of the lines of a kind.
fn lines_of(lines: &[String], wanted: &str) -> Vec<usize> {
    (0..lines.len()).filter(|&n| kind(&lines[n]) == wanted).collect()
}

/// The value of a member of a line.
fn member<'t>(line: &'t str, name: &str) -> &'t str {
    let (_, rest) = line.split_once(&format!("\"{name}\":\"")).unwrap();
    rest.split_once('"').unwrap().0
}

fn joined(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Some calls of different people, one of them refused.
fn calls(demo: &Demo) -> String {
    let mut town = Persona::new(demo.address(), "mesto01");
    let id = town.send(&Letter::new("kraj227", "Stopa")).unwrap();
    let refused = town.send(&Letter::new("zrus22r", "Nedojde"));
    assert!(matches!(refused, Err(CallError::Refused { .. })), "{refused:?}");
    for _ in 0..5 {
        town.list_sent(10).unwrap();
    }
    id
}

/// More calls, which are in the trail when it is over.
fn calls_are_written(trails: &Trails<'_>) {
    let count = |text: &str| text.matches("\"CreateMessage\"").count();
    let before = count(&trails.export());
    calls(trails.demo);
    trails.export_with(|text| count(text) > before);
}

#[test]
fn a_trail_is_checked_without_the_system_and_every_change_is_seen() {
    let demo = Demo::start().unwrap();
    let trails = Trails::of(&demo);
    calls(&demo);
    trails.export_with(|text| text.contains("\"CreateMessage\"") && text.contains("{\"head\""));
    let mut administrator = Visitor::new(demo.address());
    administrator.sign_in("spravce01").unwrap();
    from_the_console(&mut administrator);
    calls_are_written(&trails);
    let whole = from_the_console(&mut administrator);
    let (code, said) = trails.judge(&whole);
    assert_eq!(code, 0, "{said}");
    for word in ["valid and trusted", "from:", "to:", "records:", "calls:", "signed by:"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    // Who, box, operation, result, address, time; of calls and of what people did.
    let line = whole.lines().find(|line| line.contains("\"CreateMessage\"")).unwrap();
    for part in [
        "\"dbID\":\"mesta2j\"",
        "\"isdsID\":",
        "\"outcome\":0",
        "\"address\":\"127.0.0.1\"",
        "\"at\":\"20",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
    let signed_in = whole.lines().find(|line| line.contains("\"signed-in\"")).unwrap();
    assert!(signed_in.contains("\"address\":\"127.0.0.1\""), "{signed_in}");
    assert!(
        !whole.to_lowercase().contains("aifo") && !whole.contains("Stopa"),
        "{whole}"
    );

    let (code, said) = trails.verify(&trails.write(&whole), &["--json"]);
    assert!(code == 3 && said.contains("\"exitCode\":3"), "{said}");
    let other = Demo::start().unwrap();
    let (code, said) = trails.verify(&trails.write(&whole), &["--trust", other.ca().to_str().unwrap()]);
    assert_eq!(code, 1, "{said}");
    assert_eq!(trails.judge("{}\n").0, 2);
    assert_eq!(trails.judge("").0, 2);
    assert_eq!(trails.verify(Path::new("/nonexistent"), &[]).0, 2);
    every_change_is_seen(&trails, &whole);
}

fn every_change_is_seen(trails: &Trails<'_>, whole: &str) {
    let lines: Vec<String> = whole.lines().map(str::to_owned).collect();
    let (records, batches) = (lines_of(&lines, "record"), lines_of(&lines, "calls"));
    let (seals, heads) = (lines_of(&lines, "seal"), lines_of(&lines, "head"));
    assert!(records.len() > 2 && batches.len() > 1 && seals.len() > 2 && heads.len() > 1);
    let changed = |what: &str, change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        let (code, said) = trails.judge(&joined(&lines));
        assert!(code == 1 && said.contains("FAILED"), "{what}: {code} {said}");
    };
    let replace = |lines: &mut Vec<String>, at: usize, from: &str, to: &str| {
        assert!(lines[at].contains(from), "{}", lines[at]);
        lines[at] = lines[at].replacen(from, to, 1);
    };
    changed("a record is altered", &|lines| {
        let real = member(&lines[records[1]], "real").to_owned();
        replace(lines, records[1], &real, "2020-01-01T00:00:00Z");
    });
    changed("an address is taken away", &|lines| {
        let with = *records.iter().find(|&&n| lines[n].contains("\"address\"")).unwrap();
        let address = format!(",\"address\":\"{}\"", member(&lines[with], "address"));
        replace(lines, with, &address, "");
    });
    changed("a call is altered", &|lines| {
        let with = *batches.iter().find(|&&n| lines[n].contains("\"mesta2j\"")).unwrap();
        replace(lines, with, "\"mesta2j\"", "\"kraj227\"");
    });
    changed("a seal is altered", &|lines| {
        let sealed = member(&lines[seals[1]], "sealed").to_owned();
        replace(lines, seals[1], &sealed, "2020-01-01T00:00:00Z");
    });
    for (what, at) in [
        ("a record", records[1]),
        ("calls", batches[0]),
        ("a seal", seals[1]),
        ("the first seal", seals[0]),
        ("a signature", heads[0]),
        ("the beginning of the chain", records[0]),
        ("the end", lines.len() - 1),
    ] {
        if what == "the beginning of the chain" {
            changed(what, &|lines| drop(lines.drain(1..=seals[0])));
        } else {
            changed(what, &|lines| drop(lines.remove(at)));
        }
        changed(what, &|lines| lines.insert(at, lines[at].clone()));
    }
    changed("records change places", &|lines| lines.swap(records[0], records[1]));
    changed("the last lines are missing", &|lines| lines.truncate(lines.len() - 5));
    changed("a signature of another seal", &|lines| {
        let (one, two) = (
            member(&lines[heads[0]], "signature").to_owned(),
            member(&lines[heads[1]], "signature").to_owned(),
        );
        replace(lines, heads[0], &one, &two);
    });
    changed("a signature that is none", &|lines| {
        let signature = member(&lines[heads[0]], "signature").to_owned();
        let half = signature.len() / 2;
        let other = if signature.as_bytes()[half] == b'A' { "B" } else { "A" };
        let broken = format!("{}{other}{}", &signature[..half], &signature[half + 1..]);
        replace(lines, heads[0], &signature, &broken);
    });
    changed("a line from elsewhere", &|lines| {
        lines.insert(3, "{\"note\":1}".to_owned());
    });
    let (code, said) = trails.judge(&whole[..whole.len() * 2 / 3]);
    assert_eq!(code, 1, "cut off in a line: {said}");
    // What came behind the last signature was signed by nobody, however well the chain holds.
    calls_are_written(trails);
    let (code, said) = trails.judge(&trails.export());
    assert!(code == 3 && said.contains("not signed"), "{said}");
}

#[test]
fn a_kill_takes_no_record_of_a_change_and_nothing_of_what_was_written() {
    let mut demo = Demo::start().unwrap();
    let address = demo.address();
    calls(&demo);
    let before = {
        let trails = Trails::of(&demo);
        trails.export_with(|text| text.contains("\"CreateMessage\""))
    };
    // A change is recorded before it is answered: the kill comes right behind the answer.
    let mut administrator = Persona::new(address, "spravce01");
    let body =
        soap("<DisableOwnDataBox2 xmlns=\"http://isds.czechpoint.cz/v20\"><dbID>nvak22s</dbID></DisableOwnDataBox2>");
    administrator.call("/DS/DsManage", &body).unwrap();
    demo.kill_hard().unwrap();
    let sealed: Vec<&str> = before.lines().filter(|line| kind(line) == "seal").collect();
    demo.restart().unwrap();
    let trails = Trails::of(&demo);
    let after = trails.export_with(|text| {
        text.lines()
            .any(|line| line.contains("\"box-disabled\"") && line.contains("\"nvak22s\""))
    });
    assert!(sealed.iter().all(|seal| after.contains(seal)), "a seal is gone");
    let calls = |text: &str| text.matches("\"CreateMessage\"").count();
    assert!(!sealed.is_empty() && calls(&before) <= calls(&after));
    let (code, said) = trails.judge(&after);
    assert!(code == 0 || code == 3, "{said}");
}
