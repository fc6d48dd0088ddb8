//! Calls about oneself, and about the users of a box: the rest of `/DS/DsManage`.

use super::callers::Caller;
use super::ground::Ground;
use super::{Call, NOTHING_TO_ASK};
use crate::common::people::PASSWORD;

/// A user of the first or the second generation, whose other data are as they are.
fn user(element: &str, given_names: &str, last_name: &str, privileges: &str) -> String {
    format!(
        "<{element}><{given_names}>Eva</{given_names}><pnLastName>{last_name}</pnLastName><biDate>1990-04-17</biDate>\
         <userType>ENTRUSTED_USER</userType><userPrivils>{privileges}</userPrivils></{element}>"
    )
}

pub async fn calls(ground: &Ground, operation: &'static str, caller: &Caller) -> Option<Vec<Call>> {
    let by_id = format!("<dbID>{}</dbID>", caller.target);
    let by_description = format!("<dbOwnerInfo>{by_id}</dbOwnerInfo>");
    let first = |element: &str, last: &str, privileges: &str| user(element, "pnFirstName", last, privileges);
    let second = |element: &str, last: &str, privileges: &str| user(element, "pnGivenNames", last, privileges);
    let one = |inside: String| vec![("", inside)];
    Some(match operation {
        "GetOwnerInfoFromLogin"
        | "GetOwnerInfoFromLogin2"
        | "GetUserInfoFromLogin"
        | "GetUserInfoFromLogin2"
        | "GetPasswordInfo" => one("<dbDummy/>".into()),
        "ChangeISDSPassword" => one(format!(
            "<dbOldPassword>{PASSWORD}</dbOldPassword><dbNewPassword>Jine-Heslo7</dbNewPassword>"
        )),
        "AddDataBoxUser" => one(by_description + &first("dbUserInfo", &format!("Vzor-{}", ground.next()), "8")),
        "AddDataBoxUser2" => one(by_id + &second("dbUserInfo", &format!("Vzor-{}", ground.next()), "8")),
        "UpdateDataBoxUser" => {
            let (_, last) = ground.user(caller).await;
            let (old, new) = (first("dbOldUserInfo", &last, "8"), first("dbNewUserInfo", &last, "9"));
            vec![("another's privileges", by_description + &old + &new)]
        }
        "UpdateDataBoxUser2" => {
            let (isds_id, last) = ground.user(caller).await;
            let privileges = second("dbNewUserInfo", &last, "9");
            let contact = "<dbNewUserInfo><caStreet>Nová 1</caStreet></dbNewUserInfo>";
            let own = match caller.login {
                Some(login) if caller.heading != "system" => {
                    format!("<dbID>{}</dbID><isdsID>DS_{login:x>9}</isdsID>{contact}", caller.own())
                }
                _ => NOTHING_TO_ASK.into(),
            };
            vec![
                (
                    "another's privileges",
                    format!("{by_id}<isdsID>{isds_id}</isdsID>{privileges}"),
                ),
                ("one's own address", own),
            ]
        }
        "DeleteDataBoxUser" => {
            let (_, last) = ground.user(caller).await;
            one(by_description + &first("dbUserInfo", &last, "8"))
        }
        "DeleteDataBoxUser2" => {
            let (isds_id, _) = ground.user(caller).await;
            one(format!("{by_id}<isdsID>{isds_id}</isdsID>"))
        }
        "NewAccessData" => {
            let (_, last) = ground.user(caller).await;
            one(by_description + &first("dbUserInfo", &last, "8") + "<dbFeePaid>true</dbFeePaid>")
        }
        "NewAccessData2" => {
            let (isds_id, _) = ground.user(caller).await;
            one(format!("{by_id}<isdsID>{isds_id}</isdsID><dbFeePaid>true</dbFeePaid>"))
        }
        "GetDataBoxUsers" | "GetDataBoxUsers2" => one(by_id),
        _ => return None,
    })
}
