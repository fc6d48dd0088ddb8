//! The power goes in the middle of a submission: what was answered with a number is there and whole, and no row of the
//! database names content that is not.
//!
//! Before and after each call that syncs content, and around the answer, a picture is taken of what the disk would hold
//! if the power went at that moment: of the content only what was synced, of the database its files as they are, since
//! it syncs every commit and a file copied between two commits is what a cut leaves. Content changes on the disk only by
//! syncs and the database only by commits, so these are all the moments that differ. Afterwards a system is started on
//! every picture.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;
#[cfg(test)]
#[path = "../../../storage/tests/objects/recorder.rs"]
mod recorder;

use std::fs::File;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use common::doubles::{FixedClock, TestAuthority};
use common::{START, people, system};
use futures::TryStreamExt;
use isds_core::envelope::EnvelopeDraft;
use isds_core::ids::MessageId;
use isds_core::message::{Message, SideOf};
use isds_core::operation::Operation;
use isds_core::ports::{MessageListQuery, Objects, Store};
use isds_core::principal::Principal;
use isds_core::splice::Splice;
use isds_core::time::Timestamp;
use isds_core::{AttachmentDraft, Credentials, Isds, Limits, ListRequest, SignInBounds};
use recorder::{Forget, Recorder};
use sha2::{Digest, Sha256};
use storage::objects::{DiskSync, MasterKey, open, open_with};

/// A message that was answered with its number.
#[derive(Clone)]
struct Answered {
    id: MessageId,
    attachments: Arc<Vec<Vec<u8>>>,
}

/// What a cut at some moment leaves.
struct Picture {
    folder: PathBuf,
    /// Which moment.
    moment: String,
    answered: Vec<Answered>,
}

/// The disk, with a picture taken whenever something on it changes for good.
struct Disk {
    live: PathBuf,
    album: PathBuf,
    recorder: Recorder,
    /// What is left out once messages are submitted.
    forget: Forget,
    running: AtomicBool,
    pictures: Mutex<Vec<Picture>>,
    answered: Mutex<Vec<Answered>>,
}

impl Disk {
    fn new(folder: &Path, forget: Forget) -> Self {
        let (live, album) = (folder.join("live"), folder.join("album"));
        std::fs::create_dir_all(live.join("content")).unwrap();
        std::fs::create_dir(&album).unwrap();
        Self {
            recorder: Recorder::new(&live.join("content"), Forget::Nothing),
            forget,
            live,
            album,
            running: AtomicBool::new(false),
            pictures: Mutex::default(),
            answered: Mutex::default(),
        }
    }

    fn forgets(&self, what: Forget) -> bool {
        self.forget == what && self.running.load(Ordering::SeqCst)
    }

    fn take(&self, moment: &str) {
        if !self.running.load(Ordering::SeqCst) {
            return;
        }
        let mut pictures = self.pictures.lock().unwrap();
        let folder = self.album.join(pictures.len().to_string());
        std::fs::create_dir_all(folder.join("content")).unwrap();
        self.recorder.crash(&self.live.join("content"), &folder.join("content"));
        for name in ["isds.db", "isds.db-wal"] {
            std::fs::copy(self.live.join(name), folder.join(name)).unwrap();
        }
        let answered = self.answered.lock().unwrap().clone();
        pictures.push(Picture {
            folder,
            moment: format!("{moment}, {} answered", answered.len()),
            answered,
        });
    }
}

impl DiskSync for Disk {
    fn sync_file(&self, file: &File, path: &Path) -> io::Result<()> {
        self.take("before the sync of a file");
        if !self.forgets(Forget::Files) {
            self.recorder.sync_file(file, path)?;
        }
        self.take("after the sync of a file");
        Ok(())
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.take("before the sync of a folder");
        if !self.forgets(Forget::Folders) {
            self.recorder.sync_folder(folder)?;
        }
        self.take("after the sync of a folder");
        Ok(())
    }
}

fn urls(folder: &Path) -> (String, String) {
    (
        format!("sqlite:{}", folder.join("isds.db").display()),
        format!("file:{}", folder.join("content").display()),
    )
}

