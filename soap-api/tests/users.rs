//! Users of a box and their access data: who may do what, every code, and that it counts at once.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

#[cfg(test)]
mod common;

use std::sync::Arc;

use common::golden::Golden;
use common::http::{Reply, post};
use common::people::PASSWORD;
use common::{World, envelope, system};
use isds_core::box_state::BoxState;
use isds_core::{Credentials, Isds, Limits, SignInBounds};
use soap_api::SoapConfig;

const HERE: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const NEW_PASSWORD: &str = "Vlastni2026";

async fn manage_as(world: &World, login: &str, password: &str, operation: &str, inside: &str) -> Reply {
    let pair = base64_simd::STANDARD.encode_to_string(format!("{login}:{password}"));
    let body = format!("<{operation} xmlns=\"http://isds.czechpoint.cz/v20\">{inside}</{operation}>");
    let headers = format!("Authorization: Basic {pair}\r\n");
    post(
        world.address,
        "/DS/DsManage",
        &headers,
        "text/xml",
        envelope(&body).as_bytes(),
    )
    .await
}

async fn manage(world: &World, login: &str, operation: &str, inside: &str) -> Reply {
    manage_as(world, login, PASSWORD, operation, inside).await
}

/// A user as clients of the second generation send one, with all elements.
#[derive(Clone, Copy)]
struct Info<'a> {
    given: &'a str,
    last: &'a str,
    birth: &'a str,
    city: &'a str,
    user_type: &'a str,
    privileges: &'a str,
    firm: (&'a str, &'a str),
    contact: (&'a str, &'a str),
}

const CLERK: Info<'static> = Info {
    given: "Jan Petr",
    last: "Vzorný",
    birth: "1990-04-17",
    city: "Vzorov",
    user_type: "ENTRUSTED_USER",
    privileges: "29",
    firm: ("", ""),
    contact: ("Dlouhá 7", "Vzorov"),
};

impl Info<'_> {
    fn xml(&self, element: &str) -> String {
        let Self {
            given,
            last,
            birth,
            city,
            user_type,
            privileges,
            firm: (ic, firm),
            contact: (street, town),
        } = self;
        format!(
            "<{element}><aifoIsds/><pnGivenNames>{given}</pnGivenNames><pnLastName>{last}</pnLastName><adCode/>\
             <adCity>{city}</adCity><adDistrict/><adStreet/><adNumberInStreet/><adNumberInMunicipality/><adZipCode/>\
             <adState/><biDate>{birth}</biDate><isdsID/><userType>{user_type}</userType>\
             <userPrivils>{privileges}</userPrivils><ic>{ic}</ic><firmName>{firm}</firmName>\
             <caStreet>{street}</caStreet><caCity>{town}</caCity><caZipCode/><caState/></{element}>"
        )
    }
}

async fn add(world: &World, login: &str, box_id: &str, info: &Info<'_>) -> Reply {
    let inside = format!(
        "<dbID>{box_id}</dbID>{}<dbVirtual>true</dbVirtual>",
        info.xml("dbUserInfo")
    );
    manage(world, login, "AddDataBoxUser2", &inside).await
}

async fn update(world: &World, login: &str, password: &str, box_id: &str, isds_id: &str, info: &Info<'_>) -> Reply {
    let inside = format!(
        "<dbID>{box_id}</dbID><isdsID>{isds_id}</isdsID>{}",
        info.xml("dbNewUserInfo")
    );
    manage_as(world, login, password, "UpdateDataBoxUser2", &inside).await
}

async fn remove(world: &World, login: &str, box_id: &str, isds_id: &str) -> Reply {
    let inside = format!("<dbID>{box_id}</dbID><isdsID>{isds_id}</isdsID>");
    manage(world, login, "DeleteDataBoxUser2", &inside).await
}

/// The activation code of an answer, and the login name that it begins with.
fn access(reply: &Reply) -> (String, String) {
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    let code = reply.value("dbAccessDataId");
    (code.split('-').next().unwrap().to_owned(), code)
}

