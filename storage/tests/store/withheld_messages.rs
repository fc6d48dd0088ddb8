//! Messages that are withheld from their recipients.

use isds_core::ids::MessageId;
use isds_core::message::{Input, Message};

use crate::engines::{Backend, execute};
use crate::fixtures::{accept, at, change, deliver};

pub async fn withheld_until_released(backend: Backend) {
    let store = &backend.store;
    let message = accept(store, 0).await;
    let other = accept(store, 1).await;
    let is_withheld = async |message: &Message| {
        let message = store.lookup_message(message.id).await.unwrap();
        message.unwrap().withheld
    };
    assert!(!is_withheld(&message).await, "a new message is not withheld");
    // Each is done twice: again changes nothing.
    for withheld in [true, true, false, false, true] {
        assert!(store.set_withheld(message.id, withheld).await.unwrap());
        assert_eq!(is_withheld(&message).await, withheld);
        assert!(!is_withheld(&other).await, "another message");
    }
    let unknown = MessageId(other.id.0 + 1_000_000);
    assert!(!store.set_withheld(unknown, true).await.unwrap());
}

/// Neither gets in the other's way: a transition computed before lifts nothing, and is written over its own version.
pub async fn withholding_and_transitions_do_not_meet(backend: Backend) {
    let store = &backend.store;
    let message = deliver(store, &accept(store, 0).await, 1).await;
    let read = change(
        &message,
        &[Input::Fiction {
            at: at(2),
            without_user: false,
        }],
    );
    assert!(store.set_withheld(message.id, true).await.unwrap());
    let withheld = store.lookup_message(message.id).await.unwrap().unwrap();
    assert_eq!(
        withheld,
        Message {
            withheld: true,
            ..message.clone()
        }
    );
    store.apply_changes(std::slice::from_ref(&read)).await.unwrap();
    let changed = store.lookup_message(message.id).await.unwrap().unwrap();
    assert_eq!((changed.withheld, changed.state), (true, read.state));
    let waiting = store.list_waiting_messages(message.envelope.recipient, true, MessageId(0), 10);
    assert!(
        waiting.await.unwrap()[0].withheld,
        "lists of whole messages know it too"
    );
}

/// A database from before there was such a thing.
pub async fn messages_of_an_older_schema_are_not_withheld(backend: Backend) {
    let old = accept(&backend.store, 0).await;
    execute(&backend.url, "ALTER TABLE messages DROP COLUMN withheld").await;
    execute(&backend.url, "DELETE FROM _sqlx_migrations WHERE version = 2").await;
    let store = backend.again().await;
    assert_eq!(store.lookup_message(old.id).await.unwrap().unwrap(), old);
    assert!(store.set_withheld(old.id, true).await.unwrap());
    assert!(store.lookup_message(old.id).await.unwrap().unwrap().withheld);
}
