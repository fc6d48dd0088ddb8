//! What people are told by e-mail.

use std::sync::Arc;

use isds_core::box_type::BoxType;
use isds_core::data_box::Address;
use isds_core::ids::{IsdsId, MembershipId, PersonId};
use isds_core::message::Input;
use isds_core::notice::{
    ConfirmationLimit, DueNotice, MailLanguage, MailText, NewMail, NoticeDetail, NoticeEvent, NoticeEvents,
    NoticeScope, NoticeSubscription, PendingAddress, UserNews,
};
use isds_core::ports::{DuePlaces, EndingPassword, Store, WarnedOf};
use isds_core::privileges::Privileges;
use isds_core::time::Timestamp;
use isds_core::user::{Membership, Person, UserType};

use crate::engines::Backend;
use crate::fixtures::{accept, at, change, data_box, novak, town};

/// A user of the town's box.
async fn user(store: &Arc<dyn Store>, name: &str) -> Membership {
    let person = Person {
        id: PersonId(0),
        given_names: "Karel".into(),
        last_name: name.into(),
        birth_date: None,
        address: Address::default(),
        aifo_known: false,
    };
    let mut membership = Membership {
        id: MembershipId(0),
        isds_id: IsdsId(format!("DS_{name}")),
        box_id: Some(town()),
        person_id: store.add_person(&person).await.unwrap(),
        user_type: UserType::EntrustedUser,
        privileges: Privileges(9),
    };
    membership.id = store.add_membership(&membership).await.unwrap();
    membership
}

async fn town_box(store: &Arc<dyn Store>) {
    let mut own = data_box("aaaaaa", BoxType::Ovm);
    own.id = town();
    store.add_box(&own).await.unwrap();
}

fn subscription(of: &Membership, address: Option<&str>) -> NoticeSubscription {
    NoticeSubscription {
        membership: of.id,
        box_id: of.box_id.unwrap(),
        person: of.person_id,
        address: address.map(|text| text.parse().unwrap()),
        language: MailLanguage::English,
        events: NoticeEvents::default(),
        pending: None,
        failed: None,
    }
}

/// Two, of those since the beginning of time.
const DAILY: ConfirmationLimit = ConfirmationLimit {
    most: 2,
    since: Timestamp(i64::MIN),
};

fn pending(address: &str) -> PendingAddress {
    PendingAddress {
        address: address.parse().unwrap(),
        code: [5; 32],
        expires: at(9),
        wrong: 0,
        failed: None,
    }
}

fn notice(seconds: i64) -> DueNotice {
    DueNotice {
        event: NoticeEvent::UsersChanged,
        scope: NoticeScope::Box(town()),
        message: None,
        isds_id: Some(IsdsId("DS_abcdefghi".into())),
        detail: NoticeDetail::User(UserNews::Removed),
        due: at(seconds),
    }
}

fn mail(to: &Membership, address: &str) -> NewMail {
    NewMail {
        membership: to.id,
        address: address.parse().unwrap(),
        language: MailLanguage::Czech,
        text: MailText {
            subject: "Předmět".into(),
            body: "Řádek\nŘádek\n".into(),
        },
    }
}

