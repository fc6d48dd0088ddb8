//! What the database names, and whether the objects fit: every fault is found, and nothing that is none.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use harness::BucketServer;
use isds_core::consistency::{Finding, Observer, Progress, Scope, examine};
use isds_core::ids::{MessageId, ObjectId, PersonId};
use isds_core::message::{Message, Segment};
use isds_core::ports::{DataFile, Referrer, Secrets, Store, Upload, UploadId};
use isds_core::sign_in_factors::OneTimeCodes;
use isds_core::time::Timestamp;
use sha2::{Digest, Sha256};
use sha3::Sha3_256;
use storage::objects::{KeyRotation, MasterKey, MasterKeys, open_for_upkeep};
use storage::secrets::MasterSecrets;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::engines::{Backend, execute};
use crate::fixtures::*;

/// Objects, and a way to them behind the store's back.
struct Content {
    objects: Arc<dyn KeyRotation>,
    at: At,
}

enum At {
    Folder(tempfile::TempDir),
    Bucket(BucketServer),
}

impl Content {
    async fn in_folder() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("file:{}", folder.path().display());
        let objects = open_for_upkeep(&url, MasterKey::generate().unwrap()).await.unwrap();
        Self {
            objects,
            at: At::Folder(folder),
        }
    }

    async fn in_bucket() -> Self {
        let server = block_in_place(|| BucketServer::start().unwrap());
        let objects = open_for_upkeep(&server.url("isds"), MasterKey::generate().unwrap()).await;
        Self {
            objects: objects.unwrap(),
            at: At::Bucket(server),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        match &self.at {
            At::Folder(folder) => folder.path().join(&name[..2]).join(name),
            At::Bucket(_) => PathBuf::from(format!("isds/{}/{name}", &name[..2])),
        }
    }

    fn remove(&self, id: &ObjectId) {
        let path = self.path(&id.0);
        match &self.at {
            At::Folder(_) => std::fs::remove_file(path).unwrap(),
            At::Bucket(server) => block_in_place(|| server.remove(path.to_str().unwrap()).unwrap()),
        }
    }

    fn alter(&self, id: &ObjectId, how: impl FnOnce(&mut Vec<u8>)) {
        let path = self.path(&id.0);
        match &self.at {
            At::Folder(_) => {
                let mut bytes = std::fs::read(&path).unwrap();
                how(&mut bytes);
                std::fs::write(path, bytes).unwrap();
            }
            At::Bucket(server) => block_in_place(|| {
                let name = path.to_str().unwrap();
                let mut bytes = server.content(name).unwrap();
                how(&mut bytes);
                server.put(name, &bytes).unwrap();
            }),
        }
    }

    /// A message whose content lies here: a frame, and an attachment in base64 between its parts.
    async fn accept(&self, store: &Arc<dyn Store>, n: u8) -> Message {
        let (head, attached, tail) = (format!("<p:dmDm n='{n}'>"), vec![n; 90_000], "</p:dmDm>");
        let frame = self.objects.put(Bytes::from(format!("{head}{tail}"))).await.unwrap();
        let file = self.objects.put(Bytes::from(attached.clone())).await.unwrap();
        let mut encoded = head.clone().into_bytes();
        encoded.extend_from_slice(openssl::base64::encode_block(&attached).as_bytes());
        encoded.extend_from_slice(tail.as_bytes());
        let literal = |offset: usize, length: usize| Segment::Literal {
            object: frame.clone(),
            offset: offset as u64,
            length: length as u64,
        };
        accept_as(store, i64::from(n), |message| {
            message.content.segments = vec![
                literal(0, head.len()),
                Segment::Base64 {
                    object: file.clone(),
                    offset: 0,
                    length: 90_000,
                },
                literal(head.len(), tail.len()),
            ];
            message.content.sha256 = Sha256::digest(&encoded).into();
            message.content.sha3_256 = Sha3_256::digest(&encoded).into();
        })
        .await
    }

    async fn found(&self, store: &Arc<dyn Store>, scope: Scope) -> Vec<Finding> {
        self.found_while(store, scope, |_| {}).await
    }

    /// What is found while somebody does something, each time the examination goes on.
    async fn found_while(
        &self,
        store: &Arc<dyn Store>,
        scope: Scope,
        meanwhile: impl FnMut(&Progress) + Send,
    ) -> Vec<Finding> {
        let mut notes = Notes {
            found: Vec::new(),
            meanwhile,
        };
        let objects = Arc::clone(&self.objects) as Arc<dyn isds_core::ports::ObjectUpkeep>;
        let scratch = tempfile::tempfile().unwrap();
        let wrong = examine(&**store, &objects, scope, scratch, &mut notes).await.unwrap();
        let unmended = |finding: &&Finding| !matches!(finding, Finding::Orphan(.., true) | Finding::Leftover(.., true));
        assert_eq!(wrong, notes.found.iter().filter(unmended).count() as u64);
        notes.found
    }
}

