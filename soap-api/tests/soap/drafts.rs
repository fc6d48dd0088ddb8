//! Drafts and sending them: once, whatever breaks off, and only what the rules allow. The mailbox alone offers them; here
//! they meet a whole system whose clock is moved.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;

use std::sync::Arc;

use common::World;
use common::postal::{id, principal, top_up, world};
use futures::TryStreamExt;
use isds_core::envelope::EnvelopeDraft;
use isds_core::ids::BoxId;
use isds_core::message::SideOf;
use isds_core::ports::{Draft, DraftContent, DraftId, MessageListQuery, SendingId, SendingLease};
use isds_core::principal::Principal;
use isds_core::time::Timestamp;
use isds_core::{DraftError, Failure, Limits};
use soap_api::SoapConfig;
use tokio::task::JoinHandle;

const PDF: &[u8] = b"%PDF-1.7\n%%EOF\n";

fn content(subject: &str, to: &[&str]) -> DraftContent {
    DraftContent {
        recipients: to.iter().map(|box_id| id(box_id)).collect(),
        envelope: EnvelopeDraft {
            annotation: Some(subject.into()),
            ..EnvelopeDraft::default()
        },
    }
}

async fn attach(
    world: &World,
    caller: &Principal,
    draft: DraftId,
    name: &str,
    content: &[u8],
) -> Result<(), DraftError> {
    let mut upload = world.isds.upload_to_draft(caller, draft, name).await?;
    for piece in content.chunks(64 * 1024) {
        if let Err(failure) = upload.write(piece).await {
            upload.abandon().await;
            return Err(failure.into());
        }
    }
    upload.accept().await.map(|_| ())
}

/// A draft with one attachment.
async fn draft(world: &World, caller: &Principal, subject: &str, to: &[&str]) -> Draft {
    let made = world
        .isds
        .create_draft(caller, "formular1", content(subject, to), None, None);
    let (made, _) = made.await.unwrap();
    attach(world, caller, made.id, "a.pdf", PDF).await.unwrap();
    world.isds.draft(caller, made.id).await.unwrap()
}

async fn begin(world: &World, caller: &Principal, draft: &Draft) -> SendingLease {
    let (_, begun) = world.isds.begin_sending(caller, draft.id, draft.version).await.unwrap();
    begun.unwrap()
}

async fn sent_from(world: &World, box_id: &str) -> Vec<BoxId> {
    let query = MessageListQuery {
        box_id: id(box_id),
        side: SideOf::Sender,
        from: None,
        to: None,
        status_bits: u32::MAX,
        after: None,
        offset: 0,
        limit: 1000,
    };
    let listed = world.isds.store.list_messages(&query).await.unwrap();
    let mut to: Vec<BoxId> = listed.into_iter().map(|record| record.envelope.recipient).collect();
    to.sort_unstable();
    to
}

