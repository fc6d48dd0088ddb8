//! Boxes that no authority stands behind, and messages between them.

use std::sync::Arc;

use isds_core::box_type::BoxType;
use isds_core::data_box::DataBox;
use isds_core::ids::{BoxId, IsdsId, MembershipId, PersonId};
use isds_core::postal::{Subsidy, SubsidyId, SubsidyKind};
use isds_core::principal::Principal;
use isds_core::privileges::Privileges;
use isds_core::user::{Membership, Person, UserType};
use isds_core::{Credentials, hash_password};
use jiff::civil::date;

use super::http::Reply;
use super::people::PASSWORD;
use super::{World, file};

pub fn id(text: &str) -> BoxId {
    text.parse().unwrap()
}

/// The usual boxes and, of those that no authority stands behind: a bank with a contract, a firm and an attorney
/// without, a woman who receives postal messages (Jan Novák does not).
pub async fn world() -> World {
    let world = World::new().await;
    add_firms(&world).await;
    world
}

pub async fn add_firms(world: &World) {
    let store = &world.isds.store;
    let citizen = store.lookup_box(id("nvak22s")).await.unwrap().unwrap();
    let hash = hash_password(&*world.isds.random, PASSWORD).unwrap();
    for (box_id, box_type, name, logins) in [
        (
            "firma2x",
            BoxType::Po,
            "Strojírny Vzor, s.r.o.",
            [("firma01", 255), ("firma02", 8)].as_slice(),
        ),
        ("banka2q", BoxType::Po, "Vzorová banka, a.s.", &[("banka01", 255)]),
        (
            "advka2c",
            BoxType::PfoAdvok,
            "JUDr. Marie Vzorná, advokátka",
            &[("advok01", 255)],
        ),
        ("maria2f", BoxType::Fo, "", &[("dvora01", 255)]),
    ] {
        let data_box = DataBox {
            id: id(box_id),
            box_type,
            given_names: Some("Marie".into()).filter(|_: &String| box_type.is_natural_person()),
            last_name: Some("Dvořáková".into()).filter(|_: &String| box_type.is_natural_person()),
            firm_name: Some(name.to_owned()).filter(|name| !name.is_empty()),
            open_addressing: box_type == BoxType::Fo,
            postal_contract: box_id == "banka2q",
            ..citizen.clone()
        };
        store.add_box(&data_box).await.unwrap();
        for (login, privileges) in logins {
            let person = Person {
                id: PersonId(0),
                given_names: "Eva".into(),
                last_name: "Vzorová".into(),
                birth_date: Some(date(1975, 5, 17)),
                address: data_box.address.clone(),
                aifo_known: true,
            };
            let membership = Membership {
                id: MembershipId(0),
                isds_id: IsdsId(format!("DS_{login:x>9}")),
                box_id: Some(data_box.id),
                person_id: store.add_person(&person).await.unwrap(),
                user_type: if *privileges == 255 {
                    UserType::PrimaryUser
                } else {
                    UserType::EntrustedUser
                },
                privileges: Privileges(*privileges),
            };
            let membership = store.add_membership(&membership).await.unwrap();
            store.add_password(login, membership, &hash, None).await.unwrap();
        }
    }
}

pub async fn principal(world: &World, login: &str) -> Arc<Principal> {
    let credentials = Credentials {
        login: login.into(),
        password: PASSWORD.into(),
    };
    let address = "127.0.0.1".parse().unwrap();
    world.isds.authenticate_user(&credentials, address).await.unwrap()
}

pub async fn top_up(world: &World, box_id: &str, amount: i64, transaction: &str) {
    let operator = principal(world, "spravce01").await;
    let topped_up = world.isds.top_up_credit(&operator, id(box_id), amount, transaction);
    topped_up.await.unwrap();
}

pub async fn grant(world: &World, kind: SubsidyKind, remaining: Option<i64>) -> SubsidyId {
    let operator = principal(world, "spravce01").await;
    let external = kind == SubsidyKind::External;
    let subsidy = Subsidy {
        id: SubsidyId(0),
        kind,
        donor: if external { BoxId::OPERATOR } else { id("banka2q") },
        sender: id("firma2x"),
        recipient: (kind == SubsidyKind::Limited).then(|| id("maria2f")),
        remaining,
        expires: None,
    };
    world.isds.grant_subsidy(&operator, &subsidy).await.unwrap()
}

/// What is written onto an envelope besides the recipient.
#[derive(Clone, Copy, Default)]
pub struct Wish<'a> {
    pub dm_type: Option<&'a str>,
    pub own: &'a str,
    pub theirs: &'a str,
}

pub const PLAIN: Wish<'_> = Wish {
    dm_type: None,
    own: "",
    theirs: "",
};

pub fn wish(dm_type: &str) -> Wish<'_> {
    Wish {
        dm_type: Some(dm_type),
        ..PLAIN
    }
}

pub fn initiating(own: &str) -> Wish<'_> {
    Wish { own, ..wish("I") }
}

pub async fn send(world: &World, from: &str, to: &str, wish: Wish<'_>) -> Reply {
    let dm_type = wish
        .dm_type
        .map_or(String::new(), |letter| format!(" dmType=\"{letter}\""));
    let inside = format!(
        "<dmEnvelope{dm_type}><dbIDRecipient>{to}</dbIDRecipient><dmAnnotation>Nabídka</dmAnnotation>\
         <dmRecipientRefNumber>{}</dmRecipientRefNumber><dmSenderRefNumber>{}</dmSenderRefNumber></dmEnvelope>\
         <dmFiles>{}</dmFiles>",
        wish.theirs,
        wish.own,
        file("a.txt", "main", "YWhvag==")
    );
    let reply = world.call(from, "dz", "CreateMessage", &inside).await;
    world.settle().await;
    reply
}

/// Sends what must be accepted; its number.
pub async fn sent(world: &World, from: &str, to: &str, wish: Wish<'_>) -> String {
    let reply = send(world, from, to, wish).await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    reply.value("dmID")
}
