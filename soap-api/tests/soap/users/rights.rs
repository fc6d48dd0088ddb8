//! Rights are those at the moment of a change, not those at the sign-in.

use isds_core::operation::Operation;
use isds_core::ports::Approval;
use isds_core::principal::Principal;
use isds_core::{Failure, UserDraft, UserRef};

use super::calls::*;
use crate::common::World;
use crate::common::people::PASSWORD;

const OFFICE: Option<&str> = Some("mesta2j");

const ADMINISTRATOR: Info<'static> = Info {
    last: "Vzorový",
    user_type: "ADMINISTRATOR",
    privileges: "32",
    ..CLERK
};

fn code<T>(answer: Result<T, Failure>) -> &'static str {
    match answer {
        Ok(_) => "0000",
        Err(Failure::Refused(refusal)) => refusal.status().code(),
        Err(Failure::Broken(..)) => "9000",
    }
}

/// Calls about users of the office, past what a request is read and a caller let in by.
struct Calls<'a> {
    world: &'a World,
    caller: &'a Principal,
}

impl Calls<'_> {
    async fn add(&self, draft: &UserDraft) -> &'static str {
        let none = Approval::default();
        let add = Operation::AddDataBoxUser2;
        let isds = &self.world.isds;
        code(
            isds.add_data_box_user(self.caller, add, OFFICE, Some(draft), &none)
                .await,
        )
    }

    async fn change(&self, id: &str, draft: &UserDraft) -> &'static str {
        let (user, none) = (UserRef::IsdsId(Some(id.into())), Approval::default());
        let change = Operation::UpdateDataBoxUser2;
        let isds = &self.world.isds;
        code(
            isds.update_data_box_user(self.caller, change, OFFICE, &user, Some(draft), &none)
                .await,
        )
    }

    async fn remove(&self, id: &str) -> &'static str {
        let (user, none) = (UserRef::IsdsId(Some(id.into())), Approval::default());
        let remove = Operation::DeleteDataBoxUser2;
        let isds = &self.world.isds;
        code(
            isds.delete_data_box_user(self.caller, remove, OFFICE, &user, &none)
                .await,
        )
    }
}

fn rights(privileges: &str, user_type: &str) -> UserDraft {
    UserDraft {
        user_type: Some(user_type.into()),
        privileges: Some(privileges.into()),
        ..UserDraft::default()
    }
}

fn new_user(user_type: &str) -> UserDraft {
    UserDraft {
        last_name: Some("Vzorná".into()),
        ..rights("8", user_type)
    }
}

/// A slow request begins with rights that are taken away before it ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_lost_them_during_a_call_acts_no_longer() {
    let world = World::new().await;
    let (login, id) = active(&world, "mesta2j", &ADMINISTRATOR).await;
    let (_, clerk) = active(&world, "mesta2j", &CLERK).await;
    let caller = caller(&world, &login, NEW_PASSWORD).await;
    let calls = Calls {
        world: &world,
        caller: &caller,
    };
    let moved = UserDraft::default();
    let answers = async || {
        [
            calls.add(&new_user("ENTRUSTED_USER")).await,
            calls.change(&clerk, &rights("9", "ENTRUSTED_USER")).await,
            calls.change(&id, &moved).await,
            calls.remove(&clerk).await,
        ]
    };
    let before = users(&world, "mesta2j").await.len();
    let demoted = Info {
        user_type: "ENTRUSTED_USER",
        privileges: "8",
        ..ADMINISTRATOR
    };
    let changed = update(&world, "mesto01", PASSWORD, "mesta2j", &id, &demoted).await;
    assert_eq!(changed.code(), "0000");
    // By now an entrusted user, who still changes the own contact address, and then nobody at all.
    assert_eq!(answers().await, ["1004", "1004", "0000", "1004"]);
    assert_eq!(remove(&world, "mesto01", "mesta2j", &id).await.code(), "0000");
    assert_eq!(answers().await, ["1004"; 4]);
    assert_eq!(users(&world, "mesta2j").await.len(), before - 1);
    // The same calls by somebody who still has the right.
    let caller = super::calls::caller(&world, "mesto01", PASSWORD).await;
    let calls = Calls {
        world: &world,
        caller: &caller,
    };
    assert_eq!(calls.add(&new_user("ENTRUSTED_USER")).await, "0000");
    assert_eq!(calls.change(&clerk, &rights("9", "ENTRUSTED_USER")).await, "0000");
    assert_eq!(calls.remove(&clerk).await, "0000");
}

