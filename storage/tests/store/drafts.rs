//! Drafts, templates, their attachments, and sendings.

use std::collections::BTreeSet;
use std::sync::Arc;

use isds_core::envelope::EnvelopeDraft;
use isds_core::ids::{MessageId, ObjectId};
use isds_core::ports::{
    AddedDraft, Attached, BegunSending, Draft, DraftBounds, DraftContent, DraftId, DraftPosition, DraftVersion,
    NewDraft, Sending, SendingId, SendingLease, SendingOutcome, SendingRow, Store, StoreError, Upload, UploadId,
};
use isds_core::time::Timestamp;

use crate::engines::{Backend, count};
use crate::fixtures::*;

const BOUNDS: DraftBounds = DraftBounds {
    drafts: 4,
    bytes: 5000,
    attachments: 3,
    draft_bytes: 4000,
};

fn content(subject: &str) -> DraftContent {
    DraftContent {
        recipients: vec![novak(), maria()],
        envelope: EnvelopeDraft {
            annotation: Some(subject.into()),
            ..EnvelopeDraft::default()
        },
    }
}

fn new_draft(key: &str) -> NewDraft {
    NewDraft {
        box_id: town(),
        key: key.into(),
        template: None,
        author: "Karel Podatelna".into(),
        changed: at(0),
        content: content(key),
        attachments_of: None,
    }
}

async fn write(store: &Arc<dyn Store>, new: &NewDraft) -> Draft {
    let AddedDraft::Added(id) = store.add_draft(new, &BOUNDS).await.unwrap() else {
        panic!("the draft was not added");
    };
    lookup(store, id).await
}

async fn lookup(store: &Arc<dyn Store>, id: DraftId) -> Draft {
    store.lookup_draft(id, town()).await.unwrap().expect("the draft")
}

fn upload(object: &str, length: u64) -> Upload {
    Upload {
        id: UploadId(0),
        box_id: town(),
        mime_type: "application/pdf".into(),
        file_name: format!("{object}.pdf"),
        object: ObjectId(object.repeat(32)),
        length,
        sha256: [1; 32],
        sha3_256: [2; 32],
        expires: at(7200),
    }
}

async fn attach(store: &Arc<dyn Store>, draft: DraftId, object: &str, length: u64) -> UploadId {
    match store
        .attach_to_draft(draft, &upload(object, length), &BOUNDS)
        .await
        .unwrap()
    {
        Attached::Added(id) => id,
        other => panic!("{other:?}"),
    }
}

async fn freed(store: &Arc<dyn Store>) -> BTreeSet<char> {
    let freed = store.list_freed_objects(Timestamp(i64::MAX), 100).await.unwrap();
    freed.into_iter().filter_map(|object| object.0.chars().next()).collect()
}

/// The kept sums are the sums.
async fn assert_consistent(db: &Backend) {
    let wrong = "SELECT COUNT(*) FROM draft_usage AS u WHERE \
         drafts <> (SELECT COUNT(*) FROM drafts WHERE drafts.box_id = u.box_id) OR bytes <> (SELECT \
         COALESCE(SUM(length), 0) FROM drafts JOIN draft_attachments ON draft_id = drafts.id \
         JOIN uploads ON uploads.id = upload_id WHERE drafts.box_id = u.box_id)";
    assert_eq!(count(&db.url, wrong).await, 0);
    let wrong = "SELECT COUNT(*) FROM drafts WHERE attachments <> \
         (SELECT COUNT(*) FROM draft_attachments WHERE draft_id = drafts.id)";
    assert_eq!(count(&db.url, wrong).await, 0);
    let lost = "SELECT COUNT(*) FROM draft_attachments WHERE draft_id NOT IN (SELECT id FROM drafts) \
         OR upload_id NOT IN (SELECT id FROM uploads)";
    assert_eq!(count(&db.url, lost).await, 0);
}

