//! Figures of the whole system.

use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::data_box::DataBox;
use isds_core::event::ReaderKind;
use isds_core::message::Input;
use isds_core::ports::{BoxFigure, CountingProgress, MessageFigures, MonthFigures};
use jiff::civil::date;

use crate::engines::Backend;
use crate::fixtures::*;

const LOGIN: i64 = 3;

fn figures(sent: u64, by_login: u64, by_fiction: u64) -> MessageFigures {
    MessageFigures {
        sent,
        by_login,
        by_fiction,
    }
}

pub async fn events_are_counted_by_their_time(db: Backend) {
    let store = &db.store;
    assert_eq!(store.first_submission().await.unwrap(), None);
    let read = deliver(store, &accept(store, 0).await, 1).await;
    let forgotten = deliver(store, &accept(store, 10).await, 11).await;
    accept(store, 100).await;
    let login = |seconds| Input::Login {
        by: ReaderKind::Holder,
        at: at(seconds),
    };
    let fiction = Input::Fiction {
        at: at(20),
        without_user: true,
    };
    store.apply_changes(&[change(&read, &[login(LOGIN)])]).await.unwrap();
    // Who logs in after fiction delivers nothing any more.
    store
        .apply_changes(&[change(&forgotten, &[fiction, login(50)])])
        .await
        .unwrap();
    let count = async |from: i64, until: i64| store.count_events(at(from), at(until)).await.unwrap();
    assert_eq!(count(0, 1_000).await, figures(3, 1, 1));
    assert_eq!(count(0, LOGIN).await, figures(1, 0, 0), "the end is not part of it");
    assert_eq!(count(LOGIN, 20).await, figures(1, 1, 0));
    assert_eq!(count(20, 100).await, figures(0, 0, 1));
    assert_eq!(store.first_submission().await.unwrap(), Some(at(0)));
}

pub async fn days_are_kept_and_make_months(db: Backend) {
    let store = &db.store;
    assert_eq!(store.counting_progress().await.unwrap(), None);
    let progress = CountingProgress {
        through: date(2026, 2, 3),
        walk: date(2025, 12, 30),
        counted: at(7),
    };
    let days = [
        (date(2025, 12, 31), figures(1, 2, 3)),
        (date(2026, 1, 1), figures(10, 0, 0)),
        (date(2026, 1, 31), figures(5, 4, 3)),
        (date(2026, 2, 3), figures(7, 0, 0)),
    ];
    store.write_day_figures(&days, &progress).await.unwrap();
    assert_eq!(store.counting_progress().await.unwrap(), Some(progress));
    let january = store
        .list_day_figures(date(2026, 1, 1), date(2026, 1, 31))
        .await
        .unwrap();
    assert_eq!(january, days[1..3]);
    // A day that is counted again has the new figures.
    store
        .write_day_figures(&[(date(2026, 1, 1), figures(11, 0, 0))], &progress)
        .await
        .unwrap();
    let month = |month, figures| MonthFigures { month, figures };
    let months = [
        month(date(2025, 12, 1), figures(1, 2, 3)),
        month(date(2026, 1, 1), figures(16, 4, 3)),
        month(date(2026, 2, 1), figures(7, 0, 0)),
    ];
    assert_eq!(store.list_month_figures(10).await.unwrap(), months);
    assert_eq!(store.list_month_figures(2).await.unwrap(), months[1..]);
    store.clear().await.unwrap();
    assert_eq!(store.list_month_figures(10).await.unwrap(), []);
    assert_eq!(store.counting_progress().await.unwrap(), None);
}

pub async fn boxes_are_counted_by_type_and_state(db: Backend) {
    let store = &db.store;
    for (data, box_type, state) in [
        ("aaaaab", BoxType::Fo, BoxState::Accessible),
        ("aaaaac", BoxType::Fo, BoxState::Accessible),
        ("aaaaad", BoxType::Fo, BoxState::Deleted),
        ("aaaaae", BoxType::Ovm, BoxState::Accessible),
    ] {
        let new = DataBox {
            state,
            ..data_box(data, box_type)
        };
        store.add_box(&new).await.unwrap();
    }
    let counted = store.count_boxes().await.unwrap();
    store.write_box_figures(&counted[..1]).await.unwrap();
    store.write_box_figures(&counted).await.unwrap();
    let figure = |box_type, state, count| BoxFigure { box_type, state, count };
    assert_eq!(
        store.list_box_figures().await.unwrap(),
        [
            figure(BoxType::Ovm, BoxState::Accessible, 1),
            figure(BoxType::Fo, BoxState::Accessible, 2),
            figure(BoxType::Fo, BoxState::Deleted, 1),
        ]
    );
}