pub async fn a_subscription_is_kept_and_goes_with_its_membership(backend: Backend) {
    let store = &backend.store;
    town_box(store).await;
    let (one, two) = (user(store, "Vzor").await, user(store, "Vzorny").await);
    assert_eq!(store.lookup_notice_subscription(one.id).await.unwrap(), None);
    let mut wish = subscription(&one, None);
    wish.pending = Some(PendingAddress {
        wrong: 3,
        failed: Some(at(7)),
        ..pending("a@vzor.example")
    });
    let code = mail(&one, "a@vzor.example");
    assert!(store.ask_for_confirmation(&wish, &code, DAILY, at(1)).await.unwrap());
    assert_eq!(
        store.lookup_notice_subscription(one.id).await.unwrap(),
        Some(wish.clone())
    );
    assert_eq!(store.count_mails().await.unwrap(), 1);
    // An address that is not confirmed is not in use.
    assert!(store.list_noticed_boxes(&[town(), novak()]).await.unwrap().is_empty());
    wish.address = wish.pending.take().map(|pending| pending.address);
    wish.failed = Some(at(8));
    store.save_notice_subscription(&wish).await.unwrap();
    assert_eq!(
        store.lookup_notice_subscription(one.id).await.unwrap(),
        Some(wish.clone())
    );
    assert_eq!(store.list_noticed_boxes(&[novak(), town()]).await.unwrap(), [town()]);
    assert!(store.list_noticed_boxes(&[]).await.unwrap().is_empty());
    let other = subscription(&two, Some("b@vzor.example"));
    store.save_notice_subscription(&other).await.unwrap();
    let scope = NoticeScope::Box(town());
    let list = store
        .list_notice_subscriptions(&scope, MembershipId(0), 10)
        .await
        .unwrap();
    assert_eq!(list, [(wish.clone(), Privileges(9)), (other.clone(), Privileges(9))]);
    let rest = store.list_notice_subscriptions(&scope, one.id, 10).await.unwrap();
    assert_eq!(rest, [(other.clone(), Privileges(9))]);
    let of_person = NoticeScope::Person(two.person_id);
    let own = store
        .list_notice_subscriptions(&of_person, MembershipId(0), 10)
        .await
        .unwrap();
    assert_eq!(own, [(other, Privileges(9))]);
    crate::engines::execute(&backend.url, "DELETE FROM memberships WHERE isds_id = 'DS_Vzor'").await;
    assert_eq!(store.lookup_notice_subscription(one.id).await.unwrap(), None);
}

pub async fn what_nobody_wants_to_be_told_is_not_noted(backend: Backend) {
    let store = &backend.store;
    town_box(store).await;
    let one = user(store, "Vzor").await;
    store.add_notice(&notice(1)).await.unwrap();
    assert!(store.list_due_notices(at(9), 10).await.unwrap().is_empty());
    let wish = subscription(&one, Some("a@vzor.example"));
    store.save_notice_subscription(&wish).await.unwrap();
    let of_person = DueNotice {
        scope: NoticeScope::Person(one.person_id),
        detail: NoticeDetail::Browser("Prohlížeč '; --".into()),
        ..notice(3)
    };
    for due in [&notice(5), &of_person, &notice(2), &notice(10)] {
        store.add_notice(due).await.unwrap();
    }
    let found = store.list_due_notices(at(9), 10).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|(_, notice)| notice).collect();
    assert_eq!(found, [notice(2), of_person, notice(5)]);
    // Who was removed is named by what is kept.
    let removed = DueNotice {
        detail: NoticeDetail::UserRemoved("Karel \"Vzor\"".into()),
        ..notice(1)
    };
    store.add_notice(&removed).await.unwrap();
    assert_eq!(store.list_due_notices(at(1), 1).await.unwrap()[0].1, removed);
}

pub async fn notices_become_mails_once(backend: Backend) {
    let store = &backend.store;
    town_box(store).await;
    let one = user(store, "Vzor").await;
    let wish = subscription(&one, Some("a@vzor.example"));
    store.save_notice_subscription(&wish).await.unwrap();
    store.add_notice(&notice(1)).await.unwrap();
    store.add_notice(&notice(2)).await.unwrap();
    let due = store.list_due_notices(at(2), 10).await.unwrap();
    let ids: Vec<_> = due.iter().map(|(id, _)| *id).collect();
    let mails = [mail(&one, "a@vzor.example")];
    let other = backend.again().await;
    let later = [notice(50)];
    let (first, second) = tokio::join!(
        store.turn_notices(&ids, &mails, &later, at(3)),
        other.turn_notices(&ids, &mails, &later, at(3))
    );
    assert!(first.unwrap() ^ second.unwrap());
    assert_eq!(store.count_mails().await.unwrap(), 1);
    let left = store.list_due_notices(at(99), 10).await.unwrap();
    assert_eq!(left.into_iter().map(|(_, notice)| notice).collect::<Vec<_>>(), later);
}

