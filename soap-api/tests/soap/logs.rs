//! What the log says: the whole chain of what broke, under the reference that the caller was given, and nothing that is
//! anybody's business.

use crate::common;

use std::io::Write;
use std::sync::{Arc, Mutex};

use common::http::post;
use common::{World, authorization, envelope, file, message};
use tracing_subscriber::EnvFilter;

/// Where the log goes.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if let Ok(mut lines) = self.0.lock() {
            lines.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn text(&self) -> String {
        self.0
            .lock()
            .map(|lines| String::from_utf8_lossy(&lines).into_owned())
            .unwrap_or_default()
    }

    /// Takes what our own crates say on this thread, down to the finest level.
    fn capture(&self) -> tracing::subscriber::DefaultGuard {
        let lines = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(
                "isds_core=trace,wire=trace,soap_api=trace,storage=trace",
            ))
            .with_ansi(false)
            .with_writer(move || lines.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }
}

// One thread, so that every task of the server writes to this log.
#[tokio::test(flavor = "current_thread")]
async fn what_broke_is_logged_whole_under_the_reference_of_the_answer() {
    let lines = Lines::default();
    let _guard = lines.capture();
    let world = World::new().await;
    let number = world.send_message("mesto01", "nvak22s", "x").await;
    world.call("novak01", "dx", "GetListOfReceivedMessages", "").await;
    world.isds.objects.clear().await.unwrap();
    let reply = world
        .call("novak01", "dz", "MessageDownload", &format!("<dmID>{number}</dmID>"))
        .await;
    let text = reply.value("dmStatusMessage");
    let reference = text.rsplit(' ').next().unwrap();
    let log = lines.text();
    let line = log
        .lines()
        .find(|line| line.contains(reference))
        .unwrap_or_else(|| panic!("{reference} in {log}"));
    assert!(
        line.contains("ERROR") && line.contains("MessageDownload") && line.contains("storage failed: "),
        "{line}"
    );
    assert!(!text.contains("storage"), "the caller is not told what broke");
}

#[tokio::test(flavor = "current_thread")]
async fn nothing_personal_is_logged() {
    let lines = Lines::default();
    let _guard = lines.capture();
    let world = World::new().await;
    let secret = "Tajemstvi";
    let content = file(&format!("{secret}.txt"), "main", "VGFqZW1zdHZp");
    let created = world
        .call("mesto01", "dz", "CreateMessage", &message("nvak22s", secret, &content))
        .await;
    assert_eq!(created.code(), "0000");
    world.settle().await;
    let id = format!("<dmID>{}</dmID>", created.value("dmID"));
    for (service, operation) in [
        ("dx", "GetListOfReceivedMessages"),
        ("dz", "MessageDownload"),
        ("dz", "SignedMessageDownload"),
    ] {
        assert_eq!(world.call("novak01", service, operation, &id).await.code(), "0000");
    }
    for broken in [
        format!("<{secret}>"),
        envelope(&format!("<{secret}/>")),
        envelope("<a/>").replace("<Envelope", &format!("<!DOCTYPE {secret}><Envelope")),
        envelope(&format!(
            "<AuthenticateMessage xmlns=\"http://isds.czechpoint.cz/v20\"><dmMessage>{secret}!</dmMessage></AuthenticateMessage>"
        )),
    ] {
        world.send("novak01", "dz", &broken).await;
    }
    let wrong = authorization("novak01").replace(
        &base64_simd::STANDARD.encode_to_string("novak01:DemoHeslo2026"),
        "bm92YWswMTpUYWplbXN0dmk=",
    );
    assert_eq!(post(world.address, "/DS/dz", &wrong, "text/xml", b"").await.status, 401);
    let log = lines.text();
    assert!(log.contains("could not be read"), "the log was captured: {log}");
    for word in [secret, "VGFqZW1zdHZp", "DemoHeslo2026", "Novák", "Vzorov", "Basic "] {
        assert!(!log.contains(word), "{word} stands in the log:\n{log}");
    }
}
