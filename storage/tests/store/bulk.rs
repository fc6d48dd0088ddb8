//! Bulk jobs: tables, verdicts, and rows that are sent exactly once.

use std::sync::Arc;

use isds_core::box_type::BoxType;
use isds_core::bulk::{
    BulkFile, BulkJob, BulkJobId, BulkMapping, BulkReason, BulkRecipient, BulkRow, BulkRowId, BulkRowState,
    BulkSettings, BulkState, BulkVerdict, LetterForm, Table,
};
use isds_core::envelope::MessageKind;
use isds_core::ids::{BoxId, IsdsId, ObjectId};
use isds_core::message::Phase;
use isds_core::ports::{
    BulkChange, BulkRowMove, BulkRowQuery, JobKind, NewBulkJob, Store, StoreError, Upload, UploadId,
};
use isds_core::postal::Means;

use crate::credit;
use crate::engines::{Backend, count};
use crate::fixtures::*;

fn table(rows: usize) -> Table {
    Table {
        columns: vec!["Schránka".into(), "Dluh \"Kč\"".into()],
        rows: (1..=rows)
            .map(|n| vec!["nvak22s".into(), format!("{n}\nřádek")])
            .collect(),
    }
}

fn settings() -> BulkSettings {
    BulkSettings {
        mapping: BulkMapping {
            box_id: Some("Schránka".into()),
            ..BulkMapping::default()
        },
        subject: "Výzva {{Dluh \"Kč\"}}".into(),
        letter_form: LetterForm::Html,
        leave_out_duplicates: true,
        ..BulkSettings::default()
    }
}

async fn box_of(store: &Arc<dyn Store>, data: &str) -> BoxId {
    let data_box = data_box(data, BoxType::Ovm);
    store.add_box(&data_box).await.unwrap();
    data_box.id
}

async fn add(store: &Arc<dyn Store>, box_id: BoxId, rows: usize, most: u64) -> Option<BulkJobId> {
    let (table, settings) = (table(rows), settings());
    let actor = IsdsId("DS_abcdefghi".into());
    let new = NewBulkJob {
        box_id,
        name: "Výzvy",
        table: &table,
        settings: &settings,
        actor: &actor,
        actor_name: "Karel Podatelna",
        created: at(1),
    };
    store.add_bulk_job(&new, most).await.unwrap()
}

/// A job of a box of its own.
async fn job(store: &Arc<dyn Store>, rows: usize) -> BulkJobId {
    let box_id = box_of(store, "mesta2").await;
    add(store, box_id, rows, 100).await.unwrap()
}

async fn lookup(store: &Arc<dyn Store>, id: BulkJobId) -> BulkJob {
    store.lookup_bulk_job(id).await.unwrap().unwrap()
}

/// Puts a job into a state, with rows that go along.
async fn into(store: &Arc<dyn Store>, id: BulkJobId, state: BulkState, moves: &[BulkRowMove]) -> BulkJob {
    let job = BulkJob {
        state,
        ..lookup(store, id).await
    };
    let change = BulkChange {
        job,
        moves: moves.to_vec(),
        leave_out_duplicates: false,
        work_due: None,
    };
    store.change_bulk_job(&change).await.unwrap();
    lookup(store, id).await
}

fn moved(from: BulkRowState, to: BulkRowState) -> BulkRowMove {
    BulkRowMove { from: from.bit(), to }
}

/// A job whose rows are all ready to be sent.
async fn running(store: &Arc<dyn Store>, rows: usize) -> BulkJobId {
    let id = job(store, rows).await;
    into(
        store,
        id,
        BulkState::Running,
        &[moved(BulkRowState::New, BulkRowState::Ready)],
    )
    .await;
    id
}

async fn rows(store: &Arc<dyn Store>, id: BulkJobId) -> Vec<BulkRow> {
    let query = BulkRowQuery {
        job: id,
        states: i64::MAX,
        after: 0,
        limit: 10_000,
    };
    store.list_bulk_rows(&query).await.unwrap()
}