/// Nobody gives themselves or others what only the operator gives, by no detour.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_becomes_no_holder() {
    let world = World::new().await;
    let (login, id) = active(&world, "mesta2j", &ADMINISTRATOR).await;
    let (_, clerk) = active(&world, "mesta2j", &CLERK).await;
    let caller = caller(&world, &login, NEW_PASSWORD).await;
    let calls = Calls {
        world: &world,
        caller: &caller,
    };
    for kind in [
        "PRIMARY_USER",
        "LIQUIDATOR",
        "RECEIVER",
        "GUARDIAN",
        "OFFICIAL",
        "OFFICIAL_CERT",
    ] {
        assert_eq!(calls.change(&clerk, &rights("255", kind)).await, "1034", "{kind}");
        assert_eq!(calls.change(&id, &rights("255", kind)).await, "1004", "{kind}");
        assert_eq!(calls.add(&new_user(kind)).await, "1004", "{kind}");
    }
    for (privileges, kind) in [
        ("255", "ADMINISTRATOR"),
        ("256", "ADMINISTRATOR"),
        ("32", "ENTRUSTED_USER"),
    ] {
        let own = calls.change(&id, &rights(privileges, kind)).await;
        assert_eq!(own, "1004", "{privileges}");
    }
    for (privileges, kind) in [
        ("256", "ADMINISTRATOR"),
        ("32", "ENTRUSTED_USER"),
        ("288", "ENTRUSTED_USER"),
    ] {
        let other = calls.change(&clerk, &rights(privileges, kind)).await;
        assert_eq!(other, "1035", "{privileges}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_signs_in_to_a_deleted_box() {
    let world = World::new().await;
    let dummy = async |login: &str| world.call(login, "dz", "DummyOperation", "").await.status;
    assert_eq!(dummy("mesto01").await, 200);
    assert_eq!(world.call_as_application("dz", "DummyOperation", "").await.status, 200);
    let early = caller(&world, "mesto01", PASSWORD).await;
    let deleted = manage(&world, "spravce01", "DeleteDataBoxPromptly", "<dbID>mesta2j</dbID>").await;
    assert_eq!(deleted.code(), "0000");
    let change = world
        .isds
        .change_isds_password(&early, PASSWORD, NEW_PASSWORD, HERE)
        .await;
    assert_eq!(code(change), "1090");
    assert_eq!(world.call_as_application("dz", "DummyOperation", "").await.status, 401);
    // What was proven is remembered for a quarter of a minute.
    world.clock.advance(16);
    assert_eq!(dummy("mesto01").await, 401);
    assert_eq!(dummy("novak01").await, 200);
    assert_eq!(add(&world, "spravce01", "mesta2j", &CLERK).await.code(), "5001");
}

/// Nothing is kept of the request of somebody who may not call the operation, and nothing is said of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_right_comes_before_the_request() {
    let world = World::new().await;
    let twice = "<dbOwnerInfo/><dbOwnerInfo/>";
    for (operation, may) in [
        ("CreateDataBox2", "spravce01"),
        ("AddDataBoxUser2", "mesto01"),
        ("DeleteDataBoxUser2", "mesto01"),
        ("NewAccessData2", "spravce01"),
        ("GetDataBoxUsers2", "mesto01"),
    ] {
        let refused = manage(&world, "mesto02", operation, twice).await;
        assert_eq!(refused.code(), "1004", "{operation}");
        let read = manage(&world, may, operation, twice).await;
        assert_eq!(read.code(), "2007", "{operation}");
    }
}

/// That something failed is no reason to say that somebody may not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_is_no_refusal() {
    let world = World::new().await;
    let own = isds_id(&world, "mesta2j", "Podatelna").await;
    let inside = format!("<dbID>mesta2j</dbID><isdsID>{own}</isdsID><dbNewUserInfo/>");
    let call = async || manage(&world, "mesto02", "UpdateDataBoxUser2", &inside).await.code();
    assert_eq!(call().await, "0000");
    world.execute("UPDATE persons SET address = 'nonsense'").await;
    assert_eq!(call().await, "9000");
}