pub async fn a_draft_is_saved_over_its_version(db: Backend) {
    let first = write(&db.store, &new_draft("a")).await;
    assert_eq!(first.content, content("a"));
    assert_eq!((first.version.content, first.version.files), (1, 0));
    assert_eq!(
        (first.author.as_str(), first.template.as_deref()),
        ("Karel Podatelna", None)
    );
    let mut second = first.clone();
    second.content = content("b");
    second.author = "Marie Vzorná".into();
    second.changed = at(60);
    let saved = db.store.save_draft(&second).await.unwrap();
    assert_eq!(saved, Some(DraftVersion { content: 2, files: 0 }));
    let other_tab = db.again().await;
    assert_eq!(other_tab.save_draft(&first).await.unwrap(), None, "an old version");
    let kept = lookup(&other_tab, first.id).await;
    assert_eq!(
        (kept.content, kept.author, kept.changed),
        (second.content, second.author, at(60))
    );
    // Another box neither sees nor changes it.
    assert_eq!(db.store.lookup_draft(first.id, novak()).await.unwrap(), None);
    let stolen = Draft {
        box_id: novak(),
        version: DraftVersion { content: 2, files: 0 },
        ..first.clone()
    };
    assert_eq!(db.store.save_draft(&stolen).await.unwrap(), None);
    assert!(!db.store.remove_draft(first.id, novak(), at(0)).await.unwrap());
    assert!(db.store.remove_draft(first.id, town(), at(0)).await.unwrap());
    assert!(!db.store.remove_draft(first.id, town(), at(0)).await.unwrap());
    assert_consistent(&db).await;
    let again = write(&db.store, &new_draft("a")).await;
    db.store.clear().await.unwrap();
    assert_eq!(db.store.lookup_draft(again.id, town()).await.unwrap(), None);
    assert_eq!(db.store.draft_bytes(town()).await.unwrap(), 0);
}

pub async fn a_form_makes_its_draft_once(db: Backend) {
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let store = db.store.clone();
            tokio::spawn(async move { store.add_draft(&new_draft("key"), &BOUNDS).await.unwrap() })
        })
        .collect();
    let (mut added, mut ids) = (0, BTreeSet::new());
    for writer in writers {
        match writer.await.unwrap() {
            AddedDraft::Added(id) => {
                added += 1;
                ids.insert(id);
            }
            AddedDraft::Exists(id) => {
                ids.insert(id);
            }
            AddedDraft::NoRoom => panic!("there is room"),
        }
    }
    assert_eq!((added, ids.len()), (1, 1));
    // The key is the box's own.
    let other = NewDraft {
        box_id: novak(),
        ..new_draft("key")
    };
    assert!(matches!(
        db.store.add_draft(&other, &BOUNDS).await.unwrap(),
        AddedDraft::Added(_)
    ));
    assert_consistent(&db).await;
}

pub async fn drafts_have_bounds(db: Backend) {
    let draft = write(&db.store, &new_draft("a")).await;
    let other = write(&db.store, &new_draft("b")).await;
    attach(&db.store, draft.id, "0", 2000).await;
    let refused = async |draft, object, length| {
        let upload = upload(object, length);
        let attached = db.store.attach_to_draft(draft, &upload, &BOUNDS).await.unwrap();
        assert_consistent(&db).await;
        attached
    };
    assert_eq!(refused(draft.id, "1", 2001).await, Attached::TooLarge);
    assert_eq!(refused(other.id, "1", 3001).await, Attached::NoRoom);
    attach(&db.store, draft.id, "2", 1).await;
    attach(&db.store, draft.id, "3", 0).await;
    assert_eq!(refused(draft.id, "4", 0).await, Attached::TooMany);
    assert_eq!(refused(DraftId(other.id.0 + 100), "5", 0).await, Attached::NoDraft);
    let foreign = Upload {
        box_id: novak(),
        ..upload("6", 1)
    };
    let foreign = db.store.attach_to_draft(draft.id, &foreign, &BOUNDS).await.unwrap();
    assert_eq!(foreign, Attached::NoDraft);
    assert_eq!(lookup(&db.store, draft.id).await.attachments.len(), 3);
    assert_eq!(db.store.draft_bytes(town()).await.unwrap(), 2001);
    for key in ["c", "d"] {
        write(&db.store, &new_draft(key)).await;
    }
    let one_more = db.store.add_draft(&new_draft("e"), &BOUNDS).await.unwrap();
    assert_eq!(one_more, AddedDraft::NoRoom);
    assert!(db.store.remove_draft(other.id, town(), at(0)).await.unwrap());
    // A copy takes room as the first did.
    let copy = NewDraft {
        attachments_of: Some(draft.id),
        ..new_draft("f")
    };
    let tight = DraftBounds { bytes: 4001, ..BOUNDS };
    assert_eq!(db.store.add_draft(&copy, &tight).await.unwrap(), AddedDraft::NoRoom);
    write(&db.store, &copy).await;
    assert_eq!(db.store.draft_bytes(town()).await.unwrap(), 4002);
    assert_consistent(&db).await;
}