fn verdict(number: i64, state: BulkRowState, recipient: Option<BoxId>) -> BulkVerdict {
    BulkVerdict {
        number,
        state,
        recipient: recipient.map(|id| BulkRecipient {
            id,
            name: "Jan Novák".into(),
            address: "Dlouhá 5, 11000 Vzorov, CZ".into(),
            kind: MessageKind::Credit,
            price: 1000,
        }),
        looked_up: true,
        gap: true,
        bytes: 77,
        reason: (state == BulkRowState::Unaddressed).then(|| BulkReason {
            code: "0002".into(),
            text: "Nic.".into(),
        }),
    }
}

pub async fn a_job_is_kept_with_its_rows(backend: Backend) {
    let store = &backend.store;
    let id = job(store, 1203).await;
    let kept = lookup(&backend.again().await, id).await;
    assert_eq!((kept.state, kept.version, kept.rows), (BulkState::Draft, 0, 1203));
    assert_eq!((kept.settings, kept.columns), (settings(), table(1).columns));
    assert_eq!(
        (kept.actor_name.as_str(), kept.created, kept.worker),
        ("Karel Podatelna", at(1), None)
    );
    let rows = rows(store, id).await;
    let cells: Vec<_> = rows.iter().map(|row| row.cells.clone()).collect();
    assert_eq!(cells, table(1203).rows);
    assert!(
        rows.iter()
            .zip(1..)
            .all(|(row, n)| row.number == n && row.state == BulkRowState::New)
    );
    // Pages by number.
    let query = BulkRowQuery {
        job: id,
        states: BulkRowState::New.bit(),
        after: 500,
        limit: 3,
    };
    let page = store.list_bulk_rows(&query).await.unwrap();
    assert_eq!(page.iter().map(|row| row.number).collect::<Vec<_>>(), [501, 502, 503]);
    let other = BulkRowQuery {
        states: BulkRowState::Sent.bit(),
        ..query
    };
    assert!(store.list_bulk_rows(&other).await.unwrap().is_empty());
}

pub async fn jobs_of_a_box_are_bounded_and_listed(backend: Backend) {
    let store = &backend.store;
    let (own, other) = (box_of(store, "mesta2").await, box_of(store, "kraj22").await);
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(add(store, own, 1, 3).await.unwrap());
    }
    assert_eq!(add(store, own, 1, 3).await, None);
    let foreign = add(store, other, 1, 3).await.unwrap();
    let listed = async |before, limit| {
        let jobs = store.list_bulk_jobs(own, before, limit).await.unwrap();
        jobs.into_iter().map(|job| job.id).collect::<Vec<_>>()
    };
    assert_eq!(listed(None, 2).await, [ids[2], ids[1]]);
    assert_eq!(listed(Some(ids[1]), 2).await, [ids[0]]);
    assert!(store.remove_bulk_job(ids[0], 0, at(9)).await.unwrap());
    assert!(
        !store.remove_bulk_job(foreign, 1, at(9)).await.unwrap(),
        "another version"
    );
    assert!(add(store, own, 1, 3).await.is_some());
    // Of many at once only as many are made as may be.
    store.remove_bulk_job(foreign, 0, at(9)).await.unwrap();
    let at_once = futures::future::join_all((0..8).map(|_| add(store, other, 1, 3))).await;
    assert_eq!(at_once.into_iter().flatten().count(), 3);
}

pub async fn a_change_is_over_its_version(backend: Backend) {
    let store = &backend.store;
    let id = job(store, 2).await;
    let old = lookup(store, id).await;
    let new = BulkJob {
        name: "Jiné".into(),
        state: BulkState::Checking,
        actor: IsdsId("DS_jiny".into()),
        halted: Some(BulkReason {
            code: "1004".into(),
            text: "Nemáte právo".into(),
        }),
        started: Some(at(5)),
        ended: Some(at(6)),
        ..old.clone()
    };
    let change = BulkChange {
        job: new.clone(),
        moves: Vec::new(),
        leave_out_duplicates: false,
        work_due: Some(at(3)),
    };
    assert_eq!(store.change_bulk_job(&change).await.unwrap(), 1);
    let kept = lookup(store, id).await;
    let work = kept.worker.expect("somebody works on it");
    assert_eq!(
        kept,
        BulkJob {
            version: 1,
            worker: Some(work),
            ..new
        }
    );
    assert!(matches!(
        store.change_bulk_job(&change).await,
        Err(StoreError::Conflict)
    ));
    let jobs = store.claim_jobs(at(3), at(60), 10).await.unwrap();
    assert_eq!(jobs.len(), 1, "what was not written leaves no job");
    assert_eq!((jobs[0].id, jobs[0].kind), (work, JobKind::WorkOnBulkJob(id)));
}

