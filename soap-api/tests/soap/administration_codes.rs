//! Codes that the operations on boxes and users share: no such box, no such user, not asked for properly.

use crate::common;

use common::World;
use common::golden::Validity;

/// A user of the second and the first generation.
const USER: &str = "<pnGivenNames>Eva</pnGivenNames><pnFirstName>Eva</pnFirstName><pnLastName>Vzorová</pnLastName>\
    <biDate>1990-04-17</biDate><userType>ENTRUSTED_USER</userType><userPrivils>8</userPrivils>";
/// A box of the right form that nobody has.
const NOBODYS: &str = "aydaadk";

/// Calls by the administrator of the system; each answer is valid by the schema.
async fn expect(world: &World, service: &str, calls: &[(&str, String, &str)]) {
    let mut validity = Validity::default();
    for (operation, inside, code) in calls {
        let reply = world.call("spravce01", service, operation, inside).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (200, *code),
            "{operation} {inside}: {}",
            reply.body
        );
        validity.add(operation, service, &reply);
    }
    validity.assert();
}

/// What stands besides the box in an operation on a user.
fn user(operation: &str) -> String {
    match operation {
        "AddDataBoxUser" | "AddDataBoxUser2" => format!("<dbUserInfo>{USER}</dbUserInfo>"),
        "UpdateDataBoxUser" => {
            format!("<dbOldUserInfo>{USER}</dbOldUserInfo><dbNewUserInfo>{USER}</dbNewUserInfo>")
        }
        "UpdateDataBoxUser2" => format!("<isdsID>DS_nobodyatal</isdsID><dbNewUserInfo>{USER}</dbNewUserInfo>"),
        "DeleteDataBoxUser2" | "NewAccessData2" => "<isdsID>DS_nobodyatal</isdsID>".into(),
        "DeleteDataBoxUser" | "NewAccessData" => format!("<dbUserInfo>{USER}</dbUserInfo>"),
        _ => String::new(),
    }
}

#[tokio::test]
async fn of_boxes_that_are_none() {
    let world = World::new().await;
    let mut calls = Vec::new();
    for operation in [
        "AddDataBoxUser2",
        "UpdateDataBoxUser2",
        "DeleteDataBoxUser2",
        "NewAccessData2",
        "GetDataBoxUsers2",
        "AddDataBoxUser",
        "UpdateDataBoxUser",
        "DeleteDataBoxUser",
        "NewAccessData",
    ] {
        for (box_id, code) in [(NOBODYS, "5001"), ("mesto", "1007"), ("", "1007")] {
            let id = format!("<dbID>{box_id}</dbID>");
            let id = if operation.ends_with('2') {
                id
            } else {
                format!("<dbOwnerInfo>{id}</dbOwnerInfo>")
            };
            calls.push((operation, id + &user(operation), code));
        }
    }
    expect(&world, "DsManage", &calls).await;
}

#[tokio::test]
async fn of_users_that_are_none() {
    let world = World::new().await;
    let by_id = "<dbID>mesta2j</dbID>".to_owned();
    let described = format!("<dbOwnerInfo>{by_id}</dbOwnerInfo>");
    let mut calls = Vec::new();
    for operation in ["UpdateDataBoxUser2", "DeleteDataBoxUser2", "NewAccessData2"] {
        calls.push((operation, by_id.clone() + &user(operation), "1031"));
    }
    for operation in ["UpdateDataBoxUser", "DeleteDataBoxUser", "NewAccessData"] {
        calls.push((operation, described.clone() + &user(operation), "1031"));
    }
    let of = |change: (&str, &str)| format!("<dbUserInfo>{}</dbUserInfo>", USER.replace(change.0, change.1));
    for (change, code) in [
        (("ENTRUSTED_USER", "OFFICIAL"), "1033"),
        ((">8<", ">33<"), "1035"),
        (("Vzorová", ""), "2007"),
        (("1990-04-17", "květen"), "2017"),
    ] {
        calls.push(("AddDataBoxUser", described.clone() + &of(change), code));
    }
    calls.push(("AddDataBoxUser", described.clone() + &of(("", "")), "0000"));
    calls.push(("AddDataBoxUser", described.clone() + &of(("", "")), "1032"));
    expect(&world, "DsManage", &calls).await;
}

#[tokio::test]
async fn of_boxes_of_the_first_generation() {
    let world = World::new().await;
    let of = |id: &str| format!("<dbOwnerInfo><dbID>{id}</dbID></dbOwnerInfo>");
    let to = |id: &str, new: &str| {
        format!("<dbOldOwnerInfo><dbID>{id}</dbID></dbOldOwnerInfo><dbNewOwnerInfo>{new}</dbNewOwnerInfo>")
    };
    let calls = [
        ("CreateDataBox", "<dbOwnerInfo><ic>27</ic></dbOwnerInfo>".into(), "1101"),
        (
            "CreateDataBox",
            "<dbOwnerInfo><dbType>FO</dbType></dbOwnerInfo>".into(),
            "1013",
        ),
        ("UpdateDataBoxDescr", to(NOBODYS, "<dbType>PO</dbType>"), "5001"),
        ("UpdateDataBoxDescr", to("mesto", "<dbType>PO</dbType>"), "1007"),
        ("UpdateDataBoxDescr", to("mesta2j", "<dbType>OVM</dbType>"), "1013"),
        (
            "DeleteDataBox",
            of("nvak22s") + "<dbOwnerTerminationDate>dnes</dbOwnerTerminationDate>",
            "2017",
        ),
        ("DisableOwnDataBox", of("mesta2j"), "1012"),
        ("DisableDataBoxExternally", of("mesta2j"), "1012"),
        ("EnableOwnDataBox", of("nvak22s"), "1011"),
    ];
    expect(&world, "DsManage", &calls).await;
}

#[tokio::test]
async fn of_searches_and_questions() {
    let world = World::new().await;
    let find = |inside: &str| format!("<dbOwnerInfo>{inside}</dbOwnerInfo>");
    let calls = [
        ("FindDataBox2", find("<firmName>Vzor</firmName>"), "1101"),
        ("FindDataBox2", find("<dbType>PO</dbType>"), "1102"),
        (
            "FindDataBox2",
            find("<dbType>PO</dbType><firmName>Vz</firmName>"),
            "1180",
        ),
        ("FindDataBox2", find("<dbID>x</dbID>"), "2011"),
        (
            "FindDataBox2",
            find("<dbType>FO</dbType><pnLastName>Novák</pnLastName><biDate>x</biDate>"),
            "2017",
        ),
        ("FindDataBox2", find("") + &find(""), "2007"),
        (
            "DataBoxCreditInfo",
            format!("<dbID>{NOBODYS}</dbID><ciFromDate/><ciTodate/>"),
            "5001",
        ),
        ("DTInfo", format!("<dbId>{NOBODYS}</dbId>"), "5001"),
    ];
    expect(&world, "df", &calls).await;
}