struct Notes<F> {
    found: Vec<Finding>,
    meanwhile: F,
}

impl<F: FnMut(&Progress) + Send> Observer for Notes<F> {
    fn found(&mut self, finding: &Finding) {
        self.found.push(finding.clone());
    }

    fn went_on(&mut self, progress: &Progress) {
        (self.meanwhile)(progress);
    }
}

/// Everything, objects of any age.
const ALL: Scope = Scope {
    from: MessageId(0),
    young_since: Timestamp(i64::MAX),
    remove_orphans: false,
    never_restored: false,
};

fn frame(message: &Message) -> ObjectId {
    message.content.segments[0].object().clone()
}

fn file(message: &Message) -> ObjectId {
    message.content.segments[1].object().clone()
}

fn upload(object: &ObjectId) -> Upload {
    Upload {
        id: UploadId(0),
        box_id: town(),
        mime_type: "application/pdf".into(),
        file_name: "příloha.pdf".into(),
        object: object.clone(),
        length: 5,
        sha256: [1; 32],
        sha3_256: [2; 32],
        expires: at(7200),
    }
}

pub async fn faults_in_a_folder_are_found(db: Backend) {
    let content = Content::in_folder().await;
    faults(&db, &content).await;
    let name = format!("{}#7", "0".repeat(32));
    std::fs::write(content.path(&name), "half").unwrap();
    let left = |found: Vec<Finding>| {
        let left = found.into_iter().filter_map(|finding| match finding {
            Finding::Leftover(name, _, removed) => Some((name, removed)),
            _ => None,
        });
        left.collect::<Vec<_>>()
    };
    let young = Scope {
        young_since: Timestamp(0),
        ..ALL
    };
    assert_eq!(left(content.found(&db.store, young).await), []);
    assert_eq!(left(content.found(&db.store, ALL).await), [(name.clone(), false)]);
    let removing = Scope {
        remove_orphans: true,
        ..ALL
    };
    assert_eq!(left(content.found(&db.store, removing).await), [(name, true)]);
    assert_eq!(left(content.found(&db.store, ALL).await), []);
}

fn count(found: &[Finding], what: impl Fn(&Finding) -> bool) -> usize {
    found.iter().filter(|finding| what(finding)).count()
}

/// Somebody ran all the time there is.
async fn note_that_it_ran(store: &Arc<dyn Store>) {
    store.note_life("always", None, Timestamp(0)).await.unwrap();
    let end = Timestamp(i64::MAX / 2);
    store.note_life("always", Some(Timestamp(0)), end).await.unwrap();
}

