//! Authors, numbers of messages, reports, notifications, lists of erased messages, system certificates.

use isds_core::box_type::BoxType;
use isds_core::ids::{MessageId, ObjectId};
use isds_core::message::SideOf;
use isds_core::ports::{
    DeliveredQuery, ErasedList, ErasedListId, ErasedListOrder, JobKind, ListFormat, StoreError, SuspicionReport,
    SystemCertificate,
};

use crate::engines::Backend;
use crate::fixtures::*;

pub async fn an_author_is_kept_as_it_was(db: Backend) {
    let id = db.store.next_message_id().await.unwrap();
    let new = message(id, at(0));
    db.store.accept_message(&new).await.unwrap();
    assert_eq!(db.store.lookup_author(id).await.unwrap(), Some(new.author));
    assert_eq!(db.store.lookup_author(MessageId(1)).await.unwrap(), None);
}

pub async fn messages_are_counted_once(db: Backend) {
    assert_eq!(db.store.count_messages(at(0)).await.unwrap(), 0);
    for seconds in [0, 10, 20] {
        accept(&db.store, seconds).await;
    }
    // Some of them settled, then all, then new ones: the sum is the same whatever was remembered.
    for settled in [0, 15, 15, 1000] {
        assert_eq!(db.store.count_messages(at(settled)).await.unwrap(), 3, "{settled}");
    }
    accept(&db.store, 2000).await;
    assert_eq!(db.store.count_messages(at(1000)).await.unwrap(), 4);
    let both = tokio::join!(db.store.count_messages(at(3000)), db.store.count_messages(at(3000)));
    assert_eq!((both.0.unwrap(), both.1.unwrap()), (4, 4));
    assert_eq!(db.store.count_messages(at(3000)).await.unwrap(), 4);
}

pub async fn the_last_report_of_a_box_counts(db: Backend) {
    let message = accept(&db.store, 0).await;
    let report = |reporter, seconds, note: Option<&str>| SuspicionReport {
        message: message.id,
        reporter,
        time: at(seconds),
        name: Some("Jan Novák".into()),
        mail: Some("jan@vzor.cz".into()),
        telephone: None,
        allow_complete: seconds > 1,
        note: note.map(str::to_owned),
    };
    for one in [
        report(novak(), 1, Some("první")),
        report(town(), 2, None),
        report(novak(), 3, None),
    ] {
        db.store.add_suspicion_report(&one).await.unwrap();
    }
    let kept = db.store.list_suspicion_reports(message.id).await.unwrap();
    assert_eq!(kept, [report(town(), 2, None), report(novak(), 3, None)]);
}

pub async fn a_registration_lasts_until_it_is_cancelled(db: Backend) {
    db.store.add_box(&data_box("zkuska", BoxType::Fo)).await.unwrap();
    let id = data_box("zkuska", BoxType::Fo).id;
    assert_eq!(db.store.notified_since(id).await.unwrap(), None);
    db.store.set_notified(id, Some(at(5))).await.unwrap();
    db.store.set_notified(id, Some(at(9))).await.unwrap();
    assert_eq!(
        db.store.notified_since(id).await.unwrap(),
        Some(at(5)),
        "the first counts"
    );
    db.store.set_notified(id, None).await.unwrap();
    db.store.set_notified(id, None).await.unwrap();
    assert_eq!(db.store.notified_since(id).await.unwrap(), None);
}

pub async fn what_was_delivered_comes_oldest_first(db: Backend) {
    let (first, second, third) = (
        accept(&db.store, 0).await,
        accept(&db.store, 1).await,
        accept(&db.store, 2).await,
    );
    accept(&db.store, 3).await;
    deliver(&db.store, &second, 10).await;
    deliver(&db.store, &first, 20).await;
    deliver(&db.store, &third, 20).await;
    let listed = async |seconds, limit| -> Vec<MessageId> {
        let query = DeliveredQuery {
            box_id: novak(),
            from: at(seconds),
            limit,
        };
        let records = db.store.list_delivered(&query).await.unwrap();
        records.iter().map(|record| record.id).collect()
    };
    assert_eq!(listed(0, 10).await, [second.id, first.id, third.id]);
    assert_eq!(listed(11, 10).await, [first.id, third.id]);
    assert_eq!(listed(0, 2).await, [second.id, first.id]);
    assert_eq!(listed(21, 10).await, []);
}

