//! Very many messages fall due at one midnight: what one of them takes does not grow with how many there are, and those
//! who work meanwhile hardly notice.
//!
//! How many there are can be said in `ISDS_MIDNIGHT_MESSAGES`: a million is what a country may have.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use e2e::harness::{Demo, DemoOptions, PrivateCluster, http, pause};
use e2e::persona::{Letter, Persona};
use isds_core::deadline::FictionDate;
use isds_core::ids::BoxId;
use isds_core::time::Timestamp;

/// A midnight at which few messages fall due.
const FEW: i64 = 10_000;
/// A midnight at which many do, unless it is said otherwise.
const MANY: i64 = 100_000;
/// A midnight while people work.
const WORKED: i64 = 40_000;
/// What a message of many may take, by what one of few takes.
const GROWTH: f64 = 1.2;
/// What the slowest of a hundred calls may take at midnight, by what it takes at other times.
const SLOWER: f64 = 2.0;
/// Boxes that the messages lie in.
const BOXES: usize = 1000;
/// Pause between two calls of somebody who works.
const THINKING: Duration = Duration::from_millis(10);
/// Calls in quiet times: enough for the slowest of a hundred to be no accident.
const QUIET: usize = 2000;

const HOUR: i64 = 3600;
const DAY: i64 = 86_400;
/// Days after which a message that nobody signed in for is erased.
const KEPT_DAYS: i64 = 3 * 365 + 1;

/// Messages that fall due at once.
struct Group {
    name: &'static str,
    first: i64,
    count: i64,
    delivered: Timestamp,
    fiction: Timestamp,
}

impl Group {
    fn erased(&self) -> Timestamp {
        self.delivered.plus_seconds(KEPT_DAYS * DAY)
    }

    fn per_message(&self, took: Duration) -> f64 {
        took.as_secs_f64() * 1e6 / f64::from(i32::try_from(self.count).unwrap())
    }
}

/// The system, with what the messages of the groups are copied from.
struct Midnight {
    cluster: PrivateCluster,
    demo: Demo,
}

impl Midnight {
    fn start() -> Self {
        let cluster = PrivateCluster::start_large().unwrap();
        let url = cluster.create_database("midnight").unwrap();
        let demo = DemoOptions::default().database(&url).start().unwrap();
        let mut town = Persona::new(demo.address(), "mesto01");
        let number = town.send(&Letter::new("nvak22s", "Vzor pro opisy")).unwrap();
        let midnight = Self { cluster, demo };
        midnight.sql(&format!(
            "CREATE TABLE pattern (dm_id BIGINT); INSERT INTO pattern VALUES ({number})"
        ));
        let begun = Instant::now();
        while midnight
            .sql("SELECT phase FROM messages JOIN pattern USING (dm_id)")
            .trim()
            != "4"
        {
            assert!(begun.elapsed() < Duration::from_secs(20));
            pause();
        }
        midnight.add_boxes();
        midnight
    }

    fn sql(&self, sql: &str) -> String {
        self.cluster.execute("midnight", sql).unwrap()
    }

    /// Boxes as that of the recipient, each with somebody who has access.
    fn add_boxes(&self) {
        let mut values = String::new();
        for n in 0..BOXES {
            let letters: String = [n / 100, n / 10 % 10, n % 10]
                .map(|digit| char::from(b"abcdefghij"[digit]))
                .iter()
                .collect();
            let id = BoxId::from_data(&format!("mid{letters}")).unwrap();
            let comma = if n == 0 { "" } else { "," };
            write!(values, "{comma}({n}, '{id}')").unwrap();
        }
        self.sql(&format!(
            "CREATE TABLE midnight_boxes (n BIGINT PRIMARY KEY, id TEXT); INSERT INTO midnight_boxes VALUES {values}; \
             INSERT INTO boxes SELECT (jsonb_populate_record(b, jsonb_build_object('box_id', m.id))).* \
             FROM boxes AS b, midnight_boxes AS m WHERE b.box_id = 'nvak22s'; \
             INSERT INTO memberships (isds_id, box_id, person_id, user_type, privileges, name_key) \
             SELECT 'DS_' || m.id, m.id, s.person_id, s.user_type, s.privileges, s.name_key \
             FROM memberships AS s, midnight_boxes AS m WHERE s.box_id = 'nvak22s'"
        ));
    }

