//! What the installation remembers, and what it forgets.

use isds_core::box_type::BoxType;
use isds_core::message::SideOf;
use isds_core::ports::StoreError;

use crate::engines::{Backend, execute};
use crate::fixtures::*;

pub async fn the_clock_only_adds_up(db: Backend) {
    assert_eq!(db.store.clock_offset_seconds().await.unwrap(), 0);
    assert_eq!(db.store.advance_clock(86_400).await.unwrap(), 86_400);
    let callers: Vec<_> = (0..10)
        .map(|_| {
            let store = db.store.clone();
            tokio::spawn(async move { store.advance_clock(10).await.unwrap() })
        })
        .collect();
    for caller in callers {
        assert!(caller.await.unwrap() > 86_400);
    }
    assert_eq!(db.again().await.clock_offset_seconds().await.unwrap(), 86_500);
}

pub async fn the_last_mark_stays(db: Backend) {
    assert_eq!(db.store.mark().await.unwrap(), None);
    db.store.set_mark("demo").await.unwrap();
    assert_eq!(db.store.mark().await.unwrap().as_deref(), Some("demo"));
    assert_eq!(db.store.claim_mark("late").await.unwrap(), "demo");
    db.store.set_mark("other").await.unwrap();
    assert_eq!(db.again().await.mark().await.unwrap().as_deref(), Some("other"));
}

pub async fn clearing_leaves_the_mark_alone(db: Backend) {
    assert!(db.store.is_empty().await.unwrap());
    db.store.set_mark("demo").await.unwrap();
    db.store.advance_clock(5).await.unwrap();
    assert!(db.store.is_empty().await.unwrap());
    db.store.add_box(&data_box("aaaaab", BoxType::Fo)).await.unwrap();
    assert!(!db.store.is_empty().await.unwrap());
    let message = deliver(&db.store, &accept(&db.store, 0).await, 1).await;
    db.store
        .record_failed_login("novak01", [192, 0, 2, 1].into(), at(0))
        .await
        .unwrap();
    let first_job = db.store.claim_jobs(at(0), at(60), 1).await.unwrap()[0].id;

    db.store.clear().await.unwrap();
    assert!(db.store.is_empty().await.unwrap());
    assert_eq!(db.store.lookup_message(message.id).await.unwrap(), None);
    assert_eq!(db.store.list_events(message.id).await.unwrap(), []);
    assert_eq!(db.store.list_state_changes(&whole_history(99)).await.unwrap(), []);
    assert_eq!(listed(&db.store, &whole_list(novak(), SideOf::Recipient)).await, []);
    assert_eq!(db.store.count_jobs().await.unwrap(), 0);
    assert_eq!(db.store.clock_offset_seconds().await.unwrap(), 0);
    assert_eq!(
        db.store
            .lookup_lockouts("novak01", [192, 0, 2, 1].into())
            .await
            .unwrap()
            .login
            .count,
        0
    );
    assert_eq!(db.store.mark().await.unwrap().as_deref(), Some("demo"));
    // Numbers and keys start anew: the second run of a demo is the first once more.
    assert_eq!(accept(&db.store, 0).await.id, message.id);
    assert_eq!(db.store.claim_jobs(at(0), at(60), 1).await.unwrap()[0].id, first_job);
    db.store.clear().await.unwrap();
    db.store.clear().await.unwrap();
}

pub async fn what_was_answered_survives_the_process(db: Backend) {
    db.store.ping().await.unwrap();
    let message = deliver(&db.store, &accept(&db.store, 0).await, 1).await;
    // While the first still holds it open, as a process that was killed would leave it.
    let again = db.again().await;
    assert_eq!(again.lookup_message(message.id).await.unwrap(), Some(message.clone()));
    assert_eq!(again.list_events(message.id).await.unwrap().len(), 2);
    assert_eq!(again.claim_jobs(at(0), at(60), 9).await.unwrap().len(), 1);
}

/// Whatever a hand or a broken disk left there is named by table, column and row, never by its value.
pub async fn nonsense_in_the_tables_is_named(db: Backend) {
    let message = accept(&db.store, 0).await;
    let id = message.id;
    for (sql, named) in [
        ("UPDATE messages SET envelope = 'tajne'", "messages.envelope"),
        ("UPDATE messages SET phase = 7", "messages.phase"),
        ("UPDATE messages SET kind = 77", "messages.kind"),
        ("UPDATE messages SET scan = 77", "messages.scan"),
        (
            "UPDATE messages SET sha256 = sha3_256, sha3_256 = timestamp_token",
            "sha3_256",
        ),
        ("UPDATE messages SET segments = 'tajne'", "messages.segments"),
        ("UPDATE messages SET attachments = 'tajne'", "messages.attachments"),
    ] {
        let message = accept_as(&db.store, 0, |message| message.timestamp_token = Some(vec![1])).await;
        execute(&db.url, sql).await;
        let error = db.store.lookup_message(message.id).await.unwrap_err();
        let StoreError::Inconsistent(text) = &error else {
            panic!("{error:?}")
        };
        assert!(text.contains(named) && !text.contains("tajne"), "{text}");
        execute(&db.url, "DELETE FROM message_events").await;
        execute(&db.url, "DELETE FROM messages").await;
    }
    assert_eq!(db.store.lookup_message(id).await.unwrap(), None);
    execute(&db.url, "UPDATE jobs SET kind = 77").await;
    // A kind that a newer version added is left to the nodes that know it.
    assert_eq!(db.store.claim_jobs(at(0), at(60), 1).await.unwrap(), []);
    assert!(db.store.count_jobs().await.unwrap() > 0);
    db.store.add_box(&data_box("aaaaab", BoxType::Fo)).await.unwrap();
    execute(&db.url, "UPDATE boxes SET birth_date = '31.2.1980'").await;
    let found = db.store.lookup_box(data_box("aaaaab", BoxType::Fo).id).await;
    assert!(matches!(found, Err(StoreError::Inconsistent(_))));
}

/// A program older than the schema must not write by rules that no longer hold; as long as they hold, it may.
pub async fn a_newer_schema_is_refused_where_it_says_so(db: Backend) {
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         SELECT 9999, 'of the future', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1";
    execute(&db.url, newer).await;
    storage::connect(&db.url).await.unwrap().ping().await.unwrap();
    execute(
        &db.url,
        "UPDATE installation SET value = '9999' WHERE key = 'schema_compatible_from'",
    )
    .await;
    assert!(matches!(storage::connect(&db.url).await, Err(storage::Error::Newer)));
    // Not a word that a demo's reset would make it forget.
    db.store.clear().await.unwrap();
    assert!(matches!(storage::connect(&db.url).await, Err(storage::Error::Newer)));
}

/// On one machine both clocks are the same one.
#[expect(
    clippy::disallowed_methods,
    reason = "it is the machine's own clock that is compared"
)]
pub async fn the_clock_of_a_server_is_told(db: Backend) {
    let own = || jiff::Timestamp::now().as_microsecond();
    let before = own();
    let told = db.store.database_clock().await.unwrap();
    let after = own();
    match told {
        None => assert!(db.url.starts_with("sqlite:")),
        Some(told) => assert!((before..=after).contains(&told.0), "{before} {told:?} {after}"),
    }
}