/// The database is put back to an earlier state beside objects that go on: what it forgot stays, however long it then runs.
pub async fn what_a_restored_database_forgot_stays(db: Backend) {
    let content = Content::in_folder().await;
    let store = &db.store;
    let kept = content.accept(store, 1).await;
    let orphan = content
        .objects
        .put(Bytes::from_static(b"left by a crash"))
        .await
        .unwrap();
    let set = |object: &ObjectId, seconds: u64| {
        let file = std::fs::File::options()
            .write(true)
            .open(content.path(&object.0))
            .unwrap();
        file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds))
            .unwrap();
    };
    let second = |seconds: i64| Timestamp(seconds * 1_000_000);
    // A node runs from second 1,000 to the backup at 5,000, and on to 9,000, when all is lost.
    store.note_life("first", None, second(1_000)).await.unwrap();
    store
        .note_life("first", Some(second(1_000)), second(5_000))
        .await
        .unwrap();
    set(&orphan, 3_000);
    let mut forgotten = Vec::new();
    for (n, written) in [(2, 5_001), (3, 7_000), (4, 8_999)] {
        let message = content.accept(store, n).await;
        forgotten.push(message.id);
        set(&frame(&message), written);
        set(&file(&message), written);
    }
    // The database is as it was at the backup. The same node finds it so, and another one starts.
    for table in ["message_events", "messages"] {
        let statement = format!("DELETE FROM {table} WHERE dm_id >= {}", forgotten[0].0);
        execute(&db.url, statement.leak()).await;
    }
    store
        .note_life("first", Some(second(8_998)), second(9_002))
        .await
        .unwrap();
    store.note_life("second", None, second(9_500)).await.unwrap();
    for (node, noted) in [("first", 9_002), ("second", 9_500)] {
        store
            .note_life(node, Some(second(noted)), second(900_000))
            .await
            .unwrap();
    }
    let removing = Scope {
        remove_orphans: true,
        ..ALL
    };
    let found = content.found(store, removing).await;
    assert_eq!(
        count(&found, |finding| matches!(finding, Finding::OrphanOfAnUnknownTime(..))),
        6,
        "{found:?}"
    );
    assert!(
        found
            .iter()
            .any(|one| matches!(one, Finding::Orphan(id, _, _, true) if *id == orphan)),
        "{found:?}"
    );
    assert_eq!(found.len(), 7, "{found:?}");
    assert!(content.path(&frame(&kept).0).exists());

    // Objects that were written anew in a bucket look as if they were new.
    let late = content.objects.put(Bytes::from_static(b"written anew")).await.unwrap();
    set(&late, 20_000);
    store.note_rewriting(second(30_000)).await.unwrap();
    let found = content.found(store, removing).await;
    assert!(
        count(
            &found,
            |one| matches!(one, Finding::OrphanOfAnUnknownTime(id, ..) if *id == late)
        ) == 1,
        "{found:?}"
    );
    let knowing = Scope {
        never_restored: true,
        ..removing
    };
    let found = content.found(store, knowing).await;
    assert_eq!(
        count(&found, |finding| matches!(finding, Finding::Orphan(.., true))),
        7,
        "{found:?}"
    );
}

pub async fn faults_in_a_bucket_are_found(db: Backend) {
    faults(&db, &Content::in_bucket().await).await;
}

