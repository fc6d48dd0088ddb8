//! Clocks: the machine's, which have to agree, and the test clock, which all nodes follow.

use std::fs;
use std::thread;
use std::time::Duration;

use e2e::harness::http;
use e2e::persona::{Letter, Persona};

use crate::{get, two_nodes, within};

/// Debian's place of libfaketime for programs with threads.
pub fn faketime() -> String {
    let folders = fs::read_dir("/usr/lib").unwrap().flatten();
    let mut found = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    found.find(|library| library.exists()).unwrap().display().to_string()
}

#[test]
fn a_node_whose_clock_differs_answers_no_calls_until_it_agrees() {
    let (mut fleet, _cluster) = two_nodes("");
    let file = fleet.folder().join("faketime");
    let set_clock = |shift: &str| fs::write(&file, shift).unwrap();
    set_clock("+0\n");
    let node = fleet.node_mut(1);
    node.terminate().unwrap();
    for (name, value) in [
        ("LD_PRELOAD", faketime().as_str()),
        ("FAKETIME_TIMESTAMP_FILE", &file.display().to_string()),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ] {
        node.set_variable(name, value);
    }
    node.start().unwrap();
    let (good, shifted) = (fleet.node(0).address(), fleet.node(1).address());

    for (shift, way) in [("+3.5\n", "ahead of"), ("-3.5\n", "behind")] {
        set_clock(shift);
        within(Duration::from_secs(10), "it notices", || {
            get(shifted, "/health/ready").status == 503
        });
        let said = get(shifted, "/health/ready").text();
        assert!(
            said.starts_with("the clock of this node is 3.") && said.contains(way),
            "{said}"
        );
        assert_eq!(get(shifted, "/health/live").status, 200);
        let refused = get(shifted, "/sign-in");
        assert_eq!(refused.status, 503);
        assert!(refused.header("retry-after").is_some());
        assert!(
            Persona::new(shifted, "mesto01")
                .send(&Letter::new("nvak22s", "ne"))
                .is_err()
        );
        // The other one is none the worse for it.
        assert_eq!(get(good, "/health/ready").status, 200);
        Persona::new(good, "mesto01")
            .send(&Letter::new("nvak22s", "ano"))
            .unwrap();

        set_clock("+0\n");
        within(Duration::from_secs(10), "it comes back", || {
            get(shifted, "/health/ready").status == 200
        });
        Persona::new(shifted, "mesto01")
            .send(&Letter::new("nvak22s", "zase"))
            .unwrap();
    }
    let log = fs::read_to_string(fleet.node(1).service().log()).unwrap();
    assert_eq!(log.matches("differs from that of the database").count(), 2, "{log}");
}

#[test]
fn the_test_clock_is_everywhere_when_it_has_answered() {
    let (mut fleet, _cluster) = two_nodes("");
    let id = Persona::new(fleet.node(0).address(), "mesto01")
        .send(&Letter::new("nvak22s", "fikce"))
        .unwrap();
    let now = |number: usize| get(fleet.node(number).address(), "/test/clock").text();
    let before = now(1);
    fleet.advance(0, 20 * 86_400).unwrap();
    let (here, there) = (now(0), now(1));
    assert!(there > before && here[..20] == there[..20], "{before} {here} {there}");
    assert_eq!(crate::state(fleet.node(1).address(), "mesto01", &id), 5, "fiction");

    // Two who wind it at once do not wait for each other for ever, and both turns count.
    let wind = |number: usize| {
        let address = fleet.node(number).address();
        let headers = [("Content-Type", "application/json")];
        let body = br#"{"advance_seconds":86400}"#;
        http::post(address, "/test/clock", &headers, body, Duration::from_secs(60))
            .unwrap()
            .status
    };
    let before = now(0);
    let statuses = thread::scope(|scope| {
        let one = scope.spawn(|| wind(0));
        let other = scope.spawn(|| wind(1));
        (one.join().unwrap(), other.join().unwrap())
    });
    assert_eq!(statuses, (200, 200));
    let day = |text: &str| {
        text.split("\"now\":\"").nth(1).unwrap()[..10]
            .parse::<jiff::civil::Date>()
            .unwrap()
    };
    assert_eq!((day(&now(0)) - day(&before)).get_days(), 2, "{before} {}", now(0));
    assert_eq!(day(&now(0)), day(&now(1)));

    // One that died is not waited for.
    fleet.node_mut(1).kill_hard().unwrap();
    fleet.advance(0, 86_400).unwrap();
}
