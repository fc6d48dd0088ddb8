//! Due dates of messages, and vaults.

use std::sync::Arc;

use isds_core::box_type::BoxType;
use isds_core::event::ReaderKind;
use isds_core::ids::MessageId;
use isds_core::message::{Input, Message, SideOf};
use isds_core::ports::{AddedVault, DuePlace, DuePlaces, Stay, Store, SystemCertificate, UserAction, WarnedOf};
use isds_core::postal::{Booking, CreditEvent, VaultTerm};
use isds_core::system_message::{DueSystemMessage, SystemMessage};
use isds_core::vault::{Vault, VaultKind};
use jiff::civil::{Date, date};

use crate::accounts::{add_membership, add_person};
use crate::engines::{Backend, count, execute};
use crate::fixtures::*;
use crate::users::{add_box, adds, apply_at, the_user, user};

/// Delivered into the box at `T0`, with fiction so many seconds later.
async fn waiting(store: &Arc<dyn Store>, fiction: i64) -> Message {
    let message = accept(store, 0).await;
    let delivery = change(
        &message,
        &[
            Input::Stamp,
            Input::DeliverIn {
                at: at(0),
                fiction: Some(at(fiction)),
            },
        ],
    );
    store.apply_changes(&[delivery]).await.unwrap();
    store.lookup_message(message.id).await.unwrap().unwrap()
}

fn warned_of(certificates: i64) -> WarnedOf {
    WarnedOf {
        certificates: at(certificates),
        passwords: at(0),
    }
}

async fn fictions(store: &Arc<dyn Store>, now: i64, limit: u64) -> Vec<Message> {
    store.list_due_fictions(at(now), DuePlace::START, limit).await.unwrap()
}

pub async fn fiction_falls_due_in_its_order(db: Backend) {
    let late = waiting(&db.store, 200).await;
    let first = waiting(&db.store, 100).await;
    let second = waiting(&db.store, 100).await;
    assert!(
        !db.store
            .is_life_cycle_due(at(99), &DuePlaces::START, warned_of(0))
            .await
            .unwrap()
    );
    assert!(
        db.store
            .is_life_cycle_due(at(100), &DuePlaces::START, warned_of(0))
            .await
            .unwrap()
    );
    assert_eq!(fictions(&db.store, 99, 9).await, []);
    let next = db.store.next_due().await.unwrap();
    assert_eq!((next.fiction, next.vault), (Some(at(100)), None));
    assert_eq!(fictions(&db.store, 200, 2).await, [first.clone(), second.clone()]);
    // Behind a place: of those of one moment the higher numbers, and what falls due later.
    let place = DuePlace {
        due: at(100),
        id: first.id,
    };
    let behind = db.store.list_due_fictions(at(200), place, 9).await.unwrap();
    assert_eq!(behind, [second.clone(), late.clone()]);
    let done = DuePlaces {
        fiction: DuePlace {
            due: at(100),
            id: second.id,
        },
        ..DuePlaces::START
    };
    assert!(!db.store.is_life_cycle_due(at(199), &done, warned_of(0)).await.unwrap());
    assert!(db.store.is_life_cycle_due(at(200), &done, warned_of(0)).await.unwrap());
    let login = Input::Login {
        by: ReaderKind::Holder,
        at: at(50),
    };
    let fiction = Input::Fiction {
        at: at(100),
        without_user: true,
    };
    let off = Input::PutOffFiction { until: Some(at(300)) };
    let changes = [
        change(&first, &[login]),
        change(&second, &[fiction]),
        change(&late, &[off]),
    ];
    db.store.apply_changes(&changes).await.unwrap();
    assert_eq!(fictions(&db.store, 299, 9).await, []);
    assert_eq!(fictions(&db.store, 300, 9).await[0].id, late.id);
    let kept = db.store.lookup_message(second.id).await.unwrap().unwrap();
    assert_eq!((kept.state.accepted, kept.state.fiction_due), (Some(at(100)), None));
}

