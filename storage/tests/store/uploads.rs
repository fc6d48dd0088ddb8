//! Uploads, and objects that several messages share.

use std::collections::BTreeSet;
use std::sync::Arc;

use isds_core::ids::{BoxId, MessageId, ObjectId};
use isds_core::message::{Message, Segment, StoredAttachment};
use isds_core::ports::{MessageChange, NewMessage, Store, StoreError, Upload, UploadId};
use isds_core::time::Timestamp;

use crate::engines::{Backend, count, own_postgres};
use crate::fixtures::*;

const QUOTA: u64 = 5000;

fn upload(box_id: BoxId, object: &str, length: u64) -> Upload {
    Upload {
        id: UploadId(0),
        box_id,
        mime_type: "application/pdf".into(),
        file_name: "příloha.pdf".into(),
        object: ObjectId(object.repeat(32)),
        length,
        sha256: [1; 32],
        sha3_256: [2; 32],
        expires: at(7200),
    }
}

async fn add(store: &Arc<dyn Store>, object: &str, length: u64) -> UploadId {
    let added = store.add_upload(&upload(town(), object, length), QUOTA).await;
    added.unwrap().expect("it fits")
}

/// A large message of these uploads, each an object of one letter.
async fn large(store: &Arc<dyn Store>, uploads: &[(UploadId, &str)]) -> NewMessage {
    let mut new = message(store.next_message_id().await.unwrap(), at(0));
    // Its own frame, which nobody else needs.
    let frame = Segment::Literal {
        object: ObjectId(format!("{:032x}", new.message.id.0)),
        offset: 0,
        length: 1000,
    };
    let object = |letter: &str| ObjectId(letter.repeat(32));
    let content = uploads.iter().map(|(_, letter)| Segment::Base64 {
        object: object(letter),
        offset: 0,
        length: 9,
    });
    new.message.content.segments = std::iter::once(frame).chain(content).collect();
    let attachments = uploads.iter().map(|(_, letter)| StoredAttachment {
        meta_type: isds_core::attachment::MetaType::Main,
        mime_type: "application/pdf".into(),
        file_name: "příloha.pdf".into(),
        content: Some((object(letter), 9)),
    });
    new.message.content.large = Some(attachments.collect());
    new.uploads = uploads.iter().map(|(id, _)| *id).collect();
    new
}

async fn accept_large(store: &Arc<dyn Store>, uploads: &[(UploadId, &str)]) -> Message {
    let new = large(store, uploads).await;
    store.accept_message(&new).await.unwrap();
    new.message
}

/// Both sides are rid of the message, as at the end of their retentions: the change that erases the last copy gives the
/// content up.
async fn erase_both(store: &Arc<dyn Store>, id: MessageId) -> Result<(), StoreError> {
    let message = store.lookup_message(id).await.unwrap().unwrap();
    let mut change = MessageChange::unchanged(&message);
    change.state.sender.erased = true;
    change.state.recipient.side.erased = true;
    change.frees = Some(at(0));
    store.apply_changes(&[change]).await
}

async fn freed(store: &Arc<dyn Store>) -> BTreeSet<String> {
    let freed = store.list_freed_objects(Timestamp(i64::MAX), 100).await.unwrap();
    freed.into_iter().map(|object| object.0).collect()
}

fn set(objects: &[String]) -> BTreeSet<String> {
    objects.iter().cloned().collect()
}

fn frame(message: &Message) -> String {
    format!("{:032x}", message.id.0)
}

/// The kept sum is the sum, and counts are those of the messages.
async fn assert_consistent(db: &Backend) {
    let wrong_sums = "SELECT COUNT(*) FROM upload_usage AS u WHERE unused_bytes <> \
         (SELECT COALESCE(SUM(length), 0) FROM uploads WHERE used = 0 AND uploads.box_id = u.box_id)";
    assert_eq!(count(&db.url, wrong_sums).await, 0);
    let uncounted = "SELECT COUNT(*) FROM uploads WHERE object_id NOT IN (SELECT object_id FROM shared_objects)";
    assert_eq!(count(&db.url, uncounted).await, 0);
    let unused = "SELECT COUNT(*) FROM uploads AS u JOIN shared_objects AS s ON s.object_id = u.object_id \
         WHERE (u.used = 0) <> (s.refs = 0)";
    assert_eq!(count(&db.url, unused).await, 0);
}