/// Chooses a password by the activation code; returns the login name.
async fn activate(world: &World, reply: &Reply) -> String {
    let (login, code) = access(reply);
    let inside = format!("<dbOldPassword>{code}</dbOldPassword><dbNewPassword>{NEW_PASSWORD}</dbNewPassword>");
    let changed = manage_as(world, &login, &code, "ChangeISDSPassword", &inside).await;
    assert_eq!(changed.code(), "0000", "{}", changed.body);
    login
}

/// Adds a user by the operator and has them choose a password; returns login name and `isdsID`.
async fn active(world: &World, box_id: &str, info: &Info<'_>) -> (String, String) {
    let login = activate(world, &add(world, "spravce01", box_id, info).await).await;
    let id = isds_id(world, box_id, info.last).await;
    (login, id)
}

/// `isdsID` of the user of the box with the last name.
async fn isds_id(world: &World, box_id: &str, last_name: &str) -> String {
    let users = world.isds.store.list_users(box_id.parse().unwrap()).await.unwrap();
    let mut found = users.iter().filter(|user| user.person.last_name == last_name);
    let user = found.next().unwrap();
    assert!(found.next().is_none());
    user.membership.isds_id.0.clone()
}

async fn users(world: &World, box_id: &str) -> usize {
    world
        .isds
        .store
        .list_users(box_id.parse().unwrap())
        .await
        .unwrap()
        .len()
}

async fn signs_in(isds: &Isds, login: &str, password: &str) -> bool {
    let credentials = Credentials {
        login: login.into(),
        password: password.into(),
    };
    isds.authenticate_user(&credentials, HERE).await.is_ok()
}

