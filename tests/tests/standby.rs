//! The database goes away under load: killed and started again, vanished without a word, or lost for good and its
//! synchronous standby promoted.
//! What was answered 0000 is there, whole, exactly once; what was answered meanwhile was quick and clean.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use e2e::harness::{Fleet, FleetOptions, Forwarder, PrivateCluster, http, pause};
use e2e::persona::{CallError, Letter, Persona};

/// An answer that the database is not there takes no longer: the time that a call waits for a connection, and some.
const QUICK: Duration = Duration::from_secs(15);

/// What is known of the letters that were sent.
#[derive(Default)]
struct Sent {
    /// Number by subject.
    accepted: HashMap<String, String>,
    /// What came instead of a number, and after how long.
    failed: HashMap<String, (String, Duration)>,
}

fn send_on(node: SocketAddr, name: &str, over: &AtomicBool, sent: &Mutex<Sent>) {
    let mut sender = Persona::new(node, "mesto01");
    for turn in 0.. {
        if over.load(Ordering::SeqCst) {
            return;
        }
        let subject = format!("{name}-{turn}");
        let mut letter = Letter::new("nvak22s", &subject);
        if turn % 4 == 1 {
            letter = letter.of_size(300_000);
        }
        let begun = Instant::now();
        let answer = sender.send(&letter);
        let took = begun.elapsed();
        let mut sent = sent.lock().unwrap();
        match answer {
            Ok(id) => {
                sent.accepted.insert(subject, id);
            }
            // A status of the table or a status of HTTP: nobody is left without an answer, and nobody sees internals.
            Err(error @ (CallError::Refused { .. } | CallError::Http(500..=503, _))) => {
                let said = format!("{error:?}");
                for internal in ["sqlx", "postgres", "Connection refused", "os error", "panicked"] {
                    assert!(!said.contains(internal), "{said}");
                }
                sent.failed.insert(subject, (said, took));
                drop(sent);
                pause();
            }
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// Sends over both nodes while the database is away.
fn while_sending(fleet: &Fleet, work: impl FnOnce(&dyn Fn(usize))) -> Sent {
    let (over, sent) = (AtomicBool::new(false), Mutex::new(Sent::default()));
    thread::scope(|scope| {
        let mut senders = Vec::new();
        for (number, node) in fleet.nodes().iter().enumerate() {
            for sender in 0..2 {
                let (over, sent, node) = (&over, &sent, node.address());
                senders.push(scope.spawn(move || send_on(node, &format!("{number}-{sender}"), over, sent)));
            }
        }
        let more_go_through = |count: usize| {
            let now = || sent.lock().unwrap().accepted.len();
            let (begun, before) = (Instant::now(), now());
            while now() < before + count {
                assert!(begun.elapsed() < Duration::from_secs(60), "nothing goes through");
                pause();
            }
        };
        let worked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&more_go_through)));
        over.store(true, Ordering::SeqCst);
        for sender in senders {
            sender.join().unwrap();
        }
        if let Err(panic) = worked {
            std::panic::resume_unwind(panic);
        }
    });
    sent.into_inner().unwrap()
}

fn all_are_there(fleet: &Fleet, sent: &Sent) {
    let begun = Instant::now();
    let mut sender = Persona::new(fleet.node(0).address(), "mesto01");
    let records = loop {
        let records = sender.list_sent(10_000).unwrap();
        let arrived = |subject: &String| records.iter().any(|r| &r.subject == subject && r.status >= 4);
        if sent.accepted.keys().all(arrived) {
            break records;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "not all are delivered");
        pause();
    };
    for (subject, id) in &sent.accepted {
        let ids: Vec<_> = records
            .iter()
            .filter(|r| &r.subject == subject)
            .map(|r| &r.id)
            .collect();
        assert_eq!(ids, [id], "{subject}");
        sender.download_signed_sent(id).unwrap();
    }
    // What was answered with an error is there once or not at all: nobody sends anything twice on a caller's behalf.
    for subject in sent.failed.keys() {
        let copies = records.iter().filter(|r| &r.subject == subject).count();
        assert!(copies <= 1, "{subject} is there {copies} times");
    }
    let slowest = sent.failed.values().map(|(_, took)| *took).max().unwrap_or_default();
    println!(
        "{} accepted and there, {} answered with an error, the slowest after {slowest:?}",
        sent.accepted.len(),
        sent.failed.len()
    );
    assert!(slowest < QUICK, "{:?}", sent.failed);
}

fn ready(fleet: &Fleet, wanted: u16) {
    let begun = Instant::now();
    for node in fleet.nodes() {
        loop {
            let answer = http::get(node.address(), "/health/ready", Duration::from_secs(10)).unwrap();
            if answer.status == wanted {
                break;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "{}: {}",
                answer.status,
                answer.text()
            );
            pause();
        }
    }
    println!("/health/ready says {wanted} on both nodes after {:?}", begun.elapsed());
}

fn fleet(database: String) -> Fleet {
    Fleet::start(FleetOptions {
        database,
        nodes: 2,
        ..FleetOptions::default()
    })
    .unwrap()
}

#[test]
fn nodes_outlive_a_database_that_is_killed() {
    let mut cluster = PrivateCluster::start().unwrap();
    let fleet = fleet(cluster.create_database("outlived").unwrap());
    let sent = while_sending(&fleet, |more_go_through| {
        for _ in 0..3 {
            more_go_through(12);
            cluster.kill_hard().unwrap();
            ready(&fleet, 503);
            cluster.restart().unwrap();
            ready(&fleet, 200);
        }
        more_go_through(12);
    });
    assert!(!sent.failed.is_empty());
    all_are_there(&fleet, &sent);
}

#[test]
fn nodes_outlive_a_database_whose_host_vanishes() {
    let cluster = PrivateCluster::start().unwrap();
    let url = cluster.create_database("vanished").unwrap();
    let at = SocketAddr::from((Ipv4Addr::LOCALHOST, cluster.port()));
    let forwarder = Forwarder::start(at).unwrap();
    let fleet = fleet(url.replace(&at.to_string(), &forwarder.address().to_string()));
    let sent = while_sending(&fleet, |more_go_through| {
        for _ in 0..2 {
            more_go_through(12);
            // Nobody is told: what is sent there is lost, and nothing comes from it any more.
            forwarder.vanish();
            ready(&fleet, 503);
            forwarder.come_back();
            ready(&fleet, 200);
        }
        more_go_through(12);
    });
    assert!(!sent.failed.is_empty());
    all_are_there(&fleet, &sent);
}

#[test]
fn a_synchronous_standby_has_all_that_was_accepted() {
    let mut primary = PrivateCluster::start().unwrap();
    let url = primary.create_database("followed").unwrap();
    let standby = primary.standby().unwrap();
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let forwarder = Forwarder::start(at(primary.port())).unwrap();
    let url = url.replace(&at(primary.port()).to_string(), &forwarder.address().to_string());
    let fleet = fleet(url);
    let sent = while_sending(&fleet, |more_go_through| {
        more_go_through(40);
        primary.kill_hard().unwrap();
        forwarder.switch_to(None);
        ready(&fleet, 503);
        let begun = Instant::now();
        standby.promote().unwrap();
        forwarder.switch_to(Some(at(standby.port())));
        ready(&fleet, 200);
        println!("promoted and in use after {:?}", begun.elapsed());
        more_go_through(40);
    });
    assert!(!sent.failed.is_empty());
    all_are_there(&fleet, &sent);
    let kept = standby.execute("followed", "SELECT COUNT(*) FROM messages").unwrap();
    assert!(kept.parse::<usize>().unwrap() >= sent.accepted.len());
}