pub async fn an_upload_is_what_is_looked_up(db: Backend) {
    let id = add(&db.store, "c", 1200).await;
    let found = db.again().await.lookup_upload(id).await.unwrap().unwrap();
    assert_eq!(
        found,
        Upload {
            id,
            ..upload(town(), "c", 1200)
        }
    );
    assert_eq!(db.store.lookup_upload(UploadId(id.0 + 1)).await.unwrap(), None);
    assert_eq!(db.store.unused_upload_bytes(town()).await.unwrap(), 1200);
    assert_eq!(db.store.unused_upload_bytes(novak()).await.unwrap(), 0);
    db.store.clear().await.unwrap();
    assert_eq!(db.store.lookup_upload(id).await.unwrap(), None);
    assert_eq!(db.store.unused_upload_bytes(town()).await.unwrap(), 0);
    assert_eq!(add(&db.store, "c", 1).await, id, "keys start anew");
}

pub async fn unused_uploads_have_a_quota(db: Backend) {
    let first = add(&db.store, "c", 3000).await;
    let large_one = db.store.add_upload(&upload(town(), "d", 2001), QUOTA).await.unwrap();
    assert_eq!(large_one, None);
    add(&db.store, "e", 2000).await;
    assert_eq!(db.store.unused_upload_bytes(town()).await.unwrap(), QUOTA);
    // Of another box it is another quota.
    assert!(
        db.store
            .add_upload(&upload(novak(), "f", QUOTA), QUOTA)
            .await
            .unwrap()
            .is_some()
    );
    // What is used counts no more, however often it is used.
    for _ in 0..2 {
        accept_large(&db.store, &[(first, "c")]).await;
        assert_eq!(db.store.unused_upload_bytes(town()).await.unwrap(), 2000);
    }
    assert_consistent(&db).await;
}

pub async fn uploads_at_once_do_not_pass_the_quota_together(db: Backend) {
    let writers: Vec<_> = "0123456789"
        .chars()
        .map(|letter| {
            let store = db.store.clone();
            let upload = upload(town(), &letter.to_string(), 1500);
            tokio::spawn(async move { store.add_upload(&upload, QUOTA).await.unwrap().is_some() })
        })
        .collect();
    let mut added = 0;
    for writer in writers {
        added += u64::from(writer.await.unwrap());
    }
    assert_eq!(added, 3);
    assert_eq!(db.store.unused_upload_bytes(town()).await.unwrap(), 4500);
    assert_consistent(&db).await;
}

pub async fn what_is_not_used_in_time_is_purged(db: Backend) {
    let (late, used) = (add(&db.store, "c", 1000).await, add(&db.store, "d", 1000).await);
    accept_large(&db.store, &[(used, "d")]).await;
    assert_eq!(db.store.purge_uploads(at(7199), at(0), 10).await.unwrap(), 0);
    assert_eq!(db.store.purge_uploads(at(7200), at(50), 10).await.unwrap(), 1);
    assert_eq!(db.store.purge_uploads(at(9999), at(50), 10).await.unwrap(), 0);
    assert_eq!(db.store.lookup_upload(late).await.unwrap(), None);
    assert!(db.store.lookup_upload(used).await.unwrap().is_some());
    assert_eq!(db.store.unused_upload_bytes(town()).await.unwrap(), 0);
    assert_eq!(freed(&db.store).await, set(&["c".repeat(32)]));
    // A message that refers to it finds it gone, and writes nothing.
    let new = large(&db.store, &[(used, "d"), (late, "c")]).await;
    assert!(matches!(
        db.store.accept_message(&new).await,
        Err(StoreError::UploadGone)
    ));
    assert_eq!(db.store.lookup_message(new.message.id).await.unwrap(), None);
    assert_consistent(&db).await;
}

pub async fn freed_objects_wait_their_time(db: Backend) {
    for letter in ["c", "d"] {
        add(&db.store, letter, 10).await;
    }
    assert_eq!(db.store.purge_uploads(at(7200), at(50), 1).await.unwrap(), 1);
    assert_eq!(db.store.purge_uploads(at(7200), at(60), 1).await.unwrap(), 1);
    let listed = async |time| db.store.list_freed_objects(at(time), 10).await.unwrap().len();
    assert_eq!((listed(49).await, listed(50).await, listed(60).await), (0, 1, 2));
    let first = db.store.list_freed_objects(at(60), 1).await.unwrap().remove(0);
    db.store.put_off_freed_object(&first, at(70)).await.unwrap();
    assert_eq!((listed(60).await, listed(70).await), (1, 2));
    db.store
        .forget_freed_objects(std::slice::from_ref(&first))
        .await
        .unwrap();
    db.store
        .forget_freed_objects(std::slice::from_ref(&first))
        .await
        .unwrap();
    assert_eq!(listed(70).await, 1);
    db.store.clear().await.unwrap();
    assert_eq!(listed(70).await, 0);
}

