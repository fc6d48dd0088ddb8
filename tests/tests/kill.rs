//! SIGKILL in the middle of a stream of sends: what was answered 0000 is there, whole, exactly once; what was refused is
//! nowhere.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

use e2e::harness::{Demo, DemoOptions, PrivateCluster, pause};
use e2e::persona::{CallError, Letter, Persona, first_text};
use e2e::sealed;

const KILLS: u64 = 20;
const SENDERS: u64 = 4;

#[test]
fn sqlite_keeps_what_it_accepted() {
    survives(DemoOptions::default().start().unwrap());
}

#[test]
fn postgresql_keeps_what_it_accepted() {
    let cluster = PrivateCluster::start().unwrap();
    let url = cluster.create_database("kill").unwrap();
    survives(DemoOptions::default().database(&url).start().unwrap());
}

/// What senders know of their letters.
#[derive(Default)]
struct Known {
    /// Number by subject.
    accepted: HashMap<String, String>,
    refused: HashSet<String>,
    /// Sent, but the answer did not come.
    unknown: HashSet<String>,
}

fn survives(mut demo: Demo) {
    let mut known = Known::default();
    for round in 0..KILLS {
        // Another number of messages each time, so that the kill falls into other places of the work.
        let until = 5 + (round * 7) % 23;
        send_until_killed(&mut demo, round, until, &mut known);
        demo.restart().unwrap();
    }
    assert!(
        known.accepted.len() as u64 >= KILLS * 5,
        "only {} messages were accepted",
        known.accepted.len()
    );
    assert!(!known.refused.is_empty());

    let mut sender = Persona::new(demo.address(), "mesto01");
    wait_until_delivered(&mut sender, &known);
    let records = sender.list_sent(10_000).unwrap();
    let mut by_subject: HashMap<&str, Vec<&str>> = HashMap::new();
    for record in &records {
        by_subject.entry(&record.subject).or_default().push(&record.id);
    }
    for (subject, id) in &known.accepted {
        assert_eq!(by_subject.get(subject.as_str()), Some(&vec![id.as_str()]), "{subject}");
        whole(&mut sender, id);
    }
    for subject in &known.refused {
        assert!(
            !by_subject.contains_key(subject.as_str()),
            "{subject} was refused and is there"
        );
    }
    for subject in &known.unknown {
        let copies = by_subject.get(subject.as_str()).map_or(0, Vec::len);
        assert!(copies <= 1, "{subject} is there {copies} times");
    }
}

fn send_until_killed(demo: &mut Demo, round: u64, until: u64, known: &mut Known) {
    let address = demo.address();
    let accepted = AtomicU64::new(0);
    let over = AtomicBool::new(false);
    let (lock, enough) = (Mutex::new(()), Condvar::new());
    thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let (accepted, over, lock, enough) = (&accepted, &over, &lock, &enough);
                scope.spawn(move || {
                    let known = stream_of_sends(address, &format!("{round}-{sender}"), over, &|| {
                        let _guard = lock.lock().unwrap();
                        accepted.fetch_add(1, Ordering::SeqCst);
                        enough.notify_all();
                    });
                    over.store(true, Ordering::SeqCst);
                    let _guard = lock.lock().unwrap();
                    enough.notify_all();
                    known
                })
            })
            .collect();
        let guard = lock.lock().unwrap();
        let (guard, waited) = enough
            .wait_timeout_while(guard, Duration::from_secs(60), |()| {
                accepted.load(Ordering::SeqCst) < until && !over.load(Ordering::SeqCst)
            })
            .unwrap();
        drop(guard);
        assert!(!waited.timed_out(), "the server accepts nothing");
        demo.kill_hard().unwrap();
        over.store(true, Ordering::SeqCst);
        for sender in senders {
            let part = sender.join().unwrap();
            known.accepted.extend(part.accepted);
            known.refused.extend(part.refused);
            known.unknown.extend(part.unknown);
        }
    });
}

fn stream_of_sends(address: SocketAddr, name: &str, over: &AtomicBool, on_accepted: &dyn Fn()) -> Known {
    let mut sender = Persona::new(address, "mesto01");
    let mut known = Known::default();
    for turn in 0.. {
        if over.load(Ordering::SeqCst) {
            break;
        }
        let subject = format!("{name}-{turn}");
        let mut letter = Letter::new("nvak22s", &subject);
        match turn % 5 {
            // Large enough for attachments in objects of their own.
            1 => letter = letter.of_size(400_000),
            3 => letter.files[0].0 = "program.exe".to_owned(),
            _ => {}
        }
        match sender.send(&letter) {
            Ok(id) => {
                known.accepted.insert(subject, id);
                on_accepted();
            }
            Err(CallError::Refused { code, .. }) => {
                assert_eq!(code, "1214");
                known.refused.insert(subject);
            }
            Err(CallError::NoAnswer(_)) => {
                known.unknown.insert(subject);
                break;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    known
}

fn wait_until_delivered(sender: &mut Persona, known: &Known) {
    // The list is asked again and again; each time it has to have got shorter within a minute.
    let begin = std::time::Instant::now();
    loop {
        let records = sender.list_sent(10_000).unwrap();
        let waiting = records
            .iter()
            .filter(|r| known.accepted.contains_key(&r.subject) && r.status < 4)
            .count();
        if waiting == 0 {
            return;
        }
        assert!(
            begin.elapsed() < Duration::from_secs(120),
            "{waiting} accepted messages are not delivered"
        );
        pause();
    }
}

/// The sealed message holds `dmDm` whole: its bytes hash to what VerifyMessage answers.
fn whole(sender: &mut Persona, id: &str) {
    let answer = sender.of_message("/DS/dx", "VerifyMessage", id).unwrap();
    let stored = first_text(&answer, "dmHash algorithm=\"SHA-256\">").unwrap().to_owned();
    let sealed = sender.download_signed_sent(id).unwrap();
    assert_eq!(sealed::dm_dm_hash(&sealed), stored, "message {id}");
}