/// What was drawn at random is replaced by something of the same form.
fn masked(reply: &Reply) -> Reply {
    let mut body = reply.body.clone();
    for (element, harmless) in [
        ("dbAccessDataId", "abcdefgh-ijkm-npqr-stuv-wxyz-2345"),
        ("dbUserID", "abcdefgh"),
    ] {
        if body.contains(element) {
            body = body.replace(&reply.value(element), harmless);
        }
    }
    for (at, _) in reply.body.match_indices("<p:isdsID>DS_") {
        let id = &reply.body[at + 10..at + 22];
        if !id.contains("xx") {
            body = body.replace(id, "DS_abcdefghi");
        }
    }
    Reply { body, ..reply.clone() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_of_the_second_generation() {
    let world = World::new().await;
    let mut golden = Golden::of("users");
    let added = add(&world, "mesto01", "mesta2j", &CLERK).await;
    golden.answer("add_data_box_user2", "DsManage", &masked(&added));
    let id = isds_id(&world, "mesta2j", "Vzorný").await;
    let list = manage(&world, "mesto01", "GetDataBoxUsers2", "<dbID>mesta2j</dbID>").await;
    golden.answer("get_data_box_users2", "DsManage", &masked(&list));
    let more = Info {
        privileges: "31",
        ..CLERK
    };
    let changed = update(&world, "mesto01", PASSWORD, "mesta2j", &id, &more).await;
    golden.answer("update_data_box_user2", "DsManage", &changed);
    let nothing = update(&world, "mesto01", PASSWORD, "mesta2j", &id, &more).await;
    golden.answer("update_data_box_user2_nothing_new", "DsManage", &nothing);
    let inside = format!("<dbID>mesta2j</dbID><isdsID>{id}</isdsID><dbFeePaid>true</dbFeePaid>");
    let issued = manage(&world, "spravce01", "NewAccessData2", &inside).await;
    golden.answer("new_access_data2", "DsManage", &masked(&issued));
    let removed = remove(&world, "mesto01", "mesta2j", &id).await;
    golden.answer("delete_data_box_user2", "DsManage", &removed);
    let unknown = remove(&world, "mesto01", "mesta2j", &id).await;
    golden.answer("delete_data_box_user2_unknown", "DsManage", &unknown);
    let gone = manage(&world, "mesto01", "GetDataBoxUsers", "<dbID>mesta2j</dbID>").await;
    golden.compare("get_data_box_users", &gone.body);
    assert_eq!(gone.code(), "1301");
    let refused = manage(&world, "nikdo01", "GetDataBoxUsers2", "<dbID>mesta2j</dbID>").await;
    golden.answer("get_data_box_users2_no_right", "DsManage", &refused);
    answers_of_the_first_generation(&world, &mut golden).await;
    golden.finish();
}

async fn answers_of_the_first_generation(world: &World, golden: &mut Golden) {
    let owner = "<dbOwnerInfo><dbID>mesta2j</dbID><dbType/><ic/></dbOwnerInfo>";
    let user = |element: &str, privileges: &str, login: &str| {
        format!(
            "<{element}><pnFirstName>Eva</pnFirstName><pnMiddleName>Jana</pnMiddleName><pnLastName>Vzorová</pnLastName>\
             <pnLastNameAtBirth/><adCity>Vzorov</adCity><adStreet>Krátká</adStreet><adNumberInStreet/>\
             <adNumberInMunicipality>3</adNumberInMunicipality><adZipCode/><adState/><biDate>1982-07-08</biDate>\
             <userID>{login}</userID><userType>ENTRUSTED_USER</userType><userPrivils>{privileges}</userPrivils><ic/>\
             <firmName/><caStreet/><caCity/><caZipCode/></{element}>"
        )
    };
    let call = async |login: &str, operation: &str, inside: String| {
        manage(world, login, operation, &format!("{owner}{inside}")).await
    };
    let added = call("mesto01", "AddDataBoxUser", user("dbUserInfo", "12", "")).await;
    golden.answer("add_data_box_user", "DsManage", &masked(&added));
    let login = activate(world, &added).await;
    let info = manage_as(world, &login, NEW_PASSWORD, "GetUserInfoFromLogin", "<dbDummy/>").await;
    let info = Reply {
        body: info.body.replace(&login, "abcdefgh"),
        ..info
    };
    golden.answer("get_user_info_from_login", "DsManage", &info);
    let changes = user("dbOldUserInfo", "12", "") + &user("dbNewUserInfo", "13", "");
    let changed = call("mesto01", "UpdateDataBoxUser", changes).await;
    golden.answer("update_data_box_user", "DsManage", &changed);
    let again = user("dbUserInfo", "13", &login) + "<dbFeePaid>false</dbFeePaid>";
    let issued = call("spravce01", "NewAccessData", again).await;
    golden.answer("new_access_data", "DsManage", &masked(&issued));
    let (login, _) = access(&issued);
    let removed = call("mesto01", "DeleteDataBoxUser", user("dbUserInfo", "", &login)).await;
    golden.answer("delete_data_box_user", "DsManage", &removed);
    let unknown = call("mesto01", "DeleteDataBoxUser", user("dbUserInfo", "", &login)).await;
    assert_eq!(unknown.code(), "1031");
    for (name, login, operation) in [
        ("get_owner_info_from_login", "mesto01", "GetOwnerInfoFromLogin"),
        ("get_owner_info_from_login_person", "novak01", "GetOwnerInfoFromLogin"),
        ("get_owner_info_from_login_no_box", "spravce01", "GetOwnerInfoFromLogin"),
        ("get_user_info_from_login_internal", "spravce01", "GetUserInfoFromLogin"),
    ] {
        let reply = manage(world, login, operation, "<dbDummy/>").await;
        golden.answer(name, "DsManage", &reply);
    }
}

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
    let before = users(&world, "mesta2j").await;
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
    assert_eq!(users(&world, "mesta2j").await, before, "nothing was stored");
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
    let primary = world.isds.store.list_users("mesta2j".parse().unwrap()).await.unwrap()[0].clone();
    let primary = primary.membership.isds_id.0;
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
    let user = world.isds.store.list_users("mesta2j".parse().unwrap()).await.unwrap();
    let user = user.iter().find(|user| user.membership.isds_id.0 == id).unwrap();
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_add_the_same_at_once_one_does() {
    let world = World::new().await;
    let before = users(&world, "mesta2j").await;
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
    assert_eq!(users(&world, "mesta2j").await, before + 17);
}
