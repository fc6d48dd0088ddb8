//! Access data: how their owner comes to a password, how long they are good, that changes count at once.

use std::sync::Arc;

use isds_core::{Credentials, Isds, Limits, SignInBounds};

use super::calls::*;
use crate::common::people::PASSWORD;
use crate::common::{World, system};

/// The whole way of a new user, by what the contract has: the code of the answer, a password of one's own, work.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_user_signs_in_in_the_end() {
    let world = World::new().await;
    let added = add(&world, "mesto01", "mesta2j", &CLERK).await;
    let (login, code) = access(&added);
    // The code is good for choosing a password, and for nothing else.
    for operation in ["GetOwnerInfoFromLogin2", "GetPasswordInfo"] {
        let reply = manage_as(&world, &login, &code, operation, "<dbDummy/>").await;
        assert_eq!(reply.status, 401, "{operation}");
        assert!(reply.header("www-authenticate").is_some());
    }
    assert_eq!(activate(&world, &added).await, login);
    let reply = manage_as(&world, &login, NEW_PASSWORD, "GetUserInfoFromLogin2", "<dbDummy/>").await;
    assert_eq!(
        (
            reply.value("pnLastName"),
            reply.value("userPrivils"),
            reply.value("caStreet")
        ),
        ("Vzorný".into(), "29".into(), "Dlouhá 7".into())
    );
    let expiry = manage_as(&world, &login, NEW_PASSWORD, "GetPasswordInfo", "<dbDummy/>").await;
    assert_eq!(
        expiry.value("pswExpDate"),
        "",
        "the code expires, the password does not"
    );
    // Once used, the code is worth nothing, not even as a password to choose.
    assert_eq!(
        manage_as(&world, &login, &code, "ChangeISDSPassword", "").await.status,
        401
    );
    // The box was told.
    world.settle().await;
    let inbox = world.call("mesto01", "dx", "GetListOfReceivedMessages", "").await;
    assert_eq!(inbox.value("dmSenderType"), "0", "{}", inbox.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_nobody_used_expires_and_a_new_one_replaces_access_data() {
    let world = World::new().await;
    let added = add(&world, "mesto01", "mesta2j", &CLERK).await;
    let (login, code) = access(&added);
    let id = isds_id(&world, "mesta2j", "Vzorný").await;
    world.clock.advance(30 * 86_400);
    let inside = format!("<dbOldPassword>{code}</dbOldPassword><dbNewPassword>{NEW_PASSWORD}</dbNewPassword>");
    assert_eq!(
        manage_as(&world, &login, &code, "ChangeISDSPassword", &inside)
            .await
            .status,
        401
    );
    let inside = format!("<dbID>mesta2j</dbID><isdsID>{id}</isdsID><dbFeePaid>true</dbFeePaid>");
    let issued = manage(&world, "spravce01", "NewAccessData2", &inside).await;
    assert_ne!(issued.value("dbUserID"), login);
    let second = activate(&world, &issued).await;
    assert_eq!(second, issued.value("dbUserID"));
    assert!(signs_in(&world.isds, &second, NEW_PASSWORD).await);
    assert_eq!(isds_id(&world, "mesta2j", "Vzorný").await, id, "the identifier stays");
    // New data void those in use at once, proven or not.
    let third = manage(&world, "spravce01", "NewAccessData2", &inside).await;
    assert!(!signs_in(&world.isds, &second, NEW_PASSWORD).await);
    let third = access(&third);
    // What was used under the old name stays used under the new one.
    let inside = format!(
        "<dbOldPassword>{}</dbOldPassword><dbNewPassword>{NEW_PASSWORD}</dbNewPassword>",
        third.1
    );
    let again = manage_as(&world, &third.0, &third.1, "ChangeISDSPassword", &inside).await;
    assert_eq!(again.code(), "1091");
}

/// What was proven a moment ago is no reason to let somebody in, or to let them do what they may no longer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_count_at_once_on_every_node() {
    let world = World::new().await;
    let other: Arc<Isds> = system(
        Arc::clone(&world.isds.store),
        Arc::clone(&world.isds.objects),
        &world.clock,
        &world.authority,
        Limits::default(),
        SignInBounds::default(),
    );
    let (login, id) = active(&world, "mesta2j", &CLERK).await;
    let privileges = async |isds: &Isds| {
        let credentials = Credentials {
            login: login.clone(),
            password: NEW_PASSWORD.into(),
        };
        isds.authenticate_user(&credentials, HERE)
            .await
            .map(|caller| caller.privileges.0)
    };
    for node in [&*world.isds, &*other] {
        assert_eq!(privileges(node).await.ok(), Some(29));
    }
    let fewer = Info {
        privileges: "8",
        ..CLERK
    };
    assert_eq!(
        update(&world, "mesto01", PASSWORD, "mesta2j", &id, &fewer).await.code(),
        "0000"
    );
    for node in [&*world.isds, &*other] {
        assert_eq!(privileges(node).await.ok(), Some(8));
    }
    assert_eq!(remove(&world, "mesto01", "mesta2j", &id).await.code(), "0000");
    for node in [&*world.isds, &*other] {
        assert!(privileges(node).await.is_err());
    }
}
