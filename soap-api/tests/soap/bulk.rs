//! Sending in bulk: to every recipient once, to none not at all, and nothing that nobody looked at. The mailbox alone
//! offers it; here it meets a whole system whose clock is moved.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;

use common::World;
use common::postal::{add_firms, id, principal, top_up, world};
use isds_core::bulk::{BulkAction, BulkJob, BulkJobId, BulkRow, BulkRowState, BulkSettings, BulkState, LetterForm};
use isds_core::principal::Principal;
use isds_core::{BulkError, Limits};
use soap_api::SoapConfig;

/// A job of a table, with the settings changed, whose messages were made and judged.
async fn tried(world: &World, caller: &Principal, table: &str, change: impl FnOnce(&mut BulkSettings)) -> BulkJobId {
    let id = prepared(world, caller, table, change).await;
    for (action, state) in [
        (BulkAction::Check, BulkState::Checked),
        (BulkAction::Try, BulkState::Tried),
    ] {
        world.isds.bulk_action(caller, id, action, None).await.unwrap();
        world.settle().await;
        let job = job(world, caller, id).await;
        assert_eq!((job.state, job.halted), (state, None));
    }
    id
}

async fn prepared(world: &World, caller: &Principal, table: &str, change: impl FnOnce(&mut BulkSettings)) -> BulkJobId {
    let id = world
        .isds
        .create_bulk_job(caller, "Výzvy", table.as_bytes())
        .await
        .unwrap();
    let job = job(world, caller, id).await;
    let mut settings = BulkSettings {
        subject: "Výzva".into(),
        body: "Text".into(),
        ..job.settings
    };
    change(&mut settings);
    world
        .isds
        .save_bulk_settings(caller, id, job.version, settings)
        .await
        .unwrap();
    id
}

async fn job(world: &World, caller: &Principal, id: BulkJobId) -> BulkJob {
    world.isds.bulk_job(caller, id).await.unwrap()
}

async fn rows(world: &World, caller: &Principal, id: BulkJobId) -> Vec<BulkRow> {
    world.isds.bulk_rows(caller, id, i64::MAX, 0, 100).await.unwrap()
}

async fn states(world: &World, caller: &Principal, id: BulkJobId) -> Vec<BulkRowState> {
    rows(world, caller, id).await.into_iter().map(|row| row.state).collect()
}

/// Does what sends messages, as the page showed the job; and then everything that is due.
async fn send(world: &World, caller: &Principal, id: BulkJobId, action: BulkAction) {
    let seen = job(world, caller, id).await.version;
    world.isds.bulk_action(caller, id, action, Some(seen)).await.unwrap();
    world.settle().await;
}

