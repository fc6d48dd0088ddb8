//! `docs/operations-table.md`: every operation with its place in the contract, its right, its codes and the tests that
//! produce them; every status code likewise.
//!
//! Codes and tests are what was really answered: `cargo xtask test golden` has every answer of its tests written down
//! (`common::answered`), and then this test compares the document with that. Run by itself it takes the codes from the
//! document, and checks all the rest of it.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use common::contract::{need, service};
use isds_core::operation::Operation;
use isds_core::status::{Evidence, Status};

/// The folder with what was answered, once all tests are over.
const RECORDED: &str = "ISDS_RECORDED_ANSWERS";
/// So many tests are named for a code of an operation; the most usual codes have dozens.
const NAMED: usize = 3;

/// Status codes that no call over SOAP is answered with in the tests, and why.
const ELSEWHERE: &[(Status, &str)] = &[];

const INTRODUCTION: &str = "\
# Operations and status codes

What of the contract is served, what it needs, what it answers, and which tests show it.

Made by `soap-api/tests/soap/operations_table.rs`; `UPDATE_GOLDEN=1 cargo xtask test golden` writes it anew from what the tests
are really answered, on both engines, and `cargo xtask test golden` fails where it differs. Tests are those of `soap-api`;
of each code the first three are named. What each kind of caller is answered stands in
`soap-api/tests/golden/authorization/table.md`, what is not served any more in `decisions/0016-older-operations.md`.

The column *needs* has the privileges in the numbers of the contract (1 read, 2 read personal, 4 send, 8 view lists and
delivery infos, 16 search, 32 administer the box, 128 erase from the vault); *system* is the administrator of the system,
*certificate* an application with a system certificate.
";

/// Operation → code → tests.
type Answers = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What the tests were answered.
fn recorded(folder: &Path) -> Answers {
    let mut answers = Answers::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for line in text.lines() {
            let [operation, code, test] = line.split('\t').collect::<Vec<_>>()[..] else {
                unreachable!("{line}");
            };
            let codes = answers.entry(operation.to_owned()).or_default();
            codes.entry(code.to_owned()).or_default().insert(test.to_owned());
        }
    }
    answers
}

/// What the document says that they were.
fn documented(document: &str) -> Answers {
    let mut answers = Answers::new();
    let mut operation = String::new();
    for line in document.lines() {
        if let Some(name) = line.strip_prefix("### ") {
            operation = name.to_owned();
        } else if let ["", code, tests, ""] = line.split('|').map(str::trim).collect::<Vec<_>>()[..]
            && code.bytes().all(|byte| byte.is_ascii_digit())
            && tests.starts_with('`')
        {
            let names = tests.split('`').filter(|name| name.contains("::")).map(str::to_owned);
            let codes = answers.entry(operation.clone()).or_default();
            codes.entry(code.to_owned()).or_default().extend(names);
        }
    }
    answers
}

/// The published WSDL files with the operations of each.
fn published() -> Vec<(String, Vec<String>)> {
    let names = [
        "dm_operations",
        "dm_info",
        "dm_VoDZ",
        "dm_arch",
        "db_search",
        "db_access",
        "db_manipulations",
        "isds_stat",
    ];
    let operations = |name: &str| {
        let text = std::fs::read_to_string(root().join(format!("wsdl/{name}.wsdl"))).unwrap();
        let bindings = text.find("<wsdl:binding").or_else(|| text.find("<binding")).unwrap();
        text[..bindings]
            .split("operation name=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .collect()
    };
    names
        .iter()
        .map(|name| ((*name).to_owned(), operations(name)))
        .collect()
}

fn tests(names: &BTreeSet<String>) -> String {
    let named: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    named.join(", ")
}

struct Document<'a> {
    answers: &'a Answers,
    text: String,
}