pub async fn content_goes_with_the_last_copy(db: Backend) {
    let own = accept(&db.store, 0).await;
    let mut change = MessageChange::unchanged(&own);
    change.state.sender.erased = true;
    db.store.apply_changes(&[change]).await.unwrap();
    assert_eq!(freed(&db.store).await, set(&[]), "a side needs it");
    erase_both(&db.store, own.id).await.unwrap();
    // Objects that are not counted belong to the one message.
    assert_eq!(freed(&db.store).await, set(&["a".repeat(32), "b".repeat(32)]));
    let left = db.store.lookup_message(own.id).await.unwrap().unwrap();
    assert_eq!(left.content.segments, []);
    assert_eq!((left.content.sha256, left.content.large), (own.content.sha256, None));
}

pub async fn the_last_message_takes_the_upload_along(db: Backend) {
    let (c, d) = (add(&db.store, "c", 1000).await, add(&db.store, "d", 1000).await);
    let both = accept_large(&db.store, &[(c, "c"), (d, "d")]).await;
    assert_eq!(db.store.lookup_message(both.id).await.unwrap().as_ref(), Some(&both));
    let twice = accept_large(&db.store, &[(c, "c")]).await;
    assert_consistent(&db).await;
    erase_both(&db.store, both.id).await.unwrap();
    assert_eq!(freed(&db.store).await, set(&[frame(&both), "d".repeat(32)]));
    assert_eq!(db.store.lookup_upload(d).await.unwrap(), None);
    assert!(
        db.store.lookup_upload(c).await.unwrap().is_some(),
        "another message needs it"
    );
    let left = db.store.lookup_message(both.id).await.unwrap().unwrap();
    assert!(left.is_large() && left.content.segments.is_empty());
    assert_consistent(&db).await;
    erase_both(&db.store, twice.id).await.unwrap();
    assert_eq!(db.store.lookup_upload(c).await.unwrap(), None);
    assert!(freed(&db.store).await.contains(&"c".repeat(32)));
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM shared_objects").await, 0);
    assert_consistent(&db).await;
}

pub async fn messages_of_one_call_share_their_objects(db: Backend) {
    let shared = [ObjectId("c".repeat(32)), ObjectId("d".repeat(32))];
    let mut messages = Vec::new();
    for _ in 0..3 {
        let mut new = message(db.store.next_message_id().await.unwrap(), at(0));
        new.message.content.segments = shared
            .iter()
            .map(|object| Segment::Literal {
                object: object.clone(),
                offset: 0,
                length: 7,
            })
            .collect();
        messages.push(new);
    }
    db.store.accept_messages(&messages, &shared).await.unwrap();
    assert_eq!(db.store.count_jobs().await.unwrap(), 3);
    for new in &messages {
        let found = db.store.lookup_message(new.message.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&new.message));
    }
    // At once, and each twice: of two for one message one finds it changed.
    let releases: Vec<_> = messages
        .iter()
        .chain(&messages)
        .map(|new| {
            let mut change = MessageChange::unchanged(&new.message);
            change.state.sender.erased = true;
            change.state.recipient.side.erased = true;
            change.frees = Some(at(0));
            let store = db.store.clone();
            tokio::spawn(async move { store.apply_changes(&[change]).await })
        })
        .collect();
    let mut released = 0;
    for release in releases {
        match release.await.unwrap() {
            Ok(()) => released += 1,
            Err(error) => assert!(matches!(error, StoreError::Conflict), "{error}"),
        }
    }
    assert_eq!(released, 3);
    assert_eq!(freed(&db.store).await, set(&["c".repeat(32), "d".repeat(32)]));
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM shared_objects").await, 0);
}

pub async fn messages_of_one_call_are_written_all_or_none(db: Backend) {
    let first = message(db.store.next_message_id().await.unwrap(), at(0));
    let same = message(first.message.id, at(0));
    let shared = [ObjectId("c".repeat(32))];
    let written = db.store.accept_messages(&[first.clone(), same], &shared).await;
    assert!(matches!(written, Err(StoreError::Conflict)));
    assert_eq!(db.store.lookup_message(first.message.id).await.unwrap(), None);
    assert_eq!(db.store.count_jobs().await.unwrap(), 0);
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM shared_objects").await, 0);
}

