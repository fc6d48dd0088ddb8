//! Boxes that are founded from a table.

use std::collections::BTreeMap;

use isds_core::administration::{AdministrationRequest, NewBox};
use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::data_box::DataBox;
use isds_core::ids::{IsdsId, ObjectId};
use isds_core::ports::{Import, ImportCounts, ImportId, ImportRow, ImportState, JobKind, RowState, StoreError};

use crate::engines::{Backend, count};
use crate::fixtures::*;

fn import(seconds: i64) -> Import {
    Import {
        id: ImportId(0),
        file_name: "vzor.csv".into(),
        by: Some(IsdsId("DS_spravce01".into())),
        at: at(seconds),
        state: ImportState::Checked,
    }
}

fn row(line: i64, state: RowState) -> ImportRow {
    ImportRow {
        line,
        cells: BTreeMap::from([
            ("dbType".into(), "OVM".into()),
            ("firmName".into(), "Obec \"Vzorná\"; ž".into()),
        ]),
        state,
        refusal: (state == RowState::Wrong).then(|| "1013: chybí ic.".into()),
        box_id: None,
        access: None,
    }
}

pub async fn an_import_runs_once_and_ends(db: Backend) {
    let store = &db.store;
    let rows = [
        row(2, RowState::Ready),
        row(3, RowState::Wrong),
        row(5, RowState::Ready),
    ];
    let id = store.add_import(&import(0), &rows).await.unwrap();
    let kept = store.lookup_import(id).await.unwrap().unwrap();
    assert_eq!(kept, Import { id, ..import(0) });
    assert_eq!(store.list_import_rows(id, 0, 10).await.unwrap(), rows);
    assert_eq!(store.list_import_rows(id, 2, 1).await.unwrap(), rows[1..2]);
    assert_eq!(
        store.list_ready_rows(id, 10).await.unwrap(),
        [rows[0].clone(), rows[2].clone()]
    );
    let counts = ImportCounts {
        wrong: 1,
        ready: 2,
        ..ImportCounts::default()
    };
    assert_eq!(store.count_import_rows(id).await.unwrap(), counts);

    assert!(store.begin_import(id, at(0)).await.unwrap());
    assert!(!store.begin_import(id, at(0)).await.unwrap(), "once");
    let jobs = store.claim_jobs(at(0), at(60), 10).await.unwrap();
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].kind, JobKind::ImportBoxes(id));

    let founded = ImportRow {
        state: RowState::Founded,
        box_id: Some(novak()),
        access: Some(ObjectId("c".repeat(32))),
        ..rows[0].clone()
    };
    assert!(store.write_import_row(id, &rows[0], &founded, at(0)).await.unwrap());
    assert!(
        !store.write_import_row(id, &rows[0], &founded, at(0)).await.unwrap(),
        "it had its turn"
    );
    assert_eq!(store.list_ready_rows(id, 10).await.unwrap(), [rows[2].clone()]);
    assert_eq!(
        store.list_import_rows(id, 0, 1).await.unwrap(),
        std::slice::from_ref(&founded)
    );
    store.finish_import(id, jobs[0].id).await.unwrap();
    assert_eq!(store.count_jobs().await.unwrap(), 0);
    assert_eq!(store.lookup_import(id).await.unwrap().unwrap().state, ImportState::Done);
}

pub async fn access_data_are_taken_once(db: Backend) {
    let store = &db.store;
    let founded = ImportRow {
        box_id: Some(novak()),
        access: Some(ObjectId("c".repeat(32))),
        ..row(2, RowState::Founded)
    };
    let rows = [founded.clone(), row(3, RowState::Refused)];
    let id = store.add_import(&import(0), &rows).await.unwrap();
    assert_eq!(store.count_import_rows(id).await.unwrap().access, 1);
    let (one, other) = futures::join!(store.take_import_access(id, at(5)), store.take_import_access(id, at(5)));
    let mut taken = [one.unwrap(), other.unwrap()].concat();
    assert_eq!(taken.len(), 1, "of two at once one gets them");
    assert_eq!(taken.remove(0), founded);
    assert_eq!(store.count_import_rows(id).await.unwrap().access, 0);
    // The object is handed to those who remove objects.
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM freed_objects").await, 1);
}

