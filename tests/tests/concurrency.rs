//! Many clients at once: nothing is lost, nothing is counted twice, and nobody spends money that is not there.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::thread;

use e2e::harness::{Demo, DemoOptions, PrivateCluster};
use e2e::persona::{CallError, Letter, Persona, soap};

/// Clients that send postal messages from one box, on its credit.
const SPENDERS: usize = 16;
/// Clients that send public messages.
const SENDERS: usize = 8;
/// Clients that add users to one box.
const ADMINISTRATORS: usize = 8;
/// Public messages and users a client.
const EACH: usize = 6;
/// Price of a postal message of the demo, in hellers.
const PRICE: i64 = 1000;

#[test]
fn many_clients_on_sqlite() {
    many_clients(&DemoOptions::default().start().unwrap());
}

#[test]
fn many_clients_on_postgresql() {
    let cluster = PrivateCluster::start().unwrap();
    let url = cluster.create_database("concurrency").unwrap();
    many_clients(&DemoOptions::default().database(&url).start().unwrap());
}

fn many_clients(demo: &Demo) {
    let address = demo.address();
    let before = credit(address);
    assert!((PRICE..1_000_000).contains(&before), "{before}");
    // All public messages have the same subject, so that nothing but the number tells them apart.
    let (postal, public) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..SPENDERS {
            scope.spawn(|| spend(address, &postal));
        }
        for _ in 0..SENDERS {
            scope.spawn(|| {
                let mut office = Persona::new(address, "mesto01");
                for _ in 0..EACH {
                    let id = office.send(&Letter::new("kraj227", "Souběh")).unwrap();
                    public.lock().unwrap().push(id);
                }
            });
        }
        for administrator in 0..ADMINISTRATORS {
            scope.spawn(move || add_users(address, administrator));
        }
    });
    let (postal, public) = (postal.into_inner().unwrap(), public.into_inner().unwrap());

    // Every heller was spent once: as many messages as the credit paid for, and not one more.
    assert_eq!(postal.len() as i64, before / PRICE);
    assert_eq!(credit(address), before % PRICE);
    assert_listed(address, "firma01", &postal);
    assert_listed(address, "mesto01", &public);
    assert_eq!(public.len(), SENDERS * EACH);
    let users = Persona::new(address, "kraj01")
        .call(
            "/DS/DsManage",
            &soap("<GetDataBoxUsers2 xmlns=\"http://isds.czechpoint.cz/v20\"><dbID>kraj227</dbID></GetDataBoxUsers2>"),
        )
        .unwrap();
    for administrator in 0..ADMINISTRATORS {
        for user in 0..EACH {
            let name = name(administrator, user);
            assert_eq!(users.matches(&format!(">{name}<")).count(), 1, "{name}: {users}");
        }
    }
}

/// Sends postal messages until the credit is used up.
fn spend(address: SocketAddr, sent: &Mutex<Vec<String>>) {
    let mut firm = Persona::new(address, "firma01");
    loop {
        match firm.send(&Letter::new("zivna27", "Nabídka")) {
            Ok(id) => sent.lock().unwrap().push(id),
            Err(error) if error.code() == Some("1205") => return,
            Err(error) => unexpected(&error),
        }
    }
}

#[expect(clippy::panic, reason = "the test has failed")]
fn unexpected(error: &CallError) {
    panic!("{error:?}");
}

fn credit(address: SocketAddr) -> i64 {
    let body = "<DataBoxCreditInfo xmlns=\"http://isds.czechpoint.cz/v20\"><dbID>firma2x</dbID><ciFromDate/>\
        <ciTodate/></DataBoxCreditInfo>";
    let answer = Persona::new(address, "firma01").call("/DS/df", &soap(body)).unwrap();
    let (_, rest) = answer.split_once("currentCredit>").unwrap();
    rest.split_once('<').unwrap().0.parse().unwrap()
}

/// Every number was given out once and stands in the sender's list once.
fn assert_listed(address: SocketAddr, login: &str, sent: &[String]) {
    let distinct: BTreeSet<&String> = sent.iter().collect();
    assert_eq!(distinct.len(), sent.len(), "a number was given out twice");
    let listed = Persona::new(address, login).list_sent(10_000).unwrap();
    for id in sent {
        assert_eq!(listed.iter().filter(|record| record.id == *id).count(), 1, "{id}");
    }
}

/// Names of people whom only this test knows: letters alone, since they are names.
fn name(administrator: usize, user: usize) -> String {
    let letter = |number: usize| char::from(b'a' + u8::try_from(number).unwrap());
    format!("Vzorný-{}{}", letter(administrator), letter(user))
}

fn add_users(address: SocketAddr, administrator: usize) {
    let mut operator = Persona::new(address, "spravce01");
    for user in 0..EACH {
        let name = name(administrator, user);
        let body = format!(
            "<AddDataBoxUser2 xmlns=\"http://isds.czechpoint.cz/v20\"><dbID>kraj227</dbID><dbUserInfo>\
             <pnGivenNames>Jan</pnGivenNames><pnLastName>{name}</pnLastName><adCity>Vzorov</adCity>\
             <biDate>1990-04-17</biDate><userType>ENTRUSTED_USER</userType><userPrivils>8</userPrivils></dbUserInfo>\
             </AddDataBoxUser2>"
        );
        operator.call("/DS/DsManage", &soap(&body)).unwrap();
    }
}