/// A system over the stores, so many seconds after the beginning.
fn start(store: Arc<dyn Store>, objects: Arc<dyn Objects>, seconds: i64) -> Arc<Isds> {
    let now = Timestamp::parse(START).unwrap().plus_seconds(seconds);
    let clock = Arc::new(FixedClock::at(now));
    let authority = Arc::new(TestAuthority::default());
    system(
        store,
        objects,
        &clock,
        &authority,
        Limits::default(),
        SignInBounds::default(),
    )
}

async fn caller(isds: &Isds, login: &str) -> Arc<Principal> {
    let credentials = Credentials {
        login: login.into(),
        password: people::PASSWORD.into(),
    };
    let proven = isds.authenticate_user(&credentials, IpAddr::V4(Ipv4Addr::LOCALHOST));
    proven.await.unwrap()
}

/// Text that repeats nowhere in the same way.
fn attachment(length: usize, seed: usize) -> Vec<u8> {
    let letter = |n: usize| b'a' + ((n ^ (n >> 8) ^ (n >> 16) ^ seed) % 26) as u8;
    (0..length).map(letter).collect()
}

/// Submits a message as the office does; gives up after its attachments where it is not to be sent.
async fn submit(isds: &Isds, disk: &Disk, office: &Principal, attachments: Vec<Vec<u8>>, send: bool) {
    let draft = EnvelopeDraft {
        recipient: Some("nvak22s".into()),
        annotation: Some("Výzva".into()),
        ..EnvelopeDraft::default()
    };
    let mut submission = isds.create_message(office, draft).await.unwrap();
    for (n, content) in attachments.iter().enumerate() {
        let head = AttachmentDraft {
            meta_type: Some(if n == 0 { "main" } else { "enclosure" }.into()),
            file_name: Some(format!("{n}.txt")),
            ..AttachmentDraft::default()
        };
        submission.begin_attachment(head).await.unwrap();
        for piece in content.chunks(50_000) {
            submission.write(piece).await.unwrap();
        }
        submission.end_attachment().await.unwrap();
    }
    if !send {
        return submission.abandon().await;
    }
    let id = submission.accept().await.unwrap();
    disk.take("before the answer");
    disk.answered.lock().unwrap().push(Answered {
        id,
        attachments: Arc::new(attachments),
    });
    disk.take("after the answer");
}

/// Everything that the office has sent.
async fn rows(store: &Arc<dyn Store>) -> Vec<Message> {
    let query = MessageListQuery {
        box_id: "mesta2j".parse().unwrap(),
        side: SideOf::Sender,
        from: None,
        to: None,
        status_bits: u32::MAX,
        after: None,
        offset: 0,
        limit: 1000,
    };
    let mut found = Vec::new();
    for record in store.list_messages(&query).await.unwrap() {
        found.push(store.lookup_message(record.id).await.unwrap().unwrap());
    }
    found
}

/// Starts a system on a picture; answers what is not as it was promised.
async fn look(picture: &Picture, key: &MasterKey, citizen: &Principal) -> Result<(), String> {
    let (database, content) = urls(&picture.folder);
    let store = storage::connect(&database).await.map_err(|error| error.to_string())?;
    let rows = rows(&store).await;
    let objects = match open(&content, key.clone()).await {
        Ok(objects) => objects,
        // All content is lost with the folder, which is right where there is nothing that needs it.
        Err(error) if !rows.is_empty() => return Err(error.to_string()),
        Err(_) => return Ok(()),
    };
    for message in &rows {
        let document = Splice::default().then_segments(&message.content.segments);
        let bytes = document.collect(Arc::clone(&objects)).await;
        let bytes = bytes.map_err(|error| format!("the row of {} names content: {error}", message.id))?;
        if Sha256::digest(&bytes)[..] != message.content.sha256 {
            return Err(format!("the content of {} is another", message.id));
        }
    }
    if rows.len() > picture.answered.len() + 1 {
        return Err(format!("{} rows", rows.len()));
    }
    let isds = start(store, objects, 60);
    while isds.run_due_jobs().await.map_err(|error| error.to_string())?.taken > 0 {}
    let list = isds.list_received_messages(citizen, &ListRequest::default()).await;
    let listed: Vec<_> = list.unwrap().try_concat().await.unwrap();
    for sent in &picture.answered {
        if !listed.iter().any(|record| record.id == sent.id) {
            return Err(format!("{} is not delivered", sent.id));
        }
        let message = isds
            .received_message(citizen, Operation::MessageDownload, sent.id)
            .await;
        let message = message.map_err(|error| format!("{} cannot be downloaded: {error}", sent.id))?;
        let document = Splice::default().then_segments(&message.content.segments);
        let bytes = document.collect(Arc::clone(&isds.objects)).await.unwrap();
        let text = String::from_utf8(bytes).unwrap();
        for attachment in sent.attachments.iter() {
            if !text.contains(&base64_simd::STANDARD.encode_to_string(attachment)) {
                return Err(format!("{} is without an attachment", sent.id));
            }
        }
    }
    Ok(())
}