pub async fn a_mail_is_claimed_by_one_and_given_back(backend: Backend) {
    let store = &backend.store;
    town_box(store).await;
    let one = user(store, "Vzor").await;
    let wish = subscription(&one, Some("a@vzor.example"));
    let code = mail(&one, "a@vzor.example");
    assert!(store.ask_for_confirmation(&wish, &code, DAILY, at(1)).await.unwrap());
    assert!(store.claim_mails(Timestamp(0), at(10), 10).await.unwrap().is_empty());
    let other = backend.again().await;
    let (first, second) = tokio::join!(
        store.claim_mails(at(1), at(10), 10),
        other.claim_mails(at(1), at(10), 10)
    );
    let claimed = [first.unwrap(), second.unwrap()].concat();
    assert_eq!(claimed.len(), 1);
    assert_eq!(
        (&claimed[0].mail, claimed[0].attempts, claimed[0].written),
        (&code, 0, at(1))
    );
    // The lease keeps others away until it runs out.
    assert!(store.claim_mails(at(9), at(20), 10).await.unwrap().is_empty());
    let again = store.claim_mails(at(10), at(20), 10).await.unwrap();
    assert_eq!(again[0].attempts, 1);
    store.retry_mail(again[0].id, at(12)).await.unwrap();
    let again = store.claim_mails(at(12), at(30), 10).await.unwrap();
    assert_eq!(again[0].attempts, 2);
    store.give_up_mail(&again[0], at(13)).await.unwrap();
    assert_eq!(store.count_mails().await.unwrap(), 0);
    let kept = store.lookup_notice_subscription(one.id).await.unwrap().unwrap();
    assert_eq!(kept.failed, Some(at(13)));
}

pub async fn confirmations_are_counted_by_the_person_and_not_with_the_address(backend: Backend) {
    let store = &backend.store;
    town_box(store).await;
    let (one, other) = (user(store, "Vzor").await, user(store, "Vzorny").await);
    // The same person in another box.
    let mut other_box = data_box("aaaaab", BoxType::Fo);
    other_box.id = novak();
    store.add_box(&other_box).await.unwrap();
    let again = Membership {
        id: MembershipId(0),
        isds_id: IsdsId("DS_jinde".into()),
        box_id: Some(novak()),
        ..one.clone()
    };
    let again = Membership {
        id: store.add_membership(&again).await.unwrap(),
        ..again
    };
    let ask = async |of: &Membership, limit: ConfirmationLimit, now: i64| {
        let mut wish = subscription(of, None);
        wish.pending = Some(pending("a@vzor.example"));
        let code = mail(of, "a@vzor.example");
        let asked = store.ask_for_confirmation(&wish, &code, limit, at(now)).await.unwrap();
        let kept = store.lookup_notice_subscription(of.id).await.unwrap();
        assert_eq!(kept == Some(wish), asked, "written whole or not at all");
        asked
    };
    assert!(ask(&one, DAILY, 1).await);
    store.remove_notice_subscription(one.id).await.unwrap();
    assert!(ask(&again, DAILY, 2).await);
    store.remove_notice_subscription(again.id).await.unwrap();
    assert!(!ask(&again, DAILY, 3).await);
    assert!(!ask(&one, DAILY, 4).await, "neither the address nor the box matters");
    assert!(ask(&other, DAILY, 4).await, "somebody else is not the same person");
    assert_eq!(store.count_mails().await.unwrap(), 3);
    // Once the first of them is old enough they are counted anew.
    let later = |since| ConfirmationLimit {
        since: at(since),
        ..DAILY
    };
    assert!(!ask(&one, later(0), 5).await);
    assert!(ask(&one, later(1), 6).await);
    store.remove_notice_subscription(one.id).await.unwrap();
    assert!(ask(&one, later(1), 7).await);
    store.remove_notice_subscription(one.id).await.unwrap();
    assert!(!ask(&one, later(1), 8).await);
    // Several at the same time are no more than several one after the other.
    let (third, node) = (user(store, "Vzorova").await, backend.again().await);
    let wish = subscription(&third, None);
    let code = mail(&third, "a@vzor.example");
    let asked = tokio::join!(
        store.ask_for_confirmation(&wish, &code, DAILY, at(9)),
        node.ask_for_confirmation(&wish, &code, DAILY, at(9)),
        store.ask_for_confirmation(&wish, &code, DAILY, at(9)),
        node.ask_for_confirmation(&wish, &code, DAILY, at(9)),
    );
    let asked = [asked.0, asked.1, asked.2, asked.3].map(Result::unwrap);
    assert_eq!(asked.into_iter().filter(|asked| *asked).count(), 2, "{asked:?}");
}