pub async fn retention_falls_due_side_by_side(db: Backend) {
    let message = waiting(&db.store, 100).await;
    let login = Input::Login {
        by: ReaderKind::Holder,
        at: at(50),
    };
    db.store.apply_changes(&[change(&message, &[login])]).await.unwrap();
    let message = db.store.lookup_message(message.id).await.unwrap().unwrap();
    let due = message.state.sender.due.unwrap();
    for side in [SideOf::Sender, SideOf::Recipient] {
        let listed = async |now| {
            db.store
                .list_due_retentions(side, now, DuePlace::START, 9)
                .await
                .unwrap()
        };
        assert_eq!(listed(due.plus_seconds(-1)).await, []);
        assert_eq!(listed(due).await, std::slice::from_ref(&message));
    }
    assert!(
        db.store
            .is_life_cycle_due(due, &DuePlaces::START, warned_of(0))
            .await
            .unwrap()
    );
    let expire = Input::Expire {
        side: SideOf::Sender,
        vault_until: None,
    };
    db.store.apply_changes(&[change(&message, &[expire])]).await.unwrap();
    assert_eq!(
        db.store
            .list_due_retentions(SideOf::Sender, due, DuePlace::START, 9)
            .await
            .unwrap(),
        []
    );
    assert_eq!(
        db.store
            .list_due_retentions(SideOf::Recipient, due, DuePlace::START, 9)
            .await
            .unwrap()
            .len(),
        1
    );
}

/// EV6: nobody had access all the time, whoever has it now.
pub async fn stays_without_users_are_told_apart(db: Backend) {
    let old = data_box("aaaaaa", BoxType::Fo);
    db.store.add_box(&old).await.unwrap();
    let new = add_box(&db.store, "bbbbbb").await;
    let empty = data_box("cccccc", BoxType::Fo);
    db.store.add_box(&empty).await.unwrap();
    let person = add_person(&db.store).await;
    add_membership(&db.store, &person, Some(&old), "DS_vzorvzor").await;
    // Of the other box somebody was a user from the 100th to the 200th second, and is again since the 300th.
    for (time, id) in [(100, "DS_one"), (300, "DS_two")] {
        apply_at(&db.store, &new, id, adds(user(&new, id, id), None), at(time))
            .await
            .unwrap();
        if id == "DS_one" {
            let kept = the_user(&db.store, &new, id).await.unwrap();
            apply_at(&db.store, &new, id, UserAction::Remove(kept), at(200))
                .await
                .unwrap();
        }
    }
    let stays = [
        (old.id, 1, 2),
        (empty.id, 1, 2),
        (new.id, 50, 100),
        (new.id, 50, 101),
        (new.id, 120, 150),
        (new.id, 199, 250),
        (new.id, 200, 300),
        (new.id, 210, 290),
        (new.id, 210, 301),
        (new.id, 400, 500),
    ];
    let stays: Vec<Stay> = stays
        .iter()
        .zip(0..)
        .map(|((box_id, from, until), n)| Stay {
            message: MessageId(n),
            box_id: *box_id,
            from: at(*from),
            until: at(*until),
        })
        .collect();
    let mut found: Vec<i64> = (db.store.list_unattended(&stays).await.unwrap().iter())
        .map(|id| id.0)
        .collect();
    found.sort_unstable();
    assert_eq!(found, [1, 2, 6, 7]);
    assert_eq!(db.store.list_unattended(&[]).await.unwrap(), []);
}

/// As a node left it that knows no fiction, beside others that do.
pub async fn fiction_that_nobody_counted_is_found(db: Backend) {
    let counted = waiting(&db.store, 100).await;
    let forgotten = waiting(&db.store, 100).await;
    let never = waiting(&db.store, 100).await;
    let off = Input::PutOffFiction { until: None };
    db.store.apply_changes(&[change(&never, &[off])]).await.unwrap();
    let listed = async || db.store.list_uncounted_fictions(9).await.unwrap();
    assert_eq!(listed().await, [], "that it never strikes was counted as well");
    execute(
        &db.url,
        "UPDATE messages SET fiction_due = NULL WHERE fiction_due < 9223372036854775807 \
         AND dm_id > (SELECT MIN(dm_id) FROM messages)",
    )
    .await;
    let found = listed().await;
    assert_eq!(
        (found.len(), found[0].id, found[0].state.fiction_due),
        (1, forgotten.id, None)
    );
    let done = DuePlaces {
        fiction: DuePlace {
            due: at(200),
            id: counted.id,
        },
        ..DuePlaces::START
    };
    assert!(db.store.is_life_cycle_due(at(0), &done, warned_of(0)).await.unwrap());
    let until = Some(at(70));
    let late = change(&found[0], &[Input::PutOffFiction { until }]);
    db.store.apply_changes(&[late]).await.unwrap();
    assert_eq!(listed().await, []);
    assert!(!db.store.is_life_cycle_due(at(0), &done, warned_of(0)).await.unwrap());
    assert_eq!(fictions(&db.store, 70, 9).await[0].id, forgotten.id);
    let kept = db.store.lookup_message(never.id).await.unwrap().unwrap();
    assert_eq!(kept.state.fiction_due, None);
}

