//! What monitoring reads is what `docs/metrics.md` says, and it counts what happened.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use e2e::harness::{Demo, http, pause};
use e2e::persona::{Letter, Persona};
use e2e::visitor::Visitor;

const LIMIT: Duration = Duration::from_secs(20);
const DOCUMENT: &str = include_str!("../../docs/metrics.md");

/// Type and names of labels.
type Known = BTreeMap<String, (String, BTreeSet<String>)>;

/// A sample: name, labels, value.
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

fn documented() -> Known {
    let word = |cell: &str| cell.trim().trim_matches('`').to_owned();
    let mut known = Known::new();
    for line in DOCUMENT.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.split('|').collect();
        let labels = cells[3]
            .split(',')
            .map(word)
            .filter(|label| !label.is_empty())
            .collect();
        let before = known.insert(word(cells[1]), (word(cells[2]), labels));
        assert!(before.is_none(), "twice: {line}");
    }
    known
}

fn page(address: SocketAddr) -> String {
    let answer = http::get(address, "/metrics", LIMIT).unwrap();
    assert_eq!(answer.status, 200);
    let kind = answer.header("content-type").unwrap().to_owned();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    answer.text()
}

fn samples(page: &str) -> Vec<Sample> {
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (key, value) = line.rsplit_once(' ').unwrap();
            let (name, labels) = key.trim_end_matches('}').split_once('{').unwrap_or((key, ""));
            let labels = labels.split(',').filter(|label| !label.is_empty()).map(|label| {
                let (name, value) = label.split_once('=').unwrap();
                (name.to_owned(), value.trim_matches('"').to_owned())
            });
            Sample {
                name: name.to_owned(),
                labels: labels.collect(),
                value: value.parse().unwrap(),
            }
        })
        .collect()
}

/// Types as the page declares them, and labels as its samples carry them.
fn printed(page: &str) -> Known {
    let mut known = Known::new();
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            known.insert(name.to_owned(), (kind.to_owned(), BTreeSet::new()));
        }
    }
    for sample in samples(page) {
        let suffixes = ["", "_total", "_bucket", "_sum", "_count", "_info"];
        let family = suffixes
            .iter()
            .filter_map(|suffix| sample.name.strip_suffix(suffix))
            .find(|name| known.contains_key(*name));
        let family = family.unwrap_or_else(|| panic!("a sample without a type: {}", sample.name));
        let labels = sample.labels.into_keys().filter(|label| label != "le");
        known.get_mut(family).unwrap().1.extend(labels);
    }
    known
}

fn value(page: &str, name: &str, labels: &[(&str, &str)]) -> f64 {
    let fits = |sample: &Sample| {
        let has = |(label, value): &(&str, &str)| sample.labels.get(*label).is_some_and(|found| found == value);
        sample.name == name && labels.iter().all(has)
    };
    samples(page).into_iter().filter(fits).map(|sample| sample.value).sum()
}

#[test]
fn the_document_and_the_page_are_one() {
    let demo = Demo::start().unwrap();
    let address = demo.address();
    let mut town = Persona::new(address, "mesto01");
    let id = town.send(&Letter::new("nvak22s", "Výzva")).unwrap();
    let mut novak = Persona::new(address, "novak01");
    let begin = Instant::now();
    while novak.list_received(10).unwrap().iter().all(|record| record.id != id) {
        assert!(begin.elapsed() < LIMIT, "the message does not come");
        pause();
    }
    assert!(
        Persona::with_password(address, "novak01", "WrongHeslo1")
            .list_received(1)
            .is_err()
    );
    assert!(town.call("/DS/dz", &e2e::persona::soap("<NoSuchThing/>")).is_err());
    Visitor::new(address).sign_in("novak01").unwrap();

    let page = page(address);
    assert!(page.ends_with("# EOF\n"));
    let (documented, printed) = (documented(), printed(&page));
    let missing: Vec<_> = printed.keys().filter(|name| !documented.contains_key(*name)).collect();
    assert!(missing.is_empty(), "not documented: {missing:?}");
    let gone: Vec<_> = documented.keys().filter(|name| !printed.contains_key(*name)).collect();
    assert!(gone.is_empty(), "documented and not there: {gone:?}");
    for (name, facts) in &documented {
        assert_eq!(facts, &printed[name], "{name}");
    }

    let count = |name: &str, labels: &[(&str, &str)]| value(&page, name, labels);
    let ok = |operation| count("isds_calls_total", &[("operation", operation), ("code", "0000")]);
    assert_eq!(ok("CreateMessage"), 1.0);
    assert!(ok("GetListOfReceivedMessages") >= 1.0);
    assert_eq!(
        count("isds_calls_total", &[("operation", "none"), ("code", "401")]),
        1.0
    );
    assert!(
        count("isds_calls_total", &[("operation", "none")]) >= 2.0,
        "an operation that there is not"
    );
    assert_eq!(
        count("isds_call_duration_seconds_count", &[("operation", "CreateMessage")]),
        1.0
    );
    let sign_ins = |way, outcome| count("isds_sign_ins_total", &[("way", way), ("outcome", outcome)]);
    assert_eq!(sign_ins("services", "wrong"), 1.0);
    assert_eq!(sign_ins("mailbox", "right"), 1.0);
    assert!(
        count(
            "isds_accepted_messages_total",
            &[("kind", "public"), ("size", "ordinary")]
        ) >= 1.0
    );
    assert!(
        count(
            "isds_jobs_worked_on_total",
            &[("kind", "process-message"), ("outcome", "done")]
        ) >= 1.0
    );
    assert_eq!(count("isds_gathering_failed", &[]), 0.0);
    assert_eq!(count("isds_part_failures_total", &[]), 0.0);
    assert!(
        count(
            "isds_part_duration_seconds_count",
            &[("part", "authority"), ("action", "stamp")]
        ) >= 1.0
    );
    assert!(count("isds_received_bytes_total", &[]) > 1000.0 && count("isds_sent_bytes_total", &[]) > 1000.0);
    assert!(count("isds_connections", &[]) >= 1.0);
    assert!(count("process_resident_memory_bytes", &[]) > 1e6);
    for word in ["nvak22s", "novak01", "mesta2j", "Novák"] {
        assert!(!page.contains(word), "{word}");
    }
}
