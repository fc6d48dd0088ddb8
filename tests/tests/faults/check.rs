//! What must be true when all is mended.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use e2e::harness::pause;
use e2e::persona::{Persona, Record, first_text};

use crate::load::{Known, whole};
use crate::world::World;

/// How long until nothing waits any more.
const SETTLED_WITHIN: Duration = Duration::from_secs(90);
/// Descriptors that a node may hold beyond those of the quiet beginning: its pools may have grown.
const MORE_DESCRIPTORS: usize = 96;
/// Memory that it may hold beyond it, in bytes.
const MORE_MEMORY: u64 = 192 << 20;
/// Whose events are looked at, of each round.
const LOOKED_AT: usize = 12;

/// What a node holds.
#[derive(Debug, Clone, Copy)]
pub struct Holds {
    descriptors: usize,
    memory: u64,
}

/// What the nodes hold now.
pub fn holds(world: &World) -> Vec<Holds> {
    let nodes = world.fleet.nodes().iter();
    nodes
        .map(|node| Holds {
            descriptors: node.service().open_descriptors().unwrap(),
            memory: node.service().memory().unwrap().resident,
        })
        .collect()
}

/// Every message that was answered 0000 is there once, whole and settled; of the others at most one copy each; nothing
/// waits; nothing leaks.
pub fn all_is_well(world: &World, known: &Known, at_first: Option<&[Holds]>) {
    let mut office = Persona::new(world.addresses()[0], "mesto01");
    let records = settled(&mut office, known);
    let mut by_subject: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in &records {
        by_subject.entry(&record.subject).or_default().push(record);
    }
    for (subject, id) in &known.accepted {
        let there = by_subject.get(subject.as_str()).map_or(&[][..], Vec::as_slice);
        assert!(
            matches!(there, [record] if record.id == *id),
            "{subject} was accepted as {id} and is there as {there:?}"
        );
    }
    for subject in &known.unknown {
        let copies = by_subject.get(subject.as_str()).map_or(0, Vec::len);
        assert!(copies <= 1, "{subject} is there {copies} times");
    }
    for subject in &known.cut {
        assert!(
            !by_subject.contains_key(subject.as_str()),
            "{subject} was cut in the middle and is there"
        );
    }
    for (subject, id) in &known.accepted {
        let downloaded = whole(&mut office, id);
        if known.bad.contains(subject) {
            // 1219: it holds malware.
            assert_eq!(downloaded.unwrap_err().code(), Some("1219"), "{subject}");
        } else {
            downloaded.unwrap();
        }
    }
    for (subject, id) in known.accepted.iter().take(LOOKED_AT) {
        events_agree(&mut office, by_subject[subject.as_str()][0], id);
    }
    nothing_waits(world);
    recipients_were_told(world, known);
    if let Some(at_first) = at_first {
        nothing_leaks(at_first, &holds(world));
    }
}

/// The list of the office once no letter is on its way any more.
fn settled(office: &mut Persona, known: &Known) -> Vec<Record> {
    let begin = Instant::now();
    loop {
        let records = office.list_sent(10_000).unwrap();
        let waiting: Vec<_> = records.iter().filter(|record| record.status < 3).collect();
        if waiting.is_empty() {
            for record in records
                .iter()
                .filter(|record| known.accepted.contains_key(&record.subject))
            {
                let bad = known.bad.contains(&record.subject);
                assert_eq!(record.status == 3, bad, "{record:?}");
            }
            return records;
        }
        assert!(
            begin.elapsed() < SETTLED_WITHIN,
            "{} messages are on their way for ever, {:?} among them",
            waiting.len(),
            waiting[0]
        );
        pause();
    }
}

fn events_agree(office: &mut Persona, record: &Record, id: &str) {
    let info = office.delivery_info(id).unwrap();
    let state = first_text(&info, "dmMessageStatus>").unwrap_or("").to_owned();
    let has = |event: &str| info.contains(&format!("dmEventDescr>{event}:"));
    assert!(has("EV0"), "{id}: {info}");
    let (delivered, fiction) = (["4", "5", "6", "7"].contains(&state.as_str()), state == "5");
    assert_eq!(has("EV5"), delivered, "{id} in {state}: {info}");
    assert_eq!(
        has("EV1") || has("EV2") || has("EV6"),
        fiction,
        "{id} in {state}: {info}"
    );
    assert_eq!(has("EV8"), state == "3", "{id} in {state}: {info}");
    assert!(
        state == record.status.to_string() || record.status == 4,
        "{record:?}: {info}"
    );
}

/// No job is left over: each was done, or will be at a time that lies ahead.
fn nothing_waits(world: &World) {
    let begin = Instant::now();
    let due = "SELECT count(*) FROM jobs WHERE due <= (extract(epoch FROM now()) * 1000000)::bigint";
    loop {
        let waiting = world.sql(due);
        if waiting == "0" {
            return;
        }
        assert!(
            begin.elapsed() < SETTLED_WITHIN,
            "{waiting} jobs are stuck: {}",
            world.sql("SELECT kind, subject, attempts, due FROM jobs ORDER BY due LIMIT 5")
        );
        pause();
    }
}

/// A mail came at least once for each message that was delivered to a box whose owner wants it. A mail of many names the
/// first and counts the others.
fn recipients_were_told(world: &World, known: &Known) {
    let begin = Instant::now();
    let wanted: Vec<&String> = known
        .accepted
        .iter()
        .filter(|(subject, _)| !known.bad.contains(*subject))
        .map(|(_, id)| id)
        .collect();
    loop {
        let mails = world.texts_of_mails();
        let missing = wanted
            .iter()
            .filter(|id| !mails.iter().any(|mail| mail.contains(id.as_str())));
        let missing: Vec<_> = missing.collect();
        let counted = mails.iter().flat_map(|mail| mail.lines()).filter_map(|line| {
            let count = line.trim().strip_prefix("- a další (počet: ")?.strip_suffix(')')?;
            count.parse::<usize>().ok()
        });
        if missing.len() <= counted.sum() {
            return;
        }
        assert!(
            begin.elapsed() < SETTLED_WITHIN,
            "no mail came for {} messages, {} among them",
            missing.len(),
            missing[0]
        );
        pause();
    }
}

fn nothing_leaks(at_first: &[Holds], now: &[Holds]) {
    for (number, (before, after)) in at_first.iter().zip(now).enumerate() {
        assert!(
            after.descriptors <= before.descriptors + MORE_DESCRIPTORS,
            "node {number} holds {} descriptors, {} at first",
            after.descriptors,
            before.descriptors
        );
        assert!(
            after.memory <= before.memory + MORE_MEMORY,
            "node {number} holds {} bytes, {} at first",
            after.memory,
            before.memory
        );
    }
}
