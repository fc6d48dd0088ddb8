//! Large messages in small: uploads, and messages made of them.

use isds_core::Limits;
use soap_api::SoapConfig;

use super::http::Reply;
use super::{World, file};

/// What holds for megabytes, in bytes: an ordinary message takes 200, a large one 180 to 1000, a box may upload 1500.
pub async fn small_world() -> World {
    let limits = Limits {
        message_bytes: 200,
        large_message_least_bytes: 180,
        large_message_bytes: 1000,
        upload_quota_bytes: 1500,
        ..Limits::default()
    };
    World::with(SoapConfig::default(), limits).await
}

pub fn base64(content: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(content)
}

pub fn upload(mime: &str, name: &str, content: &[u8]) -> String {
    format!(
        "<dmFile dmMimeType=\"{mime}\" dmFileDescr=\"{name}\"><dmEncodedContent>{}</dmEncodedContent></dmFile>",
        base64(content)
    )
}

/// An uploaded attachment as a client remembers it.
#[derive(Clone)]
pub struct Uploaded {
    pub id: String,
    pub first: String,
    pub second: String,
}

impl Uploaded {
    /// `dmExtFile`.
    pub fn reference(&self) -> String {
        format!(
            "<dmExtFile dmFileMetaType=\"main\" dmAttID=\"{}\" dmAttHash1=\"{}\" dmAttHash1Alg=\"SHA-256\" \
             dmAttHash2=\"{}\" dmAttHash2Alg=\"SHA3-256\" dmFileGuid=\"g1\"/>",
            self.id, self.first, self.second
        )
    }
}

pub async fn call(world: &World, login: &str, operation: &str, inside: &str) -> Reply {
    world.call(login, "vodz", operation, inside).await
}

pub async fn uploads(world: &World, login: &str, content: &[u8]) -> Uploaded {
    let reply = call(
        world,
        login,
        "UploadAttachment",
        &upload("text/plain", "velký.txt", content),
    )
    .await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    Uploaded {
        id: reply.value("dmAttID"),
        first: reply.value("dmAttHash1"),
        second: reply.value("dmAttHash2"),
    }
}

pub fn big(files: &str) -> String {
    format!(
        "<dmEnvelope><dbIDRecipient>nvak22s</dbIDRecipient><dmAnnotation>Velká zpráva</dmAnnotation></dmEnvelope>\
         <dmFiles>{files}</dmFiles>"
    )
}

pub async fn sends(world: &World, files: &str) -> Reply {
    call(world, "mesto01", "CreateBigMessage", &big(files)).await
}

/// A `dmFile` as `CreateBigMessage` has it, where the MIME type is needed.
pub fn inline(content: &[u8]) -> String {
    file("malá.txt", "enclosure", &base64(content)).replace("dmMimeType=\"\"", "dmMimeType=\"text/plain\"")
}

/// A large message on its way, delivered by login; its number.
pub async fn delivered(world: &World, files: &str) -> String {
    let created = sends(world, files).await;
    assert_eq!(created.code(), "0000", "{}", created.body);
    world.settle().await;
    list(world, "novak01", "GetListOfReceivedMessages").await;
    created.value("dmID")
}

pub async fn list(world: &World, login: &str, operation: &str) -> Reply {
    world
        .call(login, "dx", operation, "<dmStatusFilter>-1</dmStatusFilter>")
        .await
}

pub fn of(id: &str) -> String {
    format!("<dmID>{id}</dmID>")
}

pub fn attachment(id: &str, number: &str) -> String {
    format!("<dmID>{id}</dmID><attNum>{number}</attNum>")
}
