//! Answers of every operation about users, in both generations.

use super::calls::*;
use crate::common::World;
use crate::common::golden::Golden;
use crate::common::http::Reply;
use crate::common::people::PASSWORD;

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
