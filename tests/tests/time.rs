//! What years do, wound by the test clock over the real demo: in which order, how long it takes, and that nothing is lost
//! on the way.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use e2e::harness::{Demo, DemoOptions, MailSink, http, pause};
use e2e::persona::{Letter, Persona, first_text, operation_body};
use e2e::visitor::Visitor;
use isds_core::time::Timestamp;
use sqlx::{Connection, SqliteConnection};

const DAY: i64 = 86_400;
const PATIENCE: Duration = Duration::from_secs(60);

/// Winds the clock; answers how long that took. Whatever fell due has happened.
fn wind(demo: &Demo, days: i64) -> Duration {
    let body = format!("{{\"advance_seconds\":{}}}", days * DAY);
    let headers = [("Content-Type", "application/json")];
    let begun = Instant::now();
    let answer = http::post(demo.address(), "/test/clock", &headers, body.as_bytes(), PATIENCE).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    begun.elapsed()
}

fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "{what}: never");
        pause();
    }
}

/// State and text of the delivery info, which outlives the content.
fn info(sender: &mut Persona, id: &str) -> (u8, String) {
    let info = sender.delivery_info(id).unwrap();
    let status = first_text(&info, "dmMessageStatus>").unwrap().parse().unwrap();
    (status, info)
}

/// When the event of a kind happened.
fn event_time(info: &str, kind: &str) -> Timestamp {
    let events: Vec<&str> = info
        .split("dmEvent>")
        .filter(|event| first_text(event, "dmEventDescr>").is_some_and(|text| text.starts_with(kind)))
        .collect();
    assert_eq!(events.len(), 1, "{kind}: {info}");
    Timestamp::parse(first_text(events[0], "dmEventTime>").unwrap()).unwrap()
}

fn delivered_in(info: &str) -> Timestamp {
    Timestamp::parse(first_text(info, "dmDeliveryTime>").unwrap()).unwrap()
}

fn sent(sender: &mut Persona, to: &str, subject: &str) -> String {
    let id = sender.send(&Letter::new(to, subject)).unwrap();
    eventually("the letter is delivered into the box", || {
        let list = sender.list_sent(1000).unwrap();
        list.iter().any(|record| record.id == id && record.status >= 4)
    });
    id
}

/// Moves the clock of a demo that does not run.
async fn move_clock_of_stopped(demo: &Demo, days: i64) {
    let path = demo.data().join("isds.db");
    let mut db = SqliteConnection::connect(&format!("sqlite:{}", path.display()))
        .await
        .unwrap();
    let moved = sqlx::query(
        "UPDATE installation SET value = CAST(CAST(value AS INTEGER) + $1 AS TEXT) WHERE key = 'clock_offset_seconds'",
    )
    .bind(days * DAY)
    .execute(&mut db)
    .await
    .unwrap();
    assert_eq!(moved.rows_affected(), 1);
    db.close().await.unwrap();
}

/// The only node is down for four years: fiction, both retentions, and the deletion of a box that was disabled for good
/// fall due meanwhile. When it is back each has happened on its own day, the earlier before the later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_was_down_catches_up_in_order() {
    let mut demo = Demo::start().unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    let mut ids = Vec::new();
    // Letters to a box that turns out to have been disabled before they came are undeliverable.
    wind(&demo, 30);
    let lost = sent(&mut town, "zivna27", "Nikomu");
    for n in 0..3 {
        ids.push(sent(&mut town, "nvak22s", &format!("Dopis {n}")));
        wind(&demo, 3);
    }
    let mut keeper = Persona::new(demo.address(), "spravce01");
    let (_, before) = info(&mut town, &lost);
    let ended = delivered_in(&before).plus_seconds(-DAY).local_date();
    let body = operation_body(
        "DeleteDataBox2",
        &format!("<dbID>zivna27</dbID><dbOwnerTerminationDate>{ended}</dbOwnerTerminationDate>"),
    );
    keeper.call("/DS/DsManage", &body).unwrap();
    eventually("the letter is undeliverable", || info(&mut town, &lost).0 == 8);
    demo.terminate().unwrap();
    move_clock_of_stopped(&demo, 4 * 366).await;
    demo.restart().unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    eventually("everything has happened", || {
        ids.iter().chain([&lost]).all(|id| info(&mut town, id).0 == 9)
    });
    let mut last = Timestamp(0);
    for id in &ids {
        let (_, info) = info(&mut town, id);
        let fiction = event_time(&info, "EV2");
        let delivered = delivered_in(&info);
        assert!(
            fiction > last && fiction > delivered.plus_seconds(9 * DAY) && fiction < delivered.plus_seconds(20 * DAY),
            "{info}"
        );
        last = fiction;
    }
    let state = || {
        let body = operation_body("CheckDataBox", "<dbID>zivna27</dbID>");
        let answer = Persona::new(demo.address(), "mesto01").call("/DS/df", &body).unwrap();
        first_text(&answer, "dbState>").unwrap().to_owned()
    };
    eventually("the box is deleted", || state() == "5");
}

