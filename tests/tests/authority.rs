//! The timestamp authority is out of order: acceptance goes on, delivery waits, downloads say 0005.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::{Duration, Instant};

use e2e::harness::{Demo, DemoOptions, openssl};
use e2e::persona::{Letter, Persona, Record, first_text, last_text, operation_body};

/// Nothing listens there: port 9 (discard) is closed on any machine of ours.
const DEAD: &str = "http://127.0.0.1:9/tsr";

fn find<'a>(records: &'a [Record], id: &str) -> Option<&'a Record> {
    records.iter().find(|record| record.id == id)
}

fn wait_for(sender: &mut Persona, id: &str, status: u8) {
    let begin = Instant::now();
    while find(&sender.list_sent(100).unwrap(), id).map(|record| record.status) != Some(status) {
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "message {id} does not reach state {status}"
        );
    }
}

#[test]
fn acceptance_goes_on_and_downloads_say_0005() {
    let folder = tempfile::tempdir().unwrap();
    let start = |tsa: Option<&str>| {
        let options = DemoOptions::default().folder(folder.path());
        let options = tsa.into_iter().fold(options, |options, url| {
            let options = options.argument("--tsa").argument(url);
            // Whom it would have to be trusted by does not matter: it never answers.
            options
                .argument("--tsa-trust")
                .argument(folder.path().join("data/trust/ca.pem"))
        });
        options.start().unwrap()
    };
    let delivered = {
        let mut demo: Demo = start(None);
        let mut sender = Persona::new(demo.address(), "mesto01");
        let id = sender.send(&Letter::new("nvak22s", "s razítkem")).unwrap();
        wait_for(&mut sender, &id, 4);
        Persona::new(demo.address(), "novak01").list_received(10).unwrap();
        demo.terminate().unwrap();
        id
    };
    let waiting = {
        let mut demo = start(Some(DEAD));
        let mut sender = Persona::new(demo.address(), "mesto01");
        let id = sender.send(&Letter::new("nvak22s", "bez razítka")).unwrap();
        assert_eq!(find(&sender.list_sent(100).unwrap(), &id).unwrap().status, 1);
        assert_eq!(sender.download_signed_sent(&id).unwrap_err().code(), Some("1229"));
        let mut recipient = Persona::new(demo.address(), "novak01");
        assert!(find(&recipient.list_received(10).unwrap(), &id).is_none());

        let body = operation_body("SignedMessageDownload", &format!("<dmID>{delivered}</dmID>"));
        let answer = recipient.post("/DS/dz", &body).unwrap();
        let text = answer.text();
        assert_eq!(last_text(&text, "StatusCode>"), Some("0005"), "{text}");
        let sealed = base64::Engine::decode(
            &base64::prelude::BASE64_STANDARD,
            first_text(&text, "dmSignature>").unwrap(),
        )
        .unwrap();
        let file = folder.path().join("unstamped.zfo");
        std::fs::write(&file, sealed).unwrap();
        openssl::verify_seal(&file, &demo.ca()).unwrap();
        demo.terminate().unwrap();
        id
    };
    let demo = start(None);
    wait_for(&mut Persona::new(demo.address(), "mesto01"), &waiting, 4);
    let mut recipient = Persona::new(demo.address(), "novak01");
    assert_eq!(find(&recipient.list_received(10).unwrap(), &waiting).unwrap().status, 6);
    recipient.download_signed(&waiting).unwrap();
}