/// Messages with the same uploads in different orders, at once: all are written, none waits for ever.
pub async fn messages_at_once_share_uploads(db: Backend) {
    let (c, d) = (add(&db.store, "c", 1000).await, add(&db.store, "d", 1000).await);
    let mut writers = Vec::new();
    for turn in 0..16 {
        let mut uploads = vec![(c, "c"), (d, "d")];
        if turn % 2 == 1 {
            uploads.reverse();
        }
        let new = large(&db.store, &uploads).await;
        let store = db.store.clone();
        writers.push(tokio::spawn(async move { store.accept_message(&new).await }));
    }
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    assert_eq!(count(&db.url, "SELECT MIN(refs) FROM shared_objects").await, 16);
    assert_eq!(count(&db.url, "SELECT MAX(refs) FROM shared_objects").await, 16);
    assert_eq!(db.store.unused_upload_bytes(town()).await.unwrap(), 0);
    assert_consistent(&db).await;
}

/// Two messages that share an upload and are held up where they give the box its room back: each must have by then
/// whatever the other waits for. On SQLite, where the writer is one, they only come one after the other.
pub async fn messages_with_an_upload_in_common_do_not_wait_crosswise(db: Backend) {
    let (c, d) = (add(&db.store, "c", 1000).await, add(&db.store, "d", 1000).await);
    let mut holder = None;
    if db.url.starts_with("postgres") {
        let mut held = own_postgres(&db.url).await;
        sqlx::query("BEGIN").execute(&mut held).await.unwrap();
        let sum = "UPDATE upload_usage SET unused_bytes = unused_bytes";
        sqlx::query(sum).execute(&mut held).await.unwrap();
        holder = Some(held);
    }
    let mut writers = Vec::new();
    for (waiting, uploads) in [(1, &[(c, "c"), (d, "d")][..]), (2, &[(d, "d")][..])] {
        let new = large(&db.store, uploads).await;
        let store = db.store.clone();
        writers.push(tokio::spawn(async move { store.accept_message(&new).await }));
        if holder.is_some() {
            let waiters = "SELECT COUNT(*) FROM pg_stat_activity \
                 WHERE wait_event_type = 'Lock' AND datname = current_database()";
            while count(&db.url, waiters).await < waiting {
                tokio::task::yield_now().await;
            }
        }
    }
    if let Some(mut held) = holder {
        sqlx::query("COMMIT").execute(&mut held).await.unwrap();
    }
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    assert_eq!(db.store.unused_upload_bytes(town()).await.unwrap(), 0);
    assert_consistent(&db).await;
}

/// An upload whose time is over is purged while messages take it: for each, either the purge was first and every message
/// is refused, or a message was first and it stays.
pub async fn a_purge_never_takes_what_a_message_needs(db: Backend) {
    for round in 0..12_u8 {
        let letter = char::from(b'0' + round % 10).to_string() + if round < 10 { "" } else { "x" };
        let mut one = upload(town(), "c", 10);
        one.object = ObjectId(letter.repeat(16));
        let id = db.store.add_upload(&one, QUOTA).await.unwrap().unwrap();
        let mut tasks = Vec::new();
        for _ in 0..3 {
            let mut new = large(&db.store, &[(id, "c")]).await;
            new.message.content.segments[1] = Segment::Base64 {
                object: one.object.clone(),
                offset: 0,
                length: 9,
            };
            let store = db.store.clone();
            tasks.push(tokio::spawn(async move { store.accept_message(&new).await.is_ok() }));
        }
        let store = db.store.clone();
        let purge = tokio::spawn(async move { store.purge_uploads(at(7200), at(0), 10).await.unwrap() == 1 });
        let mut accepted = 0;
        for task in tasks {
            accepted += usize::from(task.await.unwrap());
        }
        let purged = purge.await.unwrap();
        let is_freed = freed(&db.store).await.contains(&one.object.0);
        let kept = db.store.lookup_upload(id).await.unwrap().is_some();
        assert_eq!(
            (purged, is_freed, kept),
            (accepted == 0, accepted == 0, accepted > 0),
            "{accepted} of 3"
        );
        assert!(accepted == 0 || accepted == 3, "{accepted} of 3");
    }
    assert_consistent(&db).await;
}