pub async fn drafts_at_once_do_not_pass_the_bounds_together(db: Backend) {
    let draft = write(&db.store, &new_draft("a")).await;
    let writers: Vec<_> = "01234567"
        .chars()
        .map(|letter| {
            let store = db.store.clone();
            let upload = upload(&letter.to_string(), 1900);
            tokio::spawn(async move {
                let drafts = store
                    .add_draft(&new_draft(&format!("more{letter}")), &BOUNDS)
                    .await
                    .unwrap();
                let attached = store.attach_to_draft(draft.id, &upload, &BOUNDS).await.unwrap();
                (
                    matches!(drafts, AddedDraft::Added(_)),
                    matches!(attached, Attached::Added(_)),
                )
            })
        })
        .collect();
    let mut added = (0, 0);
    for writer in writers {
        let (drafts, attached) = writer.await.unwrap();
        added = (added.0 + u64::from(drafts), added.1 + u64::from(attached));
    }
    assert_eq!(added, (3, 2));
    assert_consistent(&db).await;
}

pub async fn attachments_stay_as_long_as_somebody_needs_them(db: Backend) {
    let draft = write(&db.store, &new_draft("a")).await;
    let (kept, dropped) = (
        attach(&db.store, draft.id, "c", 10).await,
        attach(&db.store, draft.id, "d", 20).await,
    );
    let found = lookup(&db.store, draft.id).await;
    assert_eq!(found.version, DraftVersion { content: 1, files: 2 });
    assert_eq!(
        found.attachments[0],
        Upload {
            id: kept,
            ..upload("c", 10)
        }
    );
    // They wait for no message, so nobody purges them.
    assert_eq!(db.store.purge_uploads(at(1_000_000), at(0), 10).await.unwrap(), 0);
    assert_eq!(db.store.unused_upload_bytes(town()).await.unwrap(), 0);
    assert!(
        !db.store
            .detach_from_draft(draft.id, novak(), dropped, at(0))
            .await
            .unwrap()
    );
    assert!(
        db.store
            .detach_from_draft(draft.id, town(), dropped, at(0))
            .await
            .unwrap()
    );
    assert!(
        !db.store
            .detach_from_draft(draft.id, town(), dropped, at(0))
            .await
            .unwrap()
    );
    assert_eq!(freed(&db.store).await, BTreeSet::from(['d']));
    assert_eq!(db.store.lookup_upload(dropped).await.unwrap(), None);
    let template = NewDraft {
        template: Some("Výzva".into()),
        attachments_of: Some(draft.id),
        ..new_draft("t")
    };
    let template = write(&db.store, &template).await;
    assert_eq!(template.attachments.len(), 1);
    assert_consistent(&db).await;
    assert!(db.store.remove_draft(draft.id, town(), at(0)).await.unwrap());
    assert_eq!(freed(&db.store).await, BTreeSet::from(['d']), "the template needs it");
    // So does a large message that was made of it.
    let mut new = message(db.store.next_message_id().await.unwrap(), at(0));
    new.message.content.large = Some(Vec::new());
    new.uploads = vec![kept];
    db.store.accept_message(&new).await.unwrap();
    assert!(db.store.remove_draft(template.id, town(), at(0)).await.unwrap());
    assert_eq!(freed(&db.store).await, BTreeSet::from(['d']), "the message needs it");
    assert!(db.store.lookup_upload(kept).await.unwrap().is_some());
    assert_eq!(db.store.draft_bytes(town()).await.unwrap(), 0);
    assert_consistent(&db).await;
}