/// Ninety days, and then a thousand, over some hundred messages: done when the call is answered, and soon.
#[test]
fn a_thousand_days_are_wound_within_half_a_minute() {
    const MESSAGES: usize = 300;
    let demo = Demo::start().unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    let boxes = ["nvak22s", "maria2f", "zivna27", "firma2x"];
    let ids: Vec<String> = (0..MESSAGES)
        .map(|n| {
            let letter = Letter::new(boxes[n % boxes.len()], &format!("Dopis {n}"));
            town.send(&letter).unwrap()
        })
        .collect();
    let states = |town: &mut Persona| {
        let list = town.list_sent(1000).unwrap();
        let of = |id: &String| list.iter().find(|record| record.id == *id).map(|record| record.status);
        let mut states: BTreeMap<Option<u8>, usize> = BTreeMap::new();
        for id in &ids {
            *states.entry(of(id)).or_default() += 1;
        }
        states
    };
    eventually("all are delivered into the boxes", || {
        states(&mut town) == BTreeMap::from([(Some(4), MESSAGES)])
    });
    let ninety = wind(&demo, 90);
    assert_eq!(states(&mut town), BTreeMap::from([(Some(5), MESSAGES)]));
    let thousand = wind(&demo, 1000);
    assert_eq!(states(&mut town), BTreeMap::from([(Some(5), MESSAGES)]));
    let last = wind(&demo, 60);
    println!(
        "{MESSAGES} messages: 90 days in {ninety:?}, 1000 days in {thousand:?}, 60 days with their erasure in {last:?}"
    );
    for id in [&ids[0], &ids[MESSAGES - 1]] {
        assert_eq!(info(&mut town, id).0, 9);
    }
    for took in [ninety, thousand, last] {
        assert!(took < Duration::from_secs(30), "{took:?}");
    }
}

/// The mail server takes nothing while weeks pass: the mails wait, and each comes once.
#[test]
fn mails_outlive_a_wound_clock_and_come_once() {
    let sink = MailSink::start().unwrap();
    let demo = DemoOptions::default()
        .argument("--smtp")
        .argument(sink.url())
        .start()
        .unwrap();
    let mut novak = Visitor::new(demo.address());
    novak.sign_in("novak01").unwrap();
    let notices = "/b/nvak22s/settings/notices";
    let page = novak.get(notices).unwrap();
    let form = page.form("input[name=address]").unwrap();
    novak.submit(&form.fill("address", "jan@vzor.example")).unwrap();
    let mails = sink.wait_for(1).unwrap();
    let link = mails[0].text.lines().find(|line| line.contains("?code=")).unwrap();
    let (_, path) = link.split_once("/b/").unwrap();
    let page = novak.get(&format!("/b/{path}")).unwrap();
    let page = novak.submit(&page.form("input[name=code]").unwrap()).unwrap();
    assert!(page.says("Adresa je potvrzená"), "{page:?}");
    sink.refuse(Some(451)).unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    sent(&mut town, "nvak22s", "Dopis");
    // Fiction comes near, and strikes; what is told of it is told of the time in which it was so.
    // When that is depends on weekends and holidays.
    for _ in 0..15 {
        wind(&demo, 1);
    }
    wind(&demo, 75);
    sink.refuse(None).unwrap();
    let mails = sink.wait_for(3).unwrap();
    sent(&mut town, "nvak22s", "Druhý dopis");
    let mails = {
        let so_far = mails.len();
        sink.wait_for(so_far + 1).unwrap()
    };
    let count = |words: &str| mails.iter().filter(|mail| mail.text.contains(words)).count();
    assert_eq!(
        (count("byla do ní dodána"), count("bude doručena fikcí"), mails.len()),
        (2, 1, 4),
        "{mails:?}"
    );
    let names: BTreeSet<_> = mails.iter().map(|mail| mail.field("Message-ID")).collect();
    assert_eq!(names.len(), mails.len(), "{mails:?}");
}