    /// Copies of the pattern, each with content and events of its own. `OFFSET 0`: a record whose fields are taken one
    /// by one would be made for each of them.
    fn add_messages(&self, group: &Group) {
        let Group {
            first,
            count,
            delivered,
            fiction,
            ..
        } = group;
        let (submitted, kept) = (delivered.0 - 1_000_000, group.erased().0);
        let (delivered, fiction) = (delivered.0, fiction.0);
        self.sql(&format!(
            "INSERT INTO messages SELECT (c.copy).* FROM (SELECT jsonb_populate_record(m, jsonb_build_object(\
             'dm_id', {first} + g.i, 'recipient_box', b.id, 'envelope', replace(m.envelope, 'nvak22s', b.id), \
             'segments', regexp_replace(m.segments, '\"object\":\"([^\"]*)\"', '\"object\":\"\\1-' || {first} + g.i || '\"', 'g'), \
             'submitted', {submitted}, 'delivered_in', {delivered}, 'sort_time', {delivered}, 'fiction_due', {fiction}, \
             'sender_due', {kept}, 'recipient_due', {kept})) AS copy \
             FROM generate_series(0, {count} - 1) AS g (i) JOIN midnight_boxes AS b ON b.n = g.i % {BOXES}, \
             messages AS m JOIN pattern USING (dm_id) OFFSET 0) AS c; \
             INSERT INTO message_events (dm_id, version, seq, kind, time) \
             SELECT {first} + g.i, e.version, e.seq, e.kind, {delivered} \
             FROM generate_series(0, {count} - 1) AS g (i), message_events AS e JOIN pattern USING (dm_id); \
             INSERT INTO message_state_changes (sender_box, time, dm_id, version, seq, status) \
             SELECT s.sender_box, {delivered}, {first} + g.i, s.version, s.seq, s.status \
             FROM generate_series(0, {count} - 1) AS g (i), message_state_changes AS s JOIN pattern USING (dm_id)"
        ));
    }

    fn now(&self) -> Timestamp {
        let answer = http::get(self.demo.address(), "/test/clock", Duration::from_secs(30)).unwrap();
        let text = answer.text();
        let time = text.split('"').nth(3).unwrap();
        Timestamp::parse(time).unwrap()
    }

    /// Winds the clock to a time, and answers how long it took until everything was done.
    fn wind_to(&self, time: Timestamp) -> Duration {
        let seconds = (time.0 - self.now().0).div_euclid(1_000_000);
        let body = format!("{{\"advance_seconds\":{seconds}}}");
        let limit = Duration::from_secs(3600);
        let begun = Instant::now();
        let headers = [("Content-Type", "application/json")];
        let answer = http::post(self.demo.address(), "/test/clock", &headers, body.as_bytes(), limit).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        begun.elapsed()
    }

    /// Winds the clock over one midnight.
    fn pass(&self, midnight: Timestamp) -> Duration {
        self.wind_to(midnight.plus_seconds(-HOUR));
        self.sql("CHECKPOINT");
        self.wind_to(midnight.plus_seconds(5))
    }

    fn count(&self, group: &Group, condition: &str) -> i64 {
        let (first, last) = (group.first, group.first + group.count);
        let count = self.sql(&format!(
            "SELECT COUNT(*) FROM messages AS m WHERE dm_id >= {first} AND dm_id < {last} AND {condition}"
        ));
        count.trim().parse().unwrap()
    }

    fn assert_delivered(&self, group: &Group) {
        let due = group.fiction.0;
        let event = format!(
            "phase = 5 AND accepted = {due} AND fiction_due IS NULL AND EXISTS \
             (SELECT 1 FROM message_events AS e WHERE e.dm_id = m.dm_id AND e.kind = 2 AND e.time = {due})"
        );
        assert_eq!(self.count(group, &event), group.count, "{}", group.name);
    }

    fn assert_erased(&self, group: &Group) {
        let gone = "sender_status = 9 AND recipient_status = 9 AND sender_due IS NULL AND segments = '[]'";
        assert_eq!(self.count(group, gone), group.count, "{}", group.name);
        let (first, last) = (group.first, group.first + group.count);
        let freed = self.sql(&format!(
            "SELECT COUNT(*) FROM freed_objects WHERE CAST(substring(object_id FROM '[0-9]*$') AS BIGINT) \
             BETWEEN {first} AND {last} - 1"
        ));
        assert_eq!(freed.trim().parse::<i64>().unwrap(), group.count, "{}", group.name);
    }
}

/// What people do all day: look, read, ask for evidence, send.
struct Worker {
    who: Persona,
    message: String,
    calls: usize,
}

impl Worker {
    fn new(midnight: &Midnight) -> Self {
        let mut who = Persona::new(midnight.demo.address(), "kraj01");
        let message = who.send(&Letter::new("mesta2j", "Podklady")).unwrap();
        Self { who, message, calls: 0 }
    }

