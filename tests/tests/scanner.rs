//! A demo with ClamAV's daemon: what is found is not delivered, and what cannot be judged waits.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use e2e::harness::clamd::EVIL;
use e2e::harness::{Clamd, Demo, DemoOptions, http, pause};
use e2e::persona::{Letter, Persona, Record, upload_body};

const MEGABYTE: usize = 1 << 20;
/// What may come once the scanner is back.
const SOON: Duration = Duration::from_secs(20);
/// A scanner that says nothing is given 25 s for a file, and as many for another.
const PATIENCE: Duration = Duration::from_secs(100);

fn demo_with(clamd: &Clamd) -> Demo {
    DemoOptions::default()
        .argument("--clamd")
        .argument(clamd.address())
        .start()
        .unwrap()
}

fn status(records: &[Record], id: &str) -> Option<u8> {
    records
        .iter()
        .find(|record| record.id == id)
        .map(|record| record.status)
}

/// Waits until the sender sees the message in this state.
fn wait_for(sender: &mut Persona, id: &str, wanted: u8, within: Duration) {
    let begun = Instant::now();
    loop {
        let now = status(&sender.list_sent(200).unwrap(), id);
        if now == Some(wanted) {
            return;
        }
        assert!(begun.elapsed() < within, "message {id} is {now:?} and not {wanted}");
        pause();
    }
}

/// What the system says of its health, once it says this of the scanner.
fn wait_for_health(demo: SocketAddr, out_of_order: bool, within: Duration) {
    let begun = Instant::now();
    loop {
        let answer = http::get(demo, "/health/ready", Duration::from_secs(5)).unwrap();
        assert_eq!(answer.status, 200, "without a scanner everything else goes on");
        if answer.text().contains("scanner is out of order") == out_of_order {
            return;
        }
        assert!(begun.elapsed() < within, "{}", answer.text());
        pause();
    }
}

/// Some text of this length with the evil in its middle.
fn evil(length: usize) -> Vec<u8> {
    let line = b"Vazeni, v priloze zasilame podklady k Vasemu podani.\n";
    let mut text: Vec<u8> = line.iter().copied().cycle().take(length).collect();
    let at = length / 2;
    text[at..at + EVIL.len()].copy_from_slice(EVIL.as_bytes());
    text
}

#[test]
fn what_is_found_is_not_delivered() {
    let clamd = Clamd::start(110).unwrap();
    let demo = demo_with(&clamd);
    let mut sender = Persona::new(demo.address(), "mesto01");
    let mut recipient = Persona::new(demo.address(), "novak01");
    let clean = Letter::new("nvak22s", "čistá");
    let file = |name: &str, content: Vec<u8>| (name.to_owned(), content);
    let letters = [
        (4, clean.clone()),
        (4, clean.clone().of_size(MEGABYTE)),
        (
            3,
            Letter {
                files: vec![file("a.txt", evil(100))],
                ..clean.clone()
            },
        ),
        (
            3,
            Letter {
                files: vec![file("a.txt", b"dobry".to_vec()), file("b.txt", evil(100))],
                ..clean.clone()
            },
        ),
        (
            3,
            Letter {
                files: vec![file("a.txt", evil(2 * MEGABYTE))],
                ..clean
            },
        ),
    ];
    let sent: Vec<(u8, String)> = letters
        .iter()
        .map(|(end, letter)| (*end, sender.send(letter).unwrap()))
        .collect();
    for (end, id) in &sent {
        wait_for(&mut sender, id, *end, SOON);
    }
    let received = recipient.list_received(100).unwrap();
    for (end, id) in &sent {
        assert_eq!(status(&received, id), (*end == 4).then_some(6), "{id}");
        let info = sender.delivery_info(id).unwrap();
        assert_eq!(info.contains("EV8:"), *end == 3, "{info}");
        let sealed = sender.download_signed_sent(id);
        match end {
            3 => assert_eq!(sealed.unwrap_err().code(), Some("1219")),
            _ => assert!(!sealed.unwrap().is_empty()),
        }
    }
    // One message of the system for each of the three.
    let begun = Instant::now();
    let told = |record: &Record| record.subject.starts_with("Datová zpráva nebyla dodána");
    while sender
        .list_received(100)
        .unwrap()
        .iter()
        .filter(|record| told(record))
        .count()
        != 3
    {
        assert!(begun.elapsed() < SOON);
        pause();
    }

    // A large attachment is scanned as it comes, and never held whole.
    let size = 40 * MEGABYTE;
    let refused = sender.upload(&upload_body(&evil(size))).unwrap_err();
    assert_eq!(refused.code(), Some("1214"), "{refused}");
    let text: Vec<u8> = b"Vazeni, zasilame.\n".iter().copied().cycle().take(size).collect();
    let body = upload_body(&text);
    let idle = demo.memory().unwrap().resident;
    demo.reset_peak().unwrap();
    let uploaded = sender.upload(&body).unwrap();
    let id = sender.send_large("nvak22s", "velká zpráva", &uploaded).unwrap();
    wait_for(&mut sender, &id, 4, 3 * SOON);
    let growth = demo.memory().unwrap().peak.saturating_sub(idle);
    println!("growth {} MB", growth >> 20);
    assert!(growth < size as u64, "grew by {} MB", growth >> 20);
    assert_eq!(status(&recipient.list_received(100).unwrap(), &id), Some(6));
}

