//! Pages of the mailbox stay fast with a hundred thousand messages in the box: by server time, whatever is asked for.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use std::time::{Duration, Instant};

use e2e::harness::Demo;
use e2e::persona::{Letter, Persona};
use e2e::visitor::Visitor;
use sqlx::{Connection, Executor, SqliteConnection};

/// Messages in the box.
const MESSAGES: i64 = 100_000;
/// Requests whose middle counts.
const REQUESTS: usize = 15;
/// Longest time of a page. Unoptimised code is given three times as much.
const LIMIT: Duration = Duration::from_millis(if cfg!(debug_assertions) { 300 } else { 100 });

/// Copies of a message, one a minute, each with its own number in the subject. Every 500th is unread, every 777th for
/// personal delivery, every 1000th has a word of its own.
const COPIES: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) \
     INSERT INTO messages (dm_id, version, phase, kind, sender_box, recipient_box, personal_delivery, envelope, author, \
     segments, sha256, sha3_256, attachment_count, attachment_size_kb, submitted, delivered_in, accepted, sort_time, \
     sender_in_vault, sender_erased, recipient_in_vault, recipient_erased, recipient_read, sender_status, \
     recipient_status) \
     SELECT 5000000 + i, 4, 6, m.kind, m.sender_box, m.recipient_box, i % 777 = 0, \
     json_set(m.envelope, '$.draft.annotation', 'Oznámení číslo ' || i || CASE WHEN i % 1000 = 0 THEN ' o stavbě' ELSE '' END, \
     '$.draft.personal_delivery', json(CASE WHEN i % 777 = 0 THEN 'true' ELSE 'false' END)), \
     m.author, m.segments, m.sha256, m.sha3_256, 1, 1, m.submitted - ($1 + 9 - i) * 60000000, \
     m.submitted - ($1 + 9 - i) * 60000000, m.submitted, m.submitted - ($1 + 9 - i) * 60000000, 0, 0, 0, 0, \
     i % 500 <> 0, 6, CASE WHEN i % 500 = 0 THEN 6 ELSE 7 END \
     FROM n CROSS JOIN (SELECT * FROM messages WHERE recipient_box = 'nvak22s' LIMIT 1) AS m";

/// The search index of the list as the node makes it, of the words that are searched for here.
const INDEX: [&str; 7] = [
    "INSERT INTO mailbox_lists (box_id, side, content, high_time, high_id, due) \
     SELECT 'nvak22s', 1, 0, MAX(sort_time), 9223372036854775807, NULL FROM messages WHERE dm_id >= 5000000",
    "INSERT INTO mailbox_terms SELECT l.id, 'oznameni', m.sort_time, m.dm_id FROM messages AS m, mailbox_lists AS l WHERE m.dm_id >= 5000000",
    "INSERT INTO mailbox_terms SELECT l.id, 'cislo', m.sort_time, m.dm_id FROM messages AS m, mailbox_lists AS l WHERE m.dm_id >= 5000000",
    "INSERT INTO mailbox_terms SELECT l.id, CAST(m.dm_id - 5000000 AS TEXT), m.sort_time, m.dm_id FROM messages AS m, mailbox_lists AS l \
     WHERE m.dm_id >= 5000000",
    "INSERT INTO mailbox_terms SELECT l.id, 'stavbe', m.sort_time, m.dm_id FROM messages AS m, mailbox_lists AS l \
     WHERE m.dm_id >= 5000000 AND m.dm_id % 1000 = 0",
    "INSERT INTO mailbox_terms SELECT l.id, '#c:mesta2j', m.sort_time, m.dm_id FROM messages AS m, mailbox_lists AS l \
     WHERE m.dm_id >= 5000000",
    "INSERT INTO mailbox_terms SELECT l.id, '#p', m.sort_time, m.dm_id FROM messages AS m, mailbox_lists AS l \
     WHERE m.dm_id >= 5000000 AND m.personal_delivery = 1",
];

/// What is asked for, and how many rows the page has.
const PAGES: [(&str, usize); 12] = [
    ("/home", 0),
    ("/b/nvak22s/received", 25),
    ("/b/nvak22s/received?show=unread", 25),
    ("/b/nvak22s/received?personal=1", 25),
    ("/b/nvak22s/received?who=mesta2j", 25),
    ("/b/nvak22s/received?kind=postal", 0),
    ("/b/nvak22s/received?q=oznameni", 25),
    ("/b/nvak22s/received?q=stavb", 25),
    ("/b/nvak22s/received?q=oznameni+cislo+stavbe", 25),
    ("/b/nvak22s/received?q=stavbe&show=unread", 25),
    ("/b/nvak22s/received?q=77777", 1),
    ("/b/nvak22s/received?q=nenajde", 0),
];

async fn fill(demo: &Demo) {
    let file = demo.data().join("isds.db");
    let mut db = SqliteConnection::connect(&format!("sqlite:{}", file.display()))
        .await
        .unwrap();
    db.execute("BEGIN IMMEDIATE").await.unwrap();
    sqlx::query(COPIES).bind(MESSAGES).execute(&mut db).await.unwrap();
    for statement in INDEX {
        db.execute(statement).await.unwrap();
    }
    db.execute("COMMIT").await.unwrap();
}

#[test]
fn pages_stay_fast_with_a_hundred_thousand_messages() {
    let mut demo = Demo::start().unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    town.send(&Letter::new("nvak22s", "Vzor pro opisy")).unwrap();
    let mut reader = Persona::new(demo.address(), "novak01");
    let begun = Instant::now();
    while reader.list_received(10).unwrap().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
    demo.terminate().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(fill(&demo));
    demo.restart().unwrap();
    let mut novak = Visitor::new(demo.address());
    novak.sign_in("novak01").unwrap();
    let mut slow = Vec::new();
    for (path, rows) in PAGES {
        let mut times = Vec::new();
        for _ in 0..=REQUESTS {
            let begun = Instant::now();
            let page = novak.get(path).unwrap();
            times.push(begun.elapsed());
            assert_eq!(page.status, 200, "{path}");
            if path != "/home" {
                assert_eq!(page.texts(".lists-open").len(), rows, "{path}");
            }
        }
        // The first one fills caches.
        times.remove(0);
        times.sort_unstable();
        let middle = times[times.len() / 2];
        println!(
            "{path}: p50 {:.1} ms, longest {:.1} ms",
            ms(middle),
            ms(times[times.len() - 1])
        );
        if middle > LIMIT {
            slow.push(format!("{path}: {:.1} ms", ms(middle)));
        }
    }
    // Deep in the list, in both directions.
    let next = novak
        .get("/b/nvak22s/received")
        .unwrap()
        .attribute("a[rel='next']", "href")
        .unwrap();
    let (_, place) = next.split_once("after=").unwrap();
    let newest: i64 = place.split_once('.').unwrap().0.parse().unwrap();
    let middle = newest - MESSAGES / 2 * 60_000_000;
    let mut page = novak.get(&format!("/b/nvak22s/received?after={middle}.0")).unwrap();
    for link in ["Starší", "Starší", "Novější"] {
        let begun = Instant::now();
        page = novak.click(&page, link).unwrap();
        println!("{link}: {:.1} ms", ms(begun.elapsed()));
        assert_eq!(page.texts(".lists-open").len(), 25);
        if begun.elapsed() > LIMIT * 2 {
            slow.push(format!("{link}: {:.1} ms", ms(begun.elapsed())));
        }
    }
    assert!(slow.is_empty(), "over {LIMIT:?}: {slow:?}");
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