pub async fn attachments_keep_their_order(db: Backend) {
    let draft = write(&db.store, &new_draft("a")).await;
    for letter in ["c", "d", "e"] {
        attach(&db.store, draft.id, letter, 1).await;
    }
    let order = async || -> String {
        let draft = lookup(&db.store, draft.id).await;
        draft
            .attachments
            .iter()
            .filter_map(|a| a.object.0.chars().next())
            .collect()
    };
    let id_of = async |letter: &str| {
        let draft = lookup(&db.store, draft.id).await;
        let found = draft.attachments.into_iter().find(|a| a.object.0.starts_with(letter));
        found.unwrap().id
    };
    assert_eq!(order().await, "cde");
    for (letter, up, expected) in [
        ("e", true, "ced"),
        ("e", true, "ecd"),
        ("e", true, "ecd"),
        ("c", false, "edc"),
        ("c", false, "edc"),
    ] {
        let id = id_of(letter).await;
        assert!(db.store.move_attachment(draft.id, town(), id, up).await.unwrap());
        assert_eq!(order().await, expected);
    }
    let id = id_of("c").await;
    assert!(!db.store.move_attachment(draft.id, novak(), id, true).await.unwrap());
    assert!(db.store.detach_from_draft(draft.id, town(), id, at(0)).await.unwrap());
    attach(&db.store, draft.id, "f", 1).await;
    assert_eq!(order().await, "edf");
    assert!(!db.store.move_attachment(draft.id, town(), id, true).await.unwrap());
}

pub async fn drafts_are_listed_in_pages(db: Backend) {
    for (key, seconds, template) in [
        ("a", 5, None),
        ("b", 7, None),
        ("c", 5, None),
        ("t", 9, Some("Výzva".to_owned())),
    ] {
        let new = NewDraft {
            changed: at(seconds),
            template,
            ..new_draft(key)
        };
        write(&db.store, &new).await;
    }
    let page = async |templates, after| {
        let drafts = db.store.list_drafts(town(), templates, after, 2).await.unwrap();
        let subjects: Vec<String> = drafts
            .iter()
            .map(|draft| draft.content.envelope.annotation.clone().unwrap())
            .collect();
        let last = drafts.last().map(|draft| DraftPosition {
            changed: draft.changed,
            id: draft.id,
        });
        (subjects, last)
    };
    let (first, last) = page(false, None).await;
    assert_eq!(first, ["b", "c"]);
    let (second, last) = page(false, last).await;
    assert_eq!(second, ["a"]);
    assert_eq!(page(false, last).await.0, [""; 0]);
    assert_eq!(page(true, None).await.0, ["t"]);
    let template = db.store.list_drafts(town(), true, None, 2).await.unwrap().remove(0);
    assert_eq!(template.template.as_deref(), Some("Výzva"));
    assert!(db.store.list_drafts(novak(), false, None, 2).await.unwrap().is_empty());
}

fn sending(draft: &Draft, started: Timestamp) -> Sending {
    let rows = draft.content.recipients.iter().zip(7_000_001..);
    Sending {
        id: SendingId(0),
        box_id: draft.box_id,
        draft: draft.id,
        started,
        lease_until: started.plus_seconds(60),
        finished: false,
        subject: "Výzva".into(),
        rows: rows
            .map(|(recipient, number)| SendingRow {
                recipient: *recipient,
                number: MessageId(number),
                outcome: None,
            })
            .collect(),
    }
}

async fn begin(store: &Arc<dyn Store>, draft: &Draft, started: Timestamp) -> SendingLease {
    let begun = store.begin_sending(draft, &sending(draft, started), at(-1000)).await;
    match begun.unwrap() {
        BegunSending::Begun(lease) => lease,
        other => panic!("{other:?}"),
    }
}