pub async fn the_end_of_a_certificate_is_told_once(db: Backend) {
    let owner = data_box("aaaaaa", BoxType::Fo);
    db.store.add_box(&owner).await.unwrap();
    for (n, expires) in [(1, 500), (2, 400)] {
        let certificate = SystemCertificate {
            fingerprint: [n; 32],
            box_id: owner.id,
            expires: at(expires),
        };
        db.store.add_certificate(&certificate).await.unwrap();
    }
    let ending = async |until| {
        let found = db.store.list_ending_certificates(at(until), 9).await.unwrap();
        found.iter().map(|found| found.fingerprint[0]).collect::<Vec<_>>()
    };
    assert_eq!(ending(399).await, [] as [u8; 0]);
    assert_eq!(ending(500).await, [2, 1]);
    let told = DueSystemMessage {
        recipient: owner.id,
        message: SystemMessage::DisabledOnRequest,
    };
    let settle = async |n| {
        db.store
            .settle_certificate_warning(&[n; 32], Some(&told))
            .await
            .unwrap()
    };
    assert!(settle(2).await);
    assert!(!settle(2).await);
    assert_eq!(ending(500).await, [1]);
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM system_messages_due").await, 1);
    assert!(
        db.store
            .is_life_cycle_due(at(0), &DuePlaces::START, warned_of(500))
            .await
            .unwrap()
    );
    assert!(
        !db.store
            .is_life_cycle_due(at(0), &DuePlaces::START, warned_of(499))
            .await
            .unwrap()
    );
}

fn term(capacity: i64, from: Date, to: Date) -> Vault {
    Vault {
        kind: VaultKind::Trial,
        term: VaultTerm { capacity, from, to },
    }
}

pub async fn terms_of_a_vault_never_overlap(db: Backend) {
    let owner = data_box("aaaaaa", BoxType::Fo);
    db.store.add_box(&owner).await.unwrap();
    let first = term(20, date(2026, 10, 1), date(2026, 12, 31));
    let second = term(50, date(2027, 1, 1), date(2027, 12, 31));
    let add = async |vault: &Vault| db.store.add_vault(owner.id, vault, None).await.unwrap();
    assert_eq!(add(&first).await, AddedVault::Added);
    assert_eq!(add(&first).await, AddedVault::Overtaken);
    assert_eq!(
        add(&term(9, date(2026, 12, 31), date(2027, 1, 5))).await,
        AddedVault::Overtaken
    );
    assert_eq!(add(&second).await, AddedVault::Added);
    let found = db.store.lookup_vaults(owner.id, first.begins()).await.unwrap();
    assert_eq!((found.used, found.terms), (0, vec![first, second]));
    let later = db.store.lookup_vaults(owner.id, first.ends()).await.unwrap();
    assert_eq!(later.terms, [second]);
    let both = db
        .store
        .list_vaults(&[owner.id, novak()], first.begins())
        .await
        .unwrap();
    assert_eq!(both.len(), 1, "only of boxes that have one");
    assert_eq!(db.store.lookup_vaults(novak(), T0).await.unwrap().terms, []);
    db.store.clear().await.unwrap();
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM vaults").await, 0);
}