pub async fn a_refused_address_is_noted_where_it_stands(backend: Backend) {
    let store = &backend.store;
    town_box(store).await;
    let one = user(store, "Vzor").await;
    let mut wish = subscription(&one, Some("a@vzor.example"));
    wish.pending = Some(pending("b@vzor.example"));
    let refuse = async |address: &str, now: i64| {
        let code = mail(&one, address);
        assert!(store.ask_for_confirmation(&wish, &code, DAILY, at(1)).await.unwrap());
        let due = store.claim_mails(at(1), at(10), 10).await.unwrap();
        store.give_up_mail(&due[0], at(now)).await.unwrap();
        let kept = store.lookup_notice_subscription(one.id).await.unwrap().unwrap();
        (kept.failed, kept.pending.unwrap().failed)
    };
    assert_eq!(refuse("b@vzor.example", 5).await, (None, Some(at(5))));
    assert_eq!(refuse("a@vzor.example", 6).await, (Some(at(6)), None));
    crate::engines::execute(&backend.url, "DELETE FROM mail_confirmations").await;
    assert_eq!(
        refuse("c@vzor.example", 7).await,
        (None, None),
        "one that is used no more"
    );
}

pub async fn a_new_browser_is_told_of_once(backend: Backend) {
    let store = &backend.store;
    town_box(store).await;
    let one = user(store, "Vzor").await;
    let wish = subscription(&one, Some("a@vzor.example"));
    store.save_notice_subscription(&wish).await.unwrap();
    let told = DueNotice {
        event: NoticeEvent::NewBrowser,
        scope: NoticeScope::Person(one.person_id),
        ..notice(1)
    };
    let note = async |browser: u8, seconds| {
        store
            .note_browser(one.person_id, &[browser; 32], at(seconds), &told)
            .await
            .unwrap()
    };
    assert!(!note(1, 1).await, "the very first one is no news");
    assert!(!note(1, 2).await);
    assert!(note(2, 3).await);
    assert!(!note(2, 4).await);
    assert_eq!(store.list_due_notices(at(9), 10).await.unwrap().len(), 1);
    // Only so many are remembered; those that were not used for longest are forgotten.
    for browser in 3..=60 {
        assert!(note(browser, i64::from(browser) + 10).await);
    }
    assert!(!note(60, 99).await);
    assert!(note(1, 100).await);
}

