//! People and programs that use a data box through SOAP, in the verbs of the domain.

use std::io;
use std::net::SocketAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::connection::{Answer, Connection};
use crate::package::{self, Package};

/// Password of everyone in the demo.
pub const DEMO_PASSWORD: &str = "DemoHeslo2026";

/// What went wrong, as a caller sees it.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The answer did not come whole: whether the call was carried out is unknown.
    #[error("no whole answer")]
    NoAnswer(#[source] io::Error),
    /// An HTTP status other than 200.
    #[error("HTTP {0}")]
    Http(u16, String),
    /// A status code other than 0000.
    #[error("status {code}: {text}")]
    Refused {
        /// `dmStatusCode` or `dbStatusCode`.
        code: String,
        /// Its text.
        text: String,
    },
    /// Without a status at all, or without what was asked for.
    #[error("the answer lacks {0}")]
    Lacks(&'static str),
}

impl CallError {
    /// The status code of a refusal.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            _ => None,
        }
    }
}

/// A letter to send.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Recipient's box.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// File name, content.
    pub files: Vec<(String, Vec<u8>)>,
    /// For the recipient's own hands.
    pub personal: bool,
}

impl Letter {
    /// A letter with one text file.
    pub fn new(to: &str, subject: &str) -> Self {
        Self {
            to: to.to_owned(),
            subject: subject.to_owned(),
            files: vec![("dopis.txt".to_owned(), subject.as_bytes().to_vec())],
            personal: false,
        }
    }

    /// The same letter with one text file of `size` bytes.
    pub fn of_size(mut self, size: usize) -> Self {
        let line = b"Vazeni, v priloze zasilame podklady k Vasemu podani.\n";
        self.files = vec![(
            "dopis.txt".to_owned(),
            line.iter().copied().cycle().take(size).collect(),
        )];
        self
    }

    /// The body of CreateMessage.
    pub fn to_soap(&self) -> Vec<u8> {
        let mut files = String::new();
        for (index, (name, content)) in self.files.iter().enumerate() {
            let kind = if index == 0 { "main" } else { "enclosure" };
            files += &format!(
                "<dmFile dmMimeType=\"\" dmFileMetaType=\"{kind}\" dmFileDescr=\"{}\"><dmEncodedContent>",
                escape(name)
            );
            BASE64_STANDARD.encode_string(content, &mut files);
            files += "</dmEncodedContent></dmFile>";
        }
        soap(&format!(
            "<CreateMessage xmlns=\"http://isds.czechpoint.cz/v20\"><dmEnvelope><dbIDRecipient>{}</dbIDRecipient>\
             <dmAnnotation>{}</dmAnnotation><dmPersonalDelivery>{}</dmPersonalDelivery></dmEnvelope>\
             <dmFiles>{files}</dmFiles></CreateMessage>",
            escape(&self.to),
            escape(&self.subject),
            self.personal
        ))
    }
}

/// A record of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Number.
    pub id: String,
    /// State.
    pub status: u8,
    /// Subject.
    pub subject: String,
}

/// Somebody with a login.
pub struct Persona {
    connection: Connection,
    authorization: String,
}

impl Persona {
    /// Somebody of the demo directory.
    pub fn new(server: SocketAddr, login: &str) -> Self {
        Self::with_password(server, login, DEMO_PASSWORD)
    }

    /// Somebody with a password of their own.
    pub fn with_password(server: SocketAddr, login: &str, password: &str) -> Self {
        let authorization = format!("Basic {}", BASE64_STANDARD.encode(format!("{login}:{password}")));
        Self {
            connection: Connection::new(server),
            authorization,
        }
    }

    /// Posts a SOAP body and returns the answer as it comes.
    ///
    /// # Errors
    /// [`CallError::NoAnswer`].
    pub fn post(&mut self, path: &str, body: &[u8]) -> Result<Answer, CallError> {
        self.connection
            .post(path, &self.authorization, body)
            .map_err(CallError::NoAnswer)
    }