    fn call(&mut self) -> Duration {
        self.calls += 1;
        let begun = Instant::now();
        match self.calls % 4 {
            0 => drop(self.who.list_received(10).unwrap()),
            1 => drop(self.who.list_sent(10).unwrap()),
            2 => drop(self.who.delivery_info(&self.message).unwrap()),
            _ => drop(self.who.send(&Letter::new("mesta2j", "Podklady")).unwrap()),
        }
        begun.elapsed()
    }

    fn work(&mut self, ends: impl Fn(usize) -> bool) -> Vec<Duration> {
        let mut times = Vec::new();
        while !ends(times.len()) {
            times.push(self.call());
            let next = Instant::now() + THINKING;
            while Instant::now() < next {
                pause();
            }
        }
        times.sort_unstable();
        times
    }
}

fn slowest_of_a_hundred(times: &[Duration]) -> Duration {
    times[(times.len() * 99 / 100).min(times.len() - 1)]
}

/// Passes a midnight while somebody works; answers what their calls took.
fn work_over(midnight: &Midnight, worker: &mut Worker, at: Timestamp) -> Vec<Duration> {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let done = &done;
        let working = scope.spawn(move || worker.work(|_| done.load(Ordering::SeqCst)));
        midnight.wind_to(at.plus_seconds(5));
        done.store(true, Ordering::SeqCst);
        working.join().unwrap()
    })
}

/// Messages that fall due at midnights of their own.
fn groups(now: Timestamp, many: i64) -> Vec<Group> {
    let sizes = [
        ("few", FEW),
        ("few once more", FEW),
        ("many", many),
        ("few at last", FEW),
        ("while people work", WORKED.min(many)),
    ];
    let mut groups: Vec<Group> = Vec::new();
    let mut delivered = now.plus_seconds(-9 * DAY);
    let mut first = 1_000_000_000;
    for (name, count) in sizes {
        let mut fiction = FictionDate::after(delivered).at;
        while groups.last().is_some_and(|before| before.fiction == fiction) {
            delivered = delivered.plus_seconds(DAY);
            fiction = FictionDate::after(delivered).at;
        }
        groups.push(Group {
            name,
            first,
            count,
            delivered,
            fiction,
        });
        first += count;
    }
    groups
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[test]
fn a_midnight_of_many_messages_takes_as_long_as_they_are_many() {
    let many = std::env::var("ISDS_MIDNIGHT_MESSAGES").map_or(MANY, |number| number.parse().unwrap());
    let midnight = Midnight::start();
    let groups = groups(midnight.now(), many);
    for group in &groups {
        midnight.add_messages(group);
    }
    midnight.sql("VACUUM (ANALYZE)");
    let mut failed = Vec::new();
    for (what, due) in [
        ("fiction", (|group| group.fiction) as fn(&Group) -> Timestamp),
        ("retention", Group::erased),
    ] {
        let mut few = Vec::new();
        let mut of_many = 0.0;
        for group in &groups {
            if group.name == "while people work" {
                midnight.wind_to(due(group).plus_seconds(-HOUR));
                let mut worker = Worker::new(&midnight);
                worker.work(|count| count == QUIET / 4);
                let quiet = worker.work(|count| count == QUIET);
                let busy = work_over(&midnight, &mut worker, due(group));
                let (quiet, slow) = (slowest_of_a_hundred(&quiet), slowest_of_a_hundred(&busy));
                let slower = slow.as_secs_f64() / quiet.as_secs_f64();
                println!(
                    "{what}: p99 of {} calls {:.1} ms, in quiet times {:.1} ms: {slower:.2} times",
                    busy.len(),
                    ms(slow),
                    ms(quiet)
                );
                if slower > SLOWER {
                    failed.push(format!("{what}: calls are {slower:.2} times slower"));
                }
            } else {
                let took = group.per_message(midnight.pass(due(group)));
                println!("{what} of {} ({}): {took:.0} µs a message", group.name, group.count);
                match group.name {
                    "many" => of_many = took,
                    _ => few.push(took),
                }
            }
            match what {
                "fiction" => midnight.assert_delivered(group),
                _ => midnight.assert_erased(group),
            }
        }
        few.sort_by(f64::total_cmp);
        let growth = of_many / few[few.len() / 2];
        println!("{what}: one of many takes {growth:.2} times as long as one of few");
        if growth > GROWTH {
            failed.push(format!("{what}: one of many takes {growth:.2} times as long"));
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}