pub async fn a_list_is_ordered_made_and_removed(db: Backend) {
    let data_box = data_box("zkuska", BoxType::Fo);
    db.store.add_box(&data_box).await.unwrap();
    let order = ErasedListOrder {
        box_id: data_box.id,
        side: SideOf::Recipient,
        from: at(-100),
        to: at(100),
        format: ListFormat::Csv,
        ordered: at(7),
    };
    let id = db.store.order_erased_list(&order, at(0)).await.unwrap();
    assert_eq!(
        db.store.lookup_erased_list(id, data_box.id).await.unwrap(),
        Some(ErasedList::Waiting(order))
    );
    assert_eq!(
        db.store.lookup_erased_list(id, town()).await.unwrap(),
        None,
        "another's"
    );
    assert_eq!(
        db.store.lookup_erased_list(ErasedListId(0), data_box.id).await.unwrap(),
        None
    );
    assert_eq!(db.store.count_erased_lists(data_box.id, at(7)).await.unwrap(), 1);
    assert_eq!(db.store.count_erased_lists(data_box.id, at(8)).await.unwrap(), 0);
    let job = db.store.claim_jobs(at(0), at(60), 10).await.unwrap().remove(0);
    assert_eq!(job.kind, JobKind::MakeErasedList(id));
    assert_eq!(db.store.erased_list_order(id).await.unwrap(), Some(order));
    let object = ObjectId("0123456789abcdef0123456789abcdef".into());
    assert!(db.store.finish_erased_list(id, &object, 42, job.id).await.unwrap());
    assert_eq!(db.store.count_jobs().await.unwrap(), 0);
    let ready = db.store.lookup_erased_list(id, data_box.id).await.unwrap();
    assert_eq!(ready, Some(ErasedList::Ready(object.clone(), 42)));
    // A second node that made it as well is told that its object is nobody's.
    assert_eq!(db.store.erased_list_order(id).await.unwrap(), None);
    assert!(!db.store.finish_erased_list(id, &object, 42, job.id).await.unwrap());
    assert_eq!(db.store.remove_erased_lists(data_box.id, at(7)).await.unwrap(), []);
    assert_eq!(
        db.store.remove_erased_lists(data_box.id, at(8)).await.unwrap(),
        [object]
    );
    assert_eq!(db.store.remove_erased_lists(data_box.id, at(8)).await.unwrap(), []);
    let removed = db.store.lookup_erased_list(id, data_box.id).await.unwrap();
    assert_eq!(removed, Some(ErasedList::Removed));
}

pub async fn a_certificate_belongs_to_one_box(db: Backend) {
    let (first, second) = (data_box("zkuska", BoxType::Fo), data_box("zkusen", BoxType::Ovm));
    for data_box in [&first, &second] {
        db.store.add_box(data_box).await.unwrap();
    }
    let certificate = |box_id, seconds| SystemCertificate {
        fingerprint: [7; 32],
        box_id,
        expires: at(seconds),
    };
    assert_eq!(db.store.lookup_certificate(&[7; 32]).await.unwrap(), None);
    db.store.add_certificate(&certificate(first.id, 10)).await.unwrap();
    db.store.add_certificate(&certificate(first.id, 20)).await.unwrap();
    let other = db.store.add_certificate(&certificate(second.id, 30)).await;
    assert!(matches!(other, Err(StoreError::Conflict)), "{other:?}");
    assert_eq!(
        db.store.lookup_certificate(&[7; 32]).await.unwrap(),
        Some(certificate(first.id, 20))
    );
    assert_eq!(db.store.lookup_certificate(&[8; 32]).await.unwrap(), None);
    assert_eq!(
        db.store.list_certificates(first.id, 5).await.unwrap(),
        [certificate(first.id, 20)]
    );
    assert!(db.store.list_certificates(second.id, 5).await.unwrap().is_empty());
    assert!(db.store.remove_certificate(&[7; 32]).await.unwrap());
    assert!(!db.store.remove_certificate(&[7; 32]).await.unwrap());
    assert_eq!(db.store.lookup_certificate(&[7; 32]).await.unwrap(), None);
}