pub async fn verdicts_hold_where_the_job_waits_for_them(backend: Backend) {
    let store = &backend.store;
    let id = job(store, 5).await;
    let verdicts = [
        verdict(1, BulkRowState::Addressed, Some(novak())),
        verdict(2, BulkRowState::Addressed, Some(maria())),
        verdict(3, BulkRowState::Unaddressed, None),
        verdict(4, BulkRowState::Addressed, Some(novak())),
    ];
    let judge = async |version| {
        let judged = store.judge_bulk_rows(id, version, BulkRowState::New, &verdicts);
        judged.await.unwrap()
    };
    let looked = into(store, id, BulkState::Checking, &[]).await.version;
    // Who looks stands still; meanwhile others give it up, and begin anew with another column.
    into(store, id, BulkState::Draft, &[]).await;
    let job = into(store, id, BulkState::Checking, &[]).await;
    assert!(!judge(looked).await, "what was found by the old column");
    assert!(
        !store
            .mark_bulk_duplicates(id, looked, BulkRowState::Addressed)
            .await
            .unwrap()
    );
    assert!(rows(store, id).await.iter().all(|row| row.state == BulkRowState::New));
    assert!(judge(job.version).await);
    for _ in 0..2 {
        let marked = store.mark_bulk_duplicates(id, job.version, BulkRowState::Addressed);
        assert!(marked.await.unwrap());
    }
    let found = rows(store, id).await;
    assert_eq!(found[0].recipient, verdicts[0].recipient);
    assert!(found[0].looked_up && found[0].gap && found[0].bytes == 77);
    assert_eq!(found[2].reason, verdicts[2].reason);
    let duplicates: Vec<_> = found.iter().filter(|row| row.duplicate).map(|row| row.number).collect();
    assert_eq!(duplicates, [4]);
    let next = store.next_bulk_rows(id, BulkRowState::New, 10).await.unwrap();
    assert_eq!(next.iter().map(|row| row.number).collect::<Vec<_>>(), [5]);
    let tally = store.tally_bulk_rows(id).await.unwrap();
    let counted: Vec<_> = tally
        .iter()
        .map(|t| (t.state, t.rows, t.price, t.duplicates, t.duplicates_price))
        .collect();
    assert_eq!(
        counted,
        [
            (BulkRowState::New, 1, 0, 0, 0),
            (BulkRowState::Addressed, 3, 3000, 1, 1000),
            (BulkRowState::Unaddressed, 1, 0, 0, 0)
        ]
    );
    assert_eq!((tally[1].gaps, tally[1].looked_up, tally[1].bytes), (3, 3, 231));
    // What is looked up anew is forgotten.
    use BulkRowState as R;
    into(
        store,
        id,
        BulkState::Draft,
        &[moved(R::Unaddressed, R::New), moved(R::Addressed, R::New)],
    )
    .await;
    let found = rows(store, id).await;
    assert_eq!((found[2].reason.clone(), found[3].recipient.clone()), (None, None));
    assert!(!found[3].duplicate && !found[3].looked_up);
}

