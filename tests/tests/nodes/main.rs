//! Several nodes over one database and one folder: readiness and clocks, stopping, leases, the test clock, and nginx
//! before them with the configuration that the documents hold.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod clocks;
mod heads;
mod leases;
mod proxy;
mod stopping;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use e2e::harness::http::{self, Response};
use e2e::harness::{Fleet, FleetOptions, PrivateCluster, pause};
use e2e::persona::{CallError, Letter, Persona};

/// Two nodes with a cluster of their own, which goes after them.
fn two_nodes(lines: &str) -> (Fleet, PrivateCluster) {
    let cluster = PrivateCluster::start().unwrap();
    let fleet = Fleet::start(FleetOptions {
        database: cluster.create_database("nodes").unwrap(),
        nodes: 2,
        lines: lines.to_owned(),
        ..FleetOptions::default()
    })
    .unwrap();
    (fleet, cluster)
}

fn get(node: SocketAddr, path: &str) -> Response {
    http::get(node, path, Duration::from_secs(10)).unwrap()
}

/// Waits for a condition, for so long at most; how long it took.
fn within(limit: Duration, what: &str, mut met: impl FnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !met() {
        assert!(begun.elapsed() < limit, "{what}: not within {limit:?}");
        pause();
    }
    begun.elapsed()
}

/// The state of a message as its sender sees it through a node; 0 where it is not there.
fn state(node: SocketAddr, login: &str, id: &str) -> u8 {
    let records = Persona::new(node, login).list_sent(1000).unwrap();
    records
        .iter()
        .find(|record| record.id == id)
        .map_or(0, |record| record.status)
}

/// What senders know of their letters.
#[derive(Default)]
struct Sent {
    /// Number by subject.
    accepted: HashMap<String, String>,
    /// What came instead of a number, by subject.
    failed: HashMap<String, String>,
}

/// Sends letters over `address` by several senders, while `work` is done.
fn while_sending(address: SocketAddr, name: &str, work: impl FnOnce()) -> Sent {
    let over = AtomicBool::new(false);
    let mut sent = Sent::default();
    thread::scope(|scope| {
        let senders: Vec<_> = (0..3)
            .map(|sender| {
                let over = &over;
                scope.spawn(move || send_on(address, &format!("{name}-{sender}"), over))
            })
            .collect();
        // The senders end with the work, whatever becomes of it.
        let worked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        over.store(true, Ordering::SeqCst);
        for sender in senders {
            let part = sender.join().unwrap();
            sent.accepted.extend(part.accepted);
            sent.failed.extend(part.failed);
        }
        if let Err(panic) = worked {
            std::panic::resume_unwind(panic);
        }
    });
    sent
}

fn send_on(address: SocketAddr, name: &str, over: &AtomicBool) -> Sent {
    let mut sender = Persona::new(address, "mesto01");
    let mut sent = Sent::default();
    for turn in 0.. {
        if over.load(Ordering::SeqCst) {
            break;
        }
        let subject = format!("{name}-{turn}");
        match sender.send(&Letter::new("nvak22s", &subject)) {
            Ok(id) => {
                sent.accepted.insert(subject, id);
            }
            Err(error @ (CallError::NoAnswer(_) | CallError::Http(502..=504, _) | CallError::Refused { .. })) => {
                sent.failed.insert(subject, format!("{error:?}"));
                pause();
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    sent
}

/// Every letter that was answered with a number is there once, delivered, and can be downloaded whole.
fn all_are_there(node: SocketAddr, sent: &Sent) {
    assert!(sent.accepted.len() >= 10, "only {} were accepted", sent.accepted.len());
    let mut sender = Persona::new(node, "mesto01");
    let mut records = Vec::new();
    within(Duration::from_secs(60), "delivered", || {
        // Whoever asks through a proxy is told for seconds that nobody is there.
        match sender.list_sent(10_000) {
            Ok(list) => records = list,
            Err(CallError::Http(502, _)) => return false,
            Err(error) => panic!("{error:?}"),
        }
        let waiting = |subject: &String| !records.iter().any(|r| &r.subject == subject && r.status >= 4);
        !sent.accepted.keys().any(waiting)
    });
    for (subject, id) in &sent.accepted {
        let ids: Vec<_> = records
            .iter()
            .filter(|r| &r.subject == subject)
            .map(|r| &r.id)
            .collect();
        assert_eq!(ids, [id], "{subject}");
        sender.download_signed_sent(id).unwrap();
    }
    for subject in sent.failed.keys() {
        let copies = records.iter().filter(|r| &r.subject == subject).count();
        assert!(copies <= 1, "{subject} is there {copies} times");
    }
}