pub async fn old_imports_are_forgotten(db: Backend) {
    let store = &db.store;
    let old = store.add_import(&import(0), &[row(2, RowState::Ready)]).await.unwrap();
    let running = store.add_import(&import(0), &[row(2, RowState::Ready)]).await.unwrap();
    let new = store
        .add_import(&import(100), &[row(2, RowState::Ready)])
        .await
        .unwrap();
    store.begin_import(running, at(0)).await.unwrap();
    assert_eq!(store.list_old_imports(at(50), 10).await.unwrap(), [old]);
    store.remove_import(old).await.unwrap();
    assert_eq!(store.lookup_import(old).await.unwrap(), None);
    let listed: Vec<ImportId> = store
        .list_imports(10)
        .await
        .unwrap()
        .iter()
        .map(|import| import.id)
        .collect();
    assert_eq!(listed, [new, running]);
    store.clear().await.unwrap();
    assert_eq!(store.list_imports(10).await.unwrap(), []);
}

/// What founding a box of a row writes.
fn new_box(data: &str) -> NewBox {
    NewBox {
        data_box: DataBox {
            state: BoxState::NotActivated,
            ..data_box(data, BoxType::Ovm)
        },
        users: Vec::new(),
        deadlines: Vec::new(),
        request: AdministrationRequest {
            operation: "CreateDataBox2",
            caller: None,
            approved: None,
            reference: None,
            at: at(0),
        },
    }
}

pub async fn of_two_that_work_on_a_row_one_goes_on(db: Backend) {
    let store = &db.store;
    let id = store.add_import(&import(0), &[row(2, RowState::Ready)]).await.unwrap();
    let read = row(2, RowState::Ready);
    let planned = |data: &str, object: &str| ImportRow {
        box_id: Some(new_box(data).data_box.id),
        access: Some(ObjectId(object.repeat(32))),
        ..read.clone()
    };
    let (one, other) = (planned("aaaaab", "1"), planned("aaaaac", "2"));
    assert!(store.write_import_row(id, &read, &one, at(5)).await.unwrap());
    // Another one read the row at the same time.
    assert!(!store.write_import_row(id, &read, &other, at(5)).await.unwrap());
    // And now, after the first seemed dead: what the first one wrote is needed no longer, and it founds nothing.
    assert!(store.write_import_row(id, &one, &other, at(5)).await.unwrap());
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM freed_objects").await, 1);
    assert!(!store.found_import_row(id, &one, &new_box("aaaaab")).await.unwrap());
    assert!(!store.write_import_row(id, &one, &read, at(5)).await.unwrap());
    assert_eq!(store.lookup_box(one.box_id.unwrap()).await.unwrap(), None);
    assert!(store.found_import_row(id, &other, &new_box("aaaaac")).await.unwrap());
    assert!(store.lookup_box(other.box_id.unwrap()).await.unwrap().is_some());
    // The row keeps what it found, whoever comes late.
    let refused = ImportRow {
        state: RowState::Refused,
        ..read.clone()
    };
    for before in [&read, &one, &other] {
        assert!(!store.write_import_row(id, before, &refused, at(5)).await.unwrap());
        assert!(!store.found_import_row(id, before, &new_box("aaaaad")).await.unwrap());
    }
    let kept = store.list_import_rows(id, 0, 10).await.unwrap();
    assert_eq!(
        (kept[0].state, kept[0].box_id, kept[0].access.clone()),
        (RowState::Founded, other.box_id, other.access)
    );
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM freed_objects").await, 1);
}

pub async fn a_box_that_cannot_be_founded_leaves_its_row_waiting(db: Backend) {
    let store = &db.store;
    store.create_box(&new_box("aaaaab")).await.unwrap();
    let id = store.add_import(&import(0), &[row(2, RowState::Ready)]).await.unwrap();
    let read = row(2, RowState::Ready);
    let planned = ImportRow {
        box_id: Some(new_box("aaaaab").data_box.id),
        ..read.clone()
    };
    assert!(store.write_import_row(id, &read, &planned, at(5)).await.unwrap());
    assert!(matches!(
        store.found_import_row(id, &planned, &new_box("aaaaab")).await,
        Err(StoreError::Conflict)
    ));
    assert_eq!(store.list_ready_rows(id, 10).await.unwrap(), [planned]);
}
