//! A burst of messages: jobs and calls share the connections to the database and must not wait for each other.

use std::thread;
use std::time::{Duration, Instant};

use e2e::harness::{DemoOptions, PrivateCluster, pause};
use e2e::persona::{Letter, Persona};

const SENDERS: usize = 8;
const LETTERS: usize = 60;

#[test]
fn every_message_of_a_burst_is_delivered_soon() {
    let cluster = PrivateCluster::start().unwrap();
    let url = cluster.create_database("burst").unwrap();
    let demo = DemoOptions::default().database(&url).start().unwrap();
    thread::scope(|scope| {
        for sender in 0..SENDERS {
            let address = demo.address();
            scope.spawn(move || {
                let mut sender_persona = Persona::new(address, "mesto01");
                for letter in 0..LETTERS {
                    let letter = Letter::new("nvak22s", &format!("{sender}-{letter}"));
                    sender_persona.send(&letter).unwrap();
                }
            });
        }
    });
    let mut sender = Persona::new(demo.address(), "mesto01");
    let begin = Instant::now();
    loop {
        let records = sender.list_sent(1000).unwrap();
        let (delivered, waiting): (Vec<_>, Vec<_>) = records.iter().partition(|record| record.status >= 4);
        if waiting.is_empty() {
            assert!(delivered.len() >= SENDERS * LETTERS, "{}", delivered.len());
            return;
        }
        assert!(
            begin.elapsed() < Duration::from_secs(10),
            "{} messages still wait",
            waiting.len()
        );
        pause();
    }
}