/// However often it is looked; what was chosen since has an end of its own, and nobody is told of what was only issued.
pub async fn the_end_of_a_password_is_told_once(backend: Backend) {
    let store = &backend.store;
    town_box(store).await;
    let (one, two) = (user(store, "Jedna").await, user(store, "Druha").await);
    let wish = subscription(&one, Some("a@vzor.example"));
    store.save_notice_subscription(&wish).await.unwrap();
    for (login, of, expires) in [
        ("jedna", &one, Some(500)),
        ("druha", &two, Some(400)),
        ("treti", &two, None),
    ] {
        let expires = expires.map(at);
        store.add_password(login, of.id, "hash", expires).await.unwrap();
    }
    let ending = async |until| store.list_ending_passwords(at(until), 9).await.unwrap();
    let due = async |passwords| {
        let of = WarnedOf {
            certificates: at(0),
            passwords: at(passwords),
        };
        store.is_life_cycle_due(at(0), &DuePlaces::START, of).await.unwrap()
    };
    assert_eq!(ending(399).await, []);
    assert!(!due(399).await && due(400).await);
    let found = ending(500).await;
    let logins: Vec<&str> = found.iter().map(|found| found.login.as_str()).collect();
    assert_eq!(logins, ["druha", "jedna"]);
    let (druha, jedna) = (&found[0], &found[1]);
    assert_eq!(
        (jedna.person, jedna.box_id, jedna.expires),
        (one.person_id, one.box_id, at(500))
    );
    let told = |of: &EndingPassword| DueNotice {
        event: NoticeEvent::PasswordEnds,
        scope: NoticeScope::Person(of.person),
        message: None,
        isds_id: None,
        detail: NoticeDetail::Password(of.expires, of.box_id),
        due: at(1),
    };
    for first in [true, false] {
        for of in [druha, jedna] {
            let settled = store.settle_password_warning(of, Some(&told(of))).await.unwrap();
            assert_eq!(settled, first);
        }
    }
    assert!(!due(500).await);
    // The other has no address.
    let notices = store.list_due_notices(at(1), 9).await.unwrap();
    assert_eq!(
        notices.iter().map(|(_, notice)| notice).collect::<Vec<_>>(),
        [&told(jedna)]
    );
    store.update_password_expiry("jedna", Some(at(900))).await.unwrap();
    assert!(
        !store.settle_password_warning(jedna, None).await.unwrap(),
        "another end by now"
    );
    assert_eq!(ending(900).await.len(), 1);
    let own = async |until| {
        store
            .list_ending_passwords_of(two.person_id, at(until), 9)
            .await
            .unwrap()
    };
    assert_eq!((own(399).await.len(), own(400).await), (0, vec![druha.clone()]));
}

pub async fn a_notice_goes_with_its_change_or_not_at_all(backend: Backend) {
    let store = &backend.store;
    town_box(store).await;
    let one = user(store, "Vzor").await;
    let wish = subscription(&one, Some("a@vzor.example"));
    store.save_notice_subscription(&wish).await.unwrap();
    let message = accept(store, 1).await;
    let told = DueNotice {
        message: Some(message.id),
        ..notice(2)
    };
    let mut delivery = change(
        &message,
        &[
            Input::Stamp,
            Input::DeliverIn {
                at: at(2),
                fiction: None,
            },
        ],
    );
    delivery.notices.push(told.clone());
    store.apply_changes(std::slice::from_ref(&delivery)).await.unwrap();
    assert!(
        store.apply_changes(&[delivery]).await.is_err(),
        "it is over an old version"
    );
    let found = store.list_due_notices(at(9), 10).await.unwrap();
    assert_eq!(found.into_iter().map(|(_, notice)| notice).collect::<Vec<_>>(), [told]);
}

pub async fn clearing_takes_wishes_and_mails_away(backend: Backend) {
    let store = &backend.store;
    town_box(store).await;
    let one = user(store, "Vzor").await;
    let wish = subscription(&one, Some("a@vzor.example"));
    let code = mail(&one, "a@vzor.example");
    assert!(store.ask_for_confirmation(&wish, &code, DAILY, at(1)).await.unwrap());
    store.add_notice(&notice(1)).await.unwrap();
    store.clear().await.unwrap();
    assert_eq!(store.count_mails().await.unwrap(), 0);
    assert!(store.list_due_notices(at(9), 10).await.unwrap().is_empty());
    assert_eq!(store.lookup_notice_subscription(one.id).await.unwrap(), None);
}
