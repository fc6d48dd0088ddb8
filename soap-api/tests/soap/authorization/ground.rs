//! What the calls are about: the office's box and a firm's box that was closed, each with the same things in it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::data_box::DataBox;
use isds_core::ids::{BoxId, IsdsId, MembershipId, MessageId, PersonId};
use isds_core::message::{Input, SideOf, apply};
use isds_core::ports::MessageChange;
use isds_core::privileges::Privileges;
use isds_core::user::{Membership, Person, UserType};
use isds_core::{Limits, hash_password};
use jiff::civil::date;
use soap_api::SoapConfig;

use super::callers::{CALLERS, Caller};
use crate::common::people::PASSWORD;
use crate::common::{World, file, message, postal};

/// What lies in a box.
pub struct Things {
    /// Received, delivered by login, for nobody in particular.
    pub received: String,
    /// The same, for the addressee in person.
    pub personal: String,
    /// Received from somebody who is no authority.
    pub from_a_firm: String,
    /// Sent and delivered in.
    pub sent: String,
    pub large_received: String,
    pub large_sent: String,
    /// `dmExtFile` of an attachment that was uploaded.
    pub upload: String,
    /// Number of a list of erased messages that is ready.
    pub order: String,
    /// Received ones for calls that change them.
    spare: Mutex<Vec<String>>,
}

/// A system with everything in it that is asked for.
pub struct Ground {
    pub world: World,
    pub office: Things,
    pub closed: Things,
    /// A sealed document, in base64.
    pub sealed: String,
    /// One that was sealed before CAdES, in base64.
    pub old_seal: String,
    next: AtomicU32,
}

impl Ground {
    pub async fn new() -> Self {
        // What holds for megabytes, in bytes: an ordinary message takes 200, a large one 180 to 1000.
        let limits = Limits {
            message_bytes: 200,
            large_message_least_bytes: 180,
            large_message_bytes: 1000,
            upload_quota_bytes: 100_000,
            ..Limits::default()
        };
        let world = World::with(SoapConfig::default(), limits).await;
        postal::add_firms(&world).await;
        add_joiner(&world).await;
        add_callers(&world).await;
        let office = things(&world, "mesto01", "mesta2j", "firma2x", "firma01").await;
        let closed = things(&world, "truhl01", "zivna27", "mesta2j", "mesto01").await;
        for n in 0..2 {
            let spare = sent(&world, "mesto01", "zivna27", &n.to_string()).await;
            closed.spare.lock().unwrap().push(spare);
        }
        list(&world, "truhl01").await;
        let today = "<dbOwnerDisableDate>2026-06-01</dbOwnerDisableDate>";
        manage(&world, "DisableDataBoxExternally2", "zivna27", today).await;
        accepted(
            &world
                .call_as_application("dx", "RegisterForNotifications", "<action>1</action>")
                .await,
        );
        let id = format!("<dmID>{}</dmID>", office.received);
        let sealed = world
            .call("mesto01", "dz", "SignedMessageDownload", &id)
            .await
            .value("dmSignature");
        let mut old_seal = base64_simd::STANDARD.decode_to_vec(&sealed).unwrap();
        old_seal.extend_from_slice(b"\nplain -");
        Self {
            world,
            office,
            closed,
            sealed,
            old_seal: base64_simd::STANDARD.encode_to_string(old_seal),
            next: AtomicU32::new(1),
        }
    }

    /// What the caller asks for.
    pub fn things(&self, caller: &Caller) -> &Things {
        if caller.target == "zivna27" {
            &self.closed
        } else {
            &self.office
        }
    }

    /// A number never used before.
    pub fn next(&self) -> u32 {
        self.next.fetch_add(1, Ordering::SeqCst)
    }

    /// The identifier of a box that nobody has.
    fn box_id(&self) -> BoxId {
        let digits = format!("{:06}", self.next());
        let letters: String = digits.bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
        BoxId::from_data(&letters).unwrap()
    }

