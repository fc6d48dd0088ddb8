//! The head of the trail of records is signed each hour of real time, and once after an outage, however long; what the trail
//! then says of itself to whoever checks it without the system.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use e2e::harness::{Demo, DemoOptions};
use e2e::persona::{Letter, Persona};
use e2e::visitor::Visitor;

use crate::clocks::faketime;
use crate::within;

/// Nodes look every few seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// A demo whose clock is moved, and programs that share it.
struct Shifted {
    folder: tempfile::TempDir,
    demo: Demo,
}

fn variables(clock: &Path) -> [(&'static str, String); 4] {
    [
        ("LD_PRELOAD", faketime()),
        ("FAKETIME_TIMESTAMP_FILE", clock.display().to_string()),
        ("FAKETIME_NO_CACHE", "1".to_owned()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
    ]
}

impl Shifted {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = folder.path().join("clock");
        fs::write(&clock, "+0\n").unwrap();
        let options = variables(&clock)
            .into_iter()
            .fold(DemoOptions::default(), |options, (name, value)| {
                options.variable(name, value)
            });
        Self {
            demo: options.start().unwrap(),
            folder,
        }
    }

    /// So many seconds after the test began.
    fn set_clock(&self, seconds: u32) {
        // In one step: a half-written one would be another time.
        let new = self.folder.path().join("new");
        fs::write(&new, format!("+{seconds}\n")).unwrap();
        fs::rename(new, self.folder.path().join("clock")).unwrap();
    }

    fn run(&self, arguments: &[&str], file: &Path) -> (Option<i32>, String) {
        let output = Command::new(self.demo.binary())
            .args(arguments)
            .arg(file)
            .envs(variables(&self.folder.path().join("clock")))
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    }

    /// The trail as it is taken at the machine, which signs nothing.
    fn export(&self) -> PathBuf {
        let file = self.folder.path().join("trail.jsonl");
        let database = format!("sqlite:{}", self.demo.data().join("isds.db").display());
        let (code, said) = self.run(&["audit", "export", "--database", &database], &file);
        assert_eq!(code, Some(0), "{said}");
        file
    }

    /// How many heads are signed, and how many calls of this kind the trail holds.
    fn heads(&self) -> (usize, usize) {
        let trail = fs::read_to_string(self.export()).unwrap();
        let heads = trail.lines().filter(|line| line.starts_with("{\"head\"")).count();
        (heads, trail.matches("\"CreateMessage\"").count())
    }

    /// Something is recorded, and in the trail when it is over.
    fn something_happens(&self) {
        let (_, before) = self.heads();
        let mut town = Persona::new(self.demo.address(), "mesto01");
        town.send(&Letter::new("kraj227", "Stopa")).unwrap();
        within(PATIENCE, "it is recorded", || self.heads().1 > before);
    }

    fn verify(&self, trail: &Path) -> (Option<i32>, String) {
        let ca = self.demo.ca();
        self.run(&["verify", "--trust", ca.to_str().unwrap(), "--audit"], trail)
    }
}

#[test]
fn the_head_of_the_trail_is_signed_each_hour_and_once_after_an_outage() {
    let mut system = Shifted::start();
    system.something_happens();
    within(PATIENCE, "the first head", || system.heads().0 == 1);
    system.set_clock(3500);
    system.something_happens();
    assert_eq!(system.heads().0, 1, "before the hour is over");
    system.set_clock(3700);
    within(PATIENCE, "the head of the second hour", || system.heads().0 == 2);

    // Nine hours without the system: one head covers them.
    system.something_happens();
    system.demo.terminate().unwrap();
    system.set_clock(9 * 3600);
    system.demo.restart().unwrap();
    within(PATIENCE, "the head after the outage", || system.heads().0 == 3);
    system.something_happens();
    let trail = system.export();
    assert_eq!(system.heads().0, 3, "no gap is filled");

    // What came after the last hour is chained and not signed: whole, and nobody vouches for its end.
    let (code, said) = system.verify(&trail);
    assert!(
        code == Some(3) && said.contains("signatures: 3") && said.contains("not signed: "),
        "{said}"
    );
    let mut administrator = Visitor::new(system.demo.address());
    administrator.sign_in("spravce01").unwrap();
    let page = administrator.get("/admin/audit/trail.jsonl").unwrap();
    assert_eq!(page.status, 200, "{page:?}");
    fs::write(&trail, page.source()).unwrap();
    let (code, said) = system.verify(&trail);
    assert!(
        code == Some(0) && said.contains("signatures: 4") && !said.contains("not signed"),
        "{said}"
    );

    // A head that is taken out of the middle is missed by nobody, since the next covers it; one record is.
    let text = fs::read_to_string(&trail).unwrap();
    let record = text.lines().find(|line| line.starts_with("{\"record\"")).unwrap();
    fs::write(&trail, text.replacen(&format!("{record}\n"), "", 1)).unwrap();
    assert_eq!(system.verify(&trail).0, Some(1));
}