    /// Posts a SOAP body and returns an answer that says 0000.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn call(&mut self, path: &str, body: &[u8]) -> Result<String, CallError> {
        accepted(self.post(path, body)?)
    }

    /// Sends a letter; the number of the message is the answer.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn send(&mut self, letter: &Letter) -> Result<String, CallError> {
        self.send_body(&letter.to_soap())
    }

    /// Sends a letter whose body was made beforehand.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn send_body(&mut self, body: &[u8]) -> Result<String, CallError> {
        let answer = self.call("/DS/dz", body)?;
        Ok(first_text(&answer, "dmID>").ok_or(CallError::Lacks("dmID"))?.to_owned())
    }

    /// Lists received messages, which delivers them.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn list_received(&mut self, limit: u32) -> Result<Vec<Record>, CallError> {
        self.list("GetListOfReceivedMessages", "dmRecipientOrgUnitNum", limit)
    }

    /// Lists sent messages.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn list_sent(&mut self, limit: u32) -> Result<Vec<Record>, CallError> {
        self.list("GetListOfSentMessages", "dmSenderOrgUnitNum", limit)
    }

    fn list(&mut self, operation: &str, unit: &str, limit: u32) -> Result<Vec<Record>, CallError> {
        let body = operation_body(
            operation,
            &format!(
                "<dmFromTime/><dmToTime/><{unit}/><dmStatusFilter>-1</dmStatusFilter><dmOffset>1</dmOffset><dmLimit>{limit}</dmLimit>"
            ),
        );
        let answer = self.call("/DS/dx", &body)?;
        let mut records = Vec::new();
        for piece in answer.split("dmRecord>").filter(|piece| piece.contains("dmID>")) {
            records.push(Record {
                id: first_text(piece, "dmID>").ok_or(CallError::Lacks("dmID"))?.to_owned(),
                status: first_text(piece, "dmMessageStatus>")
                    .and_then(|status| status.parse().ok())
                    .ok_or(CallError::Lacks("dmMessageStatus"))?,
                subject: first_text(piece, "dmAnnotation>").unwrap_or("").to_owned(),
            });
        }
        Ok(records)
    }

    /// Calls an operation whose input is the number of a message.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn of_message(&mut self, path: &str, operation: &str, id: &str) -> Result<String, CallError> {
        self.call(path, &operation_body(operation, &format!("<dmID>{id}</dmID>")))
    }

    /// The sealed form of a received message.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn download_signed(&mut self, id: &str) -> Result<Vec<u8>, CallError> {
        signature(&self.of_message("/DS/dz", "SignedMessageDownload", id)?)
    }

    /// The sealed form of a sent message.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn download_signed_sent(&mut self, id: &str) -> Result<Vec<u8>, CallError> {
        signature(&self.of_message("/DS/dz", "SignedSentMessageDownload", id)?)
    }

    /// Uploads an attachment for large messages; `body` is the whole call (see [`upload_body`]). What `CreateBigMessage`
    /// needs to refer to it is the answer.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn upload(&mut self, body: &[u8]) -> Result<Uploaded, CallError> {
        Uploaded::of(&self.call("/DS/vodz", body)?)
    }

    /// Uploads an attachment in a package of MTOM (see [`package::upload`]).
    ///
    /// # Errors
    /// [`CallError`].
    pub fn upload_package(&mut self, body: &[u8]) -> Result<Uploaded, CallError> {
        let answer = self
            .connection
            .post_as(package::SENT, "/DS/vodz", &self.authorization, body)
            .map_err(CallError::NoAnswer)?;
        Uploaded::of(&accepted(answer)?)
    }

    /// The sealed form of a received large message, in a package of MTOM.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn download_signed_package(&mut self, id: &str) -> Result<Package, CallError> {
        let body = package::operation("SignedBigMessageDownload", &format!("<dmID>{id}</dmID>"));
        let answer = self
            .connection
            .post_as(package::WANTED, "/DS/vodz", &self.authorization, body.as_bytes())
            .map_err(CallError::NoAnswer)?;
        if answer.status != 200 {
            return Err(CallError::Http(answer.status, answer.text()));
        }
        let package = Package::cut(answer.body).ok_or(CallError::Lacks("a package"))?;
        check_status(package.root())?;
        Ok(package)
    }

    /// Sends a large message of one uploaded attachment; its number is the answer.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn send_large(&mut self, to: &str, subject: &str, uploaded: &Uploaded) -> Result<String, CallError> {
        let [first, second] = &uploaded.hashes;
        let body = operation_body(
            "CreateBigMessage",
            &format!(
                "<dmEnvelope><dbIDRecipient>{}</dbIDRecipient><dmAnnotation>{}</dmAnnotation></dmEnvelope><dmFiles>\
                 <dmExtFile dmFileMetaType=\"main\" dmAttID=\"{}\" dmAttHash1=\"{first}\" dmAttHash1Alg=\"SHA-256\" \
                 dmAttHash2=\"{second}\" dmAttHash2Alg=\"SHA3-256\"/></dmFiles>",
                escape(to),
                escape(subject),
                uploaded.id
            ),
        );
        let answer = self.call("/DS/vodz", &body)?;
        Ok(first_text(&answer, "dmID>").ok_or(CallError::Lacks("dmID"))?.to_owned())
    }

    /// The sealed form of a received large message.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn download_signed_large(&mut self, id: &str) -> Result<Vec<u8>, CallError> {
        signature(&self.of_message("/DS/vodz", "SignedBigMessageDownload", id)?)
    }

    /// Whether the system takes a sealed large message for its own.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn authenticates_large(&mut self, sealed: &[u8]) -> Result<bool, CallError> {
        let body = operation_body(
            "AuthenticateBigMessage",
            &format!("<dmMessage>{}</dmMessage>", BASE64_STANDARD.encode(sealed)),
        );
        let answer = self.call("/DS/vodz", &body)?;
        Ok(first_text(&answer, "dmAuthResult>").ok_or(CallError::Lacks("dmAuthResult"))? == "true")
    }

    /// The delivery info of a message.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn delivery_info(&mut self, id: &str) -> Result<String, CallError> {
        self.of_message("/DS/dx", "GetDeliveryInfo", id)
    }
}