    /// A message that the target received, delivered, and that no other call knows.
    pub async fn received(&self, caller: &Caller) -> String {
        // Nothing is delivered to a box that is not accessible: what it gets was put there before.
        let spare = self.things(caller).spare.lock().unwrap().pop();
        if let Some(id) = spare {
            return id;
        }
        let id = sent(&self.world, "novak01", "mesta2j", "Podání").await;
        list(&self.world, "mesto01").await;
        id
    }

    /// The same, moved into the vault as its retention ends.
    pub async fn in_vault(&self, caller: &Caller) -> String {
        let id = self.received(caller).await;
        let store = &self.world.isds.store;
        let message = store
            .lookup_message(MessageId(id.parse().unwrap()))
            .await
            .unwrap()
            .unwrap();
        let expired = Input::Expire {
            side: SideOf::Recipient,
            vault_until: Some(self.world.isds.clock.legal().plus_seconds(86_400)),
        };
        let change = MessageChange {
            state: apply(&message.state, expired).unwrap().state,
            ..MessageChange::unchanged(&message)
        };
        store.apply_changes(&[change]).await.unwrap();
        id
    }

    /// A user of the target with VIEW_INFO, whom no other call knows: identifier and last name.
    pub async fn user(&self, caller: &Caller) -> (String, String) {
        let n = self.next();
        let (isds_id, last_name) = (format!("DS_vzor{n:05}"), format!("Vzorná-{n}"));
        let store = &self.world.isds.store;
        let person = Person {
            id: PersonId(0),
            given_names: "Eva".into(),
            last_name: last_name.clone(),
            birth_date: Some(date(1990, 4, 17)),
            address: Default::default(),
            aifo_known: false,
        };
        let membership = Membership {
            id: MembershipId(0),
            isds_id: IsdsId(isds_id.clone()),
            box_id: Some(caller.target.parse().unwrap()),
            person_id: store.add_person(&person).await.unwrap(),
            user_type: UserType::EntrustedUser,
            privileges: Privileges(8),
        };
        store.add_membership(&membership).await.unwrap();
        (isds_id, last_name)
    }

    /// The box that a call for administration is about: one of its own for the administrator of the system, who may do
    /// everything to it, the target for all others.
    pub async fn data_box(&self, caller: &Caller, state: BoxState) -> String {
        if caller.heading != "system" {
            return caller.target.into();
        }
        let store = &self.world.isds.store;
        let citizen = store.lookup_box("nvak22s".parse().unwrap()).await.unwrap().unwrap();
        let data_box = DataBox {
            id: self.box_id(),
            box_type: BoxType::Fo,
            state,
            last_name: Some(format!("Vzorný-{}", self.next())),
            ..citizen
        };
        store.add_box(&data_box).await.unwrap();
        data_box.id.as_str().into()
    }

    /// A firm whose description may change, and its number.
    pub async fn firm(&self) -> (String, String) {
        let store = &self.world.isds.store;
        let firm = store.lookup_box("firma2x".parse().unwrap()).await.unwrap().unwrap();
        let ic = format!("{:08}", 90_000_000 + self.next());
        let data_box = DataBox {
            id: self.box_id(),
            ic: Some(ic.clone()),
            ..firm
        };
        store.add_box(&data_box).await.unwrap();
        (data_box.id.as_str().into(), ic)
    }
}

pub fn accepted(reply: &crate::common::http::Reply) {
    assert!(reply.status == 200 && reply.code().starts_with("00"), "{}", reply.body);
}

/// The box that is closed once everything is in it.
async fn add_joiner(world: &World) {
    let store = &world.isds.store;
    let firm = store.lookup_box("firma2x".parse().unwrap()).await.unwrap().unwrap();
    let joiner = DataBox {
        id: "zivna27".parse().unwrap(),
        box_type: BoxType::Pfo,
        given_names: Some("Petr".into()),
        last_name: Some("Vzorek".into()),
        firm_name: Some("Petr Vzorek – truhlářství".into()),
        open_addressing: true,
        ..firm
    };
    store.add_box(&joiner).await.unwrap();
}