pub async fn of_two_that_buy_a_vault_at_once_one_does(db: Backend) {
    let owner = data_box("aaaaaa", BoxType::Fo);
    db.store.add_box(&owner).await.unwrap();
    let top_up = Booking {
        box_id: owner.id,
        change: 3000,
        event: CreditEvent::TopUp {
            transaction: "1".into(),
        },
        time: T0,
    };
    db.store.book_credit(&top_up, Some(at(1_000_000))).await.unwrap();
    let vault = term(20, date(2026, 10, 1), date(2027, 9, 30));
    let buy = |cost: i64| Booking {
        box_id: owner.id,
        change: -cost,
        event: CreditEvent::VaultPurchase {
            new: vault.term,
            old: None,
            done_by: Some("Jan Vzor".into()),
        },
        time: at(1),
    };
    let dear = db.store.add_vault(owner.id, &vault, Some(&buy(3001))).await.unwrap();
    assert_eq!(dear, AddedVault::Unpaid);
    assert_eq!(db.store.lookup_vaults(owner.id, T0).await.unwrap().terms, []);
    let bought: Vec<_> = (0..4)
        .map(|_| {
            let (store, booking) = (db.store.clone(), buy(1000));
            let id = owner.id;
            tokio::spawn(async move { store.add_vault(id, &vault, Some(&booking)).await.unwrap() })
        })
        .collect();
    let mut added = 0;
    for one in bought {
        added += usize::from(one.await.unwrap() == AddedVault::Added);
    }
    assert_eq!(added, 1);
    let account = db.store.lookup_credit(owner.id).await.unwrap().unwrap();
    assert_eq!(account.balance, 2000);
}

pub async fn what_lies_in_a_vault_is_counted(db: Backend) {
    let owner = data_box("aaaaaa", BoxType::Fo);
    db.store.add_box(&owner).await.unwrap();
    let vault = term(20, date(2026, 10, 1), date(2027, 9, 30));
    db.store.add_vault(owner.id, &vault, None).await.unwrap();
    let used = async || db.store.lookup_vaults(owner.id, T0).await.unwrap().used;
    let first = deliver(&db.store, &accept(&db.store, 0).await, 1).await;
    let second = deliver(&db.store, &accept(&db.store, 0).await, 1).await;
    let kept = Input::Expire {
        side: SideOf::Recipient,
        vault_until: Some(vault.ends()),
    };
    let mut changes = [change(&first, &[kept]), change(&second, &[kept])];
    for change in &mut changes {
        change.vaults.push((owner.id, 1));
    }
    db.store.apply_changes(&changes).await.unwrap();
    assert_eq!(used().await, 2);
    let mut stale = change(&first, &[kept]);
    stale.vaults.push((owner.id, 1));
    assert!(db.store.apply_changes(&[stale]).await.is_err());
    assert_eq!(used().await, 2, "what is not written does not count");
    let first = db.store.lookup_message(first.id).await.unwrap().unwrap();
    assert_eq!(first.state.recipient.side.due, Some(vault.ends()));
    let mut erased = change(
        &first,
        &[Input::EraseFromVault {
            side: SideOf::Recipient,
        }],
    );
    erased.vaults.push((owner.id, -1));
    db.store.apply_changes(&[erased]).await.unwrap();
    assert_eq!(used().await, 1);
}

pub async fn the_end_of_a_vault_is_told_once(db: Backend) {
    let owner = data_box("aaaaaa", BoxType::Fo);
    db.store.add_box(&owner).await.unwrap();
    let vault = term(20, date(2026, 10, 1), date(2027, 9, 30));
    db.store.add_vault(owner.id, &vault, None).await.unwrap();
    let due = async |now| db.store.list_vault_warnings(now, 9).await.unwrap();
    assert_eq!(due(vault.warns().plus_seconds(-1)).await, []);
    assert_eq!(due(vault.warns()).await, [(owner.id, vault)]);
    assert!(
        db.store
            .is_life_cycle_due(vault.warns(), &DuePlaces::START, warned_of(0))
            .await
            .unwrap()
    );
    let told = DueSystemMessage {
        recipient: owner.id,
        message: SystemMessage::EnabledAgain,
    };
    for _ in 0..2 {
        db.store
            .settle_vault_warning(owner.id, &vault, Some(&told))
            .await
            .unwrap();
    }
    assert_eq!(due(vault.ends()).await, []);
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM system_messages_due").await, 1);
}