fn code(error: &DraftError) -> &'static str {
    match error {
        DraftError::Failure(Failure::Refused(refusal)) => refusal.status().code(),
        _ => "",
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sending_that_broke_off_is_carried_on_and_sends_nothing_twice() {
    let world = world().await;
    let clerk = principal(&world, "mesto01").await;
    let to = ["nvak22s", "maria2f", "kraj227"];
    let draft = draft(&world, &clerk, "Jednou", &to).await;
    // Whoever began it died at once.
    let lease = begin(&world, &clerk, &draft).await;
    let sending = lease.id;
    let view = world.isds.sending_view(&clerk, sending).await.unwrap();
    assert!(!view.finished && !view.stalled);
    assert_eq!(
        world.isds.take_sending_over(&clerk, sending).await.unwrap(),
        None,
        "somebody is at work on it"
    );
    world.clock.advance(121);
    assert!(world.isds.sending_view(&clerk, sending).await.unwrap().stalled);
    let lease = world.isds.take_sending_over(&clerk, sending).await.unwrap().unwrap();
    // Several carry it on at the same time, as if leases meant nothing.
    let carriers: Vec<_> = (0..4)
        .map(|_| {
            let (isds, clerk) = (Arc::clone(&world.isds), Arc::clone(&clerk));
            tokio::spawn(async move { isds.carry_sending_on(&clerk, lease).await })
        })
        .collect();
    for carrier in carriers {
        // One that comes too late finds the draft gone.
        let carried = carrier.await.unwrap();
        assert!(matches!(carried, Ok(()) | Err(DraftError::NotFound)), "{carried:?}");
    }
    let mut expected: Vec<BoxId> = to.iter().map(|box_id| id(box_id)).collect();
    expected.sort_unstable();
    assert_eq!(sent_from(&world, "mesta2j").await, expected);
    let view = world.isds.sending_view(&clerk, sending).await.unwrap();
    assert!(view.finished && view.messages.iter().all(|message| message.message.is_some()));
    assert!(matches!(
        world.isds.draft(&clerk, draft.id).await,
        Err(DraftError::NotFound)
    ));
    // The same click again.
    let again = world.isds.begin_sending(&clerk, draft.id, draft.version).await.unwrap();
    assert_eq!(again, (sending, None));
    world.settle().await;
    let view = world.isds.sending_view(&clerk, sending).await.unwrap();
    assert!(view.messages.iter().all(|message| message.state() == Some(4)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_went_before_the_break_does_not_go_again() {
    let world = world().await;
    let firm = principal(&world, "firma01").await;
    top_up(&world, "firma2x", 1000, "1").await;
    // Two postal messages, and money for one: each goes by itself.
    let draft = draft(&world, &firm, "Kredit", &["banka2q", "maria2f"]).await;
    let prospects = world.isds.draft_prospects(&firm, &draft.content, 100).await.unwrap();
    assert_eq!(
        (prospects.from_credit, prospects.credit, prospects.is_ready()),
        (2000, 1000, false)
    );
    let lease = begin(&world, &firm, &draft).await;
    let sending = lease.id;
    world.isds.carry_sending_on(&firm, lease).await.unwrap();
    let view = world.isds.sending_view(&firm, sending).await.unwrap();
    let refused: Vec<_> = view
        .messages
        .iter()
        .filter_map(|message| message.refused.clone())
        .collect();
    assert_eq!(refused, ["Na odeslání Poštovní datové zprávy není dostatečný kredit."]);
    let left = world.isds.draft(&firm, draft.id).await.unwrap();
    assert_eq!(left.content.recipients, [id("maria2f")]);
    assert_eq!((left.attachments.len(), left.sending), (1, None));
    // The state that was sent is known; the one that is left is another, and goes when there is money.
    let again = world.isds.begin_sending(&firm, draft.id, draft.version).await.unwrap();
    assert_eq!(again, (sending, None));
    top_up(&world, "firma2x", 1000, "2").await;
    let rest = begin(&world, &firm, &left).await;
    world.isds.carry_sending_on(&firm, rest).await.unwrap();
    assert_eq!(sent_from(&world, "firma2x").await.len(), 2);
    assert!(matches!(
        world.isds.draft(&firm, draft.id).await,
        Err(DraftError::NotFound)
    ));
}

/// Carries a sending on in another task.
fn carry(world: &World, caller: &Arc<Principal>, lease: SendingLease) -> JoinHandle<Result<(), DraftError>> {
    let (isds, caller) = (Arc::clone(&world.isds), Arc::clone(caller));
    tokio::spawn(async move { isds.carry_sending_on(&caller, lease).await })
}

async fn until_held(world: &World, reads: u64) {
    world
        .writers
        .wait_until("a carrier stands still", |w| w.held() == reads)
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_was_overtaken_while_it_stood_still_sends_nothing() {
    let world = world().await;
    let clerk = principal(&world, "mesto01").await;
    let draft = draft(&world, &clerk, "Předběhnuto", &["nvak22s"]).await;
    let stale = begin(&world, &clerk, &draft).await;
    world.writers.hold(&[true]);
    let slow = carry(&world, &clerk, stale);
    until_held(&world, 1).await;
    world.clock.advance(121);
    let lease = world.isds.take_sending_over(&clerk, stale.id).await.unwrap().unwrap();
    // For a while nothing can be sent there: the second notes that, and the draft is left with its recipient.
    world
        .execute("UPDATE boxes SET state = 4 WHERE box_id = 'nvak22s'")
        .await;
    world.isds.carry_sending_on(&clerk, lease).await.unwrap();
    world
        .execute("UPDATE boxes SET state = 1 WHERE box_id = 'nvak22s'")
        .await;
    world.writers.release();
    slow.await.unwrap().unwrap();
    assert_eq!(sent_from(&world, "mesta2j").await, []);
    let left = world.isds.draft(&clerk, draft.id).await.unwrap();
    assert_eq!(
        (left.content.recipients.clone(), left.sending),
        (vec![id("nvak22s")], None)
    );
    let again = begin(&world, &clerk, &left).await;
    world.isds.carry_sending_on(&clerk, again).await.unwrap();
    assert_eq!(sent_from(&world, "mesta2j").await, [id("nvak22s")], "one, not two");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refusal_counts_only_where_nobody_has_sent_the_message() {
    let world = world().await;
    let firm = principal(&world, "firma01").await;
    top_up(&world, "firma2x", 1000, "1").await;
    let draft = draft(&world, &firm, "Dva nosiči", &["maria2f", "mesta2j"]).await;
    let lease = begin(&world, &firm, &draft).await;
    // The first stands before its first message, the second sends that one, pays for it, and stands before the other.
    world.writers.hold(&[true, false, true]);
    let first = carry(&world, &firm, lease);
    until_held(&world, 1).await;
    let second = carry(&world, &firm, lease);
    until_held(&world, 2).await;
    world.writers.release();
    first.await.unwrap().unwrap();
    world.writers.release();
    second.await.unwrap().unwrap();
    let view = world.isds.sending_view(&firm, lease.id).await.unwrap();
    assert!(
        view.finished && view.messages.iter().all(|message| message.refused.is_none()),
        "{view:?}"
    );
    assert_eq!(sent_from(&world, "firma2x").await.len(), 2);
    let left = world.isds.draft(&firm, draft.id).await;
    assert!(
        matches!(left, Err(DraftError::NotFound)),
        "nobody is left to send to: {left:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_at_work_is_not_taken_for_broken_off() {
    let world = world().await;
    let firm = principal(&world, "firma01").await;
    top_up(&world, "firma2x", 2000, "1").await;
    let draft = draft(&world, &firm, "Pomalu", &["maria2f", "banka2q"]).await;
    let lease = begin(&world, &firm, &draft).await;
    world.writers.hold(&[true, true]);
    let work = carry(&world, &firm, lease);
    until_held(&world, 1).await;
    world.clock.advance(25);
    world.writers.release();
    until_held(&world, 2).await;
    world.clock.advance(25);
    let view = world.isds.sending_view(&firm, lease.id).await.unwrap();
    assert!(!view.finished && !view.stalled, "{view:?}");
    assert_eq!(world.isds.take_sending_over(&firm, lease.id).await.unwrap(), None);
    world.writers.release();
    work.await.unwrap().unwrap();
    assert_eq!(sent_from(&world, "firma2x").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_form_that_made_its_draft_before_is_told_so() {
    let world = world().await;
    let clerk = principal(&world, "mesto01").await;
    let isds = &world.isds;
    let made = isds
        .create_draft(&clerk, "k", content("první", &[]), None, None)
        .await
        .unwrap();
    assert!(made.1);
    let again = isds
        .create_draft(&clerk, "k", content("druhý", &[]), None, None)
        .await
        .unwrap();
    assert_eq!(again, (made.0, false), "nothing of it was written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attachments_go_with_the_draft_and_the_message_keeps_its_own() {
    let world = world().await;
    let clerk = principal(&world, "mesto01").await;
    let draft = draft(&world, &clerk, "Přílohy", &["nvak22s"]).await;
    let refused = attach(&world, &clerk, draft.id, "b.pdf", b"MZ\x90\0")
        .await
        .unwrap_err();
    assert_eq!(code(&refused), "1214");
    assert_eq!(world.objects().len(), 1, "what was refused is not kept");
    let upload = world.isds.upload_to_draft(&clerk, draft.id, "c.pdf").await.unwrap();
    upload.abandon().await;
    assert_eq!(world.writers.open(), 0);
    // They wait for nothing, however long it takes.
    world.clock.advance(400 * 24 * 3600);
    world.settle().await;
    assert_eq!(world.objects().len(), 1);
    let sending = begin(&world, &clerk, &draft).await;
    world.isds.carry_sending_on(&clerk, sending).await.unwrap();
    world.settle().await;
    world.clock.advance(2 * 3600);
    world.settle().await;
    let view = world.isds.sending_view(&clerk, sending.id).await.unwrap();
    let message = view.messages[0].message.clone().unwrap();
    assert!(
        !world.objects().contains(&draft.attachments[0].object.0),
        "the draft's object is removed"
    );
    for segment in &message.content.segments {
        let read = world.isds.objects.read(segment.object(), 0, 1).await.unwrap();
        assert_eq!(read.try_collect::<Vec<_>>().await.unwrap().concat().len(), 1);
    }
    assert_eq!(world.isds.store.draft_bytes(id("mesta2j")).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_large_message_takes_the_drafts_object_along() {
    let limits = Limits {
        message_bytes: 1000,
        large_message_least_bytes: 900,
        ..Limits::default()
    };
    let world = World::with(SoapConfig::default(), limits).await;
    common::postal::add_firms(&world).await;
    let clerk = principal(&world, "mesto01").await;
    let (made, _) = world
        .isds
        .create_draft(&clerk, "velka", content("Velká", &["nvak22s", "maria2f"]), None, None)
        .await
        .unwrap();
    attach(&world, &clerk, made.id, "a.txt", &[b'x'; 1500]).await.unwrap();
    let draft = world.isds.draft(&clerk, made.id).await.unwrap();
    assert!(
        world
            .isds
            .draft_prospects(&clerk, &draft.content, 1500)
            .await
            .unwrap()
            .large
    );
    let sending = begin(&world, &clerk, &draft).await;
    world.isds.carry_sending_on(&clerk, sending).await.unwrap();
    let view = world.isds.sending_view(&clerk, sending.id).await.unwrap();
    let object = &draft.attachments[0].object;
    for sent in &view.messages {
        let message = sent.message.as_ref().unwrap();
        assert!(message.is_large());
        assert!(
            message
                .content
                .segments
                .iter()
                .any(|segment| segment.object() == object)
        );
    }
    let freed = world
        .isds
        .store
        .list_freed_objects(Timestamp(i64::MAX), 10)
        .await
        .unwrap();
    assert!(!freed.contains(object), "two messages need it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_may_not_send_may_do_nothing_with_drafts() {
    let world = world().await;
    let clerk = principal(&world, "mesto01").await;
    let kept = draft(&world, &clerk, "Tajné", &["nvak22s"]).await;
    let isds = &world.isds;
    for login in ["mesto02", "nikdo01"] {
        let caller = principal(&world, login).await;
        let refusals = [
            isds.create_draft(&caller, "k", content("x", &[]), None, None)
                .await
                .map(|_| ()),
            isds.draft(&caller, kept.id).await.map(|_| ()),
            isds.save_draft(&caller, kept.id, 1, content("x", &[]), None)
                .await
                .map(|_| ()),
            isds.remove_draft(&caller, kept.id).await.map(|_| ()),
            isds.list_drafts(&caller, false, None, 10).await.map(|_| ()),
            isds.upload_to_draft(&caller, kept.id, "a.pdf").await.map(|_| ()),
            isds.remove_draft_attachment(&caller, kept.id, kept.attachments[0].id)
                .await
                .map(|_| ()),
            isds.move_draft_attachment(&caller, kept.id, kept.attachments[0].id, true)
                .await
                .map(|_| ()),
            isds.draft_prospects(&caller, &kept.content, 0).await.map(|_| ()),
            isds.recipient_named(&caller, "nvak22s").await.map(|_| ()),
            isds.begin_sending(&caller, kept.id, kept.version).await.map(|_| ()),
            isds.take_sending_over(&caller, SendingId(1)).await.map(|_| ()),
            isds.sending_view(&caller, SendingId(1)).await.map(|_| ()),
        ];
        for (which, refusal) in refusals.into_iter().enumerate() {
            assert_eq!(code(&refusal.unwrap_err()), "1004", "{login} {which}");
        }
    }
    assert_eq!(isds.draft(&clerk, kept.id).await.unwrap(), kept);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn drafts_have_bounds() {
    let limits = Limits {
        drafts: 2,
        attachments: 2,
        draft_bytes: 40,
        ..Limits::default()
    };
    let world = World::with(SoapConfig::default(), limits).await;
    let clerk = principal(&world, "mesto01").await;
    let isds = &world.isds;
    let first = draft(&world, &clerk, "jedna", &["nvak22s"]).await;
    let many = DraftContent {
        recipients: (0..51)
            .map(|n| BoxId::from_data(&format!("aaaa{}{}", letter(n / 8), letter(n % 8))).unwrap())
            .collect(),
        ..DraftContent::default()
    };
    let too_many = isds.save_draft(&clerk, first.id, 1, many, None).await;
    assert!(matches!(too_many, Err(DraftError::TooManyRecipients)));
    let long = content(&"x".repeat(256), &[]);
    assert_eq!(
        code(&isds.save_draft(&clerk, first.id, 1, long, None).await.unwrap_err()),
        "2007"
    );
    for name in ["", " ", &"x".repeat(101)] {
        let kept = isds
            .create_draft(&clerk, "t", first.content.clone(), Some(name), None)
            .await;
        assert!(matches!(kept, Err(DraftError::TemplateName)), "{name}");
    }
    for key in ["", "a b", &"x".repeat(65)] {
        let made = isds.create_draft(&clerk, key, first.content.clone(), None, None).await;
        assert_eq!(code(&made.unwrap_err()), "2007", "{key}");
    }
    assert_eq!(
        code(
            &attach(&world, &clerk, first.id, "b.txt", &[b'x'; 30])
                .await
                .unwrap_err()
        ),
        "1286"
    );
    attach(&world, &clerk, first.id, "b.txt", b"x").await.unwrap();
    assert_eq!(
        code(&attach(&world, &clerk, first.id, "c.txt", b"x").await.unwrap_err()),
        "1298"
    );
    isds.create_draft(&clerk, "dve", content("dvě", &[]), None, None)
        .await
        .unwrap();
    let third = isds.create_draft(&clerk, "tri", content("tři", &[]), None, None).await;
    assert!(matches!(third, Err(DraftError::NoRoom)));
    assert_eq!(world.objects().len(), 2, "what was refused is not kept");
}

/// A letter of box IDs.
fn letter(n: usize) -> char {
    char::from(b"abcdefgh"[n])
}
