//! Boxes that are founded from a table.

use std::collections::BTreeMap;

use isds_core::ids::{IsdsId, ObjectId};
use isds_core::ports::{Import, ImportCounts, ImportId, ImportRow, ImportState, JobKind, RowState};

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
    store.write_import_row(id, &founded).await.unwrap();
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