impl Document<'_> {
    fn overview(&mut self, wsdl: &str, names: &[String]) {
        let head = "| operation | endpoint | served | needs | codes |\n|---|---|---|---|---|\n";
        write!(self.text, "\n## {wsdl}\n\n{head}").unwrap();
        for name in names {
            let operation = Operation::ALL.iter().find(|operation| operation.name() == name);
            let codes = self.answers.get(name).into_iter().flat_map(BTreeMap::keys);
            let codes: Vec<&str> = codes.map(String::as_str).collect();
            let (endpoint, served, needs) = match operation {
                Some(operation) => (
                    format!("/DS/{}", service(operation.endpoint())),
                    "yes",
                    need(*operation),
                ),
                None => (String::new(), "no, 2006", String::new()),
            };
            writeln!(
                self.text,
                "| {name} | {endpoint} | {served} | {needs} | {} |",
                codes.join(" ")
            )
            .unwrap();
        }
    }

    fn tests_of(&mut self, operation: &str) {
        write!(self.text, "\n### {operation}\n\n| code | tests |\n|---|---|\n").unwrap();
        for (code, names) in self.answers.get(operation).into_iter().flatten() {
            writeln!(self.text, "| {code} | {} |", tests(names)).unwrap();
        }
    }

    /// By which operations a status is answered; empty where by none.
    fn operations_with(&self, status: &Status) -> Vec<&str> {
        let with = self
            .answers
            .iter()
            .filter(|(_, codes)| codes.contains_key(status.code()));
        with.map(|(operation, _)| operation.as_str()).collect()
    }

    fn statuses(&mut self) {
        self.text
            .push_str("\n## Status codes\n\n| code | source | text | operations |\n|---|---|---|---|\n");
        for status in Status::ALL {
            let source = match status.evidence() {
                Evidence::Documented => "contract",
                Evidence::OwnText => "contract, own text",
                Evidence::Inferred => "inferred",
            };
            let operations = self.operations_with(status);
            let elsewhere = ELSEWHERE.iter().find(|(other, _)| other == status);
            let operations = match (operations.as_slice(), elsewhere) {
                ([], Some((_, reason))) => (*reason).to_owned(),
                (all, _) if all.len() > 8 => format!("{} operations", all.len()),
                (all, _) => all.join(", "),
            };
            writeln!(
                self.text,
                "| {} | {source} | {} | {operations} |",
                status.code(),
                status.text()
            )
            .unwrap();
        }
    }
}

/// Every status is produced by a test of an operation, or is among those that cannot be.
fn assert_every_status_is_produced(answers: &Answers) {
    let produced: BTreeSet<&str> = answers.values().flat_map(BTreeMap::keys).map(String::as_str).collect();
    for status in Status::ALL {
        let elsewhere = ELSEWHERE.iter().any(|(other, _)| other == status);
        let produced = produced.contains(status.code());
        assert!(
            produced || elsewhere,
            "no test is answered {} ({})",
            status.code(),
            status.text()
        );
        assert!(
            !(produced && elsewhere),
            "{} is answered after all: take it out of ELSEWHERE",
            status.code()
        );
    }
    for code in produced {
        assert!(
            Status::ALL.iter().any(|status| status.code() == code),
            "{code} is in no table"
        );
    }
}

/// Whoever asks for what is not served is told 2006 and nothing else.
fn without_unknown_operations(answers: Answers) -> Answers {
    let known = |name: &str| Operation::ALL.iter().any(|operation| operation.name() == name);
    let (known, unknown): (Answers, Answers) = answers.into_iter().partition(|(name, _)| known(name));
    let mut answers = known;
    let mut tests = BTreeSet::new();
    for (name, codes) in unknown {
        assert!(
            codes.keys().eq(["2006"]),
            "{name} is no operation, and was answered {:?}",
            codes.keys()
        );
        tests.extend(codes.into_values().flatten());
    }
    if !tests.is_empty() {
        answers.insert(ANY_OTHER.to_owned(), BTreeMap::from([("2006".to_owned(), tests)]));
    }
    answers
}

const ANY_OTHER: &str = "any other name";

#[test]
fn the_table_of_operations_is_current() {
    let path = root().join("docs/operations-table.md");
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let answers = match std::env::var_os(RECORDED) {
        Some(folder) => without_unknown_operations(recorded(Path::new(&folder))),
        None => documented(&written),
    };
    assert_every_status_is_produced(&answers);
    let published = published();
    assert_eq!(
        published.iter().map(|(_, names)| names.len()).sum::<usize>(),
        77,
        "76 and NumOfMessages"
    );
    let in_wsdl = |name: &str| {
        published
            .iter()
            .any(|(_, names)| names.iter().any(|known| known == name))
    };
    let others = Operation::ALL.iter().map(|operation| operation.name().to_owned());
    let others: Vec<String> = others
        .filter(|name| !in_wsdl(name))
        .chain([ANY_OTHER.to_owned()])
        .collect();
    let mut document = Document {
        answers: &answers,
        text: INTRODUCTION.to_owned(),
    };
    for (wsdl, names) in &published {
        document.overview(&format!("{wsdl}.wsdl"), names);
    }
    document.overview("In no WSDL", &others);
    document.text.push_str("\n## Tests\n");
    for (_, names) in &published {
        names.iter().for_each(|name| document.tests_of(name));
    }
    others.iter().for_each(|name| document.tests_of(name));
    document.statuses();
    let text = document.text;
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let of = |one: &str, other: &str| {
        let known: BTreeSet<&str> = other.lines().collect();
        let lines = one.lines().filter(|line| !known.contains(line));
        lines.map(str::to_owned).collect::<Vec<_>>().join("\n")
    };
    assert!(
        text == written,
        "docs/operations-table.md is not current (UPDATE_GOLDEN=1 cargo xtask test golden). It lacks:\n{}\nand has too \
         much:\n{}",
        of(&text, &written),
        of(&written, &text)
    );
}
