//! Resident memory while large content goes in and out.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use std::net::SocketAddr;

use e2e::harness::Demo;
use e2e::persona::{Letter, Persona, Record, upload_body};
use e2e::sealed;

/// Growth that is allowed, in bytes.
const ALLOWED: u64 = 96 << 20;
/// The largest ordinary message.
const SIZE: usize = 20 << 20;
/// Growth that is allowed while large messages go in and out, in bytes.
const ALLOWED_LARGE: u64 = 64 << 20;
/// The largest large message.
const LARGE: usize = 100 << 20;
/// How many of them at once.
const AT_ONCE: usize = 4;

#[test]
fn twenty_megabytes_in_and_out() {
    let demo = Demo::start().unwrap();
    let mut sender = Persona::new(demo.address(), "mesto01");
    let mut recipient = Persona::new(demo.address(), "novak01");
    // One small message first: threads, pools and caches are part of idling.
    sender.send(&Letter::new("nvak22s", "malá zpráva")).unwrap();
    recipient.list_received(10).unwrap();
    let idle = demo.memory().unwrap().resident;
    demo.reset_peak().unwrap();

    let id = sender
        .send(&Letter::new("nvak22s", "velká zpráva").of_size(SIZE))
        .unwrap();
    let begin = std::time::Instant::now();
    while !recipient
        .list_received(10)
        .unwrap()
        .iter()
        .any(|record| record.id == id && record.status == 6)
    {
        assert!(begin.elapsed().as_secs() < 60, "message {id} is not delivered");
    }
    let sealed = recipient.download_signed(&id).unwrap();
    assert!(sealed.len() > SIZE);
    assert!(
        recipient
            .of_message("/DS/dx", "VerifyMessage", &id)
            .unwrap()
            .contains(&sealed::dm_dm_hash(&sealed))
    );
    let plain = recipient.of_message("/DS/dz", "MessageDownload", &id).unwrap();
    assert_eq!(sealed::dm_dm(plain.as_bytes()), sealed::dm_dm(&sealed));

    let growth = demo.memory().unwrap().peak.saturating_sub(idle);
    println!("idle {} MB, growth {} MB", idle >> 20, growth >> 20);
    assert!(growth < ALLOWED, "grew by {} MB over {} MB", growth >> 20, idle >> 20);
}

/// Each in base64: uploaded, sent, delivered, downloaded with its seal. Then one that comes back is examined.
#[test]
fn four_large_messages_at_once() {
    let demo = Demo::start().unwrap();
    let line = b"Vazeni, v priloze zasilame podklady k Vasemu podani.\n";
    let content: Vec<u8> = line.iter().copied().cycle().take(LARGE).collect();
    let body = upload_body(&content);
    // A small journey first: threads, pools and caches are part of idling.
    warm_up(&demo);
    let idle = demo.memory().unwrap().resident;
    demo.reset_peak().unwrap();
    let sealed: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let begin = |number| {
            let (body, content, address) = (&body, &content, demo.address());
            scope.spawn(move || journey(address, &format!("velká zpráva {number}"), body, content))
        };
        let journeys: Vec<_> = (0..AT_ONCE).map(begin).collect();
        journeys.into_iter().map(|journey| journey.join().unwrap()).collect()
    });
    assert_grew_less(&demo, idle, ALLOWED_LARGE);

    demo.reset_peak().unwrap();
    let mut anybody = Persona::new(demo.address(), "firma02");
    assert!(anybody.authenticates_large(&sealed[0]).unwrap());
    assert_grew_less(&demo, idle, ALLOWED_LARGE);
}

fn assert_grew_less(demo: &Demo, idle: u64, allowed: u64) {
    let growth = demo.memory().unwrap().peak.saturating_sub(idle);
    println!("idle {} MB, growth {} MB", idle >> 20, growth >> 20);
    assert!(growth < allowed, "grew by {} MB over {} MB", growth >> 20, idle >> 20);
}

/// To several recipients, whose messages share what they carry.
#[test]
fn twenty_megabytes_to_seven() {
    let demo = Demo::start().unwrap();
    warm_up(&demo);
    let recipients: String = [
        "nvak22s", "maria2f", "kraj227", "firma2x", "banka2q", "advka2c", "zivna27",
    ]
    .iter()
    .map(|id| format!("<dmRecipient><dbIDRecipient>{id}</dbIDRecipient><dmToHands/></dmRecipient>"))
    .collect();
    let one = String::from_utf8(Letter::new("nvak22s", "oběžník").of_size(SIZE).to_soap()).unwrap();
    let body = one
        .replace("CreateMessage", "CreateMultipleMessage")
        .replace("<dbIDRecipient>nvak22s</dbIDRecipient>", "")
        .replace(
            "<dmEnvelope>",
            &format!("<dmRecipients>{recipients}</dmRecipients><dmEnvelope>"),
        );
    let mut sender = Persona::new(demo.address(), "mesto01");
    let idle = demo.memory().unwrap().resident;
    demo.reset_peak().unwrap();
    let answer = sender.call("/DS/dz", body.as_bytes()).unwrap();
    assert_eq!(answer.matches(":dmID>").count(), 14, "{answer}");
    assert_grew_less(&demo, idle, SIZE as u64);
}

fn warm_up(demo: &Demo) {
    let mut sender = Persona::new(demo.address(), "mesto01");
    let id = sender.send(&Letter::new("nvak22s", "malá zpráva")).unwrap();
    deliver(&mut Persona::new(demo.address(), "novak01"), &id);
}

/// Lists until the message is there and delivered.
fn deliver(recipient: &mut Persona, id: &str) {
    let begin = std::time::Instant::now();
    let delivered = |record: &Record| record.id == id && record.status == 6;
    while !recipient.list_received(10).unwrap().iter().any(delivered) {
        assert!(begin.elapsed().as_secs() < 60, "message {id} is not delivered");
    }
}

fn journey(address: SocketAddr, subject: &str, body: &[u8], content: &[u8]) -> Vec<u8> {
    let (mut sender, mut recipient) = (Persona::new(address, "mesto01"), Persona::new(address, "novak01"));
    let uploaded = sender.upload(body).unwrap();
    let id = sender.send_large("nvak22s", subject, &uploaded).unwrap();
    deliver(&mut recipient, &id);
    let sealed = recipient.download_signed_large(&id).unwrap();
    assert!(sealed.len() > content.len() / 3 * 4);
    let verified = recipient.of_message("/DS/dx", "VerifyMessage", &id).unwrap();
    assert!(verified.contains(&sealed::dm_dm_hash(&sealed)), "{verified}");
    sealed
}