/// Submits messages and answers the pictures in which something is missing, and of how many.
async fn broken(forget: Forget) -> (Vec<String>, usize) {
    let folder = tempfile::tempdir().unwrap();
    let disk = Arc::new(Disk::new(folder.path(), forget));
    let key = MasterKey::generate().unwrap();
    let (database, content) = urls(&disk.live);
    let store = storage::connect(&database).await.unwrap();
    let objects = open_with(&content, key.clone(), Arc::clone(&disk) as _).await.unwrap();
    let isds = start(store, objects, 0);
    people::add(&isds).await;
    let (office, citizen) = (caller(&isds, "mesto01").await, caller(&isds, "novak01").await);
    disk.running.store(true, Ordering::SeqCst);
    disk.take("before anything");
    let before = disk.recorder.syncs();

    let small = || vec![attachment(5_000, 1)];
    // Below the limit of a small message, above it, and above what an object is written in at once.
    let large = || {
        vec![
            attachment(90_000, 2),
            attachment(150_000, 3),
            attachment(1_300_000, 4),
            attachment(10, 5),
        ]
    };
    submit(&isds, &disk, &office, small(), true).await;
    submit(&isds, &disk, &office, large(), true).await;
    submit(&isds, &disk, &office, large(), false).await;
    submit(&isds, &disk, &office, small(), true).await;

    // The one that was given up left no row, but its four objects were written before.
    let objects = 4 + rows(&isds.store).await.iter().map(objects_of).sum::<usize>();
    if forget == Forget::Nothing {
        assert_eq!(disk.recorder.syncs() - before, objects * 2);
    }
    // Each object with its file and its folder, before and after; each answer before and after.
    let moments = 1 + objects * 2 * 2 + 3 * 2;
    let mut wrong = Vec::new();
    let pictures = std::mem::take(&mut *disk.pictures.lock().unwrap());
    assert_eq!(pictures.len(), moments);
    for picture in &pictures {
        if let Err(what) = look(picture, &key, &citizen).await {
            wrong.push(format!("{}: {what}", picture.moment));
        }
    }
    (wrong, moments)
}

/// Each message's own objects, counted once.
fn objects_of(message: &Message) -> usize {
    let names: std::collections::HashSet<_> = message.content.segments.iter().map(|s| &s.object().0).collect();
    names.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_a_power_cut_at_any_moment() {
    let (wrong, moments) = broken(Forget::Nothing).await;
    assert_eq!(wrong, Vec::<String>::new());
    assert!(moments > 40, "{moments} moments");
}

/// The test above would find a store that does not sync: every answer given would be missing something.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_forgets_to_sync_is_found_out() {
    for forget in [Forget::Files, Forget::Folders] {
        let (wrong, _) = broken(forget).await;
        for answered in 1..=3 {
            let moment = format!("after the answer, {answered} answered");
            assert!(
                wrong.iter().any(|what| what.starts_with(&moment)),
                "{forget:?}: {wrong:?}"
            );
        }
    }
}
