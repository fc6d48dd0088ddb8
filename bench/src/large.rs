//! A large message: up in a package of MTOM, sent, delivered, its signed form down.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use e2e::package;
use e2e::persona::Persona;

use crate::{Outcome, sizes};

/// How long a large message may take until it can be listed.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pause between looks at the list.
const LOOK: Duration = Duration::from_millis(3);
/// The attachment stands in the sealed form behind so much at most.
const HEAD: usize = 64 * 1024;
/// Less is no large message.
const SMALL: usize = 21 << 20;

/// Sender's login, recipient's login and box: of the demo, which everybody has.
const SENDER: &str = "mesto01";
const RECIPIENT: (&str, &str) = ("novak01", "nvak22s");

/// An attachment, made beforehand.
pub struct Attachment {
    /// The call that uploads it.
    upload: Vec<u8>,
    /// What the sealed form must hold of it.
    base64: String,
}

impl Attachment {
    /// An attachment of so many bytes.
    pub fn of_size(bytes: usize) -> Self {
        let line = b"Vazeni, v priloze zasilame podklady k Vasemu podani.\n";
        let content: Vec<u8> = line.iter().copied().cycle().take(bytes).collect();
        Self {
            upload: package::upload(&content),
            base64: openssl::base64::encode_block(&content),
        }
    }

    /// An attachment of the size that is measured.
    pub fn large() -> Self {
        Self::of_size(sizes::large_bytes())
    }
}

/// Sends it to somebody of the demo at `address`, and takes it from there. How long it took.
///
/// # Errors
/// Where an answer is not what it should be.
pub fn journey(address: SocketAddr, subject: &str, attachment: &Attachment) -> Result<Duration, String> {
    let (login, to) = RECIPIENT;
    let (mut sender, mut recipient) = (Persona::new(address, SENDER), Persona::new(address, login));
    let begun = Instant::now();
    let uploaded = sender
        .upload_package(&attachment.upload)
        .map_err(|error| format!("upload: {error:?}"))?;
    let id = sender
        .send_large(to, subject, &uploaded)
        .map_err(|error| format!("send: {error:?}"))?;
    loop {
        let list = recipient
            .list_received(100)
            .map_err(|error| format!("list: {error:?}"))?;
        if list.iter().any(|record| record.id == id && record.status == 6) {
            break;
        }
        if begun.elapsed() > PATIENCE {
            return Err(format!(
                "message {id} was not delivered within {} s",
                PATIENCE.as_secs()
            ));
        }
        crate::pause(LOOK);
    }
    let package = recipient
        .download_signed_package(&id)
        .map_err(|error| format!("download: {error:?}"))?;
    let took = begun.elapsed();
    if holds(package.content(), attachment.base64.as_bytes()) {
        Ok(took)
    } else {
        Err(format!("the sealed message {id} does not hold what was sent"))
    }
}

/// Whether the sealed form holds the whole attachment.
fn holds(sealed: &[u8], base64: &[u8]) -> bool {
    let begin = &base64[..base64.len().min(64)];
    let head = &sealed[..sealed.len().min(HEAD)];
    let at = head.windows(begin.len()).position(|window| window == begin);
    at.is_some_and(|at| sealed[at..].starts_with(base64))
}

/// Something small first: credentials are proven, threads started, statements prepared.
///
/// # Errors
/// As [`journey`].
pub fn warm_up(address: SocketAddr) -> Outcome<()> {
    journey(address, "Zkouška spojení", &Attachment::of_size(SMALL))?;
    Ok(())
}