/// Whoever among the callers is not among the people of all tests.
async fn add_callers(world: &World) {
    let store = &world.isds.store;
    let hash = hash_password(&*world.isds.random, PASSWORD).unwrap();
    for caller in CALLERS {
        let (Some(login), Some((box_id, user_type, privileges))) = (caller.login, caller.user) else {
            continue;
        };
        let person = Person {
            id: PersonId(0),
            given_names: "Eva".into(),
            last_name: "Vzorová".into(),
            birth_date: Some(date(1982, 7, 8)),
            address: Default::default(),
            aifo_known: false,
        };
        let membership = Membership {
            id: MembershipId(0),
            isds_id: IsdsId(format!("DS_{login:x>9}")),
            box_id: Some(box_id.parse().unwrap()),
            person_id: store.add_person(&person).await.unwrap(),
            user_type,
            privileges: Privileges(privileges),
        };
        let membership = store.add_membership(&membership).await.unwrap();
        store.add_password(login, membership, &hash, None).await.unwrap();
    }
}

async fn manage(world: &World, operation: &str, box_id: &str, more: &str) {
    let inside = format!("<dbID>{box_id}</dbID>{more}");
    let reply = world.call("spravce01", "DsManage", operation, &inside).await;
    assert!(reply.code().starts_with("00"), "{operation} {box_id}: {}", reply.body);
}

async fn list(world: &World, login: &str) {
    accepted(&world.call(login, "dx", "GetListOfReceivedMessages", "").await);
}

async fn sent(world: &World, from: &str, to: &str, subject: &str) -> String {
    world.send_message(from, to, subject).await
}

/// Puts everything into the box `own` of `holder`, with another box as the other side.
async fn things(world: &World, holder: &str, own: &str, other: &str, writer: &str) -> Things {
    let personal = message(own, "Do vlastních rukou", &file("a.txt", "main", "YWhvag==")).replace(
        "</dmEnvelope>",
        "<dmPersonalDelivery>true</dmPersonalDelivery></dmEnvelope>",
    );
    let personal = world.call(writer, "dz", "CreateMessage", &personal).await;
    accepted(&personal);
    let (large_received, _) = large(world, writer, own).await;
    let (large_sent, upload) = large(world, holder, other).await;
    let order = "<dmYear>2026</dmYear><dmMessageType>SENT</dmMessageType><dmOutFormat>XML</dmOutFormat>";
    let order = world.call(holder, "dx", "GetListOfErasedMessages", order).await;
    accepted(&order);
    // The firm sends to the other firm for money and to the office without.
    postal::top_up(world, "firma2x", 100_000, own).await;
    let things = Things {
        received: sent(world, writer, own, "Přijatá").await,
        personal: personal.value("dmID"),
        from_a_firm: sent(world, "firma01", own, "Podezřelá").await,
        sent: sent(world, holder, other, "Odeslaná").await,
        large_received,
        large_sent,
        upload,
        order: order.value("asyncID"),
        spare: Mutex::default(),
    };
    list(world, holder).await;
    list(world, writer).await;
    things
}

/// A large message on its way: its number, and the reference to its attachment.
async fn large(world: &World, from: &str, to: &str) -> (String, String) {
    let content = base64_simd::STANDARD.encode_to_string([b'a'; 190]);
    let uploaded = format!(
        "<dmFile dmMimeType=\"text/plain\" dmFileDescr=\"a.txt\"><dmEncodedContent>{content}</dmEncodedContent></dmFile>"
    );
    let uploaded = world.call(from, "vodz", "UploadAttachment", &uploaded).await;
    accepted(&uploaded);
    let reference = format!(
        "<dmExtFile dmFileMetaType=\"main\" dmAttID=\"{}\" dmAttHash1=\"{}\" dmAttHash1Alg=\"SHA-256\" dmAttHash2=\"{}\" \
         dmAttHash2Alg=\"SHA3-256\"/>",
        uploaded.value("dmAttID"),
        uploaded.value("dmAttHash1"),
        uploaded.value("dmAttHash2")
    );
    let created = world
        .call(from, "vodz", "CreateBigMessage", &message(to, "Velká", &reference))
        .await;
    accepted(&created);
    world.settle().await;
    (created.value("dmID"), reference)
}