async fn faults(db: &Backend, content: &Content) {
    let store = &db.store;
    let mut messages = Vec::new();
    for n in 0..8 {
        messages.push(content.accept(store, n).await);
    }
    let put = async |text: &'static str| content.objects.put(Bytes::from_static(text.as_bytes())).await.unwrap();
    let waiting = put("12345").await;
    let damaged = put("54321").await;
    for object in [&waiting, &damaged] {
        store.add_upload(&upload(object), 1000).await.unwrap().unwrap();
    }
    let listed = DataFile {
        object: put("boxes").await,
        length: 5,
        made: at(0),
    };
    store.replace_data_file("all", &listed).await.unwrap();
    assert_eq!(content.found(store, ALL).await, []);

    content.remove(&file(&messages[1]));
    content.alter(&file(&messages[2]), |bytes| bytes.truncate(bytes.len() - 1000));
    content.alter(&file(&messages[3]), |bytes| bytes[70_000] ^= 1);
    content.alter(&frame(&messages[4]), |bytes| bytes[20] ^= 1);
    execute(
        &db.url,
        "UPDATE messages SET sha256 = sha3_256 WHERE dm_id = (SELECT MAX(dm_id) FROM messages)",
    )
    .await;
    content.alter(&damaged, |bytes| bytes[66] ^= 1);
    content.remove(&listed.object);
    execute(
        &db.url,
        "DELETE FROM message_events WHERE dm_id = (SELECT MIN(dm_id) FROM messages)",
    )
    .await;
    execute(
        &db.url,
        "DELETE FROM messages WHERE dm_id = (SELECT MIN(dm_id) FROM messages)",
    )
    .await;

    let id = |n: usize| messages[n].id;
    let mut expected = vec![
        Finding::ContentMissing(id(1), file(&messages[1])),
        Finding::ContentDamaged(id(2), file(&messages[2])),
        Finding::ContentDamaged(id(3), file(&messages[3])),
        Finding::ContentDamaged(id(4), frame(&messages[4])),
        Finding::HashDiffers(id(7)),
    ];
    let found = content.found(store, ALL).await;
    assert_eq!(found[..5], expected, "{found:?}");
    let rest = found[5..].to_vec();
    let orphans: Vec<&ObjectId> = rest
        .iter()
        .filter_map(|finding| match finding {
            Finding::Orphan(id, Some(_), _, false) => Some(id),
            _ => None,
        })
        .collect();
    assert_eq!((orphans.len(), rest.len()), (2, 4), "{rest:?}");
    assert!(orphans.contains(&&frame(&messages[0])) && orphans.contains(&&file(&messages[0])));
    assert!(rest.contains(&Finding::ObjectDamaged(damaged.clone())));
    assert!(rest.contains(&Finding::ObjectMissing(listed.object.clone(), Referrer::DataFile)));

    // What was examined before is not read again; what is young is left alone.
    let later = Scope {
        from: id(3),
        young_since: Timestamp(0),
        ..ALL
    };
    expected.drain(..2);
    assert_eq!(content.found(store, later).await[..3], expected);
    let removing = Scope {
        remove_orphans: true,
        ..ALL
    };
    note_that_it_ran(store).await;
    let removed = content.found(store, removing).await;
    assert_eq!(
        removed
            .iter()
            .filter(|finding| matches!(finding, Finding::Orphan(.., true)))
            .count(),
        2
    );
    let left = content.found(store, ALL).await;
    assert!(
        !left.iter().any(|finding| matches!(finding, Finding::Orphan(..))),
        "{left:?}"
    );
    assert_eq!(left.len(), 7);
}

/// Messages are released and accepted, uploads made and freed while it is examined.
pub async fn a_running_system_raises_no_alarm(db: Backend) {
    let content = Content::in_folder().await;
    let store = &db.store;
    let mut messages = Vec::new();
    for n in 0..4 {
        messages.push(content.accept(store, n).await);
    }
    let freed = content.objects.put(Bytes::from_static(b"12345")).await.unwrap();
    let upload_id = store.add_upload(&upload(&freed), 1000).await.unwrap().unwrap();
    let begun = Timestamp(0);
    let (mut released, mut accepted, mut let_go) = (false, false, false);
    let found = content.found_while(
        store,
        Scope {
            young_since: begun,
            ..ALL
        },
        |progress| {
            block_in_place(|| {
                Handle::current().block_on(async {
                    if progress.messages == 1 && !std::mem::replace(&mut released, true) {
                        // The page with it was read before.
                        execute(
                            &db.url,
                            "UPDATE messages SET segments = '[]' WHERE dm_id = (SELECT MAX(dm_id) FROM messages)",
                        )
                        .await;
                        content.remove(&file(&messages[3]));
                        content.remove(&frame(&messages[3]));
                    }
                    if progress.messages == 4 && !std::mem::replace(&mut let_go, true) {
                        assert!(store.remove_upload(upload_id, at(0)).await.unwrap());
                    }
                    if progress.parts == 1 && !std::mem::replace(&mut accepted, true) {
                        content.accept(store, 9).await;
                        content.objects.delete(&freed).await.unwrap();
                        store.forget_freed_objects(std::slice::from_ref(&freed)).await.unwrap();
                    }
                });
            });
        },
    );
    assert_eq!(found.await, []);
    assert!(released && accepted && let_go);
}