/// A row is left out only for one that goes to the same recipient: what is faulty or refused stands for no other.
pub async fn a_row_is_left_out_only_for_one_that_is_sent(backend: Backend) {
    use BulkRowState as R;
    let store = &backend.store;
    let id = job(store, 6).await;
    let trying = into(store, id, BulkState::Trying, &[moved(R::New, R::Addressed)]).await;
    let verdicts = [
        verdict(1, R::Faulty, Some(novak())),
        verdict(2, R::Ready, Some(novak())),
        verdict(3, R::Ready, Some(novak())),
        verdict(4, R::Ready, Some(maria())),
        verdict(5, R::Ready, Some(novak())),
        verdict(6, R::Ready, Some(maria())),
    ];
    assert!(
        store
            .judge_bulk_rows(id, trying.version, R::Addressed, &verdicts)
            .await
            .unwrap()
    );
    assert!(store.mark_bulk_duplicates(id, trying.version, R::Ready).await.unwrap());
    let marked = rows(store, id).await.into_iter().filter(|row| row.duplicate);
    assert_eq!(marked.map(|row| row.number).collect::<Vec<_>>(), [3, 5, 6]);
    let begin = async |moves: &[BulkRowMove]| {
        let change = BulkChange {
            job: BulkJob {
                state: BulkState::Running,
                ..lookup(store, id).await
            },
            moves: moves.to_vec(),
            leave_out_duplicates: true,
            work_due: None,
        };
        store.change_bulk_job(&change).await.unwrap();
    };
    let states = async || {
        rows(store, id)
            .await
            .into_iter()
            .map(|row| row.state)
            .collect::<Vec<_>>()
    };
    begin(&[]).await;
    assert_eq!(
        states().await,
        [R::Faulty, R::Ready, R::LeftOut, R::Ready, R::LeftOut, R::LeftOut]
    );
    // Its recipient would get nothing: the next one goes instead, and only that one.
    let reason = BulkReason {
        code: "1205".into(),
        text: "Není kredit.".into(),
    };
    let refuse = async |row| {
        let refused = store.refuse_bulk_row(BulkRowId { job: id, row }, &reason);
        assert!(refused.await.unwrap());
    };
    refuse(2).await;
    assert_eq!(
        states().await,
        [R::Faulty, R::Refused, R::Ready, R::Ready, R::LeftOut, R::LeftOut]
    );
    let mut new = message(store.next_message_id().await.unwrap(), at(0));
    new.bulk_row = Some(BulkRowId { job: id, row: 4 });
    store.accept_message(&new).await.unwrap();
    refuse(3).await;
    refuse(5).await;
    assert_eq!(
        states().await,
        [R::Faulty, R::Refused, R::Refused, R::Sent, R::Refused, R::LeftOut]
    );
    // Tried once more, one of them goes, not all.
    into(store, id, BulkState::Done, &[]).await;
    begin(&[moved(R::Refused, R::Ready)]).await;
    assert_eq!(
        states().await,
        [R::Faulty, R::Ready, R::LeftOut, R::Sent, R::LeftOut, R::LeftOut]
    );
}

/// The row goes with its message: both are written, or neither.
pub async fn a_row_is_sent_once(backend: Backend) {
    let store = &backend.store;
    let id = running(store, 3).await;
    let mut new = message(store.next_message_id().await.unwrap(), at(0));
    new.bulk_row = Some(BulkRowId { job: id, row: 2 });
    store.accept_message(&new).await.unwrap();
    let row = rows(store, id).await.remove(1);
    let sent = row.message.unwrap();
    assert_eq!(
        (row.state, sent.id, sent.phase),
        (BulkRowState::Sent, new.message.id, Phase::Submitted)
    );
    let refused = async |row: BulkRowId| {
        let mut again = message(store.next_message_id().await.unwrap(), at(0));
        again.bulk_row = Some(row);
        assert!(
            matches!(store.accept_message(&again).await, Err(StoreError::RowWithdrawn)),
            "{row:?}"
        );
        assert!(store.lookup_message(again.message.id).await.unwrap().is_none());
    };
    refused(BulkRowId { job: id, row: 2 }).await;
    refused(BulkRowId { job: id, row: 9 }).await;
    // Who pauses has paused: nothing goes out after that.
    into(store, id, BulkState::Paused, &[]).await;
    refused(BulkRowId { job: id, row: 1 }).await;
    into(store, id, BulkState::Running, &[]).await;
    let row = BulkRowId { job: id, row: 1 };
    let reason = BulkReason {
        code: "1203".into(),
        text: "Není.".into(),
    };
    assert_eq!(store.count_bulk_attempt(row).await.unwrap(), 1);
    assert_eq!(store.count_bulk_attempt(row).await.unwrap(), 2);
    assert!(store.refuse_bulk_row(row, &reason).await.unwrap());
    assert!(!store.refuse_bulk_row(row, &reason).await.unwrap());
    assert_eq!(store.count_bulk_attempt(row).await.unwrap(), 0, "it waits no more");
    refused(row).await;
    let sent = BulkRowId { job: id, row: 2 };
    assert!(
        !store.refuse_bulk_row(sent, &reason).await.unwrap(),
        "what was sent was sent"
    );
    into(
        store,
        id,
        BulkState::Running,
        &[moved(BulkRowState::Refused, BulkRowState::Ready)],
    )
    .await;
    let retried = rows(store, id).await.remove(0);
    assert_eq!(
        (retried.state, retried.reason, retried.attempts),
        (BulkRowState::Ready, None, 0)
    );
    let delivered = deliver(store, &new.message, 3).await;
    assert_eq!(store.tally_bulk_messages(id).await.unwrap(), [(Phase::DeliveredIn, 1)]);
    let row = rows(store, id).await.remove(1);
    assert_eq!(row.message.unwrap().delivered_in, delivered.state.delivered_in);
}