/// An uploaded attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// `dmAttID`.
    pub id: String,
    /// `dmAttHash1` and `dmAttHash2`.
    pub hashes: [String; 2],
}

impl Uploaded {
    fn of(answer: &str) -> Result<Self, CallError> {
        let text = |name: &'static str, tag: &str| {
            let found = answer.split_once(tag).and_then(|(_, rest)| rest.split_once('>'));
            let value = found.and_then(|(_, rest)| rest.split_once('<'));
            value.map(|(value, _)| value.to_owned()).ok_or(CallError::Lacks(name))
        };
        Ok(Self {
            id: text("dmAttID", ":dmAttID")?,
            hashes: [text("dmAttHash1", ":dmAttHash1")?, text("dmAttHash2", ":dmAttHash2")?],
        })
    }
}

/// The call that uploads a text file with this content.
pub fn upload_body(content: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(content.len() / 3 * 4 + 1024);
    body.extend_from_slice(
        b"<?xml version=\"1.0\" encoding=\"utf-8\"?><Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\"><Body>\
        <UploadAttachment xmlns=\"http://isds.czechpoint.cz/v20\"><dmFile dmMimeType=\"text/plain\" \
        dmFileDescr=\"velky.txt\"><dmEncodedContent>",
    );
    let mut encoded = String::new();
    BASE64_STANDARD.encode_string(content, &mut encoded);
    body.extend_from_slice(encoded.as_bytes());
    body.extend_from_slice(b"</dmEncodedContent></dmFile></UploadAttachment></Body></Envelope>");
    body
}

/// The text of an answer that says 0000.
fn accepted(answer: Answer) -> Result<String, CallError> {
    if answer.status != 200 {
        return Err(CallError::Http(answer.status, answer.text()));
    }
    let text = String::from_utf8(answer.body).map_err(|_| CallError::Lacks("UTF-8"))?;
    check_status(&text)?;
    Ok(text)
}

/// The status is the last child: looked for from the end, it is found at once in large answers too.
fn check_status(text: &str) -> Result<(), CallError> {
    let code = last_text(text, "StatusCode>").ok_or(CallError::Lacks("a status code"))?;
    if code == "0000" {
        return Ok(());
    }
    Err(CallError::Refused {
        code: code.to_owned(),
        text: last_text(text, "StatusMessage>").unwrap_or("").to_owned(),
    })
}

fn signature(answer: &str) -> Result<Vec<u8>, CallError> {
    let text = first_text(answer, "dmSignature>").ok_or(CallError::Lacks("dmSignature"))?;
    BASE64_STANDARD.decode(text).map_err(|_| CallError::Lacks("base64"))
}

/// A SOAP 1.1 envelope around `body`.
pub fn soap(body: &str) -> Vec<u8> {
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?><Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\"><Body>{body}</Body></Envelope>\n")
        .into_bytes()
}

/// The body of an operation with the given children.
pub fn operation_body(operation: &str, children: &str) -> Vec<u8> {
    soap(&format!(
        "<{operation} xmlns=\"http://isds.czechpoint.cz/v20\">{children}</{operation}>"
    ))
}

/// Text of the first element whose start tag ends in `name>`.
pub fn first_text<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let start = xml.find(name)? + name.len();
    let rest = &xml[start..];
    Some(&rest[..rest.find('<')?])
}

/// Text of the last element whose tags end in `name>`.
pub fn last_text<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let end = xml.rfind(name)?;
    let before = &xml[..end];
    let end = before.rfind('<')?;
    let text = &before[..end];
    Some(&text[text.rfind('>')? + 1..])
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_texts() {
        let xml = "<q:a><q:dmID>12</q:dmID><q:dmStatus><q:dmStatusCode>0000</q:dmStatusCode></q:dmStatus></q:a>";
        assert_eq!(first_text(xml, "dmID>"), Some("12"));
        assert_eq!(last_text(xml, "StatusCode>"), Some("0000"));
        assert_eq!(last_text(xml, "Nothing>"), None);
    }
}
