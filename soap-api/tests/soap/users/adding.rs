//! Adding users: who may add whom, what is said of them, how many.

use isds_core::Limits;
use soap_api::SoapConfig;

use super::calls::*;
use crate::common::World;
use crate::common::http::Reply;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_add_whom() {
    let world = World::new().await;
    let kind = |user_type: &'static str| Info { user_type, ..CLERK };
    let office_admin = Info {
        last: "Vzorový",
        user_type: "ADMINISTRATOR",
        privileges: "",
        ..CLERK
    };
    let (admin, _) = active(&world, "mesta2j", &office_admin).await;
    let add_by_admin = async |box_id: &str, info: &Info<'_>| {
        let inside = format!("<dbID>{box_id}</dbID>{}", info.xml("dbUserInfo"));
        manage_as(&world, &admin, NEW_PASSWORD, "AddDataBoxUser2", &inside)
            .await
            .code()
    };
    assert_eq!(add_by_admin("mesta2j", &CLERK).await, "0000");
    assert_eq!(add_by_admin("nvak22s", &CLERK).await, "1004", "another box");
    for primary in ["PRIMARY_USER", "LIQUIDATOR", "RECEIVER", "GUARDIAN"] {
        assert_eq!(
            add_by_admin("mesta2j", &kind(primary)).await,
            "1004",
            "{primary} is the operator's"
        );
        let info = Info {
            last: primary,
            ..kind(primary)
        };
        assert_eq!(
            add(&world, "spravce01", "mesta2j", &info).await.code(),
            "0000",
            "{primary}"
        );
        assert_eq!(
            add(&world, "spravce01", "nvak22s", &info).await.code(),
            "1033",
            "{primary} of a person"
        );
    }
    assert_eq!(
        add(&world, "spravce01", "mesta2j", &kind("OFFICIAL")).await.code(),
        "1033"
    );
    assert_eq!(
        add(&world, "mesto02", "mesta2j", &CLERK).await.code(),
        "1004",
        "no administrator"
    );
    assert_eq!(
        add(&world, "novak01", "nvak22s", &CLERK).await.code(),
        "0000",
        "every box has entrusted users"
    );
    // In a box that is not accessible the right to administer is of no use; the operator's is.
    assert_eq!(add(&world, "zrus01", "zrus22r", &CLERK).await.code(), "1004");
    assert_eq!(add(&world, "spravce01", "zrus22r", &CLERK).await.code(), "0000");
    assert_eq!(add(&world, "spravce01", "aydaadk", &CLERK).await.code(), "5001");
    assert_eq!(add(&world, "spravce01", "NVAK", &CLERK).await.code(), "1007");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_of_a_new_user_is_judged() {
    let world = World::new().await;
    let before = users(&world, "mesta2j").await.len();
    for (what, info, code) in [
        ("no last name", Info { last: " ", ..CLERK }, "2007"),
        ("no kind", Info { user_type: "", ..CLERK }, "2007"),
        (
            "a kind that is none",
            Info {
                user_type: "KING",
                ..CLERK
            },
            "2007",
        ),
        (
            "no privileges",
            Info {
                privileges: "",
                ..CLERK
            },
            "2007",
        ),
        (
            "privileges that are no number",
            Info {
                privileges: "-1",
                ..CLERK
            },
            "2007",
        ),
        (
            "an entrusted user who administers",
            Info {
                privileges: "33",
                ..CLERK
            },
            "1035",
        ),
        (
            "a right of the system",
            Info {
                privileges: "1048576",
                ..CLERK
            },
            "1035",
        ),
        (
            "a day that is none",
            Info {
                birth: "31.2.1990",
                ..CLERK
            },
            "2017",
        ),
        (
            "a firm's number too long",
            Info {
                firm: ("123456789", ""),
                ..CLERK
            },
            "2007",
        ),
    ] {
        assert_eq!(add(&world, "mesto01", "mesta2j", &info).await.code(), code, "{what}");
    }
    let long = "x".repeat(151);
    assert_eq!(
        add(&world, "mesto01", "mesta2j", &Info { last: &long, ..CLERK })
            .await
            .code(),
        "2007"
    );
    let no_user = manage(&world, "mesto01", "AddDataBoxUser2", "<dbID>mesta2j</dbID>").await;
    assert_eq!(no_user.code(), "2007");
    let twice = CLERK.xml("dbUserInfo");
    let twice = manage(
        &world,
        "mesto01",
        "AddDataBoxUser2",
        &format!("<dbID>mesta2j</dbID>{twice}{twice}"),
    )
    .await;
    assert_eq!(twice.code(), "2007");
    assert_eq!(users(&world, "mesta2j").await.len(), before, "nothing was stored");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_a_user_twice() {
    let world = World::new().await;
    assert_eq!(add(&world, "mesto01", "mesta2j", &CLERK).await.code(), "0000");
    let code = async |info: &Info<'_>| add(&world, "spravce01", "mesta2j", info).await.code();
    // By name and day of birth, however they are written and whatever the kind.
    let same = Info {
        given: "JAN PETR",
        last: " vzorný ",
        city: "Jinov",
        ..CLERK
    };
    assert_eq!(code(&same).await, "1032");
    let administrator = Info {
        user_type: "ADMINISTRATOR",
        privileges: "",
        ..CLERK
    };
    assert_eq!(code(&administrator).await, "1032");
    assert_eq!(
        code(&Info {
            birth: "1990-04-18",
            ..CLERK
        })
        .await,
        "0000"
    );
    // Primary ones by everything that is said of them.
    let primary = Info {
        last: "Vzorová",
        user_type: "PRIMARY_USER",
        ..CLERK
    };
    assert_eq!(code(&primary).await, "0000");
    assert_eq!(code(&primary).await, "1032");
    let of_firm = Info {
        firm: ("00000019", "Vzor, a.s."),
        ..primary
    };
    assert_eq!(
        code(&of_firm).await,
        "0000",
        "for a firm, which the other does not act for"
    );
    // A liquidator may be a primary user as well, but not a liquidator twice.
    let liquidator = Info {
        user_type: "LIQUIDATOR",
        ..primary
    };
    assert_eq!(code(&liquidator).await, "0000");
    assert_eq!(code(&liquidator).await, "1032");
    // The same person may be a user of another box.
    assert_eq!(add(&world, "novak01", "nvak22s", &CLERK).await.code(), "0000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_at_a_time() {
    let limits = Limits {
        users_added_in_a_day: 2,
        ..Limits::default()
    };
    let world = World::with(SoapConfig::default(), limits).await;
    let code = async |last: &str| {
        let info = Info { last, ..CLERK };
        add(&world, "mesto01", "mesta2j", &info).await.code()
    };
    assert_eq!(
        (code("První").await, code("Druhý").await),
        ("0000".into(), "0000".into())
    );
    assert_eq!(code("Třetí").await, "1038");
    // Who is removed was added all the same.
    let id = isds_id(&world, "mesta2j", "První").await;
    assert_eq!(remove(&world, "mesto01", "mesta2j", &id).await.code(), "0000");
    assert_eq!(code("Třetí").await, "1038");
    assert_eq!(
        add(&world, "novak01", "nvak22s", &CLERK).await.code(),
        "0000",
        "each box by itself"
    );
    world.clock.advance(86_401);
    assert_eq!(code("Třetí").await, "0000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_add_the_same_at_once_one_does() {
    let world = World::new().await;
    let before = users(&world, "mesta2j").await.len();
    let same = futures::future::join_all((0..16).map(|_| add(&world, "mesto01", "mesta2j", &CLERK)));
    let others = futures::future::join_all((0..16).map(|n| {
        let world = &world;
        async move {
            let last = format!("Vzorný {n}");
            let info = Info { last: &last, ..CLERK };
            add(world, "mesto01", "mesta2j", &info).await
        }
    }));
    let (same, others) = futures::future::join(same, others).await;
    let codes: Vec<_> = same.iter().map(Reply::code).collect();
    assert_eq!(codes.iter().filter(|code| *code == "0000").count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| *code == "1032").count(), 15, "{codes:?}");
    let codes: Vec<_> = others.iter().map(Reply::code).collect();
    assert!(codes.iter().all(|code| code == "0000"), "{codes:?}");
    assert_eq!(users(&world, "mesta2j").await.len(), before + 17);
}