pub async fn a_draft_is_sent_once(db: Backend) {
    let draft = write(&db.store, &new_draft("a")).await;
    attach(&db.store, draft.id, "c", 10).await;
    let old = db.store.begin_sending(&draft, &sending(&draft, at(0)), at(-1000)).await;
    assert_eq!(old.unwrap(), BegunSending::Changed, "an attachment has come since");
    let draft = lookup(&db.store, draft.id).await;
    let clicks: Vec<_> = (0..6)
        .map(|_| {
            let (store, draft) = (db.store.clone(), draft.clone());
            tokio::spawn(async move {
                let sending = sending(&draft, at(0));
                store.begin_sending(&draft, &sending, at(-1000)).await.unwrap()
            })
        })
        .collect();
    let (mut begun, mut ids) = (0, BTreeSet::new());
    for click in clicks {
        match click.await.unwrap() {
            BegunSending::Begun(lease) => {
                begun += 1;
                ids.insert(lease.id.0);
            }
            BegunSending::Already(id) => {
                ids.insert(id.0);
            }
            BegunSending::Changed => panic!("it has not changed"),
        }
    }
    assert_eq!((begun, ids.len()), (1, 1));
    let id = SendingId(*ids.first().unwrap());
    let lease = SendingLease { id, until: at(60) };
    // Nobody changes it meanwhile.
    let sent = lookup(&db.store, draft.id).await;
    assert_eq!(sent.sending, Some(id));
    assert_eq!(db.store.save_draft(&sent).await.unwrap(), None);
    assert!(!db.store.remove_draft(draft.id, town(), at(0)).await.unwrap());
    let attachment = sent.attachments[0].id;
    assert!(
        !db.store
            .detach_from_draft(draft.id, town(), attachment, at(0))
            .await
            .unwrap()
    );
    let attached = db
        .store
        .attach_to_draft(draft.id, &upload("d", 1), &BOUNDS)
        .await
        .unwrap();
    assert_eq!(attached, Attached::NoDraft);
    // One was refused: the draft is left with that one.
    let mut rows = sending(&draft, at(0)).rows;
    rows[0].outcome = Some(SendingOutcome::Sent);
    rows[1].outcome = Some(SendingOutcome::Refused {
        code: "1205".into(),
        text: "Není kredit.".into(),
    });
    let foreign = SendingLease { id, until: at(61) };
    assert!(
        !db.store.finish_sending(foreign, &rows, &[], at(0)).await.unwrap(),
        "somebody else carries it on"
    );
    assert!(db.store.finish_sending(lease, &rows, &[maria()], at(0)).await.unwrap());
    assert!(
        !db.store.finish_sending(lease, &rows, &[], at(0)).await.unwrap(),
        "done is done"
    );
    let told = db.store.lookup_sending(id, town()).await.unwrap().unwrap();
    assert_eq!(
        (told.finished, told.rows, told.subject.as_str()),
        (true, rows.clone(), "Výzva")
    );
    assert_eq!(db.store.lookup_sending(id, novak()).await.unwrap(), None);
    let left = lookup(&db.store, draft.id).await;
    assert_eq!((left.content.recipients.clone(), left.sending), (vec![maria()], None));
    assert_eq!(left.content.envelope, draft.content.envelope);
    assert_eq!(left.attachments.len(), 1);
    // The same click once more is known; the draft as it is now is another.
    let found = db.store.find_sending(town(), draft.id, draft.version).await.unwrap();
    assert_eq!(found, Some(id));
    let again = begin(&db.store, &left, at(10)).await;
    rows.remove(0);
    rows[0].outcome = Some(SendingOutcome::Sent);
    assert!(db.store.finish_sending(again, &rows, &[], at(0)).await.unwrap());
    assert_eq!(db.store.lookup_draft(draft.id, town()).await.unwrap(), None);
    assert_eq!(freed(&db.store).await, BTreeSet::from(['c']));
    let found = db.store.find_sending(town(), draft.id, left.version).await.unwrap();
    assert_eq!(found, Some(again.id));
    assert_eq!(
        db.store.find_sending(novak(), draft.id, left.version).await.unwrap(),
        None
    );
    assert_consistent(&db).await;
}

pub async fn a_template_is_never_sent(db: Backend) {
    let template = NewDraft {
        template: Some("Výzva".into()),
        ..new_draft("t")
    };
    let template = write(&db.store, &template).await;
    let begun = db
        .store
        .begin_sending(&template, &sending(&template, at(0)), at(0))
        .await;
    assert_eq!(begun.unwrap(), BegunSending::Changed);
}

