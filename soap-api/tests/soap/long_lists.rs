//! Lists of more records than a page: all of them in their order, or an answer that is visibly cut.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;

use std::io::Write;
use std::sync::{Arc, Mutex};

use common::http::{Reply, connect};
use common::{World, authorization, envelope};
use isds_core::author::{Author, Published};
use isds_core::event::{Event, EventKind};
use isds_core::message::{Message, MessageState};
use isds_core::ports::NewMessage;
use isds_core::time::Clock;
use sqlx::Connection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// How many messages are delivered at the same time, so that pages end among them.
const AT_ONCE: usize = 150;

/// Brings `count` messages from the office to the citizen; answers their numbers in the order of lists.
async fn fill(world: &World, count: usize) -> Vec<String> {
    let first = world.send_message("mesto01", "nvak22s", "Výzva").await;
    let store = &world.isds.store;
    let first = first.parse().map(isds_core::ids::MessageId).unwrap();
    let model = store.lookup_message(first).await.unwrap().unwrap();
    let author = Author {
        user_type: "PRIMARY_USER".into(),
        name: None,
        isds_id: None,
        publish: false,
        id_level: None,
        published: Published::default(),
    };
    let mut expected = vec![first];
    while expected.len() < count {
        world.clock.advance(1);
        let now = world.clock.legal();
        let mut together = Vec::new();
        for _ in 0..AT_ONCE.min(count - expected.len()) {
            let id = store.next_message_id().await.unwrap();
            together.push(id);
            let new = NewMessage {
                message: Message {
                    id,
                    state: MessageState::submitted(now),
                    timestamp_token: None,
                    scan: None,
                    version: 0,
                    ..model.clone()
                },
                author: author.clone(),
                event: Event {
                    kind: EventKind::Submitted,
                    time: now,
                },
                job_due: now,
                payment: None,
                uploads: Vec::new(),
                bulk_row: None,
                sending: None,
            };
            store.accept_message(&new).await.unwrap();
        }
        world.settle().await;
        expected.extend(together);
    }
    world.clock.advance(1);
    // Times grow, and of two at the same time the one with the higher number comes first.
    expected.sort_by(|a, b| b.cmp(a));
    expected.iter().map(ToString::to_string).collect()
}

/// Text of every element of this name.
fn texts<'a>(reply: &'a Reply, name: &str) -> Vec<&'a str> {
    let (start, end) = (format!("<q:{name}>"), format!("</q:{name}>"));
    let after_starts = reply.body.split(start.as_str()).skip(1);
    after_starts
        .map(|rest| rest.split(end.as_str()).next().unwrap())
        .collect()
}