pub async fn a_row_at_once_is_sent_once(backend: Backend) {
    let store = &backend.store;
    let id = running(store, 4).await;
    let send = async |row: i64| {
        let mut new = message(store.next_message_id().await.unwrap(), at(0));
        new.bulk_row = Some(BulkRowId { job: id, row });
        store.accept_message(&new).await.is_ok()
    };
    let sent = futures::future::join_all((0..40).map(|n| send(n % 4 + 1))).await;
    assert_eq!(sent.into_iter().filter(|sent| *sent).count(), 4);
    assert_eq!(count(&backend.url, "SELECT COUNT(*) FROM messages").await, 4);
    assert_eq!(
        count(&backend.url, "SELECT COUNT(DISTINCT dm_id) FROM bulk_rows").await,
        4
    );
}

/// A message that costs something: without the money nothing is taken, without the row neither.
pub async fn a_row_is_paid_once(backend: Backend) {
    let store = &backend.store;
    credit::firms(store).await;
    let id = running(store, 2).await;
    let pay = async |row: i64| {
        let mut new = credit::paid(store, 1, MessageKind::Credit, Means::Credit).await;
        new.bulk_row = Some(BulkRowId { job: id, row });
        store.accept_message(&new).await
    };
    assert!(matches!(pay(1).await, Err(StoreError::Unpaid(_))));
    assert_eq!(rows(store, id).await[0].state, BulkRowState::Ready);
    credit::book(store, 0, 10 * credit::PRICE, credit::top_up("t1")).await;
    pay(1).await.unwrap();
    assert!(matches!(pay(1).await, Err(StoreError::RowWithdrawn)));
    let balance = store.lookup_credit(credit::payer()).await.unwrap().unwrap().balance;
    assert_eq!(balance, 9 * credit::PRICE);
}

async fn upload(store: &Arc<dyn Store>, letter: &str) -> UploadId {
    let upload = Upload {
        id: UploadId(0),
        box_id: town(),
        mime_type: "application/pdf".into(),
        file_name: format!("{letter}.pdf"),
        object: ObjectId(letter.repeat(32)),
        length: 9,
        sha256: [1; 32],
        sha3_256: [2; 32],
        expires: at(100),
    };
    store.add_upload(&upload, 1000).await.unwrap().unwrap()
}

