//! Changing users and removing them: who may do what.

use isds_core::box_state::BoxState;

use super::calls::*;
use crate::common::World;
use crate::common::people::PASSWORD;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_change_what() {
    let world = World::new().await;
    let (clerk, clerk_id) = active(&world, "mesta2j", &CLERK).await;
    let administrator = Info {
        last: "Vzorový",
        user_type: "ADMINISTRATOR",
        privileges: "32",
        ..CLERK
    };
    let (admin, admin_id) = active(&world, "mesta2j", &administrator).await;
    let by = async |login: &str, id: &str, info: &Info<'_>| {
        let password = if login == clerk || login == admin {
            NEW_PASSWORD
        } else {
            PASSWORD
        };
        update(&world, login, password, "mesta2j", id, info).await.code()
    };
    // Oneself: the contact address, and nothing else.
    let moved = Info {
        contact: ("Krátká 3", "Vzorov"),
        ..CLERK
    };
    assert_eq!(by(&clerk, &clerk_id, &moved).await, "0000");
    let reply = manage_as(&world, &clerk, NEW_PASSWORD, "GetUserInfoFromLogin2", "").await;
    assert_eq!(reply.value("caStreet"), "Krátká 3");
    for (what, info) in [
        (
            "privileges",
            Info {
                privileges: "31",
                ..moved
            },
        ),
        ("name", Info { last: "Jiný", ..moved }),
        (
            "birth",
            Info {
                birth: "1990-04-18",
                ..moved
            },
        ),
        ("residence", Info { city: "Jinov", ..moved }),
        (
            "firm",
            Info {
                firm: ("", "Vzor, a.s."),
                ..moved
            },
        ),
        (
            "kind",
            Info {
                user_type: "ADMINISTRATOR",
                ..moved
            },
        ),
    ] {
        assert_eq!(by(&clerk, &clerk_id, &info).await, "1004", "{what}");
    }
    let more_for_me = Info {
        privileges: "63",
        ..administrator
    };
    assert_eq!(
        by(&admin, &admin_id, &more_for_me).await,
        "1004",
        "nobody gives themselves rights"
    );
    // What one may not change may be left out.
    let only_contact = format!(
        "<dbID>mesta2j</dbID><isdsID>{clerk_id}</isdsID><dbNewUserInfo><caStreet>Nová 1</caStreet></dbNewUserInfo>"
    );
    let reply = manage_as(&world, &clerk, NEW_PASSWORD, "UpdateDataBoxUser2", &only_contact).await;
    assert_eq!(reply.code(), "0000");
    // Somebody else, by who administers the box: privileges, and whether they administer it too.
    let moved = Info {
        contact: ("", ""),
        ..CLERK
    };
    assert_eq!(by(&clerk, &admin_id, &moved).await, "1004", "not by others");
    assert_eq!(
        by(&clerk, "DS_nobodyatal", &moved).await,
        "1004",
        "who do not learn who there is"
    );
    assert_eq!(by(&admin, "DS_nobodyatal", &moved).await, "1031");
    assert_eq!(
        by(
            &admin,
            &clerk_id,
            &Info {
                privileges: "8",
                ..moved
            }
        )
        .await,
        "0000"
    );
    assert_eq!(
        by(
            &admin,
            &clerk_id,
            &Info {
                privileges: "32",
                ..moved
            }
        )
        .await,
        "1035"
    );
    assert_eq!(by(&admin, &clerk_id, &Info { last: "Jiný", ..moved }).await, "1004");
    let promoted = Info {
        user_type: "ADMINISTRATOR",
        ..moved
    };
    assert_eq!(by(&admin, &clerk_id, &promoted).await, "0000");
    let reply = manage_as(&world, &clerk, NEW_PASSWORD, "GetUserInfoFromLogin2", "").await;
    assert_eq!(
        (reply.value("userType"), reply.value("userPrivils")),
        ("ADMINISTRATOR".into(), "61".into())
    );
    assert_eq!(
        by(
            &admin,
            &clerk_id,
            &Info {
                user_type: "PRIMARY_USER",
                ..moved
            }
        )
        .await,
        "1034"
    );
    let primary = isds_id(&world, "mesta2j", "Správná").await;
    assert_eq!(
        by(
            &admin,
            &primary,
            &Info {
                given: "",
                last: "",
                birth: "",
                city: "",
                ..moved
            }
        )
        .await,
        "0000"
    );
    let primary = users(&world, "mesta2j").await.remove(0).membership.isds_id.0;
    assert_eq!(
        by(&admin, &primary, &moved).await,
        "1004",
        "the primary user is the operator's"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_operator_changes() {
    let world = World::new().await;
    let (_, id) = active(&world, "mesta2j", &CLERK).await;
    let code = async |box_id: &str, id: &str, info: &Info<'_>| {
        update(&world, "spravce01", PASSWORD, box_id, id, info).await.code()
    };
    let renamed = Info {
        last: "Vzorový",
        birth: "",
        firm: ("00000019", "Vzor, a.s."),
        contact: ("", ""),
        ..CLERK
    };
    assert_eq!(code("mesta2j", &id, &renamed).await, "0000");
    let found = users(&world, "mesta2j").await;
    let user = found.iter().find(|user| user.membership.isds_id.0 == id).unwrap();
    assert_eq!(
        (
            user.person.last_name.as_str(),
            user.person.birth_date,
            user.contact.street.as_deref()
        ),
        ("Vzorový", None, None),
        "what is left out is gone"
    );
    assert_eq!(code("mesta2j", &id, &Info { last: "", ..renamed }).await, "2007");
    // Not into somebody who is there already.
    assert_eq!(add(&world, "mesto01", "mesta2j", &CLERK).await.code(), "0000");
    assert_eq!(code("mesta2j", &id, &CLERK).await, "1032");
    // Whoever is known to the register of inhabitants is called what the register says; privileges are not its matter.
    let registered = isds_id(&world, "mesta2j", "Podatelna").await;
    let empty = Info {
        given: "",
        last: "",
        birth: "",
        city: "",
        ..CLERK
    };
    assert_eq!(
        code("mesta2j", &registered, &Info { last: "Jiný", ..empty }).await,
        "1004"
    );
    assert_eq!(code("mesta2j", &registered, &empty).await, "0000");
    // The holder of a person's box: only where letters go.
    let holder = isds_id(&world, "nvak22s", "Novák").await;
    let holder_info = Info {
        user_type: "PRIMARY_USER",
        privileges: "1",
        ..empty
    };
    assert_eq!(code("nvak22s", &holder, &holder_info).await, "0000");
    let reply = world.call("novak01", "DsManage", "GetUserInfoFromLogin2", "").await;
    assert_eq!(reply.value("userPrivils"), "255", "fixed, whatever is asked");
    assert_eq!(
        code(
            "nvak22s",
            &holder,
            &Info {
                user_type: "LIQUIDATOR",
                ..holder_info
            }
        )
        .await,
        "1034"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_remove_whom() {
    let world = World::new().await;
    let (_, id) = active(&world, "mesta2j", &CLERK).await;
    let primary = isds_id(&world, "mesta2j", "Vzorová").await;
    let code = async |login: &str, box_id: &str, id: &str| remove(&world, login, box_id, id).await.code();
    assert_eq!(code("mesto02", "mesta2j", &id).await, "1004");
    assert_eq!(code("novak01", "mesta2j", &id).await, "1004");
    assert_eq!(code("mesto01", "mesta2j", &primary).await, "1004", "the operator's");
    assert_eq!(code("spravce01", "nvak22s", &id).await, "1031", "a user of another box");
    let holder = isds_id(&world, "nvak22s", "Novák").await;
    assert_eq!(code("spravce01", "nvak22s", &holder).await, "1036");
    assert_eq!(code("mesto01", "mesta2j", &id).await, "0000");
    // An authority may be left without a primary user.
    assert_eq!(code("spravce01", "mesta2j", &primary).await, "0000");
    // In a box that is not accessible entrusted users are removed, though none are added.
    assert_eq!(add(&world, "spravce01", "zrus22r", &CLERK).await.code(), "0000");
    let id = isds_id(&world, "zrus22r", "Vzorný").await;
    let data_box = world.isds.store.lookup_box("zrus22r".parse().unwrap()).await.unwrap();
    assert_ne!(data_box.unwrap().state, BoxState::Accessible);
    let update = update(&world, "zrus01", PASSWORD, "zrus22r", &id, &CLERK).await;
    assert_eq!(update.code(), "1004");
    assert_eq!(code("zrus01", "zrus22r", &id).await, "0000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_generation_needs_one_who_fits() {
    let world = World::new().await;
    for birth in ["1990-04-17", "1991-04-17"] {
        assert_eq!(
            add(&world, "mesto01", "mesta2j", &Info { birth, ..CLERK }).await.code(),
            "0000"
        );
    }
    let code = async |described: &str| {
        let inside = format!("<dbOwnerInfo><dbID>mesta2j</dbID></dbOwnerInfo><dbUserInfo>{described}</dbUserInfo>");
        manage(&world, "mesto01", "DeleteDataBoxUser", &inside).await.code()
    };
    let name = "<pnFirstName>Jan</pnFirstName><pnMiddleName>Petr</pnMiddleName><pnLastName>Vzorný</pnLastName>";
    assert_eq!(code(name).await, "1037");
    assert_eq!(code("<userID>novak01</userID>").await, "1031", "a user of another box");
    assert_eq!(code("").await, "2007");
    assert_eq!(code(&format!("{name}<biDate>1991-04-17</biDate>")).await, "0000");
    assert_eq!(code(name).await, "0000");
    let no_box = manage(&world, "mesto01", "DeleteDataBoxUser", "<dbOwnerInfo/>").await;
    assert_eq!(no_box.code(), "1007");
}
