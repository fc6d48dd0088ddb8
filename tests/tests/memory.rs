//! Resident memory while a message of 20 MB goes in and out.

use e2e::harness::Demo;
use e2e::persona::{Letter, Persona};
use e2e::sealed;

/// Growth that is allowed, in bytes.
const ALLOWED: u64 = 96 << 20;
/// The largest ordinary message.
const SIZE: usize = 20 << 20;

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
