//! Users as the tests describe them, and the calls about them.

use std::sync::Arc;

use isds_core::principal::Principal;
use isds_core::user::BoxUser;
use isds_core::{Credentials, Isds};

use crate::common::http::{Reply, post};
use crate::common::people::PASSWORD;
use crate::common::{World, envelope};

pub const HERE: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
pub const NEW_PASSWORD: &str = "Vlastni2026";

pub async fn manage_as(world: &World, login: &str, password: &str, operation: &str, inside: &str) -> Reply {
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

pub async fn manage(world: &World, login: &str, operation: &str, inside: &str) -> Reply {
    manage_as(world, login, PASSWORD, operation, inside).await
}

/// A user as clients of the second generation send one, with all elements.
#[derive(Clone, Copy)]
pub struct Info<'a> {
    pub given: &'a str,
    pub last: &'a str,
    pub birth: &'a str,
    pub city: &'a str,
    pub user_type: &'a str,
    pub privileges: &'a str,
    pub firm: (&'a str, &'a str),
    pub contact: (&'a str, &'a str),
}

pub const CLERK: Info<'static> = Info {
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
    pub fn xml(&self, element: &str) -> String {
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

pub async fn add(world: &World, login: &str, box_id: &str, info: &Info<'_>) -> Reply {
    let inside = format!(
        "<dbID>{box_id}</dbID>{}<dbVirtual>true</dbVirtual>",
        info.xml("dbUserInfo")
    );
    manage(world, login, "AddDataBoxUser2", &inside).await
}

pub async fn update(world: &World, login: &str, password: &str, box_id: &str, isds_id: &str, info: &Info<'_>) -> Reply {
    let inside = format!(
        "<dbID>{box_id}</dbID><isdsID>{isds_id}</isdsID>{}",
        info.xml("dbNewUserInfo")
    );
    manage_as(world, login, password, "UpdateDataBoxUser2", &inside).await
}

pub async fn remove(world: &World, login: &str, box_id: &str, isds_id: &str) -> Reply {
    let inside = format!("<dbID>{box_id}</dbID><isdsID>{isds_id}</isdsID>");
    manage(world, login, "DeleteDataBoxUser2", &inside).await
}

/// The activation code of an answer, and the login name that it begins with.
pub fn access(reply: &Reply) -> (String, String) {
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    let code = reply.value("dbAccessDataId");
    (code.split('-').next().unwrap().to_owned(), code)
}

/// Chooses a password by the activation code; returns the login name.
pub async fn activate(world: &World, reply: &Reply) -> String {
    let (login, code) = access(reply);
    let inside = format!("<dbOldPassword>{code}</dbOldPassword><dbNewPassword>{NEW_PASSWORD}</dbNewPassword>");
    let changed = manage_as(world, &login, &code, "ChangeISDSPassword", &inside).await;
    assert_eq!(changed.code(), "0000", "{}", changed.body);
    login
}

/// Adds a user by the operator and has them choose a password; returns login name and `isdsID`.
pub async fn active(world: &World, box_id: &str, info: &Info<'_>) -> (String, String) {
    let login = activate(world, &add(world, "spravce01", box_id, info).await).await;
    let id = isds_id(world, box_id, info.last).await;
    (login, id)
}

/// `isdsID` of the user of the box with the last name.
pub async fn isds_id(world: &World, box_id: &str, last_name: &str) -> String {
    let users = users(world, box_id).await;
    let mut found = users.iter().filter(|user| user.person.last_name == last_name);
    let user = found.next().unwrap();
    assert!(found.next().is_none());
    user.membership.isds_id.0.clone()
}

/// Users of the box, primary ones first.
pub async fn users(world: &World, box_id: &str) -> Vec<BoxUser> {
    let listed = world.isds.store.list_users(box_id.parse().unwrap(), None, 10_000);
    listed.await.unwrap()
}

/// The caller, as somebody who has just signed in.
pub async fn caller(world: &World, login: &str, password: &str) -> Arc<Principal> {
    let credentials = Credentials {
        login: login.into(),
        password: password.into(),
    };
    world.isds.authenticate_user(&credentials, HERE).await.unwrap()
}

pub async fn signs_in(isds: &Isds, login: &str, password: &str) -> bool {
    let credentials = Credentials {
        login: login.into(),
        password: password.into(),
    };
    isds.authenticate_user(&credentials, HERE).await.is_ok()
}