#[test]
fn a_killed_scanner_is_waited_for() {
    let mut clamd = Clamd::start(110).unwrap();
    let demo = demo_with(&clamd);
    let mut sender = Persona::new(demo.address(), "mesto01");
    // In the middle of its work.
    let mut sent: Vec<String> = (0..10)
        .map(|number| {
            sender
                .send(&Letter::new("nvak22s", &format!("před {number}")).of_size(MEGABYTE))
                .unwrap()
        })
        .collect();
    clamd.kill_hard().unwrap();
    wait_for_health(demo.address(), true, 2 * PATIENCE);
    let mut sender = Persona::new(demo.address(), "mesto01");
    // Everything is accepted as ever: messages, and uploads, which their message will have scanned.
    sent.extend((0..20).map(|number| sender.send(&Letter::new("nvak22s", &format!("po {number}"))).unwrap()));
    let uploaded = sender.upload(&upload_body(&evil(19 * MEGABYTE))).unwrap();
    let evil = sender.send_large("nvak22s", "velká zpráva", &uploaded).unwrap();
    wait_for(&mut sender, &evil, 2, SOON);
    wait_for(&mut sender, sent.last().unwrap(), 2, SOON);
    let log = std::fs::read_to_string(demo.log()).unwrap();
    assert_eq!(
        log.matches("the scanner is out of order: messages wait").count(),
        1,
        "said once"
    );

    clamd.serve().unwrap();
    let begun = Instant::now();
    for id in &sent {
        wait_for(&mut sender, id, 4, SOON);
    }
    println!(
        "{} messages delivered {} ms after the scanner was back",
        sent.len(),
        begun.elapsed().as_millis()
    );
    wait_for(&mut sender, &evil, 3, SOON);
    wait_for_health(demo.address(), false, SOON);
    let received = Persona::new(demo.address(), "novak01").list_received(200).unwrap();
    assert!(
        sent.iter()
            .all(|id| received.iter().filter(|record| record.id == *id).count() == 1)
    );
    assert_eq!(status(&received, &evil), None);
}

#[test]
fn a_scanner_that_says_nothing_holds_nobody_up() {
    let clamd = Clamd::start(110).unwrap();
    let mut demo = demo_with(&clamd);
    let mut sender = Persona::new(demo.address(), "mesto01");
    let first = sender.send(&Letter::new("nvak22s", "první")).unwrap();
    wait_for(&mut sender, &first, 4, SOON);
    clamd.hang().unwrap();
    // A node is ended while it waits for a verdict: it does not wait, and leaves no lease behind.
    let second = sender.send(&Letter::new("nvak22s", "druhá")).unwrap();
    wait_for(&mut sender, &second, 2, SOON);
    let begun = Instant::now();
    demo.terminate().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(9), "{:?}", begun.elapsed());
    demo.restart().unwrap();
    wait_for_health(demo.address(), true, PATIENCE);
    let mut sender = Persona::new(demo.address(), "mesto01");
    assert_eq!(status(&sender.list_sent(100).unwrap(), &second), Some(2));
    let third = sender.send(&Letter::new("nvak22s", "třetí")).unwrap();
    clamd.go_on().unwrap();
    for id in [&second, &third] {
        wait_for(&mut sender, id, 4, SOON);
    }
    // And one that stops in the middle of everything.
    clamd.hang().unwrap();
    let fourth = sender.send(&Letter::new("nvak22s", "čtvrtá")).unwrap();
    wait_for_health(demo.address(), true, PATIENCE);
    // The former connection was idle for too long.
    let mut sender = Persona::new(demo.address(), "mesto01");
    assert_eq!(status(&sender.list_sent(100).unwrap(), &fourth), Some(2));
    clamd.go_on().unwrap();
    wait_for(&mut sender, &fourth, 4, SOON);
}