pub async fn files_stay_as_long_as_job_or_message_need_them(backend: Backend) {
    let store = &backend.store;
    let id = job(store, 1).await;
    let mut ids = Vec::new();
    for (letter, common) in [("a", true), ("b", false), ("c", false)] {
        let upload = upload(store, letter).await;
        let file = BulkFile {
            upload,
            common,
            name: format!("{letter}.pdf"),
            length: 9,
        };
        assert!(store.add_bulk_file(id, &file, 2).await.unwrap());
        let again = BulkFile {
            upload: self::upload(
                store,
                if common {
                    "d"
                } else if letter == "b" {
                    "e"
                } else {
                    "f"
                },
            )
            .await,
            ..file
        };
        assert!(
            !store.add_bulk_file(id, &again, 2).await.unwrap(),
            "one of the name, or one too many"
        );
        ids.push(upload);
    }
    assert_eq!(
        store.unused_upload_bytes(town()).await.unwrap(),
        27,
        "the three that were not taken"
    );
    // One that was not taken gives its room back at once, one that is needed stays.
    let refused = upload(store, "9").await;
    assert_eq!(store.unused_upload_bytes(town()).await.unwrap(), 36);
    assert!(store.remove_upload(refused, at(1)).await.unwrap());
    assert!(!store.remove_upload(refused, at(1)).await.unwrap());
    assert!(!store.remove_upload(ids[0], at(1)).await.unwrap(), "the job needs it");
    assert!(
        store.lookup_upload(refused).await.unwrap().is_none() && store.lookup_upload(ids[0]).await.unwrap().is_some()
    );
    assert_eq!(store.unused_upload_bytes(town()).await.unwrap(), 27);
    store.purge_uploads(at(1000), at(1), 100).await.unwrap();
    let names = async || {
        let rows = store.list_row_bulk_files(id, "", 10).await.unwrap();
        rows.into_iter().map(|file| file.name).collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["b.pdf", "c.pdf"]);
    assert_eq!(store.list_row_bulk_files(id, "b.pdf", 10).await.unwrap().len(), 1);
    assert_eq!(store.count_row_bulk_files(id).await.unwrap(), 2);
    assert_eq!(store.list_common_bulk_files(id).await.unwrap()[0].upload, ids[0]);
    assert_eq!(store.lookup_row_bulk_file(id, "a.pdf").await.unwrap(), None);
    assert_eq!(
        store.lookup_row_bulk_file(id, "c.pdf").await.unwrap().unwrap().upload,
        ids[2]
    );
    assert!(store.remove_bulk_file(id, ids[2], at(2)).await.unwrap());
    assert!(!store.remove_bulk_file(id, ids[2], at(2)).await.unwrap());
    assert!(store.lookup_upload(ids[2]).await.unwrap().is_none());
    // A message takes one of them; then the job goes.
    into(
        store,
        id,
        BulkState::Running,
        &[moved(BulkRowState::New, BulkRowState::Ready)],
    )
    .await;
    assert!(!store.remove_bulk_file(id, ids[0], at(2)).await.unwrap(), "it runs");
    let mut new = message(store.next_message_id().await.unwrap(), at(0));
    new.uploads = vec![ids[0]];
    new.bulk_row = Some(BulkRowId { job: id, row: 1 });
    store.accept_message(&new).await.unwrap();
    let job = into(store, id, BulkState::Done, &[]).await;
    assert!(store.remove_bulk_job(id, job.version, at(3)).await.unwrap());
    assert!(store.lookup_bulk_job(id).await.unwrap().is_none());
    assert!(
        store.lookup_upload(ids[0]).await.unwrap().is_some(),
        "the message needs it"
    );
    assert!(store.lookup_upload(ids[1]).await.unwrap().is_none());
    let freed = store.list_freed_objects(at(3), 10).await.unwrap();
    assert!(freed.contains(&ObjectId("b".repeat(32))) && !freed.contains(&ObjectId("a".repeat(32))));
}

pub async fn clearing_takes_bulk_jobs_away(backend: Backend) {
    let store = &backend.store;
    let id = job(store, 3).await;
    let file = BulkFile {
        upload: upload(store, "a").await,
        common: true,
        name: "a.pdf".into(),
        length: 9,
    };
    assert!(store.add_bulk_file(id, &file, 2).await.unwrap());
    store.clear().await.unwrap();
    for sql in [
        "SELECT COUNT(*) FROM bulk_jobs",
        "SELECT COUNT(*) FROM bulk_rows",
        "SELECT COUNT(*) FROM bulk_files",
    ] {
        assert_eq!(count(&backend.url, sql).await, 0, "{sql}");
    }
}