/// A message of a sending is written while its lease holds: of two carriers, and after the end, none is written twice.
pub async fn a_message_of_a_sending_needs_its_lease(db: Backend) {
    let draft = write(&db.store, &new_draft("a")).await;
    let first = begin(&db.store, &draft, at(0)).await;
    let new = async |lease| {
        let mut new = message(db.store.next_message_id().await.unwrap(), at(0));
        new.sending = Some(lease);
        new
    };
    db.store.accept_message(&new(first).await).await.unwrap();
    db.store
        .accept_messages(&[new(first).await, new(first).await], &[])
        .await
        .unwrap();
    let second = db.store.take_sending(first.id, at(60), at(120)).await.unwrap().unwrap();
    let withdrawn = async |lease| {
        let one = new(lease).await;
        let written = db.store.accept_message(&one).await;
        assert!(matches!(written, Err(StoreError::RowWithdrawn)), "{written:?}");
        let both = [new(lease).await, new(lease).await];
        let written = db.store.accept_messages(&both, &[]).await;
        assert!(matches!(written, Err(StoreError::RowWithdrawn)), "{written:?}");
        for message in [&one].into_iter().chain(&both) {
            assert!(db.store.lookup_message(message.message.id).await.unwrap().is_none());
        }
    };
    withdrawn(first).await;
    db.store.accept_message(&new(second).await).await.unwrap();
    let rows = sending(&draft, at(0)).rows;
    assert!(db.store.finish_sending(second, &rows, &[], at(0)).await.unwrap());
    withdrawn(second).await;
}

pub async fn a_sending_is_taken_over_and_forgotten(db: Backend) {
    let draft = write(&db.store, &new_draft("a")).await;
    let first = begin(&db.store, &draft, at(0)).await;
    let id = first.id;
    assert_eq!(db.store.take_sending(id, at(59), at(120)).await.unwrap(), None);
    // Who is at work keeps it for longer, and never for shorter.
    let kept = db.store.extend_sending(first, at(70)).await.unwrap().unwrap();
    assert_eq!(kept, SendingLease { id, until: at(70) });
    assert_eq!(db.store.extend_sending(kept, at(65)).await.unwrap(), Some(kept));
    assert_eq!(
        db.store.extend_sending(first, at(90)).await.unwrap(),
        None,
        "an old lease"
    );
    assert_eq!(db.store.take_sending(id, at(69), at(189)).await.unwrap(), None);
    let takers: Vec<_> = (0..4)
        .map(|_| {
            let store = db.store.clone();
            tokio::spawn(async move { store.take_sending(id, at(70), at(190)).await.unwrap() })
        })
        .collect();
    let mut taken = 0;
    for taker in takers {
        taken += u64::from(taker.await.unwrap().is_some());
    }
    assert_eq!(taken, 1);
    let second = SendingLease { id, until: at(190) };
    // Who was overtaken gives nothing back that is another's.
    db.store.give_sending_back(kept).await.unwrap();
    assert_eq!(db.store.take_sending(id, at(189), at(300)).await.unwrap(), None);
    db.store.give_sending_back(second).await.unwrap();
    assert_eq!(db.store.extend_sending(second, at(500)).await.unwrap(), None);
    let third = db.store.take_sending(id, at(191), at(311)).await.unwrap().unwrap();
    let mut rows = sending(&draft, at(0)).rows;
    for row in &mut rows {
        row.outcome = Some(SendingOutcome::Sent);
    }
    assert!(!db.store.finish_sending(second, &rows, &[], at(0)).await.unwrap());
    assert!(db.store.finish_sending(third, &rows, &[], at(0)).await.unwrap());
    assert_eq!(db.store.take_sending(id, at(9999), at(9999)).await.unwrap(), None);
    // The next sending of the box forgets it once it is old.
    for (key, forget, known) in [("b", 0, true), ("c", 1, false)] {
        let next = write(&db.store, &new_draft(key)).await;
        let begun = db
            .store
            .begin_sending(&next, &sending(&next, at(100)), at(forget))
            .await;
        assert!(matches!(begun.unwrap(), BegunSending::Begun(_)));
        assert_eq!(db.store.lookup_sending(id, town()).await.unwrap().is_some(), known);
    }
}