fn assert_list(reply: &Reply, first: usize, expected: &[String]) {
    assert_eq!(reply.code(), "0000");
    assert!(reply.body.ends_with("</SOAP-ENV:Body></SOAP-ENV:Envelope>"));
    assert_eq!(texts(reply, "dmID"), expected);
    let ordinals: Vec<String> = (first..first + expected.len()).map(|n| n.to_string()).collect();
    assert_eq!(texts(reply, "dmOrdinal"), ordinals);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_several_pages_is_whole_and_in_order() {
    let world = World::new().await;
    let all = fill(&world, 2_345).await;
    for (login, operation) in [
        ("novak01", "GetListOfReceivedMessages"),
        ("mesto01", "GetListOfSentMessages"),
    ] {
        let list = |inside| world.call(login, "dx", operation, inside);
        let whole = list("<dmLimit>20000</dmLimit>").await;
        assert_list(&whole, 1, &all);
        // Nothing knows its length before its end.
        assert_eq!(whole.header("transfer-encoding"), Some("chunked"));
        assert_eq!(whole.header("content-length"), None);
        assert_list(&list("<dmLimit/>").await, 1, &all[..1000]);
        assert_list(&list("<dmLimit>1700</dmLimit>").await, 1, &all[..1700]);
        let far = list("<dmOffset>1101</dmOffset><dmLimit>9223372036854775807</dmLimit>").await;
        assert_list(&far, 1101, &all[1100..]);
        assert_list(
            &list("<dmOffset>2000</dmOffset><dmLimit>2</dmLimit>").await,
            2000,
            &all[1999..2001],
        );
        assert_list(
            &list("<dmOffset>2346</dmOffset><dmLimit>20000</dmLimit>").await,
            2346,
            &[],
        );
        assert_list(&list("<dmLimit>0</dmLimit>").await, 1, &[]);
    }
    // Delivered into the box, and then by the list that was asked for above.
    let changes = world.call("mesto01", "dx", "GetMessageStateChanges", "").await;
    assert_eq!(changes.code(), "0000");
    let told = texts(&changes, "dmID");
    for (status, expected) in [("4", 2_345), ("6", 2_345)] {
        let with = texts(&changes, "dmMessageStatus").into_iter().filter(|s| *s == status);
        assert_eq!(with.count(), expected);
    }
    let times = texts(&changes, "dmEventTime");
    assert!(times.is_sorted());
    let mut ascending: Vec<&str> = all.iter().map(String::as_str).collect();
    ascending.reverse();
    assert_eq!(told, [ascending.clone(), ascending].concat());
}

/// Everything that came before the connection was closed.
async fn raw(world: &World, version: &str, operation: &str) -> String {
    let login = if operation == "GetListOfReceivedMessages" {
        "novak01"
    } else {
        "mesto01"
    };
    let body = envelope(&format!(
        "<{operation} xmlns=\"http://isds.czechpoint.cz/v20\"><dmLimit>20000</dmLimit></{operation}>"
    ));
    let head = format!(
        "POST /DS/dx {version}\r\nHost: isds.test\r\n{}Content-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
        authorization(login),
        body.len()
    );
    let mut stream = connect(world.address).await;
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let patience = std::time::Duration::from_secs(60);
    // A connection that is reset is as cut as one that is closed.
    let _ = tokio::time::timeout(patience, stream.read_to_end(&mut bytes))
        .await
        .expect("the connection is closed, though nobody asked for that");
    String::from_utf8(bytes).unwrap()
}

/// Where the log goes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn execute(world: &World, sql: &'static str, id: &str) {
    let mut db = sqlx::SqliteConnection::connect(&world.database()).await.unwrap();
    let done = sqlx::query(sql).bind(id.parse::<i64>().unwrap()).execute(&mut db).await;
    assert_eq!(done.unwrap().rows_affected(), 1);
}

// One thread, so that every task of the server writes to this log.
#[tokio::test(flavor = "current_thread")]
async fn a_list_whose_second_page_fails_is_cut() {
    let log = Log::default();
    let lines = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || lines.clone());
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    let taken = || String::from_utf8(std::mem::take(&mut *log.0.lock().unwrap())).unwrap();
    let world = World::on_sqlite().await;
    let all = fill(&world, 1_100).await;
    let delivered = world.call("novak01", "dx", "GetListOfReceivedMessages", "").await;
    assert_eq!(delivered.code(), "0000");
    let damage = "UPDATE messages SET envelope = '{' WHERE dm_id = $1";
    execute(&world, damage, &all[1_050]).await;
    for operation in ["GetListOfReceivedMessages", "GetListOfSentMessages"] {
        for version in ["HTTP/1.1", "HTTP/1.0"] {
            taken();
            let cut = raw(&world, version, operation).await;
            assert!(
                cut.starts_with("HTTP/1.") && cut.contains(" 200 OK\r\n"),
                "{}",
                &cut[..100]
            );
            assert_eq!(
                cut.matches("<q:dmRecord>").count(),
                1000,
                "the first page was on its way"
            );
            assert!(!cut.contains("dmStatusCode") && !cut.contains("</q:dmRecords>"));
            assert!(!cut.ends_with("0\r\n\r\n"), "the last chunk would say that this is all");
            let lines = taken();
            let line = lines.lines().find(|line| line.contains("cut in the middle"));
            let line = line.unwrap_or_else(|| panic!("nothing was logged but {lines}"));
            assert!(line.contains("ERROR") && line.contains("messages.envelope"), "{line}");
        }
    }
    // Who asks for the first page alone gets it; and where that fails, nothing was begun and the caller is told.
    let first = world
        .call("mesto01", "dx", "GetListOfSentMessages", "<dmLimit>1000</dmLimit>")
        .await;
    assert_list(&first, 1, &all[..1000]);
    execute(&world, damage, &all[10]).await;
    let failed = world
        .call("mesto01", "dx", "GetListOfSentMessages", "<dmLimit>20000</dmLimit>")
        .await;
    assert_eq!((failed.status, failed.code().as_str()), (200, "9000"));
}