pub async fn what_names_objects(db: Backend) {
    let store = &db.store;
    let object = |n: usize| ObjectId(format!("{n:032x}"));
    for n in [3, 1, 2] {
        store.add_upload(&upload(&object(n)), 1000).await.unwrap().unwrap();
    }
    store.remove_upload(UploadId(1), at(0)).await.unwrap();
    for n in 5..8 {
        let file = DataFile {
            object: object(n),
            length: 1,
            made: at(0),
        };
        store.replace_data_file("all", &file).await.unwrap();
    }
    let named = async |by, after: usize, limit| store.list_referred_objects(by, &object(after), limit).await.unwrap();
    let all = [1, 2, 3].map(object);
    let uploads = [
        named(Referrer::Upload, 0, 10).await,
        named(Referrer::Freed, 0, 10).await,
    ]
    .concat();
    assert_eq!(uploads.len(), 3);
    assert!(all.iter().all(|id| uploads.contains(id)));
    assert_eq!(
        named(Referrer::DataFile, 0, 10).await,
        [6, 7].map(object),
        "the last one and the one before"
    );
    assert_eq!(named(Referrer::DataFile, 6, 10).await, [object(7)]);
    assert_eq!(named(Referrer::Upload, 1, 1).await.len(), 1);
    for by in [Referrer::ErasedList, Referrer::AccessData] {
        assert_eq!(named(by, 0, 10).await, []);
    }
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(accept(store, n).await.id);
    }
    let page = async |after, limit| {
        let page = store.list_contents(after, limit).await.unwrap();
        page.into_iter().map(|(id, _)| id).collect::<Vec<_>>()
    };
    assert_eq!(page(MessageId(0), 3).await, ids[..3]);
    assert_eq!(page(ids[2], 3).await, ids[3..]);
}

pub async fn secrets_come_under_another_key(db: Backend) {
    let store = &db.store;
    let (former, current) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
    let before = MasterSecrets::new(&former).unwrap();
    for n in 0..3_u8 {
        let person = isds_core::user::Person {
            id: PersonId(-1),
            given_names: "Eva".into(),
            last_name: "Vzorová".into(),
            birth_date: None,
            address: isds_core::data_box::Address::default(),
            aifo_known: false,
        };
        let person = store.add_person(&person).await.unwrap();
        let codes = OneTimeCodes {
            sealed_secret: before.seal("one-time codes", &[n; 20]).unwrap(),
            last_step: 1,
            switched_on: at(1),
            last_used: None,
            recovery_left: 0,
        };
        store.set_one_time_codes(person, &codes, &[]).await.unwrap();
    }
    let keys = MasterKeys::new(current.clone(), vec![former.clone()]);
    let both = MasterSecrets::of_keys(&keys, &former).unwrap();
    assert_eq!(isds_core::reseal_secrets(&**store, &both).await.unwrap(), 3);
    assert_eq!(isds_core::reseal_secrets(&**store, &both).await.unwrap(), 0);
    let after = MasterSecrets::new(&current).unwrap();
    let sealed = store.list_code_secrets(PersonId(0), 10).await.unwrap();
    for (n, (person, sealed)) in sealed.iter().enumerate() {
        assert_eq!(after.open("one-time codes", sealed).unwrap(), [n as u8; 20]);
        assert!(!store.replace_code_secret(*person, b"another", b"x").await.unwrap());
    }
    assert_eq!(store.digest_key().await.unwrap(), None);
    assert_eq!(store.keep_digest_key("one").await.unwrap(), "one");
    assert_eq!(store.keep_digest_key("two").await.unwrap(), "one");
    assert!(!store.replace_digest_key("two", "three").await.unwrap());
    assert!(store.replace_digest_key("one", "three").await.unwrap());
    assert_eq!(store.digest_key().await.unwrap().as_deref(), Some("three"));
}