/// Something that answers the same to everybody.
fn babble() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut connection = connection;
                let mut read = [0; 4096];
                let _ = connection.read(&mut read);
                let _ = connection.write_all(b"220 mail.example.test ESMTP\r\n\0");
            });
        }
    });
    address
}

#[test]
fn nonsense_is_no_verdict_and_neither_is_a_limit() {
    let folder = tempfile::tempdir().unwrap();
    let start = |address: std::ffi::OsString| {
        let options = DemoOptions::default().folder(folder.path());
        options.argument("--clamd").argument(address).start().unwrap()
    };
    let waiting = {
        let mut demo = start(babble().to_string().into());
        let mut sender = Persona::new(demo.address(), "mesto01");
        let id = sender.send(&Letter::new("nvak22s", "čeká")).unwrap();
        wait_for_health(demo.address(), true, SOON);
        wait_for(&mut sender, &id, 2, SOON);
        demo.terminate().unwrap();
        id
    };
    // One that takes little and then more.
    let mut clamd = Clamd::stopped().unwrap();
    clamd.configure(1, 1).unwrap();
    clamd.serve().unwrap();
    let demo = start(clamd.address().into());
    let mut sender = Persona::new(demo.address(), "mesto01");
    wait_for(&mut sender, &waiting, 4, SOON);
    let large = sender
        .send(&Letter::new("nvak22s", "velká").of_size(3 * MEGABYTE))
        .unwrap();
    let small = sender.send(&Letter::new("nvak22s", "malá")).unwrap();
    wait_for(&mut sender, &small, 4, SOON);
    wait_for(&mut sender, &large, 2, SOON);
    let begun = Instant::now();
    while !std::fs::read_to_string(demo.log())
        .unwrap()
        .contains("files as large as this one")
    {
        assert!(begun.elapsed() < SOON, "the operator is told");
        pause();
    }
    clamd.kill_hard().unwrap();
    clamd.configure(110, 110).unwrap();
    clamd.serve().unwrap();
    wait_for(&mut sender, &large, 4, 3 * SOON);
}

#[test]
fn the_doctor_tries_it_with_the_largest_file() {
    let folder = tempfile::tempdir().unwrap();
    // Keys to look at: those of a demo do.
    let demo = DemoOptions::default().folder(folder.path()).start().unwrap();
    let at = |name: &str| demo.data().join(name).display().to_string();
    let mut clamd = Clamd::stopped().unwrap();
    let config = format!(
        "listen = \"127.0.0.1:0\"\ndatabase = \"sqlite:{}\"\nobjects = \"file:{}\"\nmaster_key = \"{}\"\n\
         tsa = \"http://127.0.0.1:9/tsr\"\ntrust = \"{}\"\nclamd = \"{}\"\nlarge_message_bytes = 20971520\n\
         [seal]\ncertificate = \"{}\"\nkey = \"{}\"\n",
        at("serve.db"),
        at("serve-objects"),
        at("serve-master.key"),
        at("trust/ca.pem"),
        clamd.address().display(),
        at("keys/seal.cert.pem"),
        at("keys/seal.key.pem"),
    );
    let file = folder.path().join("isds.toml");
    std::fs::write(&file, config).unwrap();
    let doctor = || {
        let output = std::process::Command::new(demo.binary())
            .args(["doctor", "--config"])
            .arg(&file)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        said.lines().find(|line| line.contains("scanner:")).unwrap().to_owned()
    };
    let says = |beginning: &str, word: &str| {
        let said = doctor();
        assert!(said.starts_with(beginning) && said.contains(word), "{said}");
    };
    says("ILL", "of no use");
    for (takes, looks_into, beginning, word) in [
        (21, 21, "ok", "ClamAV"),
        (10, 21, "ILL", "StreamMaxLength"),
        (21, 10, "ILL", "MaxFileSize"),
    ] {
        clamd.configure(takes, looks_into).unwrap();
        clamd.serve().unwrap();
        says(beginning, word);
        clamd.kill_hard().unwrap();
    }
}
