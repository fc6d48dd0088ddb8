//! Lists read a page at a time: every row once, in the order of the whole, whatever moves meanwhile.

use isds_core::event::ReaderKind;
use isds_core::ids::MessageId;
use isds_core::message::{Input, SideOf};
use isds_core::ports::{MessageListQuery, StateChangeQuery, StateChangeRecord};

use crate::engines::Backend;
use crate::fixtures::*;

/// Numbers in a list that is read `size` records at a time; `between` happens after the first page.
async fn paged(db: &Backend, whole: &MessageListQuery, size: u64, between: impl AsyncFnOnce()) -> Vec<MessageId> {
    let mut query = MessageListQuery {
        limit: size,
        ..whole.clone()
    };
    let mut between = Some(between);
    let mut found = Vec::new();
    loop {
        let page = db.store.list_messages(&query).await.unwrap();
        assert!(page.len() as u64 <= size);
        found.extend(page.iter().map(|record| record.id));
        let Some(last) = page.last() else {
            return found;
        };
        (query.after, query.offset) = (Some(last.position()), 0);
        if let Some(between) = between.take() {
            between().await;
        }
    }
}

pub async fn pages_of_a_list_make_the_whole(db: Backend) {
    // Many at the same time, so that pages end in the middle of them.
    for seconds in [10, 30, 20, 20, 20, 20, 20, 40, 40, 50] {
        accept(&db.store, seconds).await;
    }
    let delivered = accept(&db.store, 0).await;
    deliver(&db.store, &delivered, 20).await;
    for (box_id, side) in [(novak(), SideOf::Recipient), (town(), SideOf::Sender)] {
        for (from, to) in [(None, None), (Some(at(20)), Some(at(40))), (Some(at(20)), Some(at(20)))] {
            for status_bits in [ANY_STATE, 1 << 1] {
                let whole = MessageListQuery {
                    from,
                    to,
                    status_bits,
                    ..whole_list(box_id, side)
                };
                let expected = listed(&db.store, &whole).await;
                assert!(expected.len() >= 5, "{expected:?}");
                for size in [1, 2, 3, 7, 100] {
                    assert_eq!(
                        paged(&db, &whole, size, async || {}).await,
                        expected,
                        "{size} at a time"
                    );
                }
                let behind = MessageListQuery {
                    offset: 3,
                    ..whole.clone()
                };
                assert_eq!(paged(&db, &behind, 2, async || {}).await, expected[3..]);
            }
        }
    }
}

pub async fn what_moves_between_pages_never_comes_twice(db: Backend) {
    let (low, middle) = (accept(&db.store, 10).await, accept(&db.store, 20).await);
    let (high, top) = (accept(&db.store, 30).await, accept(&db.store, 40).await);
    let sent = whole_list(town(), SideOf::Sender);
    let found = paged(&db, &sent, 2, async || {
        // One of the page that was read and one of those to come are delivered; another is new.
        deliver(&db.store, &high, 100).await;
        deliver(&db.store, &middle, 101).await;
        accept(&db.store, 102).await;
    });
    assert_eq!(found.await, [top.id, high.id, low.id]);
    // What was passed over is newer than the end of that list, and the next one from there on has it.
    let next = MessageListQuery {
        from: Some(at(41)),
        ..sent
    };
    let next = listed(&db.store, &next).await;
    assert!(next.contains(&middle.id) && next.len() == 3, "{next:?}");
}

pub async fn pages_of_state_changes_make_the_whole(db: Backend) {
    let login = |seconds| Input::Login {
        by: ReaderKind::Holder,
        at: at(seconds),
    };
    for seconds in [10, 20, 20, 20, 30] {
        // Two rows of one version, and a row of another version at the same time.
        let fast = accept(&db.store, 0).await;
        let both = [
            Input::Stamp,
            Input::DeliverIn {
                at: at(seconds),
                fiction: None,
            },
            login(seconds),
        ];
        db.store.apply_changes(&[change(&fast, &both)]).await.unwrap();
        let slow = deliver(&db.store, &accept(&db.store, 0).await, seconds).await;
        db.store
            .apply_changes(&[change(&slow, &[login(seconds)])])
            .await
            .unwrap();
    }
    let read = async |query: StateChangeQuery| db.store.list_state_changes(&query).await.unwrap();
    for (from, to, expected) in [(0, 100, 20), (20, 20, 12), (11, 29, 12), (31, 100, 0)] {
        let whole = StateChangeQuery {
            from: at(from),
            ..whole_history(to)
        };
        let all = read(whole).await;
        assert_eq!(all.len(), expected);
        let key = |row: &StateChangeRecord| (row.change.time, row.id, row.version, row.seq);
        assert!(all.is_sorted_by(|a, b| key(a) < key(b)), "{all:?}");
        for size in [1, 2, 3, 7, 100] {
            let mut query = StateChangeQuery { limit: size, ..whole };
            let mut found = Vec::new();
            loop {
                let page = read(query).await;
                assert!(page.len() as u64 <= size);
                let Some(last) = page.last() else { break };
                query.after = Some(*last);
                found.extend(page);
            }
            assert_eq!(found, all, "{size} at a time");
        }
    }
}