/// A file of a job, as the page takes it.
async fn attach(
    world: &World,
    caller: &Principal,
    id: BulkJobId,
    name: &str,
    content: &[u8],
    common: bool,
) -> Result<(), BulkError> {
    let upload = world
        .isds
        .upload_attachment(caller, Some("text/plain".into()), Some(name.into()));
    let mut upload = upload.await?;
    upload.write(content).await?;
    let upload = upload.accept().await?;
    world.isds.add_bulk_file(caller, id, &upload, common).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_second_row_of_a_recipient_goes_where_the_first_cannot() {
    use BulkRowState as R;
    let world = world().await;
    let clerk = principal(&world, "mesto01").await;
    let table = "Schránka;Příloha\nnvak22s;neni.txt\nnvak22s;\nmaria2f;\nmaria2f;\n";
    let id = tried(&world, &clerk, table, |settings| settings.leave_out_duplicates = true).await;
    let found = rows(&world, &clerk, id).await;
    let marked: Vec<_> = found.iter().map(|row| (row.state, row.duplicate)).collect();
    assert_eq!(
        marked,
        [
            (R::Faulty, false),
            (R::Ready, false),
            (R::Ready, false),
            (R::Ready, true)
        ]
    );
    send(&world, &clerk, id, BulkAction::Start).await;
    assert_eq!(
        states(&world, &clerk, id).await,
        [R::Faulty, R::Sent, R::Sent, R::LeftOut]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_refused_stands_for_no_other_row() {
    use BulkRowState as R;
    let world = world().await;
    let firm = principal(&world, "firma01").await;
    top_up(&world, "firma2x", 1000, "1").await;
    let table = "Schránka\nmaria2f\nbanka2q\nbanka2q\n";
    let id = tried(&world, &firm, table, |settings| settings.leave_out_duplicates = true).await;
    send(&world, &firm, id, BulkAction::Start).await;
    // The money was gone after the first: both to the bank were tried.
    assert_eq!(states(&world, &firm, id).await, [R::Sent, R::Refused, R::Refused]);
    top_up(&world, "firma2x", 5000, "2").await;
    send(&world, &firm, id, BulkAction::Retry).await;
    assert_eq!(
        states(&world, &firm, id).await,
        [R::Sent, R::Sent, R::LeftOut],
        "one, not two"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_sent_that_nobody_looked_at() {
    let world = world().await;
    let clerk = principal(&world, "mesto01").await;
    let id = tried(&world, &clerk, "Schránka\nnvak22s\n", |_| {}).await;
    let seen = job(&world, &clerk, id).await;
    let settings = BulkSettings {
        subject: "Jiný předmět".into(),
        ..seen.settings.clone()
    };
    world
        .isds
        .save_bulk_settings(&clerk, id, seen.version, settings)
        .await
        .unwrap();
    world.isds.bulk_action(&clerk, id, BulkAction::Try, None).await.unwrap();
    world.settle().await;
    for saw in [Some(seen.version), None] {
        let started = world.isds.bulk_action(&clerk, id, BulkAction::Start, saw).await;
        assert!(matches!(started, Err(BulkError::Changed)), "{saw:?}: {started:?}");
    }
    world.settle().await;
    assert_eq!(world.messages().await, 0);
    send(&world, &clerk, id, BulkAction::Start).await;
    assert_eq!(world.messages().await, 1);
    let again = world
        .isds
        .bulk_action(&clerk, id, BulkAction::Retry, Some(seen.version))
        .await;
    assert!(matches!(again, Err(BulkError::NothingToSend)), "{again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_that_is_refused_takes_no_room() {
    let world = world().await;
    let clerk = principal(&world, "mesto01").await;
    let job = prepared(&world, &clerk, "Schránka\nnvak22s\n", |_| {}).await;
    attach(&world, &clerk, job, "a.txt", b"jedna", true).await.unwrap();
    let again = attach(&world, &clerk, job, "a.txt", b"dva", true).await;
    assert!(matches!(again, Err(BulkError::File)), "{again:?}");
    assert_eq!(world.isds.store.unused_upload_bytes(id("mesta2j")).await.unwrap(), 0);
    let nowhere = attach(&world, &clerk, BulkJobId(job.0 + 1), "b.txt", b"dva", true).await;
    assert!(matches!(nowhere, Err(BulkError::NoJob)), "{nowhere:?}");
    assert_eq!(world.isds.store.unused_upload_bytes(id("mesta2j")).await.unwrap(), 0);
    assert_eq!(world.isds.common_bulk_files(&clerk, job).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn over_the_limit_a_row_goes_over_the_large_road() {
    use BulkRowState as R;
    let limits = Limits {
        message_bytes: 1000,
        large_message_least_bytes: 900,
        large_message_bytes: 3000,
        ..Limits::default()
    };
    let world = World::with(SoapConfig::default(), limits).await;
    add_firms(&world).await;
    let clerk = principal(&world, "mesto01").await;
    let table = "Schránka;Příloha\nnvak22s;velky.txt\nmaria2f;\nkraj227;velky.txt|vetsi.txt\n";
    let id = prepared(&world, &clerk, table, |_| {}).await;
    attach(&world, &clerk, id, "velky.txt", &[b'x'; 1500], false)
        .await
        .unwrap();
    attach(&world, &clerk, id, "vetsi.txt", &[b'y'; 1500], false)
        .await
        .unwrap();
    for action in [BulkAction::Check, BulkAction::Try] {
        world.isds.bulk_action(&clerk, id, action, None).await.unwrap();
        world.settle().await;
    }
    let found = rows(&world, &clerk, id).await;
    assert_eq!(
        found.iter().map(|row| row.state).collect::<Vec<_>>(),
        [R::Ready, R::Ready, R::Faulty]
    );
    assert_eq!(
        found[2].reason.as_ref().unwrap().code,
        "1296",
        "too large even for that road"
    );
    send(&world, &clerk, id, BulkAction::Start).await;
    let sent = rows(&world, &clerk, id).await;
    for (row, large) in sent.iter().zip([true, false]) {
        let number = row.message.unwrap().id;
        let message = world.isds.store.lookup_message(number).await.unwrap().unwrap();
        assert_eq!(message.is_large(), large, "row {}", row.number);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_law_is_filled_in_as_other_fields() {
    use BulkRowState as R;
    let world = world().await;
    let clerk = principal(&world, "mesto01").await;
    let table = "Schránka;Zákon;Paragraf\nnvak22s;500;12\nmaria2f;;\nkraj227;třista;1\n";
    let id = tried(&world, &clerk, table, |settings| {
        settings.legal_title_law = "{{Zákon}}".into();
        settings.legal_title_year = "2004".into();
        settings.legal_title_sect = "{{Paragraf}}".into();
        settings.legal_title_point = "b".into();
        settings.letter_form = LetterForm::Html;
    })
    .await;
    let found = rows(&world, &clerk, id).await;
    assert_eq!(
        found.iter().map(|row| row.state).collect::<Vec<_>>(),
        [R::Ready, R::Ready, R::Faulty]
    );
    assert_eq!(
        found[2].reason.as_ref().unwrap().code,
        "2007",
        "that is no number of an act"
    );
    assert!(found[1].gap);
    send(&world, &clerk, id, BulkAction::Start).await;
    let mut titles = Vec::new();
    for row in rows(&world, &clerk, id).await.iter().filter_map(|row| row.message) {
        let message = world.isds.store.lookup_message(row.id).await.unwrap().unwrap();
        let draft = message.envelope.draft;
        titles.push((
            draft.legal_title_law,
            draft.legal_title_year,
            draft.legal_title_sect,
            draft.legal_title_par,
            draft.legal_title_point,
        ));
    }
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        titles,
        [
            (Some(500), Some(2004), text("12"), None, text("b")),
            (None, Some(2004), None, None, text("b"))
        ]
    );
}
